"""Paired comparisons on the same items: model against model, and describe against classify within a model."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby
from typing import NamedTuple

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import (
    FloatMatrix,
    FloatVector,
    GroupCounts,
    Intervals,
    Resampling,
    count_groups,
    resample,
)
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.families import DECISION_COLUMNS, FamilyTest, decide, test_difference
from descan.compare.hypothesis_tests import mcnemar_p
from descan.compare.intervals import as_count, divide
from descan.compare.primary import PRIMARY, is_primary
from descan.compare.scores import SCORES, compute_scores, score_weights
from descan.compare.strata import Stratum, count_strata
from descan.emotions import CategorySet, spell_number
from descan.records import SCORED_VERDICTS, Mode
from descan.storage.safe_csv import Cell

MAX_PAIRED_MODELS = 20
"""With more models none is compared with another: that would be thousands of tests."""

STATISTICS = SCORES[:3]
"""Scores whose differences are tabled."""

_N_VERDICTS = len(SCORED_VERDICTS)

GIVEN_MORE = dict(
    zip(
        map(str, SCORED_VERDICTS),
        np.subtract(*(np.eye(_N_VERDICTS)[:, side] for side in np.indices((_N_VERDICTS,) * 2).reshape(2, -1))),
        strict=True,
    )
)
"""Verdict -> what a cell of verdicts adds to the items that a has it for less those of b. Shape of each: (16,)."""

_SIDES = ("comparison", "model_a", "mode_a", "model_b", "mode_b")
_DIFFERENCE = ("difference", "low", "high")
_COUNTS = ("n_items", "n_left_out", "n_groups")
_BOUNDS = tuple(f"difference_{bound}{end}" for bound in ("least", "most") for end in ("", "_low", "_high"))

_MISSING_STATES = 3
"""A side is wrong, right or without a category: the cells of `pairs/bounds.sql` cross two of them."""

TEST_COLUMNS = (
    *(*_SIDES, "categories", "n_both_right", "n_a_only", "n_b_only", "n_both_wrong"),
    *(*_COUNTS, *_DIFFERENCE, *DECISION_COLUMNS, "p_mcnemar", "p_bootstrap", "is_grouped", "n_asked", *_BOUNDS),
)
"""Of `tests.csv`. `categories` has one less where a side is classify6, which does not offer the neutral one.

`is_grouped` is yes where any group has two of the items, which `p_mcnemar` takes as independent. `difference_least` and
`difference_most` bound the difference over the `n_asked` items asked of both: what is missing is all wrong for a and
all right for b, or the other way round.
"""

DIFFERENCE_COLUMNS = (*_SIDES, "statistic", "value_a", "value_b", *_DIFFERENCE, *DECISION_COLUMNS, *_COUNTS)
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
        n_comparisons: Comparisons that answer the same question in the same mode, with this one.
    """

    kind: str
    a: Side
    b: Side
    groups: GroupCounts
    n_left_out: int | float
    n_comparisons: int

    @property
    def n_items(self) -> int | float:
        """Number of compared items."""
        return as_count(self.groups.totals.sum())


def paired_rows(
    connection: DuckDBPyConnection, options: CompareOptions
) -> tuple[list[Sequence[Cell]], list[Sequence[Cell]]]:
    """Return the rows of `tests.csv` and of `differences.csv`."""
    categories = options.categories
    weights, more = side_weights(categories), right_more(len(categories))
    found: list[tuple[Comparison, dict[str, Cell], FamilyTest]] = []
    for comparison in _score_comparisons(connection, "predictions", len(categories) ** 3):
        n_tests = comparison.n_comparisons
        intervals = resample(comparison.groups.combine(weights), _score_differences, options.resampling, n_tests)
        found += _differences(comparison, STATISTICS, intervals, {STATISTICS[0]: more})
    for comparison in _verdict_comparisons(connection, str(options.support)):
        n_tests = comparison.n_comparisons * len(SCORED_VERDICTS)
        intervals = resample(comparison.groups, _verdict_differences, options.resampling, n_tests)
        found += _differences(comparison, SCORED_VERDICTS, intervals, GIVEN_MORE, "verdict shares")
    decided = [replace(test, family=PRIMARY) if is_primary(row, options) else test for _, row, test in found]
    decisions = decide(decided, options.margin)
    differences = [row | decision.cells() for (_, row, _), decision in zip(found, decisions, strict=True)]
    bounds = {
        (one.kind, one.a, one.b): _bounds(one.groups, options.resampling)
        for one in _score_comparisons(connection, "bounds", _MISSING_STATES**2)
    }
    tests = [
        _test_row(comparison, categories, row) | bounds[comparison.kind, comparison.a, comparison.b]
        for (comparison, _, _), row in zip(found, differences, strict=True)
        if row["statistic"] == STATISTICS[0]
    ]
    return (
        [[row[name] for name in TEST_COLUMNS] for row in tests],
        [[row[name] for name in DIFFERENCE_COLUMNS] for row in differences],
    )


def _score_comparisons(connection: DuckDBPyConnection, name: str, n_cells: int) -> Iterator[Comparison]:
    query = "SELECT DISTINCT model, mode FROM predictions ORDER BY mode <> 'describe', mode, model"
    asked = [Side(*row) for row in connection.execute(query).fetchall()]
    yield from _count_pairs(connection, name, "models", list(model_pairs(asked)), n_cells)
    yield from _count_pairs(connection, name, "modes", list(mode_pairs(asked)), n_cells)


def _verdict_comparisons(connection: DuckDBPyConnection, support: str) -> Iterator[Comparison]:
    query = "SELECT DISTINCT model FROM verdicts WHERE verdict <> 'unscored' ORDER BY model"
    scored = [Side(model, support) for (model,) in connection.execute(query).fetchall()]
    yield from _count_pairs(connection, "verdicts", "models", list(model_pairs(scored)), len(SCORED_VERDICTS) ** 2)


def model_pairs(sides: Sequence[Side]) -> Iterator[tuple[Side, Side]]:
    """Yield the pairs of models in one mode; none with more than `MAX_PAIRED_MODELS` models."""
    if len({side.model for side in sides}) > MAX_PAIRED_MODELS:
        return
    for a, b in combinations(sides, 2):
        if a.mode == b.mode:
            yield a, b


def mode_pairs(sides: Sequence[Side]) -> Iterator[tuple[Side, Side]]:
    """Yield the descriptions of each model with its other modes."""
    by_model: dict[str, list[Side]] = {}
    for side in sides:
        by_model.setdefault(side.model, []).append(side)
    for a in sides:
        if a.mode == Mode.DESCRIBE:
            yield from ((a, b) for b in by_model[a.model] if b.mode != Mode.DESCRIBE)


def _count_pairs(
    connection: DuckDBPyConnection, name: str, kind: str, pairs: Sequence[tuple[Side, Side]], n_cells: int
) -> Iterator[Comparison]:
    """Count what pairs of sides say of their items, in one query for those with the same first side."""
    n_comparisons = Counter(b.mode for _, b in pairs)
    query = read_sql(f"pairs/{name}")
    for _, run in groupby(pairs, key=lambda pair: pair[0]):
        sides = list(run)
        columns = zip(*((*a, *b) for a, b in sides), strict=True)
        parameters = dict(zip(("models_a", "modes_a", "models_b", "modes_b"), map(list, columns), strict=True))
        found = {int(stratum.key[0]): stratum for stratum in count_strata(connection, query, n_cells, parameters)}
        nothing = Stratum((), count_groups([], [], n_cells))
        for place, (a, b) in enumerate(sides):
            stratum = found.get(place, nothing)
            yield Comparison(kind, a, b, stratum.groups, stratum.n_left_out, n_comparisons[b.mode])


def side_weights(categories: CategorySet) -> FloatMatrix:
    """Return the cells whose sums the scores of a and then those of b need. Shape: (8 * n, n**3) for n categories."""
    n = len(categories)
    gold, a, b = np.indices((n, n, n)).reshape(3, -1)
    weights = score_weights(categories)
    return np.vstack([weights[:, gold * (n + 1) + side] for side in (a, b)])


def right_more(n: int) -> FloatVector:
    """Return what a cell of scores adds to the items in which a is right less those in which b is. Shape: (n**3,)."""
    gold, a, b = np.indices((n, n, n)).reshape(3, -1)
    more: FloatVector = np.subtract(a == gold, b == gold, dtype=np.float64)
    return more


def _score_differences(sums: FloatMatrix) -> FloatMatrix:
    """Return the statistics of a, those of b, and a - b. Shape: (n, 8 * n_categories) to (n, 9)."""
    a, b = (compute_scores(side)[:, : len(STATISTICS)] for side in np.split(sums, 2, axis=1))
    return np.hstack([a, b, a - b])


def bound_difference(totals: FloatMatrix) -> FloatMatrix:
    """Return the least and the greatest difference in accuracy that the missing answers leave open (Manski 1989).

    Args:
        totals: Items asked of both sides, in cells of `pairs/bounds.sql`. Shape: (n, 9).

    Returns:
        Shape: (n, 2); NaN where there is no item.
    """
    a, b = np.indices((_MISSING_STATES, _MISSING_STATES)).reshape(2, -1)
    # Right for sure, less right at most.
    least = (a == 1).astype(np.float64) - (b != 0)
    most = (a != 0).astype(np.float64) - (b == 1)
    return divide(totals @ np.column_stack([least, most]), totals.sum(axis=1, keepdims=True))


def _bounds(groups: GroupCounts, resampling: Resampling) -> dict[str, Cell]:
    found = resample(groups, bound_difference, resampling)
    return {"n_asked": as_count(groups.totals.sum()), **dict(zip(_BOUNDS, found.columns(0, 1), strict=True))}


def _verdict_differences(totals: FloatMatrix) -> FloatMatrix:
    """Return the verdict shares of a, those of b, and a - b. Shape: (n, 16) to (n, 12)."""
    crossed = totals.reshape(-1, len(SCORED_VERDICTS), len(SCORED_VERDICTS))
    n = totals.sum(axis=1, keepdims=True)
    a, b = divide(crossed.sum(axis=2), n), divide(crossed.sum(axis=1), n)
    return np.hstack([a, b, a - b])


def _differences(
    comparison: Comparison,
    statistics: Sequence[str],
    found: Intervals,
    counted: Mapping[str, FloatVector],
    question: str = "",
) -> Iterator[tuple[Comparison, dict[str, Cell], FamilyTest]]:
    """Return the row of each statistic, and its test.

    Args:
        comparison: The two sides.
        statistics: Their names.
        found: The statistics of a, those of b, and the differences.
        counted: Statistic -> what each cell adds to its difference, for those that are shares of the items; these are
            tested by the signs of whole groups, others by the bootstrap.
        question: What the family asks; for one statistic alone if empty.
    """
    n = len(statistics)
    sides = (comparison.kind, *comparison.a, *comparison.b)
    counts = (comparison.n_items, comparison.n_left_out, comparison.groups.n_groups)
    described: dict[str, Cell] = dict(zip((*_SIDES, *_COUNTS), (*sides, *counts), strict=True))
    for index, statistic in enumerate(statistics):
        place = 2 * n + index
        row = described | {
            "statistic": statistic,
            "value_a": float(found.values[index]),
            "value_b": float(found.values[n + index]),
            **dict(zip(_DIFFERENCE, found.columns(place), strict=True)),
            "p_bootstrap": float(found.p[place]),
        }
        family = f"{comparison.kind}, {comparison.b.mode}: {question or statistic}"
        yield comparison, row, test_difference(comparison.groups, found, place, counted.get(statistic), family)


def _test_row(comparison: Comparison, categories: CategorySet, of_accuracy: dict[str, Cell]) -> dict[str, Cell]:
    n = len(categories)
    is_without_neutral = categories.neutral is not None and Mode.CLASSIFY6 in (comparison.a.mode, comparison.b.mode)
    crossed = comparison.groups.totals.reshape(n, n, n)
    golds = np.arange(n)
    n_both = crossed[golds, golds, golds].sum()
    n_a_only, n_b_only = crossed[golds, golds].sum() - n_both, crossed[golds, :, golds].sum() - n_both
    return of_accuracy | {
        "categories": spell_number(n - is_without_neutral),
        "n_both_right": as_count(n_both),
        "n_a_only": as_count(n_a_only),
        "n_b_only": as_count(n_b_only),
        "n_both_wrong": as_count(crossed.sum() - n_both - n_a_only - n_b_only),
        "p_mcnemar": mcnemar_p(n_a_only, n_b_only) if comparison.n_items else np.nan,
        "is_grouped": "yes" if comparison.n_items > comparison.groups.n_groups else "no",
    }
