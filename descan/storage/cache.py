"""Results that are kept between runs, in one folder, and that no run needs.

An entry is a file `KIND/NAME.entry`: a digest, then the content. The digest covers the kind, the whole key and the
content, so a damaged, truncated or foreign file counts as missing and is replaced. This protects from accidents, not
from people: whoever can write to the folder can compute a digest too. So nothing is unpickled, content is validated
where it is used, and what is executed (`extract.machine_code`) comes only from a folder that nobody else can write to.
"""

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs
from filelock import FileLock

from descan.storage.atomic import replace_file

MAX_BYTES = 4_000_000_000
"""Extractions of some ten million answers fit."""

_DAY_S = 24 * 60 * 60
_LOCK_TIMEOUT_S = 60
_DIGEST_BYTES = 32
_SUFFIX = ".entry"

_EVICTED = (f"*/*{_SUFFIX}", "*/*.part")
"""Entries, and what killed programs were writing."""

_logger = logging.getLogger(__name__)
_warned: set[Path] = set()


def default_cache_folder() -> Path:
    """Return the folder that the environment variable DESCAN_CACHE_DIR names, or else the user's cache folder."""
    return Path(os.environ.get("DESCAN_CACHE_DIR") or platformdirs.user_cache_dir("descan"))


def warn_once(folder: Path, reason: str) -> None:
    """Warn that a cache folder cannot be written, once in a process for each folder."""
    if folder not in _warned:
        _warned.add(folder)
        _logger.warning(
            "results are not cached for the next run: %s: %s; %s",
            folder,
            reason,
            "make room there, or set DESCAN_CACHE_DIR to another folder",
        )


class Cache:
    """A folder of entries, each with a kind and a key; several programs may use it at the same time."""

    def __init__(self, folder: Path | None, on_problem: Callable[[Path, str], None] = warn_once) -> None:
        """Name the folder; it is created with its first entry.

        Args:
            folder: A local folder, or None to cache nothing.
            on_problem: Called with the folder and a reason when an entry cannot be written. No error is raised then.
        """
        self._folder = folder
        self.on_problem = on_problem

    def load(self, kind: str, key: str) -> bytes | None:
        """Return the content of an entry, or None if it is missing or damaged.

        Args:
            kind: What the content is, as the name of a folder.
            key: Everything that the content depends on; it may be long.
        """
        return None if self._folder is None else _load(_path(self._folder, kind, key), _hash(kind, key))

    def save(self, kind: str, key: str, content: bytes) -> None:
        """Write an entry; a reader sees all of it or nothing."""
        if self._folder is None:
            return
        with self._report_problems(self._folder):
            path = _path(self._folder, kind, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            _save(path, _hash(kind, key), content)

    def update(self, kind: str, key: str, change: Callable[[bytes | None], bytes]) -> None:
        """Replace the content of an entry by a function of it, so that no other program's change is lost.

        Args:
            kind: As in `load`.
            key: As in `load`.
            change: Takes the present content, as from `load`, and returns the new content.
        """
        if self._folder is None:
            return
        with self._report_problems(self._folder):
            path = _path(self._folder, kind, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock"), timeout=_LOCK_TIMEOUT_S):
                _save(path, _hash(kind, key), change(_load(path, _hash(kind, key))))

    def evict(self, max_bytes: int = MAX_BYTES) -> None:
        """Delete the entries that were unused for longest, until the others take no more than `max_bytes`.

        Entries that were used within a day stay. Files that other programs put there are left alone.
        """
        yesterday = time.time() - _DAY_S
        found = sorted(_files(self._folder)) if self._folder is not None else []
        n_bytes = sum(size for _, size, _ in found)
        for used_at, size, path in found:
            if used_at > yesterday:
                return
            if n_bytes > max_bytes or path.suffix == ".part":
                with suppress(OSError):
                    path.unlink()
                    n_bytes -= size

    @contextmanager
    def _report_problems(self, folder: Path) -> Iterator[None]:
        try:
            yield
        except (OSError, NotImplementedError) as error:  # filelock raises the latter on a file system without locks.
            self.on_problem(folder, getattr(error, "strerror", None) or str(error))


def _path(folder: Path, kind: str, key: str) -> Path:
    return folder / kind / f"{_hash(kind, key).hexdigest()}{_SUFFIX}"


def _hash(kind: str, key: str) -> "hashlib._Hash":
    return hashlib.sha256(f"{len(kind)} {kind} {len(key)} {key}\n".encode())


def _load(path: Path, digest: "hashlib._Hash") -> bytes | None:
    try:
        if not path.is_file():  # Opening a named pipe would wait for a writer.
            return None
        found = path.read_bytes()
    except OSError:
        return None
    content = found[_DIGEST_BYTES:]
    digest.update(content)
    if found[:_DIGEST_BYTES] != digest.digest():
        return None
    with suppress(OSError):  # The folder may be read-only.
        os.utime(path)
    return content


def _save(path: Path, digest: "hashlib._Hash", content: bytes) -> None:
    digest.update(content)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    with replace_file(path) as partial, partial.open("wb") as file:
        file.write(digest.digest())
        file.write(content)


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    for pattern in _EVICTED:
        for path in folder.glob(pattern):
            with suppress(OSError):
                state = path.stat()
                yield state.st_mtime, state.st_size, path
