"""Gold's ceiling: how far the annotators of an item agree, and how far models agree with them."""

from collections.abc import Iterator

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, GroupCounts, Resampling, resample, sum_groups
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.intervals import as_count, divide
from descan.compare.strata import ALL_GOLDS, count_shares, gold_rows, golds_of
from descan.emotions import CategorySet
from descan.storage.safe_csv import Cell

ANNOTATOR_COLUMNS = (
    *("gold", "n_items", "n_single", "n_no_gold", "n_annotators", "agreement", "agreement_low", "agreement_high"),
    *("agreement_majority", "agreement_majority_low", "agreement_majority_high"),
    *("gold_share", "gold_share_low", "gold_share_high", "best", "best_low", "best_high"),
    *("alpha", "alpha_low", "alpha_high", "n_groups"),
)
"""Of `annotators.csv`: items with several annotators, of each gold and of all."""

ANNOTATOR_SCORE_COLUMNS = (
    *("model", "mode", "gold", "n_items", "n_left_out", "share", "share_low", "share_high"),
    *("annotators", "annotators_low", "annotators_high", "difference", "low", "high", "n_groups"),
)
"""Of `scores_annotators.csv`: `share` less `annotators` is `difference`.

`share` is the mean share of an item's annotators who chose what the model says, `annotators` the mean probability that
two annotators of the same items chose the same.
"""

SEEING_FAILURE_COLUMNS = (
    *("model", "gold", "n", "n_agreeing", "share", "share_low", "share_high", "interval", "n_groups", "chance_share"),
    *("n_contested", "share_contested", "share_contested_low", "share_contested_high"),
)
"""Of `seeing_failures.csv`: those in which description and label agree on a category other than gold."""


_UNDEFINED = (np.nan, np.nan, np.nan)


def annotator_rows(
    connection: DuckDBPyConnection, categories: CategorySet, resampling: Resampling
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `annotators.csv`; none where no item has annotators."""
    query = """
        SELECT
            count(*) FILTER (agreement IS NOT NULL), count(*) FILTER (agreement IS NULL),
            count(*) FILTER (agreement IS NOT NULL AND annotated.gold IS NULL),
            CASE WHEN bool_and(is_counted) THEN sum(n) FILTER (agreement IS NOT NULL)::BIGINT END
        FROM annotated
        WHERE $gold IN ('all', gold)
    """
    for gold in golds_of(categories):
        [counts] = connection.execute(query, {"gold": gold}).fetchall()
        if counts[0] or (gold == ALL_GOLDS and counts[1]):
            groups = _read_groups(connection, "annotators", 8 + len(categories), {"gold": gold})
            found = resample(groups, _annotator_statistics, resampling)
            # Within one gold category alpha would set agreement against a chance that is nearly as large.
            alpha = found.columns(4) if gold == ALL_GOLDS else _UNDEFINED
            yield gold, *counts, *found.columns(0, 1, 2, 3), *alpha, groups.n_groups


def annotator_score_rows(
    connection: DuckDBPyConnection, categories: CategorySet, resampling: Resampling
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `scores_annotators.csv`, of each model, mode and gold."""
    query = """
        SELECT DISTINCT model, mode FROM asked WHERE EXISTS (FROM annotated)
        ORDER BY model, mode <> 'describe', mode
    """
    for model, mode in connection.execute(query).fetchall():
        for gold in golds_of(categories):
            parameters = {"model": model, "mode": mode, "gold": gold}
            groups = _read_groups(connection, "scores_annotators", 4, parameters)
            n_items, n_used = map(as_count, groups.totals[:2].tolist())
            if n_items:
                found = resample(groups, _score_statistics, resampling)
                yield model, mode, gold, n_items, as_count(n_items - n_used), *found.columns(0, 1, 2), groups.n_groups


def seeing_failure_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `seeing_failures.csv`, by the chosen rule of support."""
    golds, of_gold = golds_of(options.categories), gold_rows(len(options.categories))
    parameters = {"support": str(options.support)}
    chances = _read_chances(connection, parameters)
    # Cells: by gold, 2 * (agree on another category) + (gold is contested).
    above = np.vstack([np.kron(of_gold, [0, 0, 1, 1]), np.kron(of_gold, [0, 1, 0, 1])])
    below = np.kron(of_gold, np.ones(4))
    query, confidence = read_sql("strata/seeing_failures"), options.confidence
    for stratum, shares in count_shares(connection, query, above, np.vstack([below, below]), confidence, parameters):
        rows = list(shares.rows())
        for gold, agreeing, contested in zip(golds, rows[: len(golds)], rows[len(golds) :], strict=True):
            n_agreeing, n, *share, method, n_groups = agreeing
            chance = chances.get((*stratum.key, gold))
            yield *stratum.key, gold, n, n_agreeing, *share, method, n_groups, chance, contested[0], *contested[2:5]


def _read_chances(connection: DuckDBPyConnection, parameters: dict[str, str]) -> dict[tuple[str, ...], float]:
    rows = connection.execute(read_sql("agreement_by_chance"), parameters).fetchall()
    return {(model, gold): chance for model, gold, chance in rows}


def _read_groups(connection: DuckDBPyConnection, name: str, n_cells: int, parameters: dict[str, str]) -> GroupCounts:
    """Return the sums of a query whose columns are unit, cell and value."""
    columns = connection.execute(read_sql(f"strata/{name}"), parameters).fetchnumpy()
    return sum_groups(columns["unit"], columns["cell"], n_cells, columns["value"])


def _annotator_statistics(totals: FloatMatrix) -> FloatMatrix:
    """Return agreement, agreement with the majority, share of gold, share of the most frequent category, and alpha.

    Krippendorff's alpha (2011) for nominal data, as in `agreement_statistics`; undefined of shares, which do not tell
    how many annotators there are.
    """
    n_items, agreement, majority, best, n_gold, gold_share, n_values, coincidences, *of_category = totals.T
    squares = np.sum(np.square(of_category), axis=0)
    disagreement = divide((n_values - 1) * (n_values - coincidences), n_values**2 - squares)
    means = (divide(part, n_items) for part in (agreement, majority))
    return np.column_stack([*means, divide(gold_share, n_gold), divide(best, n_items), 1 - disagreement])


def _score_statistics(totals: FloatMatrix) -> FloatMatrix:
    """Return the model's share, that of annotators, and their difference."""
    _, n, share, annotators = totals.T
    return np.column_stack([divide(share, n), divide(annotators, n), divide(share - annotators, n)])
