"""Extractions as Arrow tables, for the cache and for scratch files."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from descan.columns import DEGREES, FEELINGS, SIDES, Extractions, MentionColumns
from descan.lexicon import Inventory

_MENTION = pa.struct(
    [
        ("is_action", pa.bool_()),
        ("name", pa.int32()),
        ("entry", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("degree", pa.int8()),
        ("side", pa.int8()),
        ("is_of_scene", pa.bool_()),
        ("is_conclusion", pa.bool_()),
        ("text", pa.string()),
        ("negation_cue", pa.string()),
        ("hedge_cue", pa.string()),
    ]
)
"""As in `MentionColumns`."""

SCHEMA = pa.schema(
    [
        ("mentions", pa.list_(_MENTION)),
        ("n_words", pa.int32()),
        ("refused", pa.bool_()),
        ("named", pa.list_(pa.string())),
    ]
)
"""A row is a description."""


def to_table(extractions: Extractions) -> pa.Table:
    """Return extractions as a table."""
    mentions = [
        pa.array(column).cast(field.type) if isinstance(column, np.ndarray) else column
        for column, field in zip(extractions.mentions, _MENTION, strict=True)
    ]
    arrays = [
        pa.ListArray.from_arrays(
            pa.array(extractions.bounds.astype(np.int32)), pa.StructArray.from_arrays(mentions, fields=list(_MENTION))
        ),
        pa.array(extractions.n_words.astype(np.int32)),
        pa.array(extractions.refused),
        pa.array(extractions.named, SCHEMA.field("named").type),
    ]
    return pa.table(arrays, schema=SCHEMA)


def from_table(table: pa.Table) -> Extractions:
    """Return the extractions in a table with at least the columns of `SCHEMA`."""
    lists = table["mentions"].combine_chunks()
    mentions = lists.values
    columns = [mentions.field(place) for place in range(len(_MENTION))]
    return Extractions(
        bounds=_numbers(lists.offsets),
        mentions=MentionColumns(
            *(column if pa.types.is_string(column.type) else _numbers(column) for column in columns)
        ),
        n_words=_numbers(table["n_words"]),
        refused=_numbers(table["refused"]),
        named=[tuple(names) for names in table["named"].to_pylist()],
    )


def check_ranges(table: pa.Table, inventory: Inventory) -> bool:
    """Return whether a table with `SCHEMA` has a value everywhere, and no number beyond what it counts."""
    lists = table["mentions"].combine_chunks()
    mentions = lists.flatten()
    columns = [column.combine_chunks() for column in table.columns]
    arrays = [*columns, *mentions.flatten(), columns[-1].flatten()]
    if any(array.null_count for array in arrays) or len(mentions) != len(lists.values):
        return False
    numbers = from_table(table).mentions
    names = np.where(numbers.is_action, len(inventory.actions), len(inventory.terms))
    entries = np.where(numbers.is_action, len(inventory.action_entries), len(FEELINGS))
    return all(
        bool(((values >= 0) & (values < limits)).all())
        for values, limits in (
            (numbers.name, names),
            (numbers.entry, entries),
            (numbers.start, numbers.end),
            (numbers.degree, len(DEGREES)),
            (numbers.side, len(SIDES)),
        )
    )


def _numbers(column: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    chunk = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    values: NDArray[Any] = chunk.to_numpy(zero_copy_only=False)
    return values if values.dtype == np.bool_ else values.astype(np.int64)
