"""The verdict table again, by other rules and without contested items: how much the verdicts depend on choices."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatVector, Resampling
from descan.compare.cells import Cell
from descan.compare.database import read_sql
from descan.compare.intervals import ShareIntervals, share_intervals
from descan.compare.options import CompareOptions, Support
from descan.compare.strata import ALL, GOLDS, of_gold, read_strata, with_interval

VERDICT_COLUMNS = (
    *("model", "gold", "verdict", "n", "n_items", "n_scored"),
    *("share_of_scored", "share_low", "share_high", "interval", "n_groups"),
)
SENSITIVITY_COLUMNS = ("rule", "threshold", *VERDICT_COLUMNS)

LENIENT_THRESHOLDS = (0.15, 0.25, 0.35, 0.5)
"""Tabled beside the threshold that was chosen."""

_VERDICTS = ("right", "lucky", "labeling_failure", "seeing_failure", "unscored")
_N = len(_VERDICTS)
_SCORED = range(_N - 1)


@dataclass(frozen=True, slots=True)
class _Rule:
    """When a description supports gold; `threshold` is that of the lenient rule."""

    name: str
    threshold: float | None = None


def sensitivity_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Give the rows of `sensitivity.csv`: the verdicts by other rules of support and other thresholds.

    Args:
        connection: A database in which pairs.sql has run.
        options: The chosen threshold and how intervals are made.
    """
    named = [_Rule(name) for name in ("strict", "without_embedding", "terms_only", "actions_only")]
    thresholds = sorted({*LENIENT_THRESHOLDS, options.lenient_threshold})
    for rule in (*named, *(_Rule("lenient", threshold) for threshold in thresholds)):
        for row in _verdict_rows(connection, rule, options.resampling, without_contested=False):
            yield (rule.name, rule.threshold, *row)


def uncontested_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Give the rows of `verdicts_uncontested.csv`: the verdicts by the chosen rule without contested items.

    Args:
        connection: A database with the table `contested`, in which pairs.sql has run.
        options: The chosen rule and how intervals are made.
    """
    is_lenient = options.support == Support.LENIENT
    rule = _Rule("lenient", options.lenient_threshold) if is_lenient else _Rule("strict")
    return _verdict_rows(connection, rule, options.resampling, without_contested=True)


def _verdict_rows(
    connection: DuckDBPyConnection, rule: _Rule, resampling: Resampling, *, without_contested: bool
) -> Iterator[tuple[Cell, ...]]:
    parameters = {"rule": rule.name, "threshold": rule.threshold, "without_contested": without_contested}
    rows = [(gold, state) for gold in GOLDS for state in range(_N)]
    counted = np.stack([_cells(gold, [state]) for gold, state in rows])
    scored, asked = (np.stack([_cells(gold, states) for gold, _ in rows]) for states in (_SCORED, range(_N)))
    is_scored = [state in _SCORED for _, state in rows]
    for stratum in read_strata(connection, read_sql("strata/verdicts"), counted.shape[1], parameters):
        n, n_scored, n_items = (cells @ stratum.groups.totals for cells in (counted, scored, asked))
        shares = share_intervals(stratum.groups, counted[is_scored], scored[is_scored], resampling)
        places = iter(range(sum(is_scored)))
        for index, (gold, state) in enumerate(rows):
            yield (
                *stratum.key,
                gold,
                _VERDICTS[state],
                int(n[index]),
                int(n_items[index]),
                int(n_scored[index]),
                *_share(shares, next(places) if is_scored[index] else None),
            )


def _cells(gold: str, states: Sequence[int]) -> FloatVector:
    """Give 1 for the cells of some verdicts; items without gold come last and count under all only."""
    without_gold = np.zeros(_N)
    if gold == ALL:
        without_gold[list(states)] = 1
    return np.concatenate([of_gold(gold, states, _N), without_gold])


def _share(shares: ShareIntervals, index: int | None) -> tuple[Cell, ...]:
    if index is None:
        return None, None, None, None, None
    return *with_interval(shares, index), str(shares.methods[index]), int(shares.n_groups[index])
