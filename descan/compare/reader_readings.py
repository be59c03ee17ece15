"""Tables of what people and judges have read in descriptions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from descan.compare.database import run_script
from descan.corpus.readings import load_readings
from descan.corpus.spellings import CategoryNames
from descan.errors import InputError, quote
from descan.storage.safe_csv import format_cell
from descan.storage.schemas import READERS

_BLOCK_ROWS = 100_000
_NAMES = ("item_id", "model")

_COLUMNS = {
    "item_id": "VARCHAR",
    "model": "VARCHAR",
    "repeat": "INTEGER",
    "reader": "VARCHAR",
    "kind": "VARCHAR",
    "status": "VARCHAR",
    "described": "VARCHAR",
    "second": "VARCHAR",
    "judge_repeat": "INTEGER",
    "cost_usd": "DOUBLE",
    "latency_s": "DOUBLE",
    "line": "BIGINT",
}


def insert_readings(connection: DuckDBPyConnection, paths: Sequence[Path], names: CategoryNames) -> None:
    """Create the tables of readings, empty where there is no file; see `readings_of_readers.sql`.

    Args:
        connection: A database with the records.
        paths: The files.
        names: What names a category.

    Raises:
        InputError: If a file is not as `load_readings` says, or names a description that this corpus does not have.
    """
    known = _spelled_names(connection)
    readings = [
        replace(reading, **{name: known.get(getattr(reading, name), getattr(reading, name)) for name in _NAMES})
        for reading in load_readings(paths, names)
    ]
    columns = ", ".join(f"unnest(?::{kind}[]) AS {name}" for name, kind in _COLUMNS.items())
    values = [[getattr(reading, name) for reading in readings] for name in _COLUMNS]
    places = {path: place for place, path in enumerate(paths)}
    files = [places[reading.path] for reading in readings]
    connection.execute(
        f"CREATE TABLE given_readings AS SELECT {columns}, unnest(?::INTEGER[]) AS file", [*values, files]
    )
    _check_descriptions(connection, paths)
    run_script(connection, "readings_of_readers")


def write_readers(connection: DuckDBPyConnection, path: Path) -> None:
    """Write `readers.parquet`, in the order of item, model, repeat, kind and reader.

    Args:
        connection: A database with the table `all_readings`.
        path: The file.
    """
    query = """
        SELECT item_id, model, reader, kind, read AS described, repeat, second, judge_repeat, status
        FROM all_readings
        ORDER BY item_id, model, repeat, rank, reader, judge_repeat
    """
    with pq.ParquetWriter(path, READERS, compression="zstd") as writer:
        for batch in connection.sql(query).to_arrow_reader(_BLOCK_ROWS):
            writer.write_table(pa.Table.from_batches([batch]).cast(READERS), row_group_size=_BLOCK_ROWS)


def _spelled_names(connection: DuckDBPyConnection) -> Mapping[str, str]:
    """Return the names of items and models that a safe CSV file has otherwise, by what it has."""
    query = "SELECT DISTINCT unnest([item_id, model]) FROM answers WHERE mode = 'describe'"
    names = {name for (name,) in connection.execute(query).fetchall()}
    return {cell: name for name in sorted(names) if (cell := format_cell(name)) != name and cell not in names}


def _check_descriptions(connection: DuckDBPyConnection, paths: Sequence[Path]) -> None:
    query = """
        SELECT item_id, model, repeat, file, line
        FROM given_readings ANTI JOIN (FROM answers WHERE mode = 'describe') AS answers USING (item_id, model, repeat)
        ORDER BY file, line LIMIT 1
    """
    for item_id, model, repeat, file, line in connection.execute(query).fetchall():
        what = f"{quote(item_id)} by {quote(model)}, repeat {repeat},"
        raise InputError(paths[file], f"{what} is not a description of this corpus; name those that it has", line)
