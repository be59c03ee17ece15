"""Files in which witnesses say which action units faces show: `witnesses.csv`, and those of sensors and coders."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

import descan
from descan.corpus import read_corpus
from descan.corpus.sensors import FORMATS
from descan.corpus.sensors.frames import parse_frame_rule
from descan.corpus.witnesses import check_coder, stream_witnesses
from descan.errors import InputError, OptionError

Units = dict[int, float]


def witnessed(path: Path, items: set[str] | None = None) -> tuple[list[tuple[object, ...]], Counter[str]]:
    left_out: Counter[str] = Counter()
    rows: list[tuple[object, ...]] = [
        tuple(row) for block in stream_witnesses([path], items or {"a", "b"}, left_out) for row in block
    ]
    return rows, left_out


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def corpus_folder(folder: Path, items: str) -> Path:
    write(folder / "corpus.toml", "")
    write(folder / "items.csv", items)
    write(folder / "answers.jsonl", '{"item_id": "a", "model": "m", "mode": "describe", "text": "She smiles."}\n')
    return folder


def imported(folder: Path) -> dict[str, Units]:
    """Return what the only witness of a corpus tells, by item: the value of each unit."""
    [path] = read_corpus(folder).witness_files
    rows, _ = witnessed(path, {*read_corpus(folder).items})
    found: dict[str, Units] = {}
    for item_id, _, unit, _, *values in rows:
        found.setdefault(str(item_id), {})[int(str(unit))] = next(float(str(v)) for v in values if v is not None)
    return found


def test_a_row_has_a_unit_and_one_of_three_values(tmp_path: Path) -> None:
    path = write(
        tmp_path / "witnesses.csv",
        "item_id,witness,action_unit,present,intensity,probability,side\n"
        "a,w,12,1,,,\na,w,AU04,,2.5,,left\na,w,L1,,,0.25,\nb,w,6,,,,\nb,w,9,nan,,,\nz,w,12,1,,,\n",
    )
    rows, left_out = witnessed(path)
    assert rows == [
        ("a", "w", 12, "", 1.0, None, None),
        ("a", "w", 4, "left", None, 2.5, None),
        ("a", "w", 1, "left", None, None, 0.25),
    ]
    assert left_out == {"witnesses_without_value": 2, "witnesses_of_unknown_items": 1}


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_witnesses_are_read_from_every_format(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame({"item_id": ["a"], "witness": ["w"], "action_unit": [12], "intensity": [3.0]})
    path = tmp_path / f"w.{suffix}"
    if suffix == "csv":
        frame.to_csv(path, index=False)
    elif suffix == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_parquet(path)
    assert witnessed(path)[0] == [("a", "w", 12, "", None, 3.0, None)]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a,w,12,2,,,", "2: present '2' is not allowed; use 0 or 1"),
        ("a,w,12,,6,,", "2: intensity '6' is not allowed; use a number from 0 to 5"),
        ("a,w,12,,,1.5,", "2: probability '1.5' is not allowed; use a number from 0 to 1"),
        ("a,w,smile,1,,,", "2: action_unit 'smile' is not allowed; use a number such as 12, or AU12"),
        ("a,w,12,1,2,,", "2: present and intensity are both given; give one of them"),
        ("a,w,12,1,,,up", "2: side 'up' is not allowed; use left or right, or leave it empty"),
        ("a,w,L12,1,,,right", "2: action_unit 'L12' has another side than 'right'; give one side"),
        ("a,,12,1,,,", "2: witness is missing; every row needs one"),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_line(tmp_path: Path, row: str, problem: str) -> None:
    header = "item_id,witness,action_unit,present,intensity,probability,side"
    path = write(tmp_path / "witnesses.csv", f"{header}\n{row}\n")
    with pytest.raises(InputError) as caught:
        witnessed(path)
    assert str(caught.value) == f"{path}:{problem}"


def test_a_table_without_a_value_column_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "witnesses.csv", "item_id,witness,action_unit,score\na,w,12,1\n")
    with pytest.raises(InputError, match="no column present, intensity, probability; the columns are 'item_id', "):
        witnessed(path)


def test_a_corpus_folder_has_one_file_or_a_folder_of_witnesses(tmp_path: Path) -> None:
    folder = corpus_folder(tmp_path, "item_id\na\n")
    for name in ("witnesses.csv", "witnesses/b.parquet", "witnesses/a.csv", "witnesses/notes.md"):
        write(folder / name, "")
    more = write(tmp_path / "more.csv", "")
    files = [path.relative_to(folder).as_posix() for path in read_corpus(folder, witnesses=[more]).witness_files]
    assert files == ["witnesses.csv", "witnesses/a.csv", "witnesses/b.parquet", "more.csv"]


OPENFACE = "frame, face_id, timestamp, confidence, success, AU06_r, AU12_r, AU06_c, AU12_c, AU28_c\n"


def test_openface_tells_what_is_there_and_which_frame_is_the_peak(tmp_path: Path) -> None:
    folder = corpus_folder(tmp_path, "item_id,media\na,clips/one.mp4\nb,clips/two.mp4\n")
    rows = "1, 0, 0.0, 0.98, 1, 0.2, 0.4, 0, 0, 1\n2, 0, 0.1, 0.98, 1, 2.0, 3.0, 1, 1, 0\n"
    rows += "3, 0, 0.2, 0.10, 0, 5, 5, 1, 1, 1\n"
    write(tmp_path / "of/one.csv", OPENFACE + rows)
    write(tmp_path / "of/two.csv", OPENFACE + "1, 0, 0.0, 0.1, 0, 1, 1, 1, 1, 1\n")
    write(tmp_path / "of/three.csv", OPENFACE + "1, 0, 0.0, 0.9, 1, 1, 1, 1, 1, 1\n")
    found = descan.import_witnesses(tmp_path / "of", corpus=folder)
    assert (found.format, found.witness, found.n_items, found.n_units) == ("openface", "OpenFace", 1, 3)
    assert (found.unmatched, found.without_face) == (("three",), ("two",))
    assert imported(folder) == {"a": {6: 1, 12: 1, 28: 0}}
    descan.import_witnesses(tmp_path / "of", corpus=folder, frames="any")
    assert imported(folder) == {"a": {6: 1, 12: 1, 28: 1}}
    descan.import_witnesses(tmp_path / "of", corpus=folder, frames="share:0.6")
    assert imported(folder) == {"a": {6: 0, 12: 0, 28: 0}}


def test_of_several_faces_the_one_in_most_frames_is_taken(tmp_path: Path) -> None:
    folder = corpus_folder(tmp_path, "item_id\na\n")
    rows = "1, 0, 0, 0.9, 1, 0, 0, 0, 0, 0\n1, 1, 0, 0.9, 1, 3, 3, 1, 1, 0\n2, 1, 0, 0.9, 1, 3, 3, 1, 1, 0\n"
    write(tmp_path / "of/a.csv", OPENFACE + rows)
    descan.import_witnesses(tmp_path / "of", corpus=folder)
    assert imported(folder) == {"a": {6: 1, 12: 1, 28: 0}}


def test_py_feat_gives_probabilities_of_the_picture_in_its_row(tmp_path: Path) -> None:
    folder = corpus_folder(tmp_path, "item_id,media\na,faces/a.jpg\nb,faces/b.jpg\n")
    header = "FaceRectX,FaceScore,AU01,AU12,AU43,anger,input,frame\n"
    rows = "10,0.99,0.25,0.75,0.1,0.2,/data/faces/a.jpg,0\n,,,,,,/data/faces/b.jpg,1\n"
    write(tmp_path / "fex.csv", header + rows)
    found = descan.import_witnesses(tmp_path / "fex.csv", corpus=folder)
    assert found.witness == "py-feat"
    assert imported(folder) == {"a": {1: 0.25, 12: 0.75, 43: 0.1}}


def test_libreface_gives_some_units_as_there_and_some_as_intensities(tmp_path: Path) -> None:
    folder = corpus_folder(tmp_path, "item_id\na\n")
    write(tmp_path / "libre/a.csv", "frame_idx,au_1,au_7,au_1_intensity,au_25_intensity\n0,1,0,2.5,1.25\n")
    descan.import_witnesses(tmp_path / "libre", corpus=folder)
    assert imported(folder) == {"a": {1: 1, 7: 0, 25: 1.25}}


def test_disfa_has_a_file_for_each_unit_of_a_recording(tmp_path: Path) -> None:
    folder = corpus_folder(tmp_path, "item_id\nSN001_0002\nSN001_0003\n")
    write(tmp_path / "labels/SN001/SN001_au4.txt", "1,0\n2,0\n3,2\n")
    write(tmp_path / "labels/SN001/SN001_au12.txt", "1,0\n2,5\n3,0\n")
    found = descan.import_witnesses(tmp_path / "labels", corpus=folder, frames="each", witness="Coder A")
    assert (found.format, found.path.name, found.unmatched) == ("disfa", "Coder-A.csv", ("SN001_1",))
    assert imported(folder) == {"SN001_0002": {4: 0, 12: 5}, "SN001_0003": {4: 2, 12: 0}}


def test_bp4d_leaves_unknown_units_out(tmp_path: Path) -> None:
    folder = corpus_folder(tmp_path, "item_id\nF001_T1\n")
    write(tmp_path / "codes/F001_T1.csv", "0,1,4,12\n2440,0,1,9\n2441,0,1,9\n")
    descan.import_witnesses(tmp_path / "codes", corpus=folder)
    assert imported(folder) == {"F001_T1": {1: 0, 4: 1}}


def test_ck_plus_lists_what_is_there_and_all_else_is_not(tmp_path: Path) -> None:
    folder = corpus_folder(tmp_path, "item_id\nS005_001_00000011\n")
    text = "   9.0000000e+00   5.0000000e+00\n   1.7000000e+01   0.0000000e+00\n"
    write(tmp_path / "FACS/S005/001/S005_001_00000011_facs.txt", text)
    descan.import_witnesses(tmp_path / "FACS", corpus=folder)
    [units] = imported(folder).values()
    assert {unit for unit, value in units.items() if value} == {9, 17}
    assert units[12] == 0


def test_two_sources_of_one_item_are_refused_and_leave_no_file(tmp_path: Path) -> None:
    folder = corpus_folder(tmp_path, "item_id\na\n")
    row = OPENFACE + "1, 0, 0, 0.9, 1, 3, 3, 1, 1, 0\n"
    write(tmp_path / "of/a.csv", row)
    write(tmp_path / "of/A.csv", row)
    with pytest.raises(InputError, match="item 'a' has the frames of two sources; give one of them"):
        descan.import_witnesses(tmp_path / "of", corpus=folder)
    assert list((folder / "witnesses").iterdir()) == []


def test_files_of_no_known_format_are_refused(tmp_path: Path) -> None:
    folder = corpus_folder(tmp_path, "item_id\na\n")
    write(tmp_path / "of/a.csv", "x,y\n1,2\n")
    with pytest.raises(InputError, match=f"no file is of a known format; use one of {', '.join(FORMATS)}"):
        descan.import_witnesses(tmp_path / "of", corpus=folder)
    with pytest.raises(OptionError, match=f"must be one of {', '.join(FORMATS)}, not 'affdex'"):
        descan.import_witnesses(tmp_path / "of", corpus=folder, format="affdex")


@pytest.mark.parametrize("rule", ["share:0", "share:1.5", "share:.", "mean", ""])
def test_a_rule_for_frames_that_is_not_known_is_refused(rule: str) -> None:
    with pytest.raises(OptionError, match=r"must be peak, any, each or share:0\.3"):
        parse_frame_rule(rule)


def test_a_coder_who_is_no_witness_is_refused_with_those_who_are(tmp_path: Path) -> None:
    path = write(tmp_path / "w.csv", "item_id,witness,action_unit,present\na,sensor,12,1\na,ann,12,1\nb,bea,x,\n")
    check_coder([path], "ann")
    with pytest.raises(OptionError, match=r"^coder 'an' is no witness; use one of 'ann', 'bea', 'sensor'$"):
        check_coder([path], "an")
    with pytest.raises(OptionError, match=r"^coder 'an' is no witness; the corpus has no witnesses$"):
        check_coder([], "an")
