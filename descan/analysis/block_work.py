"""The work on one block of answers, in two passes.

The first pass finds mentions and labels. Then the terms of all blocks get their categories together, some of them by
embedding. The second pass categorizes the mentions and reads each description as a whole. Between the passes
the mentions are in the run's own scratch folder: a cache may lose or change what it holds at any time.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from descan.analysis.answer_languages import (
    corpus_thinking_finder,
    find_languages,
    group_readable,
    language_read_in,
)
from descan.analysis.block_cache import extract_texts, parse_labels
from descan.analysis.extraction_tables import SCHEMA, from_table
from descan.analysis.record_batches import KEYS, MentionBatches, label_batch, reading_batch, record_batch
from descan.categorize.readings import Reader, ReadingWeights
from descan.categorize.term_categories import TermCategory, TermTable
from descan.columns import IntArray
from descan.corpus import AnswerFormat, Block, BlockAnswers, KeyArray, load_block
from descan.corpus.decided import label_decided, parse_decided
from descan.emotions import CategorySet
from descan.errors import InputError, explain_os_error
from descan.lexicon import LEXICONS_KEPT, ProjectLexicon, inventory_of, load_lexicon
from descan.records import Answer, Label, Mode, Status
from descan.storage import schemas
from descan.storage.arrow import decode_table, encode_table
from descan.storage.cache import Cache
from descan.storage.parquet import ROW_GROUP

THINKING: Final = "thinking_set_aside"
"""Counts answers of which the thinking aloud is left out."""

UNREAD_LANGUAGE: Final = "describe_language"
"""Counts descriptions in languages that descan does not read."""

UNREAD_DECISION: Final = "decide_unparsed"
"""Counts answers of mode `decide` that are no JSON of probabilities."""

Rows = Mapping[str, pa.RecordBatch]
"""Table -> rows of it."""

_SCRATCH_SCHEMA = pa.schema([*KEYS, ("language", pa.string()), ("place", pa.int64()), *SCHEMA])
"""A row is a description: which answer it is, its language, its place in the block, and what it mentions."""


@dataclass(frozen=True, slots=True)
class BlockSetup:
    """What all blocks of an analysis have in common.

    Attributes:
        answer_format: That of the corpus.
        language: Of the corpus, for answers that tell none.
        categories: The category set.
        aliases: Spelled label -> category, sorted.
        weights: How much each mention counts in a reading.
        scratch: A folder of this run that all workers can write to; local or behind a URL.
        parts: Where workers write the rows themselves, as parts of the tables; None to return them.
        cache: Folder of what earlier runs found, or None.
        n_characters: How much there is to extract from in all blocks, about.
        project: The project's own words.
    """

    answer_format: AnswerFormat
    language: str
    categories: CategorySet
    aliases: tuple[tuple[str, str], ...]
    weights: ReadingWeights
    scratch: Path
    parts: Path | None = None
    cache: Path | None = None
    n_characters: int = 0
    project: ProjectLexicon | None = None


class NumberedBlock(NamedTuple):
    """A block of answers.

    Attributes:
        number: How many blocks come before it.
        block: Where its answers are.
        scratch_files: After the first pass, by language the files in the scratch folder with the mentions.
    """

    number: int
    block: Block
    scratch_files: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Return where the answers are, for messages."""
        return str(self.block)


class ExtractedBlock(NamedTuple):
    """The outcome of the first pass.

    Attributes:
        rows: Of `answers` and `labels`; none where they are written as parts.
        counts: Table -> rows, and `descriptions`.
        scratch_files: As in `NumberedBlock`.
        terms: By language the emotion terms among the mentions.
        keys: Of all answers, for `AnswerKeys`.
        models: The names of the models that answered.
        left_out: Reason -> how many answers.
        languages: Language of a description, and the one that it is read in or nothing -> how many.
        prompts: Mode and prompt, empty where none is known -> how many answers.
        params: Model, mode and the hash of parameters, where one is known -> how many answers.
        cache_problems: Folder and reason, if the cache cannot be written.
    """

    rows: Rows
    counts: Counter[str]
    scratch_files: tuple[tuple[str, str], ...]
    terms: Mapping[str, frozenset[str]]
    keys: KeyArray
    models: frozenset[str]
    left_out: Counter[str]
    languages: Counter[tuple[str, str]]
    prompts: Counter[tuple[Mode, str]]
    params: Counter[tuple[str, Mode, str]]
    cache_problems: list[tuple[Path, str]]


class TermCategories(NamedTuple):
    """The categories of terms.

    Attributes:
        chosen: Those that count.
        by_embedding: The same by embedding alone, to see what difference that makes; None without an embedder.
    """

    chosen: Mapping[str, TermCategory]
    by_embedding: Mapping[str, TermCategory] | None


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
    told = find_languages(described, setup.language, setup.project)
    languages = Counter((language, language_read_in(language, setup.language)) for language in told)
    n_unread = sum(n for (_, read_in), n in languages.items() if not read_in)
    scratch_files, terms = {}, {}
    for language, places in group_readable(told, setup.language):
        mine = [described[place] for place in places]
        table = extract_texts([answer.text for answer in mine], language, cache, setup.n_characters, setup.project)
        keys = [*record_batch(KEYS, mine).columns, pa.array([told[place] for place in places]), pa.array(places)]
        scratch_files[language] = _write_scratch(setup.scratch, keys, table)
        terms[language] = _term_table(language, setup.project, setup.categories).terms(from_table(table).mentions)
    labels = _labels(setup, labelling, cache)
    rows = {
        "answers": _answer_batch(found.answers, told),
        "labels": label_batch(labelling, labels),
    }
    return ExtractedBlock(
        rows=_hand_over(setup, number, rows),
        counts=Counter(answers=len(found.answers), labels=len(labelling), descriptions=len(described)),
        scratch_files=tuple(scratch_files.items()),
        terms=terms,
        keys=found.all_keys,
        models=frozenset(answer.model for answer in found.answers),
        left_out=found.left_out
        + Counter(f"describe_{answer.status}" for answer in describing if answer.status is not Status.OK)
        + Counter({UNREAD_LANGUAGE: n_unread, UNREAD_DECISION: _count_undecided(labelling, labels)})
        + _count_thinking(setup, found.answers),
        languages=languages,
        prompts=Counter((answer.mode, answer.prompt or "") for answer in found.answers),
        params=Counter((answer.model, answer.mode, answer.params) for answer in found.answers if answer.params),
        cache_problems=problems,
    )


def read_block(setup: BlockSetup, categories: Mapping[str, TermCategories], task: NumberedBlock) -> tuple[Rows, int]:
    """Categorize the mentions of descriptions, and read each as a whole.

    Args:
        setup: That of the first pass.
        categories: By language those of the terms of all blocks.
        task: A block after the first pass.

    Returns:
        The rows of `mentions` and `readings`, none where they are written as parts; and how many are of mentions.

    Raises:
        InputError: If the scratch file is gone or was changed.
    """
    parts = [
        _read_descriptions(setup, language, _load_scratch(setup.scratch / name), categories[language])
        for language, name in task.scratch_files
    ]
    rows = {
        "mentions": _in_order(schemas.MENTIONS, [part.mentions for part in parts]),
        "readings": _in_order(schemas.readings_schema(setup.categories), [part.readings for part in parts]),
    }
    return _hand_over(setup, task.number, rows), len(rows["mentions"])


class _Placed(NamedTuple):
    """Rows, and the place in the block of the description that each is of. Shape of the places: (n_rows,)."""

    rows: pa.RecordBatch
    places: IntArray


class _ReadPart(NamedTuple):
    mentions: _Placed
    readings: _Placed


def _read_descriptions(setup: BlockSetup, language: str, table: pa.Table, categories: TermCategories) -> _ReadPart:
    """Read those descriptions of a block that are in one language."""
    keys = pa.record_batch([table[name].combine_chunks() for name in KEYS.names], schema=KEYS)
    places = table["place"].to_numpy()
    extractions = from_table(table)
    table_of_terms = _term_table(language, setup.project, setup.categories)
    terms = table_of_terms.categorize(extractions, categories.chosen)
    by_embedding = None
    if categories.by_embedding is not None:
        by_embedding = table_of_terms.categorize(extractions, categories.by_embedding)
    readings = _reader(language, setup.project, setup.weights, setup.categories).read_columns(
        extractions, terms, by_embedding
    )
    return _ReadPart(
        _Placed(
            _mention_batches(language, setup.project, setup.categories).batch(keys, extractions, terms),
            places[extractions.owners],
        ),
        _Placed(
            reading_batch(keys, extractions, readings, setup.categories, table["language"].combine_chunks()), places
        ),
    )


def _in_order(schema: pa.Schema, parts: Sequence[_Placed]) -> pa.RecordBatch:
    """Return the rows of all parts in the order of the descriptions in the block."""
    if len(parts) == 1:
        return parts[0].rows
    if not parts:
        return pa.RecordBatch.from_pylist([], schema=schema)
    order = np.concatenate([part.places for part in parts]).argsort(kind="stable")
    return pa.concat_batches([part.rows for part in parts]).take(pa.array(order))


def _answer_batch(answers: Sequence[Answer], told: Iterable[str]) -> pa.RecordBatch:
    """Return rows of `answers.parquet`; `told` are the languages of the descriptions that have a text, in order."""
    remaining = iter(told)
    languages = [
        next(remaining) if answer.mode is Mode.DESCRIBE and answer.status is Status.OK else answer.language
        for answer in answers
    ]
    return record_batch(schemas.ANSWERS, answers, language=languages)


def _labels(setup: BlockSetup, answers: list[Answer], cache: Cache) -> list[Label]:
    """Return the label of each answer; for one without a reply, its status is the reason."""
    labels = [Label(None, str(answer.status)) for answer in answers]
    by_language: dict[str, list[int]] = {}
    for place, answer in enumerate(answers):
        if answer.status is Status.OK and answer.mode is Mode.DECIDE:
            labels[place] = label_decided(parse_decided(answer.text, setup.categories))
        elif answer.status is Status.OK:
            by_language.setdefault(answer.language or setup.language, []).append(place)
    for language, places in by_language.items():
        replies = [answers[place].text for place in places]
        parsed = parse_labels(replies, language, setup.aliases, setup.categories, cache, setup.project)
        for place, label in zip(places, parsed, strict=True):
            labels[place] = label
    return labels


def _count_undecided(answers: Sequence[Answer], labels: Sequence[Label]) -> int:
    """Count the answers of mode `decide` that are not what was asked for."""
    return sum(
        answer.mode is Mode.DECIDE and label.reason == "unparsed" for answer, label in zip(answers, labels, strict=True)
    )


def _count_thinking(setup: BlockSetup, answers: Iterable[Answer]) -> Counter[str]:
    """Count the answers in which the model thinks aloud, which is neither read nor taken for a label."""
    finder = corpus_thinking_finder(setup.language, setup.project)
    n_thinking = sum(bool(finder.find(answer.text)) for answer in answers)
    return Counter({THINKING: n_thinking} if n_thinking else {})


def _hand_over(setup: BlockSetup, number: int, rows: Rows) -> Rows:
    """Write rows as one part of each table, or else return them."""
    if setup.parts is None:
        return rows
    for name, batch in rows.items():
        with (setup.parts / f"{name}.parquet" / f"part-{number:06}.parquet").open("wb") as file:
            pq.write_table(pa.Table.from_batches([batch]), file, compression="zstd", row_group_size=ROW_GROUP)
    return {}


def _write_scratch(folder: Path, keys: Sequence[pa.Array], table: pa.Table) -> str:
    # No other worker has the name, even where a cluster has a block worked on twice.
    path = folder / f"{uuid4().hex}.arrow"
    try:
        path.write_bytes(encode_table(pa.table([*keys, *table.columns], schema=_SCRATCH_SCHEMA)))
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


@lru_cache(maxsize=LEXICONS_KEPT)
def _term_table(language: str, project: ProjectLexicon | None, categories: CategorySet) -> TermTable:
    return TermTable(load_lexicon(language, project), categories)


@lru_cache(maxsize=LEXICONS_KEPT)
def _reader(language: str, project: ProjectLexicon | None, weights: ReadingWeights, categories: CategorySet) -> Reader:
    return Reader(load_lexicon(language, project), weights, categories)


@lru_cache(maxsize=LEXICONS_KEPT)
def _mention_batches(language: str, project: ProjectLexicon | None, categories: CategorySet) -> MentionBatches:
    return MentionBatches(inventory_of(load_lexicon(language, project)), categories)
