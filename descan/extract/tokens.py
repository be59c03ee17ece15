"""The tokens of some texts in one row, so that what is asked of every token is asked of all at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from descan.extract.chunks import ChunkReader, TextTokens
from descan.extract.clause import IntArray
from descan.extract.parsing import Row, make_row
from descan.extract.vocabulary import Vocabulary
from descan.extract.words import CAPITAL, LENGTH, WORDLESS, Shape, WordCodes


class Tokens(NamedTuple):
    """The tokens of some texts.

    Attributes:
        row: Their codes and places.
        n_words: How many tokens of each text have a letter or digit. Shape: (n_texts,).
        capitals: Tokens that the lexicon does not have and that begin with a capital, in order.
    """

    row: Row
    n_words: IntArray
    capitals: IntArray


class Words:
    """The tokens of one text, cut out when asked for.

    Attributes:
        codes: The code of each token.
    """

    __slots__ = ("_ends", "_starts", "_text", "codes")

    def __init__(self, text: str, row: Row, first: int, last: int) -> None:
        """Take a text and its tokens.

        Args:
            text: The text.
            row: Tokens of this and other texts.
            first: The first token of the text.
            last: The token behind its last.
        """
        self._text = text
        self._starts: list[int] = row.starts[first:last].tolist()
        self._ends: list[int] = row.ends[first:last].tolist()
        self.codes: list[int] = row.codes[first:last].tolist()

    def __len__(self) -> int:
        """Give the number of tokens."""
        return len(self.codes)

    def __getitem__(self, index: int) -> str:
        """Give a token's letters."""
        return self._text[self._starts[index] : self._ends[index]]

    def between(self, start: int, end: int) -> str:
        """Give the text of the tokens from `start` to before `end`."""
        return self._text[self._starts[start] : self._ends[end - 1]]


class TokenReader:
    """Tokenizes and reads the tokens; built once for a vocabulary, when this is complete."""

    def __init__(self, vocabulary: Vocabulary, tokenizer: Tokenizer, feeling_endings: tuple[str, ...]) -> None:
        """Put what is known of each code into arrays."""
        self._chunks = ChunkReader(tokenizer, WordCodes(tokenizer.vocab, vocabulary.codes, feeling_endings))
        codes = np.arange(len(vocabulary.roles))
        marks = [code for word, code in vocabulary.codes.items() if not any(map(str.isalnum, word))]
        self._is_word = ~np.isin(codes, [*WORDLESS, *marks])

    def read(self, texts: Sequence[str]) -> Tokens:
        """Tokenize one or more texts and give their tokens."""
        return self._read(self._chunks.read(texts))

    def read_doc(self, doc: Doc) -> Tokens:
        """Give the tokens of a document."""
        return self._read(self._chunks.read_doc(doc))

    def _read(self, tokens: TextTokens) -> Tokens:
        words, starts, lasts = tokens
        firsts = np.append(0, lasts[:-1] + 1)
        codes = words & (CAPITAL - 1)
        return Tokens(
            row=make_row(codes, starts, starts + (words >> LENGTH), firsts, lasts),
            n_words=np.add.reduceat(self._is_word[codes], firsts, dtype=np.int64),
            capitals=np.flatnonzero((words & CAPITAL != 0) & (codes <= Shape.OTHER)),
        )
