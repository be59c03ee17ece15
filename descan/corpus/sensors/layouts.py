"""How each sensor and each set of coded faces lays out its files; frames without a face are left out."""

import csv
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from descan.corpus.formats import stream_rows
from descan.corpus.sensors.frames import Frame, Value
from descan.corpus.witnesses import MAX_INTENSITY
from descan.errors import InputError, quote
from descan.lexicon.entries import FacsFile
from descan.lexicon.files import lexicon_path, read_yaml
from descan.storage.paths import open_file

_OPENFACE = re.compile(r"AU([0-9]{2})_([cr])")
_PYFEAT = re.compile(r"AU([0-9]{1,2})")
_LIBREFACE = re.compile(r"au_([0-9]{1,2})(_intensity)?", re.IGNORECASE)
_DISFA = re.compile(r"(.+?)_au([0-9]{1,2})", re.IGNORECASE)
_CKPLUS = re.compile(r"(.+?)_facs", re.IGNORECASE)
_LEAST_CONFIDENCE = 0.8
"""What OpenFace calls a success has at least about so much."""

_UNKNOWN = 9
"""A unit of BP4D that could not be coded."""

_LETTERS = 5
"""CK+ has the intensities 1 to 5, and 0 where it was not scored."""


class Layout(NamedTuple):
    """How a witness writes.

    Attributes:
        witness: Its usual name.
        suffixes: Of its files.
        read: Yields the frames of a file.
        has_columns: Whether these columns are those of the layout; None if its files have no header.
        has_name: Whether a file name without suffix is one of the layout.
    """

    witness: str
    suffixes: tuple[str, ...]
    read: Callable[[Path], Iterator[Frame]]
    has_columns: Callable[[frozenset[str]], bool] | None
    has_name: Callable[[str], bool]


def _rows(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield line and cells of a table; OpenFace has a space behind each comma."""
    for row in stream_rows(path, None, also=()):
        yield row.line, {name.strip(): cell for name, cell in row.cells.items()}


def _number(cells: Mapping[str, object], column: str, path: Path, line: int) -> float | None:
    value = cells.get(column)
    if value is None or not str(value).strip():
        return None
    try:
        number = float(str(value))
    except ValueError:
        raise InputError(path, f"{column} {quote(value)} is no number", line) from None
    return None if math.isnan(number) else number


def _parse_units(
    cells: Mapping[str, object], kinds: Mapping[str, tuple[int, str]], path: Path, line: int
) -> dict[int, Value]:
    """Return the units of a row, by the kind of value that each column has; intensities say more than presence."""
    found: dict[int, Value] = {}
    for column, (unit, kind) in kinds.items():
        number = _number(cells, column, path, line)
        if number is not None and (unit not in found or kind == "present"):
            most = MAX_INTENSITY if kind == "intensity" else 1.0
            found[unit] = Value(kind, min(max(number, 0.0), most))
    return found


def _stem(value: object, otherwise: str) -> str:
    """Return the name of a file from a path of any system."""
    name = str(value or "").replace("\\", "/").rpartition("/")[2]
    return name.rpartition(".")[0] or name or otherwise


def _read_openface(path: Path) -> Iterator[Frame]:
    for line, cells in _rows(path):
        matches = {column: _OPENFACE.fullmatch(column) for column in cells}
        kinds = {c: (int(m[1]), "present" if m[2] == "c" else "intensity") for c, m in matches.items() if m}
        confidence = _number(cells, "confidence", path, line)
        success = _number(cells, "success", path, line)
        is_found = success != 0 if success is not None else (confidence or 0) >= _LEAST_CONFIDENCE
        if is_found:
            number = _number(cells, "frame", path, line)
            face = cells.get("face_id", cells.get("face"))
            units = _parse_units(cells, kinds, path, line)
            intensities = [
                _number(cells, column, path, line) or 0.0 for column, m in matches.items() if m and m[2] == "r"
            ]
            total = sum(intensities) if intensities else None
            yield Frame(path.stem, int(number or 1), str(face or 0), confidence or 0.0, units, total)


def _read_pyfeat(path: Path) -> Iterator[Frame]:
    seen: dict[tuple[str, int], int] = {}
    for line, cells in _rows(path):
        kinds = {column: (int(m[1]), "probability") for column in cells if (m := _PYFEAT.fullmatch(column))}
        units = _parse_units(cells, kinds, path, line)
        if units and _number(cells, "FaceScore", path, line) != 0:
            source = _stem(cells.get("input"), path.stem)
            number = int(_number(cells, "frame", path, line) or 0)
            place = seen[source, number] = seen.get((source, number), -1) + 1
            yield Frame(source, number, str(place), _number(cells, "FaceScore", path, line) or 0.0, units)


def _read_libreface(path: Path) -> Iterator[Frame]:
    for line, cells in _rows(path):
        matches = {column: _LIBREFACE.fullmatch(column) for column in cells}
        kinds = {c: (int(m[1]), "intensity" if m[2] else "present") for c, m in matches.items() if m}
        units = _parse_units(cells, kinds, path, line)
        if units:
            number = _number(cells, "frame_idx", path, line)
            yield Frame(path.stem, int(number or 0), "0", 1.0, units)


def _read_disfa(path: Path) -> Iterator[Frame]:
    """Read one unit of a recording: a frame and an intensity a line."""
    name = _DISFA.fullmatch(path.stem)
    if name is None:
        raise InputError(path, "is not named like SN001_au12.txt")
    with open_file(path) as file:
        for line, raw in enumerate(file, start=1):
            text = raw.decode("utf-8", "replace").strip()
            parts = [part.strip() for part in text.split(",")]
            if not text:
                continue
            if len(parts) != 2 or not all(part.isdigit() for part in parts) or int(parts[1]) > MAX_INTENSITY:
                raise InputError(path, f"{quote(text)} is no frame and intensity, such as 12,3", line)
            yield Frame(name[1], int(parts[0]), "0", 1.0, {int(name[2]): Value("intensity", float(parts[1]))})


def _read_bp4d(path: Path) -> Iterator[Frame]:
    """Read the units of a recording: a header of units, and a frame a line."""
    with open_file(path) as file:
        rows = csv.reader(raw.decode("utf-8", "replace") for raw in file)
        units = [int(cell) if cell.strip().isdigit() else 0 for cell in next(rows, [])[1:]]
        for line, cells in enumerate(rows, start=2):
            if not cells:
                continue
            codes = [cell.strip() for cell in cells]
            if len(codes) != len(units) + 1 or not all(code.isdigit() for code in codes):
                raise InputError(path, f"must have a frame and {len(units)} codes (0, 1 or 9 for unknown)", line)
            found = {
                unit: Value("present", float(int(code) > 0))
                for unit, code in zip(units, codes[1:], strict=True)
                if unit and int(code) != _UNKNOWN
            }
            yield Frame(path.stem, int(codes[0]), "0", 1.0, found)


def _read_ckplus(path: Path) -> Iterator[Frame]:
    """Read the units of a picture: a unit and an intensity a line; all other units are not shown."""
    name = _CKPLUS.fullmatch(path.stem)
    if name is None:
        raise InputError(path, "is not named like S005_001_00000011_facs.txt")
    found = {unit: Value("present", 0.0) for unit in read_yaml(lexicon_path("facs.yaml"), FacsFile).units}
    with open_file(path) as file:
        for line, raw in enumerate(file, start=1):
            text = raw.decode("utf-8", "replace")
            try:
                numbers = [float(part) for part in text.split()]
            except ValueError:
                numbers = [math.nan]
            if not numbers:
                continue
            if len(numbers) != 2 or not 1 <= numbers[0] <= 98 or not 0 <= numbers[1] <= _LETTERS:
                raise InputError(path, f"{quote(text.strip())} is no unit and intensity, such as 12 3", line)
            found[int(numbers[0])] = Value("present", 1.0)
    yield Frame(name[1], 0, "0", 1.0, found)


def _has(pattern: re.Pattern[str], *others: str) -> Callable[[frozenset[str]], bool]:
    return lambda columns: any(map(pattern.fullmatch, columns)) and all(name in columns for name in others)


def _is_any(_: str) -> bool:
    return True


LAYOUTS: Mapping[str, Layout] = {
    "openface": Layout("OpenFace", (".csv",), _read_openface, _has(_OPENFACE), _is_any),
    "pyfeat": Layout("py-feat", (".csv",), _read_pyfeat, _has(_PYFEAT, "FaceScore"), _is_any),
    "libreface": Layout("LibreFace", (".csv",), _read_libreface, _has(_LIBREFACE), _is_any),
    "disfa": Layout("FACS coder", (".txt",), _read_disfa, None, lambda name: bool(_DISFA.fullmatch(name))),
    "ckplus": Layout("FACS coder", (".txt",), _read_ckplus, None, lambda name: bool(_CKPLUS.fullmatch(name))),
    "bp4d": Layout(
        "FACS coder", (".csv",), _read_bp4d, lambda columns: all(name.isdigit() for name in columns), _is_any
    ),
}
"""By the name of the format."""
