"""Intervals of plain shares: Wilson where items are independent, else the bootstrap over groups."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse, special

from descan.compare.bootstrap import FloatMatrix, FloatVector, GroupCounts, IntVector, Resampling, resample

_HALF = 32
"""Bits of a number that holds the hits of a group; those above hold its items."""


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
    groups: GroupCounts,
    numerators: ArrayLike | sparse.csr_array,
    denominators: ArrayLike | sparse.csr_array,
    resampling: Resampling,
) -> ShareIntervals:
    """Give shares with intervals.

    If no group has two items in its denominator, the items of a share are independent and the interval is Wilson's
    (1927). Otherwise it is the bootstrap's, over the groups in the denominator; where that has none (a share of 0 or
    1, which every resample repeats, or one group), Wilson's with the groups as the sample size, as though each were
    one item. All of that depends on the share's own items, so that it has one interval in whatever table it stands.

    Args:
        groups: The items; what counts in a numerator must be part of its denominator.
        numerators: 1 where a cell counts above. Shape: (n_shares, n_cells).
        denominators: 1 where a cell counts below. Shape: (n_shares, n_cells).
        resampling: How intervals are made.
    """
    above, below = groups.combined(numerators), groups.combined(denominators)
    hits, n = above.totals, below.totals
    values = divided(hits, n)
    n_groups = groups.groups_with(denominators)
    is_grouped = below.cells.max(axis=1).toarray().ravel() > 1
    low, high = wilson(values, np.where(is_grouped, n_groups, n), resampling.confidence)
    methods = np.where(is_grouped, Method.WILSON_GROUPS, Method.WILSON)
    for index in np.flatnonzero(is_grouped & (hits > 0) & (hits < n) & (n_groups > 1)):
        drawn = _bootstrapped(*_pairs(above.cells, below.cells, int(index), groups.multiplicity), resampling)
        if drawn is not None:
            (low[index], high[index]), methods[index] = drawn, Method.BOOTSTRAP
    methods[np.isnan(values)] = Method.NONE
    return ShareIntervals(values, low, high, [Method(method) for method in methods], n_groups)


def wilson(shares: FloatVector, n: ArrayLike, confidence: float) -> tuple[FloatVector, FloatVector]:
    """Give both ends of Wilson's (1927) interval; NaN where n is 0.

    The same as statsmodels' proportion_confint, which takes longer to import than a small analysis to compare.

    Args:
        shares: Shares of successes, 0 to 1. Shape: (n_shares,).
        n: Sample sizes. Shape: (n_shares,).
        confidence: Of the intervals.
    """
    sizes = np.asarray(n, dtype=np.float64)
    z2 = special.ndtri((1 + confidence) / 2) ** 2
    centre = divided(shares * sizes + z2 / 2, np.where(sizes > 0, sizes + z2, 0))
    half = divided(np.sqrt(z2 * (sizes * shares * (1 - shares) + z2 / 4)), np.where(sizes > 0, sizes + z2, 0))
    return np.where(shares == 0, 0, centre - half), np.where(shares == 1, 1, centre + half)


def divided(above: FloatMatrix, below: FloatMatrix) -> FloatMatrix:
    """Divide; what is divided by 0 is NaN."""
    undefined = np.full(np.broadcast(above, below).shape, np.nan)
    return np.asarray(np.divide(above, below, out=undefined, where=below != 0), dtype=np.float64)


def _pairs(
    above: sparse.csr_array, below: sparse.csr_array, index: int, multiplicity: IntVector
) -> tuple[bytes, bytes]:
    """Give the items and hits of each type of group in a denominator, sorted, and the number of groups of each type."""
    counted, within = (slice(*matrix.indptr[index : index + 2]) for matrix in (above, below))
    hits = np.zeros(len(multiplicity), dtype=np.int64)
    hits[above.indices[counted]] = above.data[counted]
    types = below.indices[within]
    pairs, places = np.unique(below.data[within].astype(np.int64) << _HALF | hits[types], return_inverse=True)
    n_groups = np.bincount(places, weights=multiplicity[types]).astype(np.int64)
    return pairs.tobytes(), n_groups.tobytes()


@lru_cache(maxsize=10_000)
def _bootstrapped(pairs: bytes, multiplicity: bytes, resampling: Resampling) -> tuple[float, float] | None:
    """Give the interval of a share, or None where its resamples are all the same; equal shares are resampled once."""
    codes, n_groups = np.frombuffer(pairs, dtype=np.int64), np.frombuffer(multiplicity, dtype=np.int64)
    items_and_hits = np.stack([codes >> _HALF, codes & ((1 << _HALF) - 1)]).astype(np.float64)
    groups = GroupCounts(sparse.csr_array(items_and_hits), n_groups)
    found = resample(groups, lambda totals: divided(totals[:, 1:], totals[:, :1]), resampling)
    return None if np.isnan(found.low[0]) else (float(found.low[0]), float(found.high[0]))
