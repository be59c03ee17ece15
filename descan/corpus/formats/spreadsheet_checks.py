"""What would make a spreadsheet unreadable, found before it is decoded.

A library that runs out of memory ends the process. Spreadsheets are archives of XML: ECMA-376 for Excel, OASIS
OpenDocument 1.3.
"""

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol
from xml.parsers.expat import ExpatError, ParserCreate

from descan.errors import InputError, quote

MAX_CELLS = 20_000_000
"""So many take about 2 GB."""

MAX_CHARACTERS = 500_000_000
"""In all cells together; a text that many cells share counts for each."""

MAX_UNPACKED_BYTES = 2_000_000_000

_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0"
"""An encrypted file begins so, and an .xls."""
_MANIFEST = "META-INF/manifest.xml"
_ENCRYPTION = b"encryption-data"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

_Attributes = Mapping[str, str]


class _Reader(Protocol):
    """Reads the XML of one sheet."""

    def start(self, tag: str, attributes: _Attributes) -> None:
        """Read a start tag; names are without their namespaces."""

    def end(self, tag: str) -> None:
        """Read an end tag."""

    def text(self, text: str) -> None:
        """Read some text."""


def check_spreadsheet(path: Path) -> bool:
    """Check that a spreadsheet can be decoded.

    Returns:
        Whether cells hold errors such as `#N/A`.

    Raises:
        InputError: If it is not a spreadsheet, has a password, would take too much memory, or has a formula without a
            stored value.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) == _OLE:
                raise InputError(path, "has a password, or is an old .xls; save it without one, as .xlsx or CSV")
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
                raise InputError(path, f"unpacks to more than {MAX_UNPACKED_BYTES // 10**9} GB; save it as CSV")
            if _MANIFEST in archive.namelist() and _ENCRYPTION in archive.read(_MANIFEST):
                raise InputError(path, "has a password; save it without one")
            total = _Total(path)
            for root in ("sst", "worksheet", "document-content"):
                for member in members:
                    _read(archive, member, root, total)
            return total.has_errors
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        # NotImplementedError and RuntimeError: an archive that is packed or encrypted in a way that Python cannot undo.
        raise InputError(path, f"is not a spreadsheet: {quote(str(error))}; use .xlsx, .ods or CSV") from error


class _Total:
    """What the sheets hold so far.

    Attributes:
        lengths: Of the texts that cells share.
        has_errors: A cell holds one.
    """

    def __init__(self, path: Path) -> None:
        self.lengths: list[int] = []
        self.has_errors = False
        self._path = path
        self._n_characters = 0

    def reader(self, root: str) -> "_Reader":
        makers: Mapping[str, Callable[[_Total], _Reader]] = {
            "sst": _SharedTexts,
            "worksheet": _ExcelSheet,
            "document-content": _OpenDocument,
        }
        return makers[root](self)

    def check_extent(self, n_rows: int, n_columns: int) -> None:
        """Refuse a sheet with cells far apart: every cell between them takes memory."""
        if n_rows * n_columns > MAX_CELLS:
            found = f"a sheet spans {n_rows:,} rows and {n_columns:,} columns"
            advice = f"at most {MAX_CELLS:,} cells are allowed: remove stray cells, or save it as CSV"
            raise InputError(self._path, f"{found}; {advice}")

    def add_characters(self, n: int) -> None:
        self._n_characters += n
        if self._n_characters > MAX_CHARACTERS:
            problem = f"its cells hold more than {MAX_CHARACTERS:,} characters; save it as CSV"
            raise InputError(self._path, problem)

    def refuse_formula(self, place: str) -> None:
        problem = f"{place} has a formula without a value; open it in a spreadsheet program and save it again"
        raise InputError(self._path, problem)


class _OtherRootError(Exception):
    """The XML is not of the kind that is looked for."""


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, root: str, total: _Total) -> None:
    reader = total.reader(root)
    is_started = False
    parser = ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def start(name: str, attributes: _Attributes) -> None:
        nonlocal is_started
        tag = name.rpartition(" ")[2]
        if not is_started and tag != root:
            raise _OtherRootError
        is_started = True
        reader.start(tag, attributes)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: reader.end(name.rpartition(" ")[2])
    parser.CharacterDataHandler = reader.text
    try:
        with archive.open(member) as file:
            while chunk := file.read(_CHUNK):
                parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except _OtherRootError:
        return
    except ExpatError as error:
        if is_started:
            raise ValueError(f"{member.filename}: {error}") from error


class _SharedTexts:
    """The texts that cells of an Excel file share."""

    def __init__(self, total: _Total) -> None:
        self._total = total

    def start(self, tag: str, _: _Attributes) -> None:
        if tag == "si":
            self._total.lengths.append(0)

    def end(self, tag: str) -> None:
        """Nothing ends with a tag."""

    def text(self, text: str) -> None:
        if self._total.lengths:
            self._total.lengths[-1] += len(text)


class _ExcelSheet:
    """A sheet of an Excel file: cells `c` with a place `r`, a type `t`, a formula `f` and a value `v`."""

    def __init__(self, total: _Total) -> None:
        self._total = total
        self._n_rows = self._n_columns = self._n_cells = 0
        self._cell: _Attributes = {}
        self._has_formula = False
        self._is_value = False
        self._value = ""

    def start(self, tag: str, attributes: _Attributes) -> None:
        if tag == "c":
            self._cell, self._has_formula, self._value = attributes, False, ""
            self._n_cells += 1
            if place := _REFERENCE.fullmatch(attributes.get("r", "")):
                self._n_rows = max(self._n_rows, int(place[2]))
                self._n_columns = max(self._n_columns, _column_number(place[1]))
            self._total.check_extent(max(self._n_rows, 1), max(self._n_columns, 1))
            self._total.check_extent(self._n_cells, 1)
        elif tag == "f":
            self._has_formula = True
        self._is_value = tag in ("v", "t")

    def end(self, tag: str) -> None:
        self._is_value = False
        if tag != "c":
            return
        kind = self._cell.get("t")
        if self._has_formula and not self._value and kind != "str":
            self._total.refuse_formula(f"cell {self._cell.get('r', '')}")
        self._total.has_errors |= kind == "e"
        lengths = self._total.lengths
        is_shared = kind == "s" and self._value.isdecimal() and int(self._value) < len(lengths)
        self._total.add_characters(lengths[int(self._value)] if is_shared else len(self._value))

    def text(self, text: str) -> None:
        if self._is_value:
            self._value += text


class _OpenDocument:
    """The sheets of an OpenDocument file, in which cells, rows and spaces may be repeated."""

    def __init__(self, total: _Total) -> None:
        self._total = total
        self._n_rows = self._n_columns = self._row = self._column = self._last_column = 0
        self._n_row_characters = self._n_characters = 0
        self._cell: _Attributes = {}
        self._n_repeated_rows = 1
        self._has_content = False

    def start(self, tag: str, attributes: _Attributes) -> None:
        named = {name.rpartition(" ")[2]: value for name, value in attributes.items()}
        if tag == "table":
            self._row = self._n_rows = self._n_columns = 0
        elif tag == "table-row":
            self._column = self._last_column = self._n_row_characters = 0
            self._n_repeated_rows = int(named.get("number-rows-repeated", "1"))
        elif tag in ("table-cell", "covered-table-cell"):
            self._cell, self._has_content = named, "value-type" in named
            self._n_characters = len(named.get("string-value", ""))
            if "formula" in named and "value-type" not in named:
                self._total.refuse_formula(f"a cell in row {self._row + 1}")
        else:
            self._has_content = True
            self._n_characters += int(named.get("c", "1")) if tag == "s" else 0

    def end(self, tag: str) -> None:
        if tag in ("table-cell", "covered-table-cell"):
            n_repeated = int(self._cell.get("number-columns-repeated", "1"))
            self._column += n_repeated
            if self._has_content:
                self._last_column = self._column
                self._n_row_characters += self._n_characters * n_repeated
        elif tag == "table-row":
            self._row += self._n_repeated_rows
            if self._last_column:
                self._n_rows, self._n_columns = self._row, max(self._n_columns, self._last_column)
                self._total.check_extent(self._n_rows, self._n_columns)
                self._total.add_characters(self._n_row_characters * self._n_repeated_rows)

    def text(self, text: str) -> None:
        self._n_characters += len(text)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
