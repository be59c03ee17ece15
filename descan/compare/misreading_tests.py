"""Tests of what the correction for misreading assumes: that errors depend on what a text says, and on nothing else.

Given what a person reads, what descan reads must not depend on gold, on the label or on the model.
"""

from collections.abc import Sequence

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatMatrix, resample
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.families import DECISION_COLUMNS, decide, test_difference
from descan.compare.intervals import as_count, divide
from descan.compare.strata import count_strata
from descan.storage.safe_csv import Cell

FACTORS = ("gold", "label", "model")

MISREADING_TEST_COLUMNS = (
    *("factor", "model", "n_human", "n_groups", "share", "expected_share", "difference", "low", "high"),
    *DECISION_COLUMNS,
)
"""Of `misreading_tests.csv`. `share` less `expected_share` is `difference`; `model` is empty where it is all models.

- `gold`: descriptions that descan reads as gold, and what is expected of it given what people read in them.
- `label`: the same of the label.
- `model`: descriptions of the model that descan reads as people do, and what is expected given what people read in them
  and how often descan reads that as people do in all descriptions.
"""


def misreading_test_rows(connection: DuckDBPyConnection, options: CompareOptions) -> list[Sequence[Cell]]:
    """Return the rows of `misreading_tests.csv`; without human readings of the corpus there are none.

    Each difference is observed less expected, summed over what people read, as in the test of Mantel & Haenszel (1959);
    its interval and p are from the bootstrap over groups.

    Args:
        connection: A database with the table `human_readings`.
        options: How to compare.
    """
    n = len(options.categories) + 1
    found = []
    for factor in FACTORS:
        weights = _model_sums(n) if factor == "model" else agreement_sums(n)
        statistic = _model_shares if factor == "model" else agreement_shares
        strata = count_strata(connection, read_sql("strata/misreading_tests"), n**3, {"factor": factor})
        for stratum in strata:
            [model] = stratum.key
            groups = stratum.groups.combine(weights)
            values = resample(groups, statistic, options.resampling, len(strata))
            counts = (as_count(stratum.groups.totals.sum()), groups.n_groups)
            shares = (float(values.values[0]), float(values.values[1]), *values.columns(2))
            shown: tuple[Cell, ...] = (factor, model, *counts, *shares)
            family = f"misreading, {factor}" + (", by model" if model and factor != "model" else "")
            found.append((shown, test_difference(groups, values, 2, None, family)))
    decisions = decide([test for _, test in found], options.margin)
    return [(*row, *decision.cells().values()) for (row, _), decision in zip(found, decisions, strict=True)]


def agreement_sums(n: int) -> FloatMatrix:
    """Return the cells of human reading by described category, then by the factor's, then those in which both agree.

    Returns:
        Shape: (2 * n * n + 1, n**3).
    """
    human, described, level = np.indices((n, n, n)).reshape(3, -1)
    pairs = np.arange(n * n)[:, np.newaxis]
    return np.vstack([human * n + described == pairs, human * n + level == pairs, described == level]).astype(float)


def agreement_shares(sums: FloatMatrix) -> FloatMatrix:
    """Return how often described and factor agree, what is expected given the human reading, and the difference.

    Args:
        sums: Of the cells of `agreement_sums`. Shape: (n, 2 * k * k + 1), for that of the result (n, 3).
    """
    described, level = np.split(sums[:, :-1], 2, axis=1)
    k = round(described.shape[1] ** 0.5)
    described, level = described.reshape(-1, k, k), level.reshape(-1, k, k)
    expected = _divide_or_0((described * level).sum(axis=2), described.sum(axis=2)).sum(axis=1)
    return _compare(sums[:, -1], expected, described.sum(axis=(1, 2)))


def _model_sums(n: int) -> FloatMatrix:
    """Return the cells of each human reading: of all models, read alike by descan, of the model, both.

    Returns:
        Shape: (4 * n, n**3).
    """
    human, described, level = np.indices((n, n, n)).reshape(3, -1)
    is_human = human == np.arange(n)[:, np.newaxis]
    is_alike, is_model = described == human, level == 1
    return np.vstack([is_human, is_human & is_alike, is_human & is_model, is_human & is_alike & is_model]).astype(float)


def _model_shares(sums: FloatMatrix) -> FloatMatrix:
    """Return how often a model's descriptions are read alike, what is expected given the human reading, the difference.

    Args:
        sums: Of the cells of `_model_sums`. Shape: (n, 4 * k), for that of the result (n, 3).
    """
    n_all, n_alike, n_model, n_both = np.split(sums, 4, axis=1)
    return _compare(n_both.sum(axis=1), (n_model * _divide_or_0(n_alike, n_all)).sum(axis=1), n_model.sum(axis=1))


def _compare(observed: NDArray[np.float64], expected: NDArray[np.float64], n: NDArray[np.float64]) -> FloatMatrix:
    return np.column_stack([divide(part, n) for part in (observed, expected, observed - expected)])


def _divide_or_0(above: FloatMatrix, below: FloatMatrix) -> FloatMatrix:
    return np.nan_to_num(divide(above, below))
