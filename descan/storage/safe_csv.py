"""CSV cells that are safe to open: models and items name themselves, so their text is not trusted."""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TextIO

Cell = str | int | float | Decimal | None

_DECIMALS = 6

_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A spreadsheet runs a cell that starts so; the last four are their full-width forms."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    r"""Write a table as UTF-8 with `\n` line ends.

    Args:
        path: The file; what was there is replaced.
        columns: The header. Length: n_columns.
        rows: The cells as values, made text by `format_cell`. Shape: (n_rows, n_columns).
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        _write_rows(file, [columns])
        _write_rows(file, rows)


def format_rows(rows: Iterable[Sequence[Cell]]) -> str:
    """Return the lines of rows, their cells made text by `format_cell`."""
    buffer = io.StringIO()
    _write_rows(buffer, rows)
    return buffer.getvalue()


def _write_rows(file: TextIO, rows: Iterable[Sequence[Cell]]) -> None:
    csv.writer(file, lineterminator="\n").writerows([format_cell(value) for value in row] for row in rows)


def format_cell(value: Cell) -> str:
    r"""Return the text of one cell.

    Numbers stay numbers, fractions with six decimals, but a Decimal, which is a number of items, has none where it is
    whole; None and NaN, both undefined, are empty. Text that a spreadsheet would run gets a single quote before it, and
    control and bidi characters show as escapes (a tab as `\x09`).
    """
    if value is None:
        return ""
    if isinstance(value, str):
        text = _CONTROL.sub(_escape, value)
        return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
    if isinstance(value, int) or (isinstance(value, Decimal) and value == int(value)):
        return str(int(value))
    if not math.isfinite(value):
        return ""
    return repr(round(float(value), _DECIMALS) + 0.0)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
