"""Strata: the items of a model, or of a model and mode, counted in cells by group."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray
from scipy import sparse

from descan.compare.bootstrap import FloatMatrix, GroupCounts, count_types, gather_types
from descan.compare.intervals import ShareIntervals, as_count, share_intervals
from descan.emotions import CategorySet

ALL_GOLDS = "all"
"""The row of a table by gold category that stands for every category together; it comes first."""

Key = tuple[str, ...]

_BATCH_ROWS = 100_000
"""Rows of a query that are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Items that are counted together.

    Attributes:
        key: What they have in common, such as model and mode.
        groups: Their counts in cells, by group.
        n_left_out: How many have no cell.
    """

    key: Key
    groups: GroupCounts
    n_left_out: int | float = 0


def golds_of(categories: CategorySet) -> tuple[str, ...]:
    """Return the rows of a table by gold category, in their order."""
    return (ALL_GOLDS, *categories.names)


def gold_rows(n_categories: int) -> FloatMatrix:
    """Return 1 where a gold category counts in a row of `golds_of`. Shape: (n_categories + 1, n_categories)."""
    return np.vstack([np.ones(n_categories), np.eye(n_categories)])


def gold_or_none_rows(n_categories: int) -> FloatMatrix:
    """Return the same with no gold as the last category, which counts in `all` only.

    Returns:
        Shape: (n_categories + 1, n_categories + 1).
    """
    return np.vstack([np.ones(n_categories + 1), np.eye(n_categories, n_categories + 1)])


def count_strata(
    connection: DuckDBPyConnection, query: str, n_cells: int, parameters: Mapping[str, object] | None = None
) -> list[Stratum]:
    """Count the rows of a query by stratum, group and cell.

    Groups are counted as they come and kept by type, so that memory grows with what groups hold, not with rows.

    Args:
        connection: The database.
        query: Gives columns that name the stratum and then `unit`, `cell` (0 to n_cells - 1, or NULL for what is left
            out) and `n`, in weights as rules.sql has them, as integers; sorted by stratum and unit.
        n_cells: Number of cells.
        parameters: Of the query.
    """
    [(whole,)] = connection.execute("SELECT coalesce(getvariable('whole'), 1)").fetchall()
    runs = groupby(fetch_runs(connection, query, parameters), key=lambda run: run[0])
    return [_count_stratum(key, (rows for _, rows in found), n_cells, whole) for key, found in runs]


def count_shares(
    connection: DuckDBPyConnection,
    query: str,
    numerators: FloatMatrix | sparse.csr_array,
    denominators: FloatMatrix | sparse.csr_array,
    confidence: float,
    parameters: Mapping[str, object] | None = None,
) -> Iterator[tuple[Stratum, ShareIntervals]]:
    """Count the rows of a query as `count_strata` does, and give each stratum its shares by `share_intervals`."""
    strata = count_strata(connection, query, numerators.shape[1], parameters)
    shares = share_intervals([stratum.groups for stratum in strata], numerators, denominators, confidence)
    return zip(strata, shares, strict=True)


def fetch_runs(
    connection: DuckDBPyConnection, query: str, parameters: Mapping[str, object] | None = None, n_integers: int = 3
) -> Iterator[tuple[Key, NDArray[np.int64]]]:
    """Read a query that is sorted by stratum in pieces of bounded size; no other query may run meanwhile.

    Args:
        connection: The database.
        query: Gives columns that name the stratum and then columns of integers.
        parameters: Of the query.
        n_integers: Number of columns of integers.

    Yields:
        A stratum and some of its rows, in which NULL is -1. Shape: (n_integers, n_rows).
    """
    for batch in connection.sql(query, params=dict(parameters or {})).to_arrow_reader(_BATCH_ROWS):
        names, integers = batch.columns[:-n_integers], batch.columns[-n_integers:]
        rows = np.stack([pc.fill_null(column.cast(pa.int64()), -1).to_numpy() for column in integers])
        is_first = np.arange(batch.num_rows) == 0
        for column in names:
            is_first[1:] |= pc.not_equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False)
        for start, end in pairwise([*np.flatnonzero(is_first).tolist(), batch.num_rows]):
            yield tuple(str(column[start].as_py()) for column in names), rows[:, start:end]


def _count_stratum(key: Key, runs: Iterable[NDArray[np.int64]], n_cells: int, whole: int) -> Stratum:
    types = Counter[bytes]()
    n_left_out = 0
    rest = np.empty((3, 0), dtype=np.int64)
    for rows in runs:
        n_ended = int(np.searchsorted(rest[0], rest[0, -1:]).sum())  # The last group may go on.
        if n_ended:
            types.update(count_types(rest[:, :n_ended], n_cells))
        is_left_out = rows[1] < 0
        n_left_out += int(rows[2, is_left_out].sum())
        rest = np.hstack([rest[:, n_ended:], rows[:, ~is_left_out]])
    types.update(count_types(rest, n_cells))
    return Stratum(key, gather_types(types, n_cells, whole), as_count(n_left_out / whole))
