"""Rows and blocks of Parquet files."""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from descan.corpus.parts import AMOUNT_COLUMNS, ANSWER_COLUMNS, COUNT_COLUMNS, TEXT_COLUMNS, Block, ColumnNames, Row
from descan.errors import InputError, quoted
from descan.storage.paths import identity, is_remote, size_of

_N_BATCH = 256


def parquet_columns(path: Path) -> list[str]:
    """Give the names of a Parquet file's columns."""
    with _opened(path) as file:
        return list(file.schema_arrow.names)


def read_parquet_rows(path: Path, columns: ColumnNames, also: Collection[str]) -> Iterator[Row]:
    """Stream the rows of a Parquet file, with the columns of answers and those in `also`."""
    n_before = 0
    with _opened(path) as file:
        texts = _text_columns(columns, also)
        _check_types(file.schema_arrow, texts, path)
        for row_group in range(file.metadata.num_row_groups):
            group = _RowGroup(file, path, row_group, texts, n_before)
            yield from group.rows(0, group.n_rows)
            n_before += group.n_rows


def read_parquet_block(block: Block, columns: ColumnNames) -> Iterator[Row]:
    """Read the rows of a block; blocks of a row group that come in order are decoded once.

    Raises:
        InputError: If the file is not what is allowed.
        ValueError: If the block is of no Parquet file.
    """
    if block.row_group is None:
        raise ValueError(f"{block.place} is of no Parquet file")
    file = _held.file_of(block.path, columns)
    group = file.group
    if group is None or group.number != block.row_group or group.row > block.start:
        group = _RowGroup(file.parquet, block.path, block.row_group, file.texts, block.first_row - block.start)
    file.group = None  # Until the block is read: after an error it begins anew.
    yield from group.rows(block.start, block.end)
    file.group = group
    if group.row == group.n_rows and group.number == file.parquet.metadata.num_row_groups - 1:
        _held.close()


def cut_parquet(path: Path, columns: ColumnNames, n_rows: int) -> Iterator[Block]:
    """Cut the row groups of a Parquet file behind every so many rows."""
    size = size_of(path)
    with _opened(path) as file:
        _check_types(file.schema_arrow, _text_columns(columns, ()), path)
        n_before = 0
        for row_group in range(file.metadata.num_row_groups):
            n_group = file.metadata.row_group(row_group).num_rows
            for start in range(0, n_group, n_rows):
                end = min(start + n_rows, n_group)
                first, last = n_before + start, n_before + end
                n_bytes = size * last // file.metadata.num_rows
                yield Block(path, start, end, first + 1, last, first, n_bytes, row_group)
            n_before += n_group


class _RowGroup:
    """A row group that is decoded from its start on, as far as it is asked for.

    Attributes:
        number: Which one of the file it is (0-based).
        n_rows: Its size.
        row: How many rows are given or passed over.
    """

    def __init__(self, file: pq.ParquetFile, path: Path, row_group: int, texts: set[str], n_before: int) -> None:
        wanted = [name for name in file.schema_arrow.names if name in texts or name in ANSWER_COLUMNS]
        self.number = row_group
        self.n_rows: int = file.metadata.row_group(row_group).num_rows
        self.row = 0
        self._path = path
        self._n_before = n_before
        self._batches = file.iter_batches(_N_BATCH, row_groups=[row_group], columns=wanted)
        self._batch: pa.RecordBatch = None
        self._batch_end = 0

    def rows(self, start: int, end: int) -> Iterator[Row]:
        """Give the rows from `start`, which is not before `row`, to `end`."""
        self.row = start
        while self.row < end:
            while self._batch_end <= self.row:
                self._read_batch()
            batch_start = self._batch_end - self._batch.num_rows
            part = self._batch.slice(self.row - batch_start, min(end, self._batch_end) - self.row)
            first_line = self._n_before + self.row + 1
            self.row += part.num_rows
            for line, cells in enumerate(self._cells(part, first_line), start=first_line):
                yield Row(line, cells)

    def _read_batch(self) -> None:
        try:
            self._batch = next(self._batches)
        except (pa.ArrowException, OSError) as error:
            problem = f"not readable as Parquet: {quoted(str(error))}; write it again"
            raise InputError(self._path, problem, self._n_before + self._batch_end + 1) from error
        self._batch_end += self._batch.num_rows

    def _cells(self, batch: pa.RecordBatch, first_line: int) -> Iterator[dict[str, object]]:
        try:
            yield from batch.to_pylist()
        except UnicodeDecodeError:
            for n in range(batch.num_rows):
                yield self._cells_of_row(batch, n, first_line + n)

    def _cells_of_row(self, batch: pa.RecordBatch, n: int, line: int) -> dict[str, object]:
        try:
            cells: dict[str, object] = batch.slice(n, 1).to_pylist()[0]
        except UnicodeDecodeError as error:
            raise InputError(self._path, "a string is not UTF-8; UTF-8 is expected", line) from error
        return cells


class _OpenFile:
    """An open file with the row group that was read last."""

    def __init__(self, path: Path, columns: ColumnNames) -> None:
        self.texts = _text_columns(columns, ())
        self.parquet = _open(path)
        self.group: _RowGroup | None = None
        _check_types(self.parquet.schema_arrow, self.texts, path)


class _Held(threading.local):
    """The file from which a thread reads blocks, kept open between them."""

    _key: object = None
    _file: _OpenFile | None = None

    def file_of(self, path: Path, columns: ColumnNames) -> _OpenFile:
        """Give the file if it is still the same one, else open it."""
        key = (identity(path), columns)
        if self._file is None or self._key != key:
            self.close()
            self._key, self._file = key, _OpenFile(path, columns)
        return self._file

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.parquet.close(force=True)
        self._file = None


_held = _Held()


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    file = _open(path)
    try:
        yield file
    finally:
        file.close(force=True)


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path.open("rb") if is_remote(path) else path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(path, "not Parquet; use a Parquet file or the suffix of what it is") from error


def _text_columns(columns: ColumnNames, also: Collection[str]) -> set[str]:
    return {*TEXT_COLUMNS, *also, columns.text, columns.item_id, columns.gold, columns.label, columns.model}


def _check_types(schema: pa.Schema, texts: set[str], path: Path) -> None:
    for field in schema:
        if schema.names.count(field.name) > 1:
            raise InputError(path, f"column {quoted(field.name)} occurs twice; every column needs its own name")
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
        if pa.types.is_null(kind):
            continue
        if field.name in texts and not is_text:
            raise InputError(path, f"column {quoted(field.name)} is {kind}; use a string column")
        if field.name in (*COUNT_COLUMNS, *AMOUNT_COLUMNS) and field.name not in texts and not is_number:
            raise InputError(path, f"column {quoted(field.name)} is {kind}; use a number column")
