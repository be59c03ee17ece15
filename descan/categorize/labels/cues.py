"""The cue words of classify answers: loaded from `labels.yaml`, checked and compiled once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from descan.errors import InputError
from descan.lexicon import lexicon_path
from descan.records import DEFAULT_LANGUAGE

_ODD_CASES = (("\u0130", "i"), ("\u0131", "i"), ("\u017f", "s"))
_END = ""
_SUFFIX = "-"
"""Begins a phrase that is the end of a word."""

_Tree = dict[str, "_Tree"]
_Phrases = Annotated[
    list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]],
    Field(min_length=1),
]


class LabelCues(BaseModel):
    """The lists of `labels.yaml`; its comments say what each is for."""

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
    scope_continuations: _Phrases
    minors: _Phrases
    origins: _Phrases
    adverb_endings: _Phrases
    things: _Phrases
    refusal_openers: _Phrases
    refusal_verbs: _Phrases
    refusal_phrases: _Phrases
    refusal_ends: _Phrases
    explanations: _Phrases
    conjunctions: _Phrases
    no_answers: _Phrases
    articles: _Phrases


@dataclass(frozen=True, slots=True)
class LabelPatterns:
    """The cues as patterns of lower-case letters, for texts in `lower_case`.

    A search that ignores case takes several times as long.

    Attributes:
        lead: A lead-in with its colon, or alone as a heading; group `final` matches if it is a final one.
        negation: A denial in group `cue`, or a phrase that only looks like one.
        minor: Matches at the end of the text before a name; so does `origin`.
        thing: Matches at the start of the text after a name; so does `explanation`, which ignores case.
        joint: What joins two names; it does not ignore case.
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
    explanation: re.Pattern[str]
    joint: re.Pattern[str]
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
    path = lexicon_path(DEFAULT_LANGUAGE, "labels.yaml")
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
    goes_on = rf"(?!\s+{_words(cues.scope_continuations)}\b)"
    scope_ends = rf"[;:—–]|\s-\s|,\s*{_bound(cues.scope_ends_after_comma)}|{_bound(cues.scope_ends)}{goes_on}"
    return LabelPatterns(
        lead=re.compile(lead),
        verdict=re.compile(_bound(cues.verdicts)),
        verdict_after=re.compile(_bound(cues.verdicts_after)),
        conclusion=re.compile(_bound(cues.conclusions)),
        negation=re.compile(f"{_bound(cues.not_negations)}|(?P<cue>{_bound(cues.negations)})"),
        negation_after=re.compile(_bound(cues.negations_after)),
        scope_end=re.compile(scope_ends),
        minor=re.compile(rf"{_bound(cues.minors)}\s+(?:\w+\s+){{0,2}}$"),
        origin=re.compile(rf"{_bound(cues.origins)}\s+(?:\w+\s+){{0,2}}$"),
        thing=re.compile(rf"{_bound(cues.adverb_endings)}?[\s-]+{_bound(cues.things)}"),
        refusal=re.compile(rf"(?<!\w)(?:{refusal}|{_words(cues.refusal_phrases)})(?!\w)"),
        refusal_end=re.compile(rf"[;:—–]|{_bound(cues.refusal_ends)}"),
        explanation=re.compile(rf"[:(,–—]|- |{_words(cues.explanations)}\b", re.IGNORECASE),
        joint=re.compile(rf"[\s,/*_\"'`]*(?:{_words(cues.conjunctions)}[\s*_\"'`]+)?"),
        article=re.compile(rf"(?:{_bound(cues.articles)}\s+)+"),
        keys=frozenset(cues.keys),
        final_keys=frozenset(cues.final_keys),
        no_answers=frozenset(cues.no_answers),
    )


def lower_case(text: str) -> str:
    """Return a text in lower case with the same length, so that offsets hold for both.

    Letters that `re.IGNORECASE` takes for an i or s become that, too.
    """
    if not text.isascii():
        for letter, plain in _ODD_CASES:
            text = text.replace(letter, plain)
    return text.lower()


def _bound(phrases: Sequence[str]) -> str:
    """Return a pattern for phrases of whole words, and for ends of words."""
    ends = [phrase.removeprefix(_SUFFIX) for phrase in phrases if phrase.startswith(_SUFFIX)]
    words = [phrase for phrase in phrases if not phrase.startswith(_SUFFIX)]
    patterns = [rf"{_words(ends)}(?!\w)"] * bool(ends) + [rf"(?<!\w)(?:{_words(words)})(?!\w)"] * bool(words)
    return rf"(?:{'|'.join(patterns)})" if ends else patterns[0]


def _words(phrases: Iterable[str]) -> str:
    # Phrases share their beginnings, like branches of a tree, so that most places fail at the first letter.
    tree: _Tree = {}
    for phrase in phrases:
        node = tree
        for part in _parts(phrase):
            node = node.setdefault(part, {})
        node[_END] = {}
    return _branches(tree)


def _parts(phrase: str) -> Iterator[str]:
    for i, word in enumerate(lower_case(phrase).split()):
        if i:
            yield r"\s+"
        for char in word:
            yield "['’]" if char == "'" else re.escape(char)


def _branches(tree: _Tree) -> str:
    # The longest phrase wins.
    branches = [part + _branches(rest) for part, rest in tree.items() if part != _END]
    if len(branches) == 1 and _END not in tree:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'?' * (_END in tree)}" if branches else ""
