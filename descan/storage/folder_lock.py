"""A lock on a folder, so that two programs do not write into it at the same time."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from descan.interruption import clean_up_on_exit


class FolderBusyError(Exception):
    """Another program holds the lock."""


@contextmanager
def lock_folder(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of a folder during the block. The system releases it when the process ends, however it ends.

    Args:
        folder: An existing folder.
        name: Name of the lock file in it, which is gone when the lock is released.

    Raises:
        FolderBusyError: If another program holds it.
        OSError: If the lock file cannot be written.
    """
    lock = _acquire(folder / name)

    def delete() -> None:
        if lock.is_locked:
            with suppress(OSError):
                (folder / name).unlink()

    try:
        with clean_up_on_exit(delete):
            yield
    finally:
        lock.release()


def is_locked(folder: Path, name: str) -> bool:
    """Return whether a running program holds the lock of a folder.

    Raises:
        OSError: If the lock file cannot be opened.
    """
    if not (folder / name).exists():
        return False
    try:
        with FileLock(folder / name, timeout=0):
            return False
    except Timeout:
        return True


def _acquire(path: Path) -> FileLock:
    while True:
        path.touch()
        file = path.stat().st_ino
        lock = FileLock(path, timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            raise FolderBusyError(path) from None
        with suppress(FileNotFoundError):
            if path.stat().st_ino == file:
                return lock
        lock.release()  # The program that held the lock before deleted this file meanwhile.
