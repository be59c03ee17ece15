"""Printed tables as files: LaTeX with booktabs, Markdown, CSV and a workbook."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from textwrap import wrap
from types import MappingProxyType

from descan.errors import SetupError
from descan.report.paper.tables import PaperCell, PaperTable
from descan.storage.safe_csv import write_csv

WORKBOOK = "tables.xlsx"
"""The workbook has a sheet for each table."""

_MAX_SHEET_NAME = 31

_HEAD_LETTERS = 12
"""A longer heading of LaTeX has several lines."""

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


def write_tables(tables: Sequence[PaperTable], formats: Sequence[TableFormat], folder: Path) -> None:
    """Write tables in formats: `NAME.tex`, `NAME.md` and `NAME.csv` each, and `tables.xlsx` for all.

    Args:
        tables: What to write.
        formats: How.
        folder: Created if needed.

    Raises:
        SetupError: If a workbook is asked for and openpyxl is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for form in formats:
        if form is TableFormat.XLSX:
            _write_workbook(tables, folder / WORKBOOK)
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
    lines = [
        "% \\usepackage{booktabs}",
        "\\begin{table}[tbp]",
        "\\centering\\small\\setlength{\\tabcolsep}{4pt}",
        f"\\caption{{{escape_latex(table.caption)}}}",
        f"\\label{{tab:{table.name.replace('_', '-')}}}",
        f"\\begin{{tabular}}{{{columns}}}",
        "\\toprule",
        _join_latex([_latex_head(head) for head in table.head]),
        "\\midrule",
        between.join(_join_latex([_latex_cell(cell) for cell in row]) for row in table.rows),
        "\\bottomrule",
        "\\end{tabular}",
        "\\end{table}",
    ]
    _write(folder / f"{table.name}.tex", lines)


def _join_latex(cells: Sequence[str]) -> str:
    return " & ".join(cells) + _LINE_BREAK.rstrip()


def _latex_head(head: str) -> str:
    lines = [escape_latex(line) for line in wrap(head, _HEAD_LETTERS, break_long_words=False)]
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


def _write_workbook(tables: Sequence[PaperTable], path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.name[:_MAX_SHEET_NAME])

        def cell(text: str, *, is_bold: bool = False, sheet: object = sheet) -> object:
            made = WriteOnlyCell(sheet, text)
            made.data_type = "s"  # A name that begins with "=" is no formula.
            made.font = Font(bold=is_bold)
            return made

        sheet.append([cell(table.caption)])
        sheet.append([cell(head, is_bold=True) for head in table.head])
        for row in table.rows:
            sheet.append([cell(str(each), is_bold=each.is_best) for each in row])
    book.save(path)


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


_WRITERS: Mapping[TableFormat, Callable[[PaperTable, Path], None]] = MappingProxyType(
    {TableFormat.LATEX: _write_latex, TableFormat.MARKDOWN: _write_markdown, TableFormat.CSV: _write_csv}
)
