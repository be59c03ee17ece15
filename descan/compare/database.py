"""A DuckDB over the Parquet files of an analysis."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from duckdb import DuckDBPyConnection

from descan.compare.compare_options import MEMORY_GB_PER_THREAD, CompareOptions
from descan.emotions import OTHER, UNDECIDED, VALENCE_BAND, CategorySet
from descan.errors import InputError
from descan.records import Verdict
from descan.storage.parquet_database import find_records, open_database
from descan.storage.schemas import ANSWERS, ITEMS, LABELS, MENTIONS, WITNESSES, readings_schema

_INPUTS = {"items": ITEMS, "answers": ANSWERS, "mentions": MENTIONS, "labels": LABELS}
"""Beside the readings."""

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
def open_comparison(
    folder: Path, options: CompareOptions, memory_factor: int = 1, *, readings: str = "readings"
) -> Iterator[DuckDBPyConnection]:
    """Open a database with one view per input, the table `emotions` and the options as variables.

    Args:
        folder: Of the analysis.
        options: How to compare.
        memory_factor: Multiplies the memory that DuckDB may use.
        readings: The record that is the view `readings`.

    Raises:
        InputError: If a file is missing, lacks a column or has a gold label outside the categories.
    """
    inputs = _INPUTS | {readings: readings_schema(options.categories)}
    if has_witnesses(folder):
        inputs |= {"witnesses": WITNESSES}
    records = find_records(folder, inputs)
    records["readings"] = records.pop(readings)
    n_rows = max(record.n_rows for record in records.values())
    n_threads = options.threads or min(os.cpu_count() or 1, 1 + n_rows // _ROWS_PER_THREAD)
    memory_gb = memory_factor * _memory_gb(options, n_rows, n_threads)
    with open_database(records, memory_gb=memory_gb, threads=n_threads, keeps_order=False) as connection:
        _create_emotions(connection, options.categories)
        _set_variables(connection, options)
        _check_gold(connection, options.categories, records["items"].paths)
        yield connection


def has_witnesses(folder: Path) -> bool:
    """Return whether an analysis has what witnesses say."""
    return (folder / "witnesses.parquet").exists()


def run_script(connection: DuckDBPyConnection, name: str) -> None:
    """Run the statements of `sql/NAME.sql`."""
    connection.execute(read_sql(name))


def read_sql(name: str) -> str:
    """Return the text of `sql/NAME.sql`; a name may hold a folder, as in `tables/actions`."""
    return files("descan.compare").joinpath(f"sql/{name}.sql").read_text("utf-8")


def set_categories(connection: DuckDBPyConnection, categories: CategorySet) -> None:
    """Set the variables that rules.sql has for a category set."""
    connection.execute("SET VARIABLE categories = ?", [[*categories.names, OTHER, UNDECIDED]])
    connection.execute("SET VARIABLE n_categories = ?", [len(categories)])
    connection.execute("SET VARIABLE neutral = ?", [categories.neutral])


def _memory_gb(options: CompareOptions, n_rows: int, n_threads: int) -> float:
    if options.memory_gb is not None:
        return options.memory_gb
    of_rows = min(_MAX_GB_OF_ROWS, n_rows * _BYTES_PER_ROW / _GIGABYTE)
    return max(MEMORY_GB_PER_THREAD * max(n_threads, _MIN_THREADS_OF_MEMORY), of_rows)


def _create_emotions(connection: DuckDBPyConnection, categories: CategorySet) -> None:
    connection.execute("CREATE TABLE emotions (position INTEGER, emotion VARCHAR, valence DOUBLE)")
    rows = [(place, one.name, one.valence) for place, one in enumerate(categories.categories, start=1)]
    connection.executemany("INSERT INTO emotions VALUES (?, ?, ?)", rows)


def _set_variables(connection: DuckDBPyConnection, options: CompareOptions) -> None:
    set_categories(connection, options.categories)
    connection.execute("SET VARIABLE verdicts = ?", [[*map(str, Verdict)]])
    connection.execute("SET VARIABLE valence_band = ?", [VALENCE_BAND])
    connection.execute("SET VARIABLE label_mode = ?", [str(options.label_mode)])
    connection.execute("SET VARIABLE support = ?", [str(options.support)])
    connection.execute("SET VARIABLE lenient_threshold = ?", [options.lenient_threshold])
    connection.execute("SET VARIABLE contested_models = ?", [options.contested_models])
    connection.execute("SET VARIABLE present_intensity = ?", [options.present_intensity])
    connection.execute("SET VARIABLE present_probability = ?", [options.present_probability])


def _check_gold(connection: DuckDBPyConnection, categories: CategorySet, paths: Sequence[Path]) -> None:
    query = """
        SELECT gold, part, file_row FROM items WHERE gold NOT IN (SELECT emotion FROM emotions)
        ORDER BY part, file_row LIMIT 1
    """
    for gold, part, row in connection.execute(query).fetchall():
        allowed = ", ".join(categories.names)
        raise InputError(paths[part], f"gold {gold!r} is unknown; use one of {allowed}, or null", row + 1)
