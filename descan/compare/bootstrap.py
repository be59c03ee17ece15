"""Bootstrap over groups: how far a statistic would move had other groups of items been drawn.

Items of one group (a clip, a subject) are not independent, so whole groups are drawn, with all their items and
all repeats of these (Davison & Hinkley 1997, ch. 3.8; Field & Welsh 2007). Groups with the same counts are one
type: to draw n groups is to draw from a multinomial over the types, which is exact and far cheaper.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, special

from descan.significance import SIGNIFICANT

IntVector = NDArray[np.int64]
FloatVector = NDArray[np.float64]
FloatMatrix = NDArray[np.float64]

Statistic = Callable[[FloatMatrix], FloatMatrix]
"""Maps cell totals, one row a resample, to values. Shape: (n, n_cells) to (n, n_statistics); undefined is NaN."""

MAX_UNDEFINED_SHARE = 0.05
"""A statistic that is undefined in a greater share of the resamples has no interval."""

MAX_CACHED = 50_000_000
"""Draws that are kept for the next statistic over as many groups, all together: up to 100 MB."""

_ROUNDING = 1e-12
"""Resamples that differ by less are the same."""

_DIGITS = 9
"""Decimals of sums; groups whose sums differ by less are one type."""

_CHUNK_CELLS = 2_000_000
"""Draws that are in memory at a time: 16 MB for each array of them."""

_CELLS_IN_CACHE = 1 << 17
"""Draws that are counted at a time, few enough for a processor's cache."""

_DRAWS_PER_TYPE = 10
"""Drawing n groups one by one costs less than a multinomial over T types while n < 10 T (measured)."""

_ENTRY_BYTES = 16
"""Of a cell and a count."""

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
        cells: Counts of each type of group, in an order that the types themselves give. Shape: (n_cells, n_types).
        multiplicity: Number of groups of each type. Shape: (n_types,).
    """

    cells: sparse.csc_array
    multiplicity: IntVector

    @property
    def n_groups(self) -> int:
        """Number of groups that are drawn, with replacement."""
        return int(self.multiplicity.sum())

    @property
    def totals(self) -> FloatVector:
        """The counts of the sample itself. Shape: (n_cells,)."""
        return np.asarray(self.cells @ self.multiplicity, dtype=np.float64)

    def combine(self, weights: FloatMatrix) -> "GroupCounts":
        """Add up cells, so that a statistic that needs a few sums of them has few cells.

        Args:
            weights: How often each cell counts in each new one. Shape: (n_new_cells, n_cells).
        """
        return GroupCounts(sparse.csc_array(sparse.csr_array(weights) @ self.cells), self.multiplicity)

    def merge(self) -> "GroupCounts":
        """Make one type of those that hold the same, as after `combine`: fewer types are drawn in less time."""
        rows, places = np.unique(np.round(self.cells.toarray().T, _DIGITS), axis=0, return_inverse=True)
        multiplicity = np.bincount(places.ravel(), weights=self.multiplicity).astype(np.int64)
        return GroupCounts(sparse.csc_array(rows.T), multiplicity)


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
        of_tests: Lower and upper ends where 1, 2, ... n statistics are to hold together, each with its share of the
            error (Bonferroni). Shape: (2, n_tests, n_statistics).
        of_equivalence: The same of intervals that leave out `SIGNIFICANT` on each side, for tests of equivalence.
            Shape: (2, n_tests, n_statistics).
    """

    values: FloatVector
    low: FloatVector
    high: FloatVector
    p: FloatVector
    of_tests: FloatMatrix
    of_equivalence: FloatMatrix

    def columns(self, *places: int) -> tuple[float, ...]:
        """Return the value and both ends of the interval of each of some statistics."""
        return tuple(float(part[place]) for place in places for part in (self.values, self.low, self.high))


def count_groups(
    groups: ArrayLike, cells: ArrayLike, n_cells: int, counts: ArrayLike | None = None, whole: int = 1
) -> GroupCounts:
    """Sum counts by group and find the types of groups; the names of groups play no part.

    Args:
        groups: The group of each row, as integers. Shape: (n_rows,).
        cells: The cell of each row, 0 to n_cells - 1; a group may have several rows of one cell. Shape: (n_rows,).
        n_cells: Number of cells.
        counts: What each row adds, integers of at least 0; 1 if None. Shape: (n_rows,).
        whole: What counts as 1.

    Raises:
        ValueError: If a cell is out of range.
    """
    columns = [np.asarray(column, dtype=np.int64) for column in (groups, cells)]
    rows = np.stack([*columns, np.ones_like(columns[0]) if counts is None else np.asarray(counts, dtype=np.int64)])
    return gather_types(count_types(rows, n_cells), n_cells, whole)


def sum_groups(groups: ArrayLike, cells: ArrayLike, n_cells: int, values: ArrayLike) -> GroupCounts:
    """Sum values that need not be whole numbers by group, and find the types of groups, as `count_groups` does.

    Args:
        groups: The group of each row, as integers. Shape: (n_rows,).
        cells: The cell of each row, 0 to n_cells - 1. Shape: (n_rows,).
        n_cells: Number of cells.
        values: What each row adds. Shape: (n_rows,).
    """
    names, places = np.unique(np.asarray(groups, dtype=np.int64), return_inverse=True)
    sums = np.zeros((len(names), n_cells))
    np.add.at(sums, (places, np.asarray(cells, dtype=np.int64)), np.asarray(values, dtype=np.float64))
    types, multiplicity = np.unique(sums.round(_DIGITS), axis=0, return_counts=True)
    return GroupCounts(sparse.csc_array(types.T), multiplicity.astype(np.int64))


def count_types(rows: NDArray[np.int64], n_cells: int) -> Counter[bytes]:
    """Count the groups of each type, for `gather_types`.

    Samples that have no group in common are put together by adding their counters.

    Args:
        rows: Groups, cells and counts as in `count_groups`. Shape: (3, n_rows).
        n_cells: Number of cells.

    Returns:
        A type is the bytes of its entries, cell and count, in the order of cells.
    """
    groups, cells, counts = rows
    if cells.size and not 0 <= cells.min() <= cells.max() < n_cells:
        raise ValueError(f"cells must be 0 to {n_cells - 1}, found {cells.min()} to {cells.max()}")
    places, inverse = np.unique(groups * n_cells + cells, return_inverse=True)
    n = np.bincount(inverse, weights=counts, minlength=len(places))
    of_group, of_cell = np.divmod(places, n_cells)
    entries = np.column_stack([of_cell, n])[n > 0].astype(">u8").tobytes()
    ends = np.searchsorted(of_group[n > 0], np.unique(of_group), side="right") * _ENTRY_BYTES
    return Counter(entries[start:end] for start, end in pairwise([0, *ends.tolist()]))


def gather_types(types: Mapping[bytes, int], n_cells: int, whole: int = 1) -> GroupCounts:
    """Return the types that `count_types` counted, those with fewer entries first; a count of `whole` is 1."""
    ordered = sorted(types, key=lambda entries: (len(entries), entries))
    entries = np.frombuffer(b"".join(ordered), dtype=">u8").reshape(-1, 2).astype(np.int64)
    ends = np.cumsum([0, *map(len, ordered)]) // _ENTRY_BYTES
    cells = sparse.csc_array((entries[:, 1] / whole, entries[:, 0], ends), shape=(n_cells, len(ordered)))
    return GroupCounts(cells, np.array([types[entries] for entries in ordered], dtype=np.int64))


def resample(groups: GroupCounts, statistic: Statistic, resampling: Resampling, n_tests: int = 1) -> Intervals:
    """Return a statistic's values with their bootstrap intervals.

    The expanded percentile interval is used, not BCa: the statistics are means of many items, whose bias and skew are
    small beside their width, and BCa needs a jackknife over all groups; docs/statistics.md shows the coverage.

    Args:
        groups: The sample.
        statistic: What is computed, vectorised over resamples.
        resampling: How many resamples, from which seed, and the confidence.
        n_tests: Up to how many statistics are to hold together; see `Intervals.of_tests`.
    """
    values = statistic(groups.totals[np.newaxis])
    if len(groups.multiplicity) < 2:  # Every resample is the sample itself.
        drawn = values
    else:
        drawn = np.concatenate([statistic(totals) for totals in resample_totals(groups, resampling)])
    n_groups = np.full(values.shape[1], groups.n_groups)
    return percentile_intervals(values[0], drawn, resampling.confidence, n_groups, n_tests)


def percentile_intervals(
    values: FloatVector, drawn: FloatMatrix, confidence: float, n_groups: IntVector, n_tests: int = 1
) -> Intervals:
    """Make intervals from the values of the resamples, expanded as their groups are few.

    Percentiles of resamples are too narrow by the factor sqrt((n - 1) / n) and by that of normal to t quantiles. So
    the quantile is taken that a normal distribution has at sqrt(n / (n - 1)) t (Hesterberg 2015); with hundreds of
    groups it is the plain one.

    Args:
        values: The statistics of the sample. Shape: (n_statistics,).
        drawn: Those of the resamples. Shape: (n_resamples, n_statistics).
        confidence: Of the intervals, above 0 and below 1.
        n_groups: Groups that each statistic rests on. Shape: (n_statistics,).
        n_tests: Up to how many statistics are to hold together.
    """
    ordered = np.sort(drawn.T, axis=1)  # What is undefined comes last.
    n_known = np.count_nonzero(~np.isnan(ordered), axis=1)
    is_known = ~np.isnan(values) & (len(drawn) - n_known <= MAX_UNDEFINED_SHARE * len(drawn))
    ends = ordered[np.arange(len(values)), np.maximum(n_known, 1) - 1]
    varies = is_known & (ends - ordered[:, 0] > _ROUNDING)
    degrees = np.maximum(n_groups, 2) - 1
    expansion = np.sqrt((degrees + 1) / degrees)
    shares = np.array([1 - confidence, 2 * SIGNIFICANT])[:, np.newaxis] / np.arange(1, n_tests + 1)
    tails = special.ndtr(expansion * special.stdtrit(degrees, shares.reshape(-1, 1) / 2))
    both_ends = np.array([np.where(varies, _quantiles(ordered, n_known, q), np.nan) for q in (tails, 1 - tails)])
    of_tests, of_equivalence = np.split(both_ends, 2, axis=1)
    n_beyond = np.minimum((ordered <= 0).sum(axis=1), (ordered >= 0).sum(axis=1))
    beyond = special.ndtri(np.minimum(0.5, (n_beyond + 1) / (n_known + 1)))
    p = np.where(varies, 2 * special.stdtr(degrees, beyond / expansion), np.nan)
    p[is_known & ~varies & (values == 0) & (ordered[:, 0] == 0)] = 1
    return Intervals(values, of_tests[0, 0], of_tests[1, 0], p, of_tests, of_equivalence)


def resample_totals(groups: GroupCounts, resampling: Resampling) -> Iterator[FloatMatrix]:
    """Draw the groups again and again, in chunks that bound the memory.

    Yields:
        Cell totals. Shape: (n_in_chunk, n_cells).
    """
    cells = groups.cells.tocsr()
    for drawn in draw_types(groups.multiplicity, resampling.n_resamples, resampling.seed):
        yield (cells @ drawn).T


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
    generator = np.random.default_rng(seed)
    n_chunk = max(1, _CHUNK_CELLS // max(n_types, 1))
    for start in range(0, n_resamples, n_chunk):
        end = min(start + n_chunk, n_resamples)
        if n_groups * n_resamples <= MAX_CACHED:
            cumulated = _load_draws(n_groups, n_resamples, seed)[ends, start:end]
        elif n_groups < _DRAWS_PER_TYPE * n_types:
            cumulated = _draw_cumulated(n_groups, end - start, generator)[ends]
        else:
            drawn = generator.multinomial(n_groups, multiplicity / n_groups, size=end - start)
            yield np.ascontiguousarray(drawn.T, dtype=np.float64)
            continue
        yield np.diff(cumulated.astype(np.float64), axis=0)


def clear_draws() -> None:
    """Free the memory of the draws that are kept for the next statistic."""
    _CACHED_DRAWS.clear()


def _quantiles(ordered: FloatMatrix, n_known: IntVector, shares: FloatMatrix) -> FloatMatrix:
    """Return quantiles of each row, between the nearest two of its first `n_known` values. Shape: (n, n_rows)."""
    rows = np.arange(len(ordered))
    places = shares * (np.maximum(n_known, 1) - 1)
    below = np.floor(places).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(n_known, 1) - 1)
    return np.asarray(ordered[rows, below] + (places - below) * (ordered[rows, above] - ordered[rows, below]))


def _load_draws(n_groups: int, n_resamples: int, seed: int) -> NDArray[np.unsignedinteger]:
    """Return the draws of so many groups; where there is no room for them, they take that of all others."""
    arguments = (n_groups, n_resamples, seed)
    if arguments not in _CACHED_DRAWS:
        if sum(draws.size for draws in _CACHED_DRAWS.values()) > MAX_CACHED - n_groups * n_resamples:
            clear_draws()
        _CACHED_DRAWS[arguments] = _draw_cumulated(n_groups, n_resamples, np.random.default_rng(seed))
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
