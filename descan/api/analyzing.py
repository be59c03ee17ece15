"""`descan.analyze`: a corpus, frame or file through all stages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from descan.analysis import AnalyzeOptions, Cluster
from descan.analysis import analyze as analyze_corpus
from descan.analysis.results import Analysis
from descan.categorize.term_categories import TermsBy
from descan.compare import CompareOptions, Support
from descan.corpus import ColumnNames, Corpus, TableOptions, read_corpus
from descan.embedding import DEFAULT_EMBEDDER
from descan.errors import OptionError, quote
from descan.records import Mode
from descan.report.writing import ReportOptions
from descan.storage.scratch import Scratch

if TYPE_CHECKING:
    from descan.corpus.sources import Sources
    from descan.emotions import CategorySet
    from descan.lexicon import ProjectLexicon

Choice = TypeVar("Choice", bound=StrEnum)


def analyze(
    corpus: "Corpus | Sources",
    out: Path | str | None = None,
    *,
    text: str | None = None,
    label: str | None = None,
    gold: str | None = None,
    model: str | None = None,
    item: str | None = None,
    annotators: str | None = None,
    text_column: str | None = None,
    id_column: str | None = None,
    gold_column: str | None = None,
    label_column: str | None = None,
    model_column: str | None = None,
    annotator_columns: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    aliases: Mapping[str, str] | None = None,
    categories: "CategorySet | Path | str | None" = None,
    drop_gold: Sequence[str] = (),
    lexicon: "ProjectLexicon | Path | str | None" = None,
    witnesses: Path | str | Sequence[Path | str] = (),
    present_intensity: float = 1.0,
    present_probability: float = 0.5,
    seen_probability: float = 0.5,
    witness_errors: Path | str | None = None,
    coder: str | None = None,
    action_marks: Path | str | None = None,
    label_mode: Mode | str = Mode.CLASSIFY,
    support: Support | str = Support.STRICT,
    lenient_threshold: float = 0.25,
    confidence: float = 0.95,
    n_resamples: int = 10_000,
    seed: int = 0,
    primary: str | None = None,
    margin: float = 0.05,
    min_coverage: float = 0.5,
    human_readings: Path | str | Sequence[Path | str] | None = None,
    override: bool = False,
    contested_models: int | None = None,
    mixed_model: bool = False,
    embedder: str = DEFAULT_EMBEDDER,
    terms_by: TermsBy | str = TermsBy.LEXICON,
    report: bool | None = None,
    media: bool = True,
    map: bool = True,
    cases_per_cell: int = 25,
    n_jobs: int | None = None,
    workers: bool = True,
    cache: bool = True,
    scheduler: str | None = None,
    shared: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    on_tables: Callable[[Analysis], None] | None = None,
) -> Analysis:
    """Compare descriptions with labels and gold.

        study = descan.analyze(frame, text="description", label="label", gold="emotion", model="model")
        study.verdicts

    Args:
        corpus: A corpus, or what `read_corpus` takes: a corpus folder, a table of answers (a path, a URL, `-` for
            standard input, a frame), several tables in a list, or in a mapping from models to tables.
        out: Folder for the results: new, empty, or an earlier analysis, which is replaced. None for a temporary folder,
            which is removed with the analysis or at the end of the program.
        text: Column with the description, `text` where it is not named; this and the next five are for tables. With
            `{model}` in it, as in `{model}_description`, there is such a column for every model.
        label: Column with the classify answer; otherwise `label`.
        gold: Column with the gold category; otherwise `gold`.
        model: Column with the model; otherwise `model`. A table without it has the answers of one model.
        item: Column with the item; otherwise `item_id`. A table without it has another item in every row.
        annotators: Columns with what each annotator chose as gold: names with commas between them, in which `#` stands
            for a number and `*` for anything; otherwise `gold_#`.
        text_column: The same as `text`; this and the next five are called as on the command line.
        id_column: The same as `item`.
        gold_column: The same as `gold`.
        label_column: The same as `label`.
        model_column: The same as `model`.
        annotator_columns: The same as `annotators`.
        delimiter: What parts the columns of a bare CSV file, such as `;` or `tab`; None to find it out.
        encoding: The encoding of a bare CSV file, such as `cp1252`; None to find it out.
        sheet: The sheet of a spreadsheet; None for the only one with rows.
        aliases: Word -> category, for gold and labels, beside the common words and `[labels]` of `corpus.toml`.
        categories: The category set: basic7, basic8 or the path of a file; None for the one that `corpus.toml` names,
            or basic7.
        drop_gold: Golds whose items are left out: categories of any set, or words that name none.
        lexicon: Folder with a project's own words, which change the lexicon; None for the one that `corpus.toml` names.
        witnesses: Files that say which action units faces show: `item_id, witness, action_unit` and one of `present`,
            `intensity` and `probability`; beside those of a corpus folder.
        present_intensity: A unit is there from this intensity on, above 0 and at most 5.
        present_probability: A unit is there from this probability on, above 0 and at most 1.
        seen_probability: In mode decide, a model sees an action from this probability on, above 0 and at most 1.
        witness_errors: File that says how often witnesses err: `witness, action, sensitivity, specificity, n_present,
            n_absent`; `published` for errors from the literature, which come with descan.
        coder: The witness who counts as the truth about the others, on the items that both tell of.
        action_marks: File of the actions that people marked in descriptions: `item_id, model, repeat, action, said`,
            where said is present, denied or absent. Rates are then corrected for what descan misreads, too.
        label_mode: Mode of the label: classify, classify6, two_stage or decide.
        support: When a description supports gold: if gold is its top category (strict), or has a score (lenient).
        lenient_threshold: Lowest score of gold that counts as support under the lenient rule, above 0 and at most 1.
        confidence: Confidence level of every interval, above 0 and below 1.
        n_resamples: Bootstrap resamples for an interval.
        seed: Seed of the random numbers; the same seed gives the same tables.
        primary: The primary endpoint, tested alone and without correction: `seen_despite_label:MODEL`,
            `seeing_minus_labeling:MODEL`, `seen:MODEL`, `modes:MODEL` or `models:MODEL:MODEL`.
        margin: Differences below this share are of no importance: sides whose difference surely lies within it are
            called equal.
        min_coverage: Where fewer of the items have an answer that names a category, 0 to 1, the summary and the page
            show the bounds of accuracy instead of accuracy.
        human_readings: Files with what people or judges read in descriptions: CSV or JSON Lines with item_id, model,
            described, reader and kind, or exports of Label Studio or Prodigy.
        override: Put what people read in the place of descan's readings. What checks descan keeps its own readings.
        mixed_model: Fit a mixed logistic model, too, for `tables/mixed_model.csv`.
        contested_models: Number of models that must agree on another category to contest gold; None for the majority.
        embedder: Name or path of a sentence-transformers model for terms outside the lexicon, or `none`.
        terms_by: What decides on the category of a term: the lexicon before the embedder (lexicon), or the embedder
            alone, by similarity to a few names of each category (embedding).
        report: Write the page, plots and maps; None to do so where `out` is named. `Analysis.report` writes them later.
        media: Show small pictures of items on the page.
        map: Map words and descriptions by meaning.
        cases_per_cell: Largest number of cases that the page shows for each cell of a table.
        n_jobs: Processes that read descriptions; None for one a processor, and fewer for a small corpus.
        workers: Start such processes; else this one reads, which is sooner where there is little and takes its memory.
        cache: Use and fill the user's cache of earlier results.
        scheduler: Address of a Dask scheduler whose workers read, such as `tcp://10.0.0.1:8786`.
        shared: Folder, as path or URL, that this machine and all workers can write to; None for `out`.
        on_progress: Called from time to time with the bytes of the corpus that are done, and with all its bytes.
        on_tables: Called once everything but the report is in `out`.

    Returns:
        The analysis: frames (`items`, `answers`, `mentions`, `readings`, `labels`, `verdicts`), tables, figures and
        cases; in a notebook it shows its verdicts.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If the corpus or the output folder is not allowed.
        SetupError: If a model for embedding is needed and cannot be loaded, or a cluster cannot be reached.
        WorkerError: If a worker ended before its work was done.
        ReportError: If the report could not be written; everything else is complete.
    """
    tables = TableOptions(delimiter, encoding, sheet)
    columns = ColumnNames(
        text=_name_column("text", text, text_column),
        item_id=_name_column("item", item, id_column, "item_id"),
        gold=_name_column("gold", gold, gold_column),
        label=_name_column("label", label, label_column),
        model=_name_column("model", model, model_column),
        annotators=_name_column("annotators", annotators, annotator_columns),
    )
    shown = ReportOptions(cases_per_cell=cases_per_cell, has_media=media, has_map=map)
    options = AnalyzeOptions(
        embedder=embedder,
        terms_by=_choose(TermsBy, terms_by, "terms_by"),
        compare=CompareOptions(
            label_mode=_choose(Mode, label_mode, "label_mode"),
            support=_choose(Support, support, "support"),
            lenient_threshold=lenient_threshold,
            confidence=confidence,
            n_resamples=n_resamples,
            seed=seed,
            primary=primary,
            margin=margin,
            min_coverage=min_coverage,
            human_readings=_list_paths(human_readings),
            override=override,
            contested_models=contested_models,
            mixed_model=mixed_model,
            present_intensity=present_intensity,
            present_probability=present_probability,
            seen_probability=seen_probability,
            witness_errors=None if witness_errors is None else Path(witness_errors),
            coder=coder,
            action_marks=None if action_marks is None else Path(action_marks),
        ),
        report=shown if report or (report is None and out is not None) else None,
        n_jobs=n_jobs,
        # A notebook is to wait for no process to start.
        has_workers=None if workers and out is None else workers,
        has_cache=cache,
        cluster=_cluster(scheduler, shared, n_jobs),
    )
    if isinstance(corpus, Corpus):
        given = {"aliases": aliases, "categories": categories, "drop_gold": drop_gold, "lexicon": lexicon}
        for name, value in (given | {"witnesses": witnesses}).items():
            if value:
                raise OptionError(name, "are for a path; give them to read_corpus, which has read this corpus")
        found = corpus
    else:
        found = read_corpus(
            corpus,
            columns=columns,
            options=tables,
            aliases=aliases or {},
            categories=categories,
            drop_gold=drop_gold,
            lexicon=lexicon,
            witnesses=[witnesses] if isinstance(witnesses, Path | str) else witnesses,
        )
    n_bytes = found.n_bytes

    def advance(done: int) -> None:
        if on_progress is not None:
            on_progress(done, n_bytes)

    scratch = None
    if out is None:
        scratch = Scratch()
        out = scratch.new_path("analysis")
    return replace(analyze_corpus(found, out, options, advance, on_tables), _scratch=scratch)


def _cluster(scheduler: str | None, shared: str | None, n_jobs: int | None) -> Cluster | None:
    if scheduler is None:
        if shared is not None:
            raise OptionError("shared", "is for the workers of a cluster; name its scheduler too")
        return None
    if n_jobs is not None:
        raise OptionError("n_jobs", "is for this machine; leave it out, because the workers of the cluster read")
    return Cluster(scheduler, shared)


def _list_paths(paths: Path | str | Sequence[Path | str] | None) -> tuple[Path, ...]:
    """Return one path or several as several."""
    listed = [paths] if isinstance(paths, Path | str) else paths or ()
    return tuple(Path(path) for path in listed)


def _name_column(option: str, given: str | None, named: str | None, field: str = "") -> str:
    """Return the name of a column, given under one of the two names of its option."""
    if given is not None and named is not None and given != named:
        raise OptionError(option, f"is {quote(given)} and {quote(named)}; name the column once")
    return next((name for name in (given, named) if name is not None), getattr(ColumnNames(), field or option))


def _choose(kind: type[Choice], name: str, option: str) -> Choice:
    try:
        return kind(name)
    except ValueError:
        raise OptionError(option, f"must be one of {', '.join(kind)}, not {quote(name)}") from None
