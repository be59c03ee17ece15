"""How far models agree with each other, and each with itself over the repeats of an item, whatever gold says."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, GroupCounts, Resampling, Statistic, count_groups, resample
from descan.compare.database import read_sql
from descan.compare.intervals import as_count, divide
from descan.compare.strata import Key, count_strata
from descan.storage.safe_csv import Cell

AGREEMENT_COLUMNS = (
    *("mode", "n_models", "n_items", "agreement", "agreement_low", "agreement_high"),
    *("alpha", "alpha_low", "alpha_high", "n_groups"),
)

REPEAT_COLUMNS = (
    *("model", "mode", "n_items", "n_repeated", "n_tied", "n_categories"),
    *("agreement", "agreement_low", "agreement_high", "alpha", "alpha_low", "alpha_high", "n_groups"),
)
"""Of `repeats.csv`: items with any category, with two or more, with a tie; categories of the repeated items."""

Votes = tuple[int, ...]
"""What the repeats of one item say, as numbers of categories, sorted."""


def agreement_rows(
    connection: DuckDBPyConnection, n_categories: int, resampling: Resampling
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `agreement.csv`: one a mode in which two models gave some item a category."""
    n_models = dict(connection.execute("SELECT mode, count(DISTINCT model) FROM asked GROUP BY mode").fetchall())
    n_cells = n_categories + 2 * (max(n_models.values(), default=1) - 1)
    for stratum in count_strata(connection, read_sql("strata/agreement"), n_cells):
        [mode] = stratum.key
        n_items = as_count(stratum.groups.totals[n_categories + 1 :: 2].sum())
        found = resample(stratum.groups, agreement_statistics(n_categories), resampling)
        yield mode, n_models[mode], n_items, *found.columns(0, 1), stratum.groups.n_groups


def agreement_statistics(n_categories: int) -> Statistic:
    """Return the statistic "observed agreement, Krippendorff's alpha for nominal data" (Krippendorff 2011).

    Each item with m models adds its ordered pairs of equal categories, divided by m - 1, to the agreeing pairs O of
    all n values; with n_c values of category c

        agreement = O / n        alpha = 1 - (n - 1) (n - O) / (n² - Σ n_c²)

    Alpha is NaN where all values are the same. The cells of the totals are by category the number of values, then for
    m = 2, 3, ... the number of ordered pairs that agree in items of m models, and the number of these items:
    n_categories + 2 * (n_models - 1).
    """

    def statistic(totals: FloatMatrix) -> FloatMatrix:
        of_category, pairs = totals[:, :n_categories], totals[:, n_categories::2]
        agreeing = (pairs / np.arange(1, pairs.shape[1] + 1)).sum(axis=1)
        n = of_category.sum(axis=1)
        disagreement = divide((n - 1) * (n - agreeing), n**2 - (of_category**2).sum(axis=1))
        return np.column_stack([divide(agreeing, n), 1 - disagreement])

    return statistic


def repeat_rows(connection: DuckDBPyConnection, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `repeats.csv`, one a model and mode that was asked."""
    patterns = _read_patterns(connection)
    groups = _read_groups(connection, max(map(len, patterns.values()), default=0))
    sides = "SELECT DISTINCT model, mode FROM asked ORDER BY model, mode <> 'describe', mode"
    for model, mode in connection.execute(sides).fetchall():
        counts = patterns.get((model, mode), {})
        repeated = [votes for votes in counts if len(votes) > 1]
        sample = groups.get((model, mode), count_groups([], [], len(repeated)))
        sample = replace(sample, cells=sample.cells[: len(repeated)])
        found = resample(sample, self_agreement(repeated), resampling)
        yield (
            model,
            mode,
            sum(counts.values()),
            sum(counts[votes] for votes in repeated),
            sum(counts[votes] for votes in repeated if _is_tied(votes)),
            sum(counts[votes] * len(votes) for votes in repeated),
            *found.columns(0, 1),
            sample.n_groups,
        )


def self_agreement(patterns: Sequence[Votes]) -> Statistic:
    """Return the statistic "mean pairwise agreement, Krippendorff's alpha" of items that are counted by pattern.

    The agreement of an item is the share of the pairs of its repeats that say the same; the mean is over items.
    Alpha (nominal; Krippendorff 2011) sets disagreement against that of repeats put together at random, and is
    undefined where all repeats of all items say the same one thing.

    Args:
        patterns: What the repeats of an item say, two or more each; the cells of the totals.
    """
    categories = sorted({category for votes in patterns for category in votes})
    counts = np.array([[votes.count(category) for category in categories] for votes in patterns], dtype=np.float64)
    counts = counts.reshape(len(patterns), len(categories))
    sizes = counts.sum(axis=1)
    n_agreeing = (counts * (counts - 1)).sum(axis=1)
    features = np.column_stack([n_agreeing / (sizes * (sizes - 1)), n_agreeing / (sizes - 1), sizes, counts])

    def statistic(totals: FloatMatrix) -> FloatMatrix:
        # einsum, not @: sums of fractions must not depend on how BLAS splits its work.
        agreement, coincidences, n, *of_category = np.einsum("rp,pf->fr", totals, features)
        margins = np.array(of_category).reshape(len(categories), len(totals))
        observed = divide(n - coincidences, n)
        expected = divide(n * (n - 1) - (margins * (margins - 1)).sum(axis=0), n * (n - 1))
        alpha = 1 - divide(observed, expected)
        return np.column_stack([divide(agreement, totals.sum(axis=1)), alpha])

    return statistic


def _read_patterns(connection: DuckDBPyConnection) -> dict[Key, dict[Votes, int]]:
    """Return the number of items of each pattern of each model and mode, in the order of their cells."""
    query = "SELECT model, mode, votes, sum(n) FROM repeat_patterns GROUP BY ALL ORDER BY model, mode, votes"
    found: dict[Key, dict[Votes, int]] = {}
    for model, mode, votes, n in connection.execute(query).fetchall():
        found.setdefault((model, mode), {})[tuple(votes)] = int(n)
    return found


def _read_groups(connection: DuckDBPyConnection, n_cells: int) -> dict[Key, GroupCounts]:
    query = """
        SELECT
            model, mode, unit, dense_rank() OVER (PARTITION BY model, mode ORDER BY votes) - 1 AS cell, whole() * n AS n
        FROM repeat_patterns
        WHERE len(votes) > 1
        ORDER BY model, mode, unit
    """
    return {stratum.key: stratum.groups for stratum in count_strata(connection, query, n_cells)}


def _is_tied(votes: Votes) -> bool:
    [(_, first), *others] = Counter(votes).most_common(2)
    return any(n == first for _, n in others)
