"""Persons, shows and films that a description names.

A run of capitalised words is a name where a word before it says so ("the actor X", "a scene from X"), or where it does
what a person does ("X's expression", "X appears") and is no ordinary word at the start of a sentence.
"""

from collections.abc import Iterable

from descan.extract.engine.codes import Shape
from descan.extract.tokens import Words
from descan.lexicon import Lexicon

_MARK = int(Shape.MARK)
_SENTENCE_STARTS = frozenset({Shape.END, Shape.NEWLINE, Shape.BREAK, Shape.LABEL, Shape.OTHER})


class NameFinder:
    """Finds names; built once for a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Take the words that announce a name and those that are none."""
        names = lexicon.names
        self._before = frozenset(word for phrase in names.before for word in phrase.split()[-1:])
        self._after = frozenset(names.after)
        self._common = frozenset(names.common)
        self._inside = frozenset(names.inside)
        self._articles = frozenset(names.articles)
        self._possessives = frozenset(names.possessives)
        self._longest_abbreviation = names.longest_abbreviation
        self._longest_owner = names.longest_owner

    def find(self, words: Words, capitals: Iterable[int]) -> tuple[str, ...]:
        """Return the names in the order in which they first appear.

        Args:
            words: The tokens of the text.
            capitals: Those that the lexicon does not have and that begin with a capital.
        """
        names: dict[str, None] = {}
        done = 0
        for index in capitals:
            if index < done:
                continue
            done = self._run_end(words, index)
            name = words.between(index, done)
            if len(name) > 1 and self._is_name(words, index, done):
                names.setdefault(name)
        return tuple(names)

    def _run_end(self, words: Words, start: int) -> int:
        end = start + 1
        while end < len(words):
            word = words[end]
            if word[:1].isupper() and word.isalpha():
                end += 1
            elif word.lower() in self._inside and end + 1 < len(words) and words[end + 1][:1].isupper():
                end += 2
            else:
                break
        return end

    def _is_name(self, words: Words, start: int, end: int) -> bool:
        parts = [words[index] for index in range(start, end)]
        if all(self._is_no_name(part) for part in parts):
            return False
        codes, before = words.codes, start - 1
        while before >= 0 and (codes[before] == _MARK or words[before].lower() in self._articles):
            before -= 1
        if before >= 0 and words[before].lower() in self._before:
            return True
        follows = words[end].lower() if end < len(words) else ""
        if before >= 0 and codes[before] not in _SENTENCE_STARTS:
            return follows in self._after
        if follows not in self._possessives or len(parts) > self._longest_owner:
            return False
        return not any(part.lower() in self._common for part in parts)

    def _is_no_name(self, word: str) -> bool:
        return word.lower() in self._common or (word.isupper() and len(word) <= self._longest_abbreviation)
