"""Who reads which text next, and what is kept of a reading."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from descan.corpus import CategoryNames
from descan.corpus.readings import ReadingStatus, choices_of, load_readings
from descan.errors import InputError
from descan.lexicon import load_category_set
from descan.review.marking import Marking, Marks, Task
from descan.review.readings_file import ReadingsFile, open_readings
from descan.review.sampling import Description

SET = load_category_set()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[ReadingsFile]:
    with open_readings(tmp_path / "readings.jsonl") as opened:
        yield opened


def _marking(file: ReadingsFile, texts: str = "abcdef", n_shared: int = 100) -> Marking:
    sample = [Description(f"item-{place}", "m", 0, text, "en") for place, text in enumerate(texts)]
    return Marking(file, sample, n_shared, SET, ("smile", "brow_lower"))


def _place(task: Task) -> int:
    assert task.place is not None
    return task.place


def test_a_reading_is_on_the_disk_before_the_next_text(file: ReadingsFile) -> None:
    marking = _marking(file)
    first = marking.next_task("anna")
    assert (first.text, first.language, first.n_read, first.n) == ("a", "en", 0, 6)
    marks = Marks("Happy", "Surprise", " odd ", ("smile",), ())
    second = marking.read("anna", _place(first), marks)
    assert (second.text, second.n_read) == ("b", 1)
    [line] = file.path.read_text("utf-8").splitlines()
    kept = json.loads(line)
    assert kept.pop("read_at").endswith("+00:00")
    assert kept == {
        "item_id": "item-0",
        "model": "m",
        "repeat": 0,
        "reader": "anna",
        "kind": "person",
        "described": "Happy",
        "second": "Surprise",
        "note": "odd",
        "present": ["smile"],
        "denied": [],
    }


def test_what_is_kept_can_be_analyzed(file: ReadingsFile) -> None:
    marking = _marking(file)
    task = marking.next_task("anna")
    for described in ("Happy", "Undecided", "refusal", ""):
        task = marking.read("anna", _place(task), Marks(described))
    found = load_readings([file.path], CategoryNames(SET, {}))
    assert [reading.described for reading in found] == ["Happy", "Undecided", "", ""]
    assert [reading.status for reading in found] == [
        *[ReadingStatus.READ] * 2, ReadingStatus.REFUSAL, ReadingStatus.CANNOT_TELL,
    ]  # fmt: skip
    assert {*marking.choices} - {"refusal", ""} == {*choices_of(SET)}


def test_all_read_what_is_shared_and_one_each_of_the_rest(file: ReadingsFile) -> None:
    marking = _marking(file, "abcdef", n_shared=2)
    read: dict[str, list[str]] = {"anna": [], "ben": []}
    tasks = {reader: marking.next_task(reader) for reader in read}
    while any(task.place is not None for task in tasks.values()):
        for reader, task in tasks.items():
            if task.place is not None:
                read[reader].append(task.text)
                tasks[reader] = marking.read(reader, task.place, Marks("Sad"))
    assert read["anna"][:2] == read["ben"][:2] == ["a", "b"]
    assert sorted(read["anna"][2:] + read["ben"][2:]) == ["c", "d", "e", "f"]
    assert tasks["anna"].n_read == tasks["anna"].n == len(read["anna"])


def test_a_text_that_occurs_twice_is_shown_once(file: ReadingsFile) -> None:
    marking = _marking(file, "abab")
    task = marking.read("anna", _place(marking.next_task("anna")), Marks("Fear", note="n"))
    assert (task.text, task.n_read, task.n) == ("b", 2, 4)
    assert [(one.item_id, one.described, one.note) for one in file.readings] == [
        ("item-0", "Fear", "n"), ("item-2", "Fear", "n"),
    ]  # fmt: skip
    back = marking.take_back("anna")
    assert (back.text, back.n_read) == ("a", 0)
    assert file.readings == []


def test_undo_brings_back_the_text_with_what_was_said(file: ReadingsFile) -> None:
    marking = _marking(file)
    first = marking.next_task("anna")
    marking.read("anna", _place(first), Marks("Sad", "Fear", "note"))
    ben = marking.read("ben", _place(marking.next_task("ben")), Marks("Anger"))
    back = marking.take_back("anna")
    assert back.place == first.place
    assert back.before is not None
    assert (back.before.described, back.before.second, back.before.note) == ("Sad", "Fear", "note")
    assert [one.reader for one in file.readings] == ["ben"]
    assert marking.next_task("ben").place == ben.place
    assert marking.take_back("carl").before is None


def test_a_second_press_of_a_key_changes_nothing(file: ReadingsFile) -> None:
    marking = _marking(file)
    place = _place(marking.next_task("anna"))
    marking.read("anna", place, Marks("Sad"))
    marking.read("anna", place, Marks("Happy"))
    assert [one.described for one in file.readings] == ["Sad"]


@pytest.mark.parametrize(
    ("place", "marks", "problem"),
    [
        (9, Marks("Sad"), "there is no text 9; the sample has 6"),
        (-1, Marks("Sad"), "there is no text -1"),
        (0, Marks("Joy"), "'Joy' is not offered; use one of Anger, "),
        (0, Marks("Sad", "Undecided"), "'Undecided' is no category; use one of Anger, "),
        (0, Marks("Sad", note="x" * 2001), "the note has 2,001 characters; 2,000 are allowed"),
        (0, Marks("Sad", present=("grin",)), "'grin' is no action of the inventory"),
    ],
)
def test_what_is_not_offered_is_refused(file: ReadingsFile, place: int, marks: Marks, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        _marking(file).read("anna", place, marks)
    assert not file.path.exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "descan", "Descan"])
def test_a_reader_needs_a_name_of_their_own(file: ReadingsFile, name: str) -> None:
    with pytest.raises(InputError, match="name"):
        _marking(file).next_task(name)


def test_readings_of_others_in_the_file_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl"
    theirs = {"item_id": "elsewhere", "model": "m", "described": "joy", "weight": 3, "reader": "anna"}
    path.write_text(json.dumps(theirs) + "\n\n", "utf-8")
    with open_readings(path) as file:
        marking = _marking(file)
        task = marking.read("anna", _place(marking.next_task("anna")), Marks("Sad"))
        assert task.n_read == 1
        assert marking.take_back("anna").n_read == 0
        assert marking.take_back("anna").n_read == 0
    kept = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [theirs.items() <= one.items() for one in kept] == [True]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("[]", "this is not a reading"),
        ("{", "this is not a reading, a JSON object with item_id and model"),
        ('{"item_id": "a"}', "this is not a reading: model: is missing"),
        ('{"item_id": "a", "model": "m", "repeat": -1}', "this is not a reading: repeat: "),
        ("[" * 100_000, "this is not a reading"),
    ],
)
def test_a_line_that_is_no_reading_is_told_with_its_number(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "readings.jsonl"
    path.write_text('{"item_id": "a", "model": "m"}\n' + line + "\n", "utf-8")
    with pytest.raises(InputError, match=problem) as caught, open_readings(path):
        pass
    assert caught.value.line == 2


def test_a_file_is_open_in_one_program_at_a_time(file: ReadingsFile) -> None:
    with pytest.raises(InputError, match="is open in another `descan review`"), open_readings(file.path):
        pass


def test_other_kinds_of_files_are_refused(tmp_path: Path) -> None:
    problem = r"JSON Lines; use a name that ends in \.jsonl"
    with pytest.raises(InputError, match=problem), open_readings(tmp_path / "a.csv"):
        pass
