"""Gold by several annotators: read from items.csv and from tables, with the majority where gold is missing."""

import json
from pathlib import Path

import pandas as pd
import pytest

from descan.corpus import ColumnNames, Corpus, read_corpus
from descan.corpus.annotators import is_annotator
from descan.errors import InputError

ANSWERS = '{"item_id": "a", "model": "m", "mode": "describe", "text": "x"}\n'


def write_folder(folder: Path, items: str) -> Path:
    (folder / "corpus.toml").write_text("", encoding="utf-8")
    (folder / "answers.jsonl").write_text(ANSWERS, encoding="utf-8")
    (folder / "items.csv").write_text(items, encoding="utf-8")
    return folder


def golds(corpus: Corpus) -> dict[str, tuple[object, object]]:
    return {name: (item.gold, item.gold_distribution) for name, item in corpus.items.items()}


def test_columns_of_annotators_are_counted_in_the_words_of_gold(tmp_path: Path) -> None:
    items = "item_id,gold,gold_1,gold_2,gold_3\na,,joy,Happy,sad\nb,Fear,Sad,Sad,\nc,,Sad,Fear,\nd,,,,\n"
    corpus = read_corpus(write_folder(tmp_path, items))
    assert golds(corpus) == {
        "a": ("Happy", (("Happy", 2.0), ("Sad", 1.0))),
        "b": ("Fear", (("Sad", 2.0),)),
        "c": (None, (("Fear", 1.0), ("Sad", 1.0))),
        "d": (None, None),
    }
    assert corpus.notes == (
        "gold of 1 item is what most of its annotators chose; 1 item has a tie and no gold, first 'c'",
    )


def test_a_distribution_is_an_object_of_words_and_numbers(tmp_path: Path) -> None:
    cells = {"a": '{"happiness": 0.5, "Happy": 0.25, "Sad": 0.25}', "b": '{"Fear": 0, "Sad": 1}', "c": ""}
    frame = pd.DataFrame({"item_id": cells.keys(), "gold_distribution": cells.values()})
    frame.to_csv(tmp_path / "items.csv", index=False)
    corpus = read_corpus(write_folder(tmp_path, (tmp_path / "items.csv").read_text()))
    assert golds(corpus) == {
        "a": ("Happy", (("Happy", 0.75), ("Sad", 0.25))),
        "b": ("Sad", (("Sad", 1.0),)),
        "c": (None, None),
    }
    assert corpus.notes == ("gold of 2 items is what most of its annotators chose",)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_single_table_may_have_a_distribution_in_any_format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    votes: object = {"Happy": 2, "Sad": 1}
    frame = pd.DataFrame({"text": ["x"], "gold_distribution": [json.dumps(votes) if suffix == "csv" else votes]})
    if suffix == "csv":
        frame.to_csv(path, index=False)
    elif suffix == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_parquet(path)
    corpus = read_corpus(path)
    assert golds(corpus) == {"row-1": ("Happy", (("Happy", 2.0), ("Sad", 1.0)))}


@pytest.mark.parametrize("columns", ["rater #", "*er 1,RATER 2", "rater*"])
def test_the_columns_of_annotators_can_be_named(tmp_path: Path, columns: str) -> None:
    (tmp_path / "a.csv").write_text("text,Rater 1,rater 2\nx,Sad,Sad\n", encoding="utf-8")
    corpus = read_corpus(tmp_path / "a.csv", columns=ColumnNames(annotators=columns))
    assert golds(corpus) == {"row-1": ("Sad", (("Sad", 2.0),))}
    assert not any("not read" in note for note in corpus.notes)


def test_numbers_of_annotators_take_aliases_and_their_table_may_have_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("item_id,text,model\na,x,m\na,y,n\n", encoding="utf-8")
    frame = pd.DataFrame({"item_id": ["a"], "gold_1": [0.0], "gold_2": [0.0]})
    corpus = read_corpus([tmp_path / "a.csv", frame], aliases={"0": "Anger"})
    assert golds(corpus) == {"a": ("Anger", (("Anger", 2.0),))}


def test_gold_in_one_table_comes_before_annotators_in_another(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("item_id,text,gold_1\na,x,Sad\n", encoding="utf-8")
    corpus = read_corpus([tmp_path / "a.csv", pd.DataFrame({"item_id": ["a"], "gold": ["Fear"]})])
    assert golds(corpus) == {"a": ("Fear", (("Sad", 1.0),))}
    assert not any("annotators" in note for note in corpus.notes)


def test_a_dropped_category_counts_for_the_majority_and_is_left_out_then(tmp_path: Path) -> None:
    items = "item_id,gold_1,gold_2,gold_3\na,Sad,Sad,contempt\nb,contempt,contempt,Sad\n"
    corpus = read_corpus(write_folder(tmp_path, items), drop_gold=["Contempt"])
    assert golds(corpus) == {"a": ("Sad", (("Sad", 2.0),))}
    assert corpus.dropped == {"b"}


ALLOWED = 'use a JSON object of words and numbers such as {"Happy": 3, "Surprise": 1}'


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("Happy", f"gold_distribution 'Happy' is not allowed; {ALLOWED}"),
        ("[1]", f"gold_distribution [1] is not allowed; {ALLOWED}"),
        ('{"Happy": -1}', f"gold_distribution {{'Happy': -1}} is not allowed; {ALLOWED}"),
        ('{"Happy": "3"}', f"gold_distribution {{'Happy': '3'}} is not allowed; {ALLOWED}"),
        ('{"Happy": true}', f"gold_distribution {{'Happy': True}} is not allowed; {ALLOWED}"),
        ('{"Happy": 0}', "gold_distribution {'Happy': 0} has no number above 0"),
        ("{}", "gold_distribution {} has no number above 0"),
        ('{"Glee": 1}', "gold_distribution 'Glee' (line 3) is unknown; use one of Anger, Disgust, "),
    ],
)
def test_a_distribution_that_is_not_allowed_is_told_with_its_line(tmp_path: Path, cell: str, problem: str) -> None:
    quoted = cell.replace('"', '""')
    folder = write_folder(tmp_path, f'item_id,gold_distribution\na,\nb,"{quoted}"\n')
    with pytest.raises(InputError) as refusal:
        read_corpus(folder)
    assert str(refusal.value).startswith(f"{tmp_path / 'items.csv'}:3: {problem}")


def test_an_unknown_word_of_an_annotator_is_told_with_its_column(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"items.csv:2: gold_2 'NF' \(line 2\) is unknown; use one of"):
        read_corpus(write_folder(tmp_path, "item_id,gold_1,gold_2\na,Sad,NF\n"))


def test_annotators_and_a_distribution_of_one_item_are_refused(tmp_path: Path) -> None:
    items = 'item_id,gold_1,gold_distribution\na,Sad,"{""Sad"": 1}"\n'
    with pytest.raises(InputError, match=r"items.csv:2: gold_distribution beside column 'gold_1'; give one of them"):
        read_corpus(write_folder(tmp_path, items))


def test_rows_of_an_item_with_other_annotators_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("item_id,text,model,gold_1\na,x,m,Sad\na,x,n,Fear\n", encoding="utf-8")
    problem = "a.csv:3: item 'a' has gold_distribution Sad 1 and Fear 1; give all rows of an item the same"
    with pytest.raises(InputError, match=problem):
        read_corpus(tmp_path / "a.csv")


def test_a_column_that_may_be_an_annotators_is_not_taken_unasked() -> None:
    assert [name for name in ("gold_1", "GOLD_12", "gold_1x", "gold_", "gold") if is_annotator(name, "gold_#")] == [
        "gold_1",
        "GOLD_12",
    ]


def test_columns_of_annotators_that_no_table_has_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,rater_1\nx,Sad\n", encoding="utf-8")
    problem = (
        "no column 'coder#'; the columns are 'text', 'rater_1'; column 'rater_1' found: --annotator-columns rater_1"
    )
    with pytest.raises(InputError, match=problem):
        read_corpus(tmp_path / "a.csv", columns=ColumnNames(annotators="coder#"))
