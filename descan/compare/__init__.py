"""Compares what models described with how they labelled, and both with gold: files in, files out."""

from descan.compare.compare_options import CompareOptions, Support
from descan.compare.comparison import compare
from descan.compare.misreading import load_human_readings

__all__ = ["CompareOptions", "Support", "compare", "load_human_readings"]
