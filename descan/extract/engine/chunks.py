"""Chunks: the stretches of a text between its spaces, whose tokens are remembered.

A tokenizer that looks at every chunk by itself need see each only once; descriptions are made of few (6,000 different
ones in 2,565 descriptions).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from descan.extract.engine.compilation import compilable
from descan.extract.engine.rule_tables import IntArray

MAX_TOKENS: Final = 300_000
"""Tokens of chunks that are remembered, at most some 60 MB and usually far less; beyond, a memory is full."""

MAX_LETTERS: Final = 10 * MAX_TOKENS
"""Letters of chunks that are remembered."""

_SPACE: Final = 32
_LAST_ASCII: Final = 127
_HASH_FACTOR: Final = 1_000_003
_HASH_BITS: Final = 40
"""So that a hash times the factor fits 64 bits."""
_NO_KEY: Final = -1
"""The key of the line break after each text, which no text holds."""

LetterArray = NDArray[np.int32]


class TextTokens(NamedTuple):
    """The tokens of some texts in one row, with a line break after each text.

    Attributes:
        words: What the tokenizer says of each token. Shape: (n_tokens,).
        starts: The character at which each begins in its text. Shape: (n_tokens,).
        lasts: The line break after each text. Shape: (n_texts,).
    """

    words: IntArray
    starts: IntArray
    lasts: IntArray


class KnownChunks(NamedTuple):
    """Chunks, by number, and their tokens.

    Attributes:
        slots: A hash table: the number of a chunk plus 1, or 0. Shape: (a power of two,).
        keys: The hash of each chunk. Shape: (n_chunks,).
        letters: Those of all chunks. Shape: (n_letters,).
        first_letters: The first letter of each chunk, and the end of its letters. Shape: (n_chunks + 1,).
        words: What the tokenizer says of the tokens of all chunks. Shape: (n_tokens,).
        starts: The letter of its chunk at which each token begins. Shape: (n_tokens,).
        first_tokens: The first token of each chunk, and the end of its tokens. Shape: (n_chunks + 1,).
    """

    slots: IntArray
    keys: IntArray
    letters: IntArray
    first_letters: IntArray
    words: IntArray
    starts: IntArray
    first_tokens: IntArray


class ChunkMemory:
    """Remembers the tokens of chunks; the line break that stands after every text has number 0."""

    def __init__(self, line_break: str, word: int) -> None:
        """Start with the line break alone.

        Args:
            line_break: A chunk of one token.
            word: What the tokenizer says of it.
        """
        self._slots = np.zeros(1 << 12, dtype=np.int64)
        self._keys = _GrowingArray()
        self._letters = _GrowingArray()
        self._first_letters = _GrowingArray(0)
        self._words = _GrowingArray()
        self._starts = _GrowingArray()
        self._first_tokens = _GrowingArray(0)
        self.add(line_break, _NO_KEY, [word], [0])

    @property
    def is_full(self) -> bool:
        """Whether so much is remembered that it is better to start over."""
        return self._words.size > MAX_TOKENS or self._letters.size > MAX_LETTERS

    @property
    def known(self) -> KnownChunks:
        """What is remembered."""
        return KnownChunks(
            self._slots,
            self._keys.values,
            self._letters.values,
            self._first_letters.values,
            self._words.values,
            self._starts.values,
            self._first_tokens.values,
        )

    def add(self, chunk: str, key: int, words: Sequence[int], starts: Sequence[int]) -> None:
        """Remember the tokens of a chunk and its hash."""
        self._keys.extend([key])
        self._letters.extend(list(map(ord, chunk)))
        self._first_letters.extend([self._letters.size])
        self._words.extend(words)
        self._starts.extend(starts)
        self._first_tokens.extend([self._words.size])
        self._enter(self._keys.size - 1, key)

    def _enter(self, number: int, key: int) -> None:
        if 2 * number > len(self._slots):
            self._slots = np.zeros(4 * len(self._slots), dtype=np.int64)
            for known, known_key in enumerate(self._keys.values[:number].tolist()):
                self._enter(known, known_key)
        slot = key & (len(self._slots) - 1)
        while self._slots[slot]:
            slot = (slot + 1) & (len(self._slots) - 1)
        self._slots[slot] = number + 1


class _GrowingArray:
    """An array that values are added to."""

    def __init__(self, *values: int) -> None:
        self._room = np.zeros(1 << 12, dtype=np.int64)
        self.size = 0
        self.extend(values)

    @property
    def values(self) -> IntArray:
        return self._room[: self.size]

    def extend(self, values: Sequence[int]) -> None:
        size = self.size + len(values)
        if size > len(self._room):
            self._room = np.resize(self._room, 2 * size)
        self._room[self.size : size] = values
        self.size = size


@compilable
def find_chunks(
    chunks: KnownChunks, letters: LetterArray, text_ends: IntArray, tokens: TextTokens, unknown: IntArray
) -> tuple[int, int]:
    """Write the tokens of texts one after the other, from the chunks that are known.

    Args:
        chunks: What is known.
        letters: Those of all texts, one after the other. Shape: (n_letters,).
        text_ends: The end of each text among the letters. Shape: (n_texts,).
        tokens: Where the tokens go.
        unknown: Where the unknown chunks go: their first letter, the letter after them, their hash. Shape: (3, room).

    Returns:
        How many tokens there are, and how many unknown chunks.
    """
    n_tokens = n_unknown = first = 0
    for text in range(len(text_ends)):
        start = end = first
        while start < text_ends[text]:
            chunk_end = _chunk_end(letters, start, text_ends[text])
            if letters[start] == _SPACE and start > first:
                start += 1  # The first space after a word is in no chunk.
            if start < chunk_end:
                key = _hash(letters, start, chunk_end)
                number = _number(chunks, letters, start, chunk_end, key)
                if number < 0:
                    unknown[0, n_unknown], unknown[1, n_unknown], unknown[2, n_unknown] = start, chunk_end, key
                    n_unknown += 1
                else:
                    n_tokens = _write(chunks, number, start - first, tokens, n_tokens)
                end = chunk_end
            start = chunk_end
        tokens.lasts[text] = n_tokens
        n_tokens = _write(chunks, 0, end - first, tokens, n_tokens)
        first = text_ends[text]
    return n_tokens, n_unknown


@compilable
def _chunk_end(letters: LetterArray, start: int, stop: int) -> int:
    """Return the letter after a run of blanks, or of other letters."""
    blank = is_blank(letters[start])
    end = start + 1
    while end < stop and is_blank(letters[end]) == blank:
        end += 1
    return end


@compilable
def is_blank(letter: int) -> bool:
    """Return whether a letter is white space, as `str.isspace` does."""
    if letter <= _LAST_ASCII:
        return letter == _SPACE or 9 <= letter <= 13 or 28 <= letter <= 31
    if letter < 0x1680:
        return letter in (0x85, 0xA0)
    return letter == 0x1680 or 0x2000 <= letter <= 0x200A or letter in (0x2028, 0x2029, 0x202F, 0x205F, 0x3000)


@compilable
def _hash(letters: LetterArray, start: int, end: int) -> int:
    key = 0
    for index in range(start, end):
        key = (key * _HASH_FACTOR + int(letters[index])) & ((1 << _HASH_BITS) - 1)
    return key ^ (key >> (_HASH_BITS // 2))


@compilable
def _number(chunks: KnownChunks, letters: LetterArray, start: int, end: int, key: int) -> int:
    """Return the number of a chunk, or -1."""
    slot = key & (len(chunks.slots) - 1)
    while chunks.slots[slot]:
        number = chunks.slots[slot] - 1
        if chunks.keys[number] == key and _is_same(chunks, number, letters, start, end):
            return int(number)
        slot = (slot + 1) & (len(chunks.slots) - 1)
    return -1


@compilable
def _is_same(chunks: KnownChunks, number: int, letters: LetterArray, start: int, end: int) -> bool:
    first = chunks.first_letters[number]
    if chunks.first_letters[number + 1] - first != end - start:
        return False
    for index in range(end - start):
        if chunks.letters[first + index] != letters[start + index]:
            return False
    return True


@compilable
def _write(chunks: KnownChunks, number: int, begin: int, tokens: TextTokens, n_tokens: int) -> int:
    for token in range(chunks.first_tokens[number], chunks.first_tokens[number + 1]):
        tokens.words[n_tokens] = chunks.words[token]
        tokens.starts[n_tokens] = chunks.starts[token] + begin
        n_tokens += 1
    return n_tokens
