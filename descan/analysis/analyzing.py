"""One corpus through all stages, into one folder."""

import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from descan.analysis.block_work import BlockSetup
from descan.analysis.gathering import Gathered, Gatherer
from descan.analysis.options import AnalyzeOptions
from descan.analysis.results import Analysis
from descan.analysis.sharing import shared_folder, with_full_paths
from descan.analysis.table_files import TableFiles, make_part_folders, open_table_files
from descan.categorize.term_categories import TermCategorizer
from descan.compare import CompareOptions, compare, load_human_readings
from descan.corpus import Corpus
from descan.embedding import NO_EMBEDDER, Embedder, load_embedder
from descan.errors import InputError
from descan.execution import Workers, cluster_workers, local_workers
from descan.lexicon import Lexicon, load_lexicon
from descan.report.writing import REPORT_FILES, ReportWriter, opened_report_writer
from descan.storage.cache import Cache, default_cache_folder
from descan.storage.output import staged_output
from descan.storage.paths import is_remote
from descan.storage.publishing import RUN_FILE

REPORTED_VERSIONS = ("descan", "spacy", "sentence-transformers", "duckdb", "pyarrow", "numpy", "scipy")

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
) -> Analysis:
    """Analyze a corpus into a folder: Parquet files, tables, `run.json` and the report.

    Args:
        corpus: What `read_corpus` gives.
        out: A new or empty folder, or that of an earlier analysis, which is replaced.
        options: How to analyze.
        on_progress: Is told now and then how many bytes of the corpus are read.

    Returns:
        The analysis, with what `run.json` holds: versions, options, counts, and what was left out and why.

    Raises:
        InputError: If the corpus or the output folder is not what is allowed.
        SetupError: If the embedder is needed and cannot be loaded, or a cluster is not there.
        WorkerError: If a worker ended with its work undone.
    """
    options = options or AnalyzeOptions()
    _check_apart(corpus, Path(out))
    if options.compare.human_readings is not None:
        load_human_readings(options.compare.human_readings)  # A mistake there is better known before than after.
    lexicon = load_lexicon(corpus.language)
    embedder = _embedder(options, corpus)
    categorizer = TermCategorizer(lexicon, embedder)
    with staged_output(Path(out), REPORT_FILES) as folder, _opened_report(folder, options, corpus) as report:
        gathered = gather(corpus, folder, options, categorizer, on_progress)
        if report is not None:
            report.begin(gathered.counts["descriptions"], options.embedder)
        _compare(folder, replace(options.compare, language=corpus.language), is_apart=not _is_small(options, corpus))
        run = _run(corpus, options, lexicon, embedder if categorizer.has_embedded else None, gathered)
        (folder / RUN_FILE).write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        if report is not None:
            report.write(folder, embedder)
    return Analysis(Path(out), run)


def _is_small(options: AnalyzeOptions, corpus: Corpus) -> bool:
    """Tell whether time matters more than memory, however many processes read."""
    return options.cluster is None and corpus.n_bytes < 2 * _BYTES_PER_JOB


def _embedder(options: AnalyzeOptions, corpus: Corpus) -> Embedder | None:
    if options.embedder == NO_EMBEDDER:
        return None
    is_small = _is_small(options, corpus)
    has_map = options.report is not None and options.report.has_map
    return load_embedder(options.embedder, stays=is_small, begins=is_small and has_map)


@contextmanager
def _opened_report(folder: Path, options: AnalyzeOptions, corpus: Corpus) -> Iterator[ReportWriter | None]:
    if options.report is None:
        yield None
        return
    media = options.report.media_folder or (None if is_remote(corpus.folder) else corpus.folder)
    with opened_report_writer(folder, replace(options.report, media_folder=media)) as report:
        yield report


class _Comparison(NamedTuple):
    folder: Path
    options: CompareOptions

    def __str__(self) -> str:
        return "the comparison"


def _compare(folder: Path, options: CompareOptions, *, is_apart: bool) -> None:
    """Compare, maybe in a process of its own, which gives its memory back before the report needs some."""
    with local_workers(1, is_apart=is_apart) as workers:
        list(workers.map(_compared, [_Comparison(folder, options)]))


def _compared(task: _Comparison) -> None:
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
    return local_workers(_n_jobs(options, corpus))


def _n_rows(options: AnalyzeOptions) -> int:
    return options.block_answers or (_BLOCK_ANSWERS if options.cluster is None else _BLOCK_ANSWERS_OF_CLUSTER)


def _n_jobs(options: AnalyzeOptions, corpus: Corpus) -> int:
    if options.n_jobs is not None:
        return options.n_jobs
    n_processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(n_processors, corpus.n_bytes // _BYTES_PER_JOB))


def _run(
    corpus: Corpus, options: AnalyzeOptions, lexicon: Lexicon, embedder: Embedder | None, gathered: Gathered
) -> dict[str, Any]:
    """Give what `run.json` says.

    Args:
        corpus: What was analyzed.
        options: How.
        lexicon: That of its language.
        embedder: If it was needed.
        gathered: What the tables hold.
    """
    return {
        "descan": version("descan"),
        "versions": {name: version(name) for name in REPORTED_VERSIONS},
        "corpus": {
            "name": corpus.name,
            "language": corpus.language,
            "source": corpus.source,
            "licence": corpus.licence,
            "sha256": corpus.digest(),
        },
        "lexicon_sha256": lexicon.digest,
        "embedder": {
            "name": options.embedder,
            "identity": embedder.identity if embedder else None,
            "used": embedder is not None,
        },
        "seed": options.compare.seed,
        "options": {
            "label_mode": str(options.compare.label_mode),
            "support": str(options.compare.support),
            "lenient_threshold": options.compare.lenient_threshold,
            "confidence": options.compare.confidence,
            "resamples": options.compare.n_resamples,
            "contested_models": options.compare.contested_models,
            "human_readings_sha256": _digest(options.compare.human_readings),
            "weights": asdict(options.weights),
        },
        "counts": gathered.counts,
        "left_out": dict(sorted((gathered.left_out + Counter(unread_files=len(corpus.unread))).items())),
    }


def _digest(path: Path | None) -> str | None:
    return None if path is None else hashlib.sha256(path.read_bytes()).hexdigest()


def _check_apart(corpus: Corpus, out: Path) -> None:
    """Refuse an output folder whose files would be read as answers of the corpus."""
    folders = {path.parent for path in corpus.answer_files if path.parent.name == "answers"}
    folders |= {path.parent / "answers" for path in corpus.other_files}
    if out.resolve() in {folder.resolve() for folder in folders if not is_remote(folder)}:
        raise InputError(out, "is where the corpus has its answers; name another folder")
