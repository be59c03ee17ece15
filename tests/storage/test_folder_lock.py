"""Only one program writes into a folder, and a killed one does not keep the others out."""

import os
import signal
from pathlib import Path

import pytest

from descan.errors import InputError
from descan.storage.folder_lock import FolderBusyError, is_locked, lock_folder
from descan.storage.output import staged_output

LOCK = "lock"


def test_a_lock_keeps_others_out_until_it_is_released(tmp_path: Path) -> None:
    assert not is_locked(tmp_path, LOCK)
    with lock_folder(tmp_path, LOCK):
        assert is_locked(tmp_path, LOCK)
        with pytest.raises(FolderBusyError), lock_folder(tmp_path, LOCK):
            pass
        assert is_locked(tmp_path, LOCK)
    assert list(tmp_path.iterdir()) == []
    with lock_folder(tmp_path, LOCK):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    receiver, sender = os.pipe()
    process = os.fork()
    if not process:
        with lock_folder(tmp_path, LOCK):
            os.write(sender, b"1")
            signal.pause()
    assert os.read(receiver, 1) == b"1"
    assert is_locked(tmp_path, LOCK)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    assert (tmp_path / LOCK).exists()
    assert not is_locked(tmp_path, LOCK)
    with lock_folder(tmp_path, LOCK):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_second_analysis_into_the_same_folder_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with staged_output(out) as staging:
        before = sorted(out.rglob("*"))
        with pytest.raises(InputError) as error, staged_output(out):
            pass
        problem = "another descan is writing into this folder; wait until it has ended, or name another folder"
        assert str(error.value) == f"{out}: {problem}"
        assert sorted(out.rglob("*")) == before
        (staging / "run.json").write_text('{"descan": "1"}')
    assert [path.name for path in out.iterdir()] == ["run.json"]
