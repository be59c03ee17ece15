"""How much changed on the same items: differences with intervals, and the tests that decide about them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, FloatVector, Intervals, Resampling, resample
from descan.compare.changes.models import ModelPairs
from descan.compare.database import read_sql
from descan.compare.families import DECISION_COLUMNS, FamilyTest, decide, test_difference
from descan.compare.hypothesis_tests import mcnemar_p
from descan.compare.intervals import as_count, divide
from descan.compare.paired import GIVEN_MORE, STATISTICS, right_more, side_weights
from descan.compare.scores import compute_scores
from descan.compare.strata import Stratum, count_strata
from descan.emotions import CategorySet
from descan.records import SCORED_VERDICTS, Mode
from descan.storage.safe_csv import Cell

_SIDES = ("model_a", "mode_a", "model_b", "mode_b")
_CHANGE = ("change", "low", "high")
_COUNTS = ("n_items", "n_left_out", "n_groups")

DIFFERENCE_COLUMNS = (*_SIDES, "statistic", "value_a", "value_b", *_CHANGE, *DECISION_COLUMNS, *_COUNTS)
"""Of `differences.csv`. A change is B minus A, on the items that both have a value for."""

TEST_COLUMNS = (
    *(*_SIDES, "outcome", "n_both", "n_a_only", "n_b_only", "n_neither"),
    *(*_COUNTS, *_CHANGE, *DECISION_COLUMNS, "p_mcnemar", "p_bootstrap", "is_grouped"),
)
"""Of `tests.csv`: how often an answer is right, or a description supports gold."""

_VERDICTS = tuple(map(str, SCORED_VERDICTS))
_N_VERDICTS = len(_VERDICTS)

_SUPPORTED_MORE = np.array([0.0, -1.0, 1.0, 0.0])
"""What a cell of support, of A and of B, adds to the items that B supports less those that A does."""

Rows = list[dict[str, Cell]]


class _Measured(NamedTuple):
    """One change: its row, its test, and where it is a row of `tests.csv` the outcome and how it is crossed."""

    row: dict[str, Cell]
    test: FamilyTest
    outcome: str = ""
    crossed: Sequence[float] = ()


def measure_changes(
    connection: DuckDBPyConnection,
    models: ModelPairs,
    categories: CategorySet,
    options: Mapping[str, Mapping[str, object]],
    resampling: Resampling,
    margin: float,
) -> tuple[Rows, Rows]:
    """Return the rows of `differences.csv` and of `tests.csv`.

    Args:
        connection: From `open_sides`.
        models: The models that are compared.
        categories: All that either has.
        options: For `a` and `b`, what `run.json` has as options.
        resampling: How intervals are made.
        margin: Changes below this share are of no importance.
    """
    label_modes = tuple(str(options[side].get("label_mode", "classify")) for side in "ab")
    supports = tuple(str(options[side].get("support", "strict")) for side in "ab")
    n_models = len(models.pairs)
    measured: list[_Measured] = []
    weights, n = side_weights(categories), len(categories)
    for stratum in _count(connection, "scores", n**3):
        modes = (str(Mode.DESCRIBE), str(Mode.DESCRIBE)) if stratum.key[1] == Mode.DESCRIBE else label_modes
        found = resample(stratum.groups.combine(weights), _score_changes, resampling, n_models)
        rows = _measure(stratum, models, modes, STATISTICS, found, {STATISTICS[0]: -right_more(n)})
        crossed = _cross_right(stratum.groups.totals, n)
        measured += [rows[0]._replace(outcome="right", crossed=crossed), *rows[1:]]
    for stratum in _count(connection, "support", 4):
        found = resample(stratum.groups, _cross_changes(2, 1), resampling, n_models)
        [of_support] = _measure(stratum, models, supports, ("support",), found, {"support": _SUPPORTED_MORE})
        crossed = stratum.groups.totals[::-1].tolist()
        measured.append(of_support._replace(outcome="supports gold", crossed=crossed))
    for stratum in _count(connection, "verdicts", _N_VERDICTS**2):
        found = resample(stratum.groups, _cross_changes(_N_VERDICTS), resampling, n_models * _N_VERDICTS)
        more = {verdict: -added for verdict, added in GIVEN_MORE.items()}
        measured += _measure(stratum, models, supports, _VERDICTS, found, more, "verdict shares")
    decisions = decide([change.test for change in measured], margin)
    differences = [change.row | decision.cells() for change, decision in zip(measured, decisions, strict=True)]
    tests = [_test_row(change, row) for change, row in zip(measured, differences, strict=True) if change.outcome]
    return differences, tests


def _measure(
    stratum: Stratum,
    models: ModelPairs,
    modes: Sequence[str],
    statistics: Sequence[str],
    found: Intervals,
    counted: Mapping[str, FloatVector],
    question: str = "",
) -> list[_Measured]:
    """Return the change of each statistic; the last two arguments are as in `test_difference`."""
    n = len(statistics)
    model_a, model_b = models.pairs[int(stratum.key[0])]
    sides = dict(zip(_SIDES, (model_a, modes[0], model_b, modes[1]), strict=True))
    counts = (as_count(stratum.groups.totals.sum()), stratum.n_left_out, stratum.groups.n_groups)
    measured = []
    for place, statistic in enumerate(statistics):
        row: dict[str, Cell] = {
            **sides,
            "statistic": statistic,
            "value_a": float(found.values[place]),
            "value_b": float(found.values[n + place]),
            **dict(zip(_CHANGE, found.columns(2 * n + place), strict=True)),
            "p_bootstrap": float(found.p[2 * n + place]),
            **dict(zip(_COUNTS, counts, strict=True)),
        }
        family = f"runs, {modes[1]}: {question or statistic}"
        test = test_difference(stratum.groups, found, 2 * n + place, counted.get(statistic), family)
        measured.append(_Measured(row, test))
    return measured


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


def _test_row(change: _Measured, row: Mapping[str, Cell]) -> dict[str, Cell]:
    """Return the row of a test: that of its share in `differences.csv`, and how many items are crossed how."""
    n_both, n_a_only, n_b_only, n_neither = map(as_count, change.crossed)
    return {
        **row,
        "outcome": change.outcome,
        "n_both": n_both,
        "n_a_only": n_a_only,
        "n_b_only": n_b_only,
        "n_neither": n_neither,
        "p_mcnemar": mcnemar_p(n_a_only, n_b_only),
        "is_grouped": "yes" if float(row["n_items"] or 0) > float(row["n_groups"] or 0) else "no",
    }
