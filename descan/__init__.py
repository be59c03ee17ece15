"""descan: does a vision-language model fail to see an expression, or to label it?

    import descan

    analysis = descan.analyze("corpora/sample", "out/sample")
    analysis.table("scores")
    descan.explain("She is not smiling.").mentions[0].negation_cue  # 'not'

Importing descan is cheap: what a name needs is imported when it is first used.
"""

TYPE_CHECKING = False  # As typing has it, but importing typing takes most of the time.
if TYPE_CHECKING:
    from descan.analysis.comparing import compare_runs
    from descan.analysis.explaining import explain
    from descan.analysis.results import open_analysis
    from descan.api import analyze, collect
    from descan.corpus import read_corpus

    __version__: str

__all__ = ["__version__", "analyze", "collect", "compare_runs", "explain", "open_analysis", "read_corpus"]

_MODULES = {
    "analyze": "descan.api",
    "collect": "descan.api",
    "compare_runs": "descan.analysis.comparing",
    "explain": "descan.analysis.explaining",
    "open_analysis": "descan.analysis.results",
    "read_corpus": "descan.corpus",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    value: object
    if name == "__version__":
        value = import_module("importlib.metadata").version("descan")
    elif name in _MODULES:
        value = getattr(import_module(_MODULES[name]), name)
    else:
        raise AttributeError(f"module 'descan' has no attribute {name!r}; use one of {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
