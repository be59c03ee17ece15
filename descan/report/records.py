"""A DuckDB over the Parquet files of an analysis, with one row per item and model."""

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from descan.errors import InputError
from descan.storage.parquet import parquet_files
from descan.storage.schemas import ANSWERS, ITEMS, LABELS, MENTIONS, READINGS, VERDICTS

MEMORY_GB = 0.2
"""What queries may hold at first; beyond it they go on in a file."""

_GIGABYTE = 1_000_000_000

_INPUTS = {
    "items": ITEMS,
    "answers": ANSWERS,
    "mentions": MENTIONS,
    "readings": READINGS,
    "labels": LABELS,
    "verdicts": VERDICTS,
}


@contextmanager
def opened_records(
    folder: Path, *, label_mode: str, seed: int, threads: int | None = None, memory_gb: float = MEMORY_GB
) -> Iterator[DuckDBPyConnection]:
    """Open a database with one view per record, the table `pairs` and the view `asserted` (see pairs.sql).

    A record is one Parquet file, or a folder of that name with parts, as a cluster writes them; `part` and `file_row`
    of a view say where in it a row is.

    Args:
        folder: Of an analysis.
        label_mode: Mode whose answers give the label.
        seed: Of the order in which pairs are drawn.
        threads: Of DuckDB; as many as there are processors when None. They change no result.
        memory_gb: What queries may hold.

    Raises:
        InputError: If a file is missing, damaged or lacks a column.
    """
    inputs = {name: parquet_files(folder / f"{name}.parquet") for name in _INPUTS}
    for name, schema in _INPUTS.items():
        for path in inputs[name]:
            _check_file(path, schema)
    settings: dict[str, str | bool | int | float | list[str]] = {"memory_limit": f"{int(memory_gb * _GIGABYTE)}B"}
    settings |= {"autoinstall_known_extensions": False} | ({} if threads is None else {"threads": threads})
    with (
        TemporaryDirectory(prefix="descan-") as temporary,
        duckdb.connect(str(Path(temporary) / "report.duckdb"), config=settings) as connection,
    ):
        connection.execute("SET enable_progress_bar = false")
        for name, schema in _INPUTS.items():
            columns = ", ".join(f'"{column}"' for column in schema.names)
            paths = [glob.escape(str(path)) for path in inputs[name]]
            relation = connection.read_parquet(paths, file_row_number=True)
            relation.project(f"{columns}, file_index AS part, file_row_number AS file_row").create_view(name)
        connection.execute("SET VARIABLE label_mode = ?", [label_mode])
        connection.execute("SET VARIABLE seed = ?", [str(seed)])
        run_script(connection, "pairs")
        try:
            yield connection
        except duckdb.InterruptException as error:  # Ctrl-C within a query
            raise KeyboardInterrupt from error


def run_script(connection: DuckDBPyConnection, name: str) -> None:
    """Run the statements of `sql/NAME.sql`."""
    connection.execute(files("descan.report").joinpath(f"sql/{name}.sql").read_text("utf-8"))


def _check_file(path: Path, schema: pa.Schema) -> None:
    try:
        found = pq.read_schema(path).names
    except pa.ArrowInvalid as error:
        raise InputError(path, "this is not a Parquet file; `descan analyze` writes it") from error
    missing = [name for name in schema.names if name not in found]
    if missing:
        raise InputError(path, f"column {', '.join(missing)} is missing; found {', '.join(found)}")
