"""The verdict table again, by other rules and without contested items: how much the verdicts depend on choices."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatVector, Resampling
from descan.compare.compare_options import CompareOptions, Support
from descan.compare.database import read_sql
from descan.compare.intervals import ShareIntervals, share_intervals
from descan.compare.safe_csv import Cell
from descan.compare.strata import ALL, GOLDS, Stratum, cells_of_gold, count_strata, with_interval
from descan.records import SCORED_VERDICTS, Verdict

VERDICT_COLUMNS = (
    *("model", "gold", "verdict", "n", "n_items", "n_scored"),
    *("share_of_scored", "share_low", "share_high", "interval", "n_groups"),
)
SENSITIVITY_COLUMNS = ("rule", "threshold", *VERDICT_COLUMNS)

LENIENT_THRESHOLDS = (0.15, 0.25, 0.35, 0.5)
"""Tabled beside the threshold that was chosen."""

_N_CELLS = 8 * len(Verdict)
"""By rule: seven gold categories and none."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """When a description supports gold; `threshold` is that of the lenient rule."""

    name: str
    threshold: float | None = None


def sensitivity_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `sensitivity.csv`: the verdicts by other rules of support and other thresholds.

    Args:
        connection: A database in which pairs.sql has run.
        options: The chosen threshold and how intervals are made.
    """
    named = [_Rule(name) for name in ("strict", "without_embedding", "terms_only", "actions_only")]
    thresholds = sorted({*LENIENT_THRESHOLDS, options.lenient_threshold})
    rules = [*named, *(_Rule("lenient", threshold) for threshold in thresholds)]
    models = _tabled(connection, rules, options.resampling, without_contested=False)
    for place, rule in enumerate(rules):
        for rows in models:
            yield from ((rule.name, rule.threshold, *row) for row in rows[place])


def uncontested_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `verdicts_uncontested.csv`: the verdicts by the chosen rule without contested items.

    Args:
        connection: A database with the table `contested`, in which pairs.sql has run.
        options: The chosen rule and how intervals are made.
    """
    is_lenient = options.support == Support.LENIENT
    rule = _Rule("lenient", options.lenient_threshold) if is_lenient else _Rule("strict")
    for [rows] in _tabled(connection, [rule], options.resampling, without_contested=True):
        yield from rows


def _tabled(
    connection: DuckDBPyConnection, rules: Sequence[_Rule], resampling: Resampling, *, without_contested: bool
) -> list[list[list[tuple[Cell, ...]]]]:
    """Return the rows of each model and rule; all rules of a model are resampled at once."""
    parameters = {
        "rules": [rule.name for rule in rules],
        "thresholds": [rule.threshold for rule in rules],
        "without_contested": without_contested,
    }
    strata = count_strata(connection, read_sql("strata/verdicts"), len(rules) * _N_CELLS, parameters)
    return [_rows_by_rule(stratum, len(rules), resampling) for stratum in strata]


def _rows_by_rule(stratum: Stratum, n_rules: int, resampling: Resampling) -> list[list[tuple[Cell, ...]]]:
    rows = [(gold, verdict) for gold in GOLDS for verdict in Verdict]
    is_scored = np.array([verdict != Verdict.UNSCORED for _, verdict in rows])
    counted = np.stack([_cells(gold, [verdict]) for gold, verdict in rows])
    scored, asked = (np.stack([_cells(gold, some) for gold, _ in rows]) for some in (SCORED_VERDICTS, list(Verdict)))
    each = np.eye(n_rules)
    shares = share_intervals(
        stratum.groups, np.kron(each, counted[is_scored]), np.kron(each, scored[is_scored]), resampling.confidence
    )
    totals = stratum.groups.totals.reshape(n_rules, _N_CELLS)
    n, n_items, n_scored = ((totals @ cells.T).astype(int) for cells in (counted, asked, scored))
    places = iter(range(len(shares.values)))
    return [
        [
            (
                *stratum.key,
                *map(str, row),
                int(n[rule, index]),
                int(n_items[rule, index]),
                int(n_scored[rule, index]),
                *_share(shares, next(places) if is_scored[index] else None),
            )
            for index, row in enumerate(rows)
        ]
        for rule in range(n_rules)
    ]


def _cells(gold: str, verdicts: Sequence[Verdict]) -> FloatVector:
    """Return 1 for the cells of some verdicts of one rule; items without gold come last and count under all only."""
    states = [list(Verdict).index(verdict) for verdict in verdicts]
    without_gold = np.zeros(len(Verdict))
    if gold == ALL:
        without_gold[states] = 1
    return np.concatenate([cells_of_gold(gold, states, len(Verdict)), without_gold])


def _share(shares: ShareIntervals, index: int | None) -> tuple[Cell, ...]:
    if index is None:
        return None, None, None, None, None
    return *with_interval(shares, index), str(shares.methods[index]), int(shares.n_groups[index])
