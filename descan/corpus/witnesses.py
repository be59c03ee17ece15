"""Witnesses: who says which action units a face really shows, from `witnesses.csv` and the like."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from descan.corpus.formats import stream_rows
from descan.corpus.values import parse_name
from descan.errors import InputError, OptionError, quote

ITEM_COLUMNS = ("item_id", "witness", "action_unit")
MAX_INTENSITY = 5.0
"""FACS has the intensities A to E."""

MAX_UNIT = 98
VALUES = {"present": 1.0, "intensity": MAX_INTENSITY, "probability": 1.0}
"""Column -> its greatest value; the least is 0."""

_COLUMNS = (*ITEM_COLUMNS, *VALUES, "side")
_SIDES = {"": "", "left": "left", "right": "right", "l": "left", "r": "right", "both": ""}
_BOOLEANS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
_NOTHING = ("", "nan", "na")
_UNIT = re.compile(r"(?:au)?[\s_]*([lr])?0*([0-9]{1,2})([lr])?", re.IGNORECASE)
_BLOCK_ROWS = 100_000


class Witnessed(NamedTuple):
    """What a witness says of one unit on one item; one of the three values is not None.

    Attributes:
        side: `left` or `right` where the unit is on that side alone, else nothing.
        present: 0 or 1.
        intensity: 0 to 5.
        probability: 0 to 1.
    """

    item_id: str
    witness: str
    action_unit: int
    side: str
    present: float | None
    intensity: float | None
    probability: float | None


def stream_witnesses(
    paths: Sequence[Path], item_ids: Collection[str], left_out: Counter[str]
) -> Iterator[list[Witnessed]]:
    """Stream what witnesses say, in blocks.

    A row has `item_id, witness, action_unit` and one of `present` (0 or 1), `intensity` (0 to 5) and `probability` (0
    to 1); `side` (left or right) may be there, too. A row without a value says nothing, as of a frame in which no face
    was found.

    Args:
        paths: CSV, JSON Lines or Parquet files.
        item_ids: The items; rows of others are left out.
        left_out: Is given how many rows are left out, by reason.

    Raises:
        InputError: If a column is missing, or a value is not allowed.
    """
    rows = (row for path in paths for row in _stream_file(path, item_ids, left_out))
    while block := list(islice(rows, _BLOCK_ROWS)):
        yield block


def check_coder(paths: Sequence[Path], coder: str) -> None:
    """Refuse a coder who is none of the witnesses; files are read only as far as the coder's first row.

    Args:
        paths: CSV, JSON Lines or Parquet files with a column `witness`.
        coder: The name that a witness must have.

    Raises:
        OptionError: If there is no such witness.
        InputError: If a file cannot be read.
    """
    names = set[str]()
    for path in paths:
        for row in stream_rows(path, None, also=_COLUMNS):
            name = row.cells.get("witness")
            if name == coder:
                return
            names.add(str(name))
    allowed = f"use one of {', '.join(map(quote, sorted(names)))}" if names else "the corpus has no witnesses"
    raise OptionError("coder", f"{quote(coder)} is no witness; {allowed}")


def _stream_file(path: Path, item_ids: Collection[str], left_out: Counter[str]) -> Iterator[Witnessed]:
    is_first = True
    for row in stream_rows(path, None, also=_COLUMNS):
        if is_first:
            _check_columns(row.cells, path)
            is_first = False
        item_id = parse_name(row.cells, "item_id", path, row.line)
        witness = parse_name(row.cells, "witness", path, row.line)
        unit, side = _parse_unit(row.cells, path, row.line)
        values = {column: _parse_value(row.cells, column, path, row.line) for column in VALUES}
        given = [column for column, value in values.items() if value is not None]
        if len(given) > 1:
            raise InputError(path, f"{' and '.join(given)} are both given; give one of them", row.line)
        if item_id not in item_ids:
            left_out["witnesses_of_unknown_items"] += 1
        elif not given:
            left_out["witnesses_without_value"] += 1
        else:
            yield Witnessed(item_id, witness, unit, side, **values)


def _check_columns(cells: Mapping[str, object], path: Path) -> None:
    missing = [column for column in ITEM_COLUMNS if column not in cells]
    if missing or not any(column in cells for column in VALUES):
        problem = f"no column {', '.join(missing or VALUES)}; the columns are {', '.join(map(quote, cells))}"
        allowed = "use item_id, witness, action_unit and one of present, intensity and probability"
        raise InputError(path, f"{problem}; {allowed}", 1)


def _parse_unit(cells: Mapping[str, object], path: Path, line: int) -> tuple[int, str]:
    """Return the unit and its side, such as 12 and `left` of `L12`."""
    value = cells["action_unit"]
    found = _UNIT.fullmatch(str(value).strip()) if isinstance(value, int | str) else None
    if found is None or not 1 <= int(found[2]) <= MAX_UNIT or (found[1] and found[3]):
        raise InputError(path, f"action_unit {quote(value)} is not allowed; use a number such as 12, or AU12", line)
    named = (found[1] or found[3] or "").lower()
    side = cells.get("side")
    said = str(side or "").strip().lower()
    if said not in _SIDES:
        raise InputError(path, f"side {quote(side)} is not allowed; use left or right, or leave it empty", line)
    if named and said and _SIDES[named] != _SIDES[said]:
        raise InputError(path, f"action_unit {quote(value)} has another side than {quote(side)}; give one side", line)
    return int(found[2]), _SIDES[named or said]


def _parse_value(cells: Mapping[str, object], column: str, path: Path, line: int) -> float | None:
    """Return a value; None where there is none, also NaN, which sensors give where they find no face."""
    value = cells.get(column)
    if value is None or str(value).strip().lower() in _NOTHING:
        return None
    number = _to_number(value)
    if 0 <= number <= VALUES[column] and (column != "present" or number in (0, 1)):
        return number
    allowed = "0 or 1" if column == "present" else f"a number from 0 to {VALUES[column]:g}"
    raise InputError(path, f"{column} {quote(value)} is not allowed; use {allowed}", line)


def _to_number(value: object) -> float:
    """Return a number; -1 for what is none."""
    if isinstance(value, str):
        word = value.strip().lower()
        try:
            return _BOOLEANS[word] if word in _BOOLEANS else float(word)
        except ValueError:
            return -1.0
    return float(value) if isinstance(value, int | float) else -1.0
