"""Tables in any format into rows: the only place that knows CSV, JSON Lines and Parquet apart.

A table is streamed row by row, or cut into blocks that other processes load by themselves, whatever its size.
"""

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from descan.corpus.formats.csv_files import csv_columns, cut_csv, load_csv_block, stream_csv
from descan.corpus.formats.json_lines import cut_json, load_json_block, stream_json
from descan.corpus.formats.nested import list_row_paths
from descan.corpus.formats.parquet_files import (
    cut_parquet,
    load_parquet_block,
    parquet_columns,
    parquet_paths,
    stream_parquet,
)
from descan.corpus.formats.rows import Block, ColumnNames, Row
from descan.storage.paths import check_regular

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet")

N_FIRST = 1000
"""So many rows of JSON tell which columns there are."""

__all__ = [
    "N_FIRST",
    "SUFFIXES",
    "Block",
    "ColumnNames",
    "Row",
    "cut",
    "is_table",
    "list_columns",
    "list_paths",
    "load_block_rows",
    "stream_rows",
]


def is_table(path: Path) -> bool:
    """Return whether a file is a table by its suffix, in any case."""
    return path.suffix.lower() in SUFFIXES


def list_columns(path: Path) -> list[str]:
    """Return the columns of a table in order; those of a JSON Lines file are the keys of its first rows.

    Raises:
        InputError: If the file cannot be loaded in the format of its suffix.
    """
    check_regular(path)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return csv_columns(path)
    if suffix == ".parquet":
        return parquet_columns(path)
    return list(dict.fromkeys(key for row in islice(stream_json(path), N_FIRST) for key in row.cells))


def list_paths(path: Path) -> list[str]:
    """Return the dotted paths of what is nested in the columns of a table; in JSON Lines in those of its first rows.

    Raises:
        InputError: If the file cannot be loaded in the format of its suffix.
    """
    check_regular(path)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return []
    if suffix == ".parquet":
        return parquet_paths(path)
    return list_row_paths(islice(stream_json(path), N_FIRST))


def stream_rows(path: Path, columns: ColumnNames | None, *, also: Collection[str] = ()) -> Iterator[Row]:
    """Stream the rows of a table.

    Args:
        path: A file with one of `SUFFIXES`, which names the format.
        columns: Names of the text columns, or None to read no others than those in `also`.
        also: Further columns to load from a Parquet file, of any type; other columns of it are not loaded.

    Raises:
        InputError: If the file cannot be loaded in that format.
    """
    check_regular(path)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return stream_csv(path)
    if suffix == ".parquet":
        return stream_parquet(path, columns, also)
    return stream_json(path)


def cut(path: Path, columns: ColumnNames, n_rows: int) -> Iterator[Block]:
    """Cut a table into blocks of `n_rows` rows; a blank line of a JSON Lines file counts as a row here.

    The `n_bytes` of a block count this file only.

    Raises:
        InputError: If the file cannot be loaded in the format of its suffix.
    """
    if n_rows < 1:
        raise ValueError(f"a block has at least one row, not {n_rows}")
    check_regular(path)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return cut_csv(path, n_rows)
    if suffix == ".parquet":
        return cut_parquet(path, columns, n_rows)
    return cut_json(path, n_rows)


def load_block_rows(block: Block, columns: ColumnNames) -> Iterator[Row]:
    """Load the rows of a block, with their lines in the file.

    Raises:
        InputError: If they cannot be loaded in the format of the file's suffix.
    """
    suffix = block.path.suffix.lower()
    if suffix == ".csv":
        return load_csv_block(block)
    if suffix == ".parquet":
        return load_parquet_block(block, columns)
    return load_json_block(block)
