"""Which columns of a bare table are read: in any case of letters, with suggestions for what is missing."""

import re
import shlex
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from descan.corpus.annotators import DISTRIBUTION_COLUMN, is_annotator
from descan.corpus.formats import ColumnNames
from descan.corpus.formats.nested import find_path, root_of
from descan.corpus.formats.rows import AMOUNT_COLUMNS, COUNT_COLUMNS, PARAMS_COLUMN, PROMPT_COLUMNS
from descan.corpus.tables import Table
from descan.errors import InputError, quote

EMPTY_WORDS = frozenset({"", "nan", "NaN", "None"})
"""What programs write into an empty cell."""

FIXED_COLUMNS = (
    *("mode", "status", "language", *COUNT_COLUMNS, *AMOUNT_COLUMNS, *PROMPT_COLUMNS, PARAMS_COLUMN),
    *("group", "media", DISTRIBUTION_COLUMN),
)
"""Columns that are read under these names, without an option."""
_OPTIONS = {"item_id": "--id-column", "annotators": "--annotator-columns"}
_IN_PYTHON = {"item_id": "item"}
_N_NAMED = 12
_MAX_EXACT = 2**53
"""Beyond it whole numbers are rounded in a float, so that two ids may become one."""


@dataclass(frozen=True, slots=True)
class FoundColumns:
    """The columns of a table that are read.

    Attributes:
        names: The names as the table spells them; those of columns that it has not, as they were asked for.
        has: Which of the columns the table has, as the fields of `names`.
        annotators: The columns of annotators.
        nested: Which of the names are paths to what is nested in a column.
        renamed: Name in the table -> column of descan, where a column with a fixed name is in another case.
        unread_columns: The columns of which nothing is read.
        unread_paths: The paths that are not read.
        is_frame: The table is a frame, so messages name options as Python does.
    """

    names: ColumnNames
    has: frozenset[str]
    annotators: tuple[str, ...]
    nested: tuple[str, ...]
    renamed: Mapping[str, str]
    unread_columns: tuple[str, ...]
    unread_paths: tuple[str, ...]
    is_frame: bool

    @property
    def wanted(self) -> tuple[str, ...]:
        """All columns that are read, where the table has them."""
        return (*astuple(self.names), *FIXED_COLUMNS, *self.annotators)

    def suggest(self, field: str) -> str:
        """Return which column may be meant by one that is missing, for people; empty if none may be."""
        name = self._find_likely(field)
        return (
            "" if name is None else f"column {quote(name)} found: {name_column(field, name, in_python=self.is_frame)}"
        )

    def suggest_options(self) -> list[str]:
        """Return the options for all columns that are missing and may be meant."""
        likely = {field.name: self._find_likely(field.name) for field in fields(self.names)}
        return [
            name_column(field, name, in_python=self.is_frame)
            for field, name in likely.items()
            if field not in self.has and name is not None
        ]

    def _find_likely(self, field: str) -> str | None:
        """Return the first column of a likely name that holds nothing nested, or the first path that ends in one."""
        flat = (name for name in self.unread_columns if not self._holds_paths(name))
        return find_likely_column(field, (*flat, *self.unread_paths))

    def _holds_paths(self, name: str) -> bool:
        return any(path.startswith(f"{name}.") for path in self.unread_paths)


def find_columns(table: Table, asked: ColumnNames) -> FoundColumns:
    """Find the columns of a bare table.

    Raises:
        InputError: If several columns differ only in case.
    """
    present, paths, path = table.columns, table.paths, table.path
    single = [field.name for field in fields(asked) if field.name != "annotators"]
    found = {field: _find(getattr(asked, field), present, path, field) for field in single}
    nested = {
        field: inner
        for field, name in found.items()
        if name is None and (inner := find_path(getattr(asked, field), paths)) is not None
    }
    found |= nested
    others = {found[field] for field in single if field != "gold"}
    annotators = [name for name in present if name not in others and is_annotator(name, asked.annotators)]
    is_read = {*found.values(), *annotators, *table.roots_read, *(root_of(inner, present) for inner in nested.values())}
    unread = [name for name in present if name not in is_read and name not in FIXED_COLUMNS]
    renamed = dict[str, str]()
    for fixed in FIXED_COLUMNS:
        if fixed not in found and fixed not in present and (name := _find(fixed, unread, path, "")) is not None:
            renamed[name] = fixed
    unread = [name for name in unread if name not in renamed and name]
    missing = [field for field, name in found.items() if name is None]
    return FoundColumns(
        names=replace(asked, **{field: name for field, name in found.items() if name is not None}),
        has=frozenset(found) - {*missing} | frozenset(["annotators"] * bool(annotators)),
        annotators=tuple(annotators),
        nested=tuple(nested.values()),
        renamed=renamed,
        unread_columns=tuple(unread),
        unread_paths=tuple(inner for inner in paths if inner not in found.values()),
        is_frame=table.is_frame,
    )


def name_columns(table: Table) -> str:
    """Return the columns of a table's file for a message, with what is nested in them in their place."""
    columns = table.columns_of_file or table.columns
    roots = {root_of(path, table.columns) for path in table.paths}
    return join_names([*(name for name in columns if name not in roots), *table.paths]) or "none"


def name_column(field: str, name: str, *, in_python: bool = False) -> str:
    """Return the option that names a column of a table, as it is given on the command line or in Python."""
    if in_python:
        return f"{_IN_PYTHON.get(field, field)}={name!r}"
    option = _OPTIONS.get(field, f"--{field}-column")
    return f"{option} {shlex.quote(name)}".rstrip()


def find_likely_column(field: str, names: Iterable[str]) -> str | None:
    """Return the first of some columns or paths that may be meant by a column of descan."""
    likely = {*_likely_columns()[field], field}
    return next((name for name in names if {_fold(name), _fold(name.rpartition(".")[2])} & likely), None)


def bare_cells(
    cells: Mapping[str, object], columns: ColumnNames, annotators: Collection[str] = ()
) -> dict[str, object]:
    """Return the cells of a row of a bare table: empty words as None, whole numbers that stand for names as strings."""
    named = (columns.item_id, columns.gold, columns.label, columns.model, "group", "media", *annotators)
    return {name: _bare_cell(value, name in named) for name, value in cells.items()}


def _bare_cell(value: object, is_name: bool) -> object:
    if isinstance(value, str):
        return None if value in EMPTY_WORDS or (is_name and not value.strip()) else value
    if isinstance(value, float):
        if value != value:
            return None
        return str(int(value)) if is_name and value.is_integer() and abs(value) <= _MAX_EXACT else value
    return str(value) if is_name and isinstance(value, int) and not isinstance(value, bool) else value


def _find(name: str, present: Sequence[str], path: Path, field: str) -> str | None:
    if name in present:
        return name
    similar = [column for column in present if is_named(column, name)]
    if len(similar) > 1:
        ask = f"name one with {name_column(field, similar[0])}" if field else "rename all but one"
        raise InputError(path, f"columns {join_names(similar)} differ only in case; {ask}")
    return similar[0] if similar else None


def is_named(column: str, name: str) -> bool:
    """Return whether a column of a table has this name, in any case."""
    return column.strip().casefold() == name.casefold()


def _fold(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.strip().casefold()).strip("_")


@cache
def _likely_columns() -> Mapping[str, Sequence[str]]:
    content = (files("descan.corpus") / "likely_columns.toml").read_text(encoding="utf-8")
    likely: Mapping[str, Sequence[str]] = tomllib.loads(content)
    return likely


def join_names(names: Sequence[str]) -> str:
    """Return the first names of many, for a message."""
    more = f" and {len(names) - _N_NAMED} more" if len(names) > _N_NAMED else ""
    return ", ".join(map(quote, names[:_N_NAMED])) + more
