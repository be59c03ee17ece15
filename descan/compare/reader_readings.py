"""Tables of what people and judges have read in descriptions."""

from collections.abc import Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from descan.compare.database import run_script
from descan.corpus.readings import load_readings
from descan.corpus.spellings import CategoryNames
from descan.errors import InputError, quote

_COLUMNS = {
    "item_id": "VARCHAR",
    "model": "VARCHAR",
    "repeat": "INTEGER",
    "reader": "VARCHAR",
    "kind": "VARCHAR",
    "status": "VARCHAR",
    "described": "VARCHAR",
    "judge_repeat": "INTEGER",
    "cost_usd": "DOUBLE",
    "latency_s": "DOUBLE",
    "line": "BIGINT",
}


def insert_readings(connection: DuckDBPyConnection, paths: Sequence[Path], names: CategoryNames) -> None:
    """Create the tables of readings, empty where there is no file; see `readings_of_readers.sql`.

    Args:
        connection: A database in which pairs.sql has run.
        paths: The files.
        names: What names a category.

    Raises:
        InputError: If a file is not as `load_readings` says, or names a description that this corpus does not have.
    """
    readings = load_readings(paths, names)
    columns = ", ".join(f"unnest(?::{kind}[]) AS {name}" for name, kind in _COLUMNS.items())
    values = [[getattr(reading, name) for reading in readings] for name in _COLUMNS]
    places = {path: place for place, path in enumerate(paths)}
    files = [places[reading.path] for reading in readings]
    connection.execute(
        f"CREATE TABLE given_readings AS SELECT {columns}, unnest(?::INTEGER[]) AS file", [*values, files]
    )
    _check_descriptions(connection, paths)
    run_script(connection, "readings_of_readers")


def _check_descriptions(connection: DuckDBPyConnection, paths: Sequence[Path]) -> None:
    query = """
        SELECT item_id, model, repeat, file, line
        FROM given_readings ANTI JOIN (FROM answers WHERE mode = 'describe') AS answers USING (item_id, model, repeat)
        ORDER BY file, line LIMIT 1
    """
    for item_id, model, repeat, file, line in connection.execute(query).fetchall():
        what = f"{quote(item_id)} by {quote(model)}, repeat {repeat},"
        raise InputError(paths[file], f"{what} is not a description of this corpus; name those that it has", line)
