"""The folder of an analysis appears whole or not at all."""

import json
from pathlib import Path

import pytest

from descan.errors import InputError
from descan.storage.output import staged_output
from descan.storage.publishing import RUN_FILE


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (folder / RUN_FILE).write_text(json.dumps({"descan": "1"}), encoding="utf-8")


def content_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_files_are_in_place_after_the_block_and_nothing_else_is(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    with staged_output(out) as folder:
        write(folder, a="1", tables__b="2")
        assert {path.name for path in out.iterdir()} == {folder.name, ".descan.lock"}
    assert content_of(out).keys() == {"a", "tables/b", RUN_FILE}
    assert list(out.parent.iterdir()) == [out]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    with staged_output(tmp_path) as folder:
        write(folder, a="1")
    assert (tmp_path / "a").read_text() == "1"


def test_an_error_leaves_an_earlier_analysis_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with staged_output(out) as folder:
        write(folder, a="1")
    before = content_of(out)

    def fail() -> None:
        with staged_output(out) as folder:
            write(folder, a="2")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert content_of(out) == before
    assert list(tmp_path.iterdir()) == [out]


def test_an_error_leaves_no_new_folder(tmp_path: Path) -> None:
    def fail() -> None:
        with staged_output(tmp_path / "out") as folder:
            write(folder, a="2")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_later_analysis_replaces_files_and_keeps_what_people_put_beside(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with staged_output(out) as folder:
        write(folder, a="1")
    (out / "notes.txt").write_text("mine")
    with staged_output(out) as folder:
        write(folder, a="2")
    assert content_of(out) | {RUN_FILE: ""} == {"a": "2", "notes.txt": "mine", RUN_FILE: ""}


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    with pytest.raises(InputError) as error, staged_output(out):
        pass
    assert str(error.value) == f"{out}: is a file; name a folder for the analysis"


@pytest.mark.parametrize("run", [None, "{}", "not JSON", "[1]"])
def test_a_folder_of_something_else_is_refused(tmp_path: Path, run: str | None) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    if run is not None:
        (tmp_path / RUN_FILE).write_text(run)
    with pytest.raises(InputError) as error, staged_output(tmp_path):
        pass
    message = "holds something else; name a new or empty folder, or that of an earlier analysis"
    assert str(error.value) == f"{tmp_path}: {message}"


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match=r"cannot be written: "), staged_output(tmp_path / "file" / "out"):
        pass


def test_what_a_killed_run_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / ".partial-abc").mkdir()
    with staged_output(tmp_path) as folder:
        write(folder, a="1")
    assert (tmp_path / "a").read_text() == "1"


def test_something_in_the_place_of_a_file_is_told_before_anything_changes(tmp_path: Path) -> None:
    (tmp_path / RUN_FILE).write_text('{"descan": "0"}')
    (tmp_path / "tables").write_text("mine")
    with pytest.raises(InputError, match="tables/b cannot be written"), staged_output(tmp_path) as folder:
        write(folder, tables__b="2")
    assert content_of(tmp_path).keys() == {RUN_FILE, "tables"}


def test_a_run_file_that_is_no_object_is_something_else(tmp_path: Path) -> None:
    (tmp_path / RUN_FILE).write_text('["descan"]')
    with pytest.raises(InputError, match="holds something else"), staged_output(tmp_path):
        pass


def test_a_linked_folder_within_is_not_written_through(tmp_path: Path) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    with staged_output(out) as folder:
        write(folder, a="1")
    other.mkdir()
    (out / "tables").symlink_to(other)
    problem = "tables: is a symbolic link, which descan does not write through"
    with pytest.raises(InputError, match=problem), staged_output(out):
        pytest.fail("it is told before the work")
    assert list(other.iterdir()) == []


def test_a_circle_of_links_and_a_name_that_is_too_long_are_told_with_the_path(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path, reason in ((tmp_path / "loop", "links go round in a circle"), (tmp_path / ("n" * 300), "too long")):
        with pytest.raises(InputError) as error, staged_output(path):
            pass
        assert str(error.value).startswith(f"{path}: ")
        assert reason in str(error.value)
