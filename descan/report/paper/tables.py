"""Tables as a paper prints them: models as rows, shares with intervals, the best in bold."""

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import takewhile
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.wording import DASH, p_value, percent, spell
from descan.terminal import plain

DEFAULT_TABLES = ("verdicts", "scores", "support", "contrasts", "modes", "models")
"""What is printed unless others are asked for."""

_NAMES = ("model", "model_a", "model_b", "models", "item_id", "excerpt", "excerpts", "reply")
"""Columns with the words of others."""

_MINUS = "\N{MINUS SIGN}"
_BOUNDS_MARK = "*"


Number = int | float


@dataclass(frozen=True, slots=True)
class PaperCell:
    """A cell: what is printed, and the numbers behind it.

    Attributes:
        text: A number or words.
        interval: Of the number, if it has one.
        is_best: Whether it is the best of its column.
        value: The number; None where the cell has words, or nothing.
        ends: The ends of the interval, if it has one.
    """

    text: str
    interval: str = ""
    is_best: bool = False
    value: Number | None = None
    ends: tuple[Number, Number] | None = None

    def __str__(self) -> str:
        """Return both on one line."""
        return f"{self.text} {self.interval}".rstrip()


class Kind(StrEnum):
    """What the numbers of a column are; shares and points are parts of 1, as in the tables of the analysis."""

    PLAIN = "plain"
    COUNT = "count"
    SHARE = "share"
    COEFFICIENT = "coefficient"
    POINTS = "points"
    P = "p"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A printed table.

    Attributes:
        name: Of its file.
        caption: Says what the numbers are.
        head: Of each column.
        rows: The cells. Shape: (n_rows, n_columns).
        n_keys: Columns at the left that say what a row is.
        kinds: What the numbers of each column are.
    """

    name: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[PaperCell]]
    n_keys: int
    kinds: Sequence[Kind]


_NOTHING = (PaperCell(DASH), math.nan)


class _Column(BaseModel):
    """A column of a section of tables.toml; one of the kinds names the column of the source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    head: str
    text: str = ""
    count: str = ""
    share: str = ""
    score: str = ""
    points: str = ""
    p: str = ""
    number: str = ""
    bounds: str = ""
    coefficient: bool = False
    where: dict[str, str] = {}
    best: Literal["", "highest", "lowest"] = ""

    @property
    def kind(self) -> Kind:
        """What its numbers are."""
        if self.coefficient:
            return Kind.COEFFICIENT
        named = {
            Kind.COUNT: self.count,
            Kind.SHARE: self.share or self.score,
            Kind.POINTS: self.points,
            Kind.P: self.p,
            Kind.NUMBER: self.number,
        }
        return next((kind for kind, source in named.items() if source), Kind.PLAIN)

    @property
    def source(self) -> str:
        """The column of the source."""
        return self.text or self.count or self.share or self.score or self.points or self.p or self.number


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    caption: str
    source: str
    keys: dict[str, str]
    where: dict[str, str] = {}
    where_not: dict[str, str] = {}
    columns: list[_Column] = Field(default=[])
    best_within: list[str] = []
    spread: str = ""
    share: str = ""
    bounds: str = ""


def printable_tables(tables: AnalysisTables) -> list[str]:
    """Return the names of all tables that can be printed: those of tables.toml, then the others of the analysis."""
    others = (path.stem for path in sorted((tables.folder / "tables").glob("*.csv")))
    return [*_sections(), *(name for name in others if name not in _sections())]


def print_table(name: str, tables: AnalysisTables, digits: int) -> PaperTable:
    """Return a table as a paper prints it.

    Args:
        name: Of `printable_tables`.
        tables: The analysis.
        digits: Decimals of percentages.
    """
    section = _sections().get(name)
    if section is None:
        return _print_whole(name, tables)
    words = {
        "confidence": f"{100 * tables.confidence:g}%",
        "margin": f"{100 * tables.margin:g}",
        "support": tables.support,
    }
    rows = [
        row
        for row in tables.rows(section.source)
        if all(str(row[column]) == value.format(**words) for column, value in section.where.items())
        and all(str(row[column]) != value for column, value in section.where_not.items())
    ]
    columns = _spread(section, rows) if section.spread else section.columns
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(str(row[column]) for column in section.keys.values()), []).append(row)
    lines: list[list[PaperCell]] = []
    values: list[list[tuple[tuple[str, ...], float]]] = [[] for _ in columns]
    has_bounds = False
    for key, found in groups.items():
        cells = []
        for place, column in enumerate(columns):
            cell = next((row for row in found if _agrees(row, column.where)), None)
            made, value = _NOTHING if cell is None else _format(cell, column, digits, tables.min_coverage)
            has_bounds |= made.text.endswith(_BOUNDS_MARK)
            within = tuple(str(found[0][name]) for name in section.best_within)
            values[place].append((within, value))
            cells.append(made)
        heads = (_words(name, part) for name, part in zip(section.keys.values(), key, strict=True))
        lines.append([*map(PaperCell, heads), *cells])
    for place, column in enumerate(columns):
        for line in _find_best(values[place], column.best):
            at = len(section.keys) + place
            lines[line][at] = replace(lines[line][at], is_best=True)
    caption = section.caption.format(**words)
    if has_bounds:
        caption += f" {_BOUNDS_MARK} Bounds: fewer than {percent(tables.min_coverage)} of the answers name a category."
    head = [*section.keys, *(column.head for column in columns)]
    kinds = [*(Kind.PLAIN for _ in section.keys), *(column.kind for column in columns)]
    return PaperTable(name, caption, head, lines, len(section.keys), kinds)


def _spread(section: _Section, rows: Iterable[Row]) -> list[_Column]:
    """Return a column for each value of the column that is spread."""
    return [
        _Column(head=value, share=section.share, bounds=section.bounds, where={section.spread: value})
        for value in dict.fromkeys(str(row[section.spread]) for row in rows)
    ]


def _agrees(row: Row, where: Mapping[str, str]) -> bool:
    return all(str(row[name]) == value for name, value in where.items())


def _format(row: Row, column: _Column, digits: int, min_coverage: float) -> tuple[PaperCell, float]:
    """Return a cell and the value that competes for the best one, NaN where none does."""
    value: Any = row[column.source]
    if column.text:
        return PaperCell(spell(value) or DASH), math.nan
    if column.score and not row["coverage"] >= min_coverage:
        bounds = _print_interval(_ends(row, f"{column.score}_all", f"{column.score}_best"), digits)
        return PaperCell(f"{bounds}{_BOUNDS_MARK}") if bounds else _NOTHING[0], math.nan
    if value != value:
        return _NOTHING
    if column.count:
        return PaperCell(format_count(value), value=value), float(value)
    if column.number:
        return PaperCell(f"{value:.{max(digits, 1)}f}", value=value), float(value)
    if column.p:
        return PaperCell(p_value(value).removeprefix("p = ").removeprefix("p "), value=value), float(value)
    sign = "+" if column.points else ""
    bounds = column.bounds or column.score
    ends = _ends(row, f"{bounds}_low", f"{bounds}_high") if bounds else None
    printed = PaperCell(_percentage(value, digits, sign), _print_interval(ends, digits, sign), value=value, ends=ends)
    return printed, round(100 * float(value), digits)


def format_count(n: float) -> str:
    """Return a count; one that is averaged over repeats has a decimal."""
    return f"{int(n):,}" if n == int(n) else f"{n:,.1f}"


def _percentage(share: float, digits: int, sign: str = "") -> str:
    rounded = round(100 * share, digits) + 0.0
    return f"{rounded:{sign if rounded else ''}.{digits}f}".replace("-", _MINUS)


def _ends(row: Row, low_name: str, high_name: str) -> tuple[Number, Number] | None:
    """Return two columns of a row as the ends of an interval, or None where it has none."""
    low, high = row.get(low_name, math.nan), row.get(high_name, math.nan)
    return (low, high) if low == low and high == high else None


def _print_interval(ends: tuple[Number, Number] | None, digits: int, sign: str = "") -> str:
    return "" if ends is None else f"[{', '.join(_percentage(end, digits, sign) for end in ends)}]"


def _find_best(values: Sequence[tuple[tuple[str, ...], float]], best: str) -> Iterator[int]:
    """Yield the places of the best values of each group of rows; a group of one has none."""
    if not best:
        return
    for within in dict.fromkeys(group for group, _ in values):
        found = [(place, value) for place, (group, value) in enumerate(values) if group == within and value == value]
        if len(found) < 2:
            continue
        end = (max if best == "highest" else min)(value for _, value in found)
        yield from (place for place, value in found if value == end)


def _print_whole(name: str, tables: AnalysisTables) -> PaperTable:
    """Return a table with all its columns, numbers with up to three significant decimals."""
    from pandas.api.types import is_numeric_dtype

    frame = tables[name]
    rows = [
        [PaperCell(_words(name, value), value=_number(value)) for name, value in zip(frame.columns, row, strict=True)]
        for row in frame.itertuples(index=False)
    ]
    caption, head = f"All columns of tables/{name}.csv.", [spell(column) for column in frame.columns]
    n_keys = sum(1 for _ in takewhile(lambda column: not is_numeric_dtype(frame[column]), frame.columns))
    return PaperTable(name, caption, head, rows, n_keys, [Kind.PLAIN for _ in head])


def _number(value: object) -> Number | None:
    """Return a number, and None for words and what is not defined."""
    return value if isinstance(value, int | float) and value == value else None


def _words(column: str, value: object) -> str:
    """Return a value of a column; models and items keep the names that they have."""
    if isinstance(value, float):
        return DASH if math.isnan(value) else f"{value:.4g}".replace("-", _MINUS)
    return (plain(str(value)) if column in _NAMES else spell(value)) or DASH


@cache
def _sections() -> Mapping[str, _Section]:
    content = files("descan.report.paper").joinpath("tables.toml").read_text(encoding="utf-8")
    return {name: _Section.model_validate(section) for name, section in tomllib.loads(content).items()}
