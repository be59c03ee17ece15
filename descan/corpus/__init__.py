"""Corpora in and out of files: items with their gold, and the answers of models."""

from descan.corpus.blocks import AnswerFormat, BlockAnswers, KeyArray, load_block
from descan.corpus.corpus import Corpus
from descan.corpus.duplicates import AnswerKeys
from descan.corpus.folder import read_corpus
from descan.corpus.formats import Block, ColumnNames

__all__ = [
    "AnswerFormat",
    "AnswerKeys",
    "Block",
    "BlockAnswers",
    "ColumnNames",
    "Corpus",
    "KeyArray",
    "load_block",
    "read_corpus",
]
