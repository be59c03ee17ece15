"""Agreement with gold, from confusion counts; one code for the sample and for all of its resamples."""

from collections.abc import Iterator, Sequence

import numpy as np

from descan.compare.bootstrap import FloatMatrix, FloatVector, Resampling, resample
from descan.compare.intervals import as_count, divide, share_intervals
from descan.compare.strata import Stratum
from descan.emotions import CategorySet, spell_number
from descan.records import Mode

SCORES = ("accuracy", "uar", "macro_f1", "kappa", "accuracy_all", "uar_all", "accuracy_best", "uar_best")
"""What `compute_scores` gives."""

_SHARES = [SCORES.index(name) for name in ("accuracy", "accuracy_all", "accuracy_best")]
"""Scores that are plain shares, with the interval of shares."""

SCORE_TABLE_COLUMNS = (
    *("model", "mode", "categories", "n_gold", "n_used", "n_left_out", "coverage", *SCORES),
    *(f"{score}_{end}" for score in SCORES for end in ("low", "high")),
    "n_groups",
)
"""Of `scores.csv`: items with gold that the model was asked about in this mode, and how many of them have a category.

`accuracy`, `uar` (mean recall), `macro_f1` and `kappa` are over the items with a category, whose share of all is
`coverage`. In `accuracy_all` and `uar_all` items without one count as wrong, in `accuracy_best` and `uar_best` as
right: whatever these items would have been, the score over all items lies between the two (Manski 1989). Means are
over the gold categories that are present. What is undefined is NaN, as kappa where gold and prediction are one and the
same constant.
"""

_N_GOLD = SCORE_TABLE_COLUMNS.index("n_gold")


def score_rows(
    strata: Sequence[Stratum], categories: CategorySet, resampling: Resampling
) -> Iterator[tuple[str | int | float, ...]]:
    """Yield the rows of each model and mode: with all categories, and with all but the neutral one.

    Without the neutral one, items with that gold are left out, and a prediction of it for another item is wrong. Mode
    classify6 has these rows only, for it does not offer the neutral one. A gold category that is never predicted has
    recall and F1 0; a category that is predicted but never gold lowers the F1 of the others but has none of its own.

    Args:
        strata: What each model predicted in each mode, in cells of `strata/scores.sql`: place of gold * (number of
            categories + 1) + place of what is predicted, of which the last is none (Undecided, refused, unparsed, ...).
        categories: The category set.
        resampling: How intervals are made.
    """
    with_neutral = _rows(strata, categories, resampling, has_neutral=True)
    if categories.neutral is None:
        yield from with_neutral
        return
    without = _rows(strata, categories, resampling, has_neutral=False)
    for stratum, row_with, row_without in zip(strata, with_neutral, without, strict=True):
        if stratum.key[1] != Mode.CLASSIFY6:
            yield row_with
        if row_without[_N_GOLD]:
            yield row_without


def _rows(
    strata: Sequence[Stratum], categories: CategorySet, resampling: Resampling, *, has_neutral: bool
) -> Iterator[tuple[str | int | float, ...]]:
    weights = score_weights(categories, has_neutral=has_neutral)
    named = spell_number(len(categories) - (not has_neutral))
    right, golds, _, asked = (part.sum(axis=0) for part in np.split(weights, 4))
    samples = [stratum.groups for stratum in strata]
    numerators, denominators = [right, right, right + asked - golds], [golds, asked, asked]
    all_shares = share_intervals(samples, numerators, denominators, resampling.confidence)
    for stratum, shares in zip(strata, all_shares, strict=True):
        found = resample(stratum.groups.combine(weights), compute_scores, resampling)
        ends = np.stack([found.low, found.high])
        ends[:, _SHARES] = shares.low, shares.high
        n_used, n_gold, _ = map(as_count, shares.n_below.tolist())
        scores = (*found.values.tolist(), *ends.T.ravel().tolist())
        counts = (n_gold, n_used, as_count(n_gold - n_used), n_used / n_gold if n_gold else np.nan)
        yield *stratum.key, named, *counts, *scores, int(shares.n_groups[1])


def n_cells(categories: CategorySet) -> int:
    """Return the number of cells of a confusion of gold and what is predicted, of which the last is none."""
    return len(categories) * (len(categories) + 1)


def score_weights(categories: CategorySet, *, has_neutral: bool = True) -> FloatMatrix:
    """Return the cells of a confusion that `compute_scores` needs the sums of; n is the number of categories.

    Returns:
        By gold category the right ones, those with a category, those that were predicted and those that were asked.
        Shape: (4 * n, n * (n + 1)).
    """
    n = len(categories)
    asked = np.ones((n, n + 1))
    if not has_neutral:
        asked[categories.neutral_place] = 0
    used = asked * (np.arange(n + 1) < n)
    golds, predicted = np.eye(n)[:, :, np.newaxis], np.eye(n, n + 1)[:, np.newaxis]
    parts = (golds * predicted * used, golds * used, predicted * used, golds * asked)
    return np.concatenate(parts).reshape(-1, n_cells(categories))


def compute_scores(sums: FloatMatrix) -> FloatMatrix:
    """Return `SCORES` of confusions.

    The definitions are those of scikit-learn's accuracy_score, recall_score, f1_score and cohen_kappa_score,
    the means over the gold categories that are present.

    Args:
        sums: Those of `score_weights`, one confusion a row. Shape: (n, 4 * n_categories).

    Returns:
        Shape: (n, 8).
    """
    right, golds, predicted, asked = np.split(sums, 4, axis=1)
    n_right, n_used = right.sum(axis=1), golds.sum(axis=1)
    expected = divide((golds * predicted).sum(axis=1), n_used)
    return np.column_stack(
        [
            divide(n_right, n_used),
            mean_known(divide(right, golds)),
            mean_known(divide(2 * right, np.where(golds > 0, golds + predicted, 0))),
            divide(n_right - expected, n_used - expected),
            divide(n_right, asked.sum(axis=1)),
            mean_known(divide(right, asked)),
            divide(n_right + asked.sum(axis=1) - n_used, asked.sum(axis=1)),
            mean_known(divide(right + asked - golds, asked)),
        ]
    )


def mean_known(values: FloatMatrix) -> FloatVector:
    """Return the mean of what is not NaN in each row, NaN where nothing is."""
    known = ~np.isnan(values)
    return divide(np.where(known, values, 0).sum(axis=1), known.sum(axis=1))
