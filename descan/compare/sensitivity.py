"""The verdict table again, by other rules and without contested items: how much the verdicts depend on choices."""

from collections.abc import Iterator, Sequence
from itertools import islice, product

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.intervals import as_count
from descan.compare.strata import count_shares, gold_or_none_rows, golds_of
from descan.records import SCORED_VERDICTS, Verdict
from descan.storage.safe_csv import Cell

VERDICT_COLUMNS = (
    *("model", "gold", "verdict", "n", "n_items", "n_scored"),
    *("share_of_scored", "share_low", "share_high", "interval", "n_groups"),
)
SENSITIVITY_COLUMNS = ("rule", "threshold", *VERDICT_COLUMNS)

LENIENT_THRESHOLDS = (0.15, 0.25, 0.35, 0.5)
"""Tabled beside the threshold that was chosen."""


_Rule = tuple[str, float | None]
"""When a description supports gold: a name, and the threshold if that is `lenient`."""


def sensitivity_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `sensitivity.csv`: the verdicts by other rules of support and other thresholds."""
    names = ["strict", "without_embedding", "terms_by_embedding", "terms_only", "actions_only"]
    [[is_compared]] = connection.execute("SELECT bool_or(described_by_embedding <> '') FROM descriptions").fetchall()
    if not is_compared:
        names.remove("terms_by_embedding")
    rules: list[_Rule] = [(name, None) for name in names]
    rules += [("lenient", threshold) for threshold in sorted({*LENIENT_THRESHOLDS, options.lenient_threshold})]
    found = _verdict_rows(connection, rules, options, without_contested=False)
    for rule, rows in zip(rules, found, strict=True):
        yield from ((*rule, *row) for row in rows)


def uncontested_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `verdicts_uncontested.csv`: the verdicts by the chosen rule without contested items."""
    rule = (str(options.support), options.lenient_threshold)
    [rows] = _verdict_rows(connection, [rule], options, without_contested=True)
    yield from rows


def _verdict_rows(
    connection: DuckDBPyConnection, rules: Sequence[_Rule], options: CompareOptions, *, without_contested: bool
) -> list[list[tuple[Cell, ...]]]:
    """Return the rows of all models by each rule."""
    names, thresholds = zip(*rules, strict=True)
    parameters = {"rules": list(names), "thresholds": list(thresholds), "without_contested": without_contested}
    golds, confidence = golds_of(options.categories), options.confidence
    each = np.kron(np.eye(len(rules)), gold_or_none_rows(len(options.categories)))
    verdicts = np.eye(len(Verdict))
    is_scored = 1 - verdicts[-1]
    above, below, unscored = (np.kron(each, cells) for cells in (verdicts[:-1], is_scored, verdicts[-1]))
    by_rule: list[list[tuple[Cell, ...]]] = [[] for _ in rules]
    query = read_sql("strata/verdicts")
    for stratum, shares in count_shares(connection, query, above, below, confidence, parameters):
        rows = shares.rows()
        n_unscored = map(as_count, (unscored @ stratum.groups.totals).tolist())
        for (found, gold), n_left_out in zip(product(by_rule, golds), n_unscored, strict=True):
            scored = list(islice(rows, len(SCORED_VERDICTS)))
            n_scored = scored[0][1]
            n_items = as_count(n_scored + n_left_out)
            for verdict, row in zip(SCORED_VERDICTS, scored, strict=True):
                found.append((*stratum.key, gold, verdict, row[0], n_items, *row[1:]))
            found.append((*stratum.key, gold, Verdict.UNSCORED, n_left_out, n_items, n_scored, *(None,) * 5))
    return by_rule
