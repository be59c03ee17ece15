"""Intervals of the plain shares in the tables by model and gold, as rows that the tables join."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, GroupCounts, Resampling, count_groups
from descan.compare.intervals import ShareIntervals, share_intervals
from descan.emotions import Emotion

_GOLDS = ("all", *map(str, Emotion))

_N_GOLDS = len(Emotion) + 1
"""The categories, and no gold as the last."""

_SCHEMA = pa.schema(
    [
        ("family", pa.string()),
        ("model", pa.string()),
        ("gold", pa.string()),
        ("key", pa.string()),
        ("share_low", pa.float64()),
        ("share_high", pa.float64()),
        ("interval", pa.string()),
        ("n_groups", pa.int64()),
    ]
)

_BASES = """
    SELECT unit, coalesce(position, 8) - 1 AS gold, n
    FROM share_bases LEFT JOIN emotions ON emotion = gold
    WHERE base = $base AND model = $model
"""

_HITS = """
    SELECT unit, coalesce(position, 8) - 1 AS gold, place AS key, n
    FROM share_hits LEFT JOIN emotions ON emotion = gold
    JOIN (SELECT unnest($keys) AS key, unnest(range(len($keys))) AS place) AS keys USING (key)
    WHERE family = $family AND model = $model
"""


@dataclass(frozen=True, slots=True)
class _Family:
    """Shares with one denominator by model and gold, such as all actions among descriptions."""

    name: str
    base: str
    keys: Sequence[str]


def write_bounds(connection: DuckDBPyConnection, resampling: Resampling) -> None:
    """Fill the table `bounds`: the interval of each share, over all golds and by gold.

    Args:
        connection: A database in which shares.sql has run.
        resampling: How intervals are made.
    """
    batches = [
        _batch(family, model, share_intervals(groups, *_memberships(len(family.keys)), resampling))
        for family in _families(connection)
        for model, groups in _counted(connection, family)
    ]
    connection.from_arrow(pa.Table.from_batches(batches, _SCHEMA)).insert_into("bounds")


def _families(connection: DuckDBPyConnection) -> list[_Family]:
    query = "SELECT family, base, list(key ORDER BY key) FROM share_keys GROUP BY family, base ORDER BY family"
    return [_Family(*row) for row in connection.execute(query).fetchall()]


def _counted(connection: DuckDBPyConnection, family: _Family) -> Iterator[tuple[str, GroupCounts]]:
    """Count by model; cell = place of gold * (1 + n_keys) + 0 for the denominator, or 1 + place of the key."""
    width = 1 + len(family.keys)
    models = "SELECT DISTINCT model FROM share_bases WHERE base = $base ORDER BY model"
    for (model,) in connection.execute(models, {"base": family.base}).fetchall():
        bases = connection.execute(_BASES, {"base": family.base, "model": model}).fetchnumpy()
        parameters = {"family": family.name, "model": model, "keys": list(family.keys)}
        hits = connection.execute(_HITS, parameters).fetchnumpy()
        yield (
            model,
            count_groups(
                np.concatenate([bases["unit"], hits["unit"]]),
                np.concatenate([bases["gold"] * width, hits["gold"] * width + 1 + hits["key"]]),
                _N_GOLDS * width,
                np.concatenate([bases["n"], hits["n"]]),
            ),
        )


def _memberships(n_keys: int) -> tuple[FloatMatrix, FloatMatrix]:
    """Give the cells of every numerator and denominator. Shape of each: (n_keys * 8, n_cells)."""
    golds = np.vstack([np.ones(_N_GOLDS), np.eye(len(Emotion), _N_GOLDS)])
    cells = np.eye(1 + n_keys)
    above = np.vstack([np.kron(golds, key) for key in cells[1:]])
    below = np.vstack([np.kron(golds, cells[0])] * n_keys)
    return above, below


def _batch(family: _Family, model: str, intervals: ShareIntervals) -> pa.RecordBatch:
    n_rows = len(intervals.values)
    return pa.RecordBatch.from_pydict(
        {
            "family": [family.name] * n_rows,
            "model": [model] * n_rows,
            "gold": list(_GOLDS) * len(family.keys),
            "key": np.repeat(np.array(family.keys, dtype=object), len(_GOLDS)),
            "share_low": intervals.low,
            "share_high": intervals.high,
            "interval": [str(method) for method in intervals.methods],
            "n_groups": intervals.n_groups,
        },
        schema=_SCHEMA,
    )
