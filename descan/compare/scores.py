"""Agreement with gold, from confusion counts; one code for the sample and for all of its resamples."""

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

import numpy as np

from descan.compare.bootstrap import FloatMatrix, FloatVector, Resampling, resample
from descan.compare.intervals import divide, share_intervals
from descan.compare.strata import Stratum
from descan.emotions import Emotion
from descan.records import Mode

Categories = Literal["seven", "six"]

N_PREDICTED = len(Emotion) + 1
"""What is predicted: a category, or none as the last (Undecided, refused, unparsed, ...)."""

N_CELLS = len(Emotion) * N_PREDICTED
"""Cells of a confusion: place of gold * N_PREDICTED + place of what is predicted, as in confusion_cell of SQL."""

SCORES = ("accuracy", "uar", "macro_f1", "kappa", "accuracy_all", "uar_all")
"""What `compute_scores` gives."""

_SHARES = [SCORES.index("accuracy"), SCORES.index("accuracy_all")]
"""Scores that are plain shares, with the interval of shares."""

_NEUTRAL = list(Emotion).index(Emotion.NEUTRAL)

SCORE_TABLE_COLUMNS = (
    *("model", "mode", "categories", "n_gold", "n_used", "n_left_out", *SCORES),
    *(f"{score}_{end}" for score in SCORES for end in ("low", "high")),
    "n_groups",
)
"""Of `scores.csv`: items with gold that the model was asked about in this mode, and how many of them have a category.

`accuracy`, `uar` (mean recall), `macro_f1` and `kappa` are over the items with a category; in `accuracy_all` and
`uar_all` items without one count as wrong. Means are over the gold categories that are present. What is undefined
is NaN, as kappa where gold and prediction are one and the same constant.
"""

_N_GOLD = SCORE_TABLE_COLUMNS.index("n_gold")


def score_rows(strata: Sequence[Stratum], resampling: Resampling) -> Iterator[tuple[str | int | float, ...]]:
    """Yield the rows of each model and mode: with seven and with six categories.

    With six categories the items with gold Neutral are left out, and a prediction of Neutral for another item is
    wrong. Mode classify6 has six only, for it does not offer Neutral. A gold category that is never predicted has
    recall and F1 0; a category that is predicted but never gold lowers the F1 of the others but has none of its own.
    """
    seven, six = (_rows(strata, categories, resampling) for categories in get_args(Categories))
    for stratum, row_of_seven, row_of_six in zip(strata, seven, six, strict=True):
        if stratum.key[1] != Mode.CLASSIFY6:
            yield row_of_seven
        if row_of_six[_N_GOLD]:
            yield row_of_six


def _rows(
    strata: Sequence[Stratum], categories: Categories, resampling: Resampling
) -> Iterator[tuple[str | int | float, ...]]:
    weights = score_weights(categories)
    right, golds, _, asked = (part.sum(axis=0) for part in np.split(weights, 4))
    samples = [stratum.groups for stratum in strata]
    all_shares = share_intervals(samples, [right, right], [golds, asked], resampling.confidence)
    for stratum, shares in zip(strata, all_shares, strict=True):
        found = resample(stratum.groups.combine(weights), compute_scores, resampling)
        ends = np.stack([found.low, found.high])
        ends[:, _SHARES] = shares.low, shares.high
        n_used, n_gold = shares.n_below.tolist()
        scores = (*found.values.tolist(), *ends.T.ravel().tolist())
        yield *stratum.key, categories, n_gold, n_used, n_gold - n_used, *scores, int(shares.n_groups[1])


def score_weights(categories: Categories) -> FloatMatrix:
    """Return the cells of a confusion that `compute_scores` needs the sums of.

    Returns:
        By gold category the right ones, those with a category, those that were predicted and those that were asked.
        Shape: (28, N_CELLS).
    """
    n = len(Emotion)
    asked = np.ones((n, N_PREDICTED))
    if categories == "six":
        asked[_NEUTRAL] = 0
    used = asked * (np.arange(N_PREDICTED) < n)
    golds, predicted = np.eye(n)[:, :, np.newaxis], np.eye(n, N_PREDICTED)[:, np.newaxis]
    parts = (golds * predicted * used, golds * used, predicted * used, golds * asked)
    return np.concatenate(parts).reshape(-1, N_CELLS)


def compute_scores(sums: FloatMatrix) -> FloatMatrix:
    """Return `SCORES` of confusions.

    The definitions are those of scikit-learn's accuracy_score, recall_score, f1_score and cohen_kappa_score,
    the means over the gold categories that are present.

    Args:
        sums: Those of `score_weights`, one confusion a row. Shape: (n, 28).

    Returns:
        Shape: (n, 6).
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
        ]
    )


def mean_known(values: FloatMatrix) -> FloatVector:
    """Return the mean of what is not NaN in each row, NaN where nothing is."""
    known = ~np.isnan(values)
    return divide(np.where(known, values, 0).sum(axis=1), known.sum(axis=1))
