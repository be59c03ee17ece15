"""The folder of an analysis or comparison: checked before the work, filled in a folder within, replaced at the end."""

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from descan.errors import InputError, explain_os_error
from descan.interruption import clean_up_on_exit
from descan.storage.atomic import remove_leftovers
from descan.storage.folder_lock import FolderBusyError, lock_folder
from descan.storage.publishing import (
    COMPARISON_FILE,
    EXPORT_FILE,
    PUBLISHING_FOLDER,
    RUN_FILE,
    STAGING_PREFIX,
    check_no_links,
    finish_publishing,
    publish,
)
from descan.storage.scratch import discard

FOLDERS = ("tables", "plots", "figures")
"""An output has files in these folders within its own."""

LOCK_FILE = ".descan.lock"

_RECORD_SUFFIX = ".parquet"
"""A record is a file, or a folder of the parts that the workers of a cluster wrote."""

_PARTS = "part-*.parquet"


class OutputKind(NamedTuple):
    """What a folder holds as a whole.

    Attributes:
        noun: What people call it.
        marker: The file that says what made the folder, a JSON object with the version under `descan`.
    """

    noun: str
    marker: str


ANALYSIS = OutputKind("analysis", RUN_FILE)
COMPARISON = OutputKind("comparison", COMPARISON_FILE)
EXPORT = OutputKind("export", EXPORT_FILE)


@contextmanager
def staged_output(out: Path, owned: Iterable[str] = (), kind: OutputKind = ANALYSIS) -> Iterator[Path]:
    """Yield an empty folder to write into, whose files go to `out` when the block ends without an error.

    Files of an earlier output of that kind are replaced as a whole; anything else in `out` stays. When the block ends
    with an error, `out` is as it was. During the block no other program can write into `out`.

    Args:
        out: A new or empty folder, or that of an earlier output of that kind.
        owned: Files, relative to `out`, that are removed unless the block writes them again.
        kind: Of what the block writes.

    Raises:
        InputError: If `out` is a file or a folder that holds something else, is in use, or cannot be written.
    """
    _check_kind(out, kind)
    with ExitStack() as stack:
        try:
            stack.enter_context(_create_folder(out))
            stack.enter_context(_lock(out))
            finish_publishing(out)
            _check_kind(out, kind)
            _check_folders(out)
            _remove_leftovers(out)
            staging = stack.enter_context(_staging_folder(out))
        except OSError as error:
            raise explain_os_error(error, "cannot be written", out) from error
        try:
            yield staging
        except OSError as error:
            # What pyarrow and buffered files raise names no path, and the staging folder is not there any more.
            if error.filename is None or str(staging) in str(error.filename):
                raise explain_os_error(error, "cannot be written", out) from error
            raise
        _publish(staging, out, owned, kind)


@contextmanager
def staged_addition(analysis: Path, owned: Iterable[str]) -> Iterator[Path]:
    """Yield an empty folder to write into, whose files join an analysis when the block ends without an error.

    Args:
        analysis: The folder of a complete analysis.
        owned: Files, relative to it, that are removed unless the block writes them again.

    Raises:
        InputError: If `analysis` is not such a folder, is in use, or cannot be written.
    """
    check_analysis(analysis)
    with staged_output(analysis, owned) as staging:
        # While the files are replaced, the folder is not an analysis either.
        shutil.copyfile(analysis / RUN_FILE, staging / RUN_FILE)
        yield staging


def check_analysis(folder: Path) -> None:
    """Check that a folder holds a complete analysis, and complete one that a killed program was putting there.

    Raises:
        InputError: If it holds none, or cannot be completed.
    """
    if (folder / PUBLISHING_FOLDER).is_dir():
        try:
            with _lock(folder):
                finish_publishing(folder)
        except OSError as error:
            problem = "holds an analysis that a killed program did not put in place, and that cannot be repaired"
            raise explain_os_error(error, problem, folder) from error
    if not is_analysis(folder):
        raise InputError(folder, "is not the folder of an analysis; `descan analyze CORPUS --out DIR` makes one")


def is_analysis(folder: Path) -> bool:
    """Return whether a folder holds a complete analysis."""
    return _is_complete(folder, ANALYSIS)


def write_run(folder: Path, run: Mapping[str, Any]) -> None:
    """Write the `run.json` of an analysis."""
    (folder / RUN_FILE).write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _is_complete(folder: Path, kind: OutputKind) -> bool:
    try:
        run = json.loads((folder / kind.marker).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(run, dict) and "descan" in run


def _check_kind(out: Path, kind: OutputKind) -> None:
    """Refuse what is neither an empty folder nor an output of that kind nor about to become one."""
    try:
        names = [path.name for path in out.iterdir()]
    except FileNotFoundError:
        if out.is_symlink():
            problem = "is a symbolic link to nothing; remove it, or name another folder"
            raise InputError(out, problem) from None
        return
    except NotADirectoryError as error:
        if out.exists():
            raise InputError(out, f"is a file; name a folder for the {kind.noun}") from None
        raise explain_os_error(error, "cannot be written", out) from error
    except OSError as error:
        raise explain_os_error(error, "cannot be used", out) from error
    others = [name for name in names if name != LOCK_FILE and not name.startswith((STAGING_PREFIX, ".descan-"))]
    if others and PUBLISHING_FOLDER not in others and not _is_complete(out, kind):
        raise InputError(out, f"holds something else; name a new or empty folder, or that of an earlier {kind.noun}")


def _check_folders(out: Path) -> None:
    """Find out before the work whether the files in sub-folders can be replaced after it."""
    check_no_links(out, [f"{name}/file" for name in FOLDERS])
    for folder in (out / name for name in FOLDERS):
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            error = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            raise explain_os_error(error, "cannot be written", folder)


@contextmanager
def _create_folder(out: Path) -> Iterator[None]:
    """Create the folder, and remove it again if nothing comes into it."""
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]

    def remove() -> None:
        for folder in missing:
            with suppress(OSError):
                folder.rmdir()

    with clean_up_on_exit(remove):
        out.mkdir(parents=True, exist_ok=True)
        yield


@contextmanager
def _lock(out: Path) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(lock_folder(out, LOCK_FILE))
        except FolderBusyError:
            problem = "another descan is writing into this folder; wait until it has ended, or name another folder"
            raise InputError(out, problem) from None
        yield


@contextmanager
def _staging_folder(out: Path) -> Iterator[Path]:
    staging = out / f"{STAGING_PREFIX}{uuid4().hex[:8]}"
    with clean_up_on_exit(lambda: discard(staging)):
        staging.mkdir(mode=0o700)
        yield staging


def _remove_leftovers(out: Path) -> None:
    """Remove what killed programs left; whoever writes here holds the lock."""
    remove_leftovers(out)
    for folder in out.glob(f"{STAGING_PREFIX}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _publish(staging: Path, out: Path, owned: Iterable[str], kind: OutputKind) -> None:
    files = [path.relative_to(staging) for path in staging.rglob("*") if path.is_file()]
    new = {_unit(file) for file in files}
    for name in sorted(new):
        path = out / name
        is_taken = not _is_record(path) if name.endswith(_RECORD_SUFFIX) else path.is_dir() or _is_below_file(path)
        if is_taken:
            raise InputError(out, f"{name} cannot be written: something else has that name; move it away")
    names = {*new, *owned, kind.marker} if kind.marker in new else {*new, *owned}
    check_no_links(out, names)
    publish(staging, out, [name for name in names if os.path.lexists(out / name)], new)


def _unit(file: Path) -> str:
    """Return what moves as a whole: the file, or the record that it is a part of."""
    return file.parts[0] if file.parts[0].endswith(_RECORD_SUFFIX) else file.as_posix()


def _is_below_file(path: Path) -> bool:
    return path.parent.exists() and not path.parent.is_dir()


def _is_record(path: Path) -> bool:
    """Return whether nothing is there but a file or the parts of a record."""
    return not path.is_dir() or all(part.match(_PARTS) and not part.is_dir() for part in path.iterdir())
