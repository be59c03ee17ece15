"""The work on one block of answers, in two passes.

The first pass finds mentions and labels. Then the terms that the lexicon does not have are embedded, those of all
blocks together. The second pass categorizes the mentions and reads each description as a whole. Between the passes
the mentions are in the run's own scratch folder: a cache may lose or change what it holds at any time.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pyarrow as pa

from descan.analysis.block_cache import extract_texts, parse_labels
from descan.analysis.extraction_tables import SCHEMA, from_table
from descan.analysis.record_batches import KEYS, MentionBatches, answer_batch, key_batch, label_batch, reading_batch
from descan.analysis.table_files import Rows, write_parts
from descan.categorize.readings import Reader, ReadingWeights
from descan.categorize.term_categories import TermCategory, TermTable
from descan.corpus import AnswerFormat, Block, BlockAnswers, KeyArray, load_block
from descan.errors import InputError, explain_os_error
from descan.lexicon import inventory_of, load_lexicon
from descan.records import Answer, Label, Mode, Status
from descan.storage.arrow import decode_table, encode_table
from descan.storage.cache import Cache

_SCRATCH_SCHEMA = pa.schema([*KEYS, *SCHEMA])
"""A row is a description: which answer it is, and what it mentions."""


@dataclass(frozen=True, slots=True)
class BlockSetup:
    """What all blocks of an analysis have in common.

    Attributes:
        answer_format: That of the corpus.
        language: Of the answers.
        aliases: Spelled label -> category, sorted.
        weights: How much each mention counts in a reading.
        scratch: A folder of this run that all workers can write to; local or behind a URL.
        parts: Where workers write the rows themselves, as parts of the tables; None to return them.
        cache: Folder of what earlier runs found, or None.
        n_characters: How much there is to extract from in all blocks, about.
    """

    answer_format: AnswerFormat
    language: str
    aliases: tuple[tuple[str, str], ...]
    weights: ReadingWeights
    scratch: Path
    parts: Path | None = None
    cache: Path | None = None
    n_characters: int = 0


class NumberedBlock(NamedTuple):
    """A block of answers and how many come before it."""

    number: int
    block: Block

    def __str__(self) -> str:
        """Return where the answers are, for messages."""
        return str(self.block)


class ExtractedBlock(NamedTuple):
    """The outcome of the first pass.

    Attributes:
        rows: Of `answers` and `labels`; none where they are written as parts.
        counts: Table -> rows, and `descriptions`.
        scratch_file: The file in the scratch folder with the mentions.
        unlisted: The terms among them that the lexicon does not have.
        keys: Of all answers, for `AnswerKeys`.
        models: The names of the models that answered.
        left_out: Reason -> how many answers.
        cache_problems: Folder and reason, if the cache cannot be written.
    """

    rows: Rows
    counts: Counter[str]
    scratch_file: str
    unlisted: frozenset[str]
    keys: KeyArray
    models: frozenset[str]
    left_out: Counter[str]
    cache_problems: list[tuple[Path, str]]


class UnreadBlock(NamedTuple):
    """A block before the second pass.

    Attributes:
        number: How many blocks come before it.
        place: Where the answers are, for messages.
        scratch_file: As in `ExtractedBlock`.
        categories: Those of the terms that the lexicon does not have.
    """

    number: int
    place: str
    scratch_file: str
    categories: Mapping[str, TermCategory]

    def __str__(self) -> str:
        """Return where the answers are, for messages."""
        return self.place


class ReadBlock(NamedTuple):
    """The outcome of the second pass.

    Attributes:
        rows: Of `mentions` and `readings`; none where they are written as parts.
        n_mentions: How many rows of mentions.
    """

    rows: Rows
    n_mentions: int


def extract_block(setup: BlockSetup, task: NumberedBlock) -> ExtractedBlock:
    """Load the answers of a block, and find mentions and labels.

    Raises:
        InputError: If a row is not allowed, or the scratch folder cannot be written.
    """
    return extract_answers(setup, task.number, load_block(task.block, setup.answer_format))


def extract_answers(setup: BlockSetup, number: int, found: BlockAnswers) -> ExtractedBlock:
    """Find the mentions and labels of answers; `number` is that of their block.

    Raises:
        InputError: If the scratch folder cannot be written.
    """
    problems: list[tuple[Path, str]] = []
    cache = Cache(setup.cache, lambda *problem: problems.append(problem))
    describing = [answer for answer in found.answers if answer.mode is Mode.DESCRIBE]
    labelling = [answer for answer in found.answers if answer.mode is not Mode.DESCRIBE]
    described = [answer for answer in describing if answer.status is Status.OK]
    table = extract_texts([answer.text for answer in described], setup.language, cache, setup.n_characters)
    rows = {
        "answers": answer_batch(found.answers),
        "labels": label_batch(labelling, _labels(setup, labelling, cache)),
    }
    return ExtractedBlock(
        rows=_hand_over(setup, number, rows),
        counts=Counter(answers=len(found.answers), labels=len(labelling), descriptions=len(described)),
        scratch_file=_write_scratch(setup.scratch, key_batch(described), table),
        unlisted=_term_table(setup.language).unlisted(from_table(table).mentions),
        keys=found.all_keys,
        models=frozenset(answer.model for answer in found.answers),
        left_out=found.left_out
        + Counter(f"describe_{answer.status}" for answer in describing if answer.status is not Status.OK),
        cache_problems=problems,
    )


def read_block(setup: BlockSetup, task: UnreadBlock) -> ReadBlock:
    """Categorize the mentions of descriptions, and read each as a whole.

    Raises:
        InputError: If the scratch file is gone or was changed.
    """
    table = _load_scratch(setup.scratch / task.scratch_file)
    keys = pa.record_batch([table[name].combine_chunks() for name in KEYS.names], schema=KEYS)
    extractions = from_table(table)
    categories = _term_table(setup.language).categorize(extractions, task.categories)
    readings = _reader(setup.language, setup.weights).read_columns(extractions, categories)
    rows = {
        "mentions": _mention_batches(setup.language).batch(keys, extractions, categories),
        "readings": reading_batch(keys, extractions, readings),
    }
    return ReadBlock(_hand_over(setup, task.number, rows), len(rows["mentions"]))


def _labels(setup: BlockSetup, answers: list[Answer], cache: Cache) -> list[Label]:
    """Return the label of each answer; for one without a reply, its status is the reason."""
    replies = [answer.text for answer in answers if answer.status is Status.OK]
    parsed = iter(parse_labels(replies, setup.language, setup.aliases, cache))
    return [next(parsed) if answer.status is Status.OK else Label(None, str(answer.status)) for answer in answers]


def _hand_over(setup: BlockSetup, number: int, rows: Rows) -> Rows:
    """Write rows as parts, or else return them."""
    if setup.parts is None:
        return rows
    write_parts(setup.parts, number, rows)
    return {}


def _write_scratch(folder: Path, keys: pa.RecordBatch, table: pa.Table) -> str:
    # No other worker has the name, even where a cluster has a block worked on twice.
    path = folder / f"{uuid4().hex}.arrow"
    try:
        path.write_bytes(encode_table(pa.table([*keys.columns, *table.columns], schema=_SCRATCH_SCHEMA)))
    except OSError as error:
        raise explain_os_error(error, "cannot be written", path) from error
    return path.name


def _load_scratch(path: Path) -> pa.Table:
    try:
        return decode_table(path.read_bytes(), _SCRATCH_SCHEMA)
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error
    except ValueError as error:
        raise InputError(path, "was changed by another program; analyze again") from error


@lru_cache
def _term_table(language: str) -> TermTable:
    return TermTable(load_lexicon(language))


@lru_cache
def _reader(language: str, weights: ReadingWeights) -> Reader:
    return Reader(load_lexicon(language), weights)


@lru_cache
def _mention_batches(language: str) -> MentionBatches:
    return MentionBatches(inventory_of(load_lexicon(language)))
