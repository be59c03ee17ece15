"""What descan offers in Python: a corpus analyzed, a text explained, answers collected.

The command line calls these functions, so that both take the same options and refuse the same mistakes.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from descan.analysis import AnalyzeOptions, Cluster
from descan.analysis import analyze as analyze_corpus
from descan.analysis.explaining import Explanation, explain
from descan.analysis.results import Analysis, open_analysis
from descan.compare import CompareOptions, Support
from descan.corpus import ColumnNames, Corpus, read_corpus
from descan.embedding import DEFAULT_EMBEDDER
from descan.errors import OptionError, quoted
from descan.records import Mode
from descan.report.writing import ReportOptions

__all__ = ["Analysis", "Explanation", "analyze", "explain", "open_analysis", "read_corpus"]

Choice = TypeVar("Choice", bound=StrEnum)


def analyze(
    corpus: Corpus | Path | str,
    out: Path | str,
    *,
    text_column: str = "text",
    id_column: str = "item_id",
    gold_column: str = "gold",
    label_column: str = "label",
    model_column: str = "model",
    label_mode: Mode | str = Mode.CLASSIFY,
    support: Support | str = Support.STRICT,
    lenient_threshold: float = 0.25,
    confidence: float = 0.95,
    n_resamples: int = 10_000,
    seed: int = 0,
    human_readings: Path | str | None = None,
    contested_models: int | None = None,
    embedder: str = DEFAULT_EMBEDDER,
    report: bool = True,
    media: bool = True,
    map: bool = True,
    cases_per_cell: int = 25,
    n_jobs: int | None = None,
    cache: bool = True,
    scheduler: str | None = None,
    shared: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Analysis:
    """Compare descriptions with labels and gold, and write tables and a report.

    Args:
        corpus: A corpus, or the path or URL of a corpus folder or of one table of answers.
        out: Folder for the results: new, empty, or an earlier analysis, which is replaced.
        text_column: Column with the description; this and the next four are for a bare table.
        id_column: Column with the item.
        gold_column: Column with the gold category.
        label_column: Column with the classify answer.
        model_column: Column with the model.
        label_mode: Mode of the label: classify, classify6 or two_stage.
        support: When a description supports gold: if gold is its top category (strict), or has a score (lenient).
        lenient_threshold: Lowest score of gold that counts as support under the lenient rule, above 0 and at most 1.
        confidence: Confidence level of every interval, above 0 and below 1.
        n_resamples: Bootstrap resamples for an interval.
        seed: Seed of the random numbers; the same seed gives the same tables.
        human_readings: CSV or JSONL file with what people read in descriptions: item_id, model, read.
        contested_models: Number of models that must agree on another category to contest gold; None for the majority.
        embedder: Name or path of a sentence-transformers model for terms outside the lexicon, or `none`.
        report: Write the page, plots and maps.
        media: Show small pictures of items on the page.
        map: Map words and descriptions by meaning.
        cases_per_cell: Largest number of cases that the page shows for each cell of a table.
        n_jobs: Processes that read descriptions; None for one a processor, and fewer for a small corpus.
        cache: Use and fill the user's cache of earlier results.
        scheduler: Address of a Dask scheduler whose workers read, such as `tcp://10.0.0.1:8786`.
        shared: Folder, as path or URL, that this machine and all workers can write to; None for `out`.
        on_progress: Called from time to time with the bytes of the corpus that are done, and with all its bytes.

    Returns:
        The analysis; in a notebook it shows its verdicts.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If the corpus or the output folder is not allowed.
        SetupError: If a model for embedding is needed and cannot be loaded, or a cluster cannot be reached.
        WorkerError: If a worker ended before its work was done.
    """
    columns = ColumnNames(text_column, id_column, gold_column, label_column, model_column)
    options = AnalyzeOptions(
        embedder=embedder,
        compare=CompareOptions(
            label_mode=_choose(Mode, label_mode, "label_mode"),
            support=_choose(Support, support, "support"),
            lenient_threshold=lenient_threshold,
            confidence=confidence,
            n_resamples=n_resamples,
            seed=seed,
            human_readings=None if human_readings is None else Path(human_readings),
            contested_models=contested_models,
        ),
        report=ReportOptions(cases_per_cell=cases_per_cell, has_media=media, has_map=map) if report else None,
        n_jobs=n_jobs,
        has_cache=cache,
        cluster=_cluster(scheduler, shared, n_jobs),
    )
    found = corpus if isinstance(corpus, Corpus) else read_corpus(corpus, columns=columns)
    n_bytes = found.n_bytes

    def advance(done: int) -> None:
        if on_progress is not None:
            on_progress(done, n_bytes)

    return analyze_corpus(found, out, options, advance)


def _cluster(scheduler: str | None, shared: str | None, n_jobs: int | None) -> Cluster | None:
    if scheduler is None:
        if shared is not None:
            raise OptionError("shared", "is for the workers of a cluster; name its scheduler, too")
        return None
    if n_jobs is not None:
        raise OptionError("n_jobs", "is for this machine; leave it out, for the workers of the cluster read")
    return Cluster(scheduler, shared)


def _choose(kind: type[Choice], name: str, option: str) -> Choice:
    try:
        return kind(name)
    except ValueError:
        raise OptionError(option, f"must be one of {', '.join(kind)}, not {quoted(name)}") from None
