"""How far a model agrees with itself over the repeats of an item."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, GroupCounts, Statistic, count_groups, resample
from descan.compare.compare_options import CompareOptions
from descan.compare.intervals import divide
from descan.compare.safe_csv import Cell
from descan.compare.strata import Key, count_strata

REPEAT_COLUMNS = (
    "model",
    "mode",
    "n_items",
    "n_repeated",
    "n_tied",
    "n_categories",
    "agreement",
    "agreement_low",
    "agreement_high",
    "alpha",
    "alpha_low",
    "alpha_high",
    "n_groups",
)
"""Of `repeats.csv`: items with any category, with two or more, with a tie; categories of the repeated items."""

Votes = tuple[int, ...]
"""What the repeats of one item say, as numbers of categories, sorted."""


def repeat_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[Sequence[Cell]]:
    """Yield the rows of `repeats.csv`, one a model and mode that was asked.

    Args:
        connection: A database in which repeats.sql has run.
        options: `resampling` says how intervals are made.
    """
    patterns = _read_patterns(connection)
    groups = _read_groups(connection, max(map(len, patterns.values()), default=0))
    sides = "SELECT DISTINCT model, mode FROM asked ORDER BY model, mode <> 'describe', mode"
    for model, mode in connection.execute(sides).fetchall():
        counts = patterns.get((model, mode), {})
        repeated = [votes for votes in counts if len(votes) > 1]
        sample = groups.get((model, mode), count_groups([], [], len(repeated)))
        sample = replace(sample, cells=sample.cells[: len(repeated)])
        found = resample(sample, self_agreement(repeated), options.resampling)
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
        SELECT model, mode, unit, dense_rank() OVER (PARTITION BY model, mode ORDER BY votes) - 1 AS cell, n
        FROM repeat_patterns
        WHERE len(votes) > 1
        ORDER BY model, mode, unit
    """
    return {stratum.key: stratum.groups for stratum in count_strata(connection, query, n_cells)}


def _is_tied(votes: Votes) -> bool:
    [(_, first), *others] = Counter(votes).most_common(2)
    return any(n == first for _, n in others)
