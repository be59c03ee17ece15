"""Intervals of plain shares: Wilson where items are independent, else the bootstrap over groups."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from statsmodels.stats.proportion import proportion_confint

from descan.compare.bootstrap import FloatMatrix, FloatVector, GroupCounts, IntVector, Resampling, resample


class Method(StrEnum):
    """How the interval of a share was made."""

    WILSON = "wilson"
    BOOTSTRAP = "bootstrap"
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
    groups: GroupCounts, numerators: ArrayLike, denominators: ArrayLike, resampling: Resampling
) -> ShareIntervals:
    """Give shares with intervals.

    If no group has two items in any denominator, the items are independent and every interval is Wilson's (1927).
    Otherwise it is the bootstrap's, over groups; where that has none (a share of 0 or 1, which every resample
    repeats, or too few groups), Wilson's with the groups as the sample size, as though each were one item.

    Args:
        groups: The items; what counts in a numerator must be part of its denominator.
        numerators: 1 where a cell counts above. Shape: (n_shares, n_cells).
        denominators: 1 where a cell counts below. Shape: (n_shares, n_cells).
        resampling: How intervals are made.
    """
    above, below = sparse.csr_array(numerators, dtype=np.float64), sparse.csr_array(denominators, dtype=np.float64)
    totals = groups.totals
    hits, n = above @ totals, below @ totals
    values = divided(hits, n)
    n_groups = groups.groups_with(denominators)
    if (below @ groups.cells).max() <= 1:
        low, high = wilson(values, n, resampling.confidence)
        return ShareIntervals(values, low, high, _methods(values, np.full(n.shape, Method.WILSON)), n_groups)
    drawn = resample(groups, lambda some: divided(above @ some.T, below @ some.T).T, resampling, n_groups)
    low, high = wilson(values, n_groups, resampling.confidence)
    is_drawn = ~np.isnan(drawn.low)
    methods = _methods(values, np.where(is_drawn, Method.BOOTSTRAP, Method.WILSON_GROUPS))
    return ShareIntervals(
        values, np.where(is_drawn, drawn.low, low), np.where(is_drawn, drawn.high, high), methods, n_groups
    )


def wilson(shares: FloatVector, n: ArrayLike, confidence: float) -> tuple[FloatVector, FloatVector]:
    """Give both ends of Wilson's interval; NaN where n is 0.

    Args:
        shares: Shares of successes, 0 to 1. Shape: (n_shares,).
        n: Sample sizes. Shape: (n_shares,).
        confidence: Of the intervals.
    """
    sizes = np.asarray(n, dtype=np.float64)
    low, high = np.full(sizes.shape, np.nan), np.full(sizes.shape, np.nan)
    known = sizes > 0
    low[known], high[known] = proportion_confint(
        (shares * sizes)[known], sizes[known], alpha=1 - confidence, method="wilson"
    )
    return low, high


def divided(above: FloatMatrix, below: FloatMatrix) -> FloatMatrix:
    """Divide; what is divided by 0 is NaN."""
    undefined = np.full(np.broadcast(above, below).shape, np.nan)
    return np.asarray(np.divide(above, below, out=undefined, where=below != 0), dtype=np.float64)


def _methods(values: FloatVector, methods: NDArray[np.str_]) -> list[Method]:
    return [Method.NONE if np.isnan(value) else Method(method) for value, method in zip(values, methods, strict=True)]
