"""Rows of CSV, JSON Lines and Parquet files, one at a time, whatever the size of the file."""

import csv
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from descan.corpus.cells import quoted
from descan.errors import InputError

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet")
COUNT_COLUMNS = ("repeat", "input_tokens", "output_tokens", "thinking_tokens")
AMOUNT_COLUMNS = ("latency_s", "cost_usd")
TEXT_COLUMNS = ("item_id", "model", "mode", "status", "text")
ANSWER_COLUMNS = (*TEXT_COLUMNS, *COUNT_COLUMNS, *AMOUNT_COLUMNS)

_BOM = b"\xef\xbb\xbf"
_MAX_CSV_FIELD = 2**31 - 1
_PARQUET_BATCH = 256
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """The columns of a bare file; a column that is named otherwise than here must be there."""

    text: str = "text"
    item_id: str = "item_id"
    gold: str = "gold"
    label: str = "label"
    model: str = "model"


class Row(NamedTuple):
    """One row of a file.

    Attributes:
        line: Where the row begins: a line of a CSV or JSONL file, a row of a Parquet file (1-based).
        cells: Value by column; None where a cell is empty.
        n_bytes: Bytes of the file read so far.
    """

    line: int
    cells: Mapping[str, object]
    n_bytes: int


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
        return _read_parquet_rows(path, columns, also)
    return _read_json_rows(path)


def read_csv_rows(path: Path) -> Iterator[Row]:
    """Stream a CSV file with a header; a row must have as many cells as the header."""
    lines = _Lines(path)
    csv.field_size_limit(_MAX_CSV_FIELD)
    reader = csv.reader(iter(lines), strict=True)
    header: list[str] | None = None
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise InputError(path, f'not CSV: {error}; quote a cell with " and double a quote in it', line) from error
        if header is None:
            header = _checked_header(cells, path)
        elif cells:
            if len(cells) != len(header):
                raise InputError(path, f"{len(cells)} cells; the header has {len(header)}, so must every row", line)
            yield Row(
                line, {name: _csv_value(name, cell) for name, cell in zip(header, cells, strict=True)}, lines.n_bytes
            )
        line = reader.line_num + 1
    if header is None:
        raise InputError(path, "is empty; the first line must name the columns")


def parquet_columns(path: Path) -> list[str]:
    """Give the names of a Parquet file's columns."""
    with _open_parquet(path) as file:
        return list(file.schema_arrow.names)


def _read_json_rows(path: Path) -> Iterator[Row]:
    n_bytes = 0
    with _open_bytes(path) as file:
        for line, raw in enumerate(file, start=1):
            n_bytes += len(raw)
            try:
                cells = orjson.loads(raw)
            except ValueError:
                cells = None
            if not isinstance(cells, dict):
                text = _decoded(raw, path, line)
                if text.isspace():
                    continue
                cells = _read_object(text, path, line)
            yield Row(line, cells, n_bytes)


def _read_object(text: str, path: Path, line: int) -> dict[str, object]:
    """Read what is no strict JSON: lone surrogates and NaN are taken here, and all else is an error that says why."""
    try:
        cells = json.loads(text)
    except RecursionError as error:
        raise InputError(path, "not JSON: nested too deeply; use one flat object a line", line) from error
    except ValueError as error:
        problem = f"not JSON: {_json_problem(error)} in {quoted(text.strip())}; use one object a line"
        raise InputError(path, problem, line) from error
    if not isinstance(cells, dict):
        raise InputError(path, f"{quoted(text.strip())} is not an object; use one object a line", line)
    return cells


def _read_parquet_rows(path: Path, columns: ColumnNames, also: Collection[str]) -> Iterator[Row]:
    texts = {*TEXT_COLUMNS, *also, columns.text, columns.item_id, columns.gold, columns.label, columns.model}
    size = path.stat().st_size
    with _open_parquet(path) as file:
        schema = file.schema_arrow
        _check_parquet_types(schema, texts, path)
        wanted = [name for name in schema.names if name in texts or name in ANSWER_COLUMNS]
        n_rows, row = file.metadata.num_rows, 0
        try:
            for batch in file.iter_batches(_PARQUET_BATCH, columns=wanted):
                n_bytes = size * (row + batch.num_rows) // n_rows
                for cells in batch.to_pylist():
                    row += 1
                    yield Row(row, cells, n_bytes)
        except UnicodeDecodeError as error:
            raise InputError(path, "a string is not UTF-8; UTF-8 is expected", row + 1) from error
        except (pa.ArrowException, OSError) as error:
            raise InputError(path, f"not readable as Parquet: {quoted(str(error))}; write it again", row + 1) from error


class _Lines:
    """Lines of a UTF-8 file, split at line feeds only, counting bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n_bytes = 0

    def __iter__(self) -> Iterator[str]:
        with _open_bytes(self.path) as file:
            for line, raw in enumerate(file, start=1):
                self.n_bytes += len(raw)
                yield _decoded(raw, self.path, line)


def _decoded(raw: bytes, path: Path, line: int) -> str:
    try:
        return (raw.removeprefix(_BOM) if line == 1 else raw).decode()
    except UnicodeDecodeError as error:
        problem = f"byte 0x{raw[min(error.start, len(raw) - 1)]:02x} is not UTF-8; UTF-8 is expected"
        raise InputError(path, problem, line) from error


def _open_bytes(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}; use a file that can") from error


def _json_problem(error: ValueError) -> str:
    return error.msg[:1].lower() + error.msg[1:] if isinstance(error, json.JSONDecodeError) else "a number is too long"


def _checked_header(names: list[str], path: Path) -> list[str]:
    for name in names:
        if name and names.count(name) > 1:
            raise InputError(path, f"column {quoted(name)} occurs twice; every column needs its own name", 1)
    return names


def _csv_value(name: str, cell: str) -> object:
    if not cell:
        return None
    if name in COUNT_COLUMNS and _WHOLE.fullmatch(cell):
        return int(cell)
    if name in AMOUNT_COLUMNS and _DECIMAL.fullmatch(cell):
        return float(cell)
    return cell


def _open_parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(path, "not Parquet; use a Parquet file or the suffix of what it is") from error


def _check_parquet_types(schema: pa.Schema, texts: set[str], path: Path) -> None:
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
