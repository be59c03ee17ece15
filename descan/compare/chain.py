"""The evidence chain: how far a model got on the way to a wrong label."""

from collections.abc import Iterator
from itertools import product

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import Resampling
from descan.compare.database import read_sql
from descan.compare.safe_csv import Cell
from descan.compare.strata import GOLDS, OF_GOLD, count_shares

CHAIN_COLUMNS = (
    *("model", "gold", "actions", "words", "label"),
    *("n", "n_wrong", "share", "share_low", "share_high", "interval", "n_groups"),
)

_STATES = list(product(("do not fit", "fit"), ("none", "named", "fit"), ("other", "Neutral")))
"""Of actions, words and label, in the order of the cells of `strata/chain.sql`."""


def chain_rows(connection: DuckDBPyConnection, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `chain.csv`: each way to a wrong label, of all wrong labels of a model and gold category.

    Actions fit where the face actions alone say gold, words where the emotion words alone do; a word of gold's
    category that others outweigh is `named`.
    """
    some, wrong = np.kron(OF_GOLD, np.eye(len(_STATES))), np.kron(OF_GOLD, np.ones(len(_STATES)))
    for stratum, shares in count_shares(connection, read_sql("strata/chain"), some, wrong, resampling.confidence):
        for (gold, state), row in zip(product(GOLDS, _STATES), shares.rows(), strict=True):
            yield *stratum.key, gold, *state, *row
