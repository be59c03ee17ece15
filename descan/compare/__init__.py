"""Compares what models described with how they labelled, and both with gold: files in, files out."""

from descan.compare.comparison import compare
from descan.compare.human_readings import read_human_readings
from descan.compare.options import CompareOptions, Support

__all__ = ["CompareOptions", "Support", "compare", "read_human_readings"]
