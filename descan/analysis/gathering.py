"""All answers of a corpus into the tables that the comparison needs."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from itertools import starmap, tee
from pathlib import Path
from typing import NamedTuple

from descan.analysis.block_work import (
    BlockSetup,
    ExtractedBlock,
    NumberedBlock,
    Rows,
    TermCategories,
    extract_answers,
    extract_block,
    read_block,
)
from descan.analysis.options import AnalyzeOptions
from descan.analysis.record_batches import record_batch
from descan.analysis.sharing import shared_folder, with_full_paths, with_shared_answers
from descan.categorize.term_categories import TermCategorizer, TermCategory, TermsBy
from descan.compare.compare_options import MAX_MODELS
from descan.corpus import AnswerKeys, Corpus, load_block
from descan.corpus.prompts import MAX_PROMPTS, Prompts, several_prompts
from descan.corpus.witnesses import stream_witnesses
from descan.embedding import Embedder
from descan.emotions import CategorySet
from descan.errors import InputError, quote
from descan.execution import ThisProcess, Workers, cluster_workers, local_workers
from descan.lexicon import ProjectLexicon, load_lexicon
from descan.records import Mode
from descan.storage import schemas
from descan.storage.cache import Cache, default_cache_folder, warn_once
from descan.storage.parquet import BatchWriter

BYTES_PER_JOB = 25_000_000
"""A process reads so much in the two seconds in which another starts."""

_BLOCK_ANSWERS = 1_000
_BLOCK_ANSWERS_OF_CLUSTER = 20_000
"""A second of work or more, beside which the 15 ms that a task costs there are little."""

_SCHEMAS = {
    "answers": schemas.ANSWERS,
    "labels": schemas.LABELS,
    "mentions": schemas.MENTIONS,
}
"""What is filled block by block, beside `readings`: a file each, or a folder with the parts that workers write."""


class Categorizers:
    """Gives terms their categories, by the lexicon of their language."""

    def __init__(
        self,
        embedder: Embedder | None,
        terms_by: TermsBy,
        categories: CategorySet,
        project: ProjectLexicon | None = None,
    ) -> None:
        """Start without a language.

        Args:
            embedder: For terms outside the lexicons, or None.
            terms_by: What decides on the category of a term.
            categories: The category set.
            project: The project's own words.
        """
        self._project = project
        self._embedder = embedder
        self._terms_by = terms_by
        self._categories = categories
        self._chosen: dict[str, TermCategorizer] = {}

    @property
    def has_embedded(self) -> bool:
        """Whether any category that counts needed the embedder so far."""
        return any(categorizer.has_embedded for categorizer in self._chosen.values())

    def needs_embedder(self, terms: Mapping[str, Collection[str]]) -> bool:
        """Tell whether the category of any term, by language, needs the embedder."""
        return any(self._chosen_of(language).needs_embedder(mine) for language, mine in terms.items())

    def categories(self, terms: Mapping[str, Collection[str]]) -> dict[str, TermCategories]:
        """Return the categories of terms, both by language.

        Raises:
            SetupError: If the embedder is needed and cannot be loaded.
        """
        found = {}
        for language, mine in sorted(terms.items()):
            categories = self._chosen_of(language).categories(mine)
            found[language] = TermCategories(categories, self._by_embedding(language, mine, categories))
        return found

    def _by_embedding(
        self, language: str, terms: Collection[str], chosen: Mapping[str, TermCategory]
    ) -> Mapping[str, TermCategory] | None:
        if self._embedder is None or self._terms_by is TermsBy.EMBEDDING:
            return None if self._embedder is None else chosen
        return self._open(language, TermsBy.EMBEDDING).categories(terms)

    def _chosen_of(self, language: str) -> TermCategorizer:
        if language not in self._chosen:
            self._chosen[language] = self._open(language, self._terms_by)
        return self._chosen[language]

    def _open(self, language: str, terms_by: TermsBy) -> TermCategorizer:
        return TermCategorizer(load_lexicon(language, self._project), self._embedder, terms_by, self._categories)


class Gathered(NamedTuple):
    """What the tables hold.

    Attributes:
        counts: Table -> rows, and `descriptions`.
        left_out: Reason -> how many answers.
        languages: Language of a description, and the one that it is read in or nothing -> how many.
        prompts: Of the modes with several prompts: mode -> prompt, empty for none -> how many answers.
        renumbered: The modes whose repeats were numbered through their prompts.
        params: Of the models that were asked with several sets of parameters: model -> mode -> hash -> answers.
    """

    counts: dict[str, int]
    left_out: Counter[str]
    languages: Counter[tuple[str, str]]
    prompts: dict[str, dict[str, int]]
    renumbered: tuple[str, ...]
    params: dict[str, dict[str, dict[str, int]]]

    @property
    def main_language(self) -> str:
        """The language in which most descriptions are read; nothing if none is."""
        counts = Counter[str]()
        for (_, read_in), n in self.languages.items():
            counts[read_in] += n
        return max(sorted(filter(None, counts)), key=lambda language: counts[language], default="")

    def count_languages(self, *, is_read: bool) -> dict[str, int]:
        """Return the languages of the descriptions that are read, or not read, with their counts; most first."""
        counts = Counter[str]()
        for (language, read_in), n in self.languages.items():
            if bool(read_in) is is_read:
                counts[language] += n
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def gather(
    corpus: Corpus,
    folder: Path,
    options: AnalyzeOptions,
    categorizers: Categorizers,
    on_progress: Callable[[int], None] | None = None,
) -> Gathered:
    """Read a corpus: write items, answers, labels, mentions and readings, which the comparison reads.

    Args:
        corpus: What `read_corpus` gives.
        folder: Where they are written.
        options: How to read.
        categorizers: Give the terms their categories.
        on_progress: Called now and then with the number of bytes of the corpus that are read.

    Raises:
        InputError: If the corpus is not what is allowed.
        SetupError: If the embedder is needed and cannot be loaded, or a cluster is not there.
        WorkerError: If a worker ended with its work undone.
    """
    try:
        return _gather(corpus, folder, options, categorizers, on_progress, {})
    except _SeveralPromptsError as found:
        # Answers of one mode have the same number under several prompts, which no block can know by itself.
        return _gather(corpus, folder, options, categorizers, on_progress, found.prompts)


class _SeveralPromptsError(Exception):
    def __init__(self, prompts: Prompts) -> None:
        super().__init__()
        self.prompts = prompts


def _gather(
    corpus: Corpus,
    folder: Path,
    options: AnalyzeOptions,
    categorizers: Categorizers,
    on_progress: Callable[[int], None] | None,
    prompts: Prompts,
) -> Gathered:
    tables = _SCHEMAS | {"readings": schemas.readings_schema(corpus.categories)}
    cache = default_cache_folder() if options.has_cache and options.cluster is None else None
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".scratch-", dir=folder)))
        parts: Path | None = None
        writers: dict[str, BatchWriter] = {}
        if options.cluster is None:
            for name, schema in tables.items():
                writers[name] = stack.enter_context(BatchWriter(folder / f"{name}.parquet", schema))
        else:
            corpus = with_full_paths(corpus)
            parts = stack.enter_context(shared_folder(options.cluster, folder))
            scratch = parts / scratch.name
            # No worker makes these folders: the run may be over, and they removed.
            for path in (scratch, *(parts / f"{name}.parquet" for name in tables)):
                path.mkdir(exist_ok=True)
            if corpus.scratch is not None:
                corpus = with_shared_answers(corpus, scratch)
        setup = BlockSetup(
            replace(corpus.answer_format(), prompts=prompts),
            corpus.language,
            corpus.categories,
            tuple(sorted(corpus.aliases.items())),
            options.weights,
            scratch,
            parts,
            cache,
            corpus.n_bytes,
            corpus.project,
        )
        gatherer = _Gatherer(corpus, setup, writers)
        gatherer.write_items(folder)
        gatherer.write_witnesses(folder)
        with ExitStack() as pool:
            workers = pool.enter_context(_open_workers(options, corpus))
            gatherer.extract(workers, _n_rows(options), on_progress)
            needs_embedder = categorizers.needs_embedder(gatherer.terms)
            if needs_embedder:
                pool.close()  # So that the memory of the workers is free for the embedder's model.
            categories = categorizers.categories(gatherer.terms)
            if needs_embedder:
                workers = pool.enter_context(_open_workers(options, corpus))
            gatherer.read(workers, categories)
        Cache(cache).evict()
        return gatherer.result()


def open_local_workers(n_jobs: int, options: AnalyzeOptions, *, in_process: bool) -> AbstractContextManager[Workers]:
    """Start workers of this machine, or none but this process, by choice or where one is enough."""
    has_workers = not in_process if options.has_workers is None else options.has_workers
    return local_workers(n_jobs) if has_workers else nullcontext(ThisProcess())


def _open_workers(options: AnalyzeOptions, corpus: Corpus) -> AbstractContextManager[Workers]:
    if options.cluster is not None:
        return cluster_workers(options.cluster.scheduler)
    n_processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    n_jobs = options.n_jobs or max(1, min(n_processors, corpus.n_bytes // BYTES_PER_JOB))
    return open_local_workers(n_jobs, options, in_process=n_jobs == 1)


def _n_rows(options: AnalyzeOptions) -> int:
    return options.block_answers or (_BLOCK_ANSWERS if options.cluster is None else _BLOCK_ANSWERS_OF_CLUSTER)


class _Gatherer:
    """Sends the answers of a corpus through workers in two passes; between them, terms get their categories."""

    def __init__(self, corpus: Corpus, setup: BlockSetup, writers: Mapping[str, BatchWriter]) -> None:
        self.terms: dict[str, set[str]] = {}
        self._corpus = corpus
        self._setup = setup
        self._writers = writers
        self._extracted: list[NumberedBlock] = []
        self._counts = Counter[str]()
        self._left_out = Counter[str]()
        self._languages = Counter[tuple[str, str]]()
        self._models = set[str]()
        self._prompts = Counter[tuple[Mode, str]]()
        self._params = Counter[tuple[str, Mode, str]]()

    def write_items(self, folder: Path) -> None:
        with BatchWriter(folder / "items.parquet", schemas.ITEMS) as writer:
            writer.write(record_batch(schemas.ITEMS, self._corpus.items.values()))
        self._counts["items"] = len(self._corpus.items)

    def write_witnesses(self, folder: Path) -> None:
        """Write `witnesses.parquet`, if there are any."""
        files, items = self._corpus.witness_files, self._corpus.items
        if files:
            with BatchWriter(folder / "witnesses.parquet", schemas.WITNESSES) as writer:
                for rows in stream_witnesses(files, items, self._left_out):
                    writer.write(record_batch(schemas.WITNESSES, rows))

    def extract(self, workers: Workers, n_rows: int, on_progress: Callable[[int], None] | None) -> None:
        """Make the first pass: load all answers, and find mentions and labels."""
        keys = AnswerKeys(self._setup.answer_format)

        def take(task: NumberedBlock, found: ExtractedBlock) -> None:
            self._write(found.rows)
            self._extracted.append(task._replace(scratch_files=found.scratch_files))
            for language, terms in found.terms.items():
                self.terms.setdefault(language, set()).update(terms)
            self._counts.update(found.counts)
            self._left_out.update(found.left_out)
            self._languages.update(found.languages)
            self._models |= found.models
            self._count_prompts(found.prompts)
            self._params.update(found.params)
            self._check_models((*self._corpus.sources, task.block.path)[0])
            for problem in found.cache_problems:
                warn_once(*problem)
            if on_progress is not None:
                on_progress(task.block.n_bytes)

        tasks, sent = tee(starmap(NumberedBlock, enumerate(self._corpus.blocks(n_rows))))
        for found, task in zip(workers.map(partial(extract_block, self._setup), tasks), sent, strict=False):
            keys.add(task.block, found.keys)
            take(task, found)
        prompts = several_prompts(self._prompts)
        if prompts and not self._setup.answer_format.prompts and keys.has_repeated():
            raise _SeveralPromptsError(prompts)
        keys.check()
        for number, block in enumerate(self._corpus.failure_blocks(n_rows), start=len(self._extracted)):
            failures = keys.new_failures(load_block(block, self._setup.answer_format))
            take(NumberedBlock(number, block), extract_answers(self._setup, number, failures))
        self._corpus.check_not_empty(self._counts["answers"], self._left_out)

    def read(self, workers: Workers, categories: Mapping[str, TermCategories]) -> None:
        """Make the second pass: categorize all mentions, and read each description as a whole."""
        for rows, n_mentions in workers.map(partial(read_block, self._setup, categories), self._extracted):
            self._write(rows)
            self._counts["mentions"] += n_mentions

    def result(self) -> Gathered:
        names = ("items", "answers", "descriptions", "labels", "mentions")
        prompts = {
            str(mode): {prompt: self._prompts[mode, prompt] for prompt in of_mode}
            for mode, of_mode in several_prompts(self._prompts).items()
        }
        renumbered = tuple(map(str, self._setup.answer_format.prompts))
        counts = {name: self._counts[name] for name in names}
        return Gathered(counts, self._left_out, self._languages, prompts, renumbered, self._several_params())

    def _several_params(self) -> dict[str, dict[str, dict[str, int]]]:
        by_model: dict[str, dict[str, dict[str, int]]] = {}
        for (model, mode, digest), n in sorted(self._params.items()):
            by_model.setdefault(model, {}).setdefault(str(mode), {})[digest] = n
        return {model: modes for model, modes in by_model.items() if len(set().union(*modes.values())) > 1}

    def _count_prompts(self, found: Mapping[tuple[Mode, str], int]) -> None:
        """Count prompts, but of a mode only so many that it is known to have too many."""
        n_known = Counter(mode for mode, _ in self._prompts)
        for (mode, prompt), n in found.items():
            if (mode, prompt) in self._prompts or n_known[mode] <= MAX_PROMPTS:
                n_known[mode] += (mode, prompt) not in self._prompts
                self._prompts[mode, prompt] += n

    def _write(self, rows: Rows) -> None:
        for name, batch in rows.items():
            self._writers[name].write(batch)

    def _check_models(self, path: Path) -> None:
        """Refuse what cannot be models: most likely another column was named."""
        if len(self._models) <= MAX_MODELS:
            return
        columns = self._setup.answer_format.columns
        column = "model" if columns is None else columns.model
        raise InputError(
            path,
            f"column {quote(column)} has {len(self._models):,} different values in the first "
            f"{self._counts['answers']:,} answers, but at most {MAX_MODELS:,} models can be compared; name the column "
            "that says which model answered",
        )
