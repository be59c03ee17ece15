import json
import os
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.emotions import Emotion
from descan.collect.sources.source_loading import load_source
from descan.errors import InputError
from descan.media.face_boxes import FaceBox

SUFFIXES = (
    ".bmp, .gif, .heic, .heif, .jpeg, .jpg, .png, .tif, .tiff, .webp, .3gp, .avi, .flv, .m4v, .mkv, .mov, .mp4, "
    ".mpeg, .mpg"
)
CAER_CLASSES = {
    "Angry": "Anger",
    "Disgust": "Disgust",
    "Fear": "Fear",
    "Happy": "Happy",
    "Neutral": "Neutral",
    "Sad": "Sad",
    "Surprise": "Surprise",
}


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"picture")
    return folder


def golds(folder: Path) -> dict[str, str | None]:
    return {item.item_id: item.gold for item in load_source(folder).items}


def test_caer_folders_give_their_files_with_their_categories(tmp_path: Path) -> None:
    touch(tmp_path, *(f"test/{name}/0001.avi" for name in CAER_CLASSES), "train/Angry/0001.png")
    expected = {f"test/{name}/0001.avi": category for name, category in CAER_CLASSES.items()}
    assert golds(tmp_path) == {**expected, "train/Angry/0001.png": "Anger"}


@pytest.mark.parametrize(
    ("name", "gold"),
    [
        ("Happy/1.png", "Happy"),
        ("HAPPY/1.PNG", "Happy"),
        ("happiness/1.jpeg", "Happy"),
        ("a/b/Sad/clip 7/1.webp", "Sad"),
        ("Surprised/été.png", "Surprise"),
    ],
)
def test_a_class_folder_is_found_at_any_depth_and_in_any_case(tmp_path: Path, name: str, gold: str) -> None:
    touch(tmp_path, name)
    assert golds(tmp_path) == {name: gold}


def test_items_come_in_the_order_of_their_ids_with_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "faces", "train/Sad/2.png", "train/Sad/10.png", "test/Happy/1.png")
    monkeypatch.chdir(tmp_path)
    items = load_source("faces").items
    assert [item.item_id for item in items] == ["test/Happy/1.png", "train/Sad/10.png", "train/Sad/2.png"]
    assert [item.path for item in items] == [tmp_path / "faces" / item.item_id for item in items]


def test_hidden_and_other_files_are_skipped_and_counted(tmp_path: Path) -> None:
    touch(tmp_path, "Happy/1.png", "Happy/.DS_Store", ".git/Sad/1.png", "Happy/notes.txt", "README", "Happy/Thumbs.db")
    source = load_source(tmp_path)
    assert [item.item_id for item in source.items] == ["Happy/1.png"]
    assert source.left_out == {"hidden": 2, "not_media": 3}


def test_the_media_of_a_folder_without_subfolders_have_no_gold(tmp_path: Path) -> None:
    touch(tmp_path, "2.png", "1.png", "notes.txt")
    source = load_source(tmp_path)
    assert [(item.item_id, item.gold) for item in source.items] == [("1.png", None), ("2.png", None)]
    assert source.other_suffixes == {".txt": 1}


@pytest.mark.parametrize("word", ["contempt", "Contempt"])
def test_a_class_may_be_left_out(tmp_path: Path, word: str) -> None:
    touch(tmp_path, "train/Contempt/1.png", "train/Happy/1.png", "test/contempt/2.png")
    source = load_source(tmp_path, leave_out=[word])
    assert [item.item_id for item in source.items] == ["train/Happy/1.png"]
    assert source.left_out == {"left_out": 2}
    rows = [{"media": "train/Happy/1.png", "gold": "joy"}, {"media": "train/Contempt/1.png", "gold": "Contempt"}]
    listed = load_source(write_manifest(tmp_path, ".csv", rows), leave_out=[word])
    assert ([item.gold for item in listed.items], listed.left_out) == (["Happy"], {"left_out": 1})


def test_a_category_may_be_left_out_too_and_one_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    touch(tmp_path, "Happy/1.png", "Neutral/1.png")
    assert golds(tmp_path) == {"Happy/1.png": "Happy", "Neutral/1.png": "Neutral"}
    assert [item.gold for item in load_source(tmp_path, leave_out=["neutral"]).items] == ["Happy"]
    with pytest.raises(InputError, match="no item is of the class 'Bored' that --leave-out names; name a class of"):
        load_source(tmp_path, leave_out=["Bored"])


def test_all_unusable_files_of_a_source_are_one_message(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "b.txt")
    rows = [{"media": name} for name in ("a.png", "gone.png", "b.txt", "../out.png")]
    with pytest.raises(InputError) as error:
        load_source(write_manifest(tmp_path, ".csv", rows))
    assert str(error.value) == (
        f"{tmp_path / 'manifest.csv'}:3: 3 files cannot be used: line 3: media 'gone.png' does not exist; name a file "
        f"that does; line 4: media 'b.txt' has an unknown suffix; use one of {SUFFIXES}, .webm, .wmv; line 5: media "
        "'../out.png' does not exist; name a file that does"
    )
    faces = touch(tmp_path / "faces", "Happy/1.png")
    for name in ("2.png", "3.png"):
        (faces / "Happy" / name).symlink_to("nowhere.png")
    with pytest.raises(InputError, match=r"2 files cannot be used: media 'Happy/2\.png' does not exist; .*3\.png"):
        load_source(faces)


def test_an_alias_gives_a_class_its_category_and_goes_into_the_labels(tmp_path: Path) -> None:
    touch(tmp_path, "wütend/1.png", "Glee/1.png")
    source = load_source(tmp_path, aliases={"WÜTEND": "anger", "glee": "Happy"})
    assert {item.item_id: item.gold for item in source.items} == {"wütend/1.png": "Anger", "Glee/1.png": "Happy"}
    assert source.labels == {"WÜTEND": "Anger", "glee": "Happy"}


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (
            ["train/Bored/1.png", "train/Bored/2.png", "test/Contempt/1.png", "test/Happy/1.png"],
            "unknown classes, with their numbers of media: 'Bored' (2), 'Contempt' (1); "
            "give each its category, as in --alias 'Bored=Happy', or leave it out with --leave-out 'Bored', or use "
            "--categories basic8, which has Contempt",
        ),
        (
            ["1.png", "2.png", "Happy/3.png"],
            "media in no class folder: 2; put each into the folder of its class, as in Happy/1.png",
        ),
        (
            ["Happy/Sad/1.png"],
            "'Happy/Sad/1.png' is in the folders of two classes, 'Happy', 'Sad'; remove one",
        ),
        (["Happy/a\nb.png"], "file name 'Happy/a\\nb.png' holds a control character; use printable text"),
        (["Happy/notes.txt"], f"no media in class folders; files with one of {SUFFIXES}, .webm, .wmv are taken"),
    ],
)
def test_class_folders_that_cannot_be_read_as_such_are_one_error(
    tmp_path: Path, names: list[str], problem: str
) -> None:
    touch(tmp_path, *names)
    with pytest.raises(InputError) as error:
        load_source(tmp_path)
    assert str(error.value) == f"{tmp_path}: {problem}"


def test_a_file_name_that_is_not_unicode_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "Happy").mkdir()
    (tmp_path / "Happy" / os.fsdecode(b"\xff.png")).write_bytes(b"picture")
    with pytest.raises(InputError, match=r"file name 'Happy/\\udcff\.png' holds a control character") as error:
        load_source(tmp_path)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("aliases", "problem"),
    [
        (
            {"glee": "Bliss"},
            "alias 'glee' is given as 'Bliss'; use one of Anger, Disgust, Fear, Happy, Neutral, Sad, Surprise",
        ),
        ({" ": "Happy"}, "alias ' ' has no letter; use a word"),
        (
            {"glee": "Happy", "Glee ": "sad"},
            "aliases 'glee' and 'Glee ' differ only in case, '-', '_' or Unicode form, "
            "but mean Happy and Sad; give them one category",
        ),
        ({"sad": "Happy"}, "alias 'sad' is a category itself; give it Sad or drop it"),
    ],
)
def test_an_alias_that_makes_no_sense_is_an_error(tmp_path: Path, aliases: dict[str, str], problem: str) -> None:
    with pytest.raises(InputError) as error:
        load_source(touch(tmp_path, "Happy/1.png"), aliases=aliases)
    assert str(error.value) == problem


def test_links_are_followed_within_the_folder_and_outside_only_if_allowed(tmp_path: Path) -> None:
    faces = touch(tmp_path / "faces", "Happy/1.png")
    touch(tmp_path / "disk", "Sad/1.png")
    (faces / "Happy" / "2.png").symlink_to(faces / "Happy" / "1.png")
    assert list(golds(faces)) == ["Happy/1.png", "Happy/2.png"]
    (faces / "Sad").symlink_to(tmp_path / "disk" / "Sad")
    with pytest.raises(InputError, match=r"faces/Sad: is a link to something outside; .* use --allow-outside"):
        load_source(faces)
    assert len(load_source(faces, allow_outside=True).items) == 3
    (faces / "Sad").unlink()
    (faces / "Happy" / "3.png").symlink_to(tmp_path / "disk" / "Sad" / "1.png")
    with pytest.raises(InputError, match=r"media 'Happy/3\.png' is outside .*; move it there or use --allow"):
        load_source(faces)


def test_a_broken_link_and_a_link_in_a_circle_are_errors(tmp_path: Path) -> None:
    (touch(tmp_path / "a", "Happy/1.png") / "Happy" / "2.png").symlink_to("nowhere.png")
    with pytest.raises(InputError, match=r"media 'Happy/2\.png' does not exist; name a file that does"):
        load_source(tmp_path / "a")
    (touch(tmp_path / "b", "Happy/1.png") / "Happy" / "again").symlink_to(tmp_path / "b")
    with pytest.raises(InputError, match="Happy/again: is a link to a folder that holds it; remove the link"):
        load_source(tmp_path / "b")


def test_the_drawn_faces_are_two_of_each_category(sample_corpus: Path) -> None:
    items = load_source(sample_corpus.parent / "faces").items
    assert Counter(item.gold for item in items) == dict.fromkeys(Emotion, 2)
    assert len({item.path.read_bytes() for item in items}) == 14


def write_manifest(folder: Path, suffix: str, rows: list[dict[str, str]]) -> Path:
    path = folder / f"manifest{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        lines = [",".join(f'"{cell}"' for cell in row.values()) + "\n" for row in rows]
        path.write_text(",".join(rows[0]) + "\n" + "".join(lines))
    return path


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_manifest_lists_items_in_any_format(tmp_path: Path, suffix: str) -> None:
    touch(tmp_path, "a.png", "b/c.mp4")
    rows = [
        {"item_id": "one", "media": "a.png", "gold": "joy", "group": "film 1", "face_box": "10,20,30.5,40"},
        {"item_id": "two", "media": "b/c.mp4", "gold": "", "group": "film 1", "face_box": "0,0.25,0.5,0.5"},
    ]
    first, second = load_source(write_manifest(tmp_path, suffix, rows[:1] + rows[1:])).items
    assert (first.item_id, first.path, first.gold, first.group) == ("one", tmp_path / "a.png", "Happy", "film 1")
    assert first.face_box == FaceBox(10, 20, 30.5, 40, is_share=False)
    assert (second.path, second.gold) == (tmp_path / "b/c.mp4", None)
    assert second.face_box == FaceBox(0, 0.25, 0.5, 0.5, is_share=True)


def test_a_manifest_needs_only_media_which_are_then_the_ids(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.png")
    (tmp_path / "m.jsonl").write_text('{"media": "x/a.png", "face_box": [1, 2, 30, 40]}\n')
    (item,) = load_source(tmp_path / "m.jsonl").items
    assert (item.item_id, item.gold, item.face_box) == ("x/a.png", None, FaceBox(1, 2, 30, 40, is_share=False))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("item_id,media\nx,gone.png", "media 'gone.png' does not exist; name a file that does"),
        ("item_id,media\nx,a.png/b.png", "media 'a.png/b.png' does not exist; name a file that does"),
        ("item_id,media\nx,folder.png", "media 'folder.png' is a folder; name a file"),
        ("item_id,media\nx,pipe.png", "media 'pipe.png' is not a regular file; name one that is"),
        ("item_id,media\nx,a.txt", f"media 'a.txt' has an unknown suffix; use one of {SUFFIXES}, .webm, .wmv"),
        ("item_id,media\nx,../out.png", "media '../out.png' is outside {folder}; move it there or use --allow"),
        ("item_id,media\nx,{parent}/out.png", "media '{parent}/out.png' is outside {folder}; move it"),
        ("item_id,media\nx,", "media is missing; every row needs one"),
        ('item_id,media\nx,"a\n.png"', "media 'a\\n.png' holds a control character; use printable text"),
        ("item_id,picture\nx,a.png", "no column media; the columns are 'item_id', 'picture'"),
        (
            "media,gold\na.png,Bored",
            "gold 'Bored' (line 2) is unknown; use one of Anger, Disgust, Fear, Happy, Neutral, Sad",
        ),
        ('media,face_box\na.png,"1,2,3"', "face_box '1,2,3' is not four numbers; use x,y,width,height of the"),
        ('media,group\na.png," "', "group is blank; every row needs one"),
    ],
)
def test_a_bad_row_of_a_manifest_is_one_error_with_its_line(tmp_path: Path, row: str, problem: str) -> None:
    folder = touch(tmp_path / "data", "a.png", "a.txt", "folder.png/x")
    touch(tmp_path, "out.png")
    os.mkfifo(folder / "pipe.png")
    (folder / "m.csv").write_text(row.replace("{parent}", str(tmp_path)) + "\n")
    expected = problem.replace("{parent}", str(tmp_path)).replace("{folder}", repr(str(folder)))
    with pytest.raises(InputError) as error:
        load_source(folder / "m.csv")
    assert str(error.value).startswith(f"{folder / 'm.csv'}:2: {expected}")


def test_an_item_given_twice_and_an_empty_manifest_are_errors(tmp_path: Path) -> None:
    touch(tmp_path, "a.png")
    (tmp_path / "m.csv").write_text("media\na.png\na.png\n")
    with pytest.raises(InputError, match=r"m\.csv:3: item_id 'a\.png' occurs twice, first on line 2; give every row"):
        load_source(tmp_path / "m.csv")
    (tmp_path / "m.csv").write_text("media\n")
    with pytest.raises(InputError, match=r"m\.csv: no items; list at least one"):
        load_source(tmp_path / "m.csv")


def test_a_link_in_a_manifest_may_not_lead_outside(tmp_path: Path) -> None:
    touch(tmp_path, "out.png", "data/a.png")
    (tmp_path / "data" / "b.png").symlink_to(tmp_path / "out.png")
    (tmp_path / "data" / "up").symlink_to(tmp_path)
    for media in ("b.png", "up/out.png"):
        (tmp_path / "data" / "m.csv").write_text(f"media\n{media}\n")
        with pytest.raises(InputError, match=r"m\.csv:2: media .* is outside"):
            load_source(tmp_path / "data" / "m.csv")
        assert len(load_source(tmp_path / "data" / "m.csv", allow_outside=True).items) == 1


def test_a_corpus_is_a_source_with_its_labels(tmp_path: Path) -> None:
    touch(tmp_path, "media/a.png")
    (tmp_path / "corpus.toml").write_text('[labels]\nGlee = "Happy"\n')
    (tmp_path / "items.csv").write_text("item_id,media,gold,extra\na,media/a.png,glee,1\n")
    source = load_source(tmp_path)
    assert [(item.item_id, item.gold) for item in source.items] == [("a", "Happy")]
    assert source.labels == {"Glee": "Happy"}


@pytest.mark.parametrize(
    ("pattern", "group"),
    [(r"(clip\d+)_", "clip07"), (r"clip\d+", "clip07"), (r"x(never)?|clip", None)],
)
def test_a_group_pattern_takes_the_group_out_of_the_id(tmp_path: Path, pattern: str, group: str | None) -> None:
    touch(tmp_path, "Happy/clip07_1.png", "Happy/clip08_2.png")
    if group is None:
        with pytest.raises(InputError, match=r"matches no item_id; the first is 'Happy/clip07_1\.png'"):
            load_source(tmp_path, group_pattern=pattern)
    else:
        assert load_source(tmp_path, group_pattern=pattern).items[0].group == group


def test_a_bad_group_pattern_or_source_is_an_error(tmp_path: Path) -> None:
    touch(tmp_path, "Happy/1.png", "x.toml")
    with pytest.raises(InputError, match=r"^group pattern '\(' is not a regular expression: missing \)"):
        load_source(tmp_path, group_pattern="(")
    with pytest.raises(InputError, match="nowhere: does not exist; use a folder with one subfolder per class, a m"):
        load_source(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"suffix '\.toml' is unknown; a manifest is one of \.csv, \.jsonl"):
        load_source(tmp_path / "x.toml")
