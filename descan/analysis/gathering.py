"""All answers of a corpus into the tables that the comparison needs."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import tee
from pathlib import Path
from typing import NamedTuple

from descan.analysis.block_work import (
    BlockSetup,
    ExtractedBlock,
    NumberedBlock,
    UnreadBlock,
    extract_answers,
    extract_block,
    read_block,
)
from descan.analysis.record_batches import item_batch
from descan.analysis.table_files import TableFiles
from descan.categorize.term_categories import TermCategory
from descan.compare.compare_options import MAX_MODELS
from descan.corpus import AnswerKeys, Corpus, load_block
from descan.errors import InputError, quote
from descan.execution import Workers
from descan.storage import schemas
from descan.storage.cache import warn_once
from descan.storage.parquet import BatchWriter


class Gathered(NamedTuple):
    """What the tables hold.

    Attributes:
        counts: Table -> rows, and `descriptions`.
        left_out: Reason -> how many answers.
    """

    counts: dict[str, int]
    left_out: Counter[str]


class Gatherer:
    """Sends the answers of a corpus through workers in two passes; between them, unlisted terms are embedded."""

    def __init__(self, corpus: Corpus, setup: BlockSetup, files: TableFiles) -> None:
        """Prepare; nothing is loaded yet.

        Args:
            corpus: Whose answers.
            setup: How workers treat them.
            files: For the rows that workers return.
        """
        self._corpus = corpus
        self._setup = setup
        self._files = files
        self._extracted: list[tuple[str, str, frozenset[str]]] = []
        self._counts = Counter[str]()
        self._left_out = Counter[str]()
        self._models = set[str]()

    def extract(self, workers: Workers, n_rows: int, on_progress: Callable[[int], None] | None) -> None:
        """Make the first pass: load all answers, and find mentions and labels.

        Args:
            workers: They do the work.
            n_rows: Answers of a block.
            on_progress: Is called after each block with its size in bytes.

        Raises:
            InputError: If an answer is not allowed or occurs twice, if there is none, or if there are more models than
                can be compared.
            WorkerError: If a worker ended with its block undone.
        """
        keys = AnswerKeys(self._setup.answer_format)

        def take(task: NumberedBlock, found: ExtractedBlock) -> None:
            self._files.write(found.rows)
            self._extracted.append((str(task), found.scratch_file, found.unlisted))
            self._counts.update(found.counts)
            self._left_out.update(found.left_out)
            self._models |= found.models
            self._check_models(task.block.path)
            for problem in found.cache_problems:
                warn_once(*problem)
            if on_progress is not None:
                on_progress(task.block.n_bytes)

        tasks, sent = tee(map(NumberedBlock._make, enumerate(self._corpus.blocks(n_rows))))
        for found, task in zip(workers.map(partial(extract_block, self._setup), tasks), sent, strict=False):
            keys.add(task.block, found.keys)
            take(task, found)
        keys.check()
        for number, block in enumerate(self._corpus.failure_blocks(n_rows), start=len(self._extracted)):
            failures = keys.new_failures(load_block(block, self._setup.answer_format))
            take(NumberedBlock(number, block), extract_answers(self._setup, number, failures))
        self._corpus.check_not_empty(self._counts["answers"], self._left_out)

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

    @property
    def unlisted(self) -> frozenset[str]:
        """The terms that were found and that the lexicon does not have."""
        return frozenset[str]().union(*(unlisted for _, _, unlisted in self._extracted))

    def read(self, workers: Workers, categories: Mapping[str, TermCategory]) -> None:
        """Make the second pass: categorize all mentions, and read each description as a whole.

        Args:
            workers: They do the work.
            categories: Those of the unlisted terms.

        Raises:
            InputError: If the scratch folder is not as the first pass left it.
            WorkerError: If a worker ended with its block undone.
        """

        def tasks() -> Iterator[UnreadBlock]:
            for number, (place, scratch_file, unlisted) in enumerate(self._extracted):
                yield UnreadBlock(number, place, scratch_file, {term: categories[term] for term in unlisted})

        for found in workers.map(partial(read_block, self._setup), tasks()):
            self._files.write(found.rows)
            self._counts["mentions"] += found.n_mentions

    def write_items(self, folder: Path) -> None:
        """Write `items.parquet`."""
        with BatchWriter(folder / "items.parquet", schemas.ITEMS) as writer:
            writer.write(item_batch(self._corpus.items.values()))
        self._counts["items"] = len(self._corpus.items)

    def result(self) -> Gathered:
        """Return what the tables hold."""
        names = ("items", "answers", "descriptions", "labels", "mentions")
        return Gathered({name: self._counts[name] for name in names}, self._left_out)
