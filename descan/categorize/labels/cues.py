"""The cue words of classify answers: loaded from `labels.yaml`, checked, compiled once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from descan.errors import InputError
from descan.lexicon import lexicon_path

_ODD_CASES = (("\u0130", "i"), ("\u0131", "i"), ("\u017f", "s"))
_END = ""

_Tree = dict[str, "_Tree"]
_Phrases = Annotated[
    list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]],
    Field(min_length=1),
]


class LabelCues(BaseModel):
    """What `labels.yaml` holds; its comments say what each list is for."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    leads: _Phrases
    final_leads: _Phrases
    keys: _Phrases
    final_keys: _Phrases
    verdicts: _Phrases
    verdicts_after: _Phrases
    conclusions: _Phrases
    negations: _Phrases
    negations_after: _Phrases
    not_negations: _Phrases
    scope_ends: _Phrases
    scope_ends_after_comma: _Phrases
    minors: _Phrases
    origins: _Phrases
    things: _Phrases
    refusal_openers: _Phrases
    refusal_verbs: _Phrases
    refusal_phrases: _Phrases
    refusal_ends: _Phrases
    no_answers: _Phrases
    articles: _Phrases


@dataclass(frozen=True, slots=True)
class LabelPatterns:
    """The cues as patterns of lower-case letters, for texts that are `lowered`.

    A search that ignores case takes several times as long.

    Attributes:
        lead: A lead-in with its colon, or alone as a heading; group `final` where it is a final one.
        negation: A denial in group `cue`, or what only looks like one.
        minor: Matches at the end of what stands before a name; so does `origin`.
        thing: Matches at the start of what stands behind a name.
        article: A word that may stand before a name, at the start of a text.
    """

    lead: re.Pattern[str]
    verdict: re.Pattern[str]
    verdict_after: re.Pattern[str]
    conclusion: re.Pattern[str]
    negation: re.Pattern[str]
    negation_after: re.Pattern[str]
    scope_end: re.Pattern[str]
    minor: re.Pattern[str]
    origin: re.Pattern[str]
    thing: re.Pattern[str]
    refusal: re.Pattern[str]
    refusal_end: re.Pattern[str]
    article: re.Pattern[str]
    keys: frozenset[str]
    final_keys: frozenset[str]
    no_answers: frozenset[str]


@lru_cache(maxsize=1)
def load_label_patterns() -> LabelPatterns:
    """Load, check and compile the cues of `lexicons/en/labels.yaml`.

    Raises:
        InputError: If the file is not YAML, or a list is missing, empty or unknown.
    """
    path = lexicon_path("en", "labels.yaml")
    try:
        return compile_label_patterns(LabelCues.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))))
    except yaml.YAMLError as error:
        raise InputError(path, f"not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InputError(path, f"key {key!r}: {first['msg']}; use {', '.join(LabelCues.model_fields)}") from error


def compile_label_patterns(cues: LabelCues) -> LabelPatterns:
    """Compile the cues."""
    lead = f"(?:(?P<final>{_words(cues.final_leads)})|{_words(cues.leads)})"
    # The label follows a colon (also "label": "x"), or the lead-in is a heading alone.
    lead = rf"(?<!\w){lead}[\"'*_`\s]{{0,9}}(?:[:=]|[\"'*_`\s]{{0,9}}$)"
    refusal = rf"(?:{_words(cues.refusal_openers)})\s+(?:[\w'’]+\s+){{0,3}}(?:{_words(cues.refusal_verbs)})"
    scope_ends = (
        rf"[;:—–]|\s-\s|,\s*{_bounded(cues.scope_ends_after_comma)}|{_bounded(cues.scope_ends)}(?!\s+(?:of|than)\b)"
    )
    return LabelPatterns(
        lead=re.compile(lead),
        verdict=re.compile(_bounded(cues.verdicts)),
        verdict_after=re.compile(_bounded(cues.verdicts_after)),
        conclusion=re.compile(_bounded(cues.conclusions)),
        negation=re.compile(f"{_bounded(cues.not_negations)}|(?P<cue>{_bounded(cues.negations)})"),
        negation_after=re.compile(_bounded(cues.negations_after)),
        scope_end=re.compile(scope_ends),
        minor=re.compile(rf"{_bounded(cues.minors)}\s+(?:\w+\s+){{0,2}}$"),
        origin=re.compile(rf"{_bounded(cues.origins)}\s+(?:\w+\s+){{0,2}}$"),
        thing=re.compile(rf"(?:ly)?[\s-]+{_bounded(cues.things)}"),
        refusal=re.compile(rf"(?<!\w)(?:{refusal}|{_words(cues.refusal_phrases)})(?!\w)"),
        refusal_end=re.compile(rf"[;:—–]|{_bounded(cues.refusal_ends)}"),
        article=re.compile(rf"(?:{_bounded(cues.articles)}\s+)+"),
        keys=frozenset(cues.keys),
        final_keys=frozenset(cues.final_keys),
        no_answers=frozenset(cues.no_answers),
    )


def lowered(text: str) -> str:
    """Give a text in lower case and as long as before, so that offsets into it hold for the text.

    Letters that the `re` module takes for an i or s where it ignores case become that, too.
    """
    if not text.isascii():
        for letter, plain in _ODD_CASES:
            text = text.replace(letter, plain)
    return text.lower()


def _bounded(phrases: Sequence[str]) -> str:
    # "n't" is the end of a word, everything else a word.
    ends = [phrase for phrase in phrases if phrase.startswith("n'")]
    words = rf"(?<!\w)(?:{_words(phrase for phrase in phrases if phrase not in ends)})(?!\w)"
    return rf"(?:{_words(ends)}(?!\w)|{words})" if ends else words


def _words(phrases: Iterable[str]) -> str:
    # Phrases share their beginnings, like branches, so that a place that fits none is given up at its first letter.
    tree: _Tree = {}
    for phrase in phrases:
        node = tree
        for part in _parts(phrase):
            node = node.setdefault(part, {})
        node[_END] = {}
    return _branches(tree)


def _parts(phrase: str) -> Iterator[str]:
    for i, word in enumerate(lowered(phrase).split()):
        if i:
            yield r"\s+"
        for char in word:
            yield "['’]" if char == "'" else re.escape(char)


def _branches(tree: _Tree) -> str:
    # The longest phrase that fits counts.
    branches = [part + _branches(rest) for part, rest in tree.items() if part != _END]
    if len(branches) == 1 and _END not in tree:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'?' * (_END in tree)}" if branches else ""
