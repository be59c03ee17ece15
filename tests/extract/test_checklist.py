"""Made cases in the manner of CheckList (Ribeiro et al. 2020), from the templates of checklist.yaml."""

import functools
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from descan.extract import extract_all
from descan.records import Extraction, Mention

TEMPLATES: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("checklist.yaml").read_text(encoding="utf-8"))
DIRECTIONS: dict[str, dict[str, list[str]]] = TEMPLATES["directions"]
EMOTION = "emotion"
EVERY = 5
"""A template is filled with every fifth wording, beginning with another one each time."""


class Made(NamedTuple):
    """A made text and what it mentions: an action, or `EMOTION`."""

    text: str
    mentioned: str


def capitalized(words: str) -> str:
    return words[:1].upper() + words[1:]


def fill(template: str, slots: dict[str, str]) -> str:
    return template.format(**slots, **{capitalized(slot): capitalized(words) for slot, words in slots.items()})


def clause_slots(clause: str) -> dict[str, str]:
    she, are, state = clause.split("|")
    is_one = are == "is"
    return {
        "she": she,
        "are": are,
        "state": state,
        "do": "does" if is_one else "do",
        "have": "has" if is_one else "have",
    }


def thing_slots(thing: str) -> dict[str, str]:
    article, _, bare = thing.partition(" ")
    is_counted = article in ("a", "an")
    is_many = not is_counted and thing.endswith(("s", "feet", "teeth")) and not thing.endswith("ness")
    return {
        "a_thing": thing,
        "thing": bare if is_counted else thing,
        "are": "are" if is_many else "is",
        "do": "do" if is_many else "does",
        "have": "have" if is_many else "has",
    }


def made(direction: str, form: str) -> Iterator[Made]:
    slots_of = {"clauses": clause_slots, "things": thing_slots}[form]
    wordings = [(wording, mentioned) for mentioned, all_of in TEMPLATES[form].items() for wording in all_of]
    for number, template in enumerate(DIRECTIONS[direction][form]):
        for wording, mentioned in wordings[number % EVERY :: EVERY]:
            yield Made(fill(template, slots_of(wording)), mentioned)


def mentioned_in(extraction: Extraction, mentioned: str) -> list[Mention]:
    return [mention for mention in extraction.mentions if (mention.action or EMOTION) == mentioned]


def says(mention: Mention) -> str:
    if mention.negated:
        return "negated"
    return "hedged" if mention.hedged else "asserted"


def report(failures: list[str], n_cases: int) -> str:
    return "\n".join([f"{len(failures)} of {n_cases} fail:", *failures])


@pytest.mark.parametrize("form", ["clauses", "things"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_wording_says_of_every_action_and_term_what_it_says_of_one(direction: str, form: str) -> None:
    cases = list(made(direction, form))
    failures = []
    for case, extraction in zip(cases, extract_all([case.text for case in cases]), strict=True):
        found = mentioned_in(extraction, case.mentioned)
        if not found or any(says(mention) != direction for mention in found):
            failures.append(f"{case.text} -> {[(mention.text, says(mention)) for mention in extraction.mentions]}")
    assert not failures, report(failures, len(cases))


DESCRIPTIONS: list[str] = TEMPLATES["descriptions"]
WIDTHS = (20, 28, 37, 46, 55, 64, 72, 80)


def wrapped(text: str) -> Iterator[str]:
    for width in WIDTHS:
        lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
        yield from (line_break.join(lines) for line_break in ("\n", "\r\n", "\n  ", " \n"))


def surrounded(kind: str, text: str) -> Iterator[str]:
    yield from (template.format(text=text) for template in TEMPLATES["around"][kind])


def with_marked_words(text: str) -> Iterator[str]:
    words = text.split(" ")
    for number, (mark, place) in enumerate(itertools.product(TEMPLATES["word marks"], range(len(words)))):
        if number % 5 == 0:
            word, ending = re.fullmatch(r"(.*?)([.,;:]?)", words[place]).groups()  # type: ignore[union-attr]
            yield " ".join([*words[:place], mark.format(word=word) + ending, *words[place + 1 :]])


def with_signs(text: str) -> Iterator[str]:
    for sign, others in TEMPLATES["signs"].items():
        if sign in text:
            yield from (text.replace(sign, other) for other in others)


def with_invisible(text: str) -> Iterator[str]:
    for sign in TEMPLATES["invisible"]:
        yield re.sub(r"(?<=\w\w)(?=\w\w)", sign, text)
        yield text.replace(" ", f" {sign}")


def misspelled(text: str) -> Iterator[str]:
    for word, others in TEMPLATES["misspelled"].items():
        if word in text:
            yield from (text.replace(word, other) for other in others)


def in_other_case(text: str) -> Iterator[str]:
    first, _, rest = text.partition(" ")
    yield f"{first.upper()} {rest}"
    yield f"{first.lower()} {rest}"
    yield text.upper()


CHANGES: dict[str, Callable[[str], Iterator[str]]] = {
    **{kind: functools.partial(surrounded, kind) for kind in TEMPLATES["around"]},
    "hard wrapping": wrapped,
    "marks around words": with_marked_words,
    "other signs": with_signs,
    "invisible characters": with_invisible,
    "misspelled words": misspelled,
    "capitals": in_other_case,
}


def read(extraction: Extraction) -> list[tuple[str, ...]]:
    return [
        (mention.action or mention.term, says(mention), mention.degree, mention.side, mention.target)
        for mention in extraction.mentions
    ]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_says_nothing_of_the_face_changes_no_mention(change: str) -> None:
    cases = [(text, changed) for text in DESCRIPTIONS for changed in CHANGES[change](text)]
    unchanged = {
        text: read(extraction) for text, extraction in zip(DESCRIPTIONS, extract_all(DESCRIPTIONS), strict=True)
    }
    failures = [
        f"{changed!r} -> {read(extraction)}, not {unchanged[text]}"
        for (text, changed), extraction in zip(cases, extract_all([changed for _, changed in cases]), strict=True)
        if read(extraction) != unchanged[text] or extraction.refused
    ]
    assert not failures, report(failures, len(cases))
