import os
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descan.collect.questions.prompts import Prompt, load_prompts
from descan.collect.sources.source_items import SourceItem
from descan.collect.sources.source_loading import load_source
from descan.corpus import Corpus, read_corpus
from descan.corpus.corpus_toml import load_settings
from descan.corpus.folder_writing import FolderChange, plan_corpus_folder
from descan.emotions import CategorySet
from descan.errors import InputError
from descan.lexicon import load_category_set
from descan.media.face_boxes import parse_face_box
from descan.records import Item, Mode

BASIC7 = load_category_set()

PROMPTS = tuple(load_prompts(Mode, {}, BASIC7).values())
NOTHING: Mapping[str, str] = {}
HEADER = "item_id,media,gold,group,face_box\n"


def item(item_id: str, folder: Path, **more: str) -> SourceItem:
    box = more.pop("face_box", None)
    return SourceItem(item_id, folder / "faces" / item_id, face_box=parse_face_box(box) if box else None, **more)


def plan(
    folder: Path,
    items: Sequence[SourceItem],
    description: Mapping[str, str] = NOTHING,
    prompts: Sequence[Prompt] = (),
    *,
    labels: Mapping[str, str] = NOTHING,
    categories: CategorySet = BASIC7,
) -> FolderChange:
    texts = {str(prompt.mode): prompt.text for prompt in prompts}
    own = [each.to_item(os.path.realpath(folder)) for each in items]
    return plan_corpus_folder(folder, own, description=description, categories=categories, labels=labels, prompts=texts)


def read_back(folder: Path) -> Corpus:
    (folder / "answers.jsonl").touch()
    return read_corpus(folder)


def test_a_new_folder_is_a_corpus_once_it_has_answers(tmp_path: Path) -> None:
    items = [item("a.png", tmp_path, gold="Happy", group="film", face_box="1,2,30,40"), item("b.png", tmp_path)]
    description = {"name": "Faces", "language": "ja", "source": "drawn", "licence": "CC0-1.0"}
    change = plan(tmp_path / "out", items, description, PROMPTS, labels={"joy": "Happy"})
    assert not (tmp_path / "out").exists()
    change.write()
    corpus = read_back(tmp_path / "out")
    assert (corpus.name, corpus.language, corpus.source, corpus.licence) == ("Faces", "ja", "drawn", "CC0-1.0")
    assert dict(corpus.aliases) == {"joy": "Happy"}
    assert dict(corpus.prompts) == {str(prompt.mode): prompt.text for prompt in PROMPTS}
    assert list(corpus.items.values()) == [
        Item("a.png", "Happy", "film", "../faces/a.png", "1,2,30,40"),
        Item("b.png", media="../faces/b.png"),
    ]
    for prompt in PROMPTS:
        text = (tmp_path / "out" / "prompts" / f"{prompt.sha256}.md").read_bytes()
        assert (text.decode(), sha256(text).hexdigest()) == (prompt.text, prompt.sha256)


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    items = [item("a.png", tmp_path, gold="Happy"), item("b.png", tmp_path)]
    plan(tmp_path / "out", items, prompts=PROMPTS).write()
    again = plan(tmp_path / "out", items, prompts=PROMPTS)
    assert dict(again.files) == {}


def test_nothing_is_left_beside_the_files(tmp_path: Path) -> None:
    plan(tmp_path / "out", [item("a.png", tmp_path)]).write()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["corpus.toml", "items.csv"]
    assert (tmp_path / "out" / "items.csv").read_text() == HEADER + "a.png,../faces/a.png,,,\n"
    assert (tmp_path / "out" / "corpus.toml").read_text() == 'name = "out"\nlanguage = "en"\n'


def make_corpus(folder: Path, items: str, settings: str = 'name = "old"  # mine\n') -> Path:
    folder.mkdir()
    (folder / "corpus.toml").write_text(settings)
    (folder / "items.csv").write_bytes(items.encode())
    return folder


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (HEADER + "a.png,elsewhere/a.png,Happy,,\n", "b.png,../faces/b.png,Sad,,\n"),
        (HEADER + "a.png,elsewhere/a.png,Happy,,", "\nb.png,../faces/b.png,Sad,,\n"),
        ('\ufeffsubject,gold,media,item_id\r\n7,happy,"x,y.png",a.png\r\n', ",Sad,../faces/b.png,b.png\n"),
    ],
)
def test_items_are_added_behind_lines_that_stay_byte_for_byte(tmp_path: Path, old: str, new: str) -> None:
    folder = make_corpus(tmp_path / "out", old)
    plan(folder, [item("a.png", tmp_path, gold="Happy"), item("b.png", tmp_path, gold="Sad")]).write()
    assert (folder / "items.csv").read_bytes() == (old + new).encode()
    assert (folder / "corpus.toml").read_text() == 'name = "old"  # mine\n'


def test_blanks_are_filled_in_and_columns_added_where_they_lack(tmp_path: Path) -> None:
    folder = make_corpus(tmp_path / "out", "item_id,gold,subject\na.png,,7\nz.png,Fear,8\n")
    items = [
        item("a.png", tmp_path, gold="Happy", face_box="1,2,30,40"),
        item("b.png", tmp_path, group="film, 1"),
    ]
    plan(folder, items).write()
    assert (folder / "items.csv").read_text() == (
        "item_id,gold,subject,media,group,face_box\n"
        'a.png,Happy,7,,,"1,2,30,40"\n'
        "z.png,Fear,8,,,\n"
        'b.png,,,../faces/b.png,"film, 1",\n'
    )


@pytest.mark.parametrize(
    ("old", "problem"),
    [
        ("a.png,x.png,Sad,film,", "item 'a.png' has gold 'Sad' here and 'Happy' in the source; correct one, or"),
        ("a.png,x.png,Happy,other,", "item 'a.png' has group 'other' here and 'film' in the source; correct one"),
        ('a.png,x.png,,,"1,2,3,4"', "item 'a.png' has face_box '1,2,3,4' here and '1,2,30,40' in the source;"),
        ('a.png,x.png,,,"1,2,3"', "item 'a.png': face_box '1,2,3' is not four numbers; use x,y,width,height"),
    ],
)
def test_an_item_that_differs_from_the_corpus_is_an_error(tmp_path: Path, old: str, problem: str) -> None:
    folder = make_corpus(tmp_path / "out", f"{HEADER}{old}\n")
    with pytest.raises(InputError) as error:
        plan(folder, [item("a.png", tmp_path, gold="Happy", group="film", face_box="1,2,30,40")])
    assert str(error.value).startswith(f"{folder / 'items.csv'}: {problem}")


def test_a_corpus_completes_itself_without_a_change(tmp_path: Path) -> None:
    folder = make_corpus(tmp_path / "out", HEADER + "a.png,media/a.png,glee,,\n", '[labels]\nglee = "Happy"\n')
    (folder / "media").mkdir()
    (folder / "media" / "a.png").touch()
    source = load_source(folder)
    change = plan(folder, source.items, labels=source.labels)
    assert dict(change.files) == {}


def test_another_prompt_of_a_mode_stands_beside_the_first(tmp_path: Path) -> None:
    items = [item("a.png", tmp_path)]
    (first,) = load_prompts([Mode.DESCRIBE], {}, BASIC7).values()
    (tmp_path / "mine.md").write_text("How do they look?")
    (second,) = load_prompts([Mode.DESCRIBE], {Mode.DESCRIBE: tmp_path / "mine.md"}, BASIC7).values()
    for prompts in ([first], [second], [first], [second]):
        plan(tmp_path / "out", items, prompts=prompts).write()
    assert dict(read_back(tmp_path / "out").prompts) == {
        "describe": first.text,
        f"describe@{second.sha256[:6]}": "How do they look?",
    }
    assert len(list((tmp_path / "out" / "prompts").iterdir())) == 2


@pytest.mark.parametrize(
    ("description", "labels", "problem"),
    [
        ({"name": "new"}, {}, "key 'name' is 'old' here and given as 'new'; leave it out, or use another"),
        ({"licence": "MIT"}, {}, "key 'licence' is 'CC0' here and given as 'MIT'; leave it out, or"),
        ({}, {"GLEE": "Sad"}, "label 'GLEE' is Happy here and given as Sad; leave it out, or"),
    ],
)
def test_a_description_that_differs_from_the_corpus_is_an_error(
    tmp_path: Path, description: Mapping[str, str], labels: Mapping[str, str], problem: str
) -> None:
    settings = 'name = "old"\nlicence = "CC0"\n[labels]\nglee = "Happy"\n'
    folder = make_corpus(tmp_path / "out", HEADER + "a.png,x,,,\n", settings)
    with pytest.raises(InputError) as error:
        plan(folder, [item("a.png", tmp_path)], description, labels=labels)
    assert str(error.value).startswith(f"{folder / 'corpus.toml'}: {problem}")


def test_labels_and_blank_keys_are_added_to_a_corpus(tmp_path: Path) -> None:
    folder = make_corpus(tmp_path / "out", HEADER + "a.png,x,,,\n")
    description = {"name": "old", "source": "films"}
    plan(folder, [item("a.png", tmp_path)], description, labels={"glee": "Happy"}).write()
    corpus = read_back(folder)
    assert (corpus.name, corpus.source, dict(corpus.aliases)) == ("old", "films", {"glee": "Happy"})


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "faces" / "Happy").mkdir(parents=True)
    with pytest.raises(InputError, match=r"faces: holds something else, 'Happy', and no corpus\.toml; name a new or e"):
        plan(tmp_path / "faces", [item("a.png", tmp_path)])
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file: is a file; name a folder for the corpus"):
        plan(tmp_path / "file", [item("a.png", tmp_path)])


@pytest.mark.parametrize("name", ["line\nfeed", "tab\there", os.fsdecode(b"\xff")])
def test_a_path_that_cannot_be_written_is_one_clear_line(tmp_path: Path, name: str) -> None:
    strange = SourceItem("a.png", tmp_path / name / "a.png")
    with pytest.raises(InputError, match=r"items\.csv: media '\.\./.*/a\.png' holds a control character") as error:
        plan(tmp_path / "out", [strange])
    assert len(str(error.value).splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"corpus\.toml: cannot be written: a file is where a folder should be; use"):
        plan(tmp_path / "file" / "out", [item("a.png", tmp_path)]).write()


def test_a_circle_of_links_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to("out")
    with pytest.raises(InputError, match=r"corpus\.toml: cannot be written: "):
        plan(tmp_path / "out", [item("a.png", tmp_path)]).write()


def test_a_folder_name_that_is_not_unicode_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"faces \xff")
    plan(folder, [item("a.png", tmp_path)]).write()
    assert load_settings(folder / "corpus.toml")[0].name == "faces \ufffd"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1), st.data())
def test_any_text_is_read_back_from_the_settings(
    tmp_path_factory: pytest.TempPathFactory, text: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("corpus") / "out"
    label = data.draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda s: s.strip()))
    prompt = Prompt(Mode.DESCRIBE, (text,), "x")
    items = [item("a.png", folder.parent)]
    plan(folder, items, {"source": text}, [prompt], labels={f"x{label}": "Happy"}).write()
    settings, _ = load_settings(folder / "corpus.toml")
    assert (settings.source, settings.prompts, settings.labels) == (
        text,
        {"describe": text},
        {f"x{label}": "Happy"},
    )


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="/"), min_size=1, max_size=50))
def test_any_printable_id_is_read_back_from_the_items(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    if not name.strip() or name in (".", ".."):
        return
    folder = tmp_path_factory.mktemp("corpus") / "out"
    plan(folder, [item(name, folder.parent)]).write()
    assert list(read_back(folder).items) == [name]
    assert read_back(folder).items[name].media == f"../faces/{name}"


def test_a_corpus_keeps_the_set_of_its_categories(tmp_path: Path) -> None:
    own = load_category_set(Path(__file__).parents[2] / "docs" / "category_sets" / "sentiment5.toml")
    for categories, gold in ((BASIC7, "Sad"), (load_category_set("basic8"), "Contempt"), (own, "Weakly negative")):
        folder = tmp_path / categories.name
        plan(folder, [item("a", tmp_path, gold=gold)], categories=categories).write()
        assert load_settings(folder / "corpus.toml")[1] == categories
        assert plan(folder, [item("a", tmp_path, gold=gold)], categories=categories).files == {}
    named = [load_settings(tmp_path / name / "corpus.toml")[0].categories for name in ("basic7", "basic8", own.name)]
    assert named == ["", "basic8", "categories.toml"]
    with pytest.raises(InputError, match="has the category set basic8, and basic7 is given; leave it out, or use"):
        plan(tmp_path / "basic8", [item("a", tmp_path, gold="Sad")])
