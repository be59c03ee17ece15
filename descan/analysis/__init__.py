"""`descan analyze`: the stages extract, categorize, compare and report over one corpus."""

from descan.analysis.analyzing import analyze
from descan.analysis.options import AnalyzeOptions, Cluster

__all__ = ["AnalyzeOptions", "Cluster", "analyze"]
