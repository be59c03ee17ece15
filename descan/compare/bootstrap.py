"""Bootstrap over groups: how far a statistic would move had other groups of items been drawn.

Items of one group (a clip, a subject) are not independent, so whole groups are drawn, with all their items and
all repeats of these (Davison & Hinkley 1997, ch. 3.8; Field & Welsh 2007). Groups with the same counts are one
type: to draw n groups is to draw from a multinomial over the types, which is exact and far cheaper.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, stats

IntVector = NDArray[np.int64]
FloatVector = NDArray[np.float64]
FloatMatrix = NDArray[np.float64]

Statistic = Callable[[FloatMatrix], FloatMatrix]
"""Maps cell totals, one row a resample, to values. Shape: (n, n_cells) to (n, n_statistics); undefined is NaN."""

MAX_UNDEFINED_SHARE = 0.05
"""A statistic that is undefined in a greater share of the resamples has no interval."""

_CHUNK_CELLS = 4_000_000
"""Draws that are in memory at a time: 32 MB for each array of them."""

_MAX_KEPT = 100_000_000
"""Draws, of one byte each, that are kept for the next statistic."""

_DRAWS_PER_TYPE = 16
"""Drawing n groups one by one costs less than a multinomial over T types while n < 16 T (measured)."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How intervals are made.

    Attributes:
        n_resamples: Number of bootstrap resamples.
        seed: Of the random numbers; same seed, same intervals.
        confidence: Of the intervals, above 0 and below 1.
    """

    n_resamples: int = 10_000
    seed: int = 0
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """What the groups of a sample hold, counted in cells; groups that hold the same are one type.

    A cell is whatever a statistic needs to know, such as "gold Sad, described Fear". The totals over all
    groups are the sample's own counts.

    Attributes:
        cells: Counts of each type of group. Shape: (n_cells, n_types).
        multiplicity: Number of groups of each type. Shape: (n_types,).
    """

    cells: sparse.csr_array
    multiplicity: IntVector

    @property
    def n_groups(self) -> int:
        """Number of groups that are drawn, with replacement."""
        return int(self.multiplicity.sum())

    @property
    def totals(self) -> FloatVector:
        """The counts of the sample itself. Shape: (n_cells,)."""
        return np.asarray(self.cells @ self.multiplicity, dtype=np.float64)

    def groups_with(self, membership: ArrayLike) -> IntVector:
        """Count the groups that hold anything in some cells.

        Args:
            membership: 1 where a cell belongs to a set of cells. Shape: (n_sets, n_cells).

        Returns:
            Shape: (n_sets,).
        """
        held = sparse.csr_array(membership, dtype=np.float64) @ self.cells
        return np.asarray((held > 0).astype(np.int64) @ self.multiplicity, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Intervals:
    """Statistics of a sample with expanded percentile intervals. Each array has shape (n_statistics,).

    An interval is NaN where the statistic is, where it is undefined in more than `MAX_UNDEFINED_SHARE` of the
    resamples (the others are left out), and where all resamples agree: then there is nothing to vary, as with one
    group or a perfect score, and a width of 0 would claim a certainty that nobody has.

    Attributes:
        values: The statistics of the sample itself.
        low: Lower end.
        high: Upper end.
        p: Two-sided p that the value is 0, by inversion of the interval: from the smaller share of the resamples
            at or below, or at or above 0, each with one added (Davison & Hinkley 1997, ch. 4.4); NaN where there
            is no interval, but 1 where value and all resamples are 0.
        n_undefined: Resamples in which the statistic is undefined.
    """

    values: FloatVector
    low: FloatVector
    high: FloatVector
    p: FloatVector
    n_undefined: IntVector


def count_groups(groups: ArrayLike, cells: ArrayLike, n_cells: int, counts: ArrayLike | None = None) -> GroupCounts:
    """Sum counts by group and find the types of groups; the names of groups play no part.

    Args:
        groups: The group of each row, as integers. Shape: (n_rows,).
        cells: The cell of each row, 0 to n_cells - 1; a group may have several rows of one cell. Shape: (n_rows,).
        n_cells: Number of cells.
        counts: What each row adds, integers of at least 0; 1 if None. Shape: (n_rows,).

    Raises:
        ValueError: If a cell is out of range.
    """
    group_ids, positions = np.unique(np.asarray(groups, dtype=np.int64), return_inverse=True)
    columns = np.asarray(cells, dtype=np.int64)
    if columns.size and not 0 <= columns.min() <= columns.max() < n_cells:
        raise ValueError(f"cells must be 0 to {n_cells - 1}, found {columns.min()} to {columns.max()}")
    data = np.ones(len(columns), dtype=np.int64) if counts is None else np.asarray(counts, dtype=np.int64)
    matrix = sparse.coo_array((data, (positions, columns)), shape=(len(group_ids), n_cells)).tocsr()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    types = _types(matrix)
    _, first, multiplicity = np.unique(types, return_index=True, return_counts=True)
    return GroupCounts(matrix[first].T.tocsr().astype(np.float64), multiplicity.astype(np.int64))


def resample(
    groups: GroupCounts, statistic: Statistic, resampling: Resampling, n_groups: IntVector | None = None
) -> Intervals:
    """Give a statistic's values with their bootstrap intervals.

    The expanded percentile interval is used, not BCa: the statistics are means of many items, whose bias and skew are
    small beside their width, and BCa needs a jackknife over all groups; docs/statistics.md shows the coverage.

    Args:
        groups: The sample.
        statistic: What is computed, vectorised over resamples.
        resampling: How many resamples, from which seed, and the confidence.
        n_groups: Groups that each statistic rests on; all if None. Shape: (n_statistics,).
    """
    values = statistic(groups.totals[np.newaxis])[0]
    rest_on = np.full(values.shape, groups.n_groups) if n_groups is None else n_groups
    if len(groups.multiplicity) < 2:  # Every resample is the sample itself.
        found = percentile_intervals(values, values[np.newaxis], resampling.confidence, rest_on)
        return replace(found, n_undefined=found.n_undefined * resampling.n_resamples)
    drawn = np.concatenate([statistic(totals) for totals in resampled_totals(groups, resampling)])
    return percentile_intervals(values, drawn, resampling.confidence, rest_on)


def percentile_intervals(values: FloatVector, drawn: FloatMatrix, confidence: float, n_groups: IntVector) -> Intervals:
    """Make intervals from the values of the resamples, expanded as their groups are few.

    Percentiles of resamples are too narrow by the factor sqrt((n - 1) / n) and by that of normal to t quantiles. So
    the quantile is taken that a normal distribution has at sqrt(n / (n - 1)) t (Hesterberg 2015); with hundreds of
    groups it is the plain one.

    Args:
        values: The statistics of the sample. Shape: (n_statistics,).
        drawn: Those of the resamples. Shape: (n_resamples, n_statistics).
        confidence: Of the intervals, above 0 and below 1.
        n_groups: Groups that each statistic rests on. Shape: (n_statistics,).
    """
    n_undefined = np.isnan(drawn).sum(axis=0)
    is_known = ~np.isnan(values) & (n_undefined <= MAX_UNDEFINED_SHARE * len(drawn))
    low, high, p = (np.full(values.shape, np.nan) for _ in range(3))
    degrees = np.maximum(n_groups, 2) - 1
    expansion = np.sqrt((degrees + 1) / degrees)
    tails = stats.norm.cdf(expansion * stats.t.ppf((1 - confidence) / 2, degrees))
    for index in np.flatnonzero(is_known):
        column = drawn[:, index]
        column = column[~np.isnan(column)]
        if np.ptp(column) > 0:
            low[index], high[index] = np.quantile(column, [tails[index], 1 - tails[index]])
            n_beyond = min(np.count_nonzero(column <= 0), np.count_nonzero(column >= 0))
            beyond = stats.norm.ppf(min(0.5, (n_beyond + 1) / (len(column) + 1)))
            p[index] = 2 * stats.t.cdf(beyond / expansion[index], degrees[index])
        elif values[index] == 0 == column[0]:
            p[index] = 1.0
    return Intervals(values, low, high, p, n_undefined)


def resampled_totals(groups: GroupCounts, resampling: Resampling) -> Iterator[FloatMatrix]:
    """Draw the groups again and again, in chunks that bound the memory.

    Yields:
        Cell totals. Shape: (n_in_chunk, n_cells).
    """
    cells = groups.cells
    if groups.n_groups < _DRAWS_PER_TYPE * len(groups.multiplicity):
        cells = cells[:, np.repeat(np.arange(len(groups.multiplicity)), groups.multiplicity)]
        weights: Iterator[NDArray[np.integer]] = _drawn_one_by_one(groups.n_groups, resampling)
    else:
        weights = _drawn_by_type(groups, resampling)
    for some in weights:
        yield np.ascontiguousarray((cells @ some.astype(np.float64)).T)


def forget_draws() -> None:
    """Free the memory of the draws that are kept for the next statistic."""
    _kept_draws.cache_clear()


def _drawn_by_type(groups: GroupCounts, resampling: Resampling) -> Iterator[NDArray[np.integer]]:
    """Yield how often each type is drawn. Shape: (n_types, n_in_chunk)."""
    generator = np.random.default_rng(resampling.seed)
    shares = groups.multiplicity / groups.n_groups
    for n_drawn in _chunks(resampling.n_resamples, len(shares)):
        yield generator.multinomial(groups.n_groups, shares, size=n_drawn).T.copy()


def _drawn_one_by_one(n_groups: int, resampling: Resampling) -> Iterator[NDArray[np.integer]]:
    """Yield how often each group is drawn. Shape: (n_groups, n_in_chunk).

    The draws depend on nothing but the number of groups, so they are kept for the next statistic if they are small.
    """
    if n_groups * resampling.n_resamples <= _MAX_KEPT:
        yield from _kept_draws(n_groups, resampling.n_resamples, resampling.seed)
    else:
        yield from _draws(n_groups, resampling.n_resamples, resampling.seed)


@lru_cache(maxsize=2)
def _kept_draws(n_groups: int, n_resamples: int, seed: int) -> list[NDArray[np.integer]]:
    return list(_draws(n_groups, n_resamples, seed))


def _draws(n_groups: int, n_resamples: int, seed: int) -> Iterator[NDArray[np.integer]]:
    generator = np.random.default_rng(seed)
    for n_drawn in _chunks(n_resamples, n_groups):
        drawn = generator.integers(n_groups, size=(n_drawn, n_groups))
        drawn += np.arange(n_drawn)[:, np.newaxis] * n_groups
        counts = np.bincount(drawn.ravel(), minlength=n_drawn * n_groups).reshape(n_drawn, n_groups)
        # A count above 255 takes more than 255 groups and then has a chance of less than 1 in 10^500.
        yield counts.astype(np.uint8).T.copy()


def _chunks(n_resamples: int, n_wide: int) -> Iterator[int]:
    n_chunk = max(1, _CHUNK_CELLS // max(n_wide, 1))
    for start in range(0, n_resamples, n_chunk):
        yield min(n_chunk, n_resamples - start)


def _types(matrix: sparse.csr_array) -> IntVector:
    """Number the rows so that equal rows have equal numbers, by what they hold alone.

    One entry of every row after the other refines the numbers; a row that has ended keeps its own.
    """
    lengths = np.diff(matrix.indptr)
    counts, n_counts = _ranks(matrix.data)
    entries = matrix.indices.astype(np.int64) * n_counts + counts
    n_entries = matrix.shape[1] * n_counts
    types = np.zeros(matrix.shape[0], dtype=np.int64)
    n_types = 1
    for place in range(lengths.max(initial=0)):
        rows = np.flatnonzero(lengths > place)
        refined, n_refined = _ranks(types[rows] * n_entries + entries[matrix.indptr[rows] + place])
        types[rows] = n_types + refined
        n_types += n_refined
    return types


def _ranks(values: IntVector) -> tuple[IntVector, int]:
    distinct, ranks = np.unique(values, return_inverse=True)
    return ranks, len(distinct)
