"""The scores of readings against gold: how often a score of a category comes with that gold, and each threshold."""

from collections.abc import Iterator
from itertools import product

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, Statistic, resample
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.intervals import divide
from descan.compare.strata import count_shares, gold_rows, golds_of
from descan.storage.safe_csv import Cell

CALIBRATION_COLUMNS = (
    *("model", "category", "above", "up_to", "n", "mean_score", "n_gold"),
    *("share", "share_low", "share_high", "interval", "n_groups"),
)
"""Of `calibration.csv`: descriptions by the score of a category, and the share of them whose gold it is."""

THRESHOLD_COLUMNS = (
    *("model", "threshold", "n_descriptions", "n_supporting", "share", "share_low", "share_high", "interval"),
    *("n_groups", "chance_share", "difference", "difference_low", "difference_high"),
    *("seen_beyond_chance", "seen_beyond_chance_low", "seen_beyond_chance_high"),
)
"""Of `thresholds.csv`: support of gold where its score is at least the threshold, beside its chance rate."""

_ENDS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Upper ends of the bins of scores; the first holds 0 alone."""

_THRESHOLDS = tuple(round(0.1 * n, 1) for n in range(1, 11))
"""Tabled beside the threshold that was chosen."""


def calibration_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `calibration.csv`: bins of all scores together, then of those of each category."""
    names = golds_of(options.categories)
    of_bin = np.kron(gold_rows(len(options.categories)), np.eye(len(_ENDS)))
    above, below = np.kron(of_bin, [0, 1]), np.kron(of_bin, [1, 1])
    parameters = {"ends": list(_ENDS)}
    rows = connection.execute(read_sql("mean_scores"), parameters).fetchall()
    means = {(model, category, place): mean for model, category, place, mean in rows}
    bins = list(zip((None, *_ENDS[:-1]), _ENDS, strict=True))
    query, confidence = read_sql("strata/calibration"), options.confidence
    for stratum, shares in count_shares(connection, query, above, below, confidence, parameters):
        [model] = stratum.key
        for (category, place), row in zip(product(names, range(len(bins))), shares.rows(), strict=True):
            mean = means.get((model, category, place))
            yield model, category, *bins[place], row[1], mean, row[0], *row[2:]


def threshold_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `thresholds.csv`, of each model and threshold."""
    thresholds, n = sorted({*_THRESHOLDS, options.lenient_threshold}), len(options.categories)
    n_cells = n + len(thresholds) * (n + 1)
    hits = np.eye(n_cells)[2 * n :: n + 1]
    golds = (np.arange(n_cells) < n).astype(np.float64)[np.newaxis]
    query, parameters = read_sql("strata/thresholds"), {"thresholds": thresholds}
    for stratum, shares in count_shares(connection, query, hits, golds, options.confidence, parameters):
        found = resample(stratum.groups, _support_above_chance(n), options.resampling)
        for place, (threshold, row) in enumerate(zip(thresholds, shares.rows(), strict=True)):
            chance = row[2] - float(found.values[2 * place])
            above = found.columns(2 * place, 2 * place + 1)
            yield *stratum.key, threshold, row[1], row[0], *row[2:], chance, *above


def _support_above_chance(n_categories: int) -> Statistic:
    """Return the statistic "support - chance, (support - chance) / (1 - chance)" of one threshold after the other.

    Chance is what independent descriptions and golds give: the sum over categories of p(gold) p(support of it).
    """

    def statistic(totals: FloatMatrix) -> FloatMatrix:
        golds = totals[:, :n_categories]
        claims = totals[:, n_categories:].reshape(len(totals), -1, n_categories + 1)
        n = golds.sum(axis=1)[:, np.newaxis]
        hits, expected = claims[:, :, -1], divide((claims[:, :, :-1] * golds[:, np.newaxis]).sum(axis=2), n)
        both = [divide(hits - expected, n), divide(hits - expected, n - expected)]
        return np.stack(both, axis=2).reshape(len(totals), -1)

    return statistic
