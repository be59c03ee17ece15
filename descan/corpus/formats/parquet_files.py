"""Rows and blocks of Parquet files."""

import json
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from descan.corpus.formats.rows import (
    AMOUNT_COLUMNS,
    ANSWER_COLUMNS,
    COUNT_COLUMNS,
    TEXT_COLUMNS,
    Block,
    ColumnNames,
    Row,
)
from descan.errors import InputError, explain_os_error, quote
from descan.storage.paths import identity, is_remote, size_of

_N_BATCH = 256


def parquet_columns(path: Path) -> list[str]:
    """Return the column names of a Parquet file."""
    with _open(path) as file:
        return list(file.schema_arrow.names)


def parquet_paths(path: Path) -> list[str]:
    """Return the dotted paths of what is nested in the columns of a Parquet file."""
    with _open(path) as file:
        schema = file.schema_arrow
        paths = [path for field in schema for path in _nested_paths(field.name, field.type)]
        names = {*schema.names}
        return [path for path in paths if path not in names]


def stream_parquet(path: Path, columns: ColumnNames | None, also: Collection[str]) -> Iterator[Row]:
    """Stream the rows of a Parquet file, with the columns of answers, if these are named, and those in `also`."""
    n_before = 0
    with _open(path) as file:
        wanted = {*also}
        if columns is not None:
            texts = _text_columns(columns)
            _check_types(file.schema_arrow, columns, texts, path)
            wanted |= {*texts, *ANSWER_COLUMNS}
        for row_group in range(file.metadata.num_row_groups):
            group = _RowGroup(file, path, row_group, wanted, n_before)
            yield from group.rows(0, group.n_rows)
            n_before += group.n_rows


def load_parquet_block(block: Block, columns: ColumnNames) -> Iterator[Row]:
    """Load the rows of a block; a row group whose blocks come in order is decoded once.

    Raises:
        InputError: If a column has a wrong type, or the file is damaged.
        ValueError: If the block is not part of a Parquet file.
    """
    if block.row_group is None:
        raise ValueError(f"{block} is not part of a Parquet file")
    file = _open_file.get(block.path, columns)
    group = file.group
    if group is None or group.number != block.row_group or group.row > block.start:
        group = _RowGroup(file.parquet, block.path, block.row_group, file.wanted, block.first_row - block.start)
    file.group = None  # After an error the row group is decoded from its start again.
    yield from group.rows(block.start, block.end)
    file.group = group
    if group.row == group.n_rows and group.number == file.parquet.metadata.num_row_groups - 1:
        _open_file.close()


def cut_parquet(path: Path, columns: ColumnNames, n_rows: int) -> Iterator[Block]:
    """Cut every row group of a Parquet file each `n_rows` rows."""
    size = size_of(path)
    with _open(path) as file:
        _check_types(file.schema_arrow, columns, _text_columns(columns), path)
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
    """A row group that is decoded batch by batch, as rows are asked for.

    Attributes:
        number: Its index in the file.
        n_rows: Its size.
        row: The next row.
    """

    def __init__(self, file: pq.ParquetFile, path: Path, row_group: int, wanted: set[str], n_before: int) -> None:
        names = [name for name in file.schema_arrow.names if name in wanted]
        self.number = row_group
        self.n_rows: int = file.metadata.row_group(row_group).num_rows
        self.row = 0
        self._path = path
        self._n_before = n_before
        self._class_names = {name: names for name, names in _class_names(file.schema_arrow).items() if name in wanted}
        self._batches = file.iter_batches(_N_BATCH, row_groups=[row_group], columns=names)
        self._batch: pa.RecordBatch = None
        self._batch_end = 0

    def rows(self, start: int, end: int) -> Iterator[Row]:
        """Yield the rows from `start` to `end`; `start` must not be before `row`."""
        self.row = start
        while self.row < end:
            while self._batch_end <= self.row:
                self._next_batch()
            batch_start = self._batch_end - self._batch.num_rows
            part = self._batch.slice(self.row - batch_start, min(end, self._batch_end) - self.row)
            first_line = self._n_before + self.row + 1
            self.row += part.num_rows
            for line, cells in enumerate(self._parse_cells(part, first_line), start=first_line):
                for column in self._class_names:
                    cells[column] = self._name_class(column, cells[column], line)
                yield Row(line, cells)

    def _name_class(self, column: str, value: object, line: int) -> str | None:
        names = self._class_names[column]
        if value is None or value == -1:  # So datasets writes that there is no class.
            return None
        if isinstance(value, str):
            return value
        if not isinstance(value, int) or not 0 <= value < len(names):
            problem = f"{column} {quote(value)} is not a class; the schema names {len(names)}, from 0"
            raise InputError(self._path, problem, line)
        return names[value]

    def _next_batch(self) -> None:
        try:
            self._batch = next(self._batches)
        except StopIteration:
            problem = f"row group {self.number} has fewer rows than the file says; write it again"
            raise InputError(self._path, problem, self._n_before + self._batch_end + 1) from None
        except (pa.ArrowException, OSError) as error:
            problem = f"not readable as Parquet: {quote(str(error))}; write it again"
            raise InputError(self._path, problem, self._n_before + self._batch_end + 1) from error
        self._batch_end += self._batch.num_rows

    def _parse_cells(self, batch: pa.RecordBatch, first_line: int) -> Iterator[dict[str, object]]:
        try:
            yield from batch.to_pylist()
        except UnicodeDecodeError as error:
            for n in range(batch.num_rows):
                try:
                    yield from batch.slice(n, 1).to_pylist()
                except UnicodeDecodeError:
                    problem = "a string is not UTF-8; UTF-8 is expected"
                    raise InputError(self._path, problem, first_line + n) from error


class _File:
    """An open file with the row group decoded last."""

    def __init__(self, path: Path, columns: ColumnNames) -> None:
        texts = _text_columns(columns)
        self.wanted = {*texts, *ANSWER_COLUMNS}
        self.parquet = _open_parquet(path)
        self.group: _RowGroup | None = None
        _check_types(self.parquet.schema_arrow, columns, texts, path)


class _OpenFile(threading.local):
    """The file whose blocks a thread loads; it stays open between them."""

    _key: object = None
    _file: _File | None = None

    def get(self, path: Path, columns: ColumnNames) -> _File:
        """Return the open file if it is this one and unchanged; open it otherwise."""
        key = (identity(path), columns)
        if self._file is None or self._key != key:
            self.close()
            self._key, self._file = key, _File(path, columns)
        return self._file

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.parquet.close(force=True)
        self._file = None


_open_file = _OpenFile()


@contextmanager
def _open(path: Path) -> Iterator[pq.ParquetFile]:
    file = _open_parquet(path)
    try:
        yield file
    finally:
        file.close(force=True)


def _open_parquet(path: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path.open("rb") if is_remote(path) else path)
        _ = file.schema_arrow
        return file
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise explain_os_error(error, "cannot be read", path) from error
        raise InputError(path, "not Parquet; use a Parquet file or the suffix of what it is") from error


def _text_columns(columns: ColumnNames) -> set[str]:
    return {*TEXT_COLUMNS, columns.text, columns.item_id, columns.gold, columns.label, columns.model}


def _class_names(schema: pa.Schema) -> Mapping[str, Sequence[str]]:
    """Return the names of classes by column, where the datasets library of Hugging Face has written them."""
    try:
        features = json.loads((schema.metadata or {}).get(b"huggingface", b"null"))["info"]["features"]
        listed = {column: feature["names"] for column, feature in features.items() if "names" in feature}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}
    return {
        column: names
        for column, names in listed.items()
        if column in schema.names and isinstance(names, list) and all(isinstance(name, str) for name in names)
    }


def _nested_paths(before: str, kind: pa.DataType) -> Iterator[str]:
    if pa.types.is_struct(kind):
        for field in kind:
            yield from _nested_paths(f"{before}.{field.name}", field.type)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _nested_paths(f"{before}.0", kind.value_type)
    else:
        yield before


def _check_types(schema: pa.Schema, columns: ColumnNames, texts: set[str], path: Path) -> None:
    # A whole number may stand for a name or a class.
    names = (columns.item_id, columns.gold, columns.label, columns.model, *_class_names(schema))
    counts = Counter(schema.names)
    for field in schema:
        if counts[field.name] > 1:
            raise InputError(path, f"column {quote(field.name)} occurs twice; every column needs its own name")
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
        if pa.types.is_null(kind):
            continue
        if field.name in texts and pa.types.is_nested(kind):
            inner = next(_nested_paths(field.name, kind), field.name)
            raise InputError(path, f"column {quote(field.name)} is nested; name what is in it, such as {inner}")
        if field.name in texts and not is_text and not (is_number and field.name in names):
            raise InputError(path, f"column {quote(field.name)} is {kind}; use a string column")
        if field.name in (*COUNT_COLUMNS, *AMOUNT_COLUMNS) and field.name not in texts and not is_number:
            raise InputError(path, f"column {quote(field.name)} is {kind}; use a number column")
