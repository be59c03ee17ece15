"""Whether the probabilities of categories hold: calibration, and what moving Neutral's threshold alone regains."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatMatrix, FloatVector, IntVector, Statistic, count_groups, resample, sum_groups
from descan.compare.compare_options import CompareOptions
from descan.compare.intervals import divide, share_intervals
from descan.compare.scores import mean_known
from descan.compare.strata import golds_of
from descan.storage.safe_csv import Cell

_ENDS = ("", "_low", "_high")
DECIDED_CALIBRATION_COLUMNS = (
    *("model", "n", *(f"{name}{end}" for name in ("accuracy", "confidence") for end in _ENDS)),
    *(f"{name}{end}" for name in ("overconfidence", "brier", "ece") for end in _ENDS),
    "n_groups",
)
"""Of `calibration_decided.csv`: per model, over the items with gold and probabilities of the categories.

`confidence` is the mean probability of the likeliest category, `accuracy` how often that is gold, `overconfidence` the
first less the second. `brier` is the mean of the summed squares of probability less truth over the categories (0 to 2;
Brier 1950). `ece` is the expected calibration error: confidence less accuracy, without sign, in bins of equal width of
confidence, each by its share of items (Naeini et al. 2015); with few items it is above 0 by chance alone.
"""

RELIABILITY_COLUMNS = (
    *("model", "category", "above", "up_to", "n", "mean_probability", "n_gold"),
    *("share", "share_low", "share_high", "interval", "n_groups"),
)
"""Of `reliability.csv`: items by the probability of a category, and the share of them whose gold it is; `all` is the
likeliest category of each item."""

NEUTRAL_THRESHOLD_COLUMNS = (
    *("model", "measure", "n", "threshold", *(f"{name}{end}" for name in ("value", "moved", "gain") for end in _ENDS)),
    *(
        "gold_share",
        "neutral_share",
        "moved_share",
        *(f"{name}{end}" for name in ("bias", "moved_bias") for end in _ENDS),
    ),
    *("n_folds", "n_groups"),
)
"""Of `neutral_threshold.csv`: per model and measure, accuracy or uar (mean recall).

`value` is that of the likeliest category. `moved` is that with Neutral's threshold moved alone: Neutral counts where
its part of the sum of it and the likeliest other category reaches the threshold, which is 0.5 for the likeliest
category. Each fold of groups has the threshold that is best on the others; `threshold` is that of all items. `gain` is
moved less value; `neutral_share` and `moved_share` are how often Neutral is predicted, and the biases these less the
share of gold.
"""

N_BINS = 10
"""Of probabilities, of equal width."""

N_FOLDS = 5
"""Of groups; fewer where there are fewer groups."""

_ARGMAX = 0.5
_LEAST_ITEMS = 2


class _Model(NamedTuple):
    """The items of a model. `probabilities` has shape (n_items, n_categories) and rows that add up to 1."""

    model: str
    units: IntVector
    golds: IntVector
    probabilities: FloatMatrix


def decided_calibration_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `calibration_decided.csv`.

    Args:
        connection: A database in which `create_decided` has run.
        options: How to compare.
    """
    for one in _load_models(connection):
        confidence, is_right = _confidence(one)
        truth = np.eye(one.probabilities.shape[1])[one.golds]
        squares = ((one.probabilities - truth) ** 2).sum(axis=1)
        bins = _bins(confidence)
        n = len(bins)
        cells = np.concatenate([np.zeros(n), np.ones(n), 2 + bins, 2 + N_BINS + bins]).astype(np.int64)
        values = np.concatenate([np.ones(n), squares, confidence, is_right])
        groups = sum_groups(np.tile(one.units, 4), cells, 2 + 2 * N_BINS, values)
        found = resample(groups, _calibration, options.resampling)
        yield one.model, n, *found.columns(0, 1, 2, 3, 4), groups.n_groups


def reliability_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `reliability.csv`: of the likeliest category of each item, then of each category.

    Args:
        connection: A database in which `create_decided` has run.
        options: How to compare.
    """
    above, below = np.kron(np.eye(N_BINS), [0, 1]), np.kron(np.eye(N_BINS), [1, 1])
    for one in _load_models(connection):
        confidence, is_right = _confidence(one)
        sides = [(confidence, is_right)]
        sides += [(one.probabilities[:, place], one.golds == place) for place in range(one.probabilities.shape[1])]
        for category, (probability, is_gold) in zip(golds_of(options.categories), sides, strict=True):
            bins = _bins(probability)
            groups = count_groups(one.units, 2 * bins + is_gold.astype(np.int64), 2 * N_BINS)
            [shares] = share_intervals([groups], above, below, options.confidence)
            sums = np.bincount(bins, weights=probability, minlength=N_BINS)
            for place, row in enumerate(shares.rows()):
                mean = float(sums[place] / row[1]) if row[1] else None
                ends = place / N_BINS, (place + 1) / N_BINS
                yield one.model, category, *ends, row[1], mean, row[0], *row[2:]


def neutral_threshold_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `neutral_threshold.csv`; none of a category set without a neutral one.

    Args:
        connection: A database in which `create_decided` has run.
        options: How to compare.
    """
    neutral = options.categories.neutral_place
    if neutral is None:
        return
    n_categories = len(options.categories)
    for one in _load_models(connection):
        part, other = _neutral_part(one.probabilities, neutral)
        folds = _divide(one.units, options.seed)
        predicted = np.where(part >= _ARGMAX, neutral, other)
        for place, measure in enumerate(("accuracy", "uar")):
            weights = _weights(one.golds, n_categories, measure)
            moved = predicted.copy()
            for fold in range(folds.max() + 1):
                is_held = folds == fold
                if is_held.all():
                    continue
                kept = ~is_held
                threshold = find_threshold(part[kept], other[kept], one.golds[kept], neutral, weights[kept])
                moved[is_held] = np.where(part[is_held] >= threshold, neutral, other[is_held])
            cells = (one.golds * n_categories + predicted) * n_categories + moved
            groups = count_groups(one.units, cells, n_categories**3)
            found = resample(groups, _measures(n_categories, neutral), options.resampling)
            threshold = find_threshold(part, other, one.golds, neutral, weights)
            first = 3 * place
            shares = tuple(float(found.values[index]) for index in (6, 7, 8))
            scores = found.columns(first, first + 1, first + 2)
            biases = found.columns(9, 10)
            counts = int(folds.max()) + 1, groups.n_groups
            yield one.model, measure, len(cells), threshold, *scores, *shares, *biases, *counts


def find_threshold(part: FloatVector, other: IntVector, golds: IntVector, neutral: int, weights: FloatVector) -> float:
    """Return the threshold of Neutral's part with the greatest weight of right predictions.

    Among the best, the one nearest to 0.5, which moves nothing.

    Args:
        part: Of Neutral, 0 to 1. Shape: (n_items,).
        other: The likeliest other category. Shape: (n_items,).
        golds: The gold categories. Shape: (n_items,).
        neutral: The place of the neutral category.
        weights: What a right prediction of each item counts. Shape: (n_items,).
    """
    if len(part) < _LEAST_ITEMS:
        return _ARGMAX
    order = np.argsort(part, kind="stable")
    values = part[order]
    gains = np.where(
        golds[order] == neutral, -weights[order], np.where(other[order] == golds[order], weights[order], 0)
    )
    totals = np.concatenate([[0.0], np.cumsum(gains)])  # Of the items below each cut, relative to none below.
    is_cut = np.concatenate([[True], values[1:] > values[:-1], [True]])
    lows = np.concatenate([[0.0], values])
    highs = np.concatenate([values, [1.0]])
    cuts = np.where((lows < _ARGMAX) & (highs >= _ARGMAX), _ARGMAX, (lows + highs) / 2)
    cuts[0], cuts[-1] = min(values[0], _ARGMAX), max(np.nextafter(values[-1], 2), _ARGMAX)
    best = totals >= totals[is_cut].max() - 1e-12
    chosen = cuts[best & is_cut]
    return float(chosen[np.argmin(np.abs(chosen - _ARGMAX))])


def _load_models(connection: DuckDBPyConnection) -> Iterator[_Model]:
    names = connection.execute("SELECT DISTINCT model FROM decided_emotions ORDER BY model").fetchall()
    query = "SELECT unit, gold, probabilities FROM decided_emotions WHERE model = ? ORDER BY item_id"
    for (name,) in names:
        table = connection.sql(query, params=[name]).to_arrow_table()
        units, golds = (table[column].to_numpy().astype(np.int64) for column in ("unit", "gold"))
        flat = table["probabilities"].combine_chunks().flatten().to_numpy().astype(np.float64)
        probabilities = flat.reshape(len(units), -1)
        yield _Model(name, units, golds, probabilities / probabilities.sum(axis=1, keepdims=True))


def _confidence(one: _Model) -> tuple[FloatVector, NDArray[np.bool_]]:
    """Return the probability of the likeliest category of each item, and whether it is gold."""
    top = one.probabilities.argmax(axis=1)
    return one.probabilities.max(axis=1), top == one.golds


def _bins(probabilities: FloatVector) -> IntVector:
    """Return the bin of each probability: above its lower end, up to its upper end; 0 is in the first."""
    return np.clip(np.ceil(probabilities * N_BINS - 1e-9).astype(np.int64) - 1, 0, N_BINS - 1)


def _calibration(totals: FloatMatrix) -> FloatMatrix:
    """Return accuracy, confidence, overconfidence, Brier score and expected calibration error. Shape: (n, 5)."""
    n, squares = totals[:, 0], totals[:, 1]
    confidence, right = totals[:, 2 : 2 + N_BINS], totals[:, 2 + N_BINS :]
    accuracy, mean = divide(right.sum(axis=1), n), divide(confidence.sum(axis=1), n)
    error = divide(np.abs(confidence - right).sum(axis=1), n)
    return np.column_stack([accuracy, mean, mean - accuracy, divide(squares, n), error])


def _neutral_part(probabilities: FloatMatrix, neutral: int) -> tuple[FloatVector, IntVector]:
    """Return Neutral's part of it and the likeliest other category, and that category."""
    others = probabilities.copy()
    others[:, neutral] = -1
    other = others.argmax(axis=1)
    highest, own = others.max(axis=1), probabilities[:, neutral]
    return np.where(highest + own > 0, own / np.maximum(highest + own, 1e-300), _ARGMAX), other


def _divide(units: IntVector, seed: int) -> IntVector:
    """Return the fold of each item: all items of a group are in one, and the folds have as many groups."""
    names, places = np.unique(units, return_inverse=True)
    n_folds = min(N_FOLDS, len(names))
    folds = np.random.default_rng(seed).permutation(np.arange(len(names)) % n_folds)
    return np.asarray(folds[places], dtype=np.int64)


def _weights(golds: IntVector, n_categories: int, measure: str) -> FloatVector:
    if measure == "accuracy":
        return np.ones(len(golds))
    return np.asarray(1 / np.maximum(np.bincount(golds, minlength=n_categories), 1)[golds], dtype=np.float64)


def _measures(n_categories: int, neutral: int) -> Statistic:
    """Return the statistic of cells gold * n^2 + predicted * n + moved.

    For accuracy and then uar: likeliest, moved, gain; then the shares of neutral gold, predicted and moved, and both
    biases.
    """

    def statistic(totals: FloatMatrix) -> FloatMatrix:
        cells = totals.reshape(-1, n_categories, n_categories, n_categories)
        n_gold, n = cells.sum(axis=(2, 3)), totals.sum(axis=1)
        found = []
        rights = [np.diagonal(cells.sum(axis=axis), axis1=1, axis2=2) for axis in (3, 2)]
        for score in (lambda right: divide(right.sum(axis=1), n), lambda right: mean_known(divide(right, n_gold))):
            value, moved = map(score, rights)
            found += [value, moved, moved - value]
        gold = divide(n_gold[:, neutral], n)
        said, moved_said = (divide(cells.sum(axis=axes)[:, neutral], n) for axes in ((1, 3), (1, 2)))
        return np.column_stack([*found, gold, said, moved_said, said - gold, moved_said - gold])

    return statistic
