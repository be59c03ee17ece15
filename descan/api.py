"""The functions behind `import descan` that take many options.

The command line calls them, too, so that both take the same options and refuse the same mistakes.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from descan.errors import OptionError, check_number, quote
from descan.records import Mode
from descan.report.writing import ReportOptions
from descan.storage.scratch import Scratch

if TYPE_CHECKING:
    from descan.analysis.judging import Judging
    from descan.collect.checking import ModelCheck
    from descan.collect.result import CollectResult
    from descan.collect.status import CorpusStatus
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
    contested_models: int | None = None,
    mixed_model: bool = False,
    embedder: str = DEFAULT_EMBEDDER,
    terms_by: TermsBy | str = TermsBy.LEXICON,
    report: bool | None = None,
    media: bool = True,
    map: bool = True,
    cases_per_cell: int = 25,
    n_jobs: int | None = None,
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
        witness_errors: File that says how often witnesses err: `witness, action, sensitivity, specificity, n_present,
            n_absent`; `published` for errors from the literature, which come with descan.
        coder: The witness who counts as the truth about the others, on the items that both tell of.
        action_marks: File of the actions that people marked in descriptions: `item_id, model, repeat, action, said`,
            where said is present, denied or absent. Rates are then corrected for what descan misreads, too.
        label_mode: Mode of the label: classify, classify6 or two_stage.
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
            contested_models=contested_models,
            mixed_model=mixed_model,
            present_intensity=present_intensity,
            present_probability=present_probability,
            witness_errors=None if witness_errors is None else Path(witness_errors),
            coder=coder,
            action_marks=None if action_marks is None else Path(action_marks),
        ),
        report=shown if report or (report is None and out is not None) else None,
        n_jobs=n_jobs,
        has_cache=cache,
        cluster=_cluster(scheduler, shared, n_jobs),
        saves_memory=out is not None,  # A notebook is to wait for no process to start.
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
    return replace(analyze_corpus(found, out, options, advance, on_tables), scratch=scratch)


def collect(
    source: Path | str | None = None,
    out: Path | str | None = None,
    *,
    run_file: Path | str | None = None,
    models: Sequence[str] = (),
    modes: Sequence[Mode | str] = (),
    prompts: Mapping[str, Path | str] | None = None,
    aliases: Mapping[str, str] | None = None,
    categories: Path | str | None = None,
    settings: Mapping[str, object] | Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    limit: int | None = None,
    per_class: bool | None = None,
    seed: int | None = None,
    repeats: int | None = None,
    crop: bool | None = None,
    crop_margin: float | None = None,
    language: str | None = None,
    group_pattern: str | None = None,
    leave_out: Sequence[str] = (),
    allow_outside: bool | None = None,
    max_cost: float | None = None,
    max_requests: int | None = None,
    raw: bool | None = None,
    batch: bool | None = None,
    dry_run: bool = False,
    retry_failed: bool = False,
    resume: bool = False,
    wait: bool = False,
    quiet: bool = False,
) -> "CollectResult | None":
    """Ask models about pictures and clips, and store every answer; the plan and the progress are printed.

    An option that is None has the value of the run file, or its default. A later call with the same options continues
    where an earlier one ended, and asks nothing twice.

    Args:
        source: A folder with one subfolder per class, a manifest, or a corpus to complete.
        out: Folder of the corpus: new, or one to continue.
        run_file: A TOML file that describes the run; options take precedence.
        models: Models as `PROVIDER:NAME`, such as `gemini:gemini-2.5-flash`.
        modes: Modes to ask: describe, classify, classify6 or two_stage; describe and classify by default.
        prompts: Mode, or mode and name as in `describe:short` -> file with the words of a prompt.
        aliases: Class name -> category.
        categories: The category set of golds and prompts: basic7, basic8 or the path of a file; None for the one that
            the corpus has, or basic7.
        settings: Settings of all models (`KEY`) or of one (`MODEL.KEY`), such as `{"temperature": 0}`.
        names: Model -> what the corpus calls it.
        limit: Number of items in the sample; per class if `per_class` is set.
        per_class: Balance the sample.
        seed: Seed of the sample and of the order of sending.
        repeats: How often each question is asked.
        crop: Send a crop of the face, too.
        crop_margin: Margin around the face, as a share of its side.
        language: Of the packaged prompts and of the answers, such as ja; English prompts where there are none in it.
        group_pattern: Regular expression that finds the group of an item in its id.
        leave_out: Classes of the source whose items are left out.
        allow_outside: Also take media outside of the source.
        max_cost: US dollars that this call may spend.
        max_requests: Requests that this call may send.
        raw: Store raw bodies.
        batch: Ask in OpenAI's batches, at half the price.
        dry_run: Print the plan; send and write nothing.
        retry_failed: Ask again what failed for good.
        resume: Continue the latest run into `out`.
        wait: Wait for batches until they are over, and fetch them.
        quiet: Print neither plan nor progress.

    Returns:
        How the run ended; None after a dry run.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If the source or the corpus is not allowed.
        SetupError: If a key is missing, or a package that the run needs.
    """
    from rich.console import Console

    from descan.collect.collecting import collect as collect_run
    from descan.collect.display import Display
    from descan.collect.run_settings import find_run_file, load_run_settings

    given = {
        "source": source,
        "out": out,
        "models": list(models),
        "modes": list(modes),
        "prompts": dict(prompts or {}),
        "aliases": dict(aliases or {}),
        "categories": None if categories is None else str(categories),
        "limit": limit,
        "per_class": per_class,
        "seed": seed,
        "repeats": repeats,
        "crop": crop,
        "crop_margin": crop_margin,
        "language": language,
        "group_pattern": group_pattern,
        "leave_out": list(leave_out),
        "allow_outside": allow_outside,
        "max_cost": max_cost,
        "max_requests": max_requests,
        "raw": raw,
        "batch": batch,
    }
    options = {name: value for name, value in given.items() if value not in (None, [], {})}
    named = None if run_file is None else Path(run_file)
    if resume:
        named = find_run_file(named, None if out is None else Path(out))
    run = load_run_settings(named, options, [*_spell_names(names or {}), *_spell_settings(settings)])
    display = Display(Console(quiet=quiet), Console(stderr=True, quiet=quiet))
    with _no_running_loop():
        result = collect_run(run, display, is_dry=dry_run, retries_failed=retry_failed, waits=wait)
    if result is not None:
        display.show_end(result.progress, run.out)
    return result


def judge(
    analysis: Path | str | Analysis,
    out: Path | str | None = None,
    *,
    models: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    prompt: Path | str | None = None,
    described_models: Sequence[str] = (),
    sample: int | None = None,
    seed: int | None = None,
    repeats: int | None = None,
    settings: Mapping[str, object] | Sequence[str] = (),
    max_cost: float | None = None,
    max_requests: int | None = None,
    raw: bool | None = None,
    batch: bool | None = None,
    dry_run: bool = False,
    retry_failed: bool = False,
    wait: bool = False,
    quiet: bool = False,
) -> "Judging | None":
    """Let LLMs read the descriptions of an analysis, each by its text alone; plan, progress and counts are printed.

    A later call with the same options continues where an earlier one ended, and asks nothing twice. Give the file of
    readings to `analyze` as `human_readings`.

    Args:
        analysis: An analysis, or its folder.
        out: Folder of the judges' replies and readings: new, or one to continue; None for that of the analysis with
            `-judges` behind its name.
        models: Judges as `PROVIDER:NAME`, such as `gemini:gemini-2.5-flash`; those of the latest run if empty.
        names: Model -> what the readings call it.
        prompt: File with the words of a prompt, in which `{description}` stands for the text.
        described_models: Whose descriptions are judged; those of all models if empty.
        sample: Number of texts to judge, drawn at random; None for all.
        seed: Seed of the sample and of the order of sending.
        repeats: How often a judge reads each text.
        settings: Settings of all judges (`KEY`) or of one (`MODEL.KEY`), such as `{"temperature": 0}`.
        max_cost: US dollars that this call may spend.
        max_requests: Requests that this call may send.
        raw: Store raw bodies.
        batch: Ask in OpenAI's batches, at half the price.
        dry_run: Print the plan; send and write nothing.
        retry_failed: Ask again what failed for good.
        wait: Wait for batches until they are over, and fetch them.
        quiet: Print nothing.

    Returns:
        How the run ended, and the file of readings; None after a dry run.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If the analysis or the folder is not allowed.
        SetupError: If a key is missing, or a package that the run needs.
    """
    from rich.console import Console

    from descan.analysis.judging import judge_descriptions
    from descan.collect.display import Display
    from descan.collect.run_settings import RUN_FILE, load_run_settings

    if sample is not None:
        check_number("sample", sample, 1)
    source = analysis.folder if isinstance(analysis, Analysis) else Path(analysis)
    named = source if source.name not in ("", "..") else source.resolve()
    folder = named.with_name(f"{named.name}-judges") if out is None else Path(out)
    given: dict[str, object] = {
        "models": list(models),
        "prompts": {} if prompt is None else {Mode.CLASSIFY: Path(prompt)},
        "described_models": list(described_models),
        "limit": sample,
        "seed": seed,
        "repeats": repeats,
        "max_cost": max_cost,
        "max_requests": max_requests,
        "raw": raw,
        "batch": batch,
    }
    options = {name: value for name, value in given.items() if value not in (None, [], {})}
    options |= {"source": source, "out": folder, "texts": True, "modes": [Mode.CLASSIFY]}
    latest = folder / RUN_FILE
    if not models and not latest.is_file():
        raise OptionError("models", "is missing; name a judge, as in openai:gpt-4o-mini")
    run_file = None if models else latest
    run = load_run_settings(run_file, options, [*_spell_names(names or {}), *_spell_settings(settings)])
    display = Display(Console(quiet=quiet), Console(stderr=True, quiet=quiet))
    with _no_running_loop():
        judging = judge_descriptions(run, display, is_dry=dry_run, retries_failed=retry_failed, waits=wait)
    if judging is not None:
        display.show_end(judging.collected.progress, run.out)
        for line in judging.describe():
            display.say(line)
        display.say(f"Readings: {judging.readings}")
    return judging


def collect_check(
    models: Sequence[str] = (),
    *,
    run_file: Path | str | None = None,
    settings: Mapping[str, object] | Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> "list[ModelCheck]":
    """Send one small request to each model, and print and return what it found out; nothing is written.

    Args:
        models: As those of `collect`, like the other arguments.
        run_file: A run file, whose models count unless `models` names others.
        settings: Settings of models.
        names: Model -> what the corpus calls it.
        quiet: Print nothing.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If the run file is not allowed.
    """
    from rich.console import Console

    from descan.collect.checking import check_models
    from descan.collect.display import Display
    from descan.collect.run_settings import load_run_settings

    # A run has a source and a corpus; neither is looked at.
    options: dict[str, object] = {"source": Path(), "out": Path()} | ({"models": list(models)} if models else {})
    named = None if run_file is None else Path(run_file)
    run = load_run_settings(named, options, [*_spell_names(names or {}), *_spell_settings(settings)])
    with _no_running_loop():
        checks = check_models(run.models)
    Display(Console(quiet=quiet), Console(stderr=True, quiet=quiet)).show_check(checks)
    return checks


def collect_status(corpus: Path | str, *, quiet: bool = False) -> "CorpusStatus":
    """Print and return how far a corpus is that `collect` makes, also while it is at work.

    Args:
        corpus: Its folder.
        quiet: Print nothing.

    Raises:
        InputError: If it is not such a folder.
    """
    from rich.console import Console

    from descan.collect.display import Display
    from descan.collect.status import load_status

    status = load_status(Path(corpus))
    Display(Console(quiet=quiet), Console(stderr=True, quiet=quiet)).show_status(status, Path(corpus))
    return status


def _spell_names(names: Mapping[str, str]) -> Sequence[str]:
    return _spell_settings({f"{model}.name": label for model, label in names.items()})


def _spell_settings(settings: Mapping[str, object] | Sequence[str]) -> Sequence[str]:
    """Return settings as `KEY=VALUE`, the value in TOML."""
    import tomli_w

    if not isinstance(settings, Mapping):
        return settings
    return [f"{key}={tomli_w.dumps({'value': value}).partition('=')[2].strip()}" for key, value in settings.items()]


@contextmanager
def _no_running_loop() -> Iterator[None]:
    """Run in another thread if an event loop is running, as in a notebook."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(running)


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
