"""Printed tables as files: LaTeX with booktabs, Markdown, CSV and a workbook."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from textwrap import wrap
from types import MappingProxyType
from typing import Any, NamedTuple

from descan.errors import SetupError
from descan.report.paper.tables import Kind, PaperCell, PaperTable
from descan.report.wording import DASH
from descan.storage.safe_csv import write_csv

WORKBOOK = "tables.xlsx"
"""The workbook of all tables."""

_MAX_SHEET_NAME = 31
_MAX_WIDTH = 60
"""Of a column of a sheet, in letters."""

_PRINTED = "printed"
"""Ends the name of a sheet that has a table as it is printed."""

_HEAD_LETTERS = 12
"""A longer heading of LaTeX has several lines."""

_PAGE_LINES = 40
"""A table of more lines goes on over pages; a row with intervals has two."""

_LINE_BREAK = r" \\ "

_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": "$<$",
        ">": "$>$",
        "\N{MINUS SIGN}": "$-$",
        "\N{EN DASH}": "--",
    }
)


class TableFormat(StrEnum):
    """A format of printed tables."""

    LATEX = "latex"
    MARKDOWN = "markdown"
    CSV = "csv"
    XLSX = "xlsx"


def write_tables(tables: Sequence[PaperTable], formats: Sequence[TableFormat], digits: int, folder: Path) -> None:
    """Write tables in formats: `NAME.tex`, `NAME.md` and `NAME.csv` each, and `tables.xlsx` for all.

    Args:
        tables: What to write.
        formats: How.
        digits: Decimals of percentages that a workbook shows.
        folder: Created if needed.

    Raises:
        SetupError: If a workbook is asked for and openpyxl is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for form in formats:
        if form is TableFormat.XLSX:
            _write_workbook(tables, digits, folder / WORKBOOK)
            continue
        for table in tables:
            _WRITERS[form](table, folder)


def check_formats(formats: Sequence[TableFormat]) -> None:
    """Check before the work that what a format needs is installed.

    Raises:
        SetupError: If it is not.
    """
    if TableFormat.XLSX in formats:
        try:
            import openpyxl  # noqa: F401
        except ImportError:
            raise SetupError("a workbook needs openpyxl: pip install 'descan[excel]'") from None


def escape_latex(text: str) -> str:
    """Return a text in which LaTeX reads no command; the minus sign and comparisons are in mathematics."""
    return text.translate(_LATEX)


def _write_latex(table: PaperTable, folder: Path) -> None:
    columns = "l" * table.n_keys + "r" * (len(table.head) - table.n_keys)
    between = "\n\\addlinespace\n" if any(cell.interval for row in table.rows for cell in row) else "\n"
    head = _join_latex([_latex_head(head) for head in table.head])
    rows = between.join(_join_latex([_latex_cell(cell) for cell in row]) for row in table.rows)
    label = f"tab:{table.name.replace('_', '-')}"
    if sum(2 if any(cell.interval for cell in row) else 1 for row in table.rows) > _PAGE_LINES:
        lines = [
            "% \\usepackage{booktabs,longtable}",
            "\\begingroup\\small\\setlength{\\tabcolsep}{4pt}",
            f"\\begin{{longtable}}{{{columns}}}",
            f"\\caption{{{escape_latex(table.caption)}}}\\label{{{label}}} \\\\",
            *("\\toprule", head, "\\midrule", "\\endfirsthead"),
            *("\\toprule", head, "\\midrule", "\\endhead"),
            *("\\bottomrule", "\\endfoot"),
            rows,
            "\\end{longtable}",
            "\\endgroup",
        ]
        _write(folder / f"{table.name}.tex", lines)
        return
    lines = [
        "% \\usepackage{booktabs}",
        "\\begin{table}[tbp]",
        "\\centering\\small\\setlength{\\tabcolsep}{4pt}",
        f"\\caption{{{escape_latex(table.caption)}}}",
        f"\\label{{{label}}}",
        f"\\begin{{tabular}}{{{columns}}}",
        "\\toprule",
        head,
        "\\midrule",
        rows,
        "\\bottomrule",
        "\\end{tabular}",
        "\\end{table}",
    ]
    _write(folder / f"{table.name}.tex", lines)


def _join_latex(cells: Sequence[str]) -> str:
    return " & ".join(cells) + _LINE_BREAK.rstrip()


def wrap_head(head: str) -> list[str]:
    """Return the lines of a heading of LaTeX."""
    return wrap(head, _HEAD_LETTERS, break_long_words=False)


def _latex_head(head: str) -> str:
    lines = [escape_latex(line) for line in wrap_head(head)]
    return rf"\shortstack{{{_LINE_BREAK.join(lines)}}}" if len(lines) > 1 else "".join(lines)


def _latex_cell(cell: PaperCell) -> str:
    """Return a cell with its interval below the number, so that a table of five columns fits a page."""
    text = escape_latex(cell.text)
    if text.startswith("["):  # LaTeX would take it for the length of the line break before it.
        text = f"{{{text}}}"
    text = rf"\textbf{{{text}}}" if cell.is_best else text
    if not cell.interval:
        return text
    lines = rf"{text} \\[-2pt] {{\scriptsize {escape_latex(cell.interval)}}}"
    return rf"\begin{{tabular}}[t]{{@{{}}r@{{}}}}{lines}\end{{tabular}}"


def _write_markdown(table: PaperTable, folder: Path) -> None:
    rule = ["---"] * table.n_keys + ["--:"] * (len(table.head) - table.n_keys)
    lines = [
        f"**{table.caption}**",
        "",
        _join_markdown([escape_markdown(head) for head in table.head]),
        _join_markdown(rule),
        *(_join_markdown([_markdown_cell(cell) for cell in row]) for row in table.rows),
    ]
    _write(folder / f"{table.name}.md", lines)


def _join_markdown(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escape_markdown(text: str) -> str:
    """Return a text in which Markdown reads no markup."""
    return "".join(f"\\{letter}" if letter in r"\`*_[]<>|#" else letter for letter in text)


def _markdown_cell(cell: PaperCell) -> str:
    text = escape_markdown(str(cell))
    return f"**{text}**" if cell.is_best else text


def _write_csv(table: PaperTable, folder: Path) -> None:
    write_csv(folder / f"{table.name}.csv", table.head, ([str(cell) for cell in row] for row in table.rows))


def _write_workbook(tables: Sequence[PaperTable], digits: int, path: Path) -> None:
    """Write a sheet of numbers for each table, then one of what is printed where that is more, then the captions."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    formats = _number_formats(digits)
    for table in tables:
        head, rows = _spread_intervals(table, formats)
        _add_sheet(book, table.name, head, rows)
    printed = [table for table in tables if any(kind is not Kind.PLAIN for kind in table.kinds)]
    for table in printed:
        rows = [[_SheetCell(str(cell), cell.is_best) for cell in row] for row in table.rows]
        _add_sheet(book, f"{table.name} {_PRINTED}", table.head, rows)
    captions = [[_SheetCell(table.name), _SheetCell(table.caption)] for table in tables]
    _add_sheet(book, "captions", ["Table", "Caption"], captions)
    book.save(path)


class _SheetCell(NamedTuple):
    value: str | int | float | None
    is_bold: bool = False
    number_format: str = "General"


def _number_formats(digits: int) -> Mapping[Kind, str]:
    """Return how a spreadsheet shows the numbers of each kind; their values have all decimals."""
    decimals = f".{'0' * digits}" if digits else ""
    return {
        Kind.SHARE: f"0{decimals}%",
        Kind.POINTS: f"+0{decimals}%;-0{decimals}%;0{decimals}%",
        Kind.COEFFICIENT: f"0.{'0' * (digits + 2)}",
        Kind.P: '[<0.001]"<0.001";0.000',
        Kind.NUMBER: f"0.{'0' * max(digits, 1)}",
    }


def _spread_intervals(table: PaperTable, formats: Mapping[Kind, str]) -> tuple[list[str], list[list[_SheetCell]]]:
    """Return the head and the cells of a table whose intervals have columns of their own."""
    has_ends = [any(row[place].ends is not None for row in table.rows) for place in range(len(table.head))]
    head: list[str] = []
    for name, is_wide in zip(table.head, has_ends, strict=True):
        head += [name, f"{name} low", f"{name} high"] if is_wide else [name]
    rows: list[list[_SheetCell]] = []
    for row in table.rows:
        cells: list[_SheetCell] = []
        for cell, kind, is_wide in zip(row, table.kinds, has_ends, strict=True):
            shown = (
                "#,##0" if kind is Kind.COUNT and cell.value == int(cell.value or 0) else formats.get(kind, "General")
            )
            words = cell.text if kind is Kind.PLAIN and cell.text != DASH else None
            cells.append(_SheetCell(words if cell.value is None else cell.value, cell.is_best, shown))
            if is_wide:
                cells += [_SheetCell(end, number_format=shown) for end in cell.ends or (None, None)]
        rows.append(cells)
    return head, rows


def _add_sheet(book: Any, name: str, head: Sequence[str], rows: Sequence[Sequence[_SheetCell]]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name[:_MAX_SHEET_NAME])
    sheet.freeze_panes = "A2"
    for place, title in enumerate(head):
        texts = [title, *(row[place].value for row in rows if isinstance(row[place].value, str))]
        sheet.column_dimensions[get_column_letter(place + 1)].width = (
            min(max(map(len, map(str, texts))), _MAX_WIDTH) + 2
        )
    for row in [[_SheetCell(title, is_bold=True) for title in head], *rows]:
        cells = []
        for value, is_bold, number_format in row:
            cell = WriteOnlyCell(sheet, value)
            if isinstance(value, str):
                cell.data_type = "s"  # A name that begins with "=" is no formula.
            cell.font = Font(bold=is_bold)
            cell.number_format = number_format
            cells.append(cell)
        sheet.append(cells)


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


_WRITERS: Mapping[TableFormat, Callable[[PaperTable, Path], None]] = MappingProxyType(
    {TableFormat.LATEX: _write_latex, TableFormat.MARKDOWN: _write_markdown, TableFormat.CSV: _write_csv}
)
