"""The folder of an analysis: checked before the work, filled aside, put in place at the end."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from descan.errors import InputError

RUN_FILE = "run.json"
"""Tells what made the folder; it is written last, so a folder with it is complete."""

_RECORD_SUFFIX = ".parquet"
"""A record is a file, or a folder of the parts that the workers of a cluster wrote."""

_PARTS = "part-*.parquet"

STAGING_PREFIX = ".partial-"
"""Begins the name of the folder within, where files are written before they are put in place."""


@contextmanager
def staged_output(out: Path, owned: Iterable[str] = ()) -> Iterator[Path]:
    """Give an empty folder to write into, whose files go to `out` when the block ends without an error.

    Files of an earlier analysis are replaced; anything else that `out` holds beside them stays. When the block ends
    with an error, `out` is as it was.

    Args:
        out: A new or empty folder, or that of an earlier analysis.
        owned: Files, relative to `out`, that go where the block does not write them again.

    Raises:
        InputError: If `out` is a file or a folder that holds something else, or cannot be written.
    """
    _check(out)
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=out))
    except OSError as error:
        raise InputError(out, f"cannot be written: {error.strerror}") from error
    is_done = False
    try:
        yield staging
        _publish(staging, out, owned)
        is_done = True
    finally:
        discard(staging)
        if is_new and not is_done:
            shutil.rmtree(out, ignore_errors=True)


@contextmanager
def staged_addition(analysis: Path, owned: Iterable[str]) -> Iterator[Path]:
    """Give an empty folder to write into, whose files join an analysis when the block ends without an error.

    Args:
        analysis: The folder of a complete analysis.
        owned: Files, relative to it, that go where the block does not write them again.

    Raises:
        InputError: If `analysis` is no such folder, or cannot be written.
    """
    if not is_analysis(analysis):
        raise InputError(analysis, "is not the folder of an analysis; `descan analyze CORPUS --out DIR` makes one")
    with staged_output(analysis, owned) as staging:
        yield staging


def discard(folder: Path) -> None:
    """Remove a folder, even while a worker that has not heard of the end writes into it by its name."""
    with suppress(OSError):
        folder = folder.rename(folder.with_name(f"{folder.name}-removed"))
    shutil.rmtree(folder, ignore_errors=True)


def is_analysis(folder: Path) -> bool:
    """Say whether a folder holds a complete analysis."""
    try:
        run = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(run, dict) and "descan" in run


def _check(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(out, "is a file; name a folder for the analysis")
    has_others = out.is_dir() and any(not path.name.startswith(STAGING_PREFIX) for path in out.iterdir())
    if has_others and not is_analysis(out):
        raise InputError(out, "holds something else; name a new or empty folder, or that of an earlier analysis")


def _publish(staging: Path, out: Path, owned: Iterable[str]) -> None:
    files = [path.relative_to(staging) for path in sorted(staging.rglob("*")) if path.is_file()]
    records = {name for name in (Path(file.parts[0]) for file in files) if name.suffix == _RECORD_SUFFIX}
    for name in files:
        if _is_in_the_way(out / name.parts[0]) if Path(name.parts[0]) in records else _is_taken(out / name):
            raise InputError(out, f"{name} cannot be put there: something of that name is in its place; move it away")
    try:
        if Path(RUN_FILE) in files:
            (out / RUN_FILE).unlink(missing_ok=True)
        for name in sorted(records):
            _remove_record(out / name)
        for name in sorted({Path(name) for name in owned}.difference(files)):
            if (out / name).is_file():
                (out / name).unlink()
        for name in sorted(files, key=lambda name: (name.name == RUN_FILE, name)):
            (out / name).parent.mkdir(exist_ok=True)
            os.replace(staging / name, out / name)  # noqa: PTH105
    except OSError as error:
        raise InputError(out, f"cannot be written: {error.strerror}") from error


def _is_taken(path: Path) -> bool:
    """Tell whether something is there that no file can replace."""
    return path.is_dir() or (path.parent.exists() and not path.parent.is_dir())


def _is_in_the_way(record: Path) -> bool:
    """Tell whether something is there that is neither a file nor the parts of a record."""
    return record.is_dir() and any(not path.match(_PARTS) or path.is_dir() for path in record.iterdir())


def _remove_record(path: Path) -> None:
    """Remove a record of an earlier analysis, which may have been in parts."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for part in path.glob(_PARTS):
        part.unlink()
    path.rmdir()
