"""Agreement with gold, from confusion counts; one code for the sample and for all of its resamples."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Literal

import numpy as np

from descan.compare.bootstrap import FloatMatrix, GroupCounts, Resampling, resample
from descan.compare.intervals import divided
from descan.emotions import Emotion
from descan.records import Mode

Categories = Literal["seven", "six"]

N_PREDICTED = len(Emotion) + 1
"""What is predicted: a category, or none as the last (Undecided, refused, unparsed, ...)."""

N_CELLS = len(Emotion) * N_PREDICTED
"""Cells of a confusion: place of gold * N_PREDICTED + place of what is predicted, as in confusion_cell of SQL."""

SCORES = ("accuracy", "uar", "macro_f1", "kappa", "accuracy_all", "uar_all")
"""What `score_confusions` gives."""

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
        if asked_confusions(totals, "six").any():
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


def score_confusions(totals: FloatMatrix, categories: Categories) -> FloatMatrix:
    """Give `SCORES` of confusions.

    The definitions are those of scikit-learn's accuracy_score, recall_score, f1_score and cohen_kappa_score,
    the means over the gold categories that are present.

    Args:
        totals: Counts, one confusion a row. Shape: (n, N_CELLS).
        categories: `seven`, or `six` to leave out gold Neutral.

    Returns:
        Shape: (n, 6).
    """
    asked = asked_confusions(totals, categories)
    used = asked[:, :, :-1]
    n_used = used.sum(axis=(1, 2))
    right = np.diagonal(used, axis1=1, axis2=2)
    golds, predicted = used.sum(axis=2), used.sum(axis=1)
    expected = divided((golds * predicted).sum(axis=1), n_used)
    n_right = right.sum(axis=1)
    golds_asked = asked.sum(axis=2)
    return np.column_stack(
        [
            divided(n_right, n_used),
            _mean_known(divided(right, golds)),
            _mean_known(np.where(golds > 0, divided(2 * right, golds + predicted), np.nan)),
            divided(n_right - expected, n_used - expected),
            divided(n_right, golds_asked.sum(axis=1)),
            _mean_known(divided(right, golds_asked)),
        ]
    )


def asked_confusions(totals: FloatMatrix, categories: Categories) -> FloatMatrix:
    """Give the counts of gold against prediction, those of gold Neutral as 0 if there are six categories.

    Args:
        totals: Shape: (n, N_CELLS) or (N_CELLS,).
        categories: `seven` or `six`.

    Returns:
        Shape: (n, 7, N_PREDICTED).
    """
    confusions = totals.reshape(-1, len(Emotion), N_PREDICTED)
    if categories == "six":
        confusions = confusions.copy()
        confusions[:, _NEUTRAL] = 0
    return confusions


def _row(sample: Sample, categories: Categories, resampling: Resampling) -> tuple[str | int | float, ...]:
    scores = _scores(sample.model, sample.mode, categories, sample.groups.totals)
    found = resample(sample.groups, lambda totals: score_confusions(totals, categories), resampling)
    ends = np.column_stack([found.low, found.high]).ravel().tolist()
    asked = asked_confusions(np.ones(N_CELLS), categories).reshape(1, -1) > 0
    return (*astuple(scores), *ends, int(sample.groups.groups_with(asked)[0]))


def _scores(model: str, mode: str, categories: Categories, totals: FloatMatrix) -> Scores:
    asked = asked_confusions(totals, categories)
    n_gold, n_used = int(asked.sum()), int(asked[:, :, :-1].sum())
    values = score_confusions(totals[np.newaxis], categories)[0].tolist()
    return Scores(model, mode, categories, n_gold, n_used, n_gold - n_used, *values)


def _mean_known(values: FloatMatrix) -> FloatMatrix:
    """Give the mean of what is defined in each row, NaN where nothing is."""
    known = ~np.isnan(values)
    return divided(np.where(known, values, 0).sum(axis=1), known.sum(axis=1))
