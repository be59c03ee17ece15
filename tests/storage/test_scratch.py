"""What a program writes apart is gone at its end, or at the next program's start."""

import os
import signal
import tempfile
from pathlib import Path

import pytest

from descan.errors import InputError, SetupError
from descan.storage.scratch import scratch_folder


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_scratch_folder_is_gone_at_the_end_whatever_the_end_is(temporary: Path) -> None:
    def fail() -> None:
        with scratch_folder() as folder:
            (folder / "file").write_text("x")
            raise KeyboardInterrupt

    with scratch_folder() as folder:
        assert folder.parent == temporary
        (folder / "file").write_text("x")
    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_goes_and_what_a_living_one_uses_stays(temporary: Path) -> None:
    receiver, sender = os.pipe()
    process = os.fork()
    if not process:
        with scratch_folder() as folder:
            (folder / "big").write_text("x")
            os.write(sender, b"1")
            signal.pause()
    os.read(receiver, 1)
    [left] = temporary.iterdir()
    (temporary / "descan-notes.txt").write_text("mine")
    (temporary / "descan-mine").mkdir()
    with scratch_folder():
        assert (left / "big").exists()
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    os.utime(left / "lock", (0, 0))
    with scratch_folder():
        assert not left.exists()
    assert {path.name for path in temporary.iterdir()} == {"descan-notes.txt", "descan-mine"}


def test_a_scratch_folder_that_vanishes_is_one_line_that_names_the_folder_of_temporary_files(temporary: Path) -> None:
    def write() -> None:
        with scratch_folder() as folder:
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
            (folder / "file").write_text("x")

    with pytest.raises(InputError) as error:
        write()
    assert str(error.value).startswith(f"{temporary}: takes no temporary files (TMPDIR can name another folder): it is")


def test_a_system_without_a_folder_for_temporary_files_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", find_none)
    problem = "no folder for temporary files can be written; make room in /tmp, or set"
    with pytest.raises(SetupError, match=problem), scratch_folder():
        pass
