"""JSON Lines files that survive a kill at any byte."""

import json
import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from descan.storage.atomic import sync_folder

_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class TornLine:
    """A last line that was cut off by a kill, and has been removed.

    Attributes:
        path: The file that it was in.
        n_bytes: Its length.
        kept_in: The file that holds it now, or None if it was blank.
    """

    path: Path
    n_bytes: int
    kept_in: Path | None


def mend_last_line(path: Path) -> TornLine | None:
    """End the last line of a file if it is complete, else remove it, so that every line is complete.

    Args:
        path: A JSON Lines file, which need not exist.

    Returns:
        What was removed; None if every line was complete, or only a line feed was missing.
    """
    if not path.exists():
        return None
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        start = _last_line_start(path, size)
        if start == size:
            return None
        file.seek(start)
        line = file.read()
        if _is_object(line):
            file.write(b"\n")
            torn = None
        else:
            torn = TornLine(path, len(line), _keep_aside(path, line))
            file.truncate(start)
        file.flush()
        os.fsync(file.fileno())
    return torn


def has_torn_line(path: Path) -> bool:
    """Return whether the last line of a file has no line feed."""
    size = path.stat().st_size
    return _last_line_start(path, size) < size


class LineFile:
    """A file that only grows, by whole lines, each of which is on the disk once `write` returns."""

    def __init__(self, path: Path) -> None:
        """Open the file, which must end with a complete line or not exist."""
        self._file = path.open("ab", buffering=0)
        self._size = self._file.seek(0, os.SEEK_END)
        sync_folder(path.parent)

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self._size

    def write(self, content: bytes) -> None:
        """Append content and sync it to the disk; on failure the file is as before.

        Raises:
            OSError: If the content cannot be written, as on a full disk.
        """
        if not content:
            return
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(self._size)
            raise
        self._size += len(content)

    def truncate(self, size: int) -> None:
        """Set the size of the file: cut it off, or fill it up with zero bytes."""
        self._file.truncate(size)
        self._size = size

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _last_line_start(path: Path, size: int) -> int:
    """Return where the line without a line feed begins; the end of the file if there is none."""
    with path.open("rb") as file:
        end = size
        while end > 0:
            start = max(0, end - _BLOCK)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _keep_aside(path: Path, line: bytes) -> Path | None:
    if not line.strip(b"\0 \t\r"):
        return None
    aside = path.with_suffix(".torn")
    with closing(LineFile(aside)) as file:
        file.write(line + b"\n")
    return aside
