"""From descriptions to extractions: tokens, mentions, refusal, names."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from descan.columns import BoolArray, Extractions, MentionColumns
from descan.extract.clause import IntArray
from descan.extract.grammar import compile_grammar
from descan.extract.mentions import MentionMaker
from descan.extract.names import NameFinder
from descan.extract.parsing import (
    N_ROWS,
    ROW_DEGREE,
    ROW_END,
    ROW_ENTRY,
    ROW_HEDGE_END,
    ROW_HEDGE_START,
    ROW_IS_ACTION,
    ROW_IS_CONCLUSION,
    ROW_IS_OF_SCENE,
    ROW_NAME,
    ROW_NEGATION_END,
    ROW_NEGATION_START,
    ROW_SIDE,
    ROW_START,
    ROW_TEXT,
    Row,
    Tables,
    compile_parser,
)
from descan.extract.phrases import compile_phrases, faces_of
from descan.extract.raw import repaired
from descan.extract.refusals import RefusalFinder
from descan.extract.tokens import TokenReader, Tokens, Words
from descan.extract.vocabulary import compile_vocabulary
from descan.extract.workspace import make_workspace
from descan.lexicon import inventory_of, load_lexicon
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
        faces, inventory = faces_of(vocabulary), inventory_of(lexicon)
        grammar = compile_grammar(lexicon, vocabulary, faces, inventory)
        self._tables = Tables(np.array(vocabulary.roles), compile_phrases(vocabulary, faces, inventory.terms), grammar)
        self._parse = compile_parser()
        self._work = make_workspace()
        self._reader = TokenReader(vocabulary, tokenizer, tuple(lexicon.term_rules.feeling_endings))
        self._mentions = MentionMaker(inventory)
        self._names = NameFinder(lexicon)
        self._refusals = RefusalFinder(lexicon)

    def extract(self, texts: Sequence[str]) -> Extractions:
        """Find the mentions, names and refusal of each description; together they cost less."""
        if not texts:
            nothing = np.zeros(0, dtype=np.int64)
            columns = _mention_columns(np.zeros((N_ROWS, 0), dtype=np.int64), texts)
            return Extractions(np.zeros(1, dtype=np.int64), columns, nothing, nothing == 1, [])
        return self._extract(self._reader.read(texts), texts)

    def records(self, texts: Sequence[str]) -> list[Extraction]:
        """Find the same as `extract`, as one record for each description."""
        return self._mentions.make(self.extract(texts))

    def record_of(self, doc: Doc) -> Extraction:
        """Find the mentions, names and refusal of a tokenized description."""
        [extraction] = self._mentions.make(self._extract(self._reader.read_doc(doc), [doc.text]))
        return extraction

    def _extract(self, tokens: Tokens, texts: Sequence[str]) -> Extractions:
        rows = self._rows(tokens.row)
        return Extractions(
            bounds=rows[ROW_TEXT].searchsorted(np.arange(len(texts) + 1)),
            mentions=_mention_columns(rows, texts),
            n_words=tokens.n_words,
            refused=self._refused(rows, texts),
            named=self._named(tokens, texts),
        )

    def _refused(self, rows: IntArray, texts: Sequence[str]) -> BoolArray:
        """Tell of each text whether it declines to describe, and says nothing that it does not deny."""
        n_asserted = np.bincount(rows[ROW_TEXT][rows[ROW_NEGATION_END] == 0], minlength=len(texts))
        refused = np.zeros(len(texts), dtype=np.bool_)
        for place in np.flatnonzero(n_asserted == 0).tolist():
            refused[place] = self._refusals.declines(texts[place])
        return refused

    def _named(self, tokens: Tokens, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """Give the names in each text."""
        row = tokens.row
        named: list[tuple[str, ...]] = [()] * len(texts)
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


def _mention_columns(rows: IntArray, texts: Sequence[str]) -> MentionColumns:
    owners = rows[ROW_TEXT].tolist()
    spans = zip(owners, rows[ROW_START].tolist(), rows[ROW_END].tolist(), strict=True)
    return MentionColumns(
        is_action=rows[ROW_IS_ACTION] == 1,
        name=rows[ROW_NAME],
        entry=rows[ROW_ENTRY],
        start=rows[ROW_START],
        end=rows[ROW_END],
        degree=rows[ROW_DEGREE],
        side=rows[ROW_SIDE],
        is_of_scene=rows[ROW_IS_OF_SCENE] == 1,
        is_conclusion=rows[ROW_IS_CONCLUSION] == 1,
        text=_strings([texts[text][start:end] for text, start, end in spans]),
        negation_cue=_cues(rows[[ROW_TEXT, ROW_NEGATION_START, ROW_NEGATION_END]], texts),
        hedge_cue=_cues(rows[[ROW_TEXT, ROW_HEDGE_START, ROW_HEDGE_END]], texts),
    )


def _cues(spans: IntArray, texts: Sequence[str]) -> pa.StringArray:
    """Give the words of cues, most of which are not there and end at 0."""
    cues = [""] * spans.shape[1]
    places = np.flatnonzero(spans[2])
    for place, (text, start, end) in zip(places.tolist(), spans[:, places].T.tolist(), strict=True):
        cues[place] = texts[text][start:end]
    return _strings(cues)


def _strings(values: Sequence[str]) -> pa.StringArray:
    try:
        return pa.array(values, type=pa.string())
    except UnicodeEncodeError:
        return pa.array(map(repaired, values), type=pa.string())
