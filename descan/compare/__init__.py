"""Compares what models described with how they labelled, and both with gold: files in, files out."""

from descan.compare.compare_options import CompareOptions, Support
from descan.compare.comparison import OPTIONAL_FILES, compare

__all__ = ["OPTIONAL_FILES", "CompareOptions", "Support", "compare"]
