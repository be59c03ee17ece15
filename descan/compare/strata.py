"""Strata: the items of a model, or of a model and mode, counted in cells by group."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatVector, GroupCounts, Intervals, count_groups
from descan.compare.intervals import ShareIntervals
from descan.emotions import Emotion

ALL = "all"
"""Stands for every gold category together."""

GOLDS = (ALL, *map(str, Emotion))
"""The rows of a table by gold category, in their order."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Items that are counted together.

    Attributes:
        key: What they have in common, such as model and mode.
        groups: Their counts in cells, by group.
    """

    key: tuple[str, ...]
    groups: GroupCounts


def read_strata(
    connection: DuckDBPyConnection, query: str, n_cells: int, parameters: Mapping[str, object] | None = None
) -> Iterator[Stratum]:
    """Count the rows of a query by stratum, group and cell.

    Args:
        connection: The database.
        query: Gives columns that name the stratum and then `unit`, `cell` (0 to n_cells - 1) and `n` as integers;
            sorted by stratum.
        n_cells: Number of cells.
        parameters: Of the query.
    """
    columns = connection.execute(query, dict(parameters or {})).fetchnumpy()
    *keys, units, cells, counts = (np.asarray(column) for column in columns.values())
    for start, end in pairwise(_boundaries(keys, len(units))):
        groups = count_groups(units[start:end], cells[start:end], n_cells, counts[start:end])
        yield Stratum(tuple(str(column[start]) for column in keys), groups)


def of_gold(gold: str, states: Iterable[int], n_states: int) -> FloatVector:
    """Give 1 for the cells of some states of one gold category or of all; cell = place of gold * n_states + state.

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
    """Give a value and the two ends of its interval."""
    return float(intervals.values[index]), float(intervals.low[index]), float(intervals.high[index])


def _boundaries(keys: list[NDArray[np.object_]], n_rows: int) -> list[int]:
    if n_rows == 0:
        return []
    is_new = np.zeros(n_rows, dtype=bool)
    is_new[0] = True
    for column in keys:
        is_new[1:] |= column[1:] != column[:-1]
    return [*np.flatnonzero(is_new).tolist(), n_rows]
