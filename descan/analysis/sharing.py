"""What this machine and the workers of a cluster have in common: a folder, and names of files that all understand."""

import logging
import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from descan.analysis.options import Cluster
from descan.corpus import Corpus
from descan.errors import InputError, quote, without_credentials
from descan.storage.paths import is_remote, open_file, path_or_url
from descan.storage.scratch import discard

_logger = logging.getLogger(__name__)

_N_REMOVALS = 10
_BETWEEN_REMOVALS_S = 0.3


@contextmanager
def shared_folder(cluster: Cluster, folder: Path) -> Iterator[Path]:
    """Yield the folder that workers write to; at the end their files are moved to `folder`.

    What a killed run into the same output folder left is removed first.

    Args:
        cluster: Says where the folder is created.
        folder: A folder in the output folder, whose lock the caller holds: no other run into it is under way.

    Raises:
        InputError: If the folder cannot be written.
    """
    if cluster.shared is None:
        yield folder.resolve()
        return
    base = _full_path(path_or_url(cluster.shared))
    run = sha256(f"{platform.node()}\0{folder.parent.resolve()}".encode()).hexdigest()[:16]
    shared = base / f"descan-{run}{uuid4().hex}"
    try:
        shared.mkdir(parents=True)
        _forget_listings(base)
        for leftover in base.glob(f"descan-{run}*"):
            if leftover.name != shared.name:
                _remove(leftover)
    except OSError as error:
        raise _unwritable(shared, error) from error
    try:
        yield shared
        _forget_listings(shared)
        for path in sorted(shared.glob("*/part-*.parquet")):
            target = folder / path.parent.name / path.name
            target.parent.mkdir(exist_ok=True)
            with open_file(path) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
    except OSError as error:
        raise _unwritable(shared, error) from error
    finally:
        _remove(shared)


def _unwritable(folder: Path, error: OSError) -> InputError:
    return InputError(folder, f"cannot be written: {error.strerror or quote(without_credentials(error))}")


def _forget_listings(folder: Path) -> None:
    """See what other processes wrote: a file system behind a URL may remember what it found in a folder."""
    if is_remote(folder):
        folder.fs.invalidate_cache()  # type: ignore[attr-defined]


def _remove(folder: Path) -> None:
    if not is_remote(folder):
        discard(folder)
        return
    for _ in range(_N_REMOVALS):
        _forget_listings(folder)
        try:
            folder.fs.rm(folder.path, recursive=True)  # type: ignore[attr-defined]
        except FileNotFoundError:
            return
        except OSError:  # A worker that is not done yet wrote meanwhile.
            time.sleep(_BETWEEN_REMOVALS_S)
        else:
            return
    _logger.warning("%s cannot be removed; remove it when the workers are done", without_credentials(folder))


def with_full_paths(corpus: Corpus) -> Corpus:
    """Name the files of a corpus so that a worker finds them that runs in another folder."""
    failures = corpus.failure_file
    return replace(
        corpus,
        answer_files=tuple(map(_full_path, corpus.answer_files)),
        failure_file=None if failures is None else _full_path(failures),
    )


def with_shared_answers(corpus: Corpus, folder: Path) -> Corpus:
    """Copy answers that were converted on this machine into a folder that the workers can read, too.

    Raises:
        InputError: If they cannot be written there.
    """
    shared = []
    for number, path in enumerate(corpus.answer_files):
        target = folder / f"{number}-{path.name}"
        try:
            with open_file(path) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
        except OSError as error:
            raise _unwritable(target, error) from error
        shared.append(target)
    return replace(corpus, answer_files=tuple(shared))


def _full_path(path: Path) -> Path:
    return path if is_remote(path) else path.absolute()
