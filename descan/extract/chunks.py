"""The tokens of texts, with those of each stretch between spaces remembered.

spaCy's tokenizer cuts a text at its spaces and looks at every stretch by itself; descriptions are made of few
stretches (6,000 different ones in 2,565 of them), so each is given to the tokenizer once.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from spacy.attrs import IDX, ORTH
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from descan.extract.clause import IntArray
from descan.extract.compiled import SOURCES, compiled_once
from descan.extract.raw import is_spaced, tokenizable
from descan.extract.words import WordCodes

MAX_TOKENS: Final = 1_000_000
"""Tokens of stretches that are remembered, at most some 200 MB and usually far less; then all are forgotten."""

_MAX_LENGTH = 60
"""Characters of a stretch that is remembered: a longer one will hardly come again."""

_COLUMNS = [ORTH, IDX]
_STRETCH = re.compile(r"\s+|\S+")
_LINE_BREAK = "\n"


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

    def read(self, texts: Sequence[str]) -> TextTokens:
        """Give the tokens of one or more texts."""
        if self._chunks.n_tokens > MAX_TOKENS:
            self._chunks = _Chunks(self._tokenizer, self._codes)
        number = self._chunks.__getitem__
        line_break = number(_LINE_BREAK)
        numbers: list[int] = []
        behinds: list[int] = []
        odd_gaps: list[tuple[int, int]] = []
        for text in texts:
            if _is_single_spaced(text):
                numbers += map(number, text.split(" "))
            else:
                for gap, chunk in _chunks_of(tokenizable(text)):
                    odd_gaps.append((len(numbers), gap))
                    numbers.append(number(chunk))
            numbers.append(line_break)
            behinds.append(len(numbers))
        return self._chunks.tokens(np.array(numbers), np.array(behinds), odd_gaps)

    def read_doc(self, doc: Doc) -> TextTokens:
        """Give the tokens of a document."""
        words, starts = _tokens_of(doc, self._codes)
        line_break = self._codes[doc.vocab.strings.add(_LINE_BREAK)]
        return TextTokens(np.array([*words, line_break]), np.array([*starts, len(doc.text)]), np.array([len(words)]))


class _Chunks(dict[str, int]):
    """Stretches by number, and the tokens of each number; one that is asked for the first time is tokenized.

    Attributes:
        n_tokens: Tokens of all stretches.
    """

    def __init__(self, tokenizer: Tokenizer, codes: WordCodes) -> None:
        super().__init__()
        self._tokenizer = tokenizer
        self._codes = codes
        self._words: list[int] = []
        self._starts: list[int] = []
        self._firsts: list[int] = [0]
        self._lengths: list[int] = []
        self._arrays: tuple[IntArray, ...] = (np.zeros(0, dtype=np.int64),) * 4
        self._lay_out = _compile_layout()

    def __missing__(self, chunk: str) -> int:
        words, starts = _tokens_of(self._tokenizer(tokenizable(chunk)), self._codes)
        self._words += words
        self._starts += starts
        self._firsts.append(len(self._words))
        self._lengths.append(len(chunk))
        number = len(self._lengths) - 1
        if len(chunk) <= _MAX_LENGTH:
            self[chunk] = number
        return number

    @property
    def n_tokens(self) -> int:
        return len(self._words)

    def tokens(self, numbers: IntArray, behinds: IntArray, odd_gaps: Sequence[tuple[int, int]]) -> TextTokens:
        """Put tokens together.

        Args:
            numbers: Of the stretches of all texts, with a line break behind each text. Shape: (n_chunks,).
            behinds: The place behind the line break of each text. Shape: (n_texts,).
            odd_gaps: Places in `numbers`, and how many characters, not one, lie before the stretch there.
        """
        gaps = np.ones(len(numbers), dtype=np.int64)
        gaps[behinds[:-1]] = gaps[behinds - 1] = gaps[0] = 0
        for place, gap in odd_gaps:
            gaps[place] = gap
        words, starts, firsts, lengths = self._as_arrays()
        room = np.empty((2, int((firsts[numbers + 1] - firsts[numbers]).sum())), dtype=np.int64)
        tokens = TextTokens(room[0], room[1], np.empty_like(behinds))
        self._lay_out(_Remembered(words, starts, firsts, lengths), _Texts(numbers, gaps, behinds), tokens)
        return tokens

    def _as_arrays(self) -> tuple[IntArray, ...]:
        if len(self._arrays[3]) != len(self._lengths):
            lists = self._words, self._starts, self._firsts, self._lengths
            self._arrays = tuple(np.array(values, dtype=np.int64) for values in lists)
        return self._arrays


class _Remembered(NamedTuple):
    """The tokens of all stretches, where those of each begin, and the characters of each."""

    words: IntArray
    starts: IntArray
    firsts: IntArray
    lengths: IntArray


class _Texts(NamedTuple):
    """The stretches of some texts, the characters in none before each, and the place behind those of each text."""

    numbers: IntArray
    gaps: IntArray
    behinds: IntArray


def _compile_layout() -> Callable[[_Remembered, _Texts, TextTokens], None]:
    sources = SOURCES

    @compiled_once
    def lay_out(chunks: _Remembered, texts: _Texts, tokens: TextTokens) -> None:
        """Write the tokens of texts one behind the other."""
        if not sources:  # it never is: named for `compiled_once` to see
            return
        place = chunk = 0
        for text in range(len(texts.behinds)):
            begin = 0
            while chunk < texts.behinds[text]:
                number = texts.numbers[chunk]
                begin += texts.gaps[chunk]
                for token in range(chunks.firsts[number], chunks.firsts[number + 1]):
                    tokens.words[place] = chunks.words[token]
                    tokens.starts[place] = chunks.starts[token] + begin
                    place += 1
                begin += chunks.lengths[number]
                chunk += 1
            tokens.lasts[text] = place - 1

    return lay_out


def _is_single_spaced(text: str) -> bool:
    """Tell whether cutting the text at single spaces gives the stretches that the tokenizer looks at."""
    if not text or text[0].isspace() or text[-1].isspace() or "  " in text:
        return False
    return is_spaced(text)


def _chunks_of(text: str) -> Iterator[tuple[int, str]]:
    """Give stretches with the number of characters before each that are in none.

    The first space behind a word is in none; what else is blank is a stretch of its own.
    """
    gap = 0
    for match in _STRETCH.finditer(text):
        chunk = match[0]
        if match.start() and chunk[0] == " ":
            gap += 1
            chunk = chunk[1:]
        if chunk:
            yield gap, chunk
            gap = 0


def _tokens_of(doc: Doc, codes: WordCodes) -> tuple[list[int], list[int]]:
    hashes, starts = doc.to_array(_COLUMNS).T.tolist()
    return [codes[key] for key in hashes], starts
