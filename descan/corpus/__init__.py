"""Corpora in and out of files: items with their gold, and the answers of models."""

from descan.corpus.blocks import AnswerFormat, AnswerKeys, BlockAnswers, KeyArray, load_block
from descan.corpus.corpus import Corpus
from descan.corpus.folder import read_corpus
from descan.corpus.formats import Block, ColumnNames
from descan.corpus.spellings import CategoryNames
from descan.corpus.tables import TableOptions

__all__ = [
    "AnswerFormat",
    "AnswerKeys",
    "Block",
    "BlockAnswers",
    "CategoryNames",
    "ColumnNames",
    "Corpus",
    "KeyArray",
    "TableOptions",
    "load_block",
    "read_corpus",
]
