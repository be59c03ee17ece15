"""Which files of a folder are answers, what is said of the others, and files that are no files."""

import json
import os
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from descan.corpus import read_corpus
from descan.corpus.formats import lines
from descan.errors import InputError
from tests.loading import load_answers

ROW = {"item_id": "a", "model": "m", "mode": "describe", "text": "She smiles."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "faces")


def make_folder(folder: Path) -> Path:
    (folder / "answers").mkdir(parents=True)
    (folder / "corpus.toml").write_text("")
    (folder / "items.csv").write_text("item_id\na\n")
    write(folder / "answers.jsonl", "first")
    return folder


def write(path: Path, model: str) -> Path:
    row = ROW | {"model": model}
    if path.suffix.lower() == ".csv":
        path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    elif path.suffix.lower() == ".parquet":
        pq.write_table(pa.Table.from_pylist([row]), path)
    else:
        path.write_text(json.dumps(row) + "\n")
    return path


def problem_of(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_answers(read_corpus(path))
    return str(caught.value)


def test_answers_are_loaded_in_every_format_and_case(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = ["answers.csv", "answers/b.ndjson", "answers/c.JSONL", "answers/d.Csv", "answers/e.parquet"]
    for name in names:
        write(folder / name, name)
    models = [answer.model for answer in load_answers(read_corpus(folder))]
    assert models == [
        "first",
        "answers.csv",
        "answers/b.ndjson",
        "answers/c.JSONL",
        "answers/d.Csv",
        "answers/e.parquet",
    ]
    assert not caplog.records


def test_answers_need_no_json_lines(folder: Path) -> None:
    (folder / "answers.jsonl").unlink()
    write(folder / "answers.ndjson", "m")
    assert [answer.model for answer in load_answers(read_corpus(folder))] == ["m"]


def test_the_same_answers_in_two_formats_are_refused(folder: Path) -> None:
    path = write(folder / "answers.csv", "first")
    assert problem_of(folder).startswith(f"{path}:2: answer item_id 'a', model 'first', mode describe, repeat 0 occurs")


def test_what_is_not_loaded_is_named_in_one_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "answers" / "old").mkdir()
    (folder / "answers" / "b.jsonl.gz").write_bytes(b"")
    (folder / "answers" / "notes.txt").write_text("")
    (folder / "answers.xlsx").write_bytes(b"")
    corpus = read_corpus(folder)
    assert corpus.unread == (
        "answers.xlsx is none of .csv, .jsonl, .ndjson, .parquet",
        "answers/b.jsonl.gz is compressed; unpack it",
        "answers/notes.txt is none of .csv, .jsonl, .ndjson, .parquet",
        "answers/old is a folder",
    )
    assert [record.getMessage() for record in caplog.records] == [
        f"{folder}: not loaded as answers: {'; '.join(corpus.unread)}"
    ]


def test_a_warning_stays_short(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(100):
        (folder / "answers" / f"{number:03}.txt").write_text("")
    assert len(read_corpus(folder).unread) == 100
    assert caplog.records[0].getMessage().endswith("; and 95 more")


def test_a_folder_with_nothing_but_other_files_says_so(folder: Path) -> None:
    (folder / "answers.jsonl").unlink()
    (folder / "answers" / "b.jsonl.gz").write_bytes(b"")
    assert problem_of(folder) == (
        f"{folder}: no answers (answers/b.jsonl.gz is compressed; unpack it); "
        "put them in answers.jsonl, answers/*.jsonl or answers/*.parquet"
    )


def test_hidden_files_are_passed_over(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("answers/._b.jsonl", "answers/.DS_Store", "._answers.jsonl"):
        (folder / name).write_bytes(b"\x00\x05\x16\x07")
    assert [answer.model for answer in load_answers(read_corpus(folder))] == ["first"]
    assert not caplog.records


@pytest.mark.usefixtures("no_root")
@pytest.mark.parametrize("name", ["answers", "answers.jsonl", "items.csv", "corpus.toml"])
def test_what_may_not_be_read_is_an_error(name: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = make_folder(Path(place) / "faces")
        (folder / name).chmod(0)
        assert problem_of(folder).startswith(f"{folder / name}: cannot be read: ")
        (folder / name).chmod(0o700)


@pytest.mark.parametrize(
    "name", ["answers", "answers.jsonl", "answers/x.csv", "items.csv", "corpus.toml", "failures.jsonl"]
)
def test_a_pipe_is_refused_at_once(folder: Path, name: str) -> None:
    path = folder / name
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert problem_of(folder) == f"{path}: is not a regular file but a pipe or device; copy what it gives to a file"


def test_a_link_that_leads_nowhere_is_refused(folder: Path) -> None:
    (folder / "answers").rmdir()
    (folder / "answers").symlink_to("answers")
    assert problem_of(folder).startswith(f"{folder / 'answers'}: cannot be read: its symbolic links go round")


def test_a_device_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "endless.jsonl"
    path.symlink_to("/dev/zero")
    assert problem_of(path) == f"{path}: is not a regular file but a pipe or device; copy what it gives to a file"


def test_a_folder_in_place_of_a_file_is_refused(folder: Path) -> None:
    (folder / "items.csv").unlink()
    (folder / "items.csv").mkdir()
    assert problem_of(folder) == f"{folder / 'items.csv'}: is a folder; use a file"


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_line_without_end_is_refused(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 1000)
    path = tmp_path / f"long.{suffix}"
    path.write_bytes(b"text\n" * (suffix == "csv") + b"\0" * 2000)
    line = 2 if suffix == "csv" else 1
    assert problem_of(path) == f"{path}:{line}: the line is longer than 0 MB; use one row a line"


def test_a_corpus_toml_without_end_is_refused(folder: Path) -> None:
    with (folder / "corpus.toml").open("wb") as file:
        file.truncate(20_000_000)
    assert problem_of(folder) == f"{folder / 'corpus.toml'}: is larger than 10 MB; is it TOML?"


def test_a_name_that_is_too_long_is_refused_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 300 + ".jsonl")
    assert problem_of(path).startswith(f"{path}: cannot be read: ")
