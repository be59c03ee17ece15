"""What the stages found, as rows of the tables of an analysis."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from descan.columns import (
    DEGREES,
    FEELINGS,
    SIDES,
    SOURCES,
    TARGETS,
    Extractions,
    IntArray,
    ReadingColumns,
    TermColumns,
)
from descan.emotions import OTHER, UNDECIDED, CategorySet
from descan.lexicon import UNLISTED, Inventory
from descan.records import Answer, Label
from descan.storage import schemas

KEYS = pa.schema([schemas.MENTIONS.field(name) for name in ("item_id", "model", "repeat")])
"""Which answer a row is about."""

_KINDS = ("emotion", "action")
_DESCRIBED_COLUMNS = (
    *("described", "actions_described", "terms_described"),
    *("described_without_embedding", "described_by_embedding"),
)


def record_batch(schema: pa.Schema, records: Iterable[object], **columns: Sequence[object]) -> pa.RecordBatch:
    """Return a row for each record, whose attributes are named like the columns but for those that are given."""
    rows = list(records)
    own = {name: [getattr(row, name) for row in rows] for name in schema.names if name not in columns}
    return _batch(schema, {**own, **columns})


def label_batch(answers: Sequence[Answer], labels: Sequence[Label]) -> pa.RecordBatch:
    """Return rows of `labels.parquet`."""
    cells = {name: [getattr(answer, name) for answer in answers] for name in ("item_id", "model", "mode", "repeat")}
    found = {name: [getattr(label, name) for label in labels] for name in ("label", "reason")}
    return _batch(schemas.LABELS, cells | found)


def reading_batch(
    keys: pa.RecordBatch,
    extractions: Extractions,
    readings: ReadingColumns,
    categories: CategorySet,
    languages: pa.StringArray,
) -> pa.RecordBatch:
    """Return rows of `readings.parquet`.

    Args:
        keys: Which answers the descriptions are.
        extractions: Of these descriptions.
        readings: Of the same.
        categories: Those that they are of.
        languages: Of the descriptions.
    """
    described = _Names((*categories.names, UNDECIDED, ""))
    columns = {
        **_columns(keys),
        **extractions._asdict(),
        **readings._asdict(),
        **{name: described[getattr(readings, name)] for name in _DESCRIBED_COLUMNS},
        "language": languages,
        **dict(zip(categories.score_columns, np.ascontiguousarray(readings.scores.T), strict=True)),
    }
    return _batch(schemas.readings_schema(categories), columns)


class MentionBatches:
    """Makes rows of `mentions.parquet`; built once from an inventory and a category set."""

    def __init__(self, inventory: Inventory, categories: CategorySet) -> None:
        """Look names up in an inventory and a category set."""
        self._categories = _Names((*categories.names, OTHER, ""))
        entries = (*inventory.action_entries, *(f"term:{term}" for term in inventory.terms))
        self._first_term = len(inventory.action_entries)
        self._first_feeling = len(entries)
        self._entries = _Names((*entries, *(f"feeling:{feeling}" for feeling in FEELINGS)))
        self._actions = _Names((*inventory.actions, ""))
        self._regions = _Names((*inventory.regions, ""))
        self._aus = _Names((*inventory.aus, ""))
        self._terms = inventory.terms

    def batch(self, keys: pa.RecordBatch, extractions: Extractions, categories: TermColumns) -> pa.RecordBatch:
        """Return the rows of some descriptions.

        Args:
            keys: Which answers the descriptions are.
            extractions: Of these descriptions.
            categories: Of their mentions.
        """
        mentions = extractions.mentions
        is_action = mentions.is_action
        action = np.where(is_action, mentions.name, -1)
        is_unlisted = ~is_action & (mentions.name == UNLISTED)
        entry = np.where(is_action, mentions.entry, self._first_term + mentions.name)
        entry = np.where(is_unlisted, self._first_feeling + mentions.entry, entry)
        columns = {
            **_columns(keys.take(pa.array(extractions.owners))),
            **mentions._asdict(),
            "kind": _Names(_KINDS)[is_action.astype(np.int64)],
            "entry": self._entries[entry],
            "region": self._regions[action],
            "action": self._actions[action],
            "aus": self._aus[action],
            "term": self._term(extractions, is_action, is_unlisted),
            "category": self._categories[categories.category],
            "category_source": _Names(SOURCES)[categories.source],
            "similarity": pa.array(categories.similarity, from_pandas=True),
            "negated": mentions.is_negated,
            "hedged": mentions.is_hedged,
            "degree": _Names(DEGREES)[mentions.degree],
            "side": _Names(SIDES)[np.where(is_action, mentions.side, 0)],
            "target": _Names(TARGETS)[np.where(is_action, 0, mentions.is_of_scene)],
        }
        return _batch(schemas.MENTIONS, columns)

    def _term(self, extractions: Extractions, is_action: np.ndarray, is_unlisted: np.ndarray) -> pa.Array:
        mentions = extractions.mentions
        places = np.where(is_action, 0, mentions.name)
        unlisted = [mentions.text[place].as_py().lower() for place in np.flatnonzero(is_unlisted).tolist()]
        places[is_unlisted] = len(self._terms) + np.arange(len(unlisted))
        return _Names((*self._terms, *unlisted))[places]


class _Names:
    """Strings by number; the last one also by -1."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = pa.array(names, pa.string())

    def __getitem__(self, places: IntArray) -> pa.Array:
        return self._names.take(pa.array(places % len(self._names)))


def _columns(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    return dict(zip(batch.schema.names, batch.columns, strict=True))


def _batch(schema: pa.Schema, columns: Mapping[str, object]) -> pa.RecordBatch:
    """Return the columns of a schema, of which there may be more."""
    arrays = []
    for field in schema:
        column = columns[field.name]
        arrays.append(column.cast(field.type) if isinstance(column, pa.Array) else pa.array(column, field.type))
    return pa.record_batch(arrays, schema=schema)
