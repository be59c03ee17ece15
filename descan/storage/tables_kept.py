"""Arrow tables kept in a folder under keys that say what they were made from."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
from pyarrow import ipc

from descan.errors import InputError, quoted, without_credentials
from descan.storage.atomic import replace_file
from descan.storage.paths import is_remote

MAX_BYTES = 4_000_000_000
"""What a cache may take; some ten million answers fit."""

_DAY_S = 24 * 60 * 60
_SUFFIX = ".arrow"
_WRITING = ipc.IpcWriteOptions(compression="zstd")


def kept(folder: Path, key: str, make: Callable[[], pa.Table]) -> pa.Table:
    """Give the table of a key: from the folder, or else made and put there.

    A file is never half written where the folder is local, and one that cannot be read is made again, so programs
    may use a folder at the same time.

    Args:
        folder: Local, or behind a URL.
        key: A digest of all that the table depends on.
        make: Makes the table.
    """
    path = _path(folder, key)
    table = _read(path)
    if table is None:
        table = make()
        _write(path, table)
    return table


def read_kept(folder: Path, key: str) -> pa.Table:
    """Give the table of a key that was put there.

    Raises:
        FileNotFoundError: If it is not there any more.
    """
    table = _read(_path(folder, key))
    if table is None:
        raise FileNotFoundError(_path(folder, key))
    return table


def forget_oldest(folder: Path, max_bytes: int = MAX_BYTES) -> None:
    """Delete the files that were not used for longest, until the others take no more than `max_bytes`.

    Those that were used within a day stay, for another program may be about to read them again.
    """
    found, yesterday = [], time.time() - _DAY_S
    for path in folder.glob(f"*/*{_SUFFIX}"):
        with suppress(FileNotFoundError):
            state = path.stat()
            found.append((state.st_mtime, state.st_size, path))
    n_bytes = sum(size for _, size, _ in found)
    for used_at, size, path in sorted(found):
        if n_bytes <= max_bytes or used_at > yesterday:
            return
        path.unlink(missing_ok=True)
        n_bytes -= size


def _path(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}{_SUFFIX}"


def _read(path: Path) -> pa.Table | None:
    try:
        with path.open("rb") as file:
            table = ipc.open_file(pa.BufferReader(file.read())).read_all()
        if not is_remote(path):
            os.utime(path)
    except (OSError, pa.ArrowException):
        return None
    return table


def _write(path: Path, table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    with ipc.new_file(sink, table.schema, options=_WRITING) as writer:  # A stream may lack its end unnoticed.
        writer.write_table(table)
    try:
        _put(path, sink.getvalue())
    except OSError as error:
        problem = (
            f"cannot be written: {error.strerror or quoted(without_credentials(error))}; make room, or use --no-cache"
        )
        raise InputError(path, f"{problem}, or on a cluster --shared with a folder of all workers") from error


def _put(path: Path, content: pa.Buffer) -> None:
    path.parent.mkdir(exist_ok=True)  # The folder itself is there, or gone on purpose.
    if is_remote(path):  # Behind a URL a file is there when it is closed.
        with path.open("wb") as file:
            file.write(content)
        return
    with replace_file(path) as partial:
        partial.write_bytes(content)
