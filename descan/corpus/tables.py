"""A bare table in any form, opened: its columns, its rows, and how it is read."""

import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import finalize

from descan.corpus.formats import SUFFIXES, ColumnNames, Row, list_columns, stream_rows
from descan.corpus.formats.csv_files import COMMA, check_header, csv_columns, find_delimiter, parse_cell, stream_csv
from descan.corpus.formats.json_lines import load_json_list
from descan.corpus.formats.packed_files import PACKED_SUFFIXES, unpack
from descan.corpus.formats.rows import ANSWER_COLUMNS
from descan.corpus.formats.spreadsheets import load_sheet
from descan.corpus.formats.text_encoding import UTF_8, check_encoding, find_encoding, write_utf_8
from descan.errors import InputError, OptionError, quote
from descan.storage.paths import check_regular
from descan.storage.scratch import scratch_folder

if TYPE_CHECKING:
    from pandas import DataFrame

TABLE_SUFFIXES = (*SUFFIXES, ".tsv", ".json", ".xlsx", ".ods")
"""Those of `SUFFIXES` can be read where they are; the others are converted first."""

_OPTIONS: Mapping[str, Sequence[str]] = {
    "delimiter": (".csv", ".tsv"),
    "encoding": (".csv", ".tsv"),
    "sheet": (".xlsx", ".ods"),
}
_MAGIC: Mapping[bytes, str] = {
    b"PAR1": ".parquet",
    b"PK\x03\x04": ".xlsx",
    b"\x1f\x8b": ".csv.gz",
    b"\x28\xb5\x2f\xfd": ".csv.zst",
}
_N_START = 4096

_N_NAMED = 12

MODEL = "{model}"
"""Stands for the name of a model in the name of a column."""

_TAB_NAMES = ("tab", r"\t")
_DELIMITER_NAMES = {"\t": "tab"}


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How tables are read where that is not to be found out.

    Attributes:
        delimiter: What parts the columns of a CSV file; `tab` for a tab.
        encoding: The encoding of text files, as Python names it.
        sheet: The sheet of a spreadsheet.
    """

    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        """Check the options.

        Raises:
            OptionError: If one is not allowed.
        """
        if self.delimiter is not None and (len(self.mark) != 1 or self.mark in '"\r\n\0'):
            raise OptionError("delimiter", f"must be one character such as ; or tab, not {quote(self.delimiter)}")
        if self.encoding is not None:
            check_encoding(self.encoding)

    @property
    def mark(self) -> str:
        """The delimiter as it is in the file; empty if it is to be found out."""
        return "\t" if self.delimiter in _TAB_NAMES else self.delimiter or ""


@dataclass(frozen=True, slots=True)
class Table:
    """An open table.

    Attributes:
        path: The file, for messages.
        columns: Its columns in order.
        stream: Streams its rows from the first on, with all columns or those of these names.
        read_as: How it is read, for people; empty if that goes without saying.
        is_plain: It can be read where it is, block by block.
    """

    path: Path
    columns: list[str]
    stream: Callable[[ColumnNames], Iterator[Row]]
    read_as: str = ""
    is_plain: bool = False


class Scratch:
    """A folder for what is converted: made when it is first asked for, removed with this object."""

    def __init__(self) -> None:
        """Make no folder yet."""
        self._stack = ExitStack()
        self._folder: Path | None = None
        finalize(self, self._stack.close)

    def new_path(self, name: str) -> Path:
        """Return the path of a file that is not there yet."""
        if self._folder is None:
            self._folder = self._stack.enter_context(scratch_folder())
        path, n = self._folder / name, 1
        while path.exists():
            n += 1
            path = self._folder / f"{n}-{name}"
        return path


def open_table(path: Path, options: TableOptions, scratch: Scratch) -> Table:
    """Open a table.

    Args:
        path: A file with one of `TABLE_SUFFIXES`, and maybe one of a compressed file after it.
        options: What is not to be found out.
        scratch: Where what is unpacked or not in UTF-8 is put.

    Raises:
        InputError: If the file is no such table.
        OptionError: If an option is not for this kind of table.
    """
    check_regular(path)
    packed = path.suffix.lower() in PACKED_SUFFIXES
    name = path.stem if packed else path.name
    suffix = Path(name).suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        raise InputError(path, f"suffix {quote(Path(name).suffix)} is unknown; use one of {', '.join(TABLE_SUFFIXES)}")
    if not packed:
        return _open(path, suffix, options, scratch)
    unpacked = scratch.new_path(f"unpacked{suffix}")
    unpack(path, unpacked)
    with _errors_about(path, unpacked):
        table = _open(unpacked, suffix, options, scratch)

    def stream(columns: ColumnNames) -> Iterator[Row]:
        with _errors_about(path, unpacked):
            yield from table.stream(columns)

    return replace(table, path=path, stream=stream, is_plain=False)


def open_frame(frame: "DataFrame") -> Table:
    """Open a pandas frame; its index is not read, and cells that pandas counts as missing are empty."""
    names = [str(name) for name in frame.columns]
    path = Path("frame")
    check_header(names, path)

    def stream(_: ColumnNames) -> Iterator[Row]:
        missing = frame.isna()
        cells = frame.astype(object).where(~missing, None)
        for line, values in enumerate(cells.itertuples(index=False, name=None), start=1):
            yield Row(line, dict(zip(names, values, strict=True)))

    return Table(path, names, stream)


def save_input(scratch: Scratch) -> Path:
    """Save standard input as a file; its content tells the suffix.

    Raises:
        InputError: If there is no standard input.
    """
    if sys.stdin is None:
        raise InputError("standard input", "there is none; name a file")
    start = sys.stdin.buffer.read(_N_START)
    kind = next((suffix for magic, suffix in _MAGIC.items() if start.startswith(magic)), "")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    path = scratch.new_path("standard-input" + (kind or {b"{": ".jsonl", b"[": ".json"}.get(text, ".csv")))
    with path.open("wb") as file:
        file.write(start)
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path


def _open(path: Path, suffix: str, options: TableOptions, scratch: Scratch) -> Table:
    for option, suffixes in _OPTIONS.items():
        if getattr(options, option) is not None and suffix not in suffixes:
            raise OptionError(option, f"is for {' and '.join(suffixes)} files, not for {quote(path.name)}")
    if suffix in (".csv", ".tsv"):
        return _open_csv(path, options, scratch, "\t" if suffix == ".tsv" else "")
    if suffix in (".xlsx", ".ods"):
        columns, rows = load_sheet(path, options.sheet)
        return Table(path, columns, lambda _: iter(rows))
    if suffix == ".json":
        rows = load_json_list(path)
        return Table(path, list(dict.fromkeys(key for row in rows for key in row.cells)), lambda _: iter(rows))
    columns = list_columns(path)

    def stream(names: ColumnNames) -> Iterator[Row]:
        wide = [column for fields in _wide_columns(columns, names).values() for column in fields.values()]
        return stream_rows(path, names, also=("group", "media", *wide))

    return Table(path, columns, stream, is_plain=True)


@contextmanager
def _errors_about(path: Path, copy: Path) -> Iterator[None]:
    """Let errors about a copy of a file be about the file."""
    try:
        yield
    except InputError as error:
        if error.path != copy:
            raise
        raise InputError(path, error.problem, error.line) from error


def rename_columns(table: Table, renamed: Mapping[str, str]) -> Table:
    """Return a table that has these columns under their fixed names, too; it is not plain then."""
    if not renamed:
        return table

    def stream(columns: ColumnNames) -> Iterator[Row]:
        for line, cells in table.stream(columns):
            for name, fixed in renamed.items():
                value = cells.get(name)
                cells = {**cells, fixed: parse_cell(fixed, value) if isinstance(value, str) else value}
            yield Row(line, cells)

    return replace(table, stream=stream, is_plain=False)


def unfold(table: Table, columns: ColumnNames) -> tuple[Table, ColumnNames]:
    """Turn a wide table, with columns for every model, into a long one with a row for every item and model.

    Args:
        table: With columns such as `gpt_description`.
        columns: With `{model}` in the text column, the label column or both, such as `{model}_description`.

    Returns:
        The long table, and the names of its columns. A table whose columns have no `{model}` is returned as it is.

    Raises:
        InputError: If no column fits, or a column has the models, too.
    """
    wide = _wide_fields(columns)
    if not wide:
        return table, columns
    names = _wide_columns(table.columns, columns)
    asked = " or ".join(quote(getattr(columns, field)) for field in wide)
    if not names:
        shown = ", ".join(map(quote, table.columns[:_N_NAMED]))
        raise InputError(table.path, f"no column fits {asked}; the columns are {shown}")
    long = replace(columns, **{field: getattr(ColumnNames(), field) for field in wide})
    taken = [*(getattr(long, field) for field in wide), long.model]
    used = {column for fields in names.values() for column in fields.values()}
    kept = [column for column in table.columns if column not in used]
    for column in taken:
        if column in kept:
            raise InputError(table.path, f"has column {quote(column)} beside {asked}; rename it, or ask for no {MODEL}")
    is_numbered = long.item_id == ColumnNames().item_id and not any(_is_named(column, long.item_id) for column in kept)

    def stream(_: ColumnNames) -> Iterator[Row]:
        for n, (line, cells) in enumerate(table.stream(columns), start=1):
            shared = {column: cells.get(column) for column in kept}
            if is_numbered:
                shared[long.item_id] = f"row-{n}"
            for model, fields in names.items():
                own = {field: cells.get(fields[field]) if field in fields else None for field in wide}
                yield Row(line, {**shared, **own, long.model: model})

    ids = [long.item_id] if is_numbered else []
    models = f"{len(names)} models by their columns: {', '.join(map(quote, list(names)[:_N_NAMED]))}"
    read_as = ", ".join(filter(None, (table.read_as, models)))
    return replace(table, columns=[*kept, *ids, *taken], stream=stream, read_as=read_as, is_plain=False), long


def _wide_fields(columns: ColumnNames) -> list[str]:
    """Return which of the columns stand for one of every model; the one with the longest name comes first."""
    wide = [field for field in ("text", "label") if MODEL in getattr(columns, field)]
    return sorted(wide, key=lambda field: -len(getattr(columns, field)))


def _wide_columns(present: Sequence[str], columns: ColumnNames) -> dict[str, dict[str, str]]:
    """Return model -> field -> column."""
    others = (columns.item_id, columns.gold, columns.model, *ANSWER_COLUMNS, "group", "media")
    found = dict[str, dict[str, str]]()
    for column in present:
        if any(_is_named(column, other) for other in others):
            continue
        for field in _wide_fields(columns):
            before, _, after = getattr(columns, field).partition(MODEL)
            match = re.fullmatch(f"{re.escape(before)}(.+){re.escape(after)}", column, re.IGNORECASE)
            if match:
                found.setdefault(match[1], {})[field] = column
                break
    return found


def _is_named(column: str, name: str) -> bool:
    return column.strip().casefold() == name.casefold()


def _open_csv(path: Path, options: TableOptions, scratch: Scratch, usual: str) -> Table:
    encoding = options.encoding or find_encoding(path)
    text, is_utf_8 = path, encoding.lower().replace("_", "-") in (UTF_8, "utf8", "utf-8-sig")
    if not is_utf_8:
        text = scratch.new_path("table.csv")
        write_utf_8(path, encoding, text)
    delimiter = options.mark or usual or find_delimiter(text)
    named = [] if is_utf_8 else [f"encoding {encoding}"]
    if delimiter != COMMA:
        named.append(f"delimiter {_DELIMITER_NAMES.get(delimiter, quote(delimiter))}")
    columns = csv_columns(text, delimiter, shown=path)
    is_plain = is_utf_8 and delimiter == COMMA
    return Table(path, columns, lambda _: stream_csv(text, delimiter, shown=path), ", ".join(named), is_plain)
