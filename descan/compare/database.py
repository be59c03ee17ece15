"""A DuckDB over the Parquet files of an analysis."""

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from descan.compare.compare_options import MEMORY_GB_PER_THREAD, CompareOptions
from descan.emotions import OTHER, UNDECIDED, VALENCE, VALENCE_BAND, Emotion
from descan.errors import InputError
from descan.records import Verdict
from descan.storage.parquet import parquet_files
from descan.storage.schemas import ANSWERS, ITEMS, LABELS, MENTIONS, READINGS

_INPUTS = {"items": ITEMS, "answers": ANSWERS, "mentions": MENTIONS, "readings": READINGS, "labels": LABELS}

_GIGABYTE = 1_000_000_000

_MIN_THREADS_OF_MEMORY = 2
"""One thread gets the memory of so many."""

_BYTES_PER_ROW = 40
"""Of the longest input. A million answers, with seven mentions each, need no more than two threads get anyway."""

_MAX_GB_OF_ROWS = 2.0
"""The most that rows ask for; beyond it DuckDB works from a file."""

_ROWS_PER_THREAD = 122_880
"""DuckDB gives a thread so many rows at least; further threads only cost."""


@contextmanager
def opened(folder: Path, options: CompareOptions, times: int = 1) -> Iterator[DuckDBPyConnection]:
    """Open a database with one view per input, the table `emotions` and the options as variables.

    An input is one Parquet file, or a folder of that name with parts, as a cluster writes them; `part` and `file_row`
    of a view say where in it a row is. Tables live in a temporary file next to the system's other temporary files, so
    that memory stays within `options.memory_gb` however large the corpus.

    Args:
        folder: Of the analysis.
        options: How to compare.
        times: How many times its usual memory DuckDB gets.

    Raises:
        InputError: If a file is missing, lacks a column or has a gold label outside the seven categories.
    """
    inputs = {name: parquet_files(folder / f"{name}.parquet") for name in _INPUTS}
    n_rows = max(sum(_count_rows(path, _INPUTS[name]) for path in paths) for name, paths in inputs.items())
    with (
        TemporaryDirectory(prefix="descan-") as temporary,
        duckdb.connect(str(Path(temporary) / "compare.duckdb"), config=_settings(options, n_rows, times)) as connection,
    ):
        for name, schema in _INPUTS.items():
            _create_view(connection, name, inputs[name], schema)
        _create_emotions(connection)
        _set_variables(connection, options)
        _check_gold(connection, inputs["items"])
        try:
            yield connection
        except duckdb.InterruptException as error:  # Ctrl-C within a query
            raise KeyboardInterrupt from error


def run_script(connection: DuckDBPyConnection, name: str) -> None:
    """Run the statements of `sql/NAME.sql`."""
    connection.execute(read_sql(name))


def read_sql(name: str) -> str:
    """Give the text of `sql/NAME.sql`; a name may hold a folder, as in `tables/actions`."""
    return files("descan.compare").joinpath(f"sql/{name}.sql").read_text("utf-8")


def _settings(options: CompareOptions, n_rows: int, times: int) -> dict[str, str | bool | int | float | list[str]]:
    n_useful = min(os.cpu_count() or 1, 1 + n_rows // _ROWS_PER_THREAD)
    n_threads = n_useful if options.threads is None else options.threads
    memory_gb = options.memory_gb
    if memory_gb is None:
        of_rows = min(_MAX_GB_OF_ROWS, n_rows * _BYTES_PER_ROW / _GIGABYTE)
        memory_gb = max(MEMORY_GB_PER_THREAD * max(n_threads, _MIN_THREADS_OF_MEMORY), of_rows)
    return {
        "memory_limit": f"{int(times * memory_gb * _GIGABYTE)}B",
        "threads": n_threads,
        "autoinstall_known_extensions": False,
        "preserve_insertion_order": False,  # Takes memory; where order matters a query says so.
    }


def _count_rows(path: Path, schema: pa.Schema) -> int:
    try:
        metadata = pq.read_metadata(path)
    except pa.ArrowInvalid as error:
        raise InputError(path, "this is not a Parquet file; `descan analyze` writes it") from error
    found = metadata.schema.to_arrow_schema().names
    missing = [name for name in schema.names if name not in found]
    if missing:
        raise InputError(path, f"column {', '.join(missing)} is missing; found {', '.join(found)}")
    return int(metadata.num_rows)


def _create_view(connection: DuckDBPyConnection, name: str, paths: list[Path], schema: pa.Schema) -> None:
    columns = ", ".join(f'"{column}"' for column in schema.names)
    relation = connection.read_parquet([glob.escape(str(path)) for path in paths], file_row_number=True)
    relation.project(f"{columns}, file_index AS part, file_row_number AS file_row").create_view(name)


def _create_emotions(connection: DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE emotions (position INTEGER, emotion VARCHAR, valence DOUBLE)")
    rows = [(position, str(emotion), VALENCE[emotion]) for position, emotion in enumerate(Emotion, start=1)]
    connection.executemany("INSERT INTO emotions VALUES (?, ?, ?)", rows)


def _set_variables(connection: DuckDBPyConnection, options: CompareOptions) -> None:
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET VARIABLE categories = ?", [[*map(str, Emotion), OTHER, UNDECIDED]])
    connection.execute("SET VARIABLE verdicts = ?", [[*map(str, Verdict)]])
    connection.execute("SET VARIABLE valence_band = ?", [VALENCE_BAND])
    connection.execute("SET VARIABLE label_mode = ?", [str(options.label_mode)])
    connection.execute("SET VARIABLE support = ?", [str(options.support)])
    connection.execute("SET VARIABLE lenient_threshold = ?", [options.lenient_threshold])
    connection.execute("SET VARIABLE contested_models = ?", [options.contested_models])


def _check_gold(connection: DuckDBPyConnection, paths: list[Path]) -> None:
    query = """
        SELECT gold, part, file_row FROM items WHERE gold NOT IN (SELECT emotion FROM emotions)
        ORDER BY part, file_row LIMIT 1
    """
    for gold, part, row in connection.execute(query).fetchall():
        allowed = ", ".join(Emotion)
        raise InputError(paths[part], f"gold {gold!r} is unknown; use one of {allowed}, or null", row + 1)
