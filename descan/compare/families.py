"""Families of tests: which tests are in one, and what is decided where all of them may err no more than one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from descan.compare.bootstrap import FloatMatrix, FloatVector, GroupCounts, Intervals
from descan.compare.hypothesis_tests import can_reject, exact_sign_flip, floor_p, holm
from descan.significance import MIN_GROUPS, SIGNIFICANT
from descan.storage.safe_csv import Cell

_ROUNDING = 1e-9

_DIGITS = 9
"""Decimals of the difference of a group, whose items repeats may divide."""


@dataclass(frozen=True, slots=True)
class FamilyTest:
    """A test of one difference.

    Attributes:
        family: Question and mode that it has in common with the others of its family.
        test: How p was found: `sign_flip` or `bootstrap`.
        p: Two-sided; NaN where there is nothing to test.
        least_p: The least p that the test could give; NaN where that is unknown.
        n_groups: Independent groups of items behind it.
        intervals: Ends of the difference's interval where it is one of 1, 2, ... n that are to hold together. Shape:
            (2, n), with n at least the number of tests in the family.
        equivalence: The same of the intervals that show equivalence; NaN where there is none.
    """

    family: str
    test: str
    p: float
    least_p: float
    n_groups: int
    intervals: FloatMatrix
    equivalence: FloatMatrix


class Conclusion(StrEnum):
    """What is concluded about a difference."""

    EQUAL = "equal"
    """Both ends of the equivalence interval are closer to 0 than the margin."""
    DIFFERS = "differs"
    DIFFERS_WITHIN_MARGIN = "differs within margin"
    CANNOT_TELL = "cannot tell"


class Decision(NamedTuple):
    """What the family makes of a test; the fields are columns of `tests.csv` and `differences.csv`.

    Attributes:
        test: As in `FamilyTest`; so are p, least_p and family.
        p: Of the test alone.
        least_p: The least p that the test could give.
        p_holm: By Holm's correction over the family; NaN for a test that is in none.
        family: The name of the family.
        family_size: Number of tests in it.
        not_in_family: Why the test is not in it; empty if it is.
        adjusted_low: Lower end of the interval, at the level at which Holm's correction decides.
        adjusted_high: Upper end.
        equivalence_low: Lower end of the interval that must lie within the margin to show equivalence.
        equivalence_high: Upper end.
        decision: A `Conclusion`.
    """

    test: str
    p: float
    least_p: float
    p_holm: float
    family: str
    family_size: int
    not_in_family: str
    adjusted_low: float
    adjusted_high: float
    equivalence_low: float
    equivalence_high: float
    decision: str

    def cells(self) -> dict[str, Cell]:
        """Return the cells of a row: column -> value."""
        floored = self._replace(p=floor_p(self.p), least_p=floor_p(self.least_p), p_holm=floor_p(self.p_holm))
        return floored._asdict()


DECISION_COLUMNS = Decision._fields


def test_difference(
    groups: GroupCounts, found: Intervals, place: int, added: FloatVector | None, family: str
) -> FamilyTest:
    """Return the test of a difference: by the signs of whole groups if it is one of shares, else by the bootstrap.

    Args:
        groups: The compared items.
        found: The difference with its intervals, among other statistics.
        place: Where it is.
        added: What an item of each cell adds to the difference of two shares; None if it is no such difference.
        family: The name of its family.
    """
    test, p, least_p = "bootstrap", float(found.p[place]), np.nan
    differences = None if added is None else (groups.cells.T @ added).round(_DIGITS)
    if differences is not None and groups.n_groups:
        test, (p, least_p) = "sign_flip", exact_sign_flip(differences, groups.multiplicity)
    equivalence = found.of_equivalence[:, :, place]
    if differences is not None and not differences.any():
        equivalence = _without_difference(groups, equivalence.shape[1])
    return FamilyTest(family, test, p, least_p, groups.n_groups, found.of_tests[:, :, place], equivalence)


def decide(tests: Sequence[FamilyTest], margin: float) -> list[Decision]:
    """Correct each family by Holm (1979), without the tests that could not reject whatever the answers.

    A test with fewer than `MIN_GROUPS` groups is in no family, nor one whose least p is too large (Tarone 1990):
    otherwise a model with four items would raise the p of all others. Two sides are equal where two one-sided tests
    (Schuirmann 1987) reject differences of the margin or more, which is where the interval that leaves out
    `SIGNIFICANT` on each side lies within the margin. That error is shared by all tests of the family with enough
    groups (Bonferroni), also by those that could not find a difference: where few items differ, sides may be equal.

    Args:
        tests: Of any families.
        margin: Differences below this are of no importance, as a share.

    Returns:
        A decision for each test, in their order.
    """
    decisions: dict[int, Decision] = {}
    places: dict[str, list[int]] = {}
    for place, test in enumerate(tests):
        places.setdefault(test.family, []).append(place)
    for members in places.values():
        found = [tests[place] for place in members]
        decisions |= zip(members, _decide_family(found, margin), strict=True)
    return [decisions[place] for place in range(len(tests))]


def _without_difference(groups: GroupCounts, n_tests: int) -> FloatMatrix:
    """Return equivalence intervals where no group has a difference, so that resamples cannot vary.

    If none of k independent groups has a difference, the share of groups that have one is below 1 - error ** (1 / k)
    (Clopper & Pearson 1934). Of groups of unequal size, k is their effective number (Kish 1965).

    Returns:
        Lower and upper ends, shared by 1, 2, ... tests. Shape: (2, n_tests).
    """
    sizes = np.asarray(groups.cells.sum(axis=0), dtype=np.float64)
    squares = float(sizes**2 @ groups.multiplicity)
    if not squares:
        return np.full((2, n_tests), np.nan)
    n_effective = float(sizes @ groups.multiplicity) ** 2 / squares
    most = 1 - (SIGNIFICANT / np.arange(1, n_tests + 1)) ** (1 / n_effective)
    return np.stack([-most, most])


def _decide_family(tests: Sequence[FamilyTest], margin: float) -> list[Decision]:
    reasons = [_reason_outside(test) for test in tests]
    n_large = reasons.count("")
    equivalences = [
        (np.nan, np.nan)
        if reason
        else (float(test.equivalence[0, n_large - 1]), float(test.equivalence[1, n_large - 1]))
        for test, reason in zip(tests, reasons, strict=True)
    ]
    least = [np.nan if reason else np.nan_to_num(test.least_p) for test, reason in zip(tests, reasons, strict=True)]
    for place, reaches in enumerate(can_reject(least, SIGNIFICANT)):
        if not reasons[place] and not reaches:
            reasons[place] = "could not reject"
    adjusted = holm([np.nan if reason else test.p for test, reason in zip(tests, reasons, strict=True)])
    size = reasons.count("")
    return [
        Decision(
            *(test.test, test.p, test.least_p, p_holm, test.family, size, reason),
            *_adjusted_ends(test, p_holm),
            equivalence_low=ends[0],
            equivalence_high=ends[1],
            decision=str(_conclude(p_holm, ends, margin)),
        )
        for test, reason, p_holm, ends in zip(tests, reasons, adjusted, equivalences, strict=True)
    ]


def _conclude(p_holm: float, equivalence: Sequence[float], margin: float) -> Conclusion:
    low, high = equivalence
    is_within = -margin < low and high < margin
    if p_holm < SIGNIFICANT:
        return Conclusion.DIFFERS_WITHIN_MARGIN if is_within else Conclusion.DIFFERS
    return Conclusion.EQUAL if is_within else Conclusion.CANNOT_TELL


def _reason_outside(test: FamilyTest) -> str:
    if np.isnan(test.p):
        return "nothing to test"
    return f"fewer than {MIN_GROUPS} independent items or groups" if test.n_groups < MIN_GROUPS else ""


def _adjusted_ends(test: FamilyTest, p_holm: float) -> tuple[float, float]:
    """Return the interval for as many tests as Holm's correction multiplied p by, so that both say the same."""
    if np.isnan(p_holm):
        return np.nan, np.nan
    n_tests = int(np.ceil(p_holm / test.p - _ROUNDING))
    low, high = test.intervals[:, n_tests - 1]
    return float(low), float(high)
