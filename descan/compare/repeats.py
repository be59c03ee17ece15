"""How far a model agrees with itself over the repeats of an item."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, Statistic, count_groups, resample
from descan.compare.cells import Cell
from descan.compare.intervals import divided
from descan.compare.options import CompareOptions

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
    """Give the rows of `repeats.csv`, one a model and mode that was asked.

    Args:
        connection: A database in which repeats.sql has run.
        options: `resampling` says how intervals are made.
    """
    sides = "SELECT DISTINCT model, mode FROM asked ORDER BY model, mode <> 'describe', mode"
    query = "SELECT unit, votes, count(*) FROM repeats WHERE model = ? AND mode = ? GROUP BY ALL ORDER BY ALL"
    for model, mode in connection.execute(sides).fetchall():
        rows = [(unit, tuple(votes), n) for unit, votes, n in connection.execute(query, [model, mode]).fetchall()]
        repeated = [row for row in rows if len(row[1]) > 1]
        patterns = sorted({votes for _, votes, _ in repeated})
        places = {votes: place for place, votes in enumerate(patterns)}
        groups = count_groups(
            [unit for unit, _, _ in repeated],
            [places[votes] for _, votes, _ in repeated],
            len(patterns),
            [n for _, _, n in repeated],
        )
        found = resample(groups, self_agreement(patterns), options.resampling)
        ends = np.column_stack([found.values, found.low, found.high]).ravel().tolist()
        yield (
            model,
            mode,
            sum(n for _, _, n in rows),
            sum(n for _, _, n in repeated),
            sum(n for _, votes, n in repeated if _is_tied(votes)),
            sum(n * len(votes) for _, votes, n in repeated),
            *ends,
            groups.n_groups,
        )


def self_agreement(patterns: Sequence[Votes]) -> Statistic:
    """Give the statistic "mean pairwise agreement, Krippendorff's alpha" of items that are counted by pattern.

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
        observed = divided(n - coincidences, n)
        expected = divided(n * (n - 1) - (margins * (margins - 1)).sum(axis=0), n * (n - 1))
        alpha = 1 - divided(observed, expected)
        return np.column_stack([divided(agreement, totals.sum(axis=1)), alpha])

    return statistic


def _is_tied(votes: Votes) -> bool:
    [(_, first), *others] = Counter(votes).most_common(2)
    return any(n == first for _, n in others)
