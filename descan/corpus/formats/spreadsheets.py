"""Rows of the sheets of Excel and OpenDocument files."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from descan.corpus.formats.csv_files import check_header, parse_cell
from descan.corpus.formats.rows import Row
from descan.corpus.formats.spreadsheet_checks import check_spreadsheet
from descan.errors import InputError, explain_os_error, quote


def load_sheet(path: Path, sheet: str | None) -> tuple[list[str], list[Row], str]:
    """Load the columns and the rows of a sheet: the one named, or the only one that has rows and is not hidden.

    Formulas count by the values that the program stored beside them.

    Returns:
        The columns, the rows, and what is to be said of how they were read.

    Raises:
        InputError: If the file is not a spreadsheet, has a password or is too large, or several sheets may be meant.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    has_errors = check_spreadsheet(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            hidden = {found.name for found in workbook.sheets_metadata if found.visible != SheetVisibleEnum.Visible}
            names = _named(workbook.sheet_names, sheet, hidden, path)
            sheets = {name: workbook.get_sheet_by_name(name) for name in names}
            filled = {name: found for name, found in sheets.items() if found.end is not None and found.end[0] > 0}
            if len(filled) > 1:
                raise InputError(path, f"has several sheets with rows; name one with --sheet: {_join(list(filled))}")
            chosen = next(iter(filled.values()), next(iter(sheets.values())))
            columns, rows = _table(chosen.to_python(skip_empty_area=False), path)
            return columns, rows, "cells with errors such as #N/A are empty" if has_errors else ""
    except CalamineError as error:
        raise InputError(
            path, f"not readable as a spreadsheet: {quote(str(error))}; save it again, or as CSV"
        ) from error
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error


def _named(names: list[str], sheet: str | None, hidden: set[str], path: Path) -> list[str]:
    if sheet is None:
        return [name for name in names if name not in hidden] or names
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
            problem = f"column {n} has cells but no name"
            raise InputError(path, f"{problem}; use one header row, without a title or merged cells above", n_header)
    return names, [Row(n, dict(_cells(names, cells))) for n, cells in filled[1:]]


def _cells(names: Sequence[str], cells: Sequence[object]) -> Iterator[tuple[str, object]]:
    for name, cell in zip(names, cells, strict=False):
        if name:
            yield name, parse_cell(name, cell) if isinstance(cell, str) else cell


def _join(names: Sequence[str]) -> str:
    return ", ".join(map(quote, names[:12]))
