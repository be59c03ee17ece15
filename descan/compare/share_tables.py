"""Intervals of the plain shares in the tables by model and gold, as rows that the tables join."""

from collections.abc import Sequence

import pyarrow as pa
from duckdb import DuckDBPyConnection
from scipy import sparse

from descan.compare.bootstrap import Resampling
from descan.compare.database import read_sql
from descan.compare.intervals import ShareIntervals
from descan.compare.strata import count_shares, gold_or_none_rows, golds_of
from descan.emotions import CategorySet

_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("family", "model", "gold", "key")]
    + [("share_low", pa.float64()), ("share_high", pa.float64()), ("interval", pa.string()), ("n_groups", pa.int64())]
)


def create_share_intervals(connection: DuckDBPyConnection, categories: CategorySet, resampling: Resampling) -> None:
    """Fill the table `share_intervals`: the interval of each share, over all golds and by gold.

    A family is of shares with one denominator by model and gold, such as all actions among descriptions.
    """
    query = "SELECT family, base, list(key ORDER BY key) FROM share_keys GROUP BY family, base ORDER BY family"
    batches = []
    golds, of_gold = golds_of(categories), gold_or_none_rows(len(categories))
    for family, base, keys in connection.execute(query).fetchall():
        cells = sparse.eye_array(1 + len(keys), format="csr")
        above, below = (sparse.kron(of_gold, part, format="csr") for part in (cells[1:], cells[[0]]))
        parameters = {"family": family, "base": base, "keys": keys}
        found = count_shares(connection, read_sql("strata/shares"), above, below, resampling.confidence, parameters)
        batches += [_batch(family, stratum.key[0], golds, keys, shares) for stratum, shares in found]
    connection.from_arrow(pa.Table.from_batches(batches, _SCHEMA)).insert_into("share_intervals")


def _batch(
    family: str, model: str, golds: Sequence[str], keys: Sequence[str], shares: ShareIntervals
) -> pa.RecordBatch:
    n_rows = len(shares.values)
    columns = {
        "family": [family] * n_rows,
        "model": [model] * n_rows,
        "gold": [gold for gold in golds for _ in keys],
        "key": [*keys] * len(golds),
        "share_low": shares.low,
        "share_high": shares.high,
        "interval": shares.methods,
        "n_groups": shares.n_groups,
    }
    return pa.RecordBatch.from_pydict(columns, schema=_SCHEMA)
