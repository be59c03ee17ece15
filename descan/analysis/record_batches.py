"""What the stages found, as rows of the tables of an analysis."""

from collections.abc import Iterable, Sequence

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
from descan.emotions import OTHER, UNDECIDED, Emotion
from descan.lexicon import UNLISTED, Inventory
from descan.records import Answer, Item, Label
from descan.storage import schemas

KEYS = pa.schema([schemas.MENTIONS.field(name) for name in ("item_id", "model", "repeat")])
"""Which answer a row is about."""

_KINDS = ("emotion", "action")
_CATEGORIES = (*map(str, Emotion), OTHER, "")
_DESCRIBED = (*map(str, Emotion), UNDECIDED)


def item_batch(items: Iterable[Item]) -> pa.RecordBatch:
    """Return rows of `items.parquet`."""
    return _batch(schemas.ITEMS, ((item.item_id, item.gold, item.group, item.media) for item in items))


def answer_batch(answers: Sequence[Answer]) -> pa.RecordBatch:
    """Return rows of `answers.parquet`."""
    rows = (
        (
            answer.item_id,
            answer.model,
            answer.repeat,
            str(answer.mode),
            str(answer.status),
            answer.text,
            answer.latency_s,
            answer.input_tokens,
            answer.output_tokens,
            answer.thinking_tokens,
            answer.cost_usd,
        )
        for answer in answers
    )
    return _batch(schemas.ANSWERS, rows)


def label_batch(answers: Sequence[Answer], labels: Sequence[Label]) -> pa.RecordBatch:
    """Return rows of `labels.parquet`."""
    rows = (
        (answer.item_id, answer.model, str(answer.mode), answer.repeat, label.label, label.reason)
        for answer, label in zip(answers, labels, strict=True)
    )
    return _batch(schemas.LABELS, rows)


def key_batch(answers: Sequence[Answer]) -> pa.RecordBatch:
    """Return the keys of answers."""
    return _batch(KEYS, ((answer.item_id, answer.model, answer.repeat) for answer in answers))


def reading_batch(keys: pa.RecordBatch, extractions: Extractions, readings: ReadingColumns) -> pa.RecordBatch:
    """Return rows of `readings.parquet`.

    Args:
        keys: Which answers the descriptions are.
        extractions: Of these descriptions.
        readings: Of the same.
    """
    described = _Names(_DESCRIBED)
    arrays = {
        **_columns(keys),
        "described": described[readings.described],
        **dict(zip(schemas.SCORE_COLUMNS, map(pa.array, np.ascontiguousarray(readings.scores.T)), strict=True)),
        "valence": readings.valence,
        "actions_described": described[readings.actions_described],
        "terms_described": described[readings.terms_described],
        "actions_share": readings.actions_share,
        "terms_share": readings.terms_share,
        "n_words": extractions.n_words,
        "n_actions": readings.n_actions,
        "n_regions": readings.n_regions,
        "n_emotions": readings.n_emotions,
        "n_hedged": readings.n_hedged,
        "n_negated": readings.n_negated,
        "refused": extractions.refused,
        "named": pa.array(extractions.named, schemas.READINGS.field("named").type),
        "described_without_embedding": described[readings.described_without_embedding],
    }
    return _record_batch(schemas.READINGS, arrays)


class MentionBatches:
    """Makes rows of `mentions.parquet`; built once from an inventory."""

    def __init__(self, inventory: Inventory) -> None:
        """Look names up in an inventory."""
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
        degrees, sides, targets = _Names(DEGREES), _Names(SIDES), _Names(TARGETS)
        arrays = {
            **_columns(keys.take(pa.array(extractions.owners))),
            "kind": _Names(_KINDS)[is_action.astype(np.int64)],
            "start": mentions.start,
            "end": mentions.end,
            "text": mentions.text,
            "entry": self._entries[entry],
            "region": self._regions[action],
            "action": self._actions[action],
            "aus": self._aus[action],
            "term": self._term(extractions, is_action, is_unlisted),
            "category": _Names(_CATEGORIES)[categories.category],
            "category_source": _Names(SOURCES)[categories.source],
            "similarity": pa.array(categories.similarity, from_pandas=True),
            "negated": mentions.is_negated,
            "hedged": mentions.is_hedged,
            "degree": degrees[mentions.degree],
            "side": sides[np.where(is_action, mentions.side, 0)],
            "target": targets[np.where(is_action, 0, mentions.is_of_scene)],
            "negation_cue": mentions.negation_cue,
            "hedge_cue": mentions.hedge_cue,
            "is_conclusion": mentions.is_conclusion,
        }
        return _record_batch(schemas.MENTIONS, arrays)

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


def _batch(schema: pa.Schema, rows: Iterable[Sequence[object]]) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.record_batch(arrays, schema=schema)


def _record_batch(schema: pa.Schema, arrays: dict[str, pa.Array | np.ndarray]) -> pa.RecordBatch:
    columns = [pa.array(arrays[field.name]).cast(field.type) for field in schema]
    return pa.record_batch(columns, schema=schema)
