"""The raw bodies of replies: one compressed frame each, found by its place in the file."""

from pathlib import Path

from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError

from descan.collect.store.line_files import LineFile
from descan.errors import InputError, explain_os_error

RAW_FILE = "raw/bodies.zst"
"""The frames of all bodies one after another; `zstd -dc` decompresses the whole file."""

Place = tuple[int, int]
"""Offset and length of a frame, in bytes."""


class BodyWriter:
    """Appends bodies to the file; a body is on the disk before its place is returned."""

    def __init__(self, folder: Path, n_used: int) -> None:
        """Open the file.

        Args:
            folder: The corpus.
            n_used: Bytes that answers refer to. What follows them was written just before a kill and is removed. If the
                file is shorter, someone removed it; it is filled up, so that no new body takes the place of an old one.
        """
        path = folder / RAW_FILE
        path.parent.mkdir(exist_ok=True)
        self._file = LineFile(path)
        self._compressor = ZstdCompressor(level=3, write_checksum=True)
        if self._file.size != n_used:
            self._file.truncate(n_used)

    def write(self, bodies: list[bytes]) -> list[Place]:
        """Append bodies and return their places.

        Raises:
            OSError: If they cannot be written; then none of them is.
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


def load_body(folder: Path, place: Place) -> bytes:
    """Load one body by its place, which the column `raw` of its answer names.

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
        raise explain_os_error(error, "cannot be read", path) from error
    except ZstdError as error:
        raise InputError(path, f"no whole frame at byte {offset}; use a place that an answer names") from error
