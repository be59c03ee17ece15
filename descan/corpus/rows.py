"""Rows of CSV, JSON Lines and Parquet files, one at a time, whatever the size of the file."""

from collections.abc import Collection, Iterator
from pathlib import Path

from descan.corpus.csv_rows import cut_csv, read_csv_block, read_csv_rows
from descan.corpus.json_rows import cut_json, read_json_block, read_json_rows
from descan.corpus.parquet_rows import cut_parquet, parquet_columns, read_parquet_block, read_parquet_rows
from descan.corpus.parts import SUFFIXES, Block, ColumnNames, Row

__all__ = ["SUFFIXES", "ColumnNames", "Row", "cut", "parquet_columns", "read_block_rows", "read_csv_rows", "read_rows"]


def read_rows(path: Path, columns: ColumnNames, *, also: Collection[str] = ()) -> Iterator[Row]:
    """Stream the rows of a file in the format that its suffix says.

    Args:
        path: A file with one of `SUFFIXES`.
        columns: What the text columns are called.
        also: Further text columns that are wanted, for of a Parquet file no others are read.

    Raises:
        InputError: If the file cannot be read as what its suffix says.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return read_csv_rows(path)
    if suffix == ".parquet":
        return read_parquet_rows(path, columns, also)
    return read_json_rows(path)


def cut(path: Path, columns: ColumnNames, n_rows: int) -> Iterator[Block]:
    """Cut a file into blocks of so many rows; a blank line of a JSON Lines file counts too.

    The `n_bytes` of a block are those of this file alone.

    Raises:
        InputError: If the file cannot be read as what its suffix says.
    """
    if n_rows < 1:
        raise ValueError(f"a block has at least one row, not {n_rows}")
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return cut_csv(path, n_rows)
    if suffix == ".parquet":
        return cut_parquet(path, columns, n_rows)
    return cut_json(path, n_rows)


def read_block_rows(block: Block, columns: ColumnNames) -> Iterator[Row]:
    """Read the rows of a block, whose lines are those of the file.

    Raises:
        InputError: If they cannot be read as what the file's suffix says.
    """
    suffix = block.path.suffix.lower()
    if suffix == ".csv":
        return read_csv_block(block)
    if suffix == ".parquet":
        return read_parquet_block(block, columns)
    return read_json_block(block)
