"""Answers that name no category: how many there are, for which items, and what they leave unknown."""

from collections.abc import Iterator

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import Resampling
from descan.compare.database import read_sql
from descan.compare.intervals import as_count, divide
from descan.compare.strata import ALL_GOLDS, count_shares
from descan.emotions import UNDECIDED, CategorySet
from descan.storage.safe_csv import Cell

MISSING_COLUMNS = (
    *("model", "mode", "split", "category", "n_missing", "n_items", "share", "share_low", "share_high"),
    *("interval", "n_groups", "n_right", "accuracy", "accuracy_all", "accuracy_best"),
)
"""Of `missing.csv`. `split` says whether `category` is that of gold or of the description (`described`).

`accuracy` is of the answers that are there; `accuracy_all` and `accuracy_best` are over all items, with the missing
answers all wrong and all right (Manski 1989).
"""

NO_DESCRIPTION = "none"

_OUTCOMES = 3  # Right, wrong, missing: the cells of `strata/missing.sql`.


def missing_rows(
    connection: DuckDBPyConnection, categories: CategorySet, resampling: Resampling
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `missing.csv`: of each model and mode over all items, by gold, and by what was described."""
    names = (ALL_GOLDS, *categories.names, UNDECIDED, NO_DESCRIPTION)
    n_places = len(names) - 1
    places = np.vstack([np.ones(n_places), np.eye(n_places)])
    right, missing = (np.kron(places, np.eye(_OUTCOMES)[[outcome]]) for outcome in (0, 2))
    asked = np.kron(places, np.ones((1, _OUTCOMES)))
    found = count_shares(connection, read_sql("strata/missing"), missing, asked, resampling.confidence)
    for stratum, shares in found:
        n_right, n_missing, n_items = (weights @ stratum.groups.totals for weights in (right, missing, asked))
        scores = np.column_stack(
            [divide(n_right, n_items - n_missing), divide(n_right, n_items), divide(n_right + n_missing, n_items)]
        )
        *_, split = stratum.key
        for place, row in enumerate(shares.rows()):
            if n_items[place] and (split == "gold" or place):
                yield *stratum.key, names[place], *row, as_count(n_right[place]), *scores[place].tolist()
