"""Put the new files of an analysis in place of the old ones, so that a stop at any point can be made good.

1. The new files are in a folder `.partial-...` within. The folder is the old analysis.
2. With a journal among them, that folder is renamed to `.publishing/`. From now on the folder is neither analysis, and
   has no `run.json` until the end: the old files move to `.publishing/.old/`, then the new ones from `.publishing/`
   into the folder. Whoever finds this state can go forward or back, for the journal and the places of the files
   say what has been done.
3. `.publishing/` is renamed to `.partial-...-removed`, which is garbage. The folder is the new analysis, or the old
   one if the new one could not be put in place.
"""

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from os.path import lexists
from pathlib import Path, PurePosixPath
from typing import Annotated
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from descan.errors import InputError, explain_os_error
from descan.storage.atomic import sync_file, sync_folder, write_file
from descan.storage.scratch import discard

RUN_FILE = "run.json"
"""Says what made the folder of an analysis. It is put there last, so a folder with it is complete."""

COMPARISON_FILE = "compare.json"
"""The same of the folder of a comparison of two analyses."""

EXPORT_FILE = "export.json"
"""The same of the folder of what was exported for a paper."""

STAGING_PREFIX = ".partial-"
"""Begins the name of a folder with files that are not in place."""

PUBLISHING_FOLDER = ".publishing"

_JOURNAL = ".journal.json"
_OLD = ".old"


def _check_name(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or str(path) != name or "\0" in name:
        raise ValueError("is not a path within the folder")
    return name


_Name = Annotated[str, AfterValidator(_check_name)]


class _Journal(BaseModel):
    """What moves, as paths relative to the folder; a path may be a file or a whole folder."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    old: list[_Name]
    new: list[_Name]
    new_folders: list[_Name]


def publish(staging: Path, out: Path, old: Iterable[str], new: Iterable[str]) -> None:
    """Move new files into a folder in place of old ones.

    Args:
        staging: Folder in `out` with the new files; it is gone afterwards.
        out: The folder, whose lock the caller holds.
        old: Paths in `out` to remove.
        new: Paths in `staging` to put into `out`; nothing else may be in their places.

    Raises:
        InputError: If the files cannot be moved; `out` then holds the old files.
    """
    try:
        for path in staging.rglob("*"):
            sync_folder(path) if path.is_dir() else sync_file(path)
        parents = sorted({str(PurePosixPath(name).parent) for name in new} - {"."})
        journal = _Journal(
            old=_sort(old), new=_sort(new), new_folders=[name for name in parents if not (out / name).exists()]
        )
        write_file(staging / _JOURNAL, journal.model_dump_json())
        staging.rename(out / PUBLISHING_FOLDER)
    except OSError as error:
        raise explain_os_error(error, "cannot be written", out) from error
    finish_publishing(out)


def check_no_links(folder: Path, names: Iterable[str]) -> None:
    """Refuse symbolic links in place of the folders that files are in.

    Args:
        folder: May be a link itself.
        names: Paths of the files, relative to the folder.

    Raises:
        InputError: If a path leads through a link.
    """
    for parent in sorted({folder / parent for name in names for parent in list(PurePosixPath(name).parents)[:-1]}):
        if parent.is_symlink():
            raise InputError(parent, "is a symbolic link, which descan does not write through; put a folder there")


def finish_publishing(out: Path) -> None:
    """Go forward to the new analysis or, where that fails, back to the old one, from wherever a program stopped.

    Args:
        out: A folder, whose lock the caller holds.

    Raises:
        InputError: If the new files cannot be moved; `out` then holds the old ones, unless the message says otherwise.
    """
    publishing = out / PUBLISHING_FOLDER
    if not publishing.is_dir() or publishing.is_symlink():
        return
    journal = _load_journal(publishing)
    check_no_links(out, (*journal.old, *journal.new))
    for folder in (publishing, publishing / _OLD):
        check_no_links(folder, (_OLD, *journal.old, *journal.new))
    try:
        sync_folder(out)
        _go_forward(out, publishing, journal)
    except OSError as error:
        _give_up(out, publishing, journal, error)
    except BaseException:  # Such as Ctrl-C.
        with suppress(OSError):
            _go_forward(out, publishing, journal)
        raise
    with suppress(OSError):
        _discard(out, publishing)


def _give_up(out: Path, publishing: Path, journal: _Journal, error: OSError) -> None:
    explained = explain_os_error(error, "cannot be replaced", _find_path(error) or out)
    try:
        _go_back(out, publishing, journal)
        _discard(out, publishing)
    except OSError:
        problem = f"{explained}; until then {out} holds parts of two analyses, and the next run there repairs it"
        raise InputError(None, problem) from error
    raise explained from error


def _find_path(error: OSError) -> str | None:
    """Return the path of an error that a user knows."""
    names = [name for name in (error.filename, error.filename2) if isinstance(name, str)]
    return next((name for name in names if PUBLISHING_FOLDER not in Path(name).parts), None)


def _go_forward(out: Path, publishing: Path, journal: _Journal) -> None:
    """Make every step that has not been made; each is one rename."""
    for name in journal.old:
        is_new = name in journal.new and not lexists(publishing / name)
        if not is_new and not lexists(publishing / _OLD / name) and lexists(out / name):
            _move(out / name, publishing / _OLD / name)
    for name in reversed(journal.new):
        if lexists(publishing / name):
            if lexists(out / name):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(out / name))
            _move(publishing / name, out / name)
    _sync(out, journal)


def _go_back(out: Path, publishing: Path, journal: _Journal) -> None:
    """Undo every step that has been made, the last one first."""
    for name in journal.new:
        if lexists(out / name) and not lexists(publishing / name):
            _move(out / name, publishing / name)
    for name in reversed(journal.old):
        if lexists(publishing / _OLD / name):
            _move(publishing / _OLD / name, out / name)
    for name in journal.new_folders:
        with suppress(OSError):
            (out / name).rmdir()
    _sync(out, journal)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)


def _sync(out: Path, journal: _Journal) -> None:
    for folder in {(out / name).parent for name in (*journal.old, *journal.new)}:
        if folder.exists():
            sync_folder(folder)


def _discard(out: Path, publishing: Path) -> None:
    garbage = publishing.rename(out / f"{STAGING_PREFIX}{uuid4().hex[:8]}-removed")
    sync_folder(out)
    discard(garbage)


def _sort(names: Iterable[str]) -> list[str]:
    """Sort paths, the file that says what made the folder first."""
    return sorted(names, key=lambda name: (name not in (RUN_FILE, COMPARISON_FILE, EXPORT_FILE), name))


def _load_journal(publishing: Path) -> _Journal:
    path = publishing / _JOURNAL
    try:
        return _Journal.model_validate_json(path.read_bytes())
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error
    except ValidationError:
        problem = "is damaged, so the analysis that was being replaced cannot be repaired; analyze into another folder"
        raise InputError(path, problem) from None
