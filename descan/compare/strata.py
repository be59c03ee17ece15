"""Strata: the items of a model, or of a model and mode, counted in cells by group."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatVector, GroupCounts, Intervals, IntVector, count_groups, merge_groups
from descan.compare.intervals import ShareIntervals
from descan.emotions import Emotion

ALL = "all"
"""Stands for every gold category together."""

GOLDS = (ALL, *map(str, Emotion))
"""The rows of a table by gold category, in their order."""

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
    n_left_out: int = 0


def count_strata(
    connection: DuckDBPyConnection, query: str, n_cells: int, parameters: Mapping[str, object] | None = None
) -> list[Stratum]:
    """Count the rows of a query by stratum, group and cell.

    Groups are counted as they come and kept by type, so that memory grows with what groups hold, not with rows.

    Args:
        connection: The database.
        query: Gives columns that name the stratum and then `unit`, `cell` (0 to n_cells - 1, or NULL for what is left
            out) and `n` as integers; sorted by stratum and unit.
        n_cells: Number of cells.
        parameters: Of the query.
    """
    runs = groupby(fetch_runs(connection, query, 3, parameters), key=lambda run: run[0])
    return [_stratum(key, (columns for _, columns in found), n_cells) for key, found in runs]


def fetch_runs(
    connection: DuckDBPyConnection, query: str, n_columns: int, parameters: Mapping[str, object] | None = None
) -> Iterator[tuple[Key, list[IntVector]]]:
    """Read a query that is sorted by stratum in pieces of bounded size; no other query may run meanwhile.

    Args:
        connection: The database.
        query: Gives columns that name the stratum and then some of integers.
        n_columns: Number of those of integers.
        parameters: Of the query.

    Yields:
        A stratum and some of its rows as columns, in which NULL is -1.
    """
    reader = connection.sql(query, params=dict(parameters or {})).to_arrow_reader(_BATCH_ROWS)
    for batch in reader:
        n_keys = batch.num_columns - n_columns
        names, numbers = batch.columns[:n_keys], [_integers(column) for column in batch.columns[n_keys:]]
        for start, end in pairwise(_boundaries(names, batch.num_rows)):
            yield tuple(str(column[start].as_py()) for column in names), [column[start:end] for column in numbers]


def cells_of_gold(gold: str, states: Iterable[int], n_states: int) -> FloatVector:
    """Return 1 for the cells of some states of one gold category or of all; cell = place of gold * n_states + state.

    Args:
        gold: One of `GOLDS`.
        states: 0 to n_states - 1.
        n_states: Number of states that an item of a gold category can have.

    Returns:
        Shape: (7 * n_states,).
    """
    cells = np.zeros((len(Emotion), n_states))
    rows = range(len(Emotion)) if gold == ALL else [list(Emotion).index(Emotion(gold))]
    cells[np.ix_(rows, list(states))] = 1
    return cells.ravel()


def with_interval(intervals: Intervals | ShareIntervals, index: int) -> tuple[float, float, float]:
    """Return a value and the two ends of its interval."""
    return float(intervals.values[index]), float(intervals.low[index]), float(intervals.high[index])


def _stratum(key: Key, runs: Iterable[list[IntVector]], n_cells: int) -> Stratum:
    parts: list[GroupCounts] = []
    n_left_out = 0
    rest = np.empty((3, 0), dtype=np.int64)
    for run in runs:
        rest = np.hstack([rest, run])
        is_left_out = rest[1] < 0
        n_left_out += int(rest[2, is_left_out].sum())
        rest = rest[:, ~is_left_out]
        n_ended = int(np.searchsorted(rest[0], rest[0, -1])) if rest.size else 0  # The last group may go on.
        if n_ended:
            parts.append(_counted(rest[:, :n_ended], n_cells))
            rest = rest[:, n_ended:]
    if rest.size or not parts:
        parts.append(_counted(rest, n_cells))
    return Stratum(key, merge_groups(parts), n_left_out)


def _counted(rows: NDArray[np.int64], n_cells: int) -> GroupCounts:
    units, cells, counts = rows
    return count_groups(units, cells, n_cells, counts)


def _integers(column: pa.Array) -> IntVector:
    return np.asarray(pc.fill_null(column.cast(pa.int64()), -1).to_numpy(), dtype=np.int64)


def _boundaries(keys: list[pa.Array], n_rows: int) -> list[int]:
    if n_rows == 0:
        return []
    is_new = np.zeros(n_rows, dtype=bool)
    is_new[0] = True
    for column in keys:
        is_new[1:] |= pc.not_equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False)
    return [*np.flatnonzero(is_new).tolist(), n_rows]
