"""Agreement with gold, from confusion counts; one code for the sample and for all of its resamples."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Literal

import numpy as np

from descan.compare.bootstrap import FloatMatrix, FloatVector, GroupCounts, Resampling, resample
from descan.compare.intervals import divided, share_intervals
from descan.emotions import Emotion
from descan.records import Mode

Categories = Literal["seven", "six"]

N_PREDICTED = len(Emotion) + 1
"""What is predicted: a category, or none as the last (Undecided, refused, unparsed, ...)."""

N_CELLS = len(Emotion) * N_PREDICTED
"""Cells of a confusion: place of gold * N_PREDICTED + place of what is predicted, as in confusion_cell of SQL."""

SCORES = ("accuracy", "uar", "macro_f1", "kappa", "accuracy_all", "uar_all")
"""What `combined_scores` gives."""

_SHARES = [SCORES.index("accuracy"), SCORES.index("accuracy_all")]
"""Scores that are plain shares, with the interval of shares."""

_NEUTRAL = list(Emotion).index(Emotion.NEUTRAL)


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """How many items of one gold category a model gave one prediction.

    Attributes:
        predicted: One of the seven categories, Undecided, or the reason why there is no label.
        n: Number of items.
    """

    model: str
    mode: str
    gold: str
    predicted: str
    n: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The predictions of one model in one mode.

    Attributes:
        groups: Counts in `N_CELLS` cells.
    """

    model: str
    mode: str
    groups: GroupCounts


@dataclass(frozen=True, slots=True)
class Scores:
    """One model's agreement with gold in one mode; what is undefined is NaN.

    Attributes:
        categories: `seven`, or `six` for the items whose gold is not Neutral.
        n_gold: Items with gold that the model was asked about in this mode.
        n_used: Those of them with a category; the first four scores are over these.
        n_left_out: Those without one: undecided, refused, unparsed, ...
        accuracy: Share of right categories, 0 to 1.
        uar: Unweighted mean of the recalls of the gold categories present, 0 to 1.
        macro_f1: Unweighted mean of the F1 of the gold categories present, 0 to 1.
        kappa: Cohen's kappa, -1 to 1; NaN where gold and prediction are one and the same constant.
        accuracy_all: Accuracy over n_gold, with what was left out as wrong.
        uar_all: Mean recall over n_gold, with what was left out as wrong.
    """

    model: str
    mode: str
    categories: Categories
    n_gold: int
    n_used: int
    n_left_out: int
    accuracy: float
    uar: float
    macro_f1: float
    kappa: float
    accuracy_all: float
    uar_all: float


SCORE_TABLE_COLUMNS = (
    *(field.name for field in fields(Scores)),
    *(f"{score}_{end}" for score in SCORES for end in ("low", "high")),
    "n_groups",
)


def score_rows(samples: Iterable[Sample], resampling: Resampling) -> Iterator[tuple[str | int | float, ...]]:
    """Give the rows of `scores.csv`: each model and mode with seven and with six categories.

    Mode classify6 has six only, for it does not offer Neutral.

    Args:
        samples: What each model predicted in each mode.
        resampling: How intervals are made.
    """
    for sample in samples:
        totals = sample.groups.totals
        if sample.mode != Mode.CLASSIFY6:
            yield _row(sample, "seven", resampling)
        if (score_weights("six") @ totals).any():
            yield _row(sample, "six", resampling)


def scores_of(cells: Sequence[ConfusionCell], categories: Categories) -> Scores:
    """Score the cells of one model and mode.

    With six categories the items with gold Neutral are left out, and a prediction of Neutral for another
    item is wrong. A gold category that is never predicted has recall and F1 0; a category that is
    predicted but never gold lowers the others' F1 but has none of its own.

    Args:
        cells: At least one, all of the same model and mode.
        categories: `seven`, or `six` to leave out gold Neutral.

    Raises:
        ValueError: If there are no cells.
    """
    if not cells:
        raise ValueError("there are no cells to score")
    totals = np.zeros((len(Emotion), N_PREDICTED))
    places = {str(emotion): place for place, emotion in enumerate(Emotion)}
    for cell in cells:
        totals[places[cell.gold], places.get(cell.predicted, len(Emotion))] += cell.n
    return _scores(cells[0].model, cells[0].mode, categories, totals.ravel())


def score_weights(categories: Categories) -> FloatMatrix:
    """Give the cells of a confusion that `combined_scores` needs the sums of.

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


def combined_scores(sums: FloatMatrix) -> FloatMatrix:
    """Give `SCORES` of confusions.

    The definitions are those of scikit-learn's accuracy_score, recall_score, f1_score and cohen_kappa_score,
    the means over the gold categories that are present.

    Args:
        sums: Those of `score_weights`, one confusion a row. Shape: (n, 28).

    Returns:
        Shape: (n, 6).
    """
    right, golds, predicted, asked = np.split(sums, 4, axis=1)
    n_right, n_used = right.sum(axis=1), golds.sum(axis=1)
    expected = divided((golds * predicted).sum(axis=1), n_used)
    return np.column_stack(
        [
            divided(n_right, n_used),
            mean_known(divided(right, golds)),
            mean_known(divided(2 * right, np.where(golds > 0, golds + predicted, 0))),
            divided(n_right - expected, n_used - expected),
            divided(n_right, asked.sum(axis=1)),
            mean_known(divided(right, asked)),
        ]
    )


def mean_known(values: FloatMatrix) -> FloatVector:
    """Give the mean of what is not NaN in each row, NaN where nothing is."""
    known = ~np.isnan(values)
    return divided(np.where(known, values, 0).sum(axis=1), known.sum(axis=1))


def _row(sample: Sample, categories: Categories, resampling: Resampling) -> tuple[str | int | float, ...]:
    weights = score_weights(categories)
    found = resample(sample.groups.combined(weights), combined_scores, resampling)
    right, golds, _, asked = (part.sum(axis=0) for part in np.split(weights, 4))
    shares = share_intervals(sample.groups, [right, right], [golds, asked], resampling.confidence)
    ends = np.stack([found.low, found.high])
    ends[:, _SHARES] = shares.low, shares.high
    scores = _scores(sample.model, sample.mode, categories, sample.groups.totals)
    return (*astuple(scores), *ends.T.ravel().tolist(), int(shares.n_groups[1]))


def _scores(model: str, mode: str, categories: Categories, totals: FloatVector) -> Scores:
    sums = score_weights(categories) @ totals
    _, golds, _, asked = np.split(sums, 4)
    n_gold, n_used = int(asked.sum()), int(golds.sum())
    values = combined_scores(sums[np.newaxis])[0].tolist()
    return Scores(model, mode, categories, n_gold, n_used, n_gold - n_used, *values)
