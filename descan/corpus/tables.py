"""A bare table in any form, opened: its columns, its rows, and how it is read."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from weakref import finalize

from descan.corpus.formats import SUFFIXES, ColumnNames, Row, is_table, list_columns, stream_rows
from descan.corpus.formats.csv_files import COMMA, csv_columns, find_delimiter, parse_cell, stream_csv
from descan.corpus.formats.text_encoding import UTF_8, check_encoding, find_encoding, write_utf_8
from descan.errors import InputError, OptionError, quote
from descan.storage.paths import check_regular
from descan.storage.scratch import scratch_folder

TABLE_SUFFIXES = (*SUFFIXES, ".tsv")
"""Those of `SUFFIXES` can be read where they are; the others are converted first."""

_TAB_NAMES = ("tab", r"\t")
_DELIMITER_NAMES = {"\t": "tab"}


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How tables are read where that is not to be found out.

    Attributes:
        delimiter: What parts the columns of a CSV file; `tab` for a tab.
        encoding: The encoding of text files, as Python names it.
    """

    delimiter: str | None = None
    encoding: str | None = None

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
        path: A file with one of `TABLE_SUFFIXES`.
        options: What is not to be found out.
        scratch: Where a copy in UTF-8 is put, if the file is in another encoding.

    Raises:
        InputError: If the file is no such table.
        OptionError: If an option is not for this kind of table.
    """
    check_regular(path)
    suffix = path.suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        raise InputError(path, f"suffix {quote(path.suffix)} is unknown; use one of {', '.join(TABLE_SUFFIXES)}")
    if suffix in (".csv", ".tsv"):
        return _open_csv(path, options, scratch, "\t" if suffix == ".tsv" else "")
    for option in ("delimiter", "encoding"):
        if getattr(options, option) is not None:
            raise OptionError(option, f"is for .csv and .tsv files, not for {quote(path.name)}")
    return Table(
        path,
        list_columns(path),
        lambda columns: stream_rows(path, columns, also=("group", "media")),
        is_plain=is_table(path),
    )


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
