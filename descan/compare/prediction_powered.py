"""Prediction-powered inference: shares of all items from what descan reads in all of them and people in some."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from descan.compare.bootstrap import FloatMatrix, FloatVector, IntVector
from descan.compare.intervals import wilson

MIN_READINGS = 5
"""Readings that a stratum has for itself; with fewer it is merged with others."""

MIN_GROUPS = 10
"""Groups with readings that an estimate needs; fewer tell next to nothing of how readings vary."""


@dataclass(frozen=True, slots=True)
class PoweredShares:
    """Shares with their intervals; NaN where too few groups have readings. Shape of values and ends: (n_shares,).

    Attributes:
        values: 0 to 1.
        low: Lower ends.
        high: Upper ends.
        tuning: Weight of what descan reads, 0 to 1: at 0 the readings of people count alone.
        influence: What each group adds to the error of each share; groups are independent. Shape: (n_groups, n_shares).
        n_effective: Readings of equal weight that would tell as much.
        n_read: Groups with readings.
    """

    values: FloatVector
    low: FloatVector
    high: FloatVector
    tuning: float
    influence: FloatMatrix
    n_effective: float
    n_read: int

    def scale(self, factors: FloatVector, shifts: FloatVector) -> "PoweredShares":
        """Return `factor * share - shift` of each share. Shape of both: (n_shares,)."""
        values, low, high = (factors * part - shifts for part in (self.values, self.low, self.high))
        return replace(self, values=values, low=low, high=high, influence=factors * self.influence)


@dataclass(frozen=True, slots=True)
class PoweredDifferences:
    """Differences of powered shares with their intervals. Shape of each: (n_shares,)."""

    values: FloatVector
    low: FloatVector
    high: FloatVector


def estimate_powered_shares(
    predicted: FloatMatrix,
    found: FloatMatrix,
    sizes: FloatVector,
    weights: FloatVector,
    groups: IntVector,
    confidence: float,
) -> PoweredShares:
    """Return shares of all items, valid however often descan misreads them, if the readings are a random sample.

    The mean of what descan reads in all items is moved by its mean error in those that people have read. How much it
    counts is tuned to the smallest variance of the shares together (PPI++: Angelopoulos, Duchi & Zrnic 2023,
    arXiv:2311.01453), so that shares that sum to 1 still do. The variance is that of sums over groups, and that of one
    reading more in which descan errs: a sample without any error would claim too much.

    Args:
        predicted: Whether an item counts in a share as descan reads it. Shape: (n_items, n_shares).
        found: The same as people read it, from 0 to 1; of no account where nobody has. Shape: (n_items, n_shares).
        sizes: What each item weighs among all. Shape: (n_items,).
        weights: What each reading stands for; 0 where there is none. Shape: (n_items,).
        groups: The group of each item, from 0. Shape: (n_items,).
        confidence: Of the intervals, above 0 and below 1.
    """
    is_read = weights > 0
    n_groups = len(np.unique(groups[is_read]))
    if n_groups < MIN_GROUPS:
        undefined = np.full(predicted.shape[1], np.nan)
        nothing = np.full((groups.max(initial=-1) + 1, predicted.shape[1]), np.nan)
        return PoweredShares(undefined, undefined, undefined, np.nan, nothing, np.nan, n_groups)
    read = np.where(is_read[:, np.newaxis], found, 0)
    of_all, of_read = sizes / sizes.sum(), weights / weights.sum()
    of_predicted = _sum_groups(of_all[:, np.newaxis] * (predicted - of_all @ predicted), groups)
    of_predicted -= _sum_groups(of_read[:, np.newaxis] * (predicted - of_read @ predicted), groups)
    of_found = _sum_groups(of_read[:, np.newaxis] * (read - of_read @ read), groups)
    scatter = np.sum(of_predicted**2)
    tuning = float(np.clip(-np.sum(of_predicted * of_found) / scatter, 0, 1)) if scatter > 0 else 0.0
    values = np.clip(tuning * (of_all @ predicted) + of_read @ (read - tuning * predicted), 0, 1)
    n_effective = 1 / (of_read @ of_read)
    influence = tuning * of_predicted + of_found
    variance = _variance(influence, n_groups) + 1 / n_effective**2
    smoothed = (values * n_effective + 1) / (n_effective + 2)
    tail = (1 - confidence) / 2
    quantiles = special.ndtri(tail) / special.stdtrit(n_groups - 1, tail)
    low, high = wilson(values, smoothed * (1 - smoothed) / variance * quantiles**2, confidence)
    return PoweredShares(values, low, high, tuning, influence, n_effective, n_groups)


def subtract_shares(
    a: PoweredShares, b: PoweredShares, units_a: IntVector, units_b: IntVector, confidence: float
) -> PoweredDifferences:
    """Return the shares of A less those of B, whose groups may be the same.

    The variance is that of the sums over groups of both, so that what a group adds to both sides cancels out, and that
    of one reading more on either side in which descan errs. The intervals are Student's.

    Args:
        a: Shares.
        b: The same shares of other descriptions.
        units_a: The unit of each group of A. Shape: (n_groups_a,).
        units_b: That of B.
        confidence: Of the intervals, above 0 and below 1.
    """
    units = np.union1d(units_a, units_b)
    influence = np.zeros((len(units), len(a.values)))
    influence[np.searchsorted(units, units_a)] += a.influence
    influence[np.searchsorted(units, units_b)] -= b.influence
    n_read = min(a.n_read, b.n_read)
    variance = _variance(influence, n_read) + 1 / a.n_effective**2 + 1 / b.n_effective**2
    values = a.values - b.values
    half_width = -special.stdtrit(n_read - 1, (1 - confidence) / 2) * np.sqrt(variance)
    return PoweredDifferences(values, np.maximum(values - half_width, -1), np.minimum(values + half_width, 1))


def _variance(influence: FloatMatrix, n_groups: int) -> FloatVector:
    found: FloatVector = np.sum(influence**2, axis=0) * n_groups / (n_groups - 1)
    return found


def weigh_readings(strata: IntVector, merged: IntVector, sizes: FloatVector, is_read: NDArray[np.bool_]) -> FloatVector:
    """Return what each reading stands for: its share of the items of its stratum. Shape of all: (n_items,).

    A stratum with fewer than `MIN_READINGS` goes to its larger one, and that, if it still has too few, to the rest. If
    nobody has read any of the rest, its items stay without a reading, as if descan erred there as elsewhere.

    Args:
        strata: Within which readings are a random sample.
        merged: Larger strata that these are part of.
        sizes: What each item weighs.
        is_read: Whether a person has read it.
    """
    weights = np.zeros(len(sizes))
    is_left = np.ones(len(sizes), dtype=np.bool_)
    for level, least in ((strata, MIN_READINGS), (merged, MIN_READINGS), (np.zeros_like(strata), 1)):
        is_enough = np.bincount(level, weights=is_left & is_read) >= least
        here = is_left & is_enough[level]
        chosen = here & is_read
        n_items, n_read = (np.bincount(level, weights=sizes * which) for which in (here, chosen))
        weights[chosen] = sizes[chosen] * n_items[level[chosen]] / n_read[level[chosen]]
        is_left &= ~here
    return weights


def _sum_groups(values: FloatMatrix, groups: IntVector) -> FloatMatrix:
    sums = np.zeros((groups.max() + 1, values.shape[1]))
    np.add.at(sums, groups, values)
    return sums
