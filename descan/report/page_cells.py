"""Cells and tables of the page, and the addresses of the cases behind a number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from descan.report.wording import number, spell

MOST_ROWS = 15
"""Rows a model has in the tables of actions and terms; the CSVs have all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell of a table shows.

    Attributes:
        text: Its words or number.
        note: Smaller words below, such as an interval.
        link: The filter of the page that lists its cases, as an address, or "".
        hint: What the link is called where the text alone says too little.
        level: Shade, 0 to 4.
        span: A change between its bounds, as low, change and high from -100 to 100, which is drawn; or nothing.
    """

    text: str
    note: str = ""
    link: str = ""
    hint: str = ""
    level: int = 0
    span: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first `n_heads` cells of a row are its heading; a matrix is narrow and shaded."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    n_heads: int = 1
    is_matrix: bool = False


def line(*cells: str | Cell) -> list[Cell]:
    """Return a row of a table; a text is a cell without more."""
    return [Cell(cell) if isinstance(cell, str) else cell for cell in cells]


def link(n: int, where: Mapping[str, str], note: str = "") -> Cell:
    """Return a number that leads to its cases, with smaller words below; 0 leads nowhere."""
    hint = f"{number(n)}: {', '.join(map(spell, where.values()))}"
    return Cell(number(n), note, address(where) if n else "", hint)


def address(where: Mapping[str, str]) -> str:
    """Return the address of the cases that have these values; filter.js reads it."""
    return f"#{urlencode(where)}"
