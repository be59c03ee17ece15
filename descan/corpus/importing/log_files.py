"""Files that may be logs: what each is at first sight, by its content."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from descan.corpus.formats.json_lines import load_json, stream_json
from descan.corpus.formats.lines import BOM, MAX_LINE_BYTES
from descan.corpus.tables import TABLE_SUFFIXES, Table, TableOptions, open_table
from descan.errors import InputError, explain_os_error, quote
from descan.storage.paths import check_regular, open_file
from descan.storage.scratch import Scratch

LINES_SUFFIXES = (".jsonl", ".ndjson")

_TABLES = tuple(suffix for suffix in TABLE_SUFFIXES if suffix not in (".json", *LINES_SUFFIXES))
_PACKED = (".bz2", ".gz", ".xz", ".zst")
_N_START = 1 << 16


@dataclass(frozen=True, slots=True)
class Peek:
    """A file at first sight.

    Attributes:
        path: The file.
        first: The first object of JSON Lines or of a JSON list, the whole of another JSON object, or the columns of a
            table; empty for none of these.
        is_list: It is a JSON list.
        is_table: It is a table: CSV, TSV, spreadsheet or Parquet.
        members: The names in a zip archive.
    """

    path: Path
    first: Mapping[str, object]
    is_list: bool = False
    is_table: bool = False
    members: Sequence[str] = ()


def list_files(path: Path) -> list[Path]:
    """Return a file, or all files in a folder and its subfolders, hidden ones left out.

    Raises:
        InputError: If there is none.
    """
    if "://" in str(path):
        raise InputError(path, "is a URL; copy the log to this machine first")
    if not path.is_dir():
        check_regular(path)
        return [path]
    try:
        found = sorted(file for file in path.rglob("*") if file.is_file() and not _is_hidden(file.relative_to(path)))
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error
    if not found:
        raise InputError(path, "is an empty folder; name one with logs")
    return found


def peek(path: Path) -> Peek:
    """Look at a file.

    Raises:
        InputError: If it cannot be read, or is damaged.
    """
    with open_file(path) as file:
        start = file.readline(MAX_LINE_BYTES)
        second = file.read(_N_START)
    if not (start + second).strip():
        raise InputError(path, "is empty; name a log with answers")
    if path.suffix.lower() in _PACKED:
        raise InputError(path, "is compressed; unpack it")
    if start.startswith(b"PK"):
        return _peek_archive(path)
    mark = (start + second).removeprefix(BOM).lstrip()[:1]
    if mark == b"{":
        is_lines = path.suffix.lower() in LINES_SUFFIXES or (start.rstrip()[-1:], second.lstrip()[:1]) == (b"}", b"{")
        found = next((cells for _, cells in stream_json(path)), {}) if is_lines else load_json(path)
        return Peek(path, found if isinstance(found, dict) else {})
    if mark == b"[":
        found = load_json(path)
        first = found[0] if isinstance(found, list) and found else {}
        return Peek(path, first if isinstance(first, dict) else {}, is_list=True)
    return _peek_table(path) if path.suffix.lower() in _TABLES else Peek(path, {})


def open_log_table(path: Path) -> Table:
    """Open a log that is a table.

    Raises:
        InputError: If it is none.
    """
    return open_table(path, TableOptions(), Scratch())


def load_objects(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the objects of a JSON list or of JSON Lines, with their number in the list or their line.

    Raises:
        InputError: If the file is neither.
    """
    with open_file(path) as file:
        is_list = file.read(_N_START).removeprefix(BOM).lstrip().startswith(b"[")
    if not is_list:
        yield from stream_json(path)
        return
    found = load_json(path)
    for n, value in enumerate(found if isinstance(found, list) else (), start=1):
        if not isinstance(value, dict):
            raise InputError(path, f"{quote(value)} is not an object; a list of objects is expected", n)
        yield n, value


def _peek_archive(path: Path) -> Peek:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise InputError(path, f"is damaged or cut off: {quote(str(error))}; copy it again") from error
    if "[Content_Types].xml" in members or "content.xml" in members:
        return _peek_table(path)
    return Peek(path, {}, members=members)


def _peek_table(path: Path) -> Peek:
    return Peek(path, dict.fromkeys(open_log_table(path).columns), is_table=True)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
