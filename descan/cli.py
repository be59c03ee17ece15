"""The command line: one function a command."""

import gc
import io
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from descan.errors import DescanError, InputError

if TYPE_CHECKING:
    from descan.analysis import Cluster

Choice = TypeVar("Choice", bound=StrEnum)

INTERRUPTED = 130
"""Exit code of a command that Ctrl-C ended."""

_GC_OBJECTS = 50_000
"""New objects between two searches for garbage: imports make a million that stay, and each search walks them again."""

app = typer.Typer(
    name="descan",
    help="Tell whether a vision-language model failed to see a facial expression, or saw it and labelled it wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def descan(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)] = False,
) -> None:
    """Say the version where only that was asked for."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"descan {version_of('descan')}")
        raise typer.Exit


@app.command("analyze")
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


@app.command("report")
def report_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of an analysis.")],
    corpus: Annotated[Path | None, typer.Option(help="Folder of the corpus, for small pictures of its items.")] = None,
    with_media: Annotated[bool, typer.Option("--media/--no-media", help="Small pictures of items in the page.")] = True,
    with_map: Annotated[bool, typer.Option("--map/--no-map", help="Map words and descriptions by meaning.")] = True,
    cases_per_cell: Annotated[int, typer.Option(help="Cases in the page of each cell of a table, at most.")] = 25,
    seed: Annotated[int | None, typer.Option(help="Of the cases drawn and the map; default: the analysis's.")] = None,
) -> None:
    """Write page, plots and map of an analysis again."""
    from descan.report.writing import PAGE_FILE, ReportOptions, rewrite_report

    options = ReportOptions(cases_per_cell, seed, with_media, corpus, with_map)
    rewrite_report(folder, options)
    from descan.terminal import plain

    typer.echo(f"Report: {plain(str(folder / PAGE_FILE))}")


@app.command("collect")
def collect_command(
    source: Annotated[
        Path | None, typer.Argument(help="A folder with one subfolder a class, a manifest, or a corpus to complete.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the corpus; new, or one to go on with.")] = None,
    run_file: Annotated[
        Path | None, typer.Option("--run", help="A TOML file that describes the run; options come before it.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="PROVIDER:NAME", help="Such as gemini:gemini-2.5-flash; repeatable."),
    ] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option("--mode", metavar="MODE", help="describe, classify, classify6 or two_stage; repeatable."),
    ] = None,
    prompt: Annotated[
        list[str] | None,
        typer.Option("--prompt", metavar="MODE=FILE", help="Ask with the words of a file; repeatable."),
    ] = None,
    alias: Annotated[
        list[str] | None, typer.Option("--alias", metavar="CLASS=CATEGORY", help="What a class name means; repeatable.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="[MODEL.]KEY=VALUE", help="A setting of all models, or of one; repeatable."),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Items of the sample; of each class with --per-class.")] = None,
    per_class: Annotated[bool | None, typer.Option("--per-class/--no-per-class", help="Balance the sample.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the sample and the order of sending.")] = None,
    repeats: Annotated[int | None, typer.Option(help="How often each question is asked.")] = None,
    crop: Annotated[bool | None, typer.Option("--crop/--no-crop", help="Send a crop of the face, too.")] = None,
    crop_margin: Annotated[float | None, typer.Option(help="Around the face, as a share of its side.")] = None,
    group_pattern: Annotated[str | None, typer.Option(help="Expression that finds an item's group in its id.")] = None,
    allow_outside: Annotated[
        bool | None, typer.Option("--allow-outside/--no-allow-outside", help="Take media outside of the source, too.")
    ] = None,
    max_side: Annotated[int | None, typer.Option(help="Longest side of a picture that is sent, in pixels.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Requests at once to each model.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="US dollars that this call may spend.")] = None,
    max_requests: Annotated[int | None, typer.Option(help="Requests that this call may send.")] = None,
    raw: Annotated[bool | None, typer.Option("--raw/--no-raw", help="Keep raw bodies.")] = None,
    batch: Annotated[bool | None, typer.Option("--batch/--no-batch", help="OpenAI's batches, at half price.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; send and write nothing.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Ask again what failed for good.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the latest run into --out.")] = False,
) -> None:
    """Ask models about pictures and clips, and keep every answer."""
    from rich.console import Console

    from descan.collect.collecting import collect
    from descan.collect.display import Display
    from descan.collect.run import find_run_file, read_pairs, read_run

    given = {
        "source": source,
        "out": out,
        "models": model,
        "modes": mode,
        "prompts": read_pairs("--prompt", prompt, Path),
        "aliases": read_pairs("--alias", alias, str),
        "limit": limit,
        "per_class": per_class,
        "seed": seed,
        "repeats": repeats,
        "crop": crop,
        "crop_margin": crop_margin,
        "group_pattern": group_pattern,
        "allow_outside": allow_outside,
        "max_cost": max_cost,
        "max_requests": max_requests,
        "raw": raw,
        "batch": batch,
    }
    options = {name: value for name, value in given.items() if value not in (None, [], {})}
    sets = [f"{key}={value}" for key, value in (("max_side", max_side), ("concurrency", concurrency)) if value]
    run = read_run(find_run_file(run_file, out) if resume else run_file, options, [*sets, *(settings or [])])
    display = Display(Console(), Console(stderr=True))
    result = collect(run, display, is_dry=dry_run, retries_failed=retry_failed)
    if result is not None:
        display.show_end(result.progress, run.out)
        if told := result.tell(run.out):
            _complain(told)
        raise typer.Exit(result.exit_code)


@app.command("explain")
def explain_command(
    text: Annotated[str, typer.Argument(help="A description; - or nothing reads standard input.")] = "-",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    language: Annotated[str, typer.Option(help="Language of the text.")] = "en",
    embedder: Annotated[
        str, typer.Option(help="sentence-transformers name or path for terms outside the lexicon; none turns it off.")
    ] = "all-MiniLM-L6-v2",
) -> None:
    """Show what a text mentions, by which rule."""
    from rich.console import Console

    from descan.light_imports import import_spacy_alone

    import_spacy_alone()
    from descan.analysis.explaining import explain
    from descan.report.explanation import explanation_record, print_explanation

    if text == "-":
        text = _standard_input()
    _check_unicode(text)
    if not text.strip():
        raise InputError(None, 'there is no text; use descan explain "TEXT", or pipe one in')
    extraction, reading = explain(text, language=language, embedder=embedder)
    if as_json:
        import json

        typer.echo(json.dumps(explanation_record(text, extraction, reading), ensure_ascii=True, indent=2))
    else:
        print_explanation(text, extraction, reading, Console(highlight=False))


def main() -> None:
    """Run the command line; an error that descan knows is one line and exit code 1."""
    signal.signal(signal.SIGTERM, _end_cleanly)
    gc.set_threshold(_GC_OBJECTS)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
        sys.stdout.flush()
    except DescanError as error:
        _complain(str(error))
        sys.exit(1)
    except OSError as error:
        print(f"descan: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        _say_interrupted()
        sys.exit(INTERRUPTED)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:  # Typer turns Ctrl-C into this, without a word.
            _say_interrupted()
        raise


def _complain(problem: str) -> None:
    from descan.terminal import plain

    print(f"descan: {plain(problem)}", file=sys.stderr)


def _end_cleanly(number: int, frame: object) -> None:  # noqa: ARG001 (the system gives both)
    sys.exit(128 + number)


def _say_interrupted() -> None:
    print("descan: interrupted; nothing half-written is left", file=sys.stderr)


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


def _standard_input() -> str:
    if sys.stdin is None:
        raise InputError(None, 'there is no standard input; use descan explain "TEXT"')
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("standard input", f"is not UTF-8 at byte {error.start}; UTF-8 is expected") from error


def _check_unicode(text: str) -> None:
    """Refuse an argument with bytes that are not UTF-8, which Python passes on as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(None, f"the text is not UTF-8 at character {error.start}; UTF-8 is expected") from error
