"""A DuckDB over the Parquet files of an analysis, with one row per item and model."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
from duckdb import DuckDBPyConnection

from descan.emotions import CategorySet
from descan.storage.parquet_database import find_records, open_database
from descan.storage.schemas import (
    ANSWERS,
    ITEMS,
    LABELS,
    MENTIONS,
    OWN_READINGS,
    OWN_VERDICTS,
    VERDICTS,
    WITNESSED,
    overridden_schema,
    readings_schema,
)

MEMORY_GB = 0.2
"""What queries may hold at first; beyond it they go on in a file."""

_INPUTS = {
    "items": pa.schema([ITEMS.field(name) for name in ("item_id", "gold", "group", "media")]),
    "answers": ANSWERS,
    "mentions": MENTIONS,
    "labels": LABELS,
    "verdicts": VERDICTS,
}


@contextmanager
def open_records(
    folder: Path,
    categories: CategorySet,
    *,
    label_mode: str,
    seed: int,
    threads: int | None = None,
    memory_gb: float = MEMORY_GB,
) -> Iterator[DuckDBPyConnection]:
    """Open a database with one view per record, the table `pairs` and the view `asserted` (see pairs.sql).

    `witnessed` is empty where there are no witnesses. `own_readings` and `own_verdicts` are by what descan reads, also
    where people's readings count in its place.

    Args:
        folder: Of an analysis.
        categories: Its category set.
        label_mode: Mode whose answers give the label.
        seed: Of the order in which pairs are drawn.
        threads: Of DuckDB; one per processor if None. They change no result.
        memory_gb: What queries may hold in memory.

    Raises:
        InputError: If a file is missing, damaged or lacks a column.
    """
    is_overridden = (folder / f"{OWN_READINGS}.parquet").exists()
    readings = overridden_schema if is_overridden else readings_schema
    inputs = _INPUTS | {"readings": readings(categories)}
    has_witnesses = (folder / "witnessed.parquet").exists()
    if has_witnesses:
        inputs |= {"witnessed": WITNESSED}
    if is_overridden:
        inputs |= {OWN_READINGS: readings_schema(categories), OWN_VERDICTS: VERDICTS}
    records = find_records(folder, inputs)
    with open_database(records, memory_gb=memory_gb, threads=threads) as connection:
        connection.execute("SET VARIABLE label_mode = ?", [label_mode])
        connection.execute("SET VARIABLE seed = ?", [str(seed)])
        if not has_witnesses:
            connection.from_arrow(WITNESSED.empty_table()).project("*, 0 AS part, 0 AS file_row").create("witnessed")
        create_read_by_people(connection, is_overridden=is_overridden)
        for name, own in (("readings", OWN_READINGS), ("verdicts", OWN_VERDICTS)):
            connection.execute(f"CREATE VIEW own_{name} AS FROM {own if is_overridden else name}")
        run_script(connection, "pairs")
        yield connection


def create_read_by_people(connection: DuckDBPyConnection, prefix: str = "", *, is_overridden: bool) -> None:
    """Create the view `read_by_people` with the descriptions in which people's readings stand in the place of descan's.

    Args:
        connection: A database with `readings`.
        prefix: Of both views.
        is_overridden: Whether `readings` says who has read.
    """
    condition = "read_by = 'people'" if is_overridden else "false"
    query = f"SELECT DISTINCT item_id, model, repeat FROM {prefix}readings WHERE {condition}"
    connection.execute(f"CREATE VIEW {prefix}read_by_people AS {query}")


def run_script(connection: DuckDBPyConnection, name: str) -> None:
    """Run the statements of `sql/NAME.sql`."""
    connection.execute(files("descan.report").joinpath(f"sql/{name}.sql").read_text("utf-8"))
