"""Lines of UTF-8 files, split at line feeds only."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from descan.errors import InputError

BOM = b"\xef\xbb\xbf"


class Lines:
    """Decoded lines that count themselves and their bytes.

    Attributes:
        n_bytes: Bytes of the lines given so far.
    """

    def __init__(self, raw_lines: Iterable[bytes], path: Path, first_line: int = 1) -> None:
        """Start before the first of the raw lines, whose number in the file is given."""
        self.n_bytes = 0
        self._raw_lines = raw_lines
        self._path = path
        self._first_line = first_line

    def __iter__(self) -> Iterator[str]:
        """Give line by line."""
        for line, raw in enumerate(self._raw_lines, start=self._first_line):
            self.n_bytes += len(raw)
            yield decoded(raw, self._path, line)


def decoded(raw: bytes, path: Path, line: int) -> str:
    """Decode a line; the first one of a file may begin with a byte order mark.

    Raises:
        InputError: If it is not UTF-8.
    """
    try:
        return (raw.removeprefix(BOM) if line == 1 else raw).decode()
    except UnicodeDecodeError as error:
        problem = f"byte 0x{raw[min(error.start, len(raw) - 1)]:02x} is not UTF-8; UTF-8 is expected"
        raise InputError(path, problem, line) from error
