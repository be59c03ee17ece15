"""The cue words of classify answers: loaded from `labels.yaml`, checked and compiled once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from descan.lexicon import (
    APOSTROPHE,
    Merged,
    ProjectLexicon,
    any_of,
    expand_alternatives,
    lexicon_path,
    merge_yaml,
    read_yaml,
)
from descan.records import DEFAULT_LANGUAGE

_SUFFIX = "-"
"""Begins a phrase that is the end of a word."""

SEPARATORS = r"[ \t?:=|()\[~>\"'*_`\u2192\u21d2\u2248\u2013\u2014-]{0,12}"
"""What may stand between a name and its rating."""
_NUMBER = r"(?P<number>0,\d{1,12}|\d{1,6}(?:\.\d{1,12})?|\.\d{1,12})\s{0,2}(?:%|/\s{0,2}\d+)?"
_RANK_AHEAD = r"(?![ \t*_]{0,6}\d{1,2}[.)]\s)"
_QUOTES = r"[\"'*_`\s]{0,9}"

_Phrases = Annotated[list[str], Field(min_length=1), AfterValidator(expand_alternatives)]


class LabelCues(BaseModel):
    """The lists of `labels.yaml`; its comments say what each is for."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    leads: _Phrases
    final_leads: _Phrases
    other_leads: _Phrases
    ranking_leads: _Phrases
    lead_verbs: _Phrases
    final_modifiers: _Phrases
    other_modifiers: _Phrases
    keys: _Phrases
    leading_keys: _Phrases
    final_keys: _Phrases
    other_keys: _Phrases
    score_keys: _Phrases
    ranking_keys: _Phrases
    boxes: Annotated[dict[str, str], Field(min_length=1)]
    levels: Annotated[list[_Phrases], Field(min_length=2)]
    percent_words: _Phrases
    rating_words: _Phrases
    checked: _Phrases
    unchecked: _Phrases
    corrections: _Phrases
    corrections_alone: _Phrases
    verdicts: _Phrases
    verdicts_after: _Phrases
    conclusions: _Phrases
    outranked: _Phrases
    contrasts: _Phrases
    concessions: _Phrases
    not_contrasts: _Phrases
    weak: _Phrases
    weak_after: _Phrases
    negations: _Phrases
    near_negations: _Phrases
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
    openers: _Phrases
    conjunctions: _Phrases
    no_answers: _Phrases
    articles: _Phrases
    writer: _Phrases


@dataclass(frozen=True, slots=True)
class LabelPatterns:
    """The cues as patterns of lower-case letters, for texts in `lower_case`.

    A search that ignores case takes several times as long.

    Attributes:
        lead_end: What a lead-in ends with, unless with the statement; it is looked for first, since most have none.
        lead: A lead-in with its colon, or alone as a heading; group `final` matches if it is a final one, and `other`
            if it leads to something else than the answer.
        aside: The heading of a line that does not give the answer, at its start.
        negation: A denial in group `cue`, or a phrase that only looks like one; so are `negation_after` and `weak`.
        near_negation: A denial of the next name.
        minor: Matches at the end of the text before a name; so does `origin`.
        thing: Matches at the start of the text after a name; so does `explanation`, which ignores case.
        joint: What joins two names; it does not ignore case.
        article: A word that may stand before a name, at the start of a text.
    """

    lead_end: re.Pattern[str]
    lead: re.Pattern[str]
    aside: re.Pattern[str]
    verdict: re.Pattern[str]
    verdict_after: re.Pattern[str]
    conclusion: re.Pattern[str]
    correction: re.Pattern[str]
    outranked: re.Pattern[str]
    contrast: re.Pattern[str]
    concession: re.Pattern[str]
    weak: re.Pattern[str]
    weak_after: re.Pattern[str]
    negation: re.Pattern[str]
    near_negation: re.Pattern[str]
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
    conjunction: re.Pattern[str]
    separator: re.Pattern[str]
    opener: re.Pattern[str]
    writer: re.Pattern[str]
    score_after: re.Pattern[str]
    score_before: re.Pattern[str]
    level_after: re.Pattern[str]
    absent_after: re.Pattern[str]
    tick_before: re.Pattern[str]
    mark: re.Pattern[str]
    mark_end: re.Pattern[str]
    boxes: dict[str, str]
    levels: dict[str, float]
    key_ranks: tuple[frozenset[str], ...]
    other_keys: frozenset[str]
    score_keys: frozenset[str]
    ranking_keys: frozenset[str]
    no_answers: frozenset[str]

    def level_of(self, text: str) -> float | None:
        """Return the number that a level or a tick stands for: the higher, the more."""
        return self.levels.get(" ".join(text.casefold().split()))

    def rank_of_key(self, key: str) -> int:
        """Return 2 for the key of a final answer, 1 of a leading one, 0 of any answer, and -1 of something else."""
        words = set(key.split("_"))
        if not words & self.other_keys:
            for rank in (2, 1, 0):
                if words & self.key_ranks[rank]:
                    return rank
        return -1

    def is_score_key(self, key: str) -> bool:
        """Return whether a key is that of a number which tells how much a name applies."""
        return not self.score_keys.isdisjoint(key.rstrip("s").split("_")) or not self.score_keys.isdisjoint(
            key.split("_")
        )

    def is_other_key(self, key: str) -> bool:
        """Return whether a key is that of a name which is not the answer."""
        return not self.other_keys.isdisjoint(key.split("_"))


@lru_cache
def load_label_patterns(project: ProjectLexicon | None = None) -> LabelPatterns:
    """Load, check and compile the cues of `lexicons/en/labels.yaml`, with a project's own words.

    Raises:
        InputError: If the file is not YAML, or a list is missing, empty or unknown.
    """
    return compile_label_patterns(merge_label_cues(project).checked())


def merge_label_cues(project: ProjectLexicon | None) -> Merged[LabelCues]:
    """Merge a project's own words into the cues.

    Raises:
        InputError: If the installed file is not as it must be.
    """
    name = "labels.yaml"
    installed = read_yaml(lexicon_path(DEFAULT_LANGUAGE, name), LabelCues)
    return merge_yaml(installed, name, DEFAULT_LANGUAGE, project)


def compile_label_patterns(cues: LabelCues) -> LabelPatterns:
    """Compile the cues."""
    heads = f"(?:(?P<final>{any_of(cues.final_leads)})|{any_of(cues.leads)})"
    others = rf"(?:{any_of(cues.other_modifiers)})[\s-]+(?:\w+\s+)?{any_of([*cues.final_leads, *cues.leads])}"
    finals = rf"(?:{any_of(cues.final_modifiers)})\s+{any_of(cues.leads)}"
    ranking = f"(?P<ranking>{any_of(cues.ranking_leads)})"
    lead = (
        rf"(?:{ranking}|(?P<other>{others}|{any_of(cues.other_leads)})|(?P<revised>{finals})|{heads})(?:\s+\d{{1,2}})?"
    )
    # The label follows a colon (also "label": "x") or an arrow, or the lead-in is a heading alone.
    verbs = _bound(cues.lead_verbs)
    verb = rf"(?(final){verbs}|(?(revised){verbs}|(?!)))"
    mark = rf"[:=|\t\u2192]|;(?=\S)|[-=]+>|[-\u2013\u2014](?=\s)|{_QUOTES}$"
    lead = rf"(?<![\w-]){lead}{_QUOTES}(?:{verb}|{mark})"
    percent = rf"(?P<number>\d{{1,6}}(?:\.\d{{1,12}})?)\s{{0,2}}(?:%|{_bound(cues.percent_words)})"
    share = rf"{percent}|(?P<share>\d{{0,3}}\.\d{{1,12}})"
    no, *_ = cues.levels
    levels = {level: float(i) for i, group in enumerate(cues.levels) for level in group}
    ticks = dict.fromkeys(cues.unchecked, 0.0) | {tick: float(len(cues.levels)) for tick in cues.checked}
    rated_end = r"(?=\s{0,9}(?:[,.;:|()\[\]!\n\u2013\u2014/-]|$))"
    tags = "|".join(sorted(map(re.escape, {*cues.keys, *cues.final_keys}), key=len, reverse=True))
    refusal = rf"(?:{any_of(cues.refusal_openers)})\s+(?:[\w'’]+\s+){{0,3}}(?:{any_of(cues.refusal_verbs)})"
    goes_on = rf"(?!\s+{any_of(cues.scope_continuations)}\b)"
    scope_ends = rf"[;:)—–]|\s-\s|,\s*{_bound(cues.scope_ends_after_comma)}|{_bound(cues.scope_ends)}{goes_on}"
    return LabelPatterns(
        lead_end=re.compile(rf"[:=;|\t\u2192>\u2013\u2014-]|{verbs}"),
        lead=re.compile(lead),
        aside=re.compile(rf"[\W_]*(?:\d{{1,2}}[.)]\s*)?(?:{any_of(cues.other_leads)})(?:\s+\d+)?{_QUOTES}:"),
        verdict=re.compile(_bound(cues.verdicts)),
        verdict_after=re.compile(_bound(cues.verdicts_after)),
        conclusion=re.compile(_bound(cues.conclusions)),
        correction=re.compile(
            rf"(?:(?:^|[.!?\u2026;:()*\n\u2013\u2014,>\u2192-])[\s*_]{{0,9}})(?:{_bound(cues.corrections)}"
            rf"|{_bound(cues.corrections_alone)}(?=\s{{0,9}}[,.:;!\u2026\u2013\u2014-]))"
        ),
        outranked=re.compile(rf"[\s,;.*_`\"'(]*(?:{any_of(cues.outranked)})[\s:*_`\"'(]*"),
        contrast=re.compile(f"{_bound(cues.not_contrasts)}|(?P<cue>{_bound(cues.contrasts)})"),
        concession=re.compile(rf"[\W_]*{_bound(cues.concessions)}"),
        weak=re.compile(_bound(cues.weak)),
        weak_after=re.compile(_bound(cues.weak_after)),
        negation=re.compile(f"{_bound(cues.not_negations)}|(?P<cue>{_bound(cues.negations)})"),
        near_negation=re.compile(f"{_bound(cues.not_negations)}|(?P<cue>{_bound(cues.near_negations)})"),
        negation_after=re.compile(f"{_bound(cues.not_negations)}|(?P<cue>{_bound(cues.negations_after)})"),
        scope_end=re.compile(scope_ends),
        minor=re.compile(rf"{_bound(cues.minors)}\s+(?:\w+\s+){{0,2}}$"),
        origin=re.compile(rf"{_bound(cues.origins)}\s+(?:\w+\s+){{0,2}}$"),
        thing=re.compile(rf"{_bound(cues.adverb_endings)}?[\s-]+{_bound(cues.things)}"),
        refusal=re.compile(rf"(?<!\w)(?:{refusal}|{any_of(cues.refusal_phrases)})(?!\w)"),
        refusal_end=re.compile(rf"[;:—–]|{_bound(cues.refusal_ends)}"),
        explanation=re.compile(rf"[:(,–—]|- |{any_of(cues.explanations)}\b", re.IGNORECASE),
        joint=re.compile(rf"[\s,/*_\"'`]*(?:{any_of(cues.conjunctions)}[\s*_\"'`]+)?"),
        article=re.compile(rf"(?:{_bound(cues.articles)}\s+)+"),
        separator=re.compile(rf"\s*[,;/&+|\u2013-]\s*(?:{_bound(cues.conjunctions)})?|\s{_bound(cues.conjunctions)}\s"),
        conjunction=re.compile(_bound(cues.conjunctions)),
        opener=re.compile(rf"[\W_]*{_bound(cues.openers)}[\s,:\u2013\u2014-]+"),
        writer=re.compile(rf"[\W_]*{_bound(cues.writer)}"),
        score_after=re.compile(
            rf"{_RANK_AHEAD}{SEPARATORS}(?:{_bound(cues.rating_words)}[\s=:]+){{0,5}}{_NUMBER}(?![\w.]*\w)"
        ),
        score_before=re.compile(
            rf"(?<![\w.#])(?:{share})[ \t=*_`\"'-]{{0,6}}(?:{_bound(cues.rating_words)}[ \t*_`\"']{{1,6}}){{0,6}}$"
        ),
        level_after=re.compile(
            rf"{SEPARATORS}(?:(?P<level>{_bound(list(levels))}){rated_end}|(?P<tick>{_choice(ticks)}))"
        ),
        absent_after=re.compile(rf"{SEPARATORS}(?:{_bound(no)}{rated_end}|{_choice(cues.unchecked)})"),
        tick_before=re.compile(rf"(?P<level>{_choice(ticks)})[\s*_]{{0,4}}$"),
        mark=re.compile(
            rf"(?P<box>{_choice(cues.boxes)})|(?:<|\[)(?P<tag>(?i:{tags}))(?:\s[^<>\[\]]{{0,80}})?(?:>|\])"
        ),
        mark_end=re.compile(rf"(?:<|\[)/?(?i:{tags})(?:>|\])|</"),
        boxes=cues.boxes,
        levels=levels | ticks,
        key_ranks=(frozenset(cues.keys), frozenset(cues.leading_keys), frozenset(cues.final_keys)),
        other_keys=frozenset(cues.other_keys),
        score_keys=frozenset(cues.score_keys),
        ranking_keys=frozenset(cues.ranking_keys),
        no_answers=frozenset(cues.no_answers),
    )


def _bound(phrases: Sequence[str]) -> str:
    """Return a pattern for phrases of whole words, and for ends of words."""
    ends = [phrase.removeprefix(_SUFFIX) for phrase in phrases if phrase.startswith(_SUFFIX)]
    words = [phrase for phrase in phrases if not phrase.startswith(_SUFFIX)]
    patterns = [rf"{any_of(ends, APOSTROPHE)}(?!\w)"] * bool(ends) + [rf"(?<!\w)(?:{any_of(words)})(?!\w)"] * bool(
        words
    )
    return rf"(?:{'|'.join(patterns)})" if ends else patterns[0]


def _choice(texts: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(texts, key=len, reverse=True)))
