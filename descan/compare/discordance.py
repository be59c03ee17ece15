"""Descriptions and labels that are right on different items: one unsteady ability, or two abilities?

An item's description is right with some probability p and its label with some probability q. Two draws of one ability
disagree, too, so that disagreement between the modes tells of two abilities only as far as it exceeds that within them:

    between = E[p (1 - q) + q (1 - p)]    within = E[2 p (1 - p)] and E[2 q (1 - q)]
    excess = between - mean of both within = E[(p - q)²]
"""

from collections.abc import Iterator, Sequence

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import (
    FloatMatrix,
    GroupCounts,
    Intervals,
    IntVector,
    Resampling,
    percentile_intervals,
    resample_totals,
)
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.families import DECISION_COLUMNS, FamilyTest, decide
from descan.compare.intervals import ShareIntervals, divide, share_intervals
from descan.compare.strata import ALL_GOLDS, Stratum, count_strata, gold_rows, golds_of
from descan.emotions import CategorySet
from descan.storage.safe_csv import Cell

_BETWEEN = ("between", "description_only", "label_only")
_WITHIN = ("within_descriptions", "within_labels")


def _with_ends(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}{end}" for name in names for end in ("", "_low", "_high"))


DISCORDANCE_COLUMNS = (
    *("model", "gold", "n_items", *_with_ends(*_BETWEEN, "difference"), "n_repeated", *_with_ends(*_WITHIN, "excess")),
    *("excess_least", "excess_most", "n_groups", *DECISION_COLUMNS),
)
"""Of `discordance.csv`, over the scored items. Every share is of pairs of answers to one item.

- `between`: of a description and a label, in which one is right and the other is not: only the description
  (`description_only`) or only the label (`label_only`). `difference` is the former less the latter.
- `within_descriptions`, `within_labels`: of two descriptions, and of two labels, in which one is right, over the
  `n_repeated` items that have two of each.
- `excess`: between less the mean of both within, over these items. Without them it is empty, and `excess_low` to
  `excess_high` is what it may be: at least the squared difference of both accuracies (`excess_least`), at most all of
  `between` (`excess_most`).
"""

_N_SUMS = 7
_ITEMS, _DESCRIPTION, _LABEL, _REPEATED, _REPEATED_BETWEEN, _DESCRIPTIONS, _LABELS = np.eye(_N_SUMS)
"""Cells of a gold category: scored items, what each has of both kinds of discordance, and of the items that have two
descriptions and two labels their number and what they have of discordance between and within the modes."""

_ABOVE = np.stack([_DESCRIPTION + _LABEL, _DESCRIPTION, _LABEL, _DESCRIPTIONS, _LABELS])
_BELOW = np.stack([_ITEMS, _ITEMS, _ITEMS, _REPEATED, _REPEATED])


def discordance_rows(connection: DuckDBPyConnection, options: CompareOptions) -> list[Sequence[Cell]]:
    """Return the rows of `discordance.csv`: of each model, all items and those of each gold category.

    The excess over all items is tested, in a family over the models.

    Args:
        connection: A database in which discordance.sql has run.
        options: How to compare.
    """
    query = "SELECT gold, n_descriptions, n_supporting, n_labels, n_right FROM ability_patterns ORDER BY pattern"
    sums = sums_of_patterns(connection.execute(query).fetchall(), options.categories)
    strata = count_strata(connection, read_sql("strata/discordance"), sums.shape[1])
    names = golds_of(options.categories)
    each = np.eye(len(names))
    samples = [stratum.groups.combine(sums) for stratum in strata]
    all_shares = share_intervals(samples, np.kron(each, _ABOVE), np.kron(each, _BELOW), options.confidence)
    rows: list[dict[str, Cell]] = []
    tests: list[FamilyTest] = []
    for stratum, groups, shares in zip(strata, samples, all_shares, strict=True):
        n_groups = shares.n_groups.reshape(len(names), -1)[:, [-1, 0]].ravel()  # Of excess and difference.
        found = excess_intervals(groups, n_groups, options.resampling, len(strata))
        tests.append(_test_excess(found, int(n_groups[0])))
        rows += _rows(stratum, names, shares, found)
    decisions = iter(decide(tests, options.margin))
    untested: dict[str, Cell] = dict.fromkeys(DECISION_COLUMNS)
    decided = [row | (next(decisions).cells() if row["gold"] == ALL_GOLDS else untested) for row in rows]
    return [[row[name] for name in DISCORDANCE_COLUMNS] for row in decided]


def excess_intervals(groups: GroupCounts, n_groups: IntVector, resampling: Resampling, n_tests: int) -> Intervals:
    """Return excess and difference of each row of `golds_of` with their bootstrap intervals.

    Args:
        groups: In cells of `sums_of_patterns`.
        n_groups: Groups that each statistic rests on. Shape: (2 * n_rows,).
        resampling: How intervals are made.
        n_tests: Up to how many are to hold together.
    """
    values = _excesses(groups.totals[np.newaxis])
    drawn = np.concatenate([values[:0], *map(_excesses, resample_totals(groups, resampling))])
    return percentile_intervals(values[0], drawn, resampling.confidence, n_groups, n_tests)


def sums_of_patterns(patterns: Sequence[tuple[str, int, int, int, int]], categories: CategorySet) -> FloatMatrix:
    """Return what an item of each pattern adds to the sums of each row of `golds_of`.

    Two answers of a mode are drawn without replacement, so that all is unbiased: of k right ones among m they differ in
    2 k (m - k) of m (m - 1) pairs.

    Args:
        patterns: Gold, descriptions, those that support gold, labels, and those that are gold.
        categories: The category set.

    Returns:
        Shape: ((n_categories + 1) * _N_SUMS, n_patterns).
    """
    of_gold = gold_rows(len(categories))
    sums = np.zeros((len(of_gold), _N_SUMS, len(patterns)))
    for place, (gold, m, k, n, right) in enumerate(patterns):
        p, q = k / m, right / n
        only_description, only_label = p * (1 - q), q * (1 - p)
        parts = only_description * _DESCRIPTION + only_label * _LABEL + _ITEMS
        if min(m, n) > 1:
            parts += _REPEATED + (only_description + only_label) * _REPEATED_BETWEEN
            parts += 2 * p * (m - k) / (m - 1) * _DESCRIPTIONS + 2 * q * (n - right) / (n - 1) * _LABELS
        sums[:, :, place] = np.outer(of_gold[:, categories.names.index(gold)], parts)
    return sums.reshape(len(of_gold) * _N_SUMS, len(patterns))


def _excesses(totals: FloatMatrix) -> FloatMatrix:
    """Return excess and difference of each row of `golds_of`. Shape: (n, n_rows * _N_SUMS) to (n, n_rows * 2)."""
    items, description, label, repeated, between, descriptions, labels = np.moveaxis(
        totals.reshape(len(totals), -1, _N_SUMS), 2, 0
    )
    excess = divide(between - (descriptions + labels) / 2, repeated)
    return np.stack([excess, divide(description - label, items)], axis=2).reshape(len(totals), -1)


def _test_excess(found: Intervals, n_groups: int) -> FamilyTest:
    return FamilyTest(
        family="discordance: excess",
        test="bootstrap",
        p=float(found.p[0]),
        least_p=np.nan,
        n_groups=n_groups,
        intervals=found.of_tests[:, :, 0],
        equivalence=found.of_equivalence[:, :, 0],
    )


def _rows(
    stratum: Stratum, names: Sequence[str], shares: ShareIntervals, found: Intervals
) -> Iterator[dict[str, Cell]]:
    """Yield the row of each gold category that has a scored item, without the test."""
    cells = iter(shares.rows())
    for place, gold in enumerate(names):
        named = dict(zip((*_BETWEEN, *_WITHIN), cells, strict=False))
        (_, n_items, between, _, high, _, n_groups), n_repeated = named["between"], named["within_labels"][1]
        excess, difference = (found.columns(2 * place + index) for index in range(2))
        if not n_repeated:
            excess = (np.nan, *_bounds(difference[1], difference[2], high))
        if n_items:
            yield {
                "model": stratum.key[0],
                "gold": gold,
                "n_items": n_items,
                **{
                    f"{name}{end}": share[2 + index]
                    for name, share in named.items()
                    for index, end in enumerate(("", "_low", "_high"))
                },
                **dict(zip(_with_ends("difference", "excess"), (*difference, *excess), strict=True)),
                "n_repeated": n_repeated,
                "excess_least": difference[0] ** 2,
                "excess_most": between,
                "n_groups": n_groups,
            }


def _bounds(low: float, high: float, most: float) -> tuple[float, float]:
    """Return what the excess may be without repeats: from the least square between both ends of the difference."""
    least = min(low**2, high**2) if low > 0 or high < 0 else 0.0
    return least, most
