"""An index of hashes of media files, so that unchanged files need not be hashed again."""

import json
import os
import re
import threading
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

import orjson

from descan.collect.sources.source_items import SourceItem, hash_text
from descan.errors import explain_os_error
from descan.media.media_files import MediaError
from descan.storage.paths import relative_name

_SHA256 = re.compile(r"[0-9a-f]{64}")


class _State(NamedTuple):
    size: int
    mtime_ns: int
    digest: bytes


class MediaIndex:
    """Hashes by media path, stored in a JSON Lines file; several threads may use it at once.

    A file counts as unchanged if its size and modification time are the same. The index can be deleted at any time;
    then the files are hashed again.
    """

    def __init__(self, path: Path) -> None:
        """Load the index at `path`, if there is one; torn and foreign lines are ignored."""
        self._path = path
        self._folder = os.path.realpath(path.parent)
        self._lock = threading.Lock()
        self._states = dict(_load_states(path))
        self._first_names: dict[bytes, str] = {}
        self._duplicates: dict[str, str] = {}

    def known_sha256(self, item: SourceItem) -> str | None:
        """Return the hash of an item's file without opening it, or None if the file is new, changed or gone.

        A text has its own hash.
        """
        if item.text is not None:
            return hash_text(item.text)
        name = relative_name(item.path, self._folder)
        state = self._states.get(name)
        if state is None:
            return None
        try:
            found = os.stat(item.path)  # noqa: PTH116 (half the time of `Path.stat`, for every item of a corpus)
        except OSError:
            return None
        if (found.st_size, found.st_mtime_ns) != (state.size, state.mtime_ns):
            return None
        with self._lock:
            self._note_name(name, state.digest)
        return state.digest.hex()

    def current_sha256(self, item: SourceItem) -> str:
        """Return the hash of an item's file, which is hashed only if it is new or changed.

        Raises:
            MediaError: If it must be hashed and cannot be read.
        """
        known = self.known_sha256(item)
        if known is not None:
            return known
        try:
            with item.path.open("rb") as file:
                found = os.fstat(file.fileno())
                digest = file_digest(file, "sha256").hexdigest()
        except OSError as error:
            problem = f"cannot be read: {error.strerror}; put it back"
            raise MediaError(item.path, "media_unreadable", problem) from error
        self.remember(item, found, digest)
        return digest

    def remember(self, item: SourceItem, found: os.stat_result, sha256: str) -> None:
        """Store the hash of an item's file.

        Args:
            item: The item.
            found: The state of the file when it was opened.
            sha256: Of its bytes, in hexadecimal.

        Raises:
            InputError: If the index cannot be written.
        """
        name = relative_name(item.path, self._folder)
        state = _State(found.st_size, found.st_mtime_ns, bytes.fromhex(sha256))
        with self._lock:
            self._note_name(name, state.digest)
            if self._states.get(name) == state:
                return
            self._states[name] = state
            self._append({"media": name, "size": state.size, "mtime_ns": state.mtime_ns, "sha256": sha256})

    def duplicates(self) -> tuple[tuple[str, str], ...]:
        """Return pairs of different files with equal content, among those used so far: the first and the other."""
        with self._lock:
            return tuple((first, name) for name, first in self._duplicates.items())

    def _note_name(self, name: str, digest: bytes) -> None:
        first = self._first_names.setdefault(digest, name)
        if first != name:
            self._duplicates[name] = first

    def _append(self, line: dict[str, object]) -> None:
        try:
            with self._path.open("ab") as file:
                # A line feed first: it ends a line that was torn when an earlier run was killed.
                file.write(b"\n" + json.dumps(line).encode())
        except OSError as error:
            raise explain_os_error(error, "cannot be written", self._path) from error


def _load_states(path: Path) -> Iterator[tuple[str, _State]]:
    try:
        with path.open("rb") as file:
            for line in file:
                state = _parse_state(line)
                if state is not None:
                    yield state
    except FileNotFoundError:
        return
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error


def _parse_state(line: bytes) -> tuple[str, _State] | None:
    try:
        cells = orjson.loads(line)
    except ValueError:
        return None
    if not isinstance(cells, dict):
        return None
    name, size, mtime_ns, digest = (cells.get(key) for key in ("media", "size", "mtime_ns", "sha256"))
    if not (isinstance(name, str) and isinstance(size, int) and isinstance(mtime_ns, int) and isinstance(digest, str)):
        return None
    return (name, _State(size, mtime_ns, bytes.fromhex(digest))) if _SHA256.fullmatch(digest) else None
