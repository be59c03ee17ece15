"""Intervals of plain shares: Wilson's, with an effective number of items where these are grouped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, special

from descan.compare.bootstrap import FloatMatrix, FloatVector, GroupCounts, IntVector

_ROUNDING = 1e-12
"""Scatter below this fraction of the maximum counts as zero."""

_MAX_COUNTS = 2_000_000
"""Shares times types of groups that are worked on together."""

_FRACTION = 1e-7
"""A count that is so close to a whole number is one."""


@dataclass(frozen=True, slots=True)
class ShareIntervals:
    """Shares of a sample with intervals. Each array has shape (n_shares,).

    Attributes:
        n_above: What is in the numerator.
        n_below: What is in the denominator.
        n_groups: Groups with anything in the denominator.
        values: The shares, 0 to 1; NaN where nothing is in the denominator.
        low: Lower end, NaN where the share is.
        high: Upper end, NaN where the share is.
        methods: How each interval was made: `wilson`, `wilson_groups`, or empty where there is none.
    """

    n_above: FloatVector
    n_below: FloatVector
    n_groups: IntVector
    values: FloatVector
    low: FloatVector
    high: FloatVector
    methods: NDArray[np.str_]

    def rows(self) -> Iterator[tuple[int | float, int | float, float, float, float, str, int]]:
        """Yield of each share what is above, what is below, the share, its ends, its method and its groups."""
        counts = (map(as_count, part.tolist()) for part in (self.n_above, self.n_below))
        columns = (self.values, self.low, self.high, self.methods, self.n_groups)
        return zip(*counts, *(column.tolist() for column in columns), strict=True)


def share_intervals(
    samples: Sequence[GroupCounts],
    numerators: ArrayLike | sparse.sparray,
    denominators: ArrayLike | sparse.sparray,
    confidence: float,
) -> list[ShareIntervals]:
    """Return the shares of each sample with Wilson's (1927) intervals, by an effective number of items if grouped.

    If no group has two items in its denominator, the items of a share are independent. Otherwise the number of items
    is that of independent ones that would know as much; with it Wilson's interval holds for groups, too (Korn &
    Graubard 1998; Franco et al. 2019). All of that depends on the share's own items, so that it has one interval in
    whatever table it stands.

    Args:
        samples: The items, all counted in the same cells.
        numerators: 1 where a cell counts above: the shares of the first denominator, as many of the next, and so on.
            Shape: (n_shares, n_cells).
        denominators: 1 where a cell counts below; what counts above must be part of it. Shape: (n_below, n_cells).
        confidence: Of the intervals, above 0 and below 1.
    """
    numerators, denominators = sparse.csr_array(numerators), sparse.csr_array(denominators)
    return [
        shares
        for portion in _divide_samples(samples, numerators.shape[0])
        for shares in _portion_intervals(portion, numerators, denominators, confidence)
    ]


def _divide_samples(samples: Sequence[GroupCounts], n_shares: int) -> Iterator[Sequence[GroupCounts]]:
    """Yield the samples in portions that bound the memory, or one alone that is larger."""
    portion: list[GroupCounts] = []
    n_counts = 0
    for sample in samples:
        n_own = n_shares * len(sample.multiplicity)
        if portion and n_counts + n_own > _MAX_COUNTS:
            yield portion
            portion, n_counts = [], 0
        portion.append(sample)
        n_counts += n_own
    if portion:
        yield portion


def _portion_intervals(
    samples: Sequence[GroupCounts], numerators: sparse.csr_array, denominators: sparse.csr_array, confidence: float
) -> list[ShareIntervals]:
    nothing = GroupCounts(sparse.csc_array((numerators.shape[1], 0)), np.empty(0, dtype=np.int64))
    cells = sparse.hstack([sample.cells for sample in (nothing, *samples)], "csr")
    multiplicity = np.concatenate([sample.multiplicity for sample in (nothing, *samples)])
    sample_of = np.repeat(np.arange(len(samples)), [len(sample.multiplicity) for sample in samples])
    by_sample = sparse.csr_array(
        (multiplicity, sample_of, np.arange(len(multiplicity) + 1)), shape=(len(multiplicity), len(samples))
    )

    def sum_groups(counts: sparse.csr_array) -> FloatMatrix:
        return np.asarray((counts @ by_sample).toarray().T, dtype=np.float64)

    above, below = numerators @ cells, denominators @ cells
    n_each = above.shape[0] // below.shape[0]
    both = [above[n * n_each : (n + 1) * n_each].multiply(below[[n]].toarray()) for n in range(below.shape[0])]
    n_above, squares, products = map(sum_groups, (above, above.power(2), sparse.vstack(both, "csr")))
    n_below, sizes, n_groups, n_crowded = (
        np.repeat(sum_groups(counts), n_each, axis=1)
        for counts in (below, below.power(2), below > 0, below > 1 + _FRACTION)
    )
    n_divided = sum_groups(_is_divided(above)) + np.repeat(sum_groups(_is_divided(below)), n_each, axis=1)
    is_grouped, most = n_crowded + n_divided > 0, np.where(n_divided > 0, np.inf, n_below)
    values = divide(n_above, n_below)
    scatter = squares - 2 * values * products + values**2 * sizes
    effective = _effective_sizes(
        values, n_below, most, n_groups, np.where(scatter > _ROUNDING * sizes, scatter, 0), confidence
    )
    low, high = wilson(values, np.where(is_grouped, effective, n_below), confidence)
    methods = np.where(np.isnan(values), "", np.where(is_grouped, "wilson_groups", "wilson"))
    columns = zip(n_above, n_below, n_groups.astype(np.int64), values, low, high, methods, strict=True)
    return [ShareIntervals(*column) for column in columns]


def wilson(shares: FloatMatrix, n: ArrayLike, confidence: float) -> tuple[FloatMatrix, FloatMatrix]:
    """Return both ends of Wilson's (1927) interval; NaN where n is 0.

    The same as statsmodels' proportion_confint, which takes longer to import than a small analysis to compare.

    Args:
        shares: Shares of successes, 0 to 1.
        n: Sample sizes. Shape: that of the shares.
        confidence: Of the intervals.
    """
    sizes = np.asarray(n, dtype=np.float64)
    z2 = special.ndtri((1 + confidence) / 2) ** 2
    below = np.where(sizes > 0, sizes + z2, 0)
    centre = divide(shares * sizes + z2 / 2, below)
    half = divide(np.sqrt(z2 * (sizes * shares * (1 - shares) + z2 / 4)), below)
    return np.where(shares == 0, 0, centre - half), np.where(shares == 1, 1, centre + half)


def divide(above: FloatMatrix, below: FloatMatrix) -> FloatMatrix:
    """Divide; what is divided by 0 is NaN."""
    undefined = np.full(np.broadcast(above, below).shape, np.nan)
    return np.asarray(np.divide(above, below, out=undefined, where=below != 0), dtype=np.float64)


def as_count(n: float) -> int | float:
    """Return a number of items as it is tabled: whole where no item is divided among its repeats."""
    whole = round(n)
    return whole if abs(n - whole) < _FRACTION * max(1, whole) else n


def _is_divided(counts: sparse.csr_array) -> sparse.csr_array:
    """Say in which groups a count is no whole number, because repeats of an item differ. Shape: that of the counts."""
    fractions = np.abs(counts.data - np.rint(counts.data)) > _FRACTION
    return sparse.csr_array((fractions, counts.indices, counts.indptr), shape=counts.shape)


def _effective_sizes(
    shares: FloatMatrix,
    n_items: FloatMatrix,
    most: FloatMatrix,
    n_groups: FloatMatrix,
    scatter: FloatMatrix,
    confidence: float,
) -> FloatMatrix:
    """Return the number of independent items that know as much of each share as its groups do.

    It is p (1 - p) over the variance of the share, which is a ratio of sums over groups (Cochran 1977, ch. 11), at most
    the number of items, and lowered by the squared ratio of the normal to Student's quantile for the groups. Where
    repeats of an item differ it may be more, for they tell more than one answer. Where all groups have the same share,
    which is no reason for certainty, it is the number of groups.

    Args:
        shares: 0 to 1. Shape of all: (n_samples, n_shares).
        n_items: In the denominators.
        most: What it is at most.
        n_groups: With anything in the denominators.
        scatter: Sum of the squares of what is in the numerator of a group less what its denominator lets expect.
        confidence: Of the intervals.
    """
    degrees = n_groups - 1
    variance = divide(divide(scatter * n_groups, degrees), n_items**2)
    effective = np.minimum(divide(shares * (1 - shares), variance), most)
    tail = (1 - confidence) / 2
    lowered = effective * (special.ndtri(tail) / special.stdtrit(np.maximum(degrees, 1), tail)) ** 2
    return np.where(scatter > 0, lowered, n_groups)
