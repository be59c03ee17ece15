"""Compares what models described with how they labelled, and both with gold: files in, files out."""

from descan.compare.compare_options import CompareOptions, Support
from descan.compare.comparison import compare

__all__ = ["CompareOptions", "Support", "compare"]
