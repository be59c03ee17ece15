"""Text, tables and lists in the terminal, for any width."""

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from descan.report.wording import bracket
from descan.terminal import plain

_MIN_NAME = 20
"""Columns of a terminal that the name of a row gets at least, if it is that long, before a table becomes a list."""


def print_table(
    console: Console, rows: Mapping[str, Sequence[tuple[str, str]]], columns: Sequence[str], heading: str = "model"
) -> bool:
    """Print a row for each name, with intervals below numbers, or a list for each where the terminal is narrow.

    Args:
        console: Where to print.
        rows: Name of a row -> its cells, each a number and its interval, or "".
        columns: What stands above the cells.
        heading: What stands above the names.

    Returns:
        Whether it is a table.
    """
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="")
    table.add_column(heading, overflow="fold")
    for column in columns:
        table.add_column(column.replace(" ", "\n"), justify="right")
    for model, cells in rows.items():
        table.add_row(Text(plain(model)), *("\n".join(cell).rstrip() for cell in cells))
    longest = max(len(plain(model)) for model in rows)
    width = console.measure(table, options=console.options.update(width=10_000)).maximum
    if width - max(0, longest - _MIN_NAME) <= console.width:
        console.print(table)
        return True
    for model, cells in rows.items():
        print_text(console, plain(model), style="bold")
        values = (f"{value} {bracket(bounds)}".rstrip() for value, bounds in cells)
        print_terms(console, dict(zip(columns, values, strict=True)))
    return False


def print_terms(console: Console, meanings: Mapping[str, str]) -> None:
    """Print terms, each with its meaning beside it."""
    width = max(map(len, meanings), default=0) + 2
    for term, meaning in meanings.items():
        lines = Text(meaning).wrap(console, max(console.width - width, 1))
        for line in lines:
            line.rstrip()
        print_text(console, f"{term:<{width}}" + f"\n{'':<{width}}".join(line.plain for line in lines))


def print_text(console: Console, text: str, style: str = "") -> None:
    """Print a text without reading markup in it."""
    console.print(Text(text, style=style))
