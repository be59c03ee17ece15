"""The tokens of texts, with those of each stretch between spaces remembered.

spaCy's tokenizer cuts a text at its spaces and looks at every stretch by itself; descriptions are made of few
stretches (6,000 different ones in 2,565 of them), so each is given to the tokenizer once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDX, ORTH
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from descan.extract.clause import IntArray
from descan.extract.compiled import SOURCES, compiled, compiled_once
from descan.extract.raw import tokenizable_row
from descan.extract.words import WordCodes

MAX_TOKENS: Final = 300_000
"""Tokens of stretches that are remembered, at most some 60 MB and usually far less; then all are forgotten."""

_MAX_LETTERS = 10 * MAX_TOKENS
"""Letters of stretches that are remembered."""

_COLUMNS = [ORTH, IDX]
_LINE_BREAK = "\n"

_SPACE: Final = 32
_LAST_ASCII: Final = 127
_HASH_FACTOR: Final = 1_000_003
_HASH_BITS: Final = 40
"""So that a hash times the factor fits 64 bits."""
_NO_KEY: Final = -1
"""Of the line break that is in no text."""


class TextTokens(NamedTuple):
    """The tokens of some texts in one row, with a line break behind each text.

    Attributes:
        words: What `WordCodes` gives for each token. Shape: (n_tokens,).
        starts: The character at which each begins in its text. Shape: (n_tokens,).
        lasts: The line break behind each text. Shape: (n_texts,).
    """

    words: IntArray
    starts: IntArray
    lasts: IntArray


class ChunkReader:
    """Gives the tokens that a tokenizer makes of texts."""

    def __init__(self, tokenizer: Tokenizer, codes: WordCodes) -> None:
        """Start with nothing remembered.

        Args:
            tokenizer: Of spaCy.
            codes: Gives the codes of its tokens.
        """
        self._tokenizer = tokenizer
        self._codes = codes
        self._chunks = _Chunks(tokenizer, codes)
        self._find = _compile_finder()

    def read(self, texts: Sequence[str]) -> TextTokens:
        """Give the tokens of one or more texts."""
        if self._chunks.is_full:
            self._chunks = _Chunks(self._tokenizer, self._codes)
        row = tokenizable_row(texts)
        letters = np.frombuffer(row.encode("utf-32-le"), dtype=np.int32)
        behinds = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)).cumsum()
        room = np.empty((2, len(row) + len(texts)), dtype=np.int64)
        unknown = np.empty((3, len(row) + 1), dtype=np.int64)
        while True:
            tokens = TextTokens(room[0], room[1], np.empty_like(behinds))
            n_tokens, n_unknown = self._find(self._chunks.arrays, letters, behinds, tokens, unknown)
            if not n_unknown:
                return TextTokens(room[0, :n_tokens], room[1, :n_tokens], tokens.lasts)
            stretches = unknown[:, :n_unknown].T.tolist()
            self._chunks.learn({row[start:end]: key for start, end, key in stretches})

    def read_doc(self, doc: Doc) -> TextTokens:
        """Give the tokens of a document."""
        words, starts = _tokens_of(doc, self._codes)
        line_break = self._codes[doc.vocab.strings.add(_LINE_BREAK)]
        return TextTokens(np.array([*words, line_break]), np.array([*starts, len(doc.text)]), np.array([len(words)]))


class _Remembered(NamedTuple):
    """Stretches, by number, and their tokens.

    Attributes:
        slots: A hash table: the number of a stretch plus 1, or 0. Shape: (a power of two,).
        keys: The hash of each stretch. Shape: (n_chunks,).
        letters: Those of all stretches. Shape: (n_letters,).
        first_letters: Where those of each begin, and end. Shape: (n_chunks + 1,).
        words: What `WordCodes` gives for the tokens of all stretches. Shape: (n_tokens,).
        starts: The letter of its stretch at which each token begins. Shape: (n_tokens,).
        first_tokens: Where the tokens of each stretch begin, and end. Shape: (n_chunks + 1,).
    """

    slots: IntArray
    keys: IntArray
    letters: IntArray
    first_letters: IntArray
    words: IntArray
    starts: IntArray
    first_tokens: IntArray


class _Chunks:
    """Learns the tokens of stretches; the line break that stands behind every text has number 0."""

    def __init__(self, tokenizer: Tokenizer, codes: WordCodes) -> None:
        self._tokenizer = tokenizer
        self._codes = codes
        self._slots = np.zeros(1 << 12, dtype=np.int64)
        self._keys = _Growing()
        self._letters = _Growing()
        self._first_letters = _Growing(0)
        self._words = _Growing()
        self._starts = _Growing()
        self._first_tokens = _Growing(0)
        self.learn({_LINE_BREAK: _NO_KEY})

    @property
    def is_full(self) -> bool:
        return self._words.size > MAX_TOKENS or self._letters.size > _MAX_LETTERS

    @property
    def arrays(self) -> _Remembered:
        return _Remembered(
            self._slots,
            self._keys.values,
            self._letters.values,
            self._first_letters.values,
            self._words.values,
            self._starts.values,
            self._first_tokens.values,
        )

    def learn(self, keys: Mapping[str, int]) -> None:
        """Tokenize stretches, each with its hash."""
        with _nothing_kept(self._tokenizer):
            for chunk, key in keys.items():
                words, starts = _tokens_of(self._tokenizer(chunk), self._codes)
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


@contextmanager
def _nothing_kept(tokenizer: Tokenizer) -> Iterator[None]:
    """Keep spaCy from remembering every word that it meets; what is to be remembered is here."""
    if tokenizer.vocab.in_memory_zone:  # Zones must not be nested.
        yield
        return
    with tokenizer.vocab.memory_zone():
        yield


class _Growing:
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


_Find = Callable[[_Remembered, NDArray[np.int32], IntArray, TextTokens, IntArray], tuple[int, int]]
"""Puts the tokens of texts one behind the other and gives their number, and how many stretches are not known:
`unknown` has the first letter of each, the letter behind it and its hash. Shape: (3, room)."""


def _compile_finder() -> _Find:
    sources = SOURCES

    @compiled_once
    def find(
        chunks: _Remembered, letters: NDArray[np.int32], behinds: IntArray, tokens: TextTokens, unknown: IntArray
    ) -> tuple[int, int]:
        if not sources:  # it never is: named for `compiled_once` to see
            return 0, 0
        return _find_chunks(chunks, letters, behinds, tokens, unknown)

    return find


@compiled
def _find_chunks(
    chunks: _Remembered, letters: NDArray[np.int32], behinds: IntArray, tokens: TextTokens, unknown: IntArray
) -> tuple[int, int]:
    n_tokens = n_unknown = first = 0
    for text in range(len(behinds)):
        start = end = first
        while start < behinds[text]:
            chunk_end = _chunk_end(letters, start, behinds[text])
            if letters[start] == _SPACE and start > first:
                start += 1  # The first space behind a word is in no stretch.
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
        first = behinds[text]
    return n_tokens, n_unknown


@compiled
def _chunk_end(letters: NDArray[np.int32], start: int, behind: int) -> int:
    """Give the letter at which a run of blanks, or of letters that are none, ends."""
    blank = is_blank(letters[start])
    end = start + 1
    while end < behind and is_blank(letters[end]) == blank:
        end += 1
    return end


@compiled
def is_blank(letter: int) -> bool:
    """Tell whether a letter is white space, as `str.isspace` does."""
    if letter <= _LAST_ASCII:
        return letter == _SPACE or 9 <= letter <= 13 or 28 <= letter <= 31
    if letter < 0x1680:
        return letter in (0x85, 0xA0)
    return letter == 0x1680 or 0x2000 <= letter <= 0x200A or letter in (0x2028, 0x2029, 0x202F, 0x205F, 0x3000)


@compiled
def _hash(letters: NDArray[np.int32], start: int, end: int) -> int:
    key = 0
    for index in range(start, end):
        key = (key * _HASH_FACTOR + int(letters[index])) & ((1 << _HASH_BITS) - 1)
    return key ^ (key >> (_HASH_BITS // 2))


@compiled
def _number(chunks: _Remembered, letters: NDArray[np.int32], start: int, end: int, key: int) -> int:
    """Give the number of a stretch, or -1."""
    slot = key & (len(chunks.slots) - 1)
    while chunks.slots[slot]:
        number = chunks.slots[slot] - 1
        if chunks.keys[number] == key and _is_same(chunks, number, letters, start, end):
            return int(number)
        slot = (slot + 1) & (len(chunks.slots) - 1)
    return -1


@compiled
def _is_same(chunks: _Remembered, number: int, letters: NDArray[np.int32], start: int, end: int) -> bool:
    first = chunks.first_letters[number]
    if chunks.first_letters[number + 1] - first != end - start:
        return False
    for index in range(end - start):
        if chunks.letters[first + index] != letters[start + index]:
            return False
    return True


@compiled
def _write(chunks: _Remembered, number: int, begin: int, tokens: TextTokens, n_tokens: int) -> int:
    for token in range(chunks.first_tokens[number], chunks.first_tokens[number + 1]):
        tokens.words[n_tokens] = chunks.words[token]
        tokens.starts[n_tokens] = chunks.starts[token] + begin
        n_tokens += 1
    return n_tokens


def _tokens_of(doc: Doc, codes: WordCodes) -> tuple[list[int], list[int]]:
    hashes, starts = doc.to_array(_COLUMNS).T.tolist()
    return [codes[key] for key in hashes], starts
