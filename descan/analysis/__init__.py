"""`descan analyze`: the stages extract, categorize, compare and report over one corpus.

Whoever imports another module of this package does not wait for all the stages.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from descan.analysis.analyzing import analyze
    from descan.analysis.options import AnalyzeOptions, Cluster

__all__ = ["AnalyzeOptions", "Cluster", "analyze"]

_MODULES = {"AnalyzeOptions": "options", "Cluster": "options", "analyze": "analyzing"}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
