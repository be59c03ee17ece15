"""Persons, shows and films that a description names.

A run of capitalised words is a name where a word before it says so ("the actor X", "a scene from X"), or where it does
what a person does ("X's expression", "X appears") and is no ordinary word at the start of a sentence.
"""

from collections.abc import Sequence

from descan.extract.vocabulary import Shape
from descan.lexicon import Lexicon

_LAST_WORD_SHAPE = int(Shape.OTHER)
_SENTENCE_STARTS = frozenset({Shape.END, Shape.NEWLINE, Shape.BREAK, Shape.LABEL, Shape.OTHER})
_ARTICLES = frozenset({"the", "a", '"'})
_POSSESSIVES = frozenset({"'s", "’s"})
_SMALL = frozenset({"of", "the", "and", "de", "van", "von", "in", "at"})


class NameFinder:
    """Finds names; built once from a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Remember the words that announce a name and those that are none."""
        self._before = frozenset(word for phrase in lexicon.names.before for word in phrase.split()[-1:])
        self._after = frozenset(lexicon.names.after)
        self._common = frozenset(lexicon.names.common)

    def find(self, text: str, codes: Sequence[int], starts: Sequence[int], ends: Sequence[int]) -> tuple[str, ...]:
        """Give the names in the order in which they first appear.

        Args:
            text: The description.
            codes: One code a token.
            starts: Where each token starts in the text.
            ends: Where each token ends in the text.
        """
        names: dict[str, None] = {}
        done = 0
        for index in [index for index, code in enumerate(codes) if code <= _LAST_WORD_SHAPE]:
            if index < done or not text[starts[index]].isupper():
                continue
            words = _Words(text, starts, ends)
            done = self._run_end(words, index)
            name = text[starts[index] : ends[done - 1]]
            if len(name) > 1 and self._is_name(words, index, done, codes):
                names.setdefault(name)
        return tuple(names)

    def _run_end(self, words: "_Words", start: int) -> int:
        end = start + 1
        while end < len(words):
            word = words[end]
            if word[:1].isupper() and word.isalpha():
                end += 1
            elif word.lower() in _SMALL and end + 1 < len(words) and words[end + 1][:1].isupper():
                end += 2
            else:
                break
        return end

    def _is_name(self, words: "_Words", start: int, end: int, codes: Sequence[int]) -> bool:
        parts = [words[index] for index in range(start, end)]
        if all(part.lower() in self._common or (part.isupper() and len(part) < 5) for part in parts):
            return False
        before = start - 1
        while before >= 0 and (codes[before] == Shape.MARK or words[before].lower() in _ARTICLES):
            before -= 1
        if before >= 0 and words[before].lower() in self._before:
            return True
        follows = words[end].lower() if end < len(words) else ""
        if before >= 0 and codes[before] not in _SENTENCE_STARTS:
            return follows in self._after
        return follows in _POSSESSIVES and len(parts) <= 3 and not any(part.lower() in self._common for part in parts)


class _Words:
    """The tokens of a text, cut out when asked for."""

    def __init__(self, text: str, starts: Sequence[int], ends: Sequence[int]) -> None:
        self._text, self._starts, self._ends = text, starts, ends

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index: int) -> str:
        return self._text[self._starts[index] : self._ends[index]]
