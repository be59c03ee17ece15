"""All answers of a corpus into the tables that the comparison reads."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import tee
from pathlib import Path
from typing import NamedTuple

from pyarrow import ipc

from descan.analysis.block_work import Extracted, ReadBlock, Setup, read_found
from descan.analysis.record_batches import KEYS, item_batch
from descan.analysis.sinks import NumberedBlock, NumberedExtraction, Place
from descan.categorize.term_categories import TermCategory
from descan.compare.compare_options import MAX_MODELS
from descan.corpus import AnswerKeys, Corpus, load_block
from descan.errors import InputError, quoted
from descan.execution import Workers
from descan.storage import schemas
from descan.storage.parquet import BatchWriter

_DESCRIBED_FILE = "described.arrow"


class Gathered(NamedTuple):
    """What the tables hold.

    Attributes:
        counts: Table -> rows.
        left_out: Reason -> how many answers.
    """

    counts: dict[str, int]
    left_out: Counter[str]


class Gatherer:
    """Sends the answers of a corpus through workers, twice: what is read first waits for embeddings."""

    def __init__(self, corpus: Corpus, setup: Setup, place: Place, scratch: Path) -> None:
        """Prepare.

        Args:
            corpus: Whose answers.
            setup: How they are read.
            place: Where their rows go.
            scratch: A folder for what waits.
        """
        self._corpus = corpus
        self._setup = setup
        self._place = place
        self._waiting_file = scratch / _DESCRIBED_FILE
        self._waiting: list[tuple[str, str, frozenset[str]]] = []
        self._counts = Counter[str]()
        self._left_out = Counter[str]()
        self._models = set[str]()

    def read(self, workers: Workers, n_rows: int, on_progress: Callable[[int], None] | None) -> None:
        """Read all answers, extract mentions and parse labels.

        Args:
            workers: Who reads.
            n_rows: Answers that are read at once.
            on_progress: Is told now and then how many bytes of the corpus are read.

        Raises:
            InputError: If an answer is not allowed or occurs twice, if there is none, or if there are more models than
                can be compared.
            WorkerError: If a worker ended with its block undone.
        """
        keys = AnswerKeys(self._setup.answer_format)
        with ipc.new_stream(str(self._waiting_file), KEYS) as stream:

            def take(task: NumberedBlock, found: ReadBlock) -> None:
                self._place.add(task.number, found)
                stream.write_batch(found.described)
                self._waiting.append((str(task), found.extraction, found.unlisted))
                self._counts.update(answers=found.n_answers, labels=found.n_labels, descriptions=len(found.described))
                self._left_out.update(found.left_out)
                self._models |= found.models
                self._check_models(task.block.path)
                if on_progress is not None:
                    on_progress(task.block.n_bytes)

            tasks, sent = tee(map(NumberedBlock._make, enumerate(self._corpus.blocks(n_rows))))
            for found, task in zip(workers.map(self._place.reading(self._setup), tasks), sent, strict=False):
                keys.add(task.block, found.keys)
                take(task, found)
            keys.check()
            for number, block in enumerate(self._corpus.failure_blocks(n_rows), start=len(self._waiting)):
                failures = keys.new_failures(load_block(block, self._setup.answer_format))
                take(NumberedBlock(number, block), read_found(self._setup, failures))
        self._corpus.check_not_empty(self._counts["answers"], self._left_out)

    def _check_models(self, path: Path) -> None:
        """Refuse what cannot be models: most likely another column was named."""
        if len(self._models) <= MAX_MODELS:
            return
        columns = self._setup.answer_format.columns
        column = "model" if columns is None else columns.model
        raise InputError(
            path,
            f"column {quoted(column)} has {len(self._models):,} different values in the first "
            f"{self._counts['answers']:,} answers, but at most {MAX_MODELS:,} models can be compared; name the column "
            "that says which model answered",
        )

    @property
    def unlisted(self) -> frozenset[str]:
        """The terms that were read and that the lexicon does not have."""
        return frozenset[str]().union(*(unlisted for _, _, unlisted in self._waiting))

    def weigh(self, workers: Workers, categories: Mapping[str, TermCategory]) -> None:
        """Categorize all mentions, and read each description as a whole.

        Args:
            workers: Who does.
            categories: Those of the unlisted terms.

        Raises:
            WorkerError: If a worker ended with its block undone.
        """

        def tasks() -> Iterator[NumberedExtraction]:
            with ipc.open_stream(str(self._waiting_file)) as stream:
                for number, (place, extraction, unlisted) in enumerate(self._waiting):
                    known = {term: categories[term] for term in unlisted}
                    described = stream.read_next_batch()
                    yield NumberedExtraction(number, Extracted(place, described, extraction, known))

        for number, rows in enumerate(workers.map(self._place.weighing(self._setup), tasks())):
            self._place.add(number, rows)
            self._counts["mentions"] += rows.n_mentions
        self._waiting_file.unlink()

    def write_items(self, folder: Path) -> None:
        """Write `items.parquet`."""
        with BatchWriter(folder / "items.parquet", schemas.ITEMS) as writer:
            writer.write(item_batch(self._corpus.items.values()))
        self._counts["items"] = len(self._corpus.items)

    def gathered(self) -> Gathered:
        """Give what the tables hold."""
        names = ("items", "answers", "descriptions", "labels", "mentions")
        return Gathered({name: self._counts[name] for name in names}, self._left_out)
