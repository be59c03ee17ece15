"""Sentences with their mentions marked, as data in cases.yaml."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from benchmarks.emotions import Emotion
from descan.categorize.term_categories import TermCategorizer
from descan.emotions import OTHER
from descan.extract import extract
from descan.lexicon import load_lexicon
from descan.records import Mention

CASES: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))
ACTIONS = load_lexicon().actions.actions
UNKNOWN = "unknown"
TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-z_]+)(?P<said>(?: \w+)*)>")
SAID = ("negated", "hedged", "slight", "strong", "left", "right", "scene")


class Mark(NamedTuple):
    """What a mention is and what is said of it."""

    start: int
    end: int
    text: str
    name: str
    category: str
    said: tuple[str, ...]


def read_marks(marked: str) -> tuple[str, list[Mark]]:
    """Return the plain text of a marked one, and its marks in the order of the text."""
    text = ""
    behind = 0
    opened: list[tuple[str, list[str], int]] = []
    marks: list[Mark] = []
    for tag in TAG.finditer(marked):
        text += marked[behind : tag.start()]
        behind = tag.end()
        if not tag["close"]:
            opened.append((tag["name"], tag["said"].split(), len(text)))
            continue
        name, words, start = opened.pop()
        assert name == tag["name"], f"<{name}> is closed by </{tag['name']}> in {marked!r}"
        category = words.pop(0) if name == "emotion" else ""
        assert name in ACTIONS or category in (*Emotion, OTHER, UNKNOWN), f"{name} {category} in {marked!r}"
        assert set(words) <= set(SAID), f"{words} in {marked!r}; use {', '.join(SAID)}"
        said = tuple(word for word in SAID if word in words)
        marks.append(Mark(start, len(text), text[start:], name, category, said))
    assert not opened, f"{opened} is not closed in {marked!r}"
    return text + marked[behind:], sorted(marks)


def found_in(text: str) -> list[Mark]:
    """Return what descan finds, in the form of marks."""
    [extraction] = TermCategorizer(load_lexicon(), None).categorize([extract(text)])
    return sorted(as_mark(mention) for mention in extraction.mentions)


def as_mark(mention: Mention) -> Mark:
    said = {
        "negated": mention.negated,
        "hedged": mention.hedged,
        mention.degree: mention.kind == "action",
        mention.side: True,
        mention.target: True,
    }
    category = mention.category if mention.category_source != "none" else UNKNOWN
    words = tuple(word for word in SAID if said.get(word))
    return Mark(mention.start, mention.end, mention.text, mention.action or "emotion", category, words)


CASES_BY_ID = {f"{group}-{number}": text for group, texts in CASES.items() for number, text in enumerate(texts, 1)}


@pytest.mark.parametrize("marked", CASES_BY_ID.values(), ids=list(CASES_BY_ID))
def test_a_sentence_mentions_what_is_marked_and_nothing_else(marked: str) -> None:
    text, marks = read_marks(marked)
    assert found_in(text) == marks


def test_every_action_has_cases_of_its_own() -> None:
    for action in ACTIONS:
        marks = [mark for marked in CASES[action] for mark in read_marks(marked)[1]]
        assert sum(mark.name == action for mark in marks) >= 3, action


def test_cases_hold_at_least_400_mentions() -> None:
    assert sum(len(read_marks(marked)[1]) for marked in CASES_BY_ID.values()) >= 400
