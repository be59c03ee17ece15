"""The contrasts that say what an analysis shows: of each model one difference, with its interval and its test."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, resample
from descan.compare.compare_options import CompareOptions, Support
from descan.compare.database import read_sql
from descan.compare.families import DECISION_COLUMNS, FamilyTest, decide, test_difference
from descan.compare.intervals import as_count, divide
from descan.compare.primary import PRIMARY, is_primary
from descan.compare.strata import count_strata
from descan.records import SCORED_VERDICTS, Verdict
from descan.storage.safe_csv import Cell

CONTRASTS = {"wrong_label": "seen_despite_label", "all": "seen"}
"""Whose descriptions are compared with chance -> the contrast."""

ERRORS = "seeing_minus_labeling"

CONTRAST_COLUMNS = (
    *("model", "contrast", "support", "n_items", "n_groups", "share", "other_share", "other_low", "other_high"),
    *("difference", "low", "high", *DECISION_COLUMNS),
)
"""Of `contrasts.csv`. `share` less `other_share` is `difference`.

- `seen_despite_label`: descriptions of wrongly labelled items that support gold, and what shuffling them among these
  items gives.
- `seen`: the same over all items with gold.
- `seeing_minus_labeling`: seeing failures and labeling failures, of all scored items.
"""

_N_VERDICTS = len(SCORED_VERDICTS)
_SEEING, _LABELING = (SCORED_VERDICTS.index(verdict) for verdict in (Verdict.SEEING_FAILURE, Verdict.LABELING_FAILURE))
_SEEING_MORE = np.eye(_N_VERDICTS)[_SEEING] - np.eye(_N_VERDICTS)[_LABELING]

_Row = dict[str, Cell]


def contrast_rows(connection: DuckDBPyConnection, options: CompareOptions) -> list[Sequence[Cell]]:
    """Return the rows of `contrasts.csv`, by both rules of support."""
    found = [*_contrasts_with_chance(connection), *_contrasts_of_errors(connection, options)]
    decided = [replace(test, family=PRIMARY) if is_primary(row, options) else test for row, test in found]
    decisions = decide(decided, options.margin)
    rows = [row | decision.cells() for (row, _), decision in zip(found, decisions, strict=True)]
    return [[row[name] for name in CONTRAST_COLUMNS] for row in rows]


def _contrasts_with_chance(
    connection: DuckDBPyConnection,
) -> Iterator[tuple[_Row, FamilyTest]]:
    query = """
        SELECT
            population, support, model, n_items, n_groups, share, chance_share, chance_low, chance_high,
            difference, difference_low, difference_high, p, n_permutations, adjusted_low, adjusted_high
        FROM chance JOIN support_rules USING (rule)
        WHERE evidence = 'described'
        ORDER BY population <> 'wrong_label', support <> 'strict', model
    """
    for population, support, model, *cells in connection.execute(query).fetchall():
        *shown, p, n_permutations, low, high = cells
        row = dict(zip(CONTRAST_COLUMNS, (model, CONTRASTS[population], support, *shown), strict=False))
        yield (
            row,
            FamilyTest(
                family=f"{CONTRASTS[population]}, {support}",
                test="permutation",
                p=p,
                least_p=1 / (1 + n_permutations),
                n_groups=int(row["n_groups"] or 0),
                intervals=np.array([low, high], dtype=np.float64),
                equivalence=np.full(np.shape([low, high]), np.nan),
            ),
        )


def _contrasts_of_errors(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[_Row, FamilyTest]]:
    for support in Support:
        strata = count_strata(connection, read_sql("strata/scored"), _N_VERDICTS, {"support": str(support)})
        for stratum in strata:
            groups = stratum.groups
            found = resample(groups, _error_shares, options.resampling, len(strata))
            n_items = as_count(groups.totals.sum())
            seeing, labeling = (float(value) for value in found.values[:2])
            shown: tuple[Cell, ...] = (
                *stratum.key,
                ERRORS,
                str(support),
                n_items,
                groups.n_groups,
                seeing,
                labeling,
                np.nan,
                np.nan,
            )
            row: _Row = dict(zip(CONTRAST_COLUMNS, (*shown, *found.columns(2)), strict=False))
            yield row, test_difference(groups, found, 2, _SEEING_MORE, f"{ERRORS}, {support}")


def _error_shares(totals: FloatMatrix) -> FloatMatrix:
    """Return the shares of seeing failures, of labeling failures, and their difference. Shape: (n, 4) to (n, 3)."""
    n = totals.sum(axis=1)
    seeing, labeling = (divide(totals[:, place], n) for place in (_SEEING, _LABELING))
    return np.column_stack([seeing, labeling, seeing - labeling])
