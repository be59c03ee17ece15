"""Values of a row, checked: every reader of files asks here, so that all complain alike."""

import re
from collections.abc import Mapping
from pathlib import Path

from descan.emotions import Emotion
from descan.errors import InputError, quoted

_MAX_REPEAT = 2**31 - 1
_MAX_COUNT = 2**63 - 1
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CATEGORIES = {emotion.casefold(): emotion.value for emotion in Emotion}


def read_name(cells: Mapping[str, object], column: str, path: Path, line: int | None) -> str:
    """Give an identifier such as an item_id: a string that is not blank and has no control characters."""
    value = cells.get(column)
    if value is None:
        raise InputError(path, f"{column} is missing; every row needs one", line)
    if not isinstance(value, str):
        raise InputError(path, f"{column} {quoted(value)} is not a string; use a string", line)
    if not value.strip():
        raise InputError(path, f"{column} is blank; every row needs one", line)
    if _NOT_IN_NAMES.search(value):
        raise InputError(path, f"{column} {quoted(value)} holds a control character; use printable text", line)
    return value


def read_count(cells: Mapping[str, object], column: str, path: Path, line: int) -> int | None:
    """Give a whole number, 0 or more, or None where there is none."""
    value = cells.get(column)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    limit = _MAX_REPEAT if column == "repeat" else _MAX_COUNT
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= limit:
        raise InputError(path, f"{column} {quoted(value)} is not allowed; use a whole number from 0", line)
    return value


MAX_AMOUNT = 1e12
"""More seconds or dollars than that are a mistake, and would not fit the sums."""


def read_amount(cells: Mapping[str, object], column: str, path: Path, line: int) -> float | None:
    """Give a finite number, 0 or more, or None where there is none."""
    value = cells.get(column)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MAX_AMOUNT:
        allowed = f"use a number from 0 to {MAX_AMOUNT:g}"
        raise InputError(path, f"{column} {quoted(value)} is not allowed; {allowed}", line)
    return float(value)


def read_gold(
    cells: Mapping[str, object], column: str, aliases: Mapping[str, str], path: Path, line: int
) -> str | None:
    """Give the category that a gold cell names, in any case or by an alias, or None where it is empty.

    Args:
        cells: The row.
        column: The column that holds the gold label.
        aliases: Other spellings, case-folded, with their category.
        path: The file, for the message of an error.
        line: The line, for the message of an error.
    """
    value = cells.get(column)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError(path, f"{column} {quoted(value)} is not a string; use {_allowed(aliases)}", line)
    spelled = value.strip().casefold()
    if not spelled:
        return None
    category = _CATEGORIES.get(spelled) or aliases.get(spelled)
    if category is None:
        raise InputError(path, f"{column} {quoted(value)} is unknown; use {_allowed(aliases)}", line)
    return category


def category_named(name: str) -> str | None:
    """Give the category with this name in any case, or None."""
    return _CATEGORIES.get(name.strip().casefold())


def _allowed(aliases: Mapping[str, str]) -> str:
    suffix = ", a label of corpus.toml" if aliases else ""
    return f"one of {', '.join(Emotion)}{suffix}, or leave it empty"
