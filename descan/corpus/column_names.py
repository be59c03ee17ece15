"""Which columns of a bare table are read: in any case of letters, with suggestions for what is missing."""

import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from descan.corpus.formats import ColumnNames
from descan.corpus.formats.rows import ANSWER_COLUMNS
from descan.errors import InputError, quote, without_credentials

EMPTY_WORDS = frozenset({"nan", "NaN", "None"})
"""What programs write into an empty cell."""

_OPTIONS: Mapping[str, str] = {"item_id": "--id-column"}
_FIXED = tuple(dict.fromkeys((*ANSWER_COLUMNS, "group", "media")))
_N_NAMED = 12


@dataclass(frozen=True, slots=True)
class FoundColumns:
    """The columns of a table that are read.

    Attributes:
        names: The names as the table spells them.
        renamed: Name in the table -> column of descan, where a column with a fixed name is in another case.
        notes: What is not read, and what may be meant by it, a sentence each.
    """

    names: ColumnNames
    renamed: Mapping[str, str]
    notes: tuple[str, ...]


def find_columns(present: Sequence[str], asked: ColumnNames, path: Path) -> FoundColumns:
    """Find the columns of a bare table.

    Args:
        present: The columns that it has.
        asked: Those to look for; a table must have every one that is renamed, and a text or a label.
        path: For messages.

    Raises:
        InputError: If a column is missing, or several differ only in case.
    """
    found = {field.name: _find(getattr(asked, field.name), present, path, field.name) for field in fields(asked)}
    is_read = {name for name in found.values() if name is not None}
    unread = [name for name in present if name not in is_read and name not in _FIXED]
    for field in fields(asked):
        name = getattr(asked, field.name)
        is_needed = name != field.default or (field.name == "text" and found["label"] is None)
        if is_needed and found[field.name] is None:
            hint = "".join(f"; {suggestion}" for suggestion in _suggest(field.name, unread))
            raise InputError(path, f"no column {quote(name)}; the columns are {_join(present)}{hint}")
    renamed = dict[str, str]()
    for fixed in _FIXED:
        if fixed not in found and fixed not in present and (name := _find(fixed, unread, path, "")) is not None:
            renamed[name] = fixed
    unread = [name for name in unread if name not in renamed and name]
    missing = [field for field, name in found.items() if name is None]
    names = replace(asked, **{field: name for field, name in found.items() if name is not None})
    return FoundColumns(names, renamed, tuple(_notes(unread, missing, without_credentials(path))))


def bare_cells(cells: Mapping[str, object], columns: ColumnNames) -> dict[str, object]:
    """Return the cells of a row of a bare table: empty words as None, whole numbers that stand for names as strings."""
    named = (columns.item_id, columns.gold, columns.label, columns.model)
    return {name: _bare_cell(value, name in named) for name, value in cells.items()}


def _bare_cell(value: object, is_name: bool) -> object:
    if isinstance(value, str):
        return None if value in EMPTY_WORDS else value
    if isinstance(value, float):
        if value != value:
            return None
        return str(int(value)) if is_name and value.is_integer() else value
    return str(value) if is_name and isinstance(value, int) and not isinstance(value, bool) else value


def _find(name: str, present: Sequence[str], path: Path, field: str) -> str | None:
    if name in present:
        return name
    similar = [column for column in present if column.strip().casefold() == name.casefold()]
    if len(similar) > 1:
        ask = f"name one with {_OPTIONS.get(field, f'--{field}-column')}" if field else "rename all but one"
        raise InputError(path, f"columns {_join(similar)} differ only in case; {ask}")
    return similar[0] if similar else None


def _notes(unread: Sequence[str], missing: Sequence[str], where: str) -> Iterator[str]:
    if unread:
        yield f"{where}: columns not read: {_join(unread)}"
    for field in missing:
        for suggestion in _suggest(field, unread):
            yield f"{where}: no column {field}; {suggestion}"


def _suggest(field: str, unread: Iterable[str]) -> Iterator[str]:
    """Yield the first column that may be meant."""
    likely = {*_likely_columns()[field], field}
    for name in unread:
        if re.sub(r"[\W_]+", "_", name.strip().casefold()).strip("_") in likely:
            yield f"column {quote(name)} found: {_OPTIONS.get(field, f'--{field}-column')} {shlex.quote(name)}"
            return


@cache
def _likely_columns() -> Mapping[str, Sequence[str]]:
    content = (files("descan.corpus") / "likely_columns.toml").read_text(encoding="utf-8")
    likely: Mapping[str, Sequence[str]] = tomllib.loads(content)
    return likely


def _join(names: Sequence[str]) -> str:
    more = f" and {len(names) - _N_NAMED} more" if len(names) > _N_NAMED else ""
    return ", ".join(map(quote, names[:_N_NAMED])) + more
