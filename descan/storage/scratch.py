"""Folders for what a program writes apart, which no killed program leaves for good."""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4
from weakref import finalize

from descan.errors import DescanError, SetupError, explain_os_error
from descan.interruption import clean_up_on_exit
from descan.storage.folder_lock import is_locked, lock_folder

_PREFIX = "descan-"
_LOCK_FILE = "lock"

_HOUR_S = 3600
"""A folder without a lock file is about to get one, or its program was killed at that moment."""

_SETTLING_S = 1
"""A lock file this young may be about to be locked."""


class Scratch:
    """A scratch folder that is made when it is first asked for, and removed with this object."""

    def __init__(self) -> None:
        """Make no folder yet."""
        self._stack = ExitStack()
        self._folder: Path | None = None
        finalize(self, self._stack.close)

    def new_path(self, name: str) -> Path:
        """Return the path of a file that is not there yet."""
        if self._folder is None:
            self._folder = self._stack.enter_context(scratch_folder())
        path, n = self._folder / name, 1
        while path.exists():
            n += 1
            path = self._folder / f"{n}-{name}"
        return path


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a new folder in the system's folder for temporary files, and remove it at the end.

    Such folders of programs that were killed are removed first.

    Raises:
        InputError: If the folder cannot be written.
        SetupError: If the system has no such folder.
    """
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError as error:
        problem = "no folder for temporary files can be written; make room in /tmp, or set TMPDIR to another folder"
        raise SetupError(problem) from error
    _remove_leftovers(temporary)
    folder = temporary / f"{_PREFIX}{uuid4().hex[:12]}"
    try:
        with clean_up_on_exit(lambda: discard(folder)):
            folder.mkdir(mode=0o700)
            with lock_folder(folder, _LOCK_FILE):
                yield folder
    except OSError as error:
        if isinstance(error.filename, str | os.PathLike) and Path(error.filename).is_relative_to(folder):
            raise explain_scratch_error(error, folder) from error
        raise


def explain_scratch_error(error: OSError, folder: Path) -> DescanError:
    """Turn an error in a scratch folder into one line that says how to use another place."""
    return explain_os_error(error, "takes no temporary files (TMPDIR can name another folder)", folder.parent)


def discard(folder: Path) -> None:
    """Remove a folder, even while a worker that has not heard of the end writes into it by its name."""
    with suppress(OSError):
        folder = folder.rename(folder.with_name(f"{folder.name}-removed"))
    shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers(temporary: Path) -> None:
    for folder in temporary.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if _is_abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """Return whether a folder is this user's, and the program that created it has ended."""
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or (hasattr(os, "getuid") and state.st_uid != os.getuid()):
        return False
    lock = folder / _LOCK_FILE
    if not lock.is_file():
        return time.time() - state.st_mtime > _HOUR_S
    return time.time() - lock.stat().st_mtime > _SETTLING_S and not is_locked(folder, _LOCK_FILE)
