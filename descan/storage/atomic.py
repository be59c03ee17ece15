"""The one way to write a file: whoever reads it finds the old content or the new one, even after a crash."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

_PREFIX = ".descan-"
_SUFFIX = ".part"

_CANNOT_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EBADF}
"""Some network file systems cannot flush a folder, and a folder without read permission cannot be opened."""


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Yield a path to write to; when the block ends without an error, that file replaces `path` in one step.

    The file and its name are flushed to the disk. An error leaves `path` as it was, and nothing beside it. What a
    kill leaves beside it is for `remove_leftovers`.

    Args:
        path: The file to write, in a folder that exists.

    Raises:
        OSError: If the file cannot be written.
    """
    partial = path.with_name(f"{_PREFIX}{uuid4().hex}{_SUFFIX}")
    try:
        partial.touch(exist_ok=False)
        yield partial
        sync_file(partial)
        partial.replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_file(path: Path, content: bytes | str) -> None:
    """Replace the content of a file in one step; text is written as UTF-8, with line feeds as they are.

    Raises:
        OSError: If the file cannot be written; it is then as it was.
    """
    with replace_file(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)


def remove_leftovers(folder: Path) -> None:
    """Delete the files that killed processes were writing in a folder, but not in its subfolders.

    The caller knows that nobody writes there, for example because it holds the lock of the folder.
    """
    with suppress(OSError):
        for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            with suppress(OSError):
                path.unlink()


def sync_file(path: Path) -> None:
    """Flush the content of a file to the disk.

    Raises:
        OSError: If the disk does not take it.
    """
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Flush the names of a folder's files to the disk, where the system can.

    Raises:
        OSError: If the disk does not take them.
    """
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
