"""descan: does a vision-language model fail to see an expression, or to label it?

    import descan

    study = descan.analyze(frame, text="description", label="label", gold="emotion", model="model")
    study.verdicts
    study.figure("verdicts").save("verdicts.pdf")
    study.cases(verdict="seeing_failure").sample(10)

    descan.explain("She is not smiling.").mentions[0].negation_cue  # 'not'
    descan.extract(frame["description"])

Importing descan is cheap: what a name needs is imported when it is first used.
"""

TYPE_CHECKING = False  # As typing has it, but importing typing takes most of the time.
if TYPE_CHECKING:
    from descan.analysis.checking import CheckResult, Condition, check
    from descan.analysis.comparing import RunComparison, compare_runs
    from descan.analysis.explaining import Explanation, explain
    from descan.analysis.exporting import cite, export
    from descan.analysis.extracting import extract
    from descan.analysis.planning import power
    from descan.analysis.results import Analysis, open_analysis
    from descan.analysis.words import LexiconCheck, WordEntries, check_lexicon, find_word
    from descan.api import analyze, collect, collect_check, collect_status, judge, review
    from descan.corpus import read_corpus
    from descan.corpus.importing import (
        LogOptions,
        import_logs,
        read_gemini_batch,
        read_inspect,
        read_label_studio,
        read_llava,
        read_lmms_eval,
        read_logs,
        read_mer_factory,
        read_openai_batch,
        read_vlmevalkit,
    )
    from descan.corpus.sensors import import_witnesses

    __version__: str

__all__ = [  # noqa: RUF022 - the version comes first
    "__version__",
    "Analysis",
    "CheckResult",
    "Condition",
    "Explanation",
    "LexiconCheck",
    "LogOptions",
    "RunComparison",
    "WordEntries",
    "analyze",
    "check",
    "check_lexicon",
    "cite",
    "collect",
    "collect_check",
    "collect_status",
    "compare_runs",
    "explain",
    "export",
    "extract",
    "find_word",
    "import_logs",
    "import_witnesses",
    "judge",
    "open_analysis",
    "power",
    "read_corpus",
    "read_gemini_batch",
    "read_inspect",
    "read_label_studio",
    "read_llava",
    "read_lmms_eval",
    "read_logs",
    "read_mer_factory",
    "read_openai_batch",
    "read_vlmevalkit",
    "review",
]

_IMPORTING = "descan.corpus.importing"

_MODULES = {
    "Analysis": "descan.analysis.results",
    "CheckResult": "descan.analysis.checking",
    "Condition": "descan.analysis.checking",
    "Explanation": "descan.analysis.explaining",
    "LexiconCheck": "descan.analysis.words",
    "RunComparison": "descan.analysis.comparing",
    "WordEntries": "descan.analysis.words",
    "analyze": "descan.api",
    "check": "descan.analysis.checking",
    "check_lexicon": "descan.analysis.words",
    "cite": "descan.analysis.exporting",
    "collect": "descan.api",
    "collect_check": "descan.api",
    "collect_status": "descan.api",
    "compare_runs": "descan.analysis.comparing",
    "explain": "descan.analysis.explaining",
    "export": "descan.analysis.exporting",
    "extract": "descan.analysis.extracting",
    "find_word": "descan.analysis.words",
    "judge": "descan.api",
    "open_analysis": "descan.analysis.results",
    "power": "descan.analysis.planning",
    "read_corpus": "descan.corpus",
    "review": "descan.api",
    "LogOptions": _IMPORTING,
    "import_logs": _IMPORTING,
    "import_witnesses": "descan.corpus.sensors",
    "read_gemini_batch": _IMPORTING,
    "read_inspect": _IMPORTING,
    "read_label_studio": _IMPORTING,
    "read_llava": _IMPORTING,
    "read_lmms_eval": _IMPORTING,
    "read_logs": _IMPORTING,
    "read_mer_factory": _IMPORTING,
    "read_openai_batch": _IMPORTING,
    "read_vlmevalkit": _IMPORTING,
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
