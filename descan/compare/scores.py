"""Agreement with gold, by scikit-learn on the cells of the confusion tables.

Each cell enters as one sample with its count as weight, so the work does not grow with the corpus.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import groupby
from typing import Literal

from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, recall_score

from descan.emotions import Emotion
from descan.records import Mode

Categories = Literal["seven", "six"]


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


SCORE_TABLE_COLUMNS = tuple(field.name for field in fields(Scores))


def score_rows(cells: Iterable[ConfusionCell]) -> Iterator[tuple[str | int | float, ...]]:
    """Give the rows of `scores.csv`: each model and mode with seven and with six categories.

    Mode classify6 has six only, for it does not offer Neutral.

    Args:
        cells: Sorted so that the cells of a model and mode stand together.
    """
    for (_, mode), group in groupby(cells, key=lambda cell: (cell.model, cell.mode)):
        found = list(group)
        if mode != Mode.CLASSIFY6:
            yield astuple(scores_of(found, "seven"))
        if any(cell.gold != Emotion.NEUTRAL for cell in found):
            yield astuple(scores_of(found, "six"))


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
    asked = [cell for cell in cells if categories == "seven" or cell.gold != Emotion.NEUTRAL]
    used = [cell for cell in asked if cell.predicted in tuple(Emotion)]
    n_gold = sum(cell.n for cell in asked)
    n_used = sum(cell.n for cell in used)
    return Scores(
        model=cells[0].model,
        mode=cells[0].mode,
        categories=categories,
        n_gold=n_gold,
        n_used=n_used,
        n_left_out=n_gold - n_used,
        accuracy=_accuracy(used),
        uar=_mean_recall(used),
        macro_f1=_macro_f1(used),
        kappa=_kappa(used),
        accuracy_all=_accuracy(asked),
        uar_all=_mean_recall(asked),
    )


def _accuracy(cells: Sequence[ConfusionCell]) -> float:
    if not cells:
        return math.nan
    return float(accuracy_score(_golds(cells), _predictions(cells), sample_weight=_weights(cells)))


def _mean_recall(cells: Sequence[ConfusionCell]) -> float:
    if not cells:
        return math.nan
    present = sorted(set(_golds(cells)))
    recall = recall_score(
        _golds(cells),
        _predictions(cells),
        labels=present,
        average="macro",
        sample_weight=_weights(cells),
        zero_division=0,
    )
    return float(recall)


def _macro_f1(cells: Sequence[ConfusionCell]) -> float:
    if not cells:
        return math.nan
    present = sorted(set(_golds(cells)))
    f1 = f1_score(
        _golds(cells),
        _predictions(cells),
        labels=present,
        average="macro",
        sample_weight=_weights(cells),
        zero_division=0,
    )
    return float(f1)


def _kappa(cells: Sequence[ConfusionCell]) -> float:
    # Where one category is all there is, chance agreement is 1 and kappa 0/0; scikit-learn would warn.
    if len(set(_golds(cells)) | set(_predictions(cells))) < 2:
        return math.nan
    return float(cohen_kappa_score(_golds(cells), _predictions(cells), sample_weight=_weights(cells)))


def _golds(cells: Sequence[ConfusionCell]) -> list[str]:
    return [cell.gold for cell in cells]


def _predictions(cells: Sequence[ConfusionCell]) -> list[str]:
    return [cell.predicted for cell in cells]


def _weights(cells: Sequence[ConfusionCell]) -> list[int]:
    return [cell.n for cell in cells]
