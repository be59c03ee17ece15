"""How far the models agree with each other, whatever gold says: Krippendorff's alpha."""

from collections.abc import Iterator

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, Resampling, resample
from descan.compare.database import read_sql
from descan.compare.intervals import divide
from descan.compare.safe_csv import Cell
from descan.compare.strata import count_strata
from descan.emotions import Emotion

AGREEMENT_COLUMNS = (
    *("mode", "n_models", "n_items", "agreement", "agreement_low", "agreement_high"),
    *("alpha", "alpha_low", "alpha_high", "n_groups"),
)

_N = len(Emotion)


def agreement_rows(connection: DuckDBPyConnection, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `agreement.csv`: one a mode in which two models gave some item a category.

    Args:
        connection: A database in which counts.sql has run.
        resampling: How intervals are made.
    """
    n_models = dict(connection.execute("SELECT mode, count(DISTINCT model) FROM asked GROUP BY mode").fetchall())
    n_cells = _N + 2 * (max(n_models.values(), default=1) - 1)
    for stratum in count_strata(connection, read_sql("strata/agreement"), n_cells):
        [mode] = stratum.key
        n_items = int(stratum.groups.totals[_N + 1 :: 2].sum())
        found = resample(stratum.groups, agreement_statistics, resampling)
        yield mode, n_models[mode], n_items, *found.columns(0, 1), stratum.groups.n_groups


def agreement_statistics(totals: FloatMatrix) -> FloatMatrix:
    """Return the observed agreement and Krippendorff's alpha for nominal data (Krippendorff 2011).

    Each item with m models adds its ordered pairs of equal categories, divided by m - 1, to the agreeing pairs O of
    all n values; with n_c values of category c

        agreement = O / n        alpha = 1 - (n - 1) (n - O) / (n² - Σ n_c²)

    Alpha is NaN where all values are the same.

    Args:
        totals: By category the number of values, then for m = 2, 3, ... the number of ordered pairs that agree in
            items of m models, and the number of these items. Shape: (n, 7 + 2 * (n_models - 1)).

    Returns:
        Shape: (n, 2).
    """
    of_category, pairs = totals[:, :_N], totals[:, _N::2]
    agreeing = (pairs / np.arange(1, pairs.shape[1] + 1)).sum(axis=1)
    n = of_category.sum(axis=1)
    disagreement = divide((n - 1) * (n - agreeing), n**2 - (of_category**2).sum(axis=1))
    return np.column_stack([divide(agreeing, n), 1 - disagreement])
