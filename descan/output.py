"""The folder of an analysis: checked before the work, filled aside, put in place at the end."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from descan.errors import InputError

RUN_FILE = "run.json"
"""Tells what made the folder; it is written last, so a folder with it is complete."""


@contextmanager
def staged_output(out: Path) -> Iterator[Path]:
    """Give an empty folder to write into, whose files go to `out` when the block ends without an error.

    Files of an earlier analysis are replaced; anything else that `out` holds beside them stays. When the block ends
    with an error, `out` is as it was.

    Raises:
        InputError: If `out` is a file or a folder that holds something else, or cannot be written.
    """
    _check(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise InputError(out, f"cannot be written: {error.strerror}") from error
    try:
        yield staging
        _publish(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _check(out: Path) -> None:
    if out.is_file():
        raise InputError(out, "is a file; name a folder for the analysis")
    if out.is_dir() and any(out.iterdir()) and not _is_analysis(out):
        raise InputError(out, "holds something else; name a new or empty folder, or that of an earlier analysis")


def _is_analysis(folder: Path) -> bool:
    try:
        return "descan" in json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


def _publish(staging: Path, out: Path) -> None:
    out.mkdir(exist_ok=True)
    (out / RUN_FILE).unlink(missing_ok=True)
    files = [path.relative_to(staging) for path in sorted(staging.rglob("*")) if path.is_file()]
    for name in sorted(files, key=lambda name: (name.name == RUN_FILE, name)):
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staging / name, target)  # noqa: PTH105
