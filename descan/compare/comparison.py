"""The comparison as a whole: an analysis folder's records in, verdicts and tables out."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import clear_draws
from descan.compare.chance import create_chance
from descan.compare.compare_options import CompareOptions
from descan.compare.database import has_witnesses, open_comparison, run_script
from descan.compare.decided import DECIDED_FILE, create_decided, has_decided
from descan.compare.overriding import override_readings
from descan.compare.paired import paired_rows
from descan.compare.primary import check_primary
from descan.compare.reader_readings import insert_readings
from descan.compare.share_tables import create_share_intervals
from descan.compare.tables import OPTIONAL_TABLES, write_reading_tables, write_tables
from descan.compare.witnesses import create_witnessed, write_witnessed
from descan.corpus import CategoryNames
from descan.storage.parquet_database import run_with_enough_memory
from descan.storage.schemas import OWN_READINGS, OWN_VERDICTS, VERDICTS

OPTIONAL_FILES = (
    *(f"{name}.parquet" for name in ("witnesses", "witnessed", "decided", "readers", OWN_READINGS, OWN_VERDICTS)),
    *(f"tables/{name}.csv" for name in OPTIONAL_TABLES),
)
"""Files that not every analysis has: those of an earlier one must not stay beside a new one."""

_BLOCK_ROWS = 100_000


def compare(folder: Path, options: CompareOptions | None = None) -> None:
    """Return every item and model a verdict and count what was said, described and labelled.

    Reads `items`, `answers`, `mentions`, `readings` and `labels.parquet` of the folder, each a file or a folder of
    parts, and writes `verdicts.parquet` and `tables/*.csv` into it, and `readers.parquet` where others than descan have
    read. Same input, same bytes, whatever the number of threads or parts.

    Args:
        folder: The folder of an analysis.
        options: How to compare; the defaults of `CompareOptions` when None.

    Raises:
        InputError: If a file is missing, lacks a column or has a gold label outside the categories, or if readings of
            people or judges are not what is allowed.
        OptionError: If the primary endpoint is no test.
    """
    options = options or CompareOptions()
    run_with_enough_memory(partial(_compare, folder, options))


def _compare(folder: Path, options: CompareOptions, memory_factor: int) -> None:
    tables = folder / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    if options.override:
        override_readings(folder, options, memory_factor)
    with _open_counted(folder, options, memory_factor) as connection:
        _write_verdicts(connection, folder / "verdicts.parquet", options)
        if has_witnesses(folder):
            create_witnessed(connection, options.language, options.speaking_actions)
            write_witnessed(connection, folder / "witnessed.parquet")
        if has_decided(connection):
            create_decided(connection, folder / DECIDED_FILE, options)
        tests = write_tables(connection, tables, options)
        if not options.override:
            write_reading_tables(connection, tables, options, tests)
    if options.override:  # What people read is no measure of itself.
        with _open_counted(folder, options, memory_factor, readings=OWN_READINGS) as connection:
            _write_verdicts(connection, folder / f"{OWN_VERDICTS}.parquet", options)
            write_reading_tables(connection, tables, options, paired_rows(connection, options)[0])
    clear_draws()


@contextmanager
def _open_counted(
    folder: Path, options: CompareOptions, memory_factor: int, *, readings: str = "readings"
) -> Iterator[DuckDBPyConnection]:
    """Open a database in which the scripts up to shares.sql have run, over a record of readings."""
    with open_comparison(folder, options, memory_factor, readings=readings) as connection:
        for script in ("rules", "pairs", "counts", "repeats", "chance", "shares"):
            run_script(connection, script)
        check_primary(connection, options)
        create_share_intervals(connection, options.categories, options.resampling)
        create_chance(connection, len(options.categories), options.resampling)
        insert_readings(connection, options.human_readings, CategoryNames(options.categories, options.aliases))
        yield connection


def _write_verdicts(connection: DuckDBPyConnection, path: Path, options: CompareOptions) -> None:
    """Write in blocks of equal size, so that the bytes do not depend on how DuckDB split its work."""
    columns = ", ".join(VERDICTS.names).replace("weight", "weight / whole() AS weight")
    query = f"SELECT {columns} FROM verdicts WHERE support = ? AND pair >= ? AND pair < ? ORDER BY pair"
    [(n_pairs,)] = connection.execute("SELECT count(*) FROM pairs").fetchall()
    with pq.ParquetWriter(path, VERDICTS, compression="zstd") as writer:
        for start in range(0, n_pairs, _BLOCK_ROWS):
            block = connection.sql(query, params=[str(options.support), start, start + _BLOCK_ROWS]).to_arrow_table()
            writer.write_table(block.cast(VERDICTS), row_group_size=_BLOCK_ROWS)
