"""`descan analyze`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from descan.errors import InputError

if TYPE_CHECKING:
    from descan.analysis import Cluster

Choice = TypeVar("Choice", bound=StrEnum)


def analyze_command(
    corpus: Annotated[
        str, typer.Argument(help="A corpus folder, or one CSV, JSONL or Parquet file of answers; a path or URL.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the results; new, empty, or an earlier analysis.")],
    text_column: Annotated[str, typer.Option(help="Of a bare file: the description.")] = "text",
    id_column: Annotated[str, typer.Option(help="Of a bare file: the item.")] = "item_id",
    gold_column: Annotated[str, typer.Option(help="Of a bare file: the gold category.")] = "gold",
    label_column: Annotated[str, typer.Option(help="Of a bare file: the classify answer.")] = "label",
    model_column: Annotated[str, typer.Option(help="Of a bare file: the model.")] = "model",
    label_mode: Annotated[str, typer.Option(help="Mode of the label: classify, classify6 or two_stage.")] = "classify",
    support: Annotated[
        str, typer.Option(help="A description supports gold when it is its top category (strict) or scores (lenient).")
    ] = "strict",
    lenient_threshold: Annotated[float, typer.Option(help="Least score of gold by the lenient rule, 0 to 1.")] = 0.25,
    confidence: Annotated[float, typer.Option(help="Of every interval, between 0 and 1.")] = 0.95,
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples of groups behind an interval.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Of the random numbers; same seed, same tables.")] = 0,
    human_readings: Annotated[
        Path | None, typer.Option(help="CSV or JSONL of what people read in descriptions: item_id, model, read.")
    ] = None,
    contested_models: Annotated[
        int | None, typer.Option(help="Models that must agree on another category to contest gold; default: most.")
    ] = None,
    embedder: Annotated[
        str, typer.Option(help="sentence-transformers name or path for terms outside the lexicon; none turns it off.")
    ] = "all-MiniLM-L6-v2",
    with_report: Annotated[bool, typer.Option("--report/--no-report", help="Write the page, plots and map.")] = True,
    with_media: Annotated[bool, typer.Option("--media/--no-media", help="Small pictures of items in the page.")] = True,
    with_map: Annotated[bool, typer.Option("--map/--no-map", help="Map words and descriptions by meaning.")] = True,
    cases_per_cell: Annotated[int, typer.Option(help="Cases in the page of each cell of a table, at most.")] = 25,
    jobs: Annotated[int | None, typer.Option(help="Processes that read descriptions; default: all processors.")] = None,
    with_cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Take what was extracted before from the user's cache.")
    ] = True,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Read on a Dask cluster, such as tcp://10.0.0.1:8786.")
    ] = None,
    shared: Annotated[
        str | None, typer.Option(metavar="URL", help="Folder that all its workers can write to; default: within --out.")
    ] = None,
) -> None:
    """Set descriptions beside labels and gold."""
    from rich.console import Console

    from descan.analysis import AnalyzeOptions, analyze
    from descan.compare import CompareOptions, Support
    from descan.corpus import ColumnNames, read_corpus
    from descan.records import Mode
    from descan.report.progress import progress_bar
    from descan.report.summary import print_summary
    from descan.report.writing import ReportOptions

    report = ReportOptions(cases_per_cell=cases_per_cell, has_media=with_media, has_map=with_map)
    columns = ColumnNames(text_column, id_column, gold_column, label_column, model_column)
    options = AnalyzeOptions(
        embedder=embedder,
        compare=CompareOptions(
            label_mode=_choice(Mode, label_mode, "--label-mode"),
            support=_choice(Support, support, "--support"),
            lenient_threshold=lenient_threshold,
            confidence=confidence,
            n_resamples=resamples,
            seed=seed,
            human_readings=human_readings,
            contested_models=contested_models,
        ),
        report=report if with_report else None,
        n_jobs=jobs,
        has_cache=with_cache,
        cluster=_cluster(scheduler, shared, jobs),
        has_spacy_alone=True,
    )
    source = read_corpus(corpus, columns=columns)
    with progress_bar(Console(stderr=True), "Reading descriptions", source.n_bytes, then="Comparing") as advance:
        analysis = analyze(source, out, options, advance)
    print_summary(out, analysis.run, Console())


def _cluster(scheduler: str | None, shared: str | None, jobs: int | None) -> "Cluster | None":
    from descan.analysis import Cluster

    if scheduler is None:
        if shared is not None:
            raise InputError(None, "--shared is for the workers of a cluster; name its scheduler with --scheduler")
        return None
    if jobs is not None:
        raise InputError(None, "--jobs is for this machine; with --scheduler the cluster's workers read")
    return Cluster(scheduler, shared)


def _choice(kind: type[Choice], name: str, option: str) -> Choice:
    try:
        return kind(name)
    except ValueError:
        allowed = ", ".join(str(choice) for choice in kind)
        raise InputError(None, f"{option} '{name}' is unknown; use one of {allowed}") from None
