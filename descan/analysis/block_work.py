"""The work on a block of answers: first all that needs no embedding, then what comes of it.

Between the two the terms that the lexicon does not have are embedded, all of them at once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b, sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from descan.analysis.extraction_tables import SCHEMA as EXTRACTIONS
from descan.analysis.extraction_tables import as_table, from_table
from descan.analysis.record_batches import MentionBatches, answer_batch, key_batch, label_batch, reading_batch
from descan.categorize.labels.parser import LabelParser
from descan.categorize.readings import Reader, ReadingWeights
from descan.categorize.term_categories import TermCategory, TermTable
from descan.corpus import AnswerFormat, Block, BlockAnswers, KeyArray, load_block
from descan.lexicon import inventory_of, load_lexicon
from descan.light_imports import import_spacy_alone
from descan.records import Answer, Label, Mode, Status
from descan.storage.tables_kept import kept, read_kept

_PACKAGE = Path(__file__).parents[1]
_LABELS = pa.schema([("label", pa.string()), ("reason", pa.string())])


@dataclass(frozen=True, slots=True)
class Setup:
    """What all blocks of an analysis have in common.

    Attributes:
        answer_format: That of the corpus.
        language: Of the answers.
        aliases: Spelled label -> one of the seven categories, sorted.
        kept: Folder of what was extracted.
        weights: How much each mention counts in a reading.
        n_characters: How much there is to read, about.
        may_compile: Whether the first worker may compile the extraction for the others and for later runs.
        has_spacy_alone: Import spaCy without torch, in a process of our own.
    """

    answer_format: AnswerFormat
    language: str
    aliases: tuple[tuple[str, str], ...]
    kept: Path
    weights: ReadingWeights
    n_characters: int = 0
    may_compile: bool = False
    has_spacy_alone: bool = False


class ReadBlock(NamedTuple):
    """What a block holds, but for what depends on embeddings.

    Attributes:
        answers: Rows of `answers.parquet`, or None where they are written already.
        labels: Rows of `labels.parquet`, alike.
        n_answers: How many rows of answers.
        n_labels: How many of labels.
        described: Which answers are descriptions with a text, as `KEYS`.
        extraction: The key of what they mention.
        unlisted: The terms among them that the lexicon does not have.
        keys: Of all answers, for `AnswerKeys`.
        models: The names of the models that answered.
        left_out: Reason -> how many.
    """

    answers: pa.RecordBatch | None
    labels: pa.RecordBatch | None
    n_answers: int
    n_labels: int
    described: pa.RecordBatch
    extraction: str
    unlisted: frozenset[str]
    keys: KeyArray
    models: frozenset[str]
    left_out: Counter[str]

    @property
    def has_rows(self) -> bool:
        """Whether rows are still to be written."""
        return self.answers is not None


class WeighedBlock(NamedTuple):
    """What descriptions say.

    Attributes:
        mentions: Rows of `mentions.parquet`, or None where they are written already.
        readings: Rows of `readings.parquet`, alike.
        n_mentions: How many rows of mentions.
    """

    mentions: pa.RecordBatch | None
    readings: pa.RecordBatch | None
    n_mentions: int

    @property
    def has_rows(self) -> bool:
        """Whether rows are still to be written."""
        return self.mentions is not None


class Extracted(NamedTuple):
    """A block whose descriptions are to be weighed.

    Attributes:
        place: Where it was read, for messages.
        described: Which answers they are, as `KEYS`.
        extraction: The key of what they mention.
        unlisted: The categories of the terms that the lexicon does not have.
    """

    place: str
    described: pa.RecordBatch
    extraction: str
    unlisted: Mapping[str, TermCategory]

    def __str__(self) -> str:
        """Give the place."""
        return self.place


def read(setup: Setup, block: Block) -> ReadBlock:
    """Read the answers of a block, extract mentions and parse labels.

    Raises:
        InputError: If a row is not allowed.
    """
    return read_found(setup, load_block(block, setup.answer_format))


def read_found(setup: Setup, found: BlockAnswers) -> ReadBlock:
    """Extract mentions and parse labels of answers."""
    describing = [answer for answer in found.answers if answer.mode is Mode.DESCRIBE]
    labelling = [answer for answer in found.answers if answer.mode is not Mode.DESCRIBE]
    described = [answer for answer in describing if answer.status is Status.OK]
    unread = Counter(f"describe_{answer.status}" for answer in describing if answer.status is not Status.OK)
    texts = [answer.text for answer in described]
    key = _key(setup, "extraction", texts)
    extractions = from_table(kept(setup.kept, key, lambda: _extract(setup, texts)))
    return ReadBlock(
        answers=answer_batch(found.answers),
        labels=label_batch(labelling, _labels(setup, labelling)),
        n_answers=len(found.answers),
        n_labels=len(labelling),
        described=key_batch(described),
        extraction=key,
        unlisted=_term_table(setup.language).unlisted(extractions.mentions),
        keys=found.all_keys,
        models=frozenset(answer.model for answer in found.answers),
        left_out=found.left_out + unread,
    )


def weigh(setup: Setup, block: Extracted) -> WeighedBlock:
    """Categorize the mentions of descriptions and read each as a whole."""
    extractions = from_table(read_kept(setup.kept, block.extraction))
    categories = _term_table(setup.language).categorize(extractions, block.unlisted)
    readings = _reader(setup.language, setup.weights).read_columns(extractions, categories)
    return WeighedBlock(
        _mention_batches(setup.language).batch(block.described, extractions, categories),
        reading_batch(block.described, extractions, readings),
        len(extractions.mentions.name),
    )


def _extract(setup: Setup, texts: Sequence[str]) -> pa.Table:
    if not texts:
        return EXTRACTIONS.empty_table()
    if setup.has_spacy_alone:
        import_spacy_alone()
    from descan.extract import load_extractor  # spaCy takes a second to import, and what is kept needs none.

    extractor = load_extractor(setup.language)
    extractor.prepare(setup.n_characters, may_compile=setup.may_compile)
    return as_table(extractor.extract(texts))


def _labels(setup: Setup, answers: Sequence[Answer]) -> list[Label]:
    """Parse labels; an answer without a text to read has its status for a reason."""
    readable = [answer for answer in answers if answer.status is Status.OK]
    texts = [answer.text for answer in readable]
    key = _key(setup, "labels", texts)
    table = kept(setup.kept, key, lambda: _label_table(setup.aliases, texts))
    parsed = iter(map(Label, table["label"].to_pylist(), table["reason"].to_pylist()))
    return [next(parsed) if answer.status is Status.OK else Label(None, str(answer.status)) for answer in answers]


def _label_table(aliases: tuple[tuple[str, str], ...], texts: Sequence[str]) -> pa.Table:
    labels = [_label_parser(aliases).parse(text) for text in texts]
    return pa.table([[label.label for label in labels], [label.reason for label in labels]], schema=_LABELS)


def _key(setup: Setup, kind: str, texts: Sequence[str]) -> str:
    """Give a digest of texts and of all that what is found in them depends on."""
    depends = (kind, setup.language, setup.aliases, load_lexicon(setup.language).digest, _code())
    digest = blake2b(repr(depends).encode(), digest_size=24)
    for text in texts:
        content = text.encode()
        digest.update(len(content).to_bytes(8))
        digest.update(content)
    return digest.hexdigest()


@lru_cache
def _code() -> str:
    """Give a digest of the code that extracts and parses, and of what it takes from other modules."""
    digest = sha256(f"{version('descan')} {version('spacy')}".encode())
    for pattern in ("*.py", "analysis/*.py", "extract/**/*.py", "categorize/**/*.py", "lexicon/*.py", "storage/*.py"):
        for path in sorted(_PACKAGE.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@lru_cache
def _label_parser(aliases: tuple[tuple[str, str], ...]) -> LabelParser:
    return LabelParser(dict(aliases))


@lru_cache
def _term_table(language: str) -> TermTable:
    return TermTable(load_lexicon(language))


@lru_cache
def _reader(language: str, weights: ReadingWeights) -> Reader:
    return Reader(load_lexicon(language), weights)


@lru_cache
def _mention_batches(language: str) -> MentionBatches:
    return MentionBatches(inventory_of(load_lexicon(language)))
