"""The model of misclassification: what people would read, from counts of what descan reads and from its error rates.

Every array of counts may have resamples as its first axis, with error rates of their own.
"""

import numpy as np
from numpy.typing import NDArray

from descan.compare.bootstrap import IntVector
from descan.compare.intervals import divide

Floats = NDArray[np.float64]

MIN_YOUDEN = 0.05
"""Sensitivity less false-positive rate (Youden 1950) counts as this at least, so that no resample divides by 0."""

_TOLERANCE = 1e-4
"""Shares that a step changes by less are found; only the rate of false positives is made of them."""

_STEPS = 10
_MAX_ROUNDS = 50
"""Of so many steps; after each, what is found is left alone."""


def fit_mixtures(described: Floats, read: Floats, probabilities: Floats) -> Floats:
    """Return the shares of what people would read, by constrained maximum likelihood.

    Where people would read h with the share p(h), descan reads d with the share of the sum of p(h) P(d | h). The
    shares with the greatest likelihood among those that are at least 0 and sum to 1 are found by the EM algorithm
    (Dempster, Laird & Rubin 1977): each step shares the descriptions that nobody has read among the readings that they
    may have.

    Args:
        described: Descriptions that nobody has read, by what descan reads. Shape: (n, n_mixtures, k).
        read: The others, by what a person has read. Shape: (n, n_mixtures, k).
        probabilities: P(descan reads | a person reads), rows sum to 1. Shape: (n, k, k).

    Returns:
        Shape: (n, n_mixtures, k); arbitrary shares where there is no description.
    """
    shares = np.full(described.shape, 1 / described.shape[-1])
    left = np.arange(len(described))  # Resamples whose shares still move.
    for _ in range(_MAX_ROUNDS):
        parts = (described[left], read[left], probabilities[left])
        found = before = shares[left]
        for _ in range(_STEPS):
            before, found = found, _step(found, *parts)
        shares[left] = found
        left = left[np.abs(found - before).max(axis=(1, 2), initial=0) > _TOLERANCE]
        if not left.size:
            break
    return shares


def count_supporting(
    described: Floats, read: Floats, probabilities: Floats, mixtures: Floats, golds: IntVector
) -> Floats:
    """Return how many descriptions of each mixture a person would read as its gold category.

    Those that people have read count as read. Of the others, the share that descan reads as gold is s * sensitivity +
    (1 - s) * false positives, which gives the share s (Rogan & Gladen 1978). The false-positive rate is that of the
    mixture's other readings. Where no constraint of `fit_mixtures` binds, s is the maximum-likelihood share; elsewhere
    it is not held between 0 and 1: that would push the sums over many small mixtures to one side.

    Args:
        described: As in `fit_mixtures`.
        read: As in `fit_mixtures`.
        probabilities: As in `fit_mixtures`.
        mixtures: What `fit_mixtures` returns.
        golds: The place of each mixture's gold category among the k. Shape: (n_mixtures,).

    Returns:
        Shape: (n, n_mixtures).
    """
    of_gold = np.arange(described.shape[-1]) == golds[:, np.newaxis]

    def pick(counts: Floats) -> Floats:
        return np.asarray((counts * of_gold).sum(axis=-1))

    others = mixtures * ~of_gold
    as_gold = np.swapaxes(probabilities[..., golds], -1, -2)  # P(descan reads gold | h), by mixture and h.
    sensitivity = pick(as_gold)
    n_others = others.sum(axis=-1)
    false_positives = np.where(n_others > 0, divide((others * as_gold).sum(axis=-1), n_others), 0)
    youden = np.maximum(sensitivity - false_positives, MIN_YOUDEN)
    return np.asarray(pick(read) + (pick(described) - described.sum(axis=-1) * false_positives) / youden)


def tells_apart(probabilities: Floats) -> NDArray[np.bool_]:
    """Say which categories descan reads more often in texts that say so than in texts that say any other.

    Args:
        probabilities: P(descan reads | a person reads), rows sum to 1. Shape: (k, k).

    Returns:
        Shape: (k,).
    """
    others = np.where(np.eye(len(probabilities)) > 0, 0, probabilities)
    return np.asarray(np.diagonal(probabilities) > others.max(axis=0) + MIN_YOUDEN)


def _step(shares: Floats, described: Floats, read: Floats, probabilities: Floats) -> Floats:
    """Return the shares after one step of the EM algorithm; those of no description stay."""
    n = (described + read).sum(axis=-1, keepdims=True)
    per_expected = described / np.maximum(shares @ probabilities, np.finfo(np.float64).tiny)
    expected = read + shares * (per_expected @ np.swapaxes(probabilities, -1, -2))
    return np.asarray(np.where(n > 0, expected / np.maximum(n, 1), shares))
