"""Intervals of the plain shares in the tables by model and gold, as rows that the tables join."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from scipy import sparse

from descan.compare.bootstrap import Resampling
from descan.compare.database import read_sql
from descan.compare.intervals import ShareIntervals, share_intervals
from descan.compare.strata import GOLDS, Stratum, count_strata
from descan.emotions import Emotion

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


@dataclass(frozen=True, slots=True)
class _Family:
    """Shares with one denominator by model and gold, such as all actions among descriptions."""

    name: str
    base: str
    keys: Sequence[str]


def create_share_intervals(connection: DuckDBPyConnection, resampling: Resampling) -> None:
    """Fill the table `share_intervals`: the interval of each share, over all golds and by gold.

    Args:
        connection: A database in which shares.sql has run.
        resampling: How intervals are made.
    """
    batches = [
        _batch(family, stratum.key[0], share_intervals(stratum.groups, above, below, resampling.confidence))
        for family in _families(connection)
        for above, below in [_memberships(len(family.keys))]
        for stratum in _strata(connection, family)
    ]
    connection.from_arrow(pa.Table.from_batches(batches, _SCHEMA)).insert_into("share_intervals")


def _families(connection: DuckDBPyConnection) -> list[_Family]:
    query = "SELECT family, base, list(key ORDER BY key) FROM share_keys GROUP BY family, base ORDER BY family"
    return [_Family(*row) for row in connection.execute(query).fetchall()]


def _strata(connection: DuckDBPyConnection, family: _Family) -> list[Stratum]:
    """Count by model; cell = place of gold * (1 + n_keys) + 0 for the denominator, or 1 + place of the key."""
    parameters = {"family": family.name, "base": family.base, "keys": list(family.keys)}
    return count_strata(connection, read_sql("strata/shares"), _N_GOLDS * (1 + len(family.keys)), parameters)


def _memberships(n_keys: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return the cells of every numerator and denominator. Shape of each: (n_keys * 8, n_cells)."""
    golds = sparse.csr_array(np.vstack([np.ones(_N_GOLDS), np.eye(len(Emotion), _N_GOLDS)]))
    cells = sparse.eye_array(1 + n_keys, format="csr")
    above = sparse.vstack([sparse.kron(golds, cells[[place]]) for place in range(1, 1 + n_keys)], format="csr")
    below = sparse.vstack([sparse.kron(golds, cells[[0]])] * n_keys, format="csr")
    return above, below


def _batch(family: _Family, model: str, intervals: ShareIntervals) -> pa.RecordBatch:
    n_rows = len(intervals.values)
    return pa.RecordBatch.from_pydict(
        {
            "family": [family.name] * n_rows,
            "model": [model] * n_rows,
            "gold": list(GOLDS) * len(family.keys),
            "key": [key for key in family.keys for _ in GOLDS],
            "share_low": intervals.low.tolist(),
            "share_high": intervals.high.tolist(),
            "interval": [str(method) for method in intervals.methods],
            "n_groups": intervals.n_groups.tolist(),
        },
        schema=_SCHEMA,
    )
