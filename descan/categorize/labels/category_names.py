"""Names of categories in a text, with their aliases, and whether the text asserts them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from itertools import pairwise
from typing import NamedTuple

from descan.categorize.labels.cues import LabelPatterns
from descan.corpus.spellings import CategoryNames
from descan.lexicon import fold_spelling, join_words, split_words
from descan.records import DEFAULT_LANGUAGE

_CURLY_OPEN, _CURLY_CLOSE = "\u2018\u201c\u00ab\u300c", "\u2019\u201d\u00bb\u300d"
_FULL_WIDTH = "\u3001\u3002\uff01\uff1f"
MARKUP = (
    " \t\r\n\f\v\u00a0\ufeff*_`~#>\"'()[]{}<.,;:!?-\u2013\u2014\u2026\u2022|" + _CURLY_OPEN + _CURLY_CLOSE + _FULL_WIDTH
)
"""What may surround a name that stands alone."""

_AROUND_NUMBERS = MARKUP.replace("-", "")

_QUOTES_BEFORE = "*_`\"'" + _CURLY_OPEN
_QUOTES_AFTER = "*_`\"'" + _CURLY_CLOSE
_UP_TO_CUE = re.compile(r"[\s*_`\"'\u2019\u201d(:\u2013\u2014-]*")
_LETTER = re.compile(r"[^\W\d_]")
_NEGATIVE = re.compile(r"-\d+(?:\.\d+)?")
_FIRST = re.compile(r"[^\W_]")
_NEAR = re.compile(r"[\s:(\"'*_`\u201c\u2018]*(?:[\w'\u2019]+[\s:(\"'*_`\u201c\u2018]+){0,4}")
_HYPHEN = re.compile(r"-\w")
_N_BEFORE = 60


class NameHit(NamedTuple):
    """The name of a category in a statement.

    Attributes:
        is_spelled: Whether it is written as a label: capitalized within a sentence, in quotes or bold, or an alias
            of several words.
        is_weak: Whether the statement only considers, compares or lists it; another name outweighs it.
    """

    label: str
    start: int
    end: int
    is_spelled: bool
    is_weak: bool = False


class NameFinder:
    """Finds the names of categories and their aliases as whole words, longest first.

    The common words for categories ("joy", "Trauer") and numbers are names only where a label is expected and nothing
    else stands there: in prose, "joyful" is a description, and "3" counts something.
    """

    def __init__(self, names: CategoryNames, patterns: LabelPatterns, language: str = DEFAULT_LANGUAGE) -> None:
        """Compile the names.

        Args:
            names: What names a category.
            patterns: The cues that deny a name.
            language: Of the replies. Of other languages, words in scripts without spaces are no names: such a reply
                does not answer what was asked.
        """
        self._patterns = patterns
        aliases = {name: label for name, label in names.aliases.items() if _LETTER.search(name)}
        self._labels = {**names.own, **aliases}
        common = {name: label for name, label in names.common_words().items() if _has_word_edges(name[0])}
        self._words = {**common, **names.common_words(language), **names.aliases, **self._labels}
        self._n_words = max(len(name.split()) for name in self._words)
        self._pattern = _compile_names(self._labels)
        self._word_pattern = _compile_names(self._words)
        self._glued = _compile_glued(self._labels)

    def with_words(self) -> "NameFinder":
        """Return a finder for which the common words are names in prose as well, as in "She feels surprised"."""
        finder = copy(self)
        finder._labels = {word: label for word, label in self._words.items() if _LETTER.search(word)}
        finder._pattern = self._word_pattern
        return finder

    def label_of(self, text: str) -> str | None:
        """Return the label if the text is nothing but a name, whatever quotes and Markdown surround it."""
        bare = text.strip(_AROUND_NUMBERS)
        words = split_words(bare if _NEGATIVE.fullmatch(bare) else text.strip(MARKUP), self._n_words)
        return self._words.get(join_words(words)) if len(words) <= self._n_words else None

    def split_glued(self, text: str) -> str:
        """Return a text with a space before each label that is glued to the word before it: "state ofFear"."""
        # This is a slip of the model; the capital letter shows the label.
        return self._glued.sub(_space_before, text)

    def find_bare(self, text: str) -> NameHit | None:
        """Return the name or word that the text begins with, if nothing but an explanation follows it."""
        first = _FIRST.search(text)
        match = first and self._word_pattern.match(text, start := first.start())
        if match is None:
            return None
        minus = "-" if text[start - 1 : start] == "-" and match[0].isdecimal() else ""
        if (label := self._words.get(fold_spelling(minus + match[0]))) is None:
            return None
        rest = text[match.end() :].lstrip(" " + _QUOTES_AFTER)
        is_alone = not rest.strip(MARKUP) or self._patterns.explanation.match(rest) is not None
        return NameHit(label, start, match.end(), is_spelled=True) if is_alone else None

    def find(self, text: str) -> list[NameHit]:
        """Return the names of a statement in order, whether it asserts or denies them."""
        hits = _find_all(text, self._pattern, self._labels)
        if hits and text[hits[0].start].isupper() and any(hit.is_spelled for hit in hits):
            # If other names are written as labels, the one at the start of the sentence is one, too.
            hits[0] = hits[0]._replace(is_spelled=True)
        return hits

    def find_words(self, text: str) -> list[NameHit]:
        """Return all names and common words of a text, which mean a label only beside a rating."""
        return _find_all(text, self._word_pattern, self._words)

    def find_asserted(self, lower: str, hits: Sequence[NameHit]) -> list[NameHit]:
        """Return the names that a statement neither denies nor says of a shade or a thing.

        Args:
            lower: A statement in `lower_case`.
            hits: All its names.
        """
        denied = self._before(self._patterns.negation_after, lower, hits)
        denied |= self._denied_after(lower, hits) | self._next_to(self._patterns.near_negation, lower, hits)
        is_only = len({hit.label for hit in hits}) == 1
        asserted = [hit for hit in hits if hit.start not in denied and not self._is_aside(lower, hit, is_only=is_only)]
        return self._weaken(lower, hits, asserted) if asserted else []

    def _weaken(self, lower: str, hits: Sequence[NameHit], asserted: Sequence[NameHit]) -> list[NameHit]:
        patterns = self._patterns
        weak = self._next_to(patterns.weak, lower, hits) | self._before(patterns.weak_after, lower, hits)
        pairs = pairwise(hits)
        weak |= {hit.start for last, hit in pairs if patterns.outranked.fullmatch(lower, last.end, hit.start)}
        if concession := patterns.concession.match(lower):
            comma = lower.find(",", concession.end())
            weak |= {hit.start for hit in hits if hit.start < comma}
        contrasts = [match.start() for match in patterns.contrast.finditer(lower) if match["cue"]]
        if contrasts and any(hit.start > contrasts[-1] and hit.start not in weak for hit in asserted):
            weak |= {hit.start for hit in hits if hit.start < contrasts[-1]}
        return [hit._replace(is_weak=True) if hit.start in weak else hit for hit in asserted]

    def _is_aside(self, lower: str, hit: NameHit, *, is_only: bool) -> bool:
        patterns = self._patterns
        if patterns.thing.match(lower, hit.end) or _HYPHEN.match(lower, hit.end):
            return True
        if patterns.absent_after.match(lower, hit.end):
            return True
        before = lower[max(0, hit.start - _N_BEFORE) : hit.start]
        return bool(patterns.minor.search(before) or (is_only and patterns.origin.search(before)))

    def _denied_after(self, lower: str, hits: Sequence[NameHit]) -> set[int]:
        patterns = self._patterns
        hit_ends = [hit.end for hit in hits]
        negations = [
            match.end()
            for match in patterns.negation.finditer(lower)
            # What denies the name before it denies none behind it.
            if match["cue"] and not self._is_next(patterns.negation_after, lower, hit_ends, match)
        ]
        no_denials = {match.start() for match in patterns.negation.finditer(lower) if not match["cue"]}
        refusals = [match.end() for match in patterns.refusal.finditer(lower) if match.start() not in no_denials]
        concession = patterns.concession.match(lower)
        concession_ends = [comma for comma in [lower.find(",")] if concession and comma >= 0]
        denied = set()
        for starts, scope_end in ((negations, patterns.scope_end), (refusals, patterns.refusal_end)):
            if not starts:
                continue
            ends = sorted([*(match.start() for match in scope_end.finditer(lower)), *concession_ends])
            for hit in hits:
                # Of several cues the nearest one before the name counts.
                n_before = bisect_right(starts, hit.start)
                if n_before and bisect_left(ends, starts[n_before - 1]) == bisect_right(ends, hit.start):
                    denied.add(hit.start)
        return denied - self._set_against(lower, hits)

    def _is_next(self, cue: re.Pattern[str], lower: str, hit_ends: Sequence[int], negation: re.Match[str]) -> bool:
        n_before = bisect_right(hit_ends, negation.start())
        if not n_before:
            return False
        start = negation.start() - len(negation.string[hit_ends[n_before - 1] : negation.start()].lstrip())
        match = cue.match(lower, start)
        return match is not None and bool(match["cue"]) and match.end() >= negation.end()

    def _set_against(self, lower: str, hits: Sequence[NameHit]) -> set[int]:
        # In "not Happy, Sad" the second name is set against the first; a list would go on or have an "or".
        if len(hits) == 2 and not lower[hits[1].end :].strip(MARKUP):
            between = lower[hits[0].end : hits[1].start].strip(_QUOTES_BEFORE + _QUOTES_AFTER + " ")
            return {hits[1].start} if between == "," else set()
        return set()

    def _next_to(self, cue: re.Pattern[str], lower: str, hits: Sequence[NameHit]) -> set[int]:
        """Return the starts of the names right after a cue, with those that are listed with the first one."""
        starts = [hit.start for hit in hits]
        found: set[int] = set()
        for match in cue.finditer(lower):
            first = bisect_left(starts, match.end())
            if first == len(hits) or ("cue" in cue.groupindex and not match["cue"]):
                continue
            if _NEAR.fullmatch(lower, match.end(), starts[first]):
                found.update(hit.start for hit in self._find_listed(lower, hits[first:]))
        return found

    def _find_listed(self, lower: str, hits: Sequence[NameHit]) -> Sequence[NameHit]:
        n, n_joined = 1, 1
        while n < len(hits) and self._patterns.joint.fullmatch(lower, hits[n - 1].end, hits[n].start):
            between = lower[hits[n - 1].end : hits[n].start]
            n += 1
            if self._patterns.conjunction.search(between) or "/" in between:
                n_joined = n
        return hits[: n if n > 2 and n_joined == 1 else n_joined]

    def _before(self, cue: re.Pattern[str], lower: str, hits: Sequence[NameHit]) -> set[int]:
        """Return the starts of the names right before a cue, with those that are listed with the last one."""
        hit_ends = [hit.end for hit in hits]
        found: set[int] = set()
        for match in cue.finditer(lower):
            if "cue" in cue.groupindex and not match["cue"]:
                continue
            edge, joint = match.start(), _UP_TO_CUE
            for hit in reversed(hits[: bisect_right(hit_ends, edge)]):
                if not joint.fullmatch(lower, hit.end, edge):
                    break
                joint = self._patterns.joint
                found.add(hit.start)
                edge = hit.start
        return found


def _find_all(text: str, pattern: re.Pattern[str], labels: Mapping[str, str]) -> list[NameHit]:
    hits = []
    for match in pattern.finditer(text):
        label = labels.get(fold_spelling(match[0]))
        if label is not None:
            hits.append(NameHit(label, match.start(), match.end(), _is_spelled(text, match)))
    return hits


def _compile_names(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    words = [name for name in longest_first if _has_word_edges(name[0])]
    others = [_name_pattern(name) for name in longest_first if not _has_word_edges(name[0])]
    edge = r"(?<![^\W_])(?<![^\W_]-)"
    initials = "".join(sorted({re.escape(name[0]) for name in words}))
    grouped = rf"(?=[{initials}]){edge}(?:{'|'.join(map(_name_pattern, words))})"
    return re.compile("|".join([grouped, *others]), re.IGNORECASE)


def _compile_glued(names: Iterable[str]) -> re.Pattern[str]:
    capitalized = sorted({re.escape(name.capitalize()) for name in names if name.isalpha() and name.isascii()})
    return re.compile(rf"(?:{'|'.join(capitalized)})(?![^\W_])")


def _space_before(match: re.Match[str]) -> str:
    is_glued = match.start() > 0 and match.string[match.start() - 1].islower()
    return f" {match[0]}" if is_glued else match[0]


def _name_pattern(name: str) -> str:
    after = r"(?![^\W_])" if _has_word_edges(name[-1]) else ""
    return r"[\s_-]+".join(re.escape(word) for word in name.split()) + after


def _has_word_edges(char: str) -> bool:
    # Scripts from the CJK blocks onwards have no spaces between words.
    return char.isalnum() and ord(char) < 0x2E80


def _is_spelled(text: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    if " " in match[0].strip():
        return True
    if start > 0 and end < len(text) and text[start - 1] in _QUOTES_BEFORE and text[end] in _QUOTES_AFTER:
        return True
    return text[start].isupper() and bool(text[max(0, start - _N_BEFORE) : start].strip(MARKUP))
