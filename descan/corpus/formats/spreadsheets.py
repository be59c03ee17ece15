"""Rows of the sheets of Excel and OpenDocument files."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import ParseError, iterparse

from descan.corpus.formats.csv_files import check_header, parse_cell
from descan.corpus.formats.rows import Row
from descan.errors import InputError, explain_os_error, quote

MAX_CELLS = 20_000_000
"""So many take about 2 GB."""

MAX_UNPACKED_BYTES = 2_000_000_000

_ENCRYPTED = b"\xd0\xcf\x11\xe0"
_CHUNK = 1 << 20
_CONTENT = "content.xml"
"""The sheets of an OpenDocument file."""
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_VALUE_TYPE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"
_REFERENCE = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})"')


def load_sheet(path: Path, sheet: str | None) -> tuple[list[str], list[Row]]:
    """Load the columns and the rows of a sheet: the one named, or the only one that has rows.

    Formulas count by the values that the program stored beside them.

    Raises:
        InputError: If the file is no spreadsheet, has a password or is too large, or several sheets may be meant.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _check_size(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            sheets = {name: workbook.get_sheet_by_name(name) for name in _named(workbook.sheet_names, sheet, path)}
            filled = {name: found for name, found in sheets.items() if found.total_height > 1}
            if len(filled) > 1:
                raise InputError(path, f"has several sheets with rows; name one with --sheet: {_join(list(filled))}")
            chosen = next(iter(filled.values()), next(iter(sheets.values())))
            return _table(chosen.to_python(skip_empty_area=False), path)
    except CalamineError as error:
        raise InputError(
            path, f"not readable as a spreadsheet: {quote(str(error))}; save it again, or as CSV"
        ) from error
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error


def _named(names: list[str], sheet: str | None, path: Path) -> list[str]:
    if sheet is None:
        return names
    if sheet not in names:
        raise InputError(path, f"no sheet {quote(sheet)}; the sheets are {_join(names)}")
    return [sheet]


def _table(lines: Sequence[Sequence[object]], path: Path) -> tuple[list[str], list[Row]]:
    filled = [(n, cells) for n, cells in enumerate(lines, start=1) if any(cell != "" for cell in cells)]
    if not filled:
        raise InputError(path, "is empty; the first line must name the columns")
    n_header, header = filled[0]
    names = [str(cell).strip() for cell in header]
    while names and not names[-1] and all(cells[len(names) - 1] == "" for _, cells in filled):
        names.pop()
    check_header(names, path)
    for n, name in enumerate(names, start=1):
        if not name and any(cells[n - 1] != "" for _, cells in filled):
            problem = f"column {n} has cells but no name; use one header row without merged cells"
            raise InputError(path, problem, n_header)
    return names, [Row(n, dict(_cells(names, cells))) for n, cells in filled[1:]]


def _cells(names: Sequence[str], cells: Sequence[object]) -> Iterator[tuple[str, object]]:
    for name, cell in zip(names, cells, strict=False):
        if name:
            yield name, parse_cell(name, cell) if isinstance(cell, str) else cell


def _check_size(path: Path) -> None:
    """Refuse what would not fit in memory, before it is decoded: a library that runs out of memory ends the process."""
    try:
        with path.open("rb") as file:
            if file.read(4) == _ENCRYPTED:
                raise InputError(path, "has a password, or is an old .xls; save it without one, as .xlsx or CSV")
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
                raise InputError(path, f"unpacks to more than {MAX_UNPACKED_BYTES // 10**9} GB; save it as CSV")
            for member in members:
                if member.filename.startswith("xl/worksheets/"):
                    _check_extent(path, *_extent_in_excel(archive, member))
                elif member.filename == _CONTENT:
                    _check_extent(path, *_extent_in_open_document(archive, member))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ParseError, ValueError) as error:
        # NotImplementedError and RuntimeError: an archive that is packed or encrypted in a way that Python cannot undo.
        raise InputError(path, f"is no spreadsheet: {quote(str(error))}; use .xlsx, .ods or CSV") from error


def _check_extent(path: Path, n_rows: int, n_columns: int) -> None:
    """Refuse a sheet with cells far apart: every cell between them takes memory."""
    if n_rows * n_columns > MAX_CELLS:
        found = f"a sheet spans {n_rows:,} rows and {n_columns:,} columns"
        raise InputError(
            path, f"{found}; at most {MAX_CELLS:,} cells are allowed: remove stray cells, or save it as CSV"
        )


def _extent_in_excel(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    """Return the last row and the last column that any cell has."""
    n_columns = n_rows = 0
    rest = b""
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            for column, row in _REFERENCE.findall(rest + chunk):
                n_rows = max(n_rows, int(row))
                n_columns = max(n_columns, _column_number(column))
            rest = chunk[-16:]
    return n_rows, n_columns


def _extent_in_open_document(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    """Return the last row and the last column that a cell with content has; cells and rows may be repeated."""
    n_columns = n_rows = row = column = last_column = 0
    with archive.open(member) as file:
        for event, element in iterparse(file, ("start", "end")):
            name = element.tag.removeprefix(_TABLE)
            if event == "start":
                if name == "table":
                    row = 0
                elif name == "table-row":
                    column = last_column = 0
            elif name in ("table-cell", "covered-table-cell"):
                column += int(element.get(f"{_TABLE}number-columns-repeated", "1"))
                last_column = column if len(element) or element.get(_VALUE_TYPE) else last_column
            elif name == "table-row":
                row += int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                if last_column:
                    n_rows, n_columns = max(n_rows, row), max(n_columns, last_column)
                element.clear()
    return n_rows, n_columns


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _join(names: Sequence[str]) -> str:
    return ", ".join(map(quote, names[:12]))
