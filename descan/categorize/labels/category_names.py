"""Names of categories in a text, with their aliases, and whether the text asserts them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from descan.categorize.labels.cues import LabelPatterns
from descan.corpus.spellings import fold_aliases, fold_spelling, join_words, split_words
from descan.emotions import Emotion

_CURLY_OPEN, _CURLY_CLOSE = "\u2018\u201c\u00ab\u300c", "\u2019\u201d\u00bb\u300d"
_FULL_WIDTH = "\u3001\u3002\uff01\uff1f"
MARKUP = (
    " \t\r\n\f\v\u00a0\ufeff*_`~#>\"'()[]{}<.,;:!?-\u2013\u2014\u2026\u2022|" + _CURLY_OPEN + _CURLY_CLOSE + _FULL_WIDTH
)
"""What may surround a name that stands alone."""

_QUOTES_BEFORE = "*_`\"'" + _CURLY_OPEN
_QUOTES_AFTER = "*_`\"'" + _CURLY_CLOSE
_HYPHEN = re.compile(r"-\w")
_N_BEFORE = 60
_N_BEGINNING = 4


class NameHit(NamedTuple):
    """The name of a category in a statement.

    Attributes:
        is_spelled: Whether it is written as a label: capitalized within a sentence, in quotes or bold, or an alias
            of several words.
    """

    label: str
    start: int
    end: int
    is_spelled: bool


class NameFinder:
    """Finds the names of categories and their aliases as whole words, longest first."""

    def __init__(self, aliases: Mapping[str, str], patterns: LabelPatterns) -> None:
        """Compile the names.

        Args:
            aliases: Spelled label -> category.
            patterns: The cues that deny a name.

        Raises:
            ValueError: If an alias has no letter, means two categories, or its category is unknown.
        """
        self._patterns = patterns
        self._labels = {fold_spelling(emotion): emotion.value for emotion in Emotion}
        self._labels |= fold_aliases({alias: Emotion(category).value for alias, category in aliases.items()})
        self._n_words = max(len(name.split()) for name in self._labels)
        self._beginnings = _beginnings(self._labels)
        self._pattern = _compile_names(self._labels)

    def label_of(self, text: str) -> str | None:
        """Return the label if the text is nothing but a name, whatever quotes and Markdown surround it."""
        words = split_words(text.strip(MARKUP), self._n_words)
        return self._labels.get(join_words(words)) if len(words) <= self._n_words else None

    def find_bare(self, text: str) -> NameHit | None:
        """Return the name that the text begins with, if nothing but an explanation follows it."""
        start = len(text) - len(text.lstrip(MARKUP))
        match = self._pattern.match(text, start)
        if match is None or (label := self._labels.get(fold_spelling(match[0]))) is None:
            return None
        rest = text[match.end() :].lstrip(" " + _QUOTES_AFTER)
        is_alone = not rest.strip(MARKUP) or self._patterns.explanation.match(rest) is not None
        return NameHit(label, start, match.end(), is_spelled=True) if is_alone else None

    def find(self, text: str, lower: str) -> list[NameHit]:
        """Return the names of a statement in order, whether it asserts or denies them.

        Args:
            text: A statement.
            lower: The same in `lower_case`.
        """
        hits = []
        for match in self._matches(text, lower):
            label = self._labels.get(fold_spelling(match[0]))
            if label is not None:
                hits.append(NameHit(label, match.start(), match.end(), _is_spelled(text, match)))
        if hits and text[hits[0].start].isupper() and any(hit.is_spelled for hit in hits):
            # If other names are written as labels, the one at the start of the sentence is one, too.
            hits[0] = hits[0]._replace(is_spelled=True)
        return hits

    def _matches(self, text: str, lower: str) -> Iterator[re.Match[str]]:
        # The same matches as _pattern.finditer, but quicker for sentences without a name, which most are.
        if "" in self._beginnings:
            yield from self._pattern.finditer(text)
            return
        end = 0
        for start in self._starts(lower):
            if start >= end and (match := self._pattern.match(text, start)):
                yield match
                end = match.end()

    def _starts(self, lower: str) -> list[int]:
        starts = []
        for beginning in self._beginnings:
            start = lower.find(beginning)
            while start >= 0:
                starts.append(start)
                start = lower.find(beginning, start + 1)
        return sorted(starts)

    def find_asserted(self, text: str, lower: str, hits: Sequence[NameHit]) -> list[NameHit]:
        """Return the names that a statement neither denies nor says of a shade or a thing.

        Args:
            text: A statement.
            lower: The same in `lower_case`.
            hits: All its names.
        """
        denied = self._denied_after(lower, hits) | self._denied_before(text, lower, hits)
        is_only = len({hit.label for hit in hits}) == 1
        return [hit for hit in hits if hit.start not in denied and not self._is_aside(lower, hit, is_only=is_only)]

    def _is_aside(self, lower: str, hit: NameHit, *, is_only: bool) -> bool:
        patterns = self._patterns
        if patterns.thing.match(lower, hit.end) or _HYPHEN.match(lower, hit.end):
            return True
        before = lower[max(0, hit.start - _N_BEFORE) : hit.start]
        return bool(patterns.minor.search(before) or (is_only and patterns.origin.search(before)))

    def _denied_after(self, lower: str, hits: Sequence[NameHit]) -> set[int]:
        patterns = self._patterns
        negations = [match.end() for match in patterns.negation.finditer(lower) if match["cue"]]
        refusals = [match.end() for match in patterns.refusal.finditer(lower)]
        denied = set()
        for starts, scope_end in ((negations, patterns.scope_end), (refusals, patterns.refusal_end)):
            if not starts:
                continue
            ends = [match.start() for match in scope_end.finditer(lower)]
            for hit in hits:
                # Of several cues the nearest one before the name counts.
                n_before = bisect_right(starts, hit.start)
                if n_before and bisect_left(ends, starts[n_before - 1]) == bisect_right(ends, hit.start):
                    denied.add(hit.start)
        return denied

    def _denied_before(self, text: str, lower: str, hits: Sequence[NameHit]) -> set[int]:
        hit_ends = [hit.end for hit in hits]
        denied = set()
        for match in self._patterns.negation_after.finditer(lower):
            edge = match.start()
            for hit in reversed(hits[: bisect_right(hit_ends, edge)]):
                if not self._patterns.joint.fullmatch(text, hit.end, edge):
                    break
                denied.add(hit.start)
                edge = hit.start
        return denied


def _beginnings(names: Iterable[str]) -> list[str]:
    """Return the first few letters of the names in `lower_case`, or none if a letter has several forms."""
    beginnings = {"".join(takewhile(_is_plain, name))[:_N_BEGINNING] for name in names}
    return [this for this in beginnings if not any(this.startswith(other) for other in beginnings - {this})]


def _is_plain(char: str) -> bool:
    # In another case, a letter beyond ASCII may be several letters.
    return char != " " and (char.isascii() or char.lower() == char.upper())


def _compile_names(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    words = [name for name in longest_first if _has_word_edges(name[0])]
    others = [_name_pattern(name) for name in longest_first if not _has_word_edges(name[0])]
    # A label glued to the word before it ("state ofFear") is a slip of the model; the capital letter shows the label.
    edge = r"(?:(?<![^\W_])(?<![^\W_]-)|(?-i:(?<=[a-z])(?=[A-Z][a-z])))"
    initials = "".join(sorted({re.escape(name[0]) for name in words}))
    grouped = rf"(?=[{initials}]){edge}(?:{'|'.join(map(_name_pattern, words))})"
    return re.compile("|".join([grouped, *others]), re.IGNORECASE)


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
