"""How much changed on the same items: differences with intervals, and exact tests."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, Intervals, Resampling, resample
from descan.compare.changes.models import ModelPairs
from descan.compare.database import read_sql
from descan.compare.intervals import divide
from descan.compare.paired import STATISTICS, adjust_families, exact_mcnemar, floor_p, side_weights
from descan.compare.safe_csv import Cell
from descan.compare.scores import compute_scores
from descan.compare.strata import Stratum, count_strata
from descan.emotions import CategorySet
from descan.records import SCORED_VERDICTS, Mode

_SIDES = ("model_a", "mode_a", "model_b", "mode_b")
_CHANGE = ("change", "low", "high")
_FAMILY = ("p", "p_holm", "family", "family_size")
_COUNTS = ("n_items", "n_left_out", "n_groups")
_P_VALUES = ("p", "p_holm", "p_bootstrap")

DIFFERENCE_COLUMNS = (*_SIDES, "statistic", "value_a", "value_b", *_CHANGE, *_FAMILY, *_COUNTS)
"""Of `differences.csv`. A change is B minus A, on the items that both have a value for."""

TEST_COLUMNS = (
    *(*_SIDES, "outcome", "n_both", "n_a_only", "n_b_only", "n_neither"),
    *(*_COUNTS, *_CHANGE, *_FAMILY, "p_bootstrap", "is_grouped"),
)
"""Of `tests.csv`: McNemar's exact test of how often an answer is right, or a description supports gold."""

_VERDICTS = tuple(map(str, SCORED_VERDICTS))
_N_VERDICTS = len(_VERDICTS)

Rows = list[dict[str, Cell]]


def measure_changes(
    connection: DuckDBPyConnection,
    models: ModelPairs,
    categories: CategorySet,
    options: Mapping[str, Mapping[str, object]],
    resampling: Resampling,
) -> tuple[Rows, Rows]:
    """Return the rows of `differences.csv` and of `tests.csv`.

    Args:
        connection: From `open_sides`.
        models: The models that are compared.
        categories: All that either has.
        options: For `a` and `b`, what `run.json` has as options.
        resampling: How intervals are made.
    """
    label_modes = tuple(str(options[side].get("label_mode", "classify")) for side in "ab")
    supports = tuple(str(options[side].get("support", "strict")) for side in "ab")
    differences: Rows = []
    tests: Rows = []
    weights = side_weights(categories)
    for stratum in _count(connection, "scores", len(categories) ** 3):
        modes = (str(Mode.DESCRIBE), str(Mode.DESCRIBE)) if stratum.key[1] == Mode.DESCRIBE else label_modes
        found = resample(stratum.groups.combine(weights), _score_changes, resampling)
        rows = _difference_rows(models, stratum, modes, STATISTICS, found)
        differences += rows
        tests.append(_test_row(rows[0], "right", _cross_right(stratum.groups.totals, len(categories))))
    for stratum in _count(connection, "support", 4):
        found = resample(stratum.groups, _cross_changes(2, 1), resampling)
        rows = _difference_rows(models, stratum, supports, ("support",), found)
        differences += rows
        tests.append(_test_row(rows[0], "supports gold", stratum.groups.totals[::-1].tolist()))
    for stratum in _count(connection, "verdicts", _N_VERDICTS**2):
        found = resample(stratum.groups, _cross_changes(_N_VERDICTS), resampling)
        differences += _difference_rows(models, stratum, supports, _VERDICTS, found, "verdicts")
    for rows in (differences, tests):
        adjust_families(rows)
        for row in rows:
            row |= {name: floor_p(row[name]) for name in _P_VALUES if name in row}
    return differences, tests


def _difference_rows(
    models: ModelPairs,
    stratum: Stratum,
    modes: Sequence[str],
    statistics: Sequence[str],
    found: Intervals,
    family: str = "",
) -> Rows:
    """Return a row for each statistic; `found` has those of A, those of B, and B - A."""
    n = len(statistics)
    model_a, model_b = models.pairs[int(stratum.key[0])]
    sides = dict(zip(_SIDES, (model_a, modes[0], model_b, modes[1]), strict=True))
    counts = (int(stratum.groups.totals.sum()), stratum.n_left_out, stratum.groups.n_groups)
    return [
        {
            **sides,
            "statistic": statistic,
            "value_a": float(found.values[place]),
            "value_b": float(found.values[n + place]),
            **dict(zip(_CHANGE, found.columns(2 * n + place), strict=True)),
            "p": float(found.p[2 * n + place]),
            "family": f"runs: {family or statistic}",
            **dict(zip(_COUNTS, counts, strict=True)),
        }
        for place, statistic in enumerate(statistics)
    ]


def _count(
    connection: DuckDBPyConnection, query: str, n_cells: int, parameters: Mapping[str, object] | None = None
) -> Iterator[Stratum]:
    """Yield the strata of a query that have an item."""
    strata = count_strata(connection, read_sql(f"changes/{query}"), n_cells, parameters)
    return (stratum for stratum in strata if stratum.groups.n_groups)


def _score_changes(sums: FloatMatrix) -> FloatMatrix:
    """Return the scores of A, those of B, and B - A. Shape: (n, n_sums) to (n, 3 * n_statistics)."""
    a, b = (compute_scores(side)[:, : len(STATISTICS)] for side in np.split(sums, 2, axis=1))
    return np.hstack([a, b, b - a])


def _cross_changes(n_kinds: int, first: int = 0) -> Callable[[FloatMatrix], FloatMatrix]:
    """Return the statistic that gives the share of each kind from `first` on: in A, in B, and B - A.

    It maps counts of A's kinds by B's to shares. Shape: (n, n_kinds ** 2) to (n, 3 * (n_kinds - first)).
    """

    def changes(totals: FloatMatrix) -> FloatMatrix:
        crossed = totals.reshape(-1, n_kinds, n_kinds)
        n = totals.sum(axis=1, keepdims=True)
        a, b = divide(crossed.sum(axis=2), n)[:, first:], divide(crossed.sum(axis=1), n)[:, first:]
        return np.hstack([a, b, b - a])

    return changes


def _cross_right(totals: np.ndarray, n_categories: int) -> list[float]:
    """Return how often both are right, only A, only B, and neither, from counts of gold, A and B."""
    crossed = totals.reshape(n_categories, n_categories, n_categories)
    golds = np.arange(n_categories)
    n_both = crossed[golds, golds, golds].sum()
    n_a, n_b = crossed[golds, golds].sum(), crossed[golds, :, golds].sum()
    return [n_both, n_a - n_both, n_b - n_both, totals.sum() - n_a - n_b + n_both]


def _test_row(difference: Mapping[str, Cell], outcome: str, crossed: Sequence[float]) -> dict[str, Cell]:
    """Return the row of a test.

    Args:
        difference: The row of the same share in `differences.csv`.
        outcome: What is counted.
        crossed: How many items have it on both sides, only in A, only in B, on neither.
    """
    n_both, n_a_only, n_b_only, n_neither = map(int, crossed)
    return {
        **difference,
        "outcome": outcome,
        "n_both": n_both,
        "n_a_only": n_a_only,
        "n_b_only": n_b_only,
        "n_neither": n_neither,
        "p": exact_mcnemar(n_a_only, n_b_only),
        "family": "runs: right or wrong" if outcome == "right" else "runs: support",
        "p_bootstrap": difference["p"],
        "is_grouped": "yes" if float(difference["n_items"] or 0) > float(difference["n_groups"] or 0) else "no",
    }
