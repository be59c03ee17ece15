"""DuckDB over the Parquet files of an analysis, in as little memory as does."""

import glob
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from descan.errors import DescanError, InputError, SetupError
from descan.storage.parquet import parquet_files
from descan.storage.scratch import scratch_folder

Result = TypeVar("Result")

_GIGABYTE = 1_000_000_000
_MEMORY_FACTORS = (1, 2, 4, 8)

_KINDS: tuple[Callable[[pa.DataType], bool], ...] = (
    lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_boolean,
    lambda kind: pa.types.is_list(kind) or pa.types.is_large_list(kind),
    pa.types.is_map,
)

_logger = logging.getLogger(__name__)


class Record(NamedTuple):
    """A checked record of an analysis: one Parquet file, or the parts that the workers of a cluster wrote.

    Attributes:
        paths: Its files, in order.
        columns: Those to be used.
        n_rows: In all files.
    """

    paths: tuple[Path, ...]
    columns: tuple[str, ...]
    n_rows: int


def find_records(folder: Path, schemas: Mapping[str, pa.Schema]) -> dict[str, Record]:
    """Return the records of an analysis by name.

    Args:
        folder: Of the analysis.
        schemas: Name of the record -> columns that it must have.

    Raises:
        InputError: If a file is missing or damaged, or lacks a column.
    """
    records = {}
    for name, schema in schemas.items():
        paths = tuple(parquet_files(folder / f"{name}.parquet"))
        records[name] = Record(paths, tuple(schema.names), sum(_check_file(path, schema) for path in paths))
    return records


@contextmanager
def open_database(
    records: Mapping[str, Record], *, memory_gb: float, threads: int | None = None, keeps_order: bool = True
) -> Iterator[DuckDBPyConnection]:
    """Open a database with a view of each record; its columns `part` and `file_row` say where a row is.

    Tables, and what exceeds the memory, are in files in a temporary folder.

    Args:
        records: Name of the view -> record.
        memory_gb: What queries may hold in memory.
        threads: One per processor if None. They change no result.
        keeps_order: Return rows in the order of their files even without ORDER BY, which takes memory.

    Raises:
        KeyboardInterrupt: If Ctrl-C ended a query.
        SetupError: If the temporary folder is full or gone.
        InputError: If a record is damaged.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{int(memory_gb * _GIGABYTE)}B",
        "autoinstall_known_extensions": False,
        "preserve_insertion_order": keeps_order,
    }
    if threads is not None:
        settings["threads"] = threads
    with scratch_folder() as temporary:
        try:
            path = str(temporary / "analysis.duckdb")
            with duckdb.connect(path, config=settings) as connection:
                _hide_progress(connection)
                for name, record in records.items():
                    _create_view(connection, name, record)
                yield connection
        except duckdb.InterruptException as error:
            raise KeyboardInterrupt from error
        except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:
            raise _explain(error, temporary, records) from error


def run_with_enough_memory(work: Callable[[int], Result]) -> Result:
    """Run a function, and run it again with twice the memory whenever DuckDB runs out of it.

    DuckDB writes what exceeds its limit to a file, but not all queries can do that.

    Args:
        work: Takes the factor by which its usual memory is multiplied: 1, then 2, 4 and 8.

    Raises:
        SetupError: If eight times as much is not enough.
    """
    for factor in _MEMORY_FACTORS:
        try:
            return work(factor)
        except duckdb.OutOfMemoryException as error:
            problem = _first_line(error)
            _logger.info("DuckDB gets more memory: %s", problem)
            if "max_temp_directory_size" in problem:
                break
    raise SetupError(
        f"DuckDB has too little memory: {problem}; use a machine with more, or make room for temporary files "
        "(TMPDIR can name another folder)"
    )


def _check_file(path: Path, schema: pa.Schema) -> int:
    """Return the number of rows of a Parquet file that has the columns of a schema."""
    try:
        with pq.ParquetFile(path) as file:
            found, n_rows = file.schema_arrow, int(file.metadata.num_rows)
    except (OSError, pa.ArrowException) as error:
        raise InputError(path, "this is not a Parquet file; `descan analyze` writes it") from error
    missing = [name for name in schema.names if name not in found.names]
    if missing:
        raise InputError(path, f"column {', '.join(missing)} is missing; found {', '.join(found.names)}")
    for field in schema:
        kind = found.field(field.name).type
        if not any(is_kind(kind) and is_kind(field.type) for is_kind in _KINDS):
            raise InputError(path, f"column {field.name} is {kind}, not {field.type}; `descan analyze` writes it")
    return n_rows


def _hide_progress(connection: DuckDBPyConnection) -> None:
    """Show no progress bar. In a notebook without ipywidgets there is none, and it cannot be set there."""
    if connection.execute("SELECT current_setting('enable_progress_bar')").fetchall() != [(False,)]:
        connection.execute("SET enable_progress_bar = false")


def _create_view(connection: DuckDBPyConnection, name: str, record: Record) -> None:
    columns = ", ".join(f'"{column}"' for column in record.columns)
    relation = connection.read_parquet([glob.escape(str(path)) for path in record.paths], file_row_number=True)
    relation.project(f"{columns}, file_index AS part, file_row_number AS file_row").create_view(name)


def _explain(error: duckdb.Error, temporary: Path, records: Mapping[str, Record]) -> DescanError:
    problem = _first_line(error)
    for path in (path for record in records.values() for path in record.paths):
        if str(path) in str(error):
            return InputError(path, f"cannot be read: {problem}; `descan analyze` writes it")
    return SetupError(
        f"{temporary.parent}: the folder for temporary files is full or was cleaned: {problem}; "
        "make room there, or set TMPDIR to another folder"
    )


def _first_line(error: duckdb.Error) -> str:
    return str(error).partition("\n")[0]
