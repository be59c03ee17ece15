"""Corpora in and out of files: items with their gold, and the answers of models."""

from descan.corpus.answer_keys import AnswerKeys
from descan.corpus.blocks import AnswerFormat, BlockAnswers, read_block
from descan.corpus.folder import read_corpus
from descan.corpus.model import Corpus
from descan.corpus.parts import Block, ColumnNames

__all__ = [
    "AnswerFormat",
    "AnswerKeys",
    "Block",
    "BlockAnswers",
    "ColumnNames",
    "Corpus",
    "read_block",
    "read_corpus",
]
