"""Compressed files, unpacked."""

import gzip
import zlib
from pathlib import Path
from typing import IO

from descan.errors import InputError, quote

PACKED_SUFFIXES = (".gz", ".zst")

MAX_UNPACKED_BYTES = 50_000_000_000

_CHUNK = 1 << 20


def unpack(path: Path, target: Path) -> None:
    """Unpack a .gz or .zst file.

    Raises:
        InputError: If it is damaged, or unpacks to more than 50 GB.
    """
    import zstandard

    n_bytes = 0
    try:
        with _open(path) as file, target.open("wb") as out:
            while chunk := file.read(_CHUNK):
                n_bytes += len(chunk)
                if n_bytes > MAX_UNPACKED_BYTES:
                    raise InputError(path, f"unpacks to more than {MAX_UNPACKED_BYTES // 10**9} GB; unpack it yourself")
                out.write(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        raise InputError(path, f"cannot be unpacked: {quote(str(error))}; compress it again") from error


def _open(path: Path) -> gzip.GzipFile | IO[bytes]:
    import zstandard

    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")
    file: IO[bytes] = zstandard.open(path, "rb")
    return file
