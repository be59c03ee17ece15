"""One corpus through all stages, into one folder."""

import json
import os
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from descan.analysis.block_work import BlockSetup
from descan.analysis.gathering import Gathered, Gatherer
from descan.analysis.options import AnalyzeOptions
from descan.analysis.results import Analysis
from descan.analysis.run_record import describe_run
from descan.analysis.sharing import shared_folder, with_full_paths
from descan.analysis.table_files import TableFiles, make_part_folders, open_table_files
from descan.categorize.term_categories import TermCategorizer
from descan.compare import CompareOptions, load_human_readings
from descan.corpus import Corpus
from descan.embedding import NO_EMBEDDER, load_embedder
from descan.errors import DescanError, InputError, ReportError, explain_os_error
from descan.execution import ThisProcess, Workers, cluster_workers, local_workers
from descan.lexicon import load_lexicon
from descan.report.writing import REPORT_FILES, ReportOptions, write_report
from descan.storage.cache import Cache, default_cache_folder
from descan.storage.output import staged_output
from descan.storage.paths import is_remote
from descan.storage.publishing import RUN_FILE

_BLOCK_ANSWERS = 1_000
_BLOCK_ANSWERS_OF_CLUSTER = 20_000
"""A second of work or more, beside which the 15 ms that a task costs there are little."""

_BYTES_PER_JOB = 25_000_000
"""A process reads so much in the two seconds in which another starts."""


def analyze(
    corpus: Corpus,
    out: Path | str,
    options: AnalyzeOptions | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_tables: Callable[[Analysis], None] | None = None,
) -> Analysis:
    """Analyze a corpus into a folder: Parquet files, tables and `run.json`, then the report.

    Args:
        corpus: From `read_corpus`.
        out: A new or empty folder, or that of an earlier analysis, which is replaced.
        options: How to analyze.
        on_progress: Called now and then with the number of bytes of the corpus that are read.
        on_tables: Called once everything but the report is in `out`.

    Returns:
        The analysis, with the content of `run.json`: versions, options, counts, and what was left out and why.

    Raises:
        InputError: If the corpus or the output folder is not what is allowed.
        SetupError: If the embedder is needed and cannot be loaded, or a cluster is not there.
        WorkerError: If a worker ended before it finished its work.
        ReportError: If the report could not be written; everything else is complete.
    """
    options = options or AnalyzeOptions()
    analysis = _write_tables(corpus, Path(out), options, on_progress)
    if on_tables is not None:
        on_tables(analysis)
    if options.report is not None:
        _write_report(corpus, analysis, options.report)
    return analysis


def _write_tables(
    corpus: Corpus, out: Path, options: AnalyzeOptions, on_progress: Callable[[int], None] | None
) -> Analysis:
    _check_apart(corpus, out)
    if options.compare.human_readings is not None:
        load_human_readings(options.compare.human_readings)  # So that a mistake there is told at once.
    lexicon = load_lexicon(corpus.language)
    embedder = None if options.embedder == NO_EMBEDDER else load_embedder(options.embedder)
    categorizer = TermCategorizer(lexicon, embedder)
    with staged_output(out, REPORT_FILES) as folder:
        before = corpus.file_states()
        gathered = gather(corpus, folder, options, categorizer, on_progress)
        _compare(corpus, folder, options)
        run = describe_run(corpus, options, lexicon, embedder if categorizer.has_embedded else None, gathered)
        corpus.check_unchanged(before)  # So the digest in it is that of what was analyzed.
        (folder / RUN_FILE).write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return Analysis(out, run)


def _write_report(corpus: Corpus, analysis: Analysis, options: ReportOptions) -> None:
    media_folder = options.media_folder or (None if is_remote(corpus.folder) else corpus.folder)
    try:
        write_report(analysis.folder, replace(options, media_folder=media_folder))
    except (DescanError, OSError) as error:
        problem = explain_os_error(error) if isinstance(error, OSError) else error
        raise ReportError(f"the tables are complete, but the report is not written: {problem}") from error


class _Comparison(NamedTuple):
    folder: Path
    options: CompareOptions

    def __str__(self) -> str:
        return "the comparison"


def _compare(corpus: Corpus, folder: Path, options: AnalyzeOptions) -> None:
    is_small = options.cluster is None and corpus.n_bytes < 2 * _BYTES_PER_JOB
    with _local_workers(1, options, in_process=is_small) as workers:
        list(workers.map(_run_comparison, [_Comparison(folder, replace(options.compare, language=corpus.language))]))


def _run_comparison(task: _Comparison) -> None:
    from descan.compare import compare

    compare(task.folder, task.options)


def gather(
    corpus: Corpus,
    folder: Path,
    options: AnalyzeOptions,
    categorizer: TermCategorizer,
    on_progress: Callable[[int], None] | None = None,
) -> Gathered:
    """Read a corpus: write items, answers, labels, mentions and readings, which the comparison reads.

    Args:
        corpus: What `read_corpus` gives.
        folder: Where they are written.
        options: How to read.
        categorizer: Gives the terms that the lexicon does not have their categories.
        on_progress: Is told now and then how many bytes of the corpus are read.

    Raises:
        InputError: If the corpus is not what is allowed.
        SetupError: If the embedder is needed and cannot be loaded, or a cluster is not there.
        WorkerError: If a worker ended with its work undone.
    """
    cache = default_cache_folder() if options.has_cache and options.cluster is None else None
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".scratch-", dir=folder)))
        if options.cluster is None:
            parts, files = None, stack.enter_context(open_table_files(folder))
        else:
            corpus = with_full_paths(corpus)
            parts, files = stack.enter_context(shared_folder(options.cluster, folder)), TableFiles({})
            make_part_folders(parts)
            scratch = parts / scratch.name
            scratch.mkdir(exist_ok=True)
        setup = BlockSetup(
            corpus.answer_format(),
            corpus.language,
            tuple(sorted(corpus.aliases.items())),
            options.weights,
            scratch,
            parts,
            cache,
            corpus.n_bytes,
        )
        gatherer = Gatherer(corpus, setup, files)
        gatherer.write_items(folder)
        with ExitStack() as pool:
            workers = pool.enter_context(_workers(options, corpus))
            gatherer.extract(workers, _n_rows(options), on_progress)
            needs_embedder = categorizer.needs_embedder(gatherer.unlisted)
            if needs_embedder:
                pool.close()  # So that the memory of the workers is free for the embedder's model.
            categories = categorizer.categories(gatherer.unlisted)
            if needs_embedder:
                workers = pool.enter_context(_workers(options, corpus))
            gatherer.read(workers, categories)
        Cache(cache).evict()
        return gatherer.result()


def _workers(options: AnalyzeOptions, corpus: Corpus) -> AbstractContextManager[Workers]:
    if options.cluster is not None:
        return cluster_workers(options.cluster.scheduler)
    n_jobs = _n_jobs(options, corpus)
    return _local_workers(n_jobs, options, in_process=n_jobs == 1)


def _local_workers(n_jobs: int, options: AnalyzeOptions, *, in_process: bool) -> AbstractContextManager[Workers]:
    if in_process and not options.saves_memory:
        return nullcontext(ThisProcess())
    return local_workers(n_jobs)


def _n_rows(options: AnalyzeOptions) -> int:
    return options.block_answers or (_BLOCK_ANSWERS if options.cluster is None else _BLOCK_ANSWERS_OF_CLUSTER)


def _n_jobs(options: AnalyzeOptions, corpus: Corpus) -> int:
    if options.n_jobs is not None:
        return options.n_jobs
    n_processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(n_processors, corpus.n_bytes // _BYTES_PER_JOB))


def _check_apart(corpus: Corpus, out: Path) -> None:
    """Refuse an output folder whose files would be read as answers of the corpus."""
    folders = {path.parent for path in corpus.answer_files if path.parent.name == "answers"}
    folders |= {path.parent / "answers" for path in corpus.other_files}
    if os.path.realpath(out) in {os.path.realpath(folder) for folder in folders if not is_remote(folder)}:
        raise InputError(out, "is where the corpus has its answers; name another folder")
