"""The raw bodies of replies: one compressed frame each, found by its place in the file."""

from pathlib import Path

from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError

from descan.collect.store.line_files import LineFile
from descan.errors import InputError

RAW_FILE = "raw/bodies.zst"
"""Frames of all bodies one after another; `zstd -dc` reads the file as a whole."""

Place = tuple[int, int]
"""Offset and length of a frame, in bytes."""


class BodyWriter:
    """Adds bodies to the file; what a place refers to is safe before the place is told."""

    def __init__(self, folder: Path, n_used: int) -> None:
        """Open the file.

        Args:
            folder: The corpus.
            n_used: Bytes that answers refer to. What lies behind them was written just before a kill and goes;
                where the file is shorter, somebody took it away, and no new body may take an old one's place.
        """
        path = folder / RAW_FILE
        path.parent.mkdir(exist_ok=True)
        self._file = LineFile(path)
        self._compressor = ZstdCompressor(level=3, write_checksum=True)
        if self._file.size != n_used:
            self._file.truncate(n_used)

    def write(self, bodies: list[bytes]) -> list[Place]:
        """Add bodies and give their places.

        Raises:
            OSError: If they cannot be written; then none is.
        """
        start, frames, places = self._file.size, [], []
        for body in bodies:
            frame = self._compressor.compress(body)
            places.append((start, len(frame)))
            frames.append(frame)
            start += len(frame)
        self._file.write(b"".join(frames))
        return places

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_body(folder: Path, place: Place) -> bytes:
    """Read one body, as the column `raw` of its answer says.

    Args:
        folder: The corpus.
        place: One entry of `raw`.

    Raises:
        InputError: If there is no such frame.
    """
    offset, length = place
    path = folder / RAW_FILE
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return ZstdDecompressor().decompress(file.read(length))
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}; use a corpus that kept its raw bodies") from error
    except ZstdError as error:
        raise InputError(path, f"no whole frame at byte {offset}; use a place that an answer names") from error
