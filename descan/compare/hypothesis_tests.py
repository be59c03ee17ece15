"""Tests of paired differences on the same items, and their correction where there are several."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft, special

from descan.compare.bootstrap import FloatVector, IntVector
from descan.compare.intervals import as_count

MIN_P = 1e-6
"""The tables have six decimals: a smaller p stands as this, for none is 0."""


MAX_STEPS = 100_000
"""That the differences of all groups sum to, at most, in a sign-flip test, unless whole numbers already do."""

_MAX_DENOMINATOR = 100_000
"""Of the fractions that repeats divide an item into."""


def floor_p(p: float) -> float:
    """Return a p as tables have it: at least `MIN_P`."""
    return MIN_P if p < MIN_P else p


class ExactTest(NamedTuple):
    """The result of a sign-flip test.

    Attributes:
        p: Two-sided; 1 where no group differs.
        least_p: The p that the test would give if all groups that differ pointed the same way.
    """

    p: float
    least_p: float


def exact_mcnemar(n_a_only: int, n_b_only: int) -> float:
    """Return the two-sided p that both sides are right equally often, by the binomial over the discordant items.

    NaN is for the caller to give where there are no items at all; without discordant ones p is 1 (McNemar 1947).
    The same as statsmodels' mcnemar.
    """
    return min(1.0, 2 * float(special.bdtr(min(n_a_only, n_b_only), n_a_only + n_b_only, 0.5)))


def mcnemar_p(n_a_only: float, n_b_only: float) -> float:
    """Return the p of `exact_mcnemar` for a table; NaN where an item's repeats differ, which it cannot take."""
    a, b = as_count(n_a_only), as_count(n_b_only)
    return floor_p(exact_mcnemar(a, b)) if isinstance(a, int) and isinstance(b, int) else np.nan


def exact_sign_flip(differences: ArrayLike, multiplicity: ArrayLike) -> ExactTest:
    """Test whether the differences of independent groups sum to 0, by the exact distribution over all their signs.

    If neither side is better, the difference of each group is as likely as its opposite, and all 2^k ways to give k
    groups a sign are equally likely (Fisher 1935, The Design of Experiments, ch. 3). A group is flipped as a whole, so
    that the items in it may depend on each other. With one item in each group this is McNemar's exact test. Where the
    differences have mean 0 but are not symmetric, the test holds with many groups (Janssen 1999). Where repeats divide
    items, differences are counted in steps of which all are multiples; if those are more than `MAX_STEPS`, in so many.

    Args:
        differences: What each type of group adds to the difference. Shape: (n_types,).
        multiplicity: Number of groups of each type. Shape: (n_types,).
    """
    counts = np.asarray(multiplicity, dtype=np.int64)
    signed = _whole_steps(np.asarray(differences, dtype=np.float64), counts)
    sizes, places = np.unique(np.abs(signed), return_inverse=True)
    n_groups = np.bincount(places, weights=counts, minlength=len(sizes))[sizes > 0]
    sizes = sizes[sizes > 0]
    k = int(n_groups.sum())
    if k == 0:
        return ExactTest(1.0, 1.0)
    total, largest = abs(int(signed @ counts)), int(sizes @ n_groups)
    least_p = _above_zero(min(1.0, 2.0 ** (1 - k)))
    if len(sizes) == 1:
        n_fewer = (k - total // int(sizes[0])) // 2
        return ExactTest(_above_zero(exact_mcnemar(n_fewer, k - n_fewer)), least_p)
    # The distribution of the sum from its characteristic function, the product of one cosine for each group.
    n_sums = fft.next_fast_len(2 * largest + 1, real=True)
    angles = np.arange(n_sums // 2 + 1) * (2 * np.pi / n_sums)
    characteristic = np.ones(len(angles))
    for size, n in zip(sizes, n_groups, strict=True):
        characteristic *= np.cos(size * angles) ** n
    of_sum = fft.irfft(characteristic, n_sums)[: largest + 1]  # Of 0, 1, ... largest; symmetric about 0.
    beyond = of_sum[total:].sum() * 2 - (of_sum[0] if total == 0 else 0)
    return ExactTest(_above_zero(min(float(beyond), 1.0)), least_p)


def _whole_steps(differences: FloatVector, counts: IntVector) -> IntVector:
    """Return differences as multiples of the greatest step that all of them have in common."""
    fractions = {Fraction(size).limit_denominator(_MAX_DENOMINATOR) for size in np.abs(differences).tolist()}
    n_steps = math.lcm(*(fraction.denominator for fraction in fractions))
    largest = float(np.abs(differences) @ counts)
    if n_steps * largest > MAX_STEPS:
        n_steps = max(1, int(MAX_STEPS / largest))
    return np.rint(differences * n_steps).astype(np.int64)


def _above_zero(p: float) -> float:
    """Return a p that no number of groups makes 0."""
    return max(p, float(np.finfo(np.float64).tiny))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust the p of one family by Holm (1979); NaN stays NaN and is no member.

    The same as statsmodels' multipletests, which collects Python's garbage each time it is called: 0.2 s a family.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    order = np.argsort(p, kind="stable")[: np.count_nonzero(~np.isnan(p))]
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1)
    return [float(value) for value in adjusted]


def can_reject(least_p: Sequence[float], alpha: float) -> list[bool]:
    """Say which tests of a family could reject at all, so that the others need not be paid for (Tarone 1990).

    With k the smallest number for which at most k tests can reach alpha / k, those k are the family. What a test can
    reach depends on how many groups differ, not on which way they point, so the choice costs no error.

    Args:
        least_p: The least p that each test can give; NaN for what is no test.
        alpha: The error that the whole family may make.
    """
    least = np.asarray(least_p, dtype=np.float64)
    for k in range(1, len(least) + 1):
        reaches = least <= alpha / k
        if np.count_nonzero(reaches) <= k:
            return [bool(value) for value in reaches]
    return [False] * len(least)
