"""Intervals of plain shares: Wilson's, with an effective number of items where these are grouped."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse, special

from descan.compare.bootstrap import FloatMatrix, FloatVector, GroupCounts, IntVector

_ROUNDING = 1e-12
"""Scatter below this fraction of the maximum counts as zero."""


class Method(StrEnum):
    """How the interval of a share was made."""

    WILSON = "wilson"
    WILSON_GROUPS = "wilson_groups"
    NONE = ""


@dataclass(frozen=True, slots=True)
class ShareIntervals:
    """Shares with intervals. Each array has shape (n_shares,).

    Attributes:
        values: The shares, 0 to 1; NaN where nothing is in the denominator.
        low: Lower end, NaN where the share is.
        high: Upper end, NaN where the share is.
        methods: How each interval was made.
        n_groups: Groups with anything in the denominator.
    """

    values: FloatVector
    low: FloatVector
    high: FloatVector
    methods: list[Method]
    n_groups: IntVector


def share_intervals(
    groups: GroupCounts,
    numerators: ArrayLike | sparse.csr_array,
    denominators: ArrayLike | sparse.csr_array,
    confidence: float,
) -> ShareIntervals:
    """Return shares with Wilson's (1927) intervals, those of grouped items with an effective number of items.

    If no group has two items in its denominator, the items of a share are independent. Otherwise the number of items
    is that of independent ones that would know as much; with it Wilson's interval holds for groups, too (Korn &
    Graubard 1998; Franco et al. 2019). All of that depends on the share's own items, so that it has one interval in
    whatever table it stands.

    Args:
        groups: The items; what counts in a numerator must be part of its denominator.
        numerators: 1 where a cell counts above. Shape: (n_shares, n_cells).
        denominators: 1 where a cell counts below. Shape: (n_shares, n_cells).
        confidence: Of the intervals, above 0 and below 1.
    """
    above, below = groups.combine(numerators), groups.combine(denominators)
    n_groups = groups.count_groups_with(denominators)
    values = divide(above.totals, below.totals)
    is_grouped = below.cells.max(axis=1).toarray().ravel() > 1
    sizes = np.where(is_grouped, _effective_sizes(above, below, n_groups, confidence), below.totals)
    low, high = wilson(values, sizes, confidence)
    methods = np.where(is_grouped, Method.WILSON_GROUPS, Method.WILSON)
    methods[np.isnan(values)] = Method.NONE
    return ShareIntervals(values, low, high, [Method(method) for method in methods], n_groups)


def wilson(shares: FloatVector, n: ArrayLike, confidence: float) -> tuple[FloatVector, FloatVector]:
    """Return both ends of Wilson's (1927) interval; NaN where n is 0.

    The same as statsmodels' proportion_confint, which takes longer to import than a small analysis to compare.

    Args:
        shares: Shares of successes, 0 to 1. Shape: (n_shares,).
        n: Sample sizes. Shape: (n_shares,).
        confidence: Of the intervals.
    """
    sizes = np.asarray(n, dtype=np.float64)
    z2 = special.ndtri((1 + confidence) / 2) ** 2
    centre = divide(shares * sizes + z2 / 2, np.where(sizes > 0, sizes + z2, 0))
    half = divide(np.sqrt(z2 * (sizes * shares * (1 - shares) + z2 / 4)), np.where(sizes > 0, sizes + z2, 0))
    return np.where(shares == 0, 0, centre - half), np.where(shares == 1, 1, centre + half)


def divide(above: FloatMatrix, below: FloatMatrix) -> FloatMatrix:
    """Divide; what is divided by 0 is NaN."""
    undefined = np.full(np.broadcast(above, below).shape, np.nan)
    return np.asarray(np.divide(above, below, out=undefined, where=below != 0), dtype=np.float64)


def _effective_sizes(above: GroupCounts, below: GroupCounts, n_groups: IntVector, confidence: float) -> FloatVector:
    """Return the number of independent items that know as much of each share as its groups do.

    It is p (1 - p) over the variance of the share, which is a ratio of sums over groups (Cochran 1977, ch. 11), at most
    the number of items, and lowered by the squared ratio of the normal to Student's quantile for the groups. Where all
    groups have the same share, which is no reason for certainty, it is the number of groups.

    Returns:
        Shape: (n_shares,).
    """
    hits, n = above.cells, below.cells
    shares = divide(above.totals, below.totals)
    squares, products, sizes = (counts @ below.multiplicity for counts in (hits.power(2), hits.multiply(n), n.power(2)))
    scatter = squares - 2 * shares * products + shares**2 * sizes
    degrees = np.asarray(n_groups - 1, dtype=np.float64)
    variance = divide(divide(scatter * n_groups, degrees), below.totals**2)
    effective = np.minimum(divide(shares * (1 - shares), variance), below.totals)
    tail = (1 - confidence) / 2
    lowered = effective * (special.ndtri(tail) / special.stdtrit(np.maximum(degrees, 1), tail)) ** 2
    return np.asarray(np.where(scatter > _ROUNDING * sizes, lowered, n_groups), dtype=np.float64)
