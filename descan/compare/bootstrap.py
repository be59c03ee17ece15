"""Bootstrap over groups: how far a statistic would move had other groups of items been drawn.

Items of one group (a clip, a subject) are not independent, so whole groups are drawn, with all their items and
all repeats of these (Davison & Hinkley 1997, ch. 3.8; Field & Welsh 2007). Groups with the same counts are one
type: to draw n groups is to draw from a multinomial over the types, which is exact and far cheaper.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, special

IntVector = NDArray[np.int64]
FloatVector = NDArray[np.float64]
FloatMatrix = NDArray[np.float64]

Statistic = Callable[[FloatMatrix], FloatMatrix]
"""Maps cell totals, one row a resample, to values. Shape: (n, n_cells) to (n, n_statistics); undefined is NaN."""

MAX_UNDEFINED_SHARE = 0.05
"""A statistic that is undefined in a greater share of the resamples has no interval."""

_ROUNDING = 1e-12
"""Resamples that differ by less are the same."""

MAX_CACHED = 50_000_000
"""Draws of a number of groups that are kept for the next statistic over as many: up to 100 MB."""

MAX_CACHED_TOGETHER = 100_000_000
"""Draws of all numbers of groups that are kept: room for a corpus and its gold categories, up to 200 MB."""

_CHUNK_CELLS = 2_000_000
"""Draws that are in memory at a time: 16 MB for each array of them."""

_CELLS_IN_CACHE = 1 << 17
"""Draws that are counted at a time, few enough for a processor's cache."""

_DRAWS_PER_TYPE = 10
"""Drawing n groups one by one costs less than a multinomial over T types while n < 10 T (measured)."""

_CACHED_DRAWS: dict[tuple[int, int, int], NDArray[np.unsignedinteger]] = {}


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

    def combine(self, weights: ArrayLike | sparse.csr_array) -> "GroupCounts":
        """Add up cells, so that a statistic that needs a few sums of them has few cells.

        Args:
            weights: How often each cell counts in each new one. Shape: (n_new_cells, n_cells).
        """
        return GroupCounts(sparse.csr_array(weights, dtype=np.float64) @ self.cells, self.multiplicity)

    def count_groups_with(self, membership: ArrayLike | sparse.csr_array) -> IntVector:
        """Count the groups that hold anything in some cells.

        Args:
            membership: 1 where a cell belongs to a set of cells. Shape: (n_sets, n_cells).

        Returns:
            Shape: (n_sets,).
        """
        held = self.combine(membership).cells
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
    return _find_types(matrix, np.ones(len(group_ids), dtype=np.int64))


def type_groups(counts: ArrayLike) -> GroupCounts:
    """Find the types of groups.

    Args:
        counts: What each group holds, integers of at least 0. Shape: (n_groups, n_cells).
    """
    matrix = sparse.csr_array(np.asarray(counts, dtype=np.int64))
    return _find_types(matrix, np.ones(matrix.shape[0], dtype=np.int64))


def merge_groups(parts: Sequence[GroupCounts]) -> GroupCounts:
    """Put samples together that have no group in common; the parts may be cut anywhere.

    Args:
        parts: At least one, all of the same cells.
    """
    if len(parts) == 1:
        return parts[0]
    matrix = sparse.hstack([part.cells for part in parts], format="csr").T.tocsr()
    matrix.sort_indices()
    return _find_types(matrix, np.concatenate([part.multiplicity for part in parts]))


def resample(
    groups: GroupCounts, statistic: Statistic, resampling: Resampling, n_groups: IntVector | None = None
) -> Intervals:
    """Return a statistic's values with their bootstrap intervals.

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
    drawn = np.concatenate([statistic(totals) for totals in resample_totals(groups, resampling)])
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
    ordered = np.sort(drawn.T, axis=1)  # What is undefined comes last.
    n_undefined = np.isnan(ordered).sum(axis=1)
    n_known = len(drawn) - n_undefined
    is_known = ~np.isnan(values) & (n_undefined <= MAX_UNDEFINED_SHARE * len(drawn))
    ends = ordered[np.arange(len(values)), np.maximum(n_known, 1) - 1]
    varies = is_known & (ends - ordered[:, 0] > _ROUNDING)
    degrees = np.maximum(n_groups, 2) - 1
    expansion = np.sqrt((degrees + 1) / degrees)
    tails = special.ndtr(expansion * special.stdtrit(degrees, (1 - confidence) / 2))
    low, high = (np.where(varies, _quantiles(ordered, n_known, q), np.nan) for q in (tails, 1 - tails))
    n_beyond = np.minimum((ordered <= 0).sum(axis=1), (ordered >= 0).sum(axis=1))
    beyond = special.ndtri(np.minimum(0.5, (n_beyond + 1) / (n_known + 1)))
    p = np.where(varies, 2 * special.stdtr(degrees, beyond / expansion), np.nan)
    p[is_known & ~varies & (values == 0) & (ordered[:, 0] == 0)] = 1
    return Intervals(values, low, high, p, n_undefined)


def resample_totals(groups: GroupCounts, resampling: Resampling) -> Iterator[FloatMatrix]:
    """Draw the groups again and again, in chunks that bound the memory.

    Yields:
        Cell totals. Shape: (n_in_chunk, n_cells).
    """
    for drawn in draw_types(groups.multiplicity, resampling.n_resamples, resampling.seed):
        yield (groups.cells @ drawn).T


def draw_types(multiplicity: IntVector, n_resamples: int, seed: int) -> Iterator[FloatMatrix]:
    """Draw as many groups as there are, again and again, and count the draws of each type of group.

    What is drawn depends on the arguments alone, so the same types have the same draws wherever they occur.

    Args:
        multiplicity: Number of groups of each type, in an order that the types themselves give. Shape: (n_types,).
        n_resamples: How often all groups are drawn.
        seed: Of the random numbers.

    Yields:
        Shape: (n_types, n_in_chunk).
    """
    n_groups, n_types = int(multiplicity.sum()), len(multiplicity)
    ends = np.concatenate([[0], np.cumsum(multiplicity)])
    if n_groups * n_resamples <= MAX_CACHED:
        cumulated = _load_draws(n_groups, n_resamples, seed)
        for start, end in _chunks(n_resamples, n_types):
            yield np.diff(cumulated[ends, start:end].astype(np.float64), axis=0)
        return
    generator = np.random.default_rng(seed)
    for start, end in _chunks(n_resamples, n_types):
        if n_groups < _DRAWS_PER_TYPE * n_types:
            yield np.diff(_draw_cumulated(n_groups, end - start, generator)[ends].astype(np.float64), axis=0)
        else:
            drawn = generator.multinomial(n_groups, multiplicity / n_groups, size=end - start)
            yield np.ascontiguousarray(drawn.T, dtype=np.float64)


def clear_draws() -> None:
    """Free the memory of the draws that are kept for the next statistic."""
    _CACHED_DRAWS.clear()


def _quantiles(ordered: FloatMatrix, n_known: IntVector, shares: FloatVector) -> FloatVector:
    """Return one quantile of each row, between the nearest two of its first `n_known` values."""
    rows = np.arange(len(ordered))
    places = shares * (np.maximum(n_known, 1) - 1)
    below = np.floor(places).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(n_known, 1) - 1)
    return np.asarray(ordered[rows, below] + (places - below) * (ordered[rows, above] - ordered[rows, below]))


def _find_types(matrix: sparse.csr_array, multiplicity: IntVector) -> GroupCounts:
    """Find the types among rows that stand for so many groups each."""
    types = _number_types(matrix)
    _, first, places = np.unique(types, return_index=True, return_inverse=True)
    n_groups = np.bincount(places, weights=multiplicity, minlength=len(first)).astype(np.int64)
    return GroupCounts(matrix[first].T.tocsr().astype(np.float64), n_groups)


def _number_types(matrix: sparse.csr_array) -> IntVector:
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


def _load_draws(n_groups: int, n_resamples: int, seed: int) -> NDArray[np.unsignedinteger]:
    """Return the draws of so many groups; those that were needed longest ago make room for new ones."""
    arguments = (n_groups, n_resamples, seed)
    if arguments not in _CACHED_DRAWS:
        while (
            _CACHED_DRAWS
            and sum(draws.size for draws in _CACHED_DRAWS.values()) > MAX_CACHED_TOGETHER - n_groups * n_resamples
        ):
            del _CACHED_DRAWS[next(iter(_CACHED_DRAWS))]
        _CACHED_DRAWS[arguments] = _draw_cumulated(n_groups, n_resamples, np.random.default_rng(seed))
    _CACHED_DRAWS[arguments] = _CACHED_DRAWS.pop(arguments)
    return _CACHED_DRAWS[arguments]


def _draw_cumulated(n_groups: int, n_resamples: int, generator: np.random.Generator) -> NDArray[np.unsignedinteger]:
    """Count how many draws of a resample fell on the first 0, 1, ... groups. Shape: (n_groups + 1, n_resamples).

    The draws of neighbours together are a difference of two rows, however many they are.
    """
    found = np.zeros((n_groups + 1, n_resamples), dtype=np.min_scalar_type(n_groups))
    n_chunk = max(1, _CELLS_IN_CACHE // n_groups)
    narrow = np.uint16 if n_groups <= np.iinfo(np.uint16).max else np.int64
    for start in range(0, n_resamples, n_chunk):
        n_drawn = min(n_chunk, n_resamples - start)
        drawn = generator.integers(n_groups, size=(n_drawn, n_groups), dtype=narrow).astype(np.int64)
        drawn += np.arange(n_drawn)[:, np.newaxis] * n_groups
        counts = np.bincount(drawn.ravel(), minlength=n_drawn * n_groups).reshape(n_drawn, n_groups)
        found[1:, start : start + n_drawn] = np.cumsum(counts, axis=1).T
    return found


def _chunks(n_resamples: int, n_wide: int) -> Iterator[tuple[int, int]]:
    n_chunk = max(1, _CHUNK_CELLS // max(n_wide, 1))
    for start in range(0, n_resamples, n_chunk):
        yield start, min(start + n_chunk, n_resamples)
