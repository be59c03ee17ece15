"""One corpus through all stages, into one folder."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from descan.analysis.answer_languages import language_read_in
from descan.analysis.gathering import BYTES_PER_JOB, Categorizers, Gathered, gather, open_local_workers
from descan.analysis.options import AnalyzeOptions
from descan.analysis.own_words import own_words_record, project_problems
from descan.analysis.results import Analysis
from descan.categorize.evidence import speaking_actions
from descan.compare import OPTIONAL_FILES, CompareOptions, compare
from descan.compare.action_marks import load_action_marks
from descan.compare.overriding import check_readings_override
from descan.compare.witness_errors import find_witness_errors, load_witness_errors
from descan.corpus import CategoryNames, Corpus
from descan.corpus.readings import ReaderReading, ReadingStatus, load_readings
from descan.corpus.witnesses import check_coder
from descan.embedding import NO_EMBEDDER, Embedder, load_embedder
from descan.errors import DescanError, InputError, ReportError, explain_os_error, quote
from descan.lexicon import (
    ProjectLexicon,
    category_set_digest,
    category_set_record,
    check_installed,
    check_terms,
    load_lexicon,
    load_profile,
)
from descan.records import DEFAULT_LANGUAGE
from descan.report.analysis_tables import open_tables
from descan.report.losses import find_losses, loss_records
from descan.report.writing import REPORT_FILES, ReportOptions, write_report
from descan.storage.output import staged_output, write_run
from descan.storage.paths import is_remote

_N_TOLD = 5
_LIBRARIES = ("descan", "spacy", "sentence-transformers", "duckdb", "pyarrow", "numpy", "scipy")


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
        SetupError: If the embedder is needed and cannot be loaded, a cluster is not there, or the tokenizer of the
            corpus's language is not installed.
        WorkerError: If a worker ended before it finished its work.
        ReportError: If the report could not be written; everything else is complete.
    """
    options = options or AnalyzeOptions()
    analysis = _write_tables(corpus, Path(out), options, on_progress)
    if on_tables is not None:
        on_tables(analysis)
    if options.report is None:
        return analysis
    _write_report(analysis, options.report)
    return analysis.reopen()


def _write_tables(
    corpus: Corpus, out: Path, options: AnalyzeOptions, on_progress: Callable[[int], None] | None
) -> Analysis:
    _check_apart(corpus, out)
    # Files and names that only the comparison needs are read here, so that a mistake is reported at once.
    readings = load_readings(options.compare.human_readings, CategoryNames(corpus.categories, corpus.aliases))
    if options.compare.override:
        check_readings_override(readings)
    if options.compare.coder is not None:
        check_coder(corpus.witness_files, options.compare.coder)
    if options.compare.witness_errors is not None:
        load_witness_errors(options.compare.witness_errors)
    if options.compare.action_marks is not None:
        load_action_marks(options.compare.action_marks)
    for problem in project_problems(corpus.project):
        raise problem
    check_installed(corpus.language)
    language = language_read_in(corpus.language, corpus.language) or DEFAULT_LANGUAGE
    check_terms(corpus.categories, load_lexicon(language, corpus.project))
    embedder = None if options.embedder == NO_EMBEDDER else load_embedder(options.embedder)
    categorizers = Categorizers(embedder, options.terms_by, corpus.categories, corpus.project)
    with staged_output(out, (*REPORT_FILES, *OPTIONAL_FILES)) as folder:
        before = corpus.file_states()
        gathered = gather(corpus, folder, options, categorizers, on_progress)
        if not gathered.main_language:  # Nothing is read; that may be for want of a package alone.
            for unread, _ in sorted(gathered.languages):
                check_installed(unread)
        _compare(corpus, folder, options, gathered.main_language or corpus.language)
        run = _describe_run(corpus, options, embedder if categorizers.has_embedded else None, gathered)
        run["left_out"] |= _count_unread(readings)
        run["losses"] = loss_records(find_losses(open_tables(folder, run)))
        corpus.check_unchanged(before)  # So the digest in it is that of what was analyzed.
        write_run(folder, run)
    return Analysis(out, run, media_folder=None if is_remote(corpus.folder) else corpus.folder)


def _write_report(analysis: Analysis, options: ReportOptions) -> None:
    media_folder = options.media_folder or analysis.media_folder
    try:
        write_report(analysis.folder, replace(options, media_folder=media_folder))
    except (DescanError, OSError) as error:
        problem = explain_os_error(error) if isinstance(error, OSError) else error
        raise ReportError(f"the tables are complete, but the report is not written: {problem}") from error


def _describe_run(
    corpus: Corpus, options: AnalyzeOptions, embedder: Embedder | None, gathered: Gathered
) -> dict[str, Any]:
    """Return the content of `run.json`; `embedder` is None if no term needed it."""
    left_out = gathered.left_out + Counter(corpus.left_out) + Counter(unread_files=len(corpus.unread))
    read_in = sorted({read_in for _, read_in in gathered.languages if read_in})
    tokenizers = [package for language in read_in for package in load_profile(language).packages]
    return {
        "descan": version("descan"),
        "versions": {name: version(name) for name in (*_LIBRARIES, *tokenizers)},
        "corpus": {
            "name": corpus.name,
            "language": corpus.language,
            "source": corpus.source,
            "licence": corpus.licence,
            "sha256": corpus.digest(),
            "notes": [*corpus.notes, *_tell_prompts(gathered), *_tell_params(gathered)],
        },
        "languages": {
            "read": gathered.count_languages(is_read=True),
            "unread": gathered.count_languages(is_read=False),
        },
        "prompts": {"several": gathered.prompts, "renumbered": list(gathered.renumbered)},
        "lexicon_sha256": _lexicon_digest(gathered, corpus.project),
        "own_words": None if corpus.project is None else own_words_record(corpus.project),
        "category_set": category_set_record(corpus.categories) | {"sha256": category_set_digest(corpus.categories)},
        "embedder": {
            "name": options.embedder,
            "identity": embedder.identity if embedder else None,
            "used": embedder is not None,
        },
        "seed": options.compare.seed,
        "options": {
            "terms_by": str(options.terms_by),
            "label_mode": str(options.compare.label_mode),
            "support": str(options.compare.support),
            "lenient_threshold": options.compare.lenient_threshold,
            "confidence": options.compare.confidence,
            "resamples": options.compare.n_resamples,
            "primary": options.compare.primary,
            "margin": options.compare.margin,
            "min_coverage": options.compare.min_coverage,
            "contested_models": options.compare.contested_models,
            "mixed_model": options.compare.mixed_model,
            "present_intensity": options.compare.present_intensity,
            "present_probability": options.compare.present_probability,
            "seen_probability": options.compare.seen_probability,
            "witness_errors_sha256": _digest(*map(find_witness_errors, filter(None, [options.compare.witness_errors]))),
            "coder": options.compare.coder,
            "action_marks_sha256": _digest(*filter(None, [options.compare.action_marks])),
            "human_readings_sha256": _digest(*options.compare.human_readings),
            "override": options.compare.override,
            "weights": asdict(options.weights),
        },
        "counts": gathered.counts,
        "left_out": dict(sorted(left_out.items())),
    }


def _tell_prompts(gathered: Gathered) -> Iterator[str]:
    """Say of each mode with several prompts that they are mixed, a sentence each."""
    for mode, prompts in gathered.prompts.items():
        told = ", ".join(f"{quote(name) if name else 'no name'} {n:,}" for name, n in prompts.items())
        yield f"Mode {mode} mixes the answers to {len(prompts)} prompts ({told}): to an item, they count as repeats"


def _tell_params(gathered: Gathered) -> Iterator[str]:
    """Say of each model that was asked with several sets of parameters what is compared all the same, in a sentence."""
    for model, modes in list(gathered.params.items())[:_N_TOLD]:
        told = "; ".join(
            f"{mode} with {', '.join(f'{digest} {n:,}' for digest, n in digests.items())}"
            for mode, digests in modes.items()
        )
        yield f"{quote(model)} was asked with different parameters, and its answers are compared all the same: {told}"
    if (n_more := len(gathered.params) - _N_TOLD) > 0:
        yield f"{n_more:,} more models were asked with different parameters"


def _lexicon_digest(gathered: Gathered, project: ProjectLexicon | None) -> str:
    """Return the digest of the lexicon that was read with; of several, that of their digests in order."""
    languages = {read_in for _, read_in in gathered.languages if read_in}
    digests = [load_lexicon(language, project).digest for language in sorted(languages) or [DEFAULT_LANGUAGE]]
    return _join_digests(digests)


def _count_unread(readings: Sequence[ReaderReading]) -> dict[str, int]:
    """Return how many readings of people and judges say nothing of the description, by why."""
    counts = Counter(str(reading.status) for reading in readings if reading.status is not ReadingStatus.READ)
    return {f"readings_{status.replace(' ', '_')}": n for status, n in sorted(counts.items())}


def _digest(*paths: Path) -> str | None:
    """Return the digest of a file, or of several the digest of theirs in order; None without any."""
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    return _join_digests(digests) if digests else None


def _join_digests(digests: Sequence[str]) -> str:
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


class _Comparison(NamedTuple):
    folder: Path
    options: CompareOptions

    def __str__(self) -> str:
        return "the comparison"


def _compare(corpus: Corpus, folder: Path, options: AnalyzeOptions, language: str) -> None:
    is_small = options.cluster is None and corpus.n_bytes < 2 * BYTES_PER_JOB
    compared = replace(options.compare, language=language, categories=corpus.categories, aliases=corpus.aliases)
    if corpus.witness_files:
        speaking = speaking_actions(load_lexicon(compared.language, corpus.project), corpus.categories)
        compared = replace(compared, speaking_actions=speaking)
    with open_local_workers(1, options, in_process=is_small) as workers:
        list(workers.map(_run_comparison, [_Comparison(folder, compared)]))


def _run_comparison(task: _Comparison) -> None:
    compare(task.folder, task.options)


def _check_apart(corpus: Corpus, out: Path) -> None:
    """Refuse an output folder whose files would be read as answers of the corpus."""
    folders = {path.parent for path in corpus.answer_files if path.parent.name == "answers"}
    folders |= {path.parent / "answers" for path in corpus.other_files}
    if os.path.realpath(out) in {os.path.realpath(folder) for folder in folders if not is_remote(folder)}:
        raise InputError(out, "is where the corpus has its answers; name another folder")
