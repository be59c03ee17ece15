"""Rows and blocks of CSV files."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from descan.corpus.formats.lines import MAX_LINE_BYTES, Lines, split_lines
from descan.corpus.formats.rows import AMOUNT_COLUMNS, COUNT_COLUMNS, Block, Row
from descan.errors import InputError, quote
from descan.storage.paths import open_file, read_range

COMMA = ","
DELIMITERS = (";", "\t", "|", COMMA)
"""In this order where several could part the first line: names of columns hold commas rather than the others."""

MAX_COLUMNS = 16_384
"""As many as a spreadsheet has."""

_SEPARATOR_LINE = re.compile(r'"?sep=([;,|\t])"?\r?\n?', re.IGNORECASE)
"""The first line by which Excel is told the delimiter."""

_LONE_RETURN = "new-line character seen in unquoted field"
"""What the csv module says of it."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def find_delimiter(path: Path) -> str:
    """Return what parts the columns of a file in UTF-8, by its first line; a comma where nothing does.

    The first line alone decides, because descriptions are full of commas and semicolons.
    """
    with open_file(path) as file:
        first = next(iter(Lines(split_lines(file, path), path)), "")
    if named := _SEPARATOR_LINE.fullmatch(first):
        return named[1]
    sniffer = csv.Sniffer()
    sniffer.preferred = list(DELIMITERS)
    try:
        return sniffer.sniff(first, delimiters="".join(DELIMITERS)).delimiter
    except csv.Error:
        return COMMA


def csv_columns(path: Path, delimiter: str = COMMA) -> list[str]:
    """Return the columns that the header of a CSV file names."""
    with open_file(path) as file:
        return list(_Records(Lines(split_lines(file, path), path), path, delimiter=delimiter).parse_header())


def stream_csv(path: Path, delimiter: str = COMMA) -> Iterator[Row]:
    """Stream the rows of a CSV file in UTF-8 with a header; every row must have as many cells as the header."""
    with open_file(path) as file:
        records = _Records(Lines(split_lines(file, path), path), path, delimiter=delimiter)
        header = records.parse_header()
        for line, cells in records:
            yield Row(line, _parse_cells(header, cells))


def load_csv_block(block: Block) -> Iterator[Row]:
    """Load the rows of a block."""
    raw = io.BytesIO(read_range(block.path, block.start, block.end))
    lines = Lines(raw, block.path, block.first_line)
    for line, cells in _Records(lines, block.path, block.first_line, block.header):
        yield Row(line, _parse_cells(block.header, cells))


def cut_csv(path: Path, n_rows: int) -> Iterator[Block]:
    """Cut a CSV file every `n_rows` rows; a row may have several lines."""
    with open_file(path) as file:
        lines = Lines(split_lines(file, path), path)
        records = _Records(lines, path)
        header = records.parse_header()
        start, line, row, n = lines.n_bytes, records.next_line, 0, 0
        for n, _ in enumerate(records, start=1):
            if n - row == n_rows:
                yield Block(path, start, lines.n_bytes, line, records.next_line - 1, row, lines.n_bytes, header=header)
                start, line, row = lines.n_bytes, records.next_line, n
        if n > row:
            yield Block(path, start, lines.n_bytes, line, records.next_line - 1, row, lines.n_bytes, header=header)


def check_width(names: Sequence[str], path: Path, line: int | None = None) -> None:
    """Check that a table has not too many columns.

    Raises:
        InputError: If it has.
    """
    if len(names) > MAX_COLUMNS:
        raise InputError(path, f"has {len(names):,} columns; at most {MAX_COLUMNS:,} are allowed", line)


def check_header(names: list[str], path: Path) -> None:
    """Check that no two columns have one name, and that there are not too many.

    Raises:
        InputError: If it is otherwise.
    """
    check_width(names, path, 1)
    for name, n in Counter(names).items():
        if name and n > 1:
            raise InputError(path, f"column {quote(name)} occurs twice; every column needs its own name", 1)


class _Records:
    """Lists of cells, each with the line where it begins.

    Attributes:
        next_line: The line after those parsed so far.
    """

    def __init__(
        self, lines: Lines, path: Path, first_line: int = 1, header: Sequence[str] = (), *, delimiter: str = COMMA
    ) -> None:
        csv.field_size_limit(MAX_LINE_BYTES)
        self.next_line = first_line
        self._reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
        self._n_lines_before = first_line - 1
        self._header = list(header)
        self._n_columns = len(header)
        self._path = path
        self._delimiter = delimiter

    def parse_header(self) -> tuple[str, ...]:
        """Parse the first line, which names the columns."""
        names = self._parse()
        if names and _SEPARATOR_LINE.fullmatch(self._delimiter.join(names)):
            names = self._parse()
        if names is None:
            raise InputError(self._path, "is empty; the first line must name the columns")
        check_header(names, self._path)
        self._n_columns, self._header = len(names), names
        return tuple(names)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while True:
            line = self.next_line
            cells = self._parse()
            if cells is None:
                return
            if not cells:
                continue
            if len(cells) != self._n_columns:
                found = f"{len(cells)} cells; the header has {self._n_columns}, so must every row"
                raise InputError(self._path, found, line)
            if cells == self._header:
                raise InputError(self._path, "the header occurs twice; remove the second", line)
            yield line, cells

    def _parse(self) -> list[str] | None:
        try:
            cells = next(self._reader, None)
        except csv.Error as error:
            if _LONE_RETURN in str(error):
                raise InputError(
                    self._path, "lines end in CR alone; save it with LF or CRLF", self.next_line
                ) from error
            problem = f'not CSV: {error}; quote a cell with " and double a quote in it'
            raise InputError(self._path, problem, self.next_line) from error
        self.next_line = self._n_lines_before + self._reader.line_num + 1
        return cells


def _parse_cells(header: tuple[str, ...], cells: list[str]) -> dict[str, object]:
    return {name: parse_cell(name, cell) for name, cell in zip(header, cells, strict=True)}


def parse_cell(column: str, cell: str) -> object:
    """Return the value of a cell: None if it is empty, a number where the column has numbers."""
    if not cell:
        return None
    if column in COUNT_COLUMNS and _WHOLE.fullmatch(cell):
        return int(cell)
    if column in AMOUNT_COLUMNS and _DECIMAL.fullmatch(cell):
        return float(cell)
    return cell
