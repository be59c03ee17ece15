"""A bare table in any form, opened: its columns, its rows, and how it is read."""

import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from descan.corpus.formats import N_FIRST, SUFFIXES, Row, list_columns, list_paths, stream_rows
from descan.corpus.formats.csv_files import COMMA, check_width, csv_columns, find_delimiter, parse_cell, stream_csv
from descan.corpus.formats.json_lines import load_json_list
from descan.corpus.formats.nested import list_row_paths, root_of, value_at
from descan.corpus.formats.packed_files import PACKED_SUFFIXES, unpack
from descan.corpus.formats.spreadsheets import load_sheet
from descan.corpus.formats.text_encoding import UTF_8, check_encoding, find_encoding, write_utf_8
from descan.errors import InputError, OptionError, quote
from descan.storage.paths import check_regular
from descan.storage.scratch import Scratch

TABLE_SUFFIXES = (*SUFFIXES, ".tsv", ".json", ".xlsx", ".xlsm", ".ods")
"""Those of `SUFFIXES` can be read where they are; the others are converted first."""

INPUT_NAME = "standard input"
"""Stands for its path in messages."""

_CSV = (".csv", ".tsv")
_TEXT = (*_CSV, ".json", ".jsonl", ".ndjson")
_SHEETS = (".xlsx", ".xlsm", ".ods")
_OPTIONS: Mapping[str, Sequence[str]] = {"delimiter": _CSV, "encoding": _TEXT, "sheet": _SHEETS}
_MAGIC: Mapping[bytes, str] = {
    b"PAR1": ".parquet",
    b"PK\x03\x04": ".xlsx",
    b"\xd0\xcf\x11\xe0": ".xlsx",
    b"\x1f\x8b": ".gz",
    b"\x28\xb5\x2f\xfd": ".zst",
}
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"
_BEFORE_TEXT = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
"""Byte order marks, the zeros of UTF-16, and blanks."""
_N_START = 4096

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

    def check_kinds(self, names: Sequence[str]) -> None:
        """Check that every option is for one of the tables at least.

        Args:
            names: The names of their files, or `a frame`.

        Raises:
            OptionError: If one is for none.
        """
        kinds = {_kind(name) for name in names}
        for option, suffixes in _OPTIONS.items():
            if getattr(self, option) is not None and kinds.isdisjoint(suffixes):
                shown = ", ".join(quote(name) if _kind(name) else name for name in names)
                raise OptionError(option, f"is for {_join_words(suffixes)} files, not for {shown}")


@dataclass(frozen=True, slots=True)
class Table:
    """An open table.

    Attributes:
        path: The file, for messages.
        columns: Its columns in order.
        stream: Streams its rows from the first on, with the columns of these names that it has, and maybe others.
        paths: The dotted paths of what is nested in its columns.
        roots_read: Columns of which something nested is read already.
        read_as: How it is read, for people; empty if that goes without saying.
        is_plain: It can be read where it is, block by block.
        columns_of_file: Those that the file has, where `columns` are others made of them.
        is_frame: It is a frame, so messages name options as Python does.
    """

    path: Path
    columns: list[str]
    stream: Callable[[Collection[str]], Iterator[Row]]
    paths: Sequence[str] = ()
    roots_read: Collection[str] = ()
    read_as: str = ""
    is_plain: bool = False
    columns_of_file: Sequence[str] = ()
    is_frame: bool = False


def open_table(path: Path, options: TableOptions, scratch: Scratch) -> Table:
    """Open a table.

    Args:
        path: A file with one of `TABLE_SUFFIXES`, and maybe one of a compressed file after it.
        options: What is not to be found out; one that is not for this kind of table is ignored.
        scratch: Where what is unpacked or not in UTF-8 is put.

    Raises:
        InputError: If the file is not such a table.
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
    with errors_about(path, unpacked):
        return instead_of(path, _open(unpacked, suffix, options, scratch))


def save_input(scratch: Scratch) -> Path:
    """Save standard input as a file; its content tells the suffix.

    Raises:
        InputError: If there is no standard input.
    """
    if sys.stdin is None:
        raise InputError(INPUT_NAME, "there is none; name a file")
    start = sys.stdin.buffer.read(_N_START)
    path = scratch.new_path(f"standard-input{_find_suffix(start)}")
    with path.open("wb") as file:
        file.write(start)
        shutil.copyfileobj(sys.stdin.buffer, file)
    if path.suffix not in PACKED_SUFFIXES:
        return path
    unpacked = scratch.new_path("unpacked")
    with errors_about(Path(INPUT_NAME), path):
        unpack(path, unpacked)
    with unpacked.open("rb") as file:
        return unpacked.rename(unpacked.with_name(f"standard-input{_find_suffix(file.read(_N_START))}"))


def rename_columns(table: Table, renamed: Mapping[str, str]) -> Table:
    """Return a table that has these columns under their fixed names, too; it is not plain then."""
    if not renamed:
        return table
    names = {fixed: name for name, fixed in renamed.items()}

    def stream(wanted: Collection[str]) -> Iterator[Row]:
        for line, cells in table.stream([names.get(name, name) for name in wanted]):
            for name, fixed in renamed.items():
                value = cells.get(name)
                cells = {**cells, fixed: parse_cell(fixed, value) if isinstance(value, str) else value}
            yield Row(line, cells)

    return replace(table, stream=stream, is_plain=False)


def add_nested(table: Table, paths: Sequence[str]) -> Table:
    """Return a table that has what these of its paths lead to as columns, too; it is not plain then."""
    if not paths:
        return table
    roots = {path: root_of(path, table.columns) for path in paths}

    def stream(wanted: Collection[str]) -> Iterator[Row]:
        asked = {path: path.split(".") for path in paths if path in wanted}
        for line, cells in table.stream([*wanted, *(roots[path] for path in asked)]):
            yield Row(line, {**cells, **{path: value_at(cells, steps) for path, steps in asked.items()}})

    return replace(table, stream=stream, is_plain=False)


def _open(path: Path, suffix: str, options: TableOptions, scratch: Scratch) -> Table:
    if suffix in _SHEETS:
        columns, rows, read_as = load_sheet(path, options.sheet)
        return Table(path, columns, lambda _: iter(rows), read_as=read_as)
    if suffix not in _TEXT:
        return _open_plain(path)
    encoding = options.encoding or find_encoding(path, guesses=suffix in _CSV)
    if encoding.lower().replace("_", "-") in (UTF_8, "utf8", "utf-8-sig"):
        return _open_text(path, suffix, options)
    copy = scratch.new_path(f"table{suffix}")
    write_utf_8(path, encoding, copy)
    with errors_about(path, copy):
        table = instead_of(path, _open_text(copy, suffix, options))
    return replace(table, read_as=", ".join(filter(None, (f"encoding {encoding}", table.read_as))))


def _open_text(path: Path, suffix: str, options: TableOptions) -> Table:
    """Open a table in UTF-8."""
    if suffix in _CSV:
        delimiter = options.mark or ("\t" if suffix == ".tsv" else find_delimiter(path))
        read_as = "" if delimiter == COMMA else f"delimiter {_DELIMITER_NAMES.get(delimiter, quote(delimiter))}"
        is_plain = suffix == ".csv" and delimiter == COMMA
        columns = csv_columns(path, delimiter)
        return Table(path, columns, lambda _: stream_csv(path, delimiter), read_as=read_as, is_plain=is_plain)
    if suffix != ".json":
        return _open_plain(path)
    rows = load_json_list(path)
    columns = list(dict.fromkeys(key for row in rows for key in row.cells))
    check_width(columns, path)
    return Table(path, columns, lambda _: iter(rows), list_row_paths(islice(rows, N_FIRST)))


def _open_plain(path: Path) -> Table:
    def stream(wanted: Collection[str]) -> Iterator[Row]:
        return stream_rows(path, None, also=wanted)

    columns = list_columns(path)
    check_width(columns, path)
    return Table(path, columns, stream, list_paths(path), is_plain=True)


def instead_of(path: Path, table: Table) -> Table:
    """Return a table whose path and errors are those of the file that its own file is a copy of."""
    copy = table.path

    def stream(wanted: Collection[str]) -> Iterator[Row]:
        with errors_about(path, copy):
            yield from table.stream(wanted)

    return replace(table, path=path, stream=stream, is_plain=False)


@contextmanager
def errors_about(path: Path, copy: Path) -> Iterator[None]:
    """Report errors about a copy of a file as errors about the file."""
    try:
        yield
    except InputError as error:
        if error.path != copy:
            raise
        raise InputError(path, error.problem, error.line) from error


def _find_suffix(start: bytes) -> str:
    """Return the suffix of a file that begins so."""
    if _OPEN_DOCUMENT in start[:100]:
        return ".ods"
    kind = next((suffix for magic, suffix in _MAGIC.items() if start.startswith(magic)), "")
    return kind or {b"{": ".jsonl", b"[": ".json"}.get(start.lstrip(_BEFORE_TEXT)[:1], ".csv")


def _kind(name: str) -> str:
    """Return the suffix of a table's file without that of a compressed one."""
    path = Path(name)
    return Path(path.stem if path.suffix.lower() in PACKED_SUFFIXES else path).suffix.lower()


def _join_words(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
