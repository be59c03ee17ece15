"""Extractions as Arrow tables, to be kept and sent."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from descan.columns import Extractions, MentionColumns

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


def as_table(extractions: Extractions) -> pa.Table:
    """Put extractions into a table."""
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
    """Take extractions out of a table."""
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


def _numbers(column: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    chunk = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    values: NDArray[Any] = chunk.to_numpy(zero_copy_only=False)
    return values if values.dtype == np.bool_ else values.astype(np.int64)
