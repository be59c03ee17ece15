"""Lines of UTF-8 files, split at line feeds only."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from descan.errors import InputError

BOM = b"\xef\xbb\xbf"

MAX_LINE_BYTES = 100_000_000
"""A longer line is not a row; it would not fit in memory next to others."""


def split_lines(file: BinaryIO, path: Path, first_line: int = 1) -> Iterator[bytes]:
    """Split a file into lines with their line feeds.

    Raises:
        InputError: If a line is longer than `MAX_LINE_BYTES`.
    """
    line = first_line
    while raw := file.readline(MAX_LINE_BYTES):
        if len(raw) == MAX_LINE_BYTES:
            problem = f"the line is longer than {MAX_LINE_BYTES // 1_000_000} MB; use one row a line"
            raise InputError(path, problem, line)
        yield raw
        line += 1


class Lines:
    """Decoded lines that count themselves and their bytes.

    Attributes:
        n_bytes: Bytes of the lines so far.
    """

    def __init__(self, raw_lines: Iterable[bytes], path: Path, first_line: int = 1) -> None:
        """Start before the first raw line, whose number in the file is `first_line`."""
        self.n_bytes = 0
        self._raw_lines = raw_lines
        self._path = path
        self._first_line = first_line

    def __iter__(self) -> Iterator[str]:
        """Yield the lines."""
        for line, raw in enumerate(self._raw_lines, start=self._first_line):
            self.n_bytes += len(raw)
            yield decode_line(raw, self._path, line)


def decode_line(raw: bytes, path: Path, line: int) -> str:
    """Decode a line; the first line of a file may begin with a byte order mark.

    Raises:
        InputError: If it is not UTF-8.
    """
    try:
        return (raw.removeprefix(BOM) if line == 1 else raw).decode()
    except UnicodeDecodeError as error:
        problem = f"byte 0x{raw[min(error.start, len(raw) - 1)]:02x} is not UTF-8; UTF-8 is expected"
        raise InputError(path, problem, line) from error
