"""Category names and their aliases in a text, and whether the text asserts them."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from descan.categorize.labels.cues import LabelPatterns
from descan.emotions import Emotion

_CURLY_OPEN, _CURLY_CLOSE = "\u2018\u201c\u00ab\u300c", "\u2019\u201d\u00bb\u300d"
_FULL_WIDTH = "\u3001\u3002\uff01\uff1f"
MARKUP = (
    " \t\r\n\f\v\u00a0\ufeff*_`~#>\"'()[]{}<.,;:!?-\u2013\u2014\u2026\u2022|" + _CURLY_OPEN + _CURLY_CLOSE + _FULL_WIDTH
)
"""What may surround a name that stands alone."""

_QUOTES_BEFORE = "*_`\"'" + _CURLY_OPEN
_QUOTES_AFTER = "*_`\"'" + _CURLY_CLOSE
_EXPLANATION = re.compile(r"[:(,–—]|- |(?:because|since|as|due to|given)\b", re.IGNORECASE)
_HYPHEN = re.compile(r"-\w")
_N_BEFORE = 60
_N_BEGINNING = 4
_JOINT = re.compile(r"[\s,/*_\"'`]*(?:(?:and|or|nor)[\s*_\"'`]+)?")


class NameHit(NamedTuple):
    """A category's name in a statement.

    Attributes:
        is_spelled: Written as a label: capitalized within a sentence, in quotes or bold, or an alias
            of several words.
    """

    label: str
    start: int
    end: int
    is_spelled: bool


class NameFinder:
    """Finds the seven names and their aliases as whole words, the longest first."""

    def __init__(self, aliases: Mapping[str, str], patterns: LabelPatterns) -> None:
        """Compile the names.

        Args:
            aliases: Spelled label -> one of the seven.
            patterns: The cues that deny a name.

        Raises:
            ValueError: If an alias is blank or not one of the seven categories' names.
        """
        self._patterns = patterns
        self._labels = {_folded(emotion): emotion.value for emotion in Emotion}
        for alias, category in aliases.items():
            if not alias.strip():
                raise ValueError("an alias is blank")
            self._labels[_folded(alias)] = Emotion(category).value
        self._n_words = max(len(name.split()) for name in self._labels)
        self._beginnings = _beginnings(self._labels)
        self._pattern = _compile_names(self._labels)

    def label_of(self, text: str) -> str | None:
        """Give the label if the text is nothing but a name, whatever quotes and markdown surround it."""
        words = _split_words(text.strip(MARKUP), self._n_words)
        return self._labels.get(_join_words(words)) if len(words) <= self._n_words else None

    def find_bare(self, text: str) -> NameHit | None:
        """Give the name that the text begins with, if nothing surrounds it or an explanation follows it."""
        start = len(text) - len(text.lstrip(MARKUP))
        match = self._pattern.match(text, start)
        if match is None or (label := self._labels.get(_folded(match[0]))) is None:
            return None
        rest = text[match.end() :].lstrip(" " + _QUOTES_AFTER)
        is_alone = not rest.strip(MARKUP) or _EXPLANATION.match(rest) is not None
        return NameHit(label, start, match.end(), is_spelled=True) if is_alone else None

    def find(self, text: str, lower: str) -> list[NameHit]:
        """Give the names of a statement in order, whether it asserts or denies them.

        Args:
            text: A statement.
            lower: The same, `lowered`.
        """
        hits = []
        for match in self._matches(text, lower):
            label = self._labels.get(_folded(match[0]))
            if label is not None:
                hits.append(NameHit(label, match.start(), match.end(), _is_spelled(text, match)))
        if hits and text[hits[0].start].isupper() and any(hit.is_spelled for hit in hits):
            # Where others are written as labels, so is the one that the sentence begins with.
            hits[0] = hits[0]._replace(is_spelled=True)
        return hits

    def _matches(self, text: str, lower: str) -> Iterator[re.Match[str]]:
        # What _pattern.finditer gives, but most sentences of prose hold no name, which is told sooner so.
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

    def asserted(self, text: str, lower: str, hits: Sequence[NameHit]) -> list[NameHit]:
        """Give those names of a statement that it does not deny, and that are no shade and not said of a thing.

        Args:
            text: A statement.
            lower: The same, `lowered`.
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
                # The nearest cue before a name reaches furthest.
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
                if not _JOINT.fullmatch(text, hit.end, edge):
                    break
                denied.add(hit.start)
                edge = hit.start
        return denied


def _folded(name: str) -> str:
    return _join_words(_split_words(name))


def _split_words(name: str, n_splits: int = -1) -> list[str]:
    return name.replace("_", " ").replace("-", " ").split(None, n_splits)


def _join_words(words: Iterable[str]) -> str:
    return unicodedata.normalize("NFC", " ".join(words)).casefold()


def _beginnings(names: Iterable[str]) -> list[str]:
    """Give what the names begin with in a `lowered` text: a few letters, none where these may take several forms."""
    beginnings = {"".join(takewhile(_is_plain, name))[:_N_BEGINNING] for name in names}
    return [this for this in beginnings if not any(this.startswith(other) for other in beginnings - {this})]


def _is_plain(char: str) -> bool:
    # The other case of a letter beyond ASCII may be several letters.
    return char != " " and (char.isascii() or char.lower() == char.upper())


def _compile_names(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    words = [name for name in longest_first if _has_word_edges(name[0])]
    others = [_name_pattern(name) for name in longest_first if not _has_word_edges(name[0])]
    # A label glued to the word before it ("state ofFear") is a slip of the model, still plain by its capital.
    edge = r"(?:(?<![^\W_])(?<![^\W_]-)|(?-i:(?<=[a-z])(?=[A-Z][a-z])))"
    initials = "".join(sorted({re.escape(name[0]) for name in words}))
    grouped = rf"(?=[{initials}]){edge}(?:{'|'.join(map(_name_pattern, words))})"
    return re.compile("|".join([grouped, *others]), re.IGNORECASE)


def _name_pattern(name: str) -> str:
    after = r"(?![^\W_])" if _has_word_edges(name[-1]) else ""
    return r"[\s_-]+".join(re.escape(word) for word in name.split()) + after


def _has_word_edges(char: str) -> bool:
    # Scripts from the CJK blocks on write no spaces between words.
    return char.isalnum() and ord(char) < 0x2E80


def _is_spelled(text: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    if " " in match[0].strip():
        return True
    if start > 0 and end < len(text) and text[start - 1] in _QUOTES_BEFORE and text[end] in _QUOTES_AFTER:
        return True
    return text[start].isupper() and bool(text[max(0, start - _N_BEFORE) : start].strip(MARKUP))
