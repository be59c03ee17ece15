"""Values of a row, checked: every table is checked here, so that the same mistake gives the same message."""

import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from pathlib import Path

from descan.errors import InputError, quote

MAX_AMOUNT = 1e12
"""More seconds or dollars are a mistake, and their sums would not be exact."""

MAX_REPEAT = 2**31 - 1
_MAX_COUNT = 2**63 - 1
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def parse_name(cells: Mapping[str, object], column: str, path: Path, line: int | None) -> str:
    """Return an identifier such as an item_id: a string that is not blank and has no control characters."""
    value = cells.get(column)
    if value is None:
        raise InputError(path, f"{column} is missing; every row needs one", line)
    if isinstance(value, date | time | timedelta):
        raise InputError(path, f"{column} {quote(str(value))} is a date or time; make the column text", line)
    if isinstance(value, float) and value.is_integer():
        raise InputError(path, f"{column} {quote(value)} is too large to be exact; make the column text", line)
    if not isinstance(value, str):
        raise InputError(path, f"{column} {quote(value)} is not a string; use a string", line)
    if not value.strip():
        raise InputError(path, f"{column} is blank; every row needs one", line)
    if _NOT_IN_NAMES.search(value):
        raise InputError(path, f"{column} {quote(value)} holds a control character; use printable text", line)
    return value


def parse_count(cells: Mapping[str, object], column: str, path: Path, line: int) -> int | None:
    """Return a whole number, 0 or more, or None for an empty cell."""
    value = cells.get(column)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    limit = MAX_REPEAT if column in ("repeat", "judge_repeat") else _MAX_COUNT
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= limit:
        raise InputError(path, f"{column} {quote(value)} is not allowed; use a whole number from 0", line)
    return value


def parse_amount(cells: Mapping[str, object], column: str, path: Path, line: int) -> float | None:
    """Return a finite number, 0 or more, or None for an empty cell."""
    value = cells.get(column)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MAX_AMOUNT:
        allowed = f"use a number from 0 to {MAX_AMOUNT:g}"
        raise InputError(path, f"{column} {quote(value)} is not allowed; {allowed}", line)
    return float(value)
