"""Corpora in and out of files: items with their gold, and the answers of models."""

from descan.corpus.folder import read_corpus
from descan.corpus.model import Corpus
from descan.corpus.rows import ColumnNames

__all__ = ["ColumnNames", "Corpus", "read_corpus"]
