"""Whatever stops the replacement of an analysis, the folder is the old one or the new one, after the next run at last.

An audit hook stops a forked process at its n-th change to the file system, for every n: by a kill or by an error.
"""

import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from descan.errors import InputError
from descan.storage.output import LOCK_FILE, check_analysis, is_analysis, staged_addition, staged_output
from descan.storage.publishing import PUBLISHING_FOLDER

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir"}
MINE = {"notes.txt": "mine", "tables/my own.csv": "mine too"}

Files = dict[str, str]

WHOLE = {f"{name}.parquet": f"{name} whole" for name in ("answers", "labels")}
PARTS = {f"{name}.parquet/part-00000{n}.parquet": f"{name} {n}" for name in ("answers", "labels") for n in (0, 1)}

SCENARIOS: dict[str, tuple[Files, Files]] = {
    "files by files": (
        {**WHOLE, "report.html": "old", "plots/a.svg": "old", "tables/a.csv": "old", "run.json": '{"descan": "1"}'},
        {
            **WHOLE,
            "answers.parquet": "new",
            "tables/a.csv": "new",
            "tables/b.csv": "new",
            "run.json": '{"descan": "2"}',
        },
    ),
    "files by parts": ({**WHOLE, "run.json": '{"descan": "1"}'}, {**PARTS, "run.json": '{"descan": "2"}'}),
    "parts by files": ({**PARTS, "run.json": '{"descan": "1"}'}, {**WHOLE, "run.json": '{"descan": "2"}'}),
    "nothing by files": ({}, {**WHOLE, "tables/a.csv": "new", "run.json": '{"descan": "2"}'}),
}
OWNED = ("report.html", "plots/a.svg", "plots/b.svg")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where the system has one: flushing 1,500 analyses to a disk takes minutes."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield Path(name)


def write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def content_of(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def replace(out: Path, new: Files) -> None:
    with staged_output(out, OWNED) as staging:
        write(staging, new)


def add(out: Path, new: Files) -> None:
    with staged_addition(out, OWNED) as staging:
        write(staging, new)


KILLED, REFUSED, HARMLESS, NOT_REACHED = 9, 3, 1, 0


def stop_at(n: int, way: str, work: Callable[[], None]) -> int:
    """Do work in a fork that is stopped at its n-th change to the file system, and return what came of it."""
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    n_changes = 0

    def stop(event: str, _: tuple[object, ...]) -> None:
        nonlocal n_changes
        if event in CHANGES:
            n_changes += 1
            if n_changes == n and way == "kill":
                os._exit(KILLED)
            if n_changes == n or (n_changes > n and way == "every change fails"):
                raise OSError(errno.EIO if n % 2 else errno.ENOSPC, "it cannot be done")

    code = 5
    try:
        sys.addaudithook(stop)
        work()
        code = HARMLESS if n_changes >= n else NOT_REACHED
    except InputError as error:
        code = 4 if "\n" in str(error) else REFUSED
    finally:
        os._exit(code)


def steps() -> Iterator[int]:
    yield from range(1, 500)
    pytest.fail("the work never came to its end")


@pytest.mark.parametrize("way", ["kill", "one change fails", "every change fails"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_stop_leaves_the_old_or_the_new_analysis(folder: Path, scenario: str, way: str) -> None:
    old, new = SCENARIOS[scenario]
    out, seen = folder / "out", set()
    mine = MINE if old else {}
    for n in steps():
        shutil.rmtree(out, ignore_errors=True)
        if old:
            write(out, {**old, **mine})
        code = stop_at(n, way, lambda: replace(out, new))
        assert code in (KILLED, REFUSED, HARMLESS, NOT_REACHED)
        if is_analysis(out) and not (out / PUBLISHING_FOLDER).exists():
            found = {name: text for name, text in content_of(out).items() if not name.startswith(".")}
            assert found in ({**old, **mine}, {**new, **mine})
        if way == "one change fails" and code == REFUSED:
            assert content_of(out) == {**old, **mine} if old else not out.exists()
        mend(out, old)
        found = content_of(out) if out.exists() else {}
        assert found in ({**old, **mine}, {**new, **mine})
        seen.add(found == {**new, **mine})
        if code == NOT_REACHED:
            break
    assert n > 10
    assert seen == {True, False}


def mend(out: Path, old: Files) -> None:
    """Do what the next command does: open the analysis, or begin another one, which fails."""
    if old:
        check_analysis(out)
        assert is_analysis(out)
    try:
        with staged_output(out, OWNED):
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass


@pytest.mark.parametrize("way", ["kill", "one change fails", "every change fails"])
def test_every_stop_leaves_the_old_or_the_new_report(folder: Path, way: str) -> None:
    old, new = {"report.html": "old", "plots/a.svg": "old"}, {"report.html": "new", "plots/b.svg": "new"}
    rest = {**WHOLE, **MINE, "run.json": '{"descan": "1"}'}
    out, seen = folder / "out", set()
    for n in steps():
        shutil.rmtree(out, ignore_errors=True)
        write(out, {**old, **rest})
        code = stop_at(n, way, lambda: add(out, new))
        assert code in (KILLED, REFUSED, HARMLESS, NOT_REACHED)
        if is_analysis(out):
            found = {name: text for name, text in content_of(out).items() if not name.startswith(".")}
            assert found in ({**old, **rest}, {**new, **rest})
        mend(out, old)
        assert content_of(out) in ({**old, **rest}, {**new, **rest})
        seen.add(content_of(out) == {**new, **rest})
        if code == NOT_REACHED:
            break
    assert n > 10
    assert seen == {True, False}


def interrupted(out: Path) -> None:
    """Leave a folder in the middle of a replacement."""
    write(out, {**WHOLE, "run.json": '{"descan": "1"}'})
    for n in steps():
        if stop_at(n, "kill", lambda: replace(out, {**WHOLE, "run.json": '{"descan": "2"}'})) == NOT_REACHED:
            pytest.fail("there was no middle")
        if (out / PUBLISHING_FOLDER).exists() and not (out / "run.json").exists():
            return


def test_a_damaged_journal_is_told_and_nothing_is_moved(tmp_path: Path) -> None:
    out = tmp_path / "out"
    interrupted(out)
    for content in ("", "[]", '{"old": ["../x"], "new": [], "new_folders": []}', '{"old": ["/x"], "new": []}'):
        (out / PUBLISHING_FOLDER / ".journal.json").write_text(content)
        before = content_of(out)
        with pytest.raises(InputError, match=r"\.journal\.json: is damaged, so the analysis that was being replaced"):
            check_analysis(out)
        assert content_of(out) == {name: text for name, text in before.items() if name != LOCK_FILE}


def test_mending_does_not_follow_links_out_of_the_folder(tmp_path: Path) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    interrupted(out)
    write(other, {"a.csv": "of somebody else"})
    (out / PUBLISHING_FOLDER / "tables").symlink_to(other)
    journal = '{"old": [], "new": ["tables/a.csv"], "new_folders": []}'
    (out / PUBLISHING_FOLDER / ".journal.json").write_text(journal)
    with pytest.raises(InputError, match="tables: is a symbolic link, which descan does not write through"):
        check_analysis(out)
    assert content_of(other) == {"a.csv": "of somebody else"}


@pytest.mark.usefixtures("no_root")
def test_a_folder_that_cannot_be_mended_here_says_so(folder: Path) -> None:
    out = folder / "out"
    interrupted(out)
    out.chmod(0o500)
    with pytest.raises(InputError, match=r"cannot be replaced: permission denied.* holds parts of two analyses"):
        check_analysis(out)
    (out / LOCK_FILE).chmod(0o400)
    with pytest.raises(InputError, match="that a killed program did not put in place, and that cannot be repaired"):
        check_analysis(out)
