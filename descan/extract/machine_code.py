"""The engine's machine code: loaded where it is cached, made where that pays; else the engine runs as plain Python.

It is one entry of the cache: the files that numba writes, as a ZIP file. Since it is executed, it is only loaded from a
folder that nobody else can write to.
"""

import io
import logging
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from filelock import FileLock

from descan.errors import DescanError
from descan.extract.engine import Engine
from descan.extract.engine.compilation import code_key
from descan.storage.cache import Cache, default_cache_folder
from descan.storage.scratch import scratch_folder

LOADING_PAYS: Final = 250_000
"""Characters from which machine code is faster if it is cached. Loading takes 0.8 s and 120 MB; plain Python reads a
character in 3.5 microseconds, machine code in 0.2 (730 characters a description, on one core of 2.6 GHz)."""

COMPILING_PAYS: Final = 10_000_000
"""Characters from which machine code is faster even if it must be made first, which takes 30 s."""

_KIND: Final = "machine-code"

_logger = logging.getLogger(__name__)
_warned: set[Path] = set()


def warn_once(folder: Path, reason: str) -> None:
    """Warn that machine code cannot be kept, once in a process for each folder."""
    if folder not in _warned:
        _warned.add(folder)
        _logger.warning(
            "descriptions are read without compiling, which is slower: %s: %s; set DESCAN_CACHE_DIR to another folder",
            folder,
            reason,
        )


def use_machine_code(engine: Engine, n_characters: int, on_problem: Callable[[Path, str], None] = warn_once) -> None:
    """Let an engine run as machine code if that is faster.

    Several processes may call this at the same time: one compiles, the others wait for it and load the result.

    Args:
        engine: Stays plain Python where machine code does not pay, or can be neither loaded nor kept.
        n_characters: How much is to be read, about.
        on_problem: Called with the cache folder and a reason when it cannot keep machine code.
    """
    if engine.is_compiled or n_characters < LOADING_PAYS:
        return
    folder = default_cache_folder()
    try:
        if _load(engine, folder, on_problem):
            return
        if n_characters >= COMPILING_PAYS:
            _make_private(folder / _KIND)
            with FileLock(folder / _KIND / "compiling.lock"):
                if not _load(engine, folder, on_problem):
                    _run(engine, folder, None, on_problem)
    except (OSError, NotImplementedError, ImportError, DescanError) as error:
        # NotImplementedError: filelock on a file system without locks. DescanError: no room for temporary files.
        on_problem(folder, getattr(error, "strerror", None) or str(error))


def _load(engine: Engine, folder: Path, on_problem: Callable[[Path, str], None]) -> bool:
    """Load cached machine code, and return whether it is there."""
    content = Cache(folder).load(_KIND, code_key()) if _is_private(folder / _KIND) else None
    if content is not None:
        _run(engine, folder, content, on_problem)
    return content is not None


def _run(engine: Engine, folder: Path, content: bytes | None, on_problem: Callable[[Path, str], None]) -> None:
    """Let an engine run as machine code; what is compiled for it goes into the cache."""
    with scratch_folder() as scratch:
        if content is not None:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                archive.extractall(scratch)
        if engine.compile_functions(scratch):
            return
        compiled = io.BytesIO()
        with zipfile.ZipFile(compiled, "w") as archive:
            for path in sorted(scratch.rglob("*.nb?")):
                archive.write(path, path.relative_to(scratch))
    Cache(folder, on_problem).save(_KIND, code_key(), compiled.getvalue())


def _make_private(folder: Path) -> None:
    """Create a folder that only this user can write to, and check that it is so.

    Raises:
        OSError: If it cannot be written to, or others can write to it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_private(folder):
        raise PermissionError(f"{folder} belongs to another user, or others can write to it")
    tempfile.TemporaryFile(dir=folder).close()


def _is_private(folder: Path) -> bool:
    """Return whether a folder is there, belongs to this user or the administrator, and nobody else can write to it."""
    if not folder.is_dir():
        return False
    if not hasattr(os, "getuid"):
        return True
    state = folder.stat()
    return state.st_uid in (0, os.getuid()) and not state.st_mode & 0o022
