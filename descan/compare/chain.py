"""The evidence chain: how far a model got on the way to a wrong label."""

from collections.abc import Iterator

from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import Resampling
from descan.compare.database import read_sql
from descan.compare.intervals import share_intervals
from descan.compare.safe_csv import Cell
from descan.compare.strata import GOLDS, cells_of_gold, count_strata, with_interval
from descan.emotions import Emotion

CHAIN_COLUMNS = (
    *("model", "gold", "actions", "words", "label"),
    *("n", "n_wrong", "share", "share_low", "share_high", "interval", "n_groups"),
)

_STATES = [
    (actions, words, label)
    for actions in ("do not fit", "fit")
    for words in ("none", "named", "fit")
    for label in ("other", "Neutral")
]
"""In the order of the cells of `strata/chain.sql`."""


def chain_rows(connection: DuckDBPyConnection, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `chain.csv`: each way to a wrong label, of all wrong labels of a model and gold category.

    Actions fit where the face actions alone say gold, words where the emotion words alone do; a word of gold's
    category that others outweigh is `named`.

    Args:
        connection: A database in which counts.sql has run.
        resampling: How intervals are made.
    """
    n_states = len(_STATES)
    ways = [(gold, state) for gold in GOLDS for state in range(n_states)]
    some = [cells_of_gold(gold, [state], n_states) for gold, state in ways]
    wrong = [cells_of_gold(gold, range(n_states), n_states) for gold, _ in ways]
    for stratum in count_strata(connection, read_sql("strata/chain"), len(Emotion) * n_states):
        totals = stratum.groups.totals
        found = share_intervals(stratum.groups, some, wrong, resampling.confidence)
        for index, (gold, state) in enumerate(ways):
            yield (
                *stratum.key,
                gold,
                *_STATES[state],
                int(totals @ some[index]),
                int(totals @ wrong[index]),
                *with_interval(found, index),
                found.methods[index],
                int(found.n_groups[index]),
            )
