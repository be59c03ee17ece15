"""A file is replaced in one step, whatever stops the writer."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from descan.storage.atomic import remove_leftovers, replace_file, write_file

OLD, NEW = b"old content\n", b"new content, which is longer\n"


def stop_at(n: int, path: Path, way: str) -> int:
    """Write `NEW` to a file in another process that a kill or an OSError stops at its n-th step."""
    program = f"""
        import errno, os, sys
        from pathlib import Path
        from descan.storage.atomic import write_file
        steps = 0
        def stop(event, arguments):
            global steps
            if event not in ("open", "os.rename", "os.remove", "os.utime") or ".descan-" not in str(arguments):
                return
            steps += 1
            if steps == {n}:
                if {way!r} == "kill":
                    os._exit(9)
                raise OSError(errno.ENOSPC, "No space left on device")
        sys.addaudithook(stop)
        write_file(Path(sys.argv[1]), {NEW!r})
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(path)]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode


@pytest.mark.parametrize("way", ["kill", "error"])
def test_a_file_is_the_old_one_or_the_new_one_wherever_its_writer_stops(tmp_path: Path, way: str) -> None:
    path, seen = tmp_path / "file.json", set()
    for n in range(1, 20):
        path.write_bytes(OLD)
        code = stop_at(n, path, way)
        seen.add(path.read_bytes())
        if way == "kill":
            remove_leftovers(tmp_path)
        assert list(tmp_path.iterdir()) == [path]
        if code == 0:
            break
    else:
        pytest.fail("the writer never came to its end")
    assert n > 3
    assert seen == {OLD, NEW}


def test_an_error_while_writing_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_file(path, OLD)

    def write_half() -> None:
        with replace_file(path) as partial:
            partial.write_bytes(NEW[:5])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write_file(tmp_path / "ours", "text")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_file_with_the_longest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_file(path, "text")
    assert path.read_text() == "text"


def test_line_feeds_and_unicode_stay_as_they_are(tmp_path: Path) -> None:
    write_file(tmp_path / "file", "笑\r\n\n")
    assert (tmp_path / "file").read_bytes() == "笑\r\n\n".encode()


def test_leftovers_of_a_kill_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine.part").write_text("mine")
    with replace_file(tmp_path / "file") as partial:
        partial.write_text("half")
        remove_leftovers(tmp_path)
        assert not partial.exists()
        partial.write_text("whole")
    assert {path.name for path in tmp_path.iterdir()} == {"mine.part", "file"}
