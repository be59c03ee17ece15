"""How far the people and judges who read descriptions agree with each other, with descan and with themselves."""

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, resample
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.intervals import as_count, divide
from descan.compare.strata import count_strata
from descan.corpus.readings import choices_of
from descan.storage.safe_csv import Cell

READER_COLUMNS = (
    *("reader_a", "reader_b", "model", "n", "agreement", "agreement_low", "agreement_high"),
    *("kappa", "kappa_low", "kappa_high", "n_groups", "kind_a", "kind_b", "alpha", "alpha_low", "alpha_high"),
)
"""Of `readers.csv`."""

READER_CONFUSION_COLUMNS = ("reader_a", "reader_b", "model", "read_a", "read_b", "n")
"""Of `confusion_readers.csv`: descriptions that one reader reads as `read_a` and the other as `read_b`."""

_Row = tuple[Cell, ...]


def reader_tables(connection: DuckDBPyConnection, options: CompareOptions) -> tuple[list[_Row], list[_Row]]:
    """Return the rows of `readers.csv` and `confusion_readers.csv`: every two readers of the same descriptions.

    Both have the descriptions of all models and of each. A judge that has read descriptions more than once also stands
    beside itself.

    Args:
        connection: A database with the table `all_readings`.
        options: How to compare.
    """
    choices = choices_of(options.categories)
    agreements: list[_Row] = []
    confusions: list[_Row] = []
    for stratum in count_strata(connection, read_sql("strata/readers"), len(choices) ** 2):
        key, kinds = stratum.key[:3], stratum.key[3:]
        counts = stratum.groups.totals.reshape(len(choices), -1)
        found = resample(stratum.groups, _agreement, options.resampling)
        shown = found.columns(0, 1), found.columns(2)
        agreements.append((*key, as_count(counts.sum()), *shown[0], stratum.groups.n_groups, *kinds, *shown[1]))
        confusions += [
            (*key, choices[a], choices[b], as_count(counts[a, b])) for a, b in np.argwhere(counts > 0).tolist()
        ]
    return agreements, confusions


def _agreement(totals: FloatMatrix) -> FloatMatrix:
    """Return the share of equal readings, Cohen's (1960) kappa and Krippendorff's (2011) alpha for nominal data.

    Kappa and alpha are NaN where chance alone makes all readings equal. Alpha takes what both readers read as one
    distribution, and so counts a bias of one of them as disagreement.
    """
    n_choices = round(totals.shape[1] ** 0.5)
    counts = totals.reshape(-1, n_choices, n_choices)
    n = totals.sum(axis=1)
    agreement = divide(np.trace(counts, axis1=1, axis2=2), n)
    of_a, of_b = counts.sum(axis=2), counts.sum(axis=1)
    by_kappa = divide((of_a * of_b).sum(axis=1), n**2)
    values = of_a + of_b
    by_alpha = divide((values * (values - 1)).sum(axis=1), 2 * n * (2 * n - 1))
    return np.column_stack([agreement, *(divide(agreement - chance, 1 - chance) for chance in (by_kappa, by_alpha))])
