"""Paired comparisons on the same items: model against model, and describe against classify within a model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import NamedTuple

import numpy as np
from duckdb import DuckDBPyConnection
from scipy import special

from descan.compare.bootstrap import FloatMatrix, GroupCounts, Intervals, count_groups, resample
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.intervals import divide
from descan.compare.safe_csv import Cell
from descan.compare.scores import SCORES, compute_scores, score_weights
from descan.compare.strata import Stratum, count_strata
from descan.emotions import CategorySet, spell_number
from descan.records import SCORED_VERDICTS, Mode

MAX_PAIRED_MODELS = 20
"""With more models none is compared with another: that would be thousands of tests."""

STATISTICS = SCORES[:3]
"""Scores whose differences are tabled."""

MIN_P = 1e-6
"""The tables have six decimals: a smaller p stands as this, for none is 0."""

_SIDES = ("comparison", "model_a", "mode_a", "model_b", "mode_b")
_DIFFERENCE = ("difference", "low", "high")
_P_VALUES = ("p", "p_holm", "p_bootstrap")
_FAMILY = ("p_holm", "family", "family_size")
_COUNTS = ("n_items", "n_left_out", "n_groups")

TEST_COLUMNS = (
    *(*_SIDES, "categories", "n_both_right", "n_a_only", "n_b_only", "n_both_wrong"),
    *(*_COUNTS, *_DIFFERENCE, "p", *_FAMILY, "p_bootstrap", "is_grouped"),
)
"""Of `tests.csv`. `categories` has one less where a side is classify6, which does not offer the neutral one.

`is_grouped` is yes where any group has two of the items, which McNemar's test takes as independent.
"""

DIFFERENCE_COLUMNS = (*_SIDES, "statistic", "value_a", "value_b", *_DIFFERENCE, "p", *_FAMILY, *_COUNTS)
"""Of `differences.csv`."""


class Side(NamedTuple):
    """What is compared: a model, asked in one mode."""

    model: str
    mode: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides on the items that have a value on both.

    Attributes:
        kind: `models` or `modes`.
        groups: The compared items. Of scores: n * n * n cells of n categories, place of gold, of what a and of what b
            predicted; of verdicts: 4 * 4 cells, that of a and of b.
        n_left_out: Items with gold that either side was asked about and that lack a value on one.
    """

    kind: str
    a: Side
    b: Side
    groups: GroupCounts
    n_left_out: int

    @property
    def n_items(self) -> int:
        """Number of compared items."""
        return int(self.groups.totals.sum())


def paired_rows(
    connection: DuckDBPyConnection, options: CompareOptions
) -> tuple[list[Sequence[Cell]], list[Sequence[Cell]]]:
    """Return the rows of `tests.csv` and of `differences.csv`."""
    tests: list[dict[str, Cell]] = []
    differences: list[dict[str, Cell]] = []
    categories = options.categories
    weights = side_weights(categories)
    for comparison in _score_comparisons(connection, len(categories)):
        found = resample(comparison.groups.combine(weights), _score_differences, options.resampling)
        rows = _difference_rows(comparison, STATISTICS, found)
        tests.append(_test_row(comparison, categories, rows[0]))
        differences += rows
    for comparison in _verdict_comparisons(connection, str(options.support)):
        found = resample(comparison.groups, _verdict_differences, options.resampling)
        differences += _difference_rows(comparison, SCORED_VERDICTS, found, family="verdicts")
    adjust_families(tests)
    adjust_families(differences)
    return _cells(tests, TEST_COLUMNS), _cells(differences, DIFFERENCE_COLUMNS)


def exact_mcnemar(n_a_only: int, n_b_only: int) -> float:
    """Return the two-sided p that both sides are right equally often, by the binomial over the discordant items.

    NaN is for the caller to give where there are no items at all; without discordant ones p is 1 (McNemar 1947).
    The same as statsmodels' mcnemar.
    """
    return min(1.0, 2 * float(special.bdtr(min(n_a_only, n_b_only), n_a_only + n_b_only, 0.5)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust the p of one family by Holm (1979); NaN stays NaN and is no member.

    The same as statsmodels' multipletests, which collects Python's garbage each time it is called: 0.2 s a family.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    order = np.argsort(p, kind="stable")[: np.count_nonzero(~np.isnan(p))]
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1)
    return [float(value) for value in adjusted]


def _score_comparisons(connection: DuckDBPyConnection, n_categories: int) -> Iterator[Comparison]:
    query = "SELECT DISTINCT model, mode FROM predictions ORDER BY mode <> 'describe', mode, model"
    asked = [Side(*row) for row in connection.execute(query).fetchall()]
    for _, sides in groupby(_model_pairs(asked), key=lambda pair: pair[0]):
        yield from _count_pairs(connection, "predictions", "models", list(sides), n_categories**3)
    yield from _count_pairs(connection, "predictions", "modes", list(_mode_pairs(asked)), n_categories**3)


def _verdict_comparisons(connection: DuckDBPyConnection, support: str) -> Iterator[Comparison]:
    query = "SELECT DISTINCT model FROM verdicts WHERE verdict <> 'unscored' ORDER BY model"
    scored = [Side(model, support) for (model,) in connection.execute(query).fetchall()]
    for _, sides in groupby(_model_pairs(scored), key=lambda pair: pair[0]):
        yield from _count_pairs(connection, "verdicts", "models", list(sides), len(SCORED_VERDICTS) ** 2)


def _model_pairs(sides: Sequence[Side]) -> Iterator[tuple[Side, Side]]:
    if len({side.model for side in sides}) > MAX_PAIRED_MODELS:
        return
    for a, b in combinations(sides, 2):
        if a.mode == b.mode:
            yield a, b


def _mode_pairs(sides: Sequence[Side]) -> Iterator[tuple[Side, Side]]:
    by_model: dict[str, list[Side]] = {}
    for side in sides:
        by_model.setdefault(side.model, []).append(side)
    for a in sides:
        if a.mode == Mode.DESCRIBE:
            yield from ((a, b) for b in by_model[a.model] if b.mode != Mode.DESCRIBE)


def _count_pairs(
    connection: DuckDBPyConnection, name: str, kind: str, pairs: Sequence[tuple[Side, Side]], n_cells: int
) -> Iterator[Comparison]:
    """Count what some pairs of sides say of their items, in one query."""
    if not pairs:
        return
    columns = zip(*((*a, *b) for a, b in pairs), strict=True)
    parameters = dict(zip(("models_a", "modes_a", "models_b", "modes_b"), map(list, columns), strict=True))
    strata = count_strata(connection, read_sql(f"pairs/{name}"), n_cells, parameters)
    found = {int(stratum.key[0]): stratum for stratum in strata}
    nothing = Stratum((), count_groups([], [], n_cells))
    for place, (a, b) in enumerate(pairs):
        stratum = found.get(place, nothing)
        yield Comparison(kind, a, b, stratum.groups, stratum.n_left_out)


def side_weights(categories: CategorySet) -> FloatMatrix:
    """Return the cells whose sums the scores of a and then those of b need. Shape: (8 * n, n**3) for n categories."""
    n = len(categories)
    gold, a, b = np.indices((n, n, n)).reshape(3, -1)
    weights = score_weights(categories)
    return np.vstack([weights[:, gold * (n + 1) + side] for side in (a, b)])


def _score_differences(sums: FloatMatrix) -> FloatMatrix:
    """Return the statistics of a, those of b, and a - b. Shape: (n, 8 * n_categories) to (n, 9)."""
    a, b = (compute_scores(side)[:, : len(STATISTICS)] for side in np.split(sums, 2, axis=1))
    return np.hstack([a, b, a - b])


def _verdict_differences(totals: FloatMatrix) -> FloatMatrix:
    """Return the verdict shares of a, those of b, and a - b. Shape: (n, 16) to (n, 12)."""
    crossed = totals.reshape(-1, len(SCORED_VERDICTS), len(SCORED_VERDICTS))
    n = totals.sum(axis=1, keepdims=True)
    a, b = divide(crossed.sum(axis=2), n), divide(crossed.sum(axis=1), n)
    return np.hstack([a, b, a - b])


def _difference_rows(
    comparison: Comparison, statistics: Sequence[str], found: Intervals, family: str = ""
) -> list[dict[str, Cell]]:
    n = len(statistics)
    sides = (comparison.kind, *comparison.a, *comparison.b)
    counts = (comparison.n_items, comparison.n_left_out, comparison.groups.n_groups)
    described: dict[str, Cell] = dict(zip((*_SIDES, *_COUNTS), (*sides, *counts), strict=True))
    return [
        described
        | {
            "statistic": statistic,
            "value_a": float(found.values[index]),
            "value_b": float(found.values[n + index]),
            **dict(zip(_DIFFERENCE, found.columns(2 * n + index), strict=True)),
            "p": float(found.p[2 * n + index]),
            "family": f"{comparison.kind}: {family or statistic}",
        }
        for index, statistic in enumerate(statistics)
    ]


def _test_row(comparison: Comparison, categories: CategorySet, of_accuracy: dict[str, Cell]) -> dict[str, Cell]:
    n = len(categories)
    is_without_neutral = categories.neutral is not None and Mode.CLASSIFY6 in (comparison.a.mode, comparison.b.mode)
    crossed = comparison.groups.totals.reshape(n, n, n)
    golds = np.arange(n)
    n_both = int(crossed[golds, golds, golds].sum())
    n_a_only = int(crossed[golds, golds].sum()) - n_both
    n_b_only = int(crossed[golds, :, golds].sum()) - n_both
    return of_accuracy | {
        "categories": spell_number(n - is_without_neutral),
        "n_both_right": n_both,
        "n_a_only": n_a_only,
        "n_b_only": n_b_only,
        "n_both_wrong": comparison.n_items - n_both - n_a_only - n_b_only,
        "p": exact_mcnemar(n_a_only, n_b_only) if comparison.n_items else np.nan,
        "family": f"{comparison.kind}: right or wrong",
        "p_bootstrap": of_accuracy["p"],
        "is_grouped": "yes" if comparison.n_items > comparison.groups.n_groups else "no",
    }


def adjust_families(rows: Sequence[dict[str, Cell]]) -> None:
    """Add Holm's p and the size of its family to every row."""
    families: dict[Cell, list[dict[str, Cell]]] = {}
    for row in rows:
        families.setdefault(row["family"], []).append(row)
    for members in families.values():
        p_values = [float(row["p"] or 0) for row in members]
        n_tests = int(np.count_nonzero(~np.isnan(p_values)))
        for row, p in zip(members, holm(p_values), strict=True):
            row |= {"p_holm": p, "family_size": n_tests}


def _cells(rows: Sequence[dict[str, Cell]], columns: Sequence[str]) -> list[Sequence[Cell]]:
    return [[floor_p(row[name]) if name in _P_VALUES else row[name] for name in columns] for row in rows]


def floor_p(p: Cell) -> Cell:
    """Return a p as tables have it: at least `MIN_P`."""
    return MIN_P if isinstance(p, float) and p < MIN_P else p
