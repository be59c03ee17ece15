"""Names with a rating each: scores, ranks, and marks for yes and no."""

import re
from collections.abc import Mapping, Sequence

from descan.categorize.labels.category_names import NameHit
from descan.categorize.labels.cues import LabelPatterns
from descan.categorize.labels.statements import AMBIGUOUS, UNPARSED
from descan.records import Label

_SCORE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(?:%|/\s*\d+)?")
_RANK_BEFORE = re.compile(
    r"(?:^|(?<=[\s(#>|]))(?:(\d{1,2})(?:[a-z]{2}\b)?[.):/]?|([ivx]{1,4}|[a-h])[.):])[ \t*_`\"':-]{0,6}$", re.IGNORECASE
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii")
_RANK_AFTER = re.compile(r"[ \t*_`\"'(:-]{0,6}(\d{1,2})[a-z]{2}\b")
_STARS_AFTER = re.compile(r"[ \t:(|\u2013\u2014-]{0,6}([\u2605\u2b50\u2588\u25a0\u25cf]{1,10})(?!\w)")
_N_CHARS_BEFORE = 40
_N_CHOICES = 5


def rating_of(value: object, patterns: LabelPatterns) -> float | None:
    """Return the number that a JSON value stands for: a score, a level, or 1 and 0 for yes and no."""
    if isinstance(value, bool | int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    if match := _SCORE.fullmatch(value.strip()):
        return float(match[1])
    return patterns.level_of(value)


def read_ratings(text: str, lower: str, hits: Sequence[NameHit], patterns: LabelPatterns) -> Label | None:
    """Return the label of a reply that gives at least two names a score each, or ranks them.

    Args:
        text: A reply.
        lower: The same in `lower_case`.
        hits: All its names.
        patterns: The cues.
    """
    scores = _scores(lower, hits, patterns)
    if len(scores) > 1:
        highest = max(scores.values())
        best = [label for label, score in scores.items() if score == highest > 0]
        if not best:
            return UNPARSED
        return Label(best[0]) if len(best) == 1 else AMBIGUOUS
    return _first_ranked(text, hits)


def _scores(lower: str, hits: Sequence[NameHit], patterns: LabelPatterns) -> Mapping[str, float]:
    after: dict[str, float] = {}
    before: dict[str, float] = {}
    for hit in hits:
        if match := patterns.score_after.match(lower, hit.end):
            after.setdefault(hit.label, float(match["number"].replace(",", ".")))
        elif match := _STARS_AFTER.match(lower, hit.end):
            after.setdefault(hit.label, float(len(match[1])))
        elif (match := patterns.level_after.match(lower, hit.end)) and (level := _level(match, patterns)) is not None:
            after.setdefault(hit.label, level)
        lead = lower[max(0, hit.start - _N_CHARS_BEFORE) : hit.start]
        if match := patterns.score_before.search(lead):
            before.setdefault(hit.label, float(match["number"] or match["share"]))
        elif (match := patterns.tick_before.search(lead)) and (level := patterns.level_of(match[1])) is not None:
            before.setdefault(hit.label, level)
    return before if len(before) > len(after) else after


def _level(match: re.Match[str], patterns: LabelPatterns) -> float | None:
    return patterns.level_of(match["level"] or match["tick"])


def _is_rank(rank: str, number: int) -> bool:
    """Return whether a rank stands for a number: "2", "ii" and "b" all for 2."""
    if rank.isdigit():
        return int(rank) == number
    return rank == chr(ord("a") + number - 1) or rank in _ROMAN[number - 1 : number]


def _first_ranked(text: str, hits: Sequence[NameHit]) -> Label | None:
    ranked: list[NameHit] = []
    for hit in hits:
        before = text[max(0, hit.start - _N_CHARS_BEFORE) : hit.start]
        match = _RANK_AFTER.match(text, hit.end) or _RANK_BEFORE.search(before)
        if match and _is_rank(match[match.lastindex or 0].lower(), len(ranked) + 1):
            ranked.append(hit)
    labels = [hit.label for hit in ranked]
    # Choices are numbered in the order of the alphabet, and so are the prompt's.
    is_ranking = len(set(labels)) > 1 and (len(set(labels)) < _N_CHOICES or labels != sorted(labels))
    return Label(labels[0]) if is_ranking else None
