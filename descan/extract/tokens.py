"""The tokens of some texts in one row, so that what is asked of every token is asked of all at once."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from spacy.attrs import IDX, LENGTH, ORTH
from spacy.tokens import Doc
from spacy.vocab import Vocab

from descan.extract.clause import Clause
from descan.extract.phrases import Hit, PhraseTable
from descan.extract.sentences import BOUNDARIES, sentences
from descan.extract.vocabulary import Vocabulary
from descan.extract.words import CAPITAL, WORDLESS, Shape, WordCodes

_COLUMNS = [ORTH, IDX, LENGTH]


class Tokens(NamedTuple):
    """The tokens of some texts in one row, with a line break behind each text.

    Attributes:
        bounds: The first token of each text, and the line break behind its last.
        n_words: How many tokens of each text have a letter or digit.
        codes: The code of each token.
        roles: The roles of each token.
        starts: Where each token starts in its text.
        ends: Where each token ends in its text.
        boundaries: Tokens that can end a sentence.
        capitals: Tokens that the lexicon does not have and that begin with a capital.
        places: Tokens at which phrases begin, once for each phrase.
        hits: What these phrases are.
    """

    bounds: list[tuple[int, int]]
    n_words: list[int]
    codes: list[int]
    roles: list[int]
    starts: list[int]
    ends: list[int]
    boundaries: list[int]
    capitals: list[int]
    places: list[int]
    hits: list[Hit]

    def clauses(self, first: int, last: int) -> Iterator[Clause]:
        """Give the sentences of a text.

        Args:
            first: The first token of the text.
            last: The token behind its last.
        """
        places, hits = self.places, self.hits
        behind = bisect_left(places, first)
        for start, end in sentences(self.codes, within(self.boundaries, first, last), first, last):
            begin, behind = behind, bisect_left(places, end, behind)
            yield Clause(self.codes, self.roles, start, end, zip(places[begin:behind], hits[begin:behind], strict=True))


class Words:
    """The tokens of one text, cut out when asked for.

    Attributes:
        first: Its first token.
        last: The token behind its last.
        codes: The code of each token.
        starts: Where each token starts in its text.
        ends: Where each token ends in its text.
    """

    __slots__ = ("_text", "codes", "ends", "first", "last", "starts")

    def __init__(self, text: str, tokens: Tokens, first: int, last: int) -> None:
        """Take a text and its tokens."""
        self._text = text
        self.first = first
        self.last = last
        self.codes = tokens.codes
        self.starts = tokens.starts
        self.ends = tokens.ends

    def __getitem__(self, index: int) -> str:
        """Give a token's letters."""
        return self._text[self.starts[index] : self.ends[index]]

    def between(self, start: int, end: int) -> str:
        """Give the text of the tokens from `start` to before `end`."""
        return self._text[self.starts[start] : self.ends[end - 1]]


class TokenReader:
    """Reads the tokens of documents; built once for a vocabulary, when this is complete."""

    def __init__(self, vocabulary: Vocabulary, vocab: Vocab, feeling_endings: tuple[str, ...]) -> None:
        """Put what is known of each code into arrays."""
        self._code_of = WordCodes(vocab, vocabulary.codes, feeling_endings)
        self._phrases = PhraseTable(vocabulary)
        codes = np.arange(len(vocabulary.roles))
        self._roles = np.array(vocabulary.roles)
        self._is_boundary = np.isin(codes, BOUNDARIES)
        marks = [code for word, code in vocabulary.codes.items() if not any(map(str.isalnum, word))]
        self._is_word = ~np.isin(codes, [*WORDLESS, *marks])
        self._line_break = np.array([[vocab.strings.add("\n"), 0, 0]], dtype=np.uint64)

    def read(self, docs: Sequence[Doc]) -> Tokens:
        """Give the tokens of the documents."""
        tables = []
        for doc in docs:
            tables += [doc.to_array(_COLUMNS), self._line_break]
        words = np.concatenate(tables)
        marked = np.fromiter(map(self._code_of.__getitem__, words[:, 0].tolist()), np.int64, len(words))
        codes = marked & (CAPITAL - 1)
        lasts = np.cumsum([len(doc) + 1 for doc in docs]) - 1
        firsts = [0, *(lasts[:-1] + 1).tolist()]
        places, hits = self._phrases.find(codes)
        return Tokens(
            bounds=list(zip(firsts, lasts.tolist(), strict=True)),
            n_words=np.add.reduceat(self._is_word[codes], firsts, dtype=np.int64).tolist(),
            codes=codes.tolist(),
            roles=self._roles[codes].tolist(),
            starts=words[:, 1].tolist(),
            ends=(words[:, 1] + words[:, 2]).tolist(),
            boundaries=np.flatnonzero(self._is_boundary[codes]).tolist(),
            capitals=np.flatnonzero((marked >= CAPITAL) & (codes <= Shape.OTHER)).tolist(),
            places=places,
            hits=hits,
        )


def within(places: list[int], first: int, last: int) -> list[int]:
    """Give the places from `first` to before `last`."""
    return places[bisect_left(places, first) : bisect_left(places, last)]
