"""Where a corpus is: a local path, or a URL that fsspec understands."""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

from descan.errors import InputError, SetupError, explain_os_error, quote, without_credentials

CHANGED = "changed while it was read; analyze again"

_BUFFER = 1 << 20


def path_or_url(path: Path | str) -> Path:
    """Return a local path unchanged, and a URL as a path of another file system with the same methods.

    Args:
        path: A path, or a URL such as `s3://bucket/corpus`; keys and endpoints come from fsspec's own settings.

    Raises:
        InputError: If no file system is known for the URL, or it cannot be reached.
        SetupError: If a package is missing that reads such URLs.
    """
    if "://" not in str(path):
        return Path(path)
    shown = without_credentials(path)
    try:
        from upath import UPath
    except ImportError as error:
        raise SetupError(f"{shown}: URLs need universal-pathlib; run: pip install 'descan[cluster]'") from error
    try:
        remote = UPath(path)
        remote.fs  # noqa: B018 - created here, so that what is missing is reported here.
    except ImportError as error:
        raise SetupError(f"{shown}: {quote(without_credentials(error))}; install that package with pip") from error
    except ValueError as error:
        raise InputError(path, f"{quote(without_credentials(error))}; use a URL that fsspec understands") from error
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error
    return cast("Path", remote)


def is_remote(path: Path) -> bool:
    """Return whether the path is a URL."""
    return not isinstance(path, Path)


def check_regular(path: Path) -> None:
    """Check that a local path is a regular file: a pipe or device may have no end, and cannot be read twice.

    Raises:
        InputError: If it is something else, or is not there.
    """
    if is_remote(path):
        return
    mode = _stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise InputError(path, "is a folder; use a file")
    if not stat.S_ISREG(mode):
        raise InputError(path, "is not a regular file but a pipe or device; copy what it gives to a file")


@contextmanager
def open_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read its bytes.

    Raises:
        InputError: If it cannot be opened or, later, read.
    """
    try:
        with _open(path) as file:
            yield file
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error


def read_range(path: Path, start: int, end: int) -> bytes:
    """Read the bytes of a file from a place to another, and of a remote file no others.

    Raises:
        InputError: If they cannot be read, or are no longer there.
    """
    content = _read_range(path, start, end)
    if len(content) < end - start:
        raise InputError(path, CHANGED)
    if len(content) > end - start:
        raise InputError(path, "the server sends all of it where a part is asked for; copy it to a local folder")
    return content


def size_of(path: Path) -> int:
    """Return the size of a file in bytes.

    Raises:
        InputError: If the file no longer exists.
    """
    return _stat(path).st_size


def identity(path: Path) -> tuple[object, ...]:
    """Return a value that changes when a file is written again.

    Raises:
        InputError: If the file no longer exists.
    """
    status = _stat(path)
    return str(path), status.st_size, status.st_mtime, str(getattr(status, "info", ""))


def relative_name(path: Path, folder: str) -> str:
    """Return the path of a file relative to a folder, in posix form; absolute if it is on another drive."""
    parent, name = os.path.split(path)
    return name if (start := _relative_parent(parent, folder)) == "." else f"{start}/{name}"


@lru_cache(maxsize=4096)
def _relative_parent(parent: str, folder: str) -> str:
    try:
        return Path(os.path.relpath(parent, folder)).as_posix()
    except ValueError:  # Another drive of Windows.
        return Path(parent).as_posix()


def _open(path: Path) -> BinaryIO:
    if not is_remote(path):
        return path.open("rb", buffering=_BUFFER)
    # The lines of a remote file are cut in Python unless a buffer of io does it.
    return io.BufferedReader(path.open("rb"), _BUFFER)


def _read_range(path: Path, start: int, end: int) -> bytes:
    if not is_remote(path):
        with open_file(path) as file:
            file.seek(start)
            return file.read(end - start)
    try:
        content: bytes = path.fs.cat_file(path.path, start=start, end=end)  # type: ignore[attr-defined]
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error
    return content


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error
