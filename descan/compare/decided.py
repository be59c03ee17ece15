"""What models decide when asked about each action and category: `decided.parquet`, and what is said beside it."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql, run_script
from descan.compare.intervals import share_intervals
from descan.compare.strata import count_strata
from descan.compare.witnessed_tables import ALL
from descan.corpus.decided import parse_decided
from descan.emotions import CategorySet
from descan.lexicon import action_keys, load_lexicon
from descan.storage.safe_csv import Cell
from descan.storage.schemas import DECIDED

_STATES = ("said_and_seen", "seen_not_said", "denied_and_seen", "said_not_seen", "neither")
_ABOVE = np.array(
    [
        [0, 0, 0, 0, 0, 1],
        [0, 0, 0, 1, 0, 0],
        [0, 0, 0, 0, 1, 0],
        [0, 0, 1, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
    ],
    dtype=np.float64,
)
"""Of the cells of `strata/said_or_seen.sql`: seen or not * 3 + not mentioned, denied, or said."""

SAID_OR_SEEN_COLUMNS = (
    *("model", "region", "action", "n_items", *(f"n_{state}" for state in _STATES)),
    *(f"{state}{end}" for state in _STATES for end in ("", "_low", "_high")),
    *("mean_probability", "n_groups", "interval"),
)
"""Of `said_or_seen.csv`: per model and action, region and all, of the items with a description and a decision.

Seen is what the model finds likely when asked, by the threshold. `said_and_seen`: the text says it, too;
`seen_not_said`: the text does not mention it; `denied_and_seen`: the text says that it is not there; `said_not_seen`:
the text says it, and the model denies it when asked; `neither`. Hedged mentions count as said. The five shares add up
to 1.
"""

DECIDED_FILE = "decided.parquet"
"""In the folder of an analysis, where answers have mode `decide`."""

_BLOCK_ROWS = 100_000

_ACTIONS = pa.schema(
    [("number", pa.int32()), *((name, pa.string()) for name in ("action", "region", "key")), ("is_first", pa.bool_())]
)


def has_decided(connection: DuckDBPyConnection) -> bool:
    """Return whether any answer is of mode `decide`."""
    query = "SELECT count(*) > 0 FROM answers WHERE mode = 'decide' AND status = 'ok'"
    [(found,)] = connection.execute(query).fetchall()
    return bool(found)


def create_decided(connection: DuckDBPyConnection, path: Path, options: CompareOptions) -> None:
    """Write `decided.parquet`, and create the tables `decided` and `said_or_seen` over it.

    A row is a probability; what has none has no row. The probability of an action is that of each action with the same
    units.

    Args:
        connection: A database in which the scripts up to pairs.sql have run.
        path: Where the file goes.
        options: How to compare.
    """
    actions = load_lexicon(options.language).actions.actions
    keys = action_keys(load_lexicon(options.language))
    with pq.ParquetWriter(path, DECIDED, compression="zstd") as writer:
        for batch in _decided_batches(connection, keys, options.categories):
            writer.write_batch(batch, row_group_size=_BLOCK_ROWS)
    rows: list[dict[str, object]] = []
    for number, (name, one) in enumerate(actions.items()):
        key = one.aus or name
        is_first = keys[key][0] == name
        rows.append({"number": number, "action": name, "region": one.region, "key": key, "is_first": is_first})
    connection.from_arrow(pa.Table.from_pylist(rows, schema=_ACTIONS)).create("decided_actions")
    connection.execute("SET VARIABLE seen_probability = ?", [options.seen_probability])
    connection.read_parquet(str(path)).create("decided")
    run_script(connection, "decided")


def said_or_seen_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `said_or_seen.csv`: of each model all actions, then each region, then each action.

    Args:
        connection: A database in which `create_decided` has run.
        options: How to compare.
    """
    query = read_sql("strata/said_or_seen")
    levels = ("all", "regions", "actions")
    strata = list(chain.from_iterable(count_strata(connection, query, 6, {"level": level}) for level in levels))
    numbers = dict(connection.execute("SELECT action, number FROM decided_actions").fetchall())
    strata.sort(key=lambda stratum: (stratum.key[0], stratum.key[1] != ALL, numbers.get(stratum.key[2], -1)))
    means = {tuple(key): mean for *key, mean in connection.execute(read_sql("mean_decided")).fetchall()}
    found = share_intervals([stratum.groups for stratum in strata], _ABOVE, np.ones((1, 6)), options.confidence)
    for stratum, shares in zip(strata, found, strict=True):
        cells = list(shares.rows())
        *_, method, n_groups = cells[0]
        counts = (cells[0][1], *(row[0] for row in cells))
        yield (
            *stratum.key,
            *counts,
            *chain.from_iterable(row[2:5] for row in cells),
            means[stratum.key],
            n_groups,
            method,
        )


def _decided_batches(
    connection: DuckDBPyConnection, keys: dict[str, tuple[str, ...]], categories: CategorySet
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `decided.parquet` in the order of item, model and repeat."""
    named = keys | {name: (name,) for names in keys.values() for name in names}
    query = """
        SELECT item_id, model, repeat, prompt, text FROM answers WHERE mode = 'decide' AND status = 'ok'
        ORDER BY item_id, model, repeat
    """
    cursor = connection.execute(query)
    while answers := cursor.fetchmany(_BLOCK_ROWS // 50):
        rows: list[tuple[object, ...]] = []
        for *answer, text in answers:
            decided = parse_decided(text, categories)
            if decided is None:
                continue
            known = (*answer, decided.way)
            rows += [(*known, "emotion", name, value) for name, value in decided.emotions.items()]
            of_actions = {name: value for key, value in decided.actions.items() for name in named.get(key, ())}
            rows += [(*known, "action", name, of_actions[name]) for name in _in_order(keys) if name in of_actions]
        columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) or [()] * len(DECIDED)
        yield pa.RecordBatch.from_arrays(
            [pa.array(column, field.type) for column, field in zip(columns, DECIDED, strict=True)], schema=DECIDED
        )


def _in_order(keys: dict[str, tuple[str, ...]]) -> Iterator[str]:
    return chain.from_iterable(keys.values())
