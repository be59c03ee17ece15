"""`descan analyze`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from descan.cli.options import (
    CasesOption,
    CategoriesOption,
    EmbedderOption,
    JsonOption,
    LexiconOption,
    MapOption,
    MediaOption,
    PresentIntensityOption,
    PresentProbabilityOption,
    QuietOption,
    parse_pairs,
    print_json,
)
from descan.terminal import plain

if TYPE_CHECKING:
    from descan.analysis.results import Analysis


def analyze_command(
    corpus: Annotated[
        list[str],
        typer.Argument(
            help="A corpus folder, or tables of answers (CSV, Excel, JSON, Parquet): paths, URLs, - for standard "
            "input, or names like '{model}.csv'.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the results: new, empty, or an earlier analysis.")
    ],
    text_column: Annotated[str, typer.Option(help="Column of a table with the description.")] = "text",
    id_column: Annotated[str, typer.Option(help="Column of a table with the item.")] = "item_id",
    gold_column: Annotated[str, typer.Option(help="Column of a table with the gold category.")] = "gold",
    label_column: Annotated[str, typer.Option(help="Column of a table with the classify answer.")] = "label",
    model_column: Annotated[str, typer.Option(help="Column of a table with the model.")] = "model",
    annotator_columns: Annotated[
        str,
        typer.Option(
            help="Columns of a table with what each annotator chose as gold: names with commas between them, # for a "
            "number, * for anything.",
        ),
    ] = "gold_#",
    delimiter: Annotated[
        str | None,
        typer.Option(
            help="What parts the columns of a CSV file, such as ; or tab; default: found out.", metavar="CHAR"
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="Encoding of a CSV or JSON file, such as cp1252; default: found out.", metavar="NAME"),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Sheet of a spreadsheet; default: the only one with rows.", metavar="NAME")
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD=CATEGORY", help="What a word of gold or labels means, as in 0=Anger; repeatable."),
    ] = None,
    categories: CategoriesOption = None,
    drop_gold: Annotated[
        list[str] | None,
        typer.Option(metavar="CATEGORY", help="Leave out the items with this gold, as in Contempt; repeatable."),
    ] = None,
    lexicon: LexiconOption = None,
    witnesses: Annotated[
        list[Path] | None,
        typer.Option(
            help="File with the action units that faces show: item_id, witness, action_unit and present, intensity or "
            "probability; repeatable.",
        ),
    ] = None,
    present_intensity: PresentIntensityOption = 1.0,
    present_probability: PresentProbabilityOption = 0.5,
    seen_probability: Annotated[
        float, typer.Option(help="In mode decide, a model sees an action from this probability on.")
    ] = 0.5,
    witness_errors: Annotated[
        Path | None,
        typer.Option(
            help="File with how often witnesses err: witness, action, sensitivity, specificity, n_present, n_absent; "
            "'published' for errors from the literature."
        ),
    ] = None,
    coder: Annotated[
        str | None,
        typer.Option(
            metavar="WITNESS", help="The witness who counts as the truth about the others, where both tell of an item."
        ),
    ] = None,
    action_marks: Annotated[
        Path | None,
        typer.Option(
            help="File of the actions that people marked in descriptions: item_id, model, repeat, action and said "
            "(present, denied or absent)."
        ),
    ] = None,
    label_mode: Annotated[
        str, typer.Option(help="Mode of the label: classify, classify6, two_stage or decide.")
    ] = "classify",
    support: Annotated[
        str,
        typer.Option(
            help="A description supports gold if gold is its top category (strict) or scores enough (lenient)."
        ),
    ] = "strict",
    lenient_threshold: Annotated[
        float, typer.Option(help="Lowest score of gold that the lenient rule accepts, 0 to 1.")
    ] = 0.25,
    confidence: Annotated[float, typer.Option(help="Confidence level of every interval, 0.01 to 0.9999.")] = 0.95,
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples of groups for an interval.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the random numbers; the same seed gives the same tables.")] = 0,
    primary: Annotated[
        str | None,
        typer.Option(
            metavar="TEST",
            help="The primary endpoint, tested alone and without correction: seen_despite_label:MODEL, "
            "seeing_minus_labeling:MODEL, seen:MODEL, modes:MODEL or models:MODEL:MODEL.",
        ),
    ] = None,
    margin: Annotated[
        float, typer.Option(help="Differences below this share are of no importance, above 0 and at most 1.")
    ] = 0.05,
    min_coverage: Annotated[
        float,
        typer.Option(help="Where fewer of the items have an answer, accuracy is shown as its bounds, 0 to 1."),
    ] = 0.5,
    human_readings: Annotated[
        list[Path] | None,
        typer.Option(
            help="File with what people or judges read in descriptions: CSV or JSON Lines with item_id, model, "
            "described (and reader, kind), or an export of Label Studio or Prodigy; repeatable.",
        ),
    ] = None,
    override: Annotated[
        bool,
        typer.Option("--override", help="Let what people read in a description count in place of descan's reading."),
    ] = False,
    contested_models: Annotated[
        int | None,
        typer.Option(
            help="Number of models that must agree on another category to contest gold; default: the majority."
        ),
    ] = None,
    mixed_model: Annotated[
        bool,
        typer.Option("--mixed-model", help="Fit a mixed logistic model, too: correct ~ mode x model + item + group."),
    ] = False,
    embedder: EmbedderOption = "all-MiniLM-L6-v2",
    terms_by: Annotated[
        str,
        typer.Option(
            help="What decides on the category of an emotion term: the lexicon before the embedder (lexicon), or the "
            "embedder alone (embedding)."
        ),
    ] = "lexicon",
    with_report: Annotated[bool, typer.Option("--report/--no-report", help="Write the page, plots and maps.")] = True,
    with_media: MediaOption = True,
    with_map: MapOption = True,
    cases_per_cell: CasesOption = 25,
    jobs: Annotated[
        int | None,
        typer.Option(help="Processes that read descriptions; default: one a processor, fewer for a small corpus."),
    ] = None,
    with_workers: Annotated[
        bool, typer.Option("--workers/--no-workers", help="Start other processes that read, or read in this one.")
    ] = True,
    with_cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Use and fill the user's cache of earlier results.")
    ] = True,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Read on a Dask cluster, such as tcp://10.0.0.1:8786.")
    ] = None,
    shared: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Folder that all workers of the cluster can write to; default: within --out."),
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Compare descriptions with labels and gold."""
    from contextlib import ExitStack

    from rich.console import Console

    from descan.api import analyze
    from descan.report.analysis_tables import open_tables
    from descan.report.progress import progress_bar
    from descan.report.summary import print_summary
    from descan.report.summary_record import summary_record
    from descan.report.writing import PAGE_FILE

    with ExitStack() as bar:
        advance = bar.enter_context(
            progress_bar(Console(stderr=True, quiet=quiet), "Reading descriptions", then="Comparing")
        )

        def show_tables(analysis: "Analysis") -> None:
            bar.close()
            print_summary(out, analysis.run, Console(quiet=quiet or as_json))

        analysis = analyze(
            corpus[0] if len(corpus) == 1 else corpus,
            out,
            text_column=text_column,
            id_column=id_column,
            gold_column=gold_column,
            label_column=label_column,
            model_column=model_column,
            annotator_columns=annotator_columns,
            delimiter=delimiter,
            encoding=encoding,
            sheet=sheet,
            aliases=parse_pairs("--alias", alias, str),
            categories=categories,
            drop_gold=drop_gold or (),
            lexicon=lexicon,
            witnesses=witnesses or (),
            present_intensity=present_intensity,
            present_probability=present_probability,
            seen_probability=seen_probability,
            witness_errors=witness_errors,
            coder=coder,
            action_marks=action_marks,
            label_mode=label_mode,
            support=support,
            lenient_threshold=lenient_threshold,
            confidence=confidence,
            n_resamples=resamples,
            seed=seed,
            human_readings=human_readings or (),
            override=override,
            primary=primary,
            margin=margin,
            min_coverage=min_coverage,
            contested_models=contested_models,
            mixed_model=mixed_model,
            embedder=embedder,
            terms_by=terms_by,
            report=with_report,
            media=with_media,
            map=with_map,
            cases_per_cell=cases_per_cell,
            n_jobs=jobs,
            workers=with_workers,
            cache=with_cache,
            scheduler=scheduler,
            shared=shared,
            on_progress=advance,
            on_tables=show_tables,
        )
    page = out / PAGE_FILE if with_report else None
    if as_json:
        print_json(summary_record(open_tables(out, analysis.run), page))
    elif page is not None and not quiet:
        typer.echo(f"Report: {plain(str(page))}")
