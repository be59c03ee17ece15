"""Simulated studies: groups of items with alike outcomes, drawn again and again."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from descan.compare.bootstrap import FloatMatrix, FloatVector, GroupCounts
from descan.compare.hypothesis_tests import exact_sign_flip
from descan.compare.intervals import share_intervals
from descan.compare.power.guesses import Guesses
from descan.significance import MIN_GROUPS, SIGNIFICANT

Outcomes = NDArray[np.integer]

MISSING = -1

_RIGHT, _WRONG = 0, 1
_ONLY_A, _ONLY_B = 1, 2

_DIGITS = 9
"""Decimals of sums of fractions."""

_CHUNK_STUDIES = 50
"""Studies that are in memory at a time."""


def draw_studies(shares: FloatVector, guesses: Guesses, n_groups: int, n_studies: int, seed: int) -> Iterator[Outcomes]:
    """Draw studies whose items of a group, and whose repeats of an item, are alike.

    Each group draws one outcome and each item takes that with a fixed probability, or else draws its own; each repeat
    takes the outcome of its item in the same way. So every outcome has its share, and two items of a group, and two
    repeats of an item, have exactly the correlation that is guessed (the mixture of Lunn & Davies 1998). A larger study
    has the groups of a smaller one and more, so that what they reach differs by their size alone.

    Args:
        shares: Probability of each outcome. Shape: (n_outcomes,).
        guesses: How alike they are, and how many answers are missing.
        n_groups: Groups in a study.
        n_studies: Number of studies.
        seed: Of the random numbers.

    Yields:
        The place of each answer's outcome, or `MISSING`. Shape: (n_in_chunk, n_groups, group_size, repeats).
    """
    for start in range(0, n_studies, _CHUNK_STUDIES):
        n_in_chunk = min(_CHUNK_STUDIES, n_studies - start)
        drawn = _draw(shares, guesses, (n_groups, n_in_chunk), np.random.SeedSequence([seed, start]))
        yield drawn.swapaxes(0, 1)


def half_widths(studies: Outcomes, confidence: float) -> FloatVector:
    """Return half the width of the interval of accuracy in each study; NaN with fewer than `MIN_GROUPS` groups.

    Args:
        studies: Outcomes right (0) and wrong (1). Shape: (n_studies, n_groups, group_size, repeats).
        confidence: Of the intervals.

    Returns:
        Shape: (n_studies,).
    """
    right, wrong = (_count_items(studies, outcome) for outcome in (_RIGHT, _WRONG))
    samples = [_count_study(*counts) for counts in zip(right, wrong, strict=True)]
    found = share_intervals(samples, np.array([[1, 0]]), np.array([[1, 1]]), confidence)
    return np.array(
        [(shares.high[0] - shares.low[0]) / 2 if shares.n_groups[0] >= MIN_GROUPS else np.nan for shares in found]
    )


def are_found(studies: Outcomes, n_tests: int) -> NDArray[np.bool_]:
    """Say in which studies the test finds that two sides differ, even as the first of `n_tests` by Holm's correction.

    Args:
        studies: Outcomes both right (0), only a (1), only b (2), none (3). Shape: (n_studies, n_groups, group_size,
            repeats).
        n_tests: Tests in the family.

    Returns:
        Shape: (n_studies,).
    """
    differences = _count_items(studies, _ONLY_A) - _count_items(studies, _ONLY_B)
    n_groups = (studies != MISSING).any(axis=(2, 3)).sum(axis=1)
    p = np.array([_sign_flip_p(of_groups) for of_groups in differences])
    return np.asarray((p < SIGNIFICANT / n_tests) & (n_groups >= MIN_GROUPS))


def _count_items(studies: Outcomes, outcome: int) -> FloatMatrix:
    """Return the items of each group with an outcome, each averaged over its repeats that are there.

    Returns:
        Shape: (n_studies, n_groups).
    """
    n_known = (studies != MISSING).sum(axis=3)
    shares = (studies == outcome).sum(axis=3) / np.maximum(n_known, 1)
    return np.asarray(shares.sum(axis=2).round(_DIGITS))


def _count_study(right: FloatVector, wrong: FloatVector) -> GroupCounts:
    """Return the groups of a study by how many items are right and wrong. Shape of both: (n_groups,)."""
    types, multiplicity = np.unique(np.stack([right, wrong])[:, right + wrong > 0], axis=1, return_counts=True)
    return GroupCounts(sparse.csc_array(types), multiplicity)


def _sign_flip_p(differences: FloatVector) -> float:
    return exact_sign_flip(*np.unique(differences, return_counts=True)).p


def _draw(shares: FloatVector, guesses: Guesses, shape: tuple[int, int], seed: np.random.SeedSequence) -> Outcomes:
    """Draw groups first, so that fewer groups are the first of more. Shape: (*shape, group_size, repeats)."""
    ends = np.cumsum(shares)[:-1]
    kind = np.int8 if len(shares) <= np.iinfo(np.int8).max else np.int32
    generators = map(np.random.default_rng, seed.spawn(6))

    def draw(*more: int) -> Outcomes:
        return np.searchsorted(ends, next(generators).random((*shape, *more)), side="right").astype(kind)

    def choose(share: float, *more: int) -> NDArray[np.bool_]:
        return np.asarray(next(generators).random((*shape, *more)) < share)

    size, repeats = guesses.group_size, guesses.repeats
    of_repeats = guesses.repeat_correlation if repeats > 1 else 1.0
    drawn = draw(size, 1)
    if size > 1 and guesses.icc > 0:
        drawn = np.where(choose(np.sqrt(guesses.icc / of_repeats), size, 1), draw(1, 1), drawn)
    if repeats > 1:
        drawn = np.where(choose(np.sqrt(of_repeats), size, repeats), drawn, draw(size, repeats))
    if guesses.missing:
        drawn = np.where(choose(guesses.missing, *drawn.shape[2:]), kind(MISSING), drawn)
    return drawn
