"""Words as small integers: one code for each word of the lexicon, a few shapes for all others."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from spacy.vocab import Vocab

from descan.extract import roles
from descan.extract.compiled import SOURCES, compiled_once


class Shape(IntEnum):
    """Codes of words that the lexicon does not have."""

    UNKNOWN = 0
    ADVERB = 1
    PARTICIPLE = 2
    FEELING = 3
    OTHER = 4
    COMMA = 5
    BREAK = 6
    END = 7
    NEWLINE = 8
    MARK = 9
    LABEL = 10


FIRST_WORD: Final = len(Shape)
"""Lexicon words have this code and higher ones."""

CAPITAL: Final = 1 << 24
"""Added to the code of a token that begins with a capital."""

LENGTH: Final = 32
"""Bits before the number of letters of a token."""

_UNSEEN: Final = -1
_FIRST_SLOTS: Final = 1 << 16

SHAPE_ROLES: Final = {
    Shape.ADVERB: roles.FILLER | roles.ADVERB,
    Shape.PARTICIPLE: roles.PARTICIPLE,
    Shape.COMMA: roles.COMMA,
    Shape.BREAK: roles.BREAK,
    Shape.END: roles.BREAK,
    Shape.NEWLINE: roles.BREAK,
    Shape.MARK: roles.MARK | roles.FILLER,
    Shape.LABEL: roles.BREAK | roles.LABEL,
}
PUNCTUATION: Final = {
    ",": Shape.COMMA,
    ".": Shape.END,
    "!": Shape.END,
    "?": Shape.END,
    "…": Shape.END,
    "。": Shape.END,
    ";": Shape.BREAK,
    ":": Shape.LABEL,
    "—": Shape.LABEL,
    "–": Shape.LABEL,
    "--": Shape.LABEL,
    "(": Shape.BREAK,
    ")": Shape.BREAK,
    "|": Shape.LABEL,
}

WORDLESS: Final = (Shape.COMMA, Shape.BREAK, Shape.END, Shape.NEWLINE, Shape.MARK, Shape.LABEL)
"""Shapes of tokens without letter and digit."""


class WordTable:
    """Codes by spaCy's hash of a token; one that is asked for the first time is looked up or put in a shape.

    A hash table with open addressing: spaCy's hashes are well mixed, so their last bits choose the slot.
    """

    def __init__(self, vocab: Vocab, known: Mapping[str, int], feeling_endings: tuple[str, ...]) -> None:
        """Start with no token.

        Args:
            vocab: The vocabulary whose hashes are asked for.
            known: The codes of the lexicon's words, in small letters.
            feeling_endings: Endings of nouns that can be feelings.
        """
        self._vocab = vocab
        self._known = known
        self._feeling_endings = feeling_endings
        self._n_words = 0
        self._keys = np.zeros(_FIRST_SLOTS, dtype=np.uint64)
        self._values = np.zeros(_FIRST_SLOTS, dtype=np.int64)
        self._find = _compile_find()

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Give the code of each token, with `CAPITAL`, and its number of letters in the bits from `LENGTH` on."""
        found = np.empty(len(hashes), dtype=np.int64)
        while self._find(self._keys, self._values, hashes, found):
            self._learn(np.unique(hashes[found == _UNSEEN]))
        return found

    def _learn(self, hashes: NDArray[np.uint64]) -> None:
        """Remember new tokens; the table stays half empty."""
        self._n_words += len(hashes)
        keys, values = hashes, np.array([self._describe(int(key)) for key in hashes])
        if 2 * self._n_words > len(self._keys):
            is_used = self._keys != 0
            keys, values = np.append(self._keys[is_used], keys), np.append(self._values[is_used], values)
            n_slots = 1 << (4 * self._n_words).bit_length()
            self._keys, self._values = np.zeros(n_slots, np.uint64), np.zeros(n_slots, np.int64)
        mask = len(self._keys) - 1
        for key, value in zip(keys.tolist(), values.tolist(), strict=True):
            slot = key & mask
            while self._keys[slot]:
                slot = (slot + 1) & mask
            self._keys[slot], self._values[slot] = key, value

    def _describe(self, key: int) -> int:
        lexeme = self._vocab[key]
        word = lexeme.lower_
        code = self._known.get(word)
        if code is None:
            code = int(_shape(word, self._feeling_endings))
        if lexeme.orth_[:1].isupper():
            code += CAPITAL
        return code + (len(lexeme.orth_) << LENGTH)


Find = Callable[[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64]], int]


def _compile_find() -> Find:
    sources = SOURCES

    @compiled_once
    def find(
        keys: NDArray[np.uint64], values: NDArray[np.int64], hashes: NDArray[np.uint64], found: NDArray[np.int64]
    ) -> int:
        """Put the value of each hash into `found` and give how many have none."""
        if not sources:  # it never is: named for `compiled_once` to see
            return 0
        mask, one, n_unseen = np.uint64(len(keys) - 1), np.uint64(1), 0
        for index in range(len(hashes)):
            slot = hashes[index] & mask
            while keys[slot] != hashes[index] and keys[slot] != 0:
                slot = (slot + one) & mask
            if keys[slot] == 0:
                found[index] = _UNSEEN
                n_unseen += 1
            else:
                found[index] = values[slot]
        return n_unseen

    return find


def _shape(word: str, feeling_endings: tuple[str, ...]) -> Shape:
    if word in PUNCTUATION:
        return PUNCTUATION[word]
    if word.isspace():
        return Shape.NEWLINE if "\n" in word or "\r" in word else Shape.MARK
    if not any(letter.isalnum() for letter in word):
        return Shape.LABEL if ":" in word or "|" in word else Shape.MARK
    if not word.isalpha() or len(word) < 3:
        return Shape.OTHER
    if word.endswith("ly"):
        return Shape.ADVERB
    if word.endswith("ing") and len(word) > 4:
        return Shape.PARTICIPLE
    return Shape.FEELING if word.endswith(feeling_endings) else Shape.UNKNOWN
