"""Files of readings by people and judges, and exports of the tools that people read with."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from descan.corpus import CategoryNames
from descan.corpus.readings import ReaderReading, load_readings
from descan.errors import InputError
from descan.lexicon import load_category_set

NAMES = CategoryNames(load_category_set("basic7"), {"0": "Anger"})


def load(path: Path, text: str) -> list[ReaderReading]:
    path.write_text(text, encoding="utf-8")
    return load_readings([path], NAMES)


def told(readings: Sequence[ReaderReading]) -> list[tuple[str, ...]]:
    return [(one.item_id, one.model, one.reader, one.kind, one.status, one.described) for one in readings]


def test_all_columns_of_people_and_judges_are_read(tmp_path: Path) -> None:
    header = "item_id,model,repeat,reader,kind,described,second,note,judge_repeat,cost_usd,latency_s"
    rows = ["a,m,0,anna,,joy,Surprised,smiles?,,,", "a,m,1,gpt,JUDGE,0,,,2,0.001,1.5"]
    anna, gpt = load(tmp_path / "r.csv", "\n".join([header, *rows]))
    assert (anna.kind, anna.described, anna.second, anna.note) == ("person", "Happy", "Surprise", "smiles?")
    assert (anna.judge_repeat, anna.cost_usd, anna.latency_s, anna.line) == (0, None, None, 2)
    assert (gpt.kind, gpt.repeat, gpt.described, gpt.judge_repeat) == ("judge", 1, "Anger", 2)
    assert (gpt.cost_usd, gpt.latency_s) == (0.001, 1.5)


def test_a_reading_that_says_nothing_of_the_description_is_kept_as_such(tmp_path: Path) -> None:
    words = ["", "cannot tell", "Can’t tell", "refusal", "Refused", "unparsed", "undecided"]
    rows = [f"{place},m,{word}" for place, word in enumerate(words)]
    found = load(tmp_path / "r.csv", "\n".join(["item_id,model,described", *rows]))
    statuses = ["cannot tell", "cannot tell", "cannot tell", "refusal", "refusal", "unparsed", "read"]
    assert [one.status for one in found] == statuses
    assert [one.described for one in found] == [*[""] * 6, "Undecided"]


def label_studio_task(
    data: Mapping[str, object], choice: str | None, by: object = 3, **annotation: object
) -> Mapping[str, object]:
    chosen = {"from_name": "emotion", "to_name": "text", "type": "choices", "value": {"choices": [choice]}}
    note = {"from_name": "note", "to_name": "text", "type": "textarea", "value": {"text": ["hard"]}}
    result = [chosen, note] if choice else []
    return {"id": 1, "data": data, "annotations": [{"completed_by": by, "result": result, **annotation}]}


def test_an_export_of_label_studio_is_readings(tmp_path: Path) -> None:
    data = {"item_id": "a", "model": "m", "text": "A wide smile."}
    tasks = [
        label_studio_task(data, "joy"),
        label_studio_task(data | {"item_id": "b"}, "sadness", {"id": 4, "email": "anna@example.org"}),
        label_studio_task(data | {"item_id": "c"}, None),
        label_studio_task(data | {"item_id": "d"}, "joy", was_cancelled=True),
    ]
    found = load(tmp_path / "export.json", json.dumps(tasks))
    assert told(found) == [
        ("a", "m", "annotator 3", "person", "read", "Happy"),
        ("b", "m", "anna@example.org", "person", "read", "Sad"),
        ("c", "m", "annotator 3", "person", "cannot tell", ""),
        ("d", "m", "annotator 3", "person", "cannot tell", ""),
    ]
    assert (found[0].note, found[1].line) == ("hard", 2)


def test_a_flat_export_of_label_studio_has_its_controls_as_columns(tmp_path: Path) -> None:
    text = "annotation_id,annotator,id,item_id,lead_time,model,described\n7,3,1,a,2.5,m,joy\n"
    assert told(load(tmp_path / "export.csv", text)) == [("a", "m", "annotator 3", "person", "read", "Happy")]


def prodigy_task(item_id: str, accept: Sequence[object], answer: str = "accept") -> Mapping[str, object]:
    options = [{"id": "joy", "text": "Joy"}, {"id": 2, "text": "Sadness"}]
    meta = {"item_id": item_id, "model": "m"}
    marks = {"_input_hash": 1, "_task_hash": 2, "_session_id": "faces-anna", "_view_id": "choice"}
    return {"text": "A wide smile.", "meta": meta, "options": options, "accept": accept, "answer": answer} | marks


def test_an_export_of_prodigy_is_readings(tmp_path: Path) -> None:
    tasks = [prodigy_task("a", ["joy"]), prodigy_task("b", [], "ignore"), prodigy_task("c", ["joy"], "reject")]
    tasks.append({**prodigy_task("d", [2]), "_annotator_id": "ben"})
    assert told(load(tmp_path / "export.jsonl", "\n".join(map(json.dumps, tasks)))) == [
        ("a", "m", "faces-anna", "person", "read", "Happy"),
        ("b", "m", "faces-anna", "person", "cannot tell", ""),
        ("c", "m", "faces-anna", "person", "cannot tell", ""),
        ("d", "m", "ben", "person", "read", "Sad"),
    ]


TASK = label_studio_task({"item_id": "a"}, "joy")
TWO = label_studio_task({"item_id": "a", "model": "m"}, "joy")
TWO["annotations"][0]["result"].append(  # type: ignore[index]
    {"from_name": "mood", "type": "choices", "value": {"choices": ["low"]}}
)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (
            "r.csv",
            "item_id,model,kind,read\na,m,robot,Sad\n",
            "r.csv:2: kind 'robot' is not allowed; use one of",
        ),
        ("r.csv", "item_id,model,kind,read\na,m,judge,Sad\n", "r.csv:2: a judge has no reader; give its name"),
        ("r.csv", "item_id,model,judge_repeat,read\na,m,1,Sad\n", "r.csv:2: judge_repeat 1 is for judges; leave it"),
        ("r.csv", "item_id,model\na,m\n", "r.csv:2: described is missing; every row needs one"),
        ("r.csv", "item_id,model,read,second\na,m,Sad,Glee\n", "r.csv:2: second 'Glee' is unknown; use one of Anger"),
        (
            "r.csv",
            "item_id,model,reader,kind,read\na,m,x,,Sad\nb,m,x,judge,Sad\n",
            "r.csv:3: reader 'x' is a judge, but a person on line 2; give one of them another name",
        ),
        ("e.json", json.dumps([TASK]), "e.json:1: the task does not say which model it shows; put it into its data"),
        ("e.json", json.dumps([TWO]), "e.json:1: choices of 'emotion', 'mood' are given; call the control of the"),
        ("e.jsonl", json.dumps(prodigy_task("a", ["joy", "2"])), "e.jsonl:1: accept has 2 choices; one is expected"),
        (
            "e.jsonl",
            json.dumps({"text": "x", "label": "joy", "answer": "accept", "_task_hash": 1}),
            "e.jsonl:1: the task has no list 'accept'; export tasks of the choice interface",
        ),
    ],
)
def test_readings_that_are_not_allowed_are_named(tmp_path: Path, name: str, text: str, problem: str) -> None:
    with pytest.raises(InputError) as error:
        load(tmp_path / name, text)
    assert problem in str(error.value)


def test_a_reader_has_one_reading_of_a_description_in_all_files(tmp_path: Path) -> None:
    paths = [tmp_path / "first.csv", tmp_path / "second.csv"]
    for path in paths:
        path.write_text("item_id,model,reader,read\na,m,anna,Sad\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"second\.csv:2: .* is on line 2 of .*first\.csv already; give one"):
        load_readings(paths, NAMES)
