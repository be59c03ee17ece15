"""Category names and their aliases in a text, and whether the text asserts them."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from descan.categorize.label_cues import LabelPatterns
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
_JOINT = re.compile(r"[\s,/*_\"'`]*(?:(?:and|or|nor)[\s*_\"'`]+)?")


@dataclass(frozen=True, slots=True)
class NameHit:
    """A category's name in a statement.

    Attributes:
        is_spelled: Written as a label: capitalized within a sentence, in quotes or bold, or an alias
            of several words.
        is_asserted: Not denied, not a shade, and not said of a thing.
    """

    label: str
    start: int
    end: int
    is_spelled: bool
    is_asserted: bool = True


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
        self._pattern = _compile_names(self._labels)

    def label_of(self, text: str) -> str | None:
        """Give the label if the text is nothing but a name, whatever quotes and markdown surround it."""
        return self._labels.get(_folded(text.strip(MARKUP)))

    def find_bare(self, text: str) -> NameHit | None:
        """Give the name that the text begins with, if nothing surrounds it or an explanation follows it."""
        start = len(text) - len(text.lstrip(MARKUP))
        match = self._pattern.match(text, start)
        if match is None or (label := self._labels.get(_folded(match[0]))) is None:
            return None
        rest = text[match.end() :].lstrip(" " + _QUOTES_AFTER)
        is_alone = not rest.strip(MARKUP) or _EXPLANATION.match(rest) is not None
        return NameHit(label, start, match.end(), is_spelled=True) if is_alone else None

    def find(self, text: str) -> list[NameHit]:
        """Give the names of a statement in order, those that it denies marked so."""
        hits = []
        for match in self._pattern.finditer(text):
            label = self._labels.get(_folded(match[0]))
            if label is not None:
                hits.append(NameHit(label, match.start(), match.end(), _is_spelled(text, match)))
        if hits and text[hits[0].start].isupper() and any(hit.is_spelled for hit in hits):
            # Where others are written as labels, so is the one that the sentence begins with.
            hits[0] = replace(hits[0], is_spelled=True)
        return self._mark_denied(text, hits) if hits else hits

    def _mark_denied(self, text: str, hits: Sequence[NameHit]) -> list[NameHit]:
        denied = self._denied_after(text, hits) | self._denied_before(text, hits)
        is_only = len({hit.label for hit in hits}) == 1
        for hit in hits:
            before = text[max(0, hit.start - _N_BEFORE) : hit.start]
            is_shade = self._patterns.minor.search(before) or (is_only and self._patterns.origin.search(before))
            is_part = self._patterns.thing.match(text, hit.end) or _HYPHEN.match(text, hit.end)
            if is_shade or is_part:
                denied.add(hit.start)
        return [replace(hit, is_asserted=False) if hit.start in denied else hit for hit in hits]

    def _denied_after(self, text: str, hits: Sequence[NameHit]) -> set[int]:
        patterns = self._patterns
        negations = [match.end() for match in patterns.negation.finditer(text) if match["cue"]]
        refusals = [match.end() for match in patterns.refusal.finditer(text)]
        denied = set()
        for starts, scope_end in ((negations, patterns.scope_end), (refusals, patterns.refusal_end)):
            if not starts:
                continue
            ends = [match.start() for match in scope_end.finditer(text)]
            for hit in hits:
                # The nearest cue before a name reaches furthest.
                n_before = bisect_right(starts, hit.start)
                if n_before and bisect_left(ends, starts[n_before - 1]) == bisect_right(ends, hit.start):
                    denied.add(hit.start)
        return denied

    def _denied_before(self, text: str, hits: Sequence[NameHit]) -> set[int]:
        hit_ends = [hit.end for hit in hits]
        denied = set()
        for match in self._patterns.negation_after.finditer(text):
            edge = match.start()
            for hit in reversed(hits[: bisect_right(hit_ends, edge)]):
                if not _JOINT.fullmatch(text, hit.end, edge):
                    break
                denied.add(hit.start)
                edge = hit.start
        return denied


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFC", name)).strip().casefold()


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
    before = text[max(0, match.start() - _N_BEFORE) : match.start()]
    after = text[match.end() : match.end() + 1]
    if " " in match[0].strip():
        return True
    if before[-1:] and before[-1] in _QUOTES_BEFORE and after and after in _QUOTES_AFTER:
        return True
    return match[0][0].isupper() and bool(before.strip(MARKUP))
