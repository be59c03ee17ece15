"""The evidence chain: how far a model got on the way to a wrong label."""

from collections.abc import Iterator
from itertools import product

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import Resampling
from descan.compare.database import read_sql
from descan.compare.strata import count_shares, gold_rows, golds_of
from descan.emotions import CategorySet
from descan.storage.safe_csv import Cell

CHAIN_COLUMNS = (
    *("model", "gold", "actions", "words", "label"),
    *("n", "n_wrong", "share", "share_low", "share_high", "interval", "n_groups"),
)


def chain_rows(
    connection: DuckDBPyConnection, categories: CategorySet, resampling: Resampling
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `chain.csv`: each way to a wrong label, of all wrong labels of a model and gold category.

    Actions fit where the face actions alone say gold, words where the emotion words alone do; a word of gold's
    category that others outweigh is `named`.
    """
    # Of actions, words and label, in the order of the cells of `strata/chain.sql`.
    states = list(product(("do not fit", "fit"), ("none", "named", "fit"), ("other", categories.neutral)))
    of_gold = gold_rows(len(categories))
    some, wrong = np.kron(of_gold, np.eye(len(states))), np.kron(of_gold, np.ones(len(states)))
    for stratum, shares in count_shares(connection, read_sql("strata/chain"), some, wrong, resampling.confidence):
        for (gold, state), row in zip(product(golds_of(categories), states), shares.rows(), strict=True):
            if state[-1] is not None:
                yield *stratum.key, gold, *state, *row
