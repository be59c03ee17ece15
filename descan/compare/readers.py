"""How far the people and judges who read descriptions agree with each other, with descan and with themselves."""

from collections.abc import Iterator

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, resample
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.intervals import as_count, divide
from descan.compare.strata import count_strata
from descan.storage.safe_csv import Cell

READER_COLUMNS = (
    *("reader_a", "reader_b", "model", "n", "agreement", "agreement_low", "agreement_high"),
    *("kappa", "kappa_low", "kappa_high", "n_groups", "kind_a", "kind_b"),
)
"""Of `readers.csv`."""


def reader_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `readers.csv`: every two readers of the same descriptions, of all models and of each.

    A judge that has read descriptions more than once also stands beside itself.

    Args:
        connection: A database with the table `all_readings`.
        options: How to compare.
    """
    n_cells = (len(options.categories) + 1) ** 2
    for stratum in count_strata(connection, read_sql("strata/readers"), n_cells):
        n = as_count(stratum.groups.totals.sum())
        found = resample(stratum.groups, _agreement, options.resampling)
        yield *stratum.key[:3], n, *found.columns(0, 1), stratum.groups.n_groups, *stratum.key[3:]


def _agreement(totals: FloatMatrix) -> FloatMatrix:
    """Return the share of equal readings, and Cohen's (1960) kappa; NaN where chance alone makes all readings equal."""
    n_choices = round(totals.shape[1] ** 0.5)
    counts = totals.reshape(-1, n_choices, n_choices)
    n = totals.sum(axis=1)
    agreement = divide(np.trace(counts, axis1=1, axis2=2), n)
    chance = divide((counts.sum(axis=1) * counts.sum(axis=2)).sum(axis=1), n**2)
    return np.column_stack([agreement, divide(agreement - chance, 1 - chance)])
