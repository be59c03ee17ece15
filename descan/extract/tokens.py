"""Texts into rows of token codes for the engine."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from descan.extract.engine import ChunkMemory, Engine, IntArray, TextTokens, TokenRow
from descan.extract.engine.codes import Shape
from descan.extract.raw_text import make_tokenizable
from descan.extract.tokenizers import KeysAndStarts, Segmenter
from descan.extract.vocabulary import Vocabulary
from descan.extract.words import CAPITAL, LENGTH, WORDLESS, WordCodes
from descan.lexicon import FormFile

_LINE_BREAK: Final = "\n"
_LINE_BREAK_WORD: Final = int(Shape.NEWLINE) + (1 << LENGTH)
"""The code of a line break, as `WordCodes` has it."""


class Tokens(NamedTuple):
    """The tokens of some texts.

    Attributes:
        row: Their codes and places.
        n_words: How many tokens of each text have a letter or digit. Shape: (n_texts,).
        capitals: Tokens that can belong to a name, in order.
    """

    row: TokenRow
    n_words: IntArray
    capitals: IntArray


class Words:
    """The tokens of one text, cut out when they are asked for.

    Attributes:
        codes: The code of each token.
    """

    __slots__ = ("_ends", "_starts", "_text", "codes")

    def __init__(self, text: str, row: TokenRow, first: int, end: int) -> None:
        """Take a text and its tokens.

        Args:
            text: The text.
            row: Tokens of this and other texts.
            first: The first token of the text.
            end: The token after its last.
        """
        self._text = text
        self._starts: list[int] = row.starts[first:end].tolist()
        self._ends: list[int] = row.ends[first:end].tolist()
        self.codes: list[int] = row.codes[first:end].tolist()

    def __len__(self) -> int:
        """Return the number of tokens."""
        return len(self.codes)

    def __getitem__(self, index: int) -> str:
        """Return the letters of a token."""
        return self._text[self._starts[index] : self._ends[index]]

    def is_joined(self, index: int) -> bool:
        """Return whether a token stands right behind the one before it, without a space."""
        return 0 < index < len(self.codes) and self._starts[index] == self._ends[index - 1]

    def between(self, start: int, end: int) -> str:
        """Return the text of the tokens from `start` to before `end`."""
        return self._text[self._starts[start] : self._ends[end - 1]]


class TokenReader:
    """Makes token rows; built once for a complete vocabulary."""

    def __init__(self, vocabulary: Vocabulary, segmenter: Segmenter, forms: FormFile, engine: Engine) -> None:
        """Put what is known of each code into arrays.

        Args:
            vocabulary: Codes of the lexicon's words.
            segmenter: Cuts the texts.
            forms: What other words are by their form.
            engine: Once it is compiled, chunks of texts are remembered; as plain Python that would save nothing.
        """
        self._segmenter = segmenter
        self._codes = WordCodes(segmenter.token, vocabulary.codes, forms)
        self._engine = engine
        self._chunks = ChunkReader(segmenter, self._codes, engine)
        codes = np.arange(len(vocabulary.roles))
        marks = [code for word, code in vocabulary.codes.items() if not any(map(str.isalnum, word))]
        self._is_word = ~np.isin(codes, [*WORDLESS, *marks])

    def read(self, texts: Sequence[str]) -> Tokens:
        """Return the tokens of one or more texts."""
        if self._engine.is_compiled and self._segmenter.cuts_at_spaces:
            return self._tokens(self._chunks.read(texts))
        return self.read_segments(texts, self._segmenter.segment(texts))

    def read_segments(self, texts: Sequence[str], segments: Iterable[KeysAndStarts]) -> Tokens:
        """Return the tokens of one or more texts that are cut already."""
        words: list[int] = []
        starts: list[int] = []
        lasts: list[int] = []
        for text, (keys, places) in zip(texts, segments, strict=True):
            words += [self._codes[key] for key in keys]
            starts += places
            lasts.append(len(words))
            words.append(_LINE_BREAK_WORD)
            starts.append(len(text))
        columns = (np.array(column, dtype=np.int64) for column in (words, starts, lasts))
        return self._tokens(TextTokens(*columns))

    def _tokens(self, tokens: TextTokens) -> Tokens:
        words, starts, lasts = tokens
        firsts = np.append(0, lasts[:-1] + 1)
        codes = words & (CAPITAL - 1)
        return Tokens(
            row=TokenRow(codes, starts, starts + (words >> LENGTH), firsts, lasts),
            n_words=np.add.reduceat(self._is_word[codes], firsts, dtype=np.int64),
            capitals=np.flatnonzero(words & CAPITAL),
        )


class ChunkReader:
    """Returns the tokens of texts, and segments each chunk only once."""

    def __init__(self, segmenter: Segmenter, codes: WordCodes, engine: Engine) -> None:
        """Begin with nothing remembered.

        Args:
            segmenter: One that cuts at spaces.
            codes: Of its tokens.
            engine: Finds the chunks.
        """
        self._segmenter = segmenter
        self._codes = codes
        self._engine = engine
        self._memory = ChunkMemory(_LINE_BREAK, _LINE_BREAK_WORD)

    @property
    def is_full(self) -> bool:
        """Whether all chunks are forgotten when the next texts are read."""
        return self._memory.is_full

    def read(self, texts: Sequence[str]) -> TextTokens:
        """Return the tokens of one or more texts."""
        if self._memory.is_full:
            self._memory = ChunkMemory(_LINE_BREAK, _LINE_BREAK_WORD)
        row = "".join(texts)
        ends = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)).cumsum()
        room = np.empty((2, len(row) + len(texts)), dtype=np.int64)
        unknown = np.empty((3, len(row) + 1), dtype=np.int64)
        while True:
            letters = np.frombuffer(row.encode("utf-32-le", "surrogatepass"), dtype=np.int32)
            tokens = TextTokens(room[0], room[1], np.empty_like(ends))
            n_tokens, n_unknown = self._engine.functions.find_chunks(self._memory.known, letters, ends, tokens, unknown)
            if not n_unknown:
                return TextTokens(room[0, :n_tokens], room[1, :n_tokens], tokens.lasts)
            chunks = {row[start:end]: key for start, end, key in unknown[:, :n_unknown].T.tolist()}
            if all(make_tokenizable(chunk) == chunk for chunk in chunks):
                self._learn(chunks)
            else:
                row = "".join(map(make_tokenizable, texts))

    def _learn(self, chunks: Mapping[str, int]) -> None:
        for (chunk, key), (keys, starts) in zip(chunks.items(), self._segmenter.segment(chunks), strict=True):
            self._memory.add(chunk, key, [self._codes[word] for word in keys], starts)
