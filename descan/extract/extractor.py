"""From descriptions to extractions: tokens, mentions, refusal, names."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from descan.extract.clause import IntArray
from descan.extract.grammar import compile_grammar, names_of
from descan.extract.mentions import MentionMaker
from descan.extract.names import NameFinder
from descan.extract.parsing import N_ROWS, ROW_NEGATION_END, ROW_TEXT, Row, Tables, compile_parser
from descan.extract.phrases import compile_phrases, faces_of
from descan.extract.refusals import RefusalFinder
from descan.extract.tokens import TokenReader, Tokens, Words
from descan.extract.vocabulary import compile_vocabulary
from descan.extract.workspace import make_workspace
from descan.lexicon import load_lexicon
from descan.records import Extraction

_TOKENS_PER_MENTION = 6
"""Fewer are rare: room for so many mentions is made at first."""


class Extractor:
    """Finds what descriptions mention; built once for a tokenizer and a language."""

    def __init__(self, tokenizer: Tokenizer, language: str) -> None:
        """Compile the lexicon.

        Raises:
            InputError: If there is no lexicon for the language.
        """
        lexicon = load_lexicon(language)
        vocabulary = compile_vocabulary(lexicon, tokenizer)
        faces, names = faces_of(vocabulary), names_of(lexicon)
        grammar = compile_grammar(lexicon, vocabulary, faces, names)
        self._tables = Tables(np.array(vocabulary.roles), compile_phrases(vocabulary, faces, names.terms), grammar)
        self._parse = compile_parser()
        self._work = make_workspace()
        self._reader = TokenReader(vocabulary, tokenizer, tuple(lexicon.term_rules.feeling_endings))
        self._mentions = MentionMaker(lexicon, names)
        self._names = NameFinder(lexicon)
        self._refusals = RefusalFinder(lexicon)

    def extract(self, texts: Sequence[str]) -> Iterator[Extraction]:
        """Find the mentions, names and refusal of each of one or more descriptions; together they cost less."""
        return self._extract(self._reader.read(texts), texts)

    def extract_doc(self, doc: Doc) -> Extraction:
        """Find the mentions, names and refusal of a tokenized description."""
        text = doc.text
        [extraction] = self._extract(self._reader.read_doc(doc), [text])
        return extraction

    def _extract(self, tokens: Tokens, texts: Sequence[str]) -> Iterator[Extraction]:
        rows = self._rows(tokens.row)
        mentions = self._mentions.make(rows, texts)
        bounds = rows[ROW_TEXT].searchsorted(np.arange(len(texts) + 1)).tolist()
        n_asserted = np.bincount(rows[ROW_TEXT][rows[ROW_NEGATION_END] == 0], minlength=len(texts)).tolist()
        named = self._named(tokens, texts)
        n_words = tokens.n_words.tolist()
        for place, (first, behind) in enumerate(pairwise(bounds)):
            is_refusal = not n_asserted[place] and self._refusals.declines(texts[place])
            yield Extraction(tuple(mentions[first:behind]), n_words[place], is_refusal, named.get(place, ()))

    def _named(self, tokens: Tokens, texts: Sequence[str]) -> dict[int, tuple[str, ...]]:
        """Give the names in each text that may have any."""
        row, named = tokens.row, {}
        owners = row.lasts.searchsorted(tokens.capitals)
        places, begins = np.unique(owners, return_index=True)
        for place, capitals in zip(places.tolist(), np.split(tokens.capitals, begins[1:]), strict=False):
            first = row.firsts[place]
            words = Words(texts[place], row, first, row.lasts[place])
            named[place] = self._names.find(words, (capitals - first).tolist())
        return named

    def _rows(self, row: Row) -> IntArray:
        """Give what is kept of each mention, as the parser says. Shape: (N_ROWS, n_mentions)."""
        room = len(row.codes) // _TOKENS_PER_MENTION + 1
        while True:
            rows = np.empty((N_ROWS, room), dtype=np.int64)
            n_mentions = self._parse(self._tables, row, self._work, rows)
            if n_mentions <= room:
                return rows[:, :n_mentions]
            room = n_mentions
