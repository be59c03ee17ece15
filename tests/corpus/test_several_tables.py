"""Several tables of the same items: joined by ids, each with what it has, or one clear line."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from descan.corpus import ColumnNames, Corpus, TableOptions, read_corpus
from descan.errors import InputError
from tests.loading import load_answers


def write(path: Path, *rows: str, delimiter: str = ",") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(rows).replace(",", delimiter) + "\n", encoding="utf-8")
    return path


def said(corpus: Corpus) -> list[tuple[str, str, str, str]]:
    return sorted((answer.item_id, answer.model, answer.mode, answer.text) for answer in load_answers(corpus))


def golds(corpus: Corpus) -> dict[str, str | None]:
    return {item.item_id: item.gold for item in corpus.items.values()}


def problem_of(sources: Any, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        load_answers(read_corpus(sources, **options))
    return str(caught.value)


BOTH = [
    ("a", "m", "classify", "Happy"),
    ("a", "m", "describe", "A smile."),
    ("b", "m", "classify", "Fear"),
    ("b", "m", "describe", "A frown."),
]


class TestJoining:
    def test_rows_of_files_with_other_columns_and_another_order_are_joined(self, tmp_path: Path) -> None:
        first = write(tmp_path / "1.csv", "item_id,model,text,gold,label", "a,m,A smile.,Happy,Happy")
        second = write(tmp_path / "2.csv", "Label;Text;Model;Item_ID", "Fear;A frown.;m;b")
        corpus = read_corpus([first, second])
        assert said(corpus) == BOTH
        assert golds(corpus) == {"a": "Happy", "b": None}
        assert corpus.notes == (f"{second}: delimiter ';'",)
        assert (corpus.name, corpus.folder) == ("1, 2", tmp_path)
        assert (
            corpus.digest() == read_corpus([str(first), str(second)]).digest() != read_corpus([second, first]).digest()
        )

    def test_descriptions_labels_and_gold_may_be_files_of_their_own(self, tmp_path: Path) -> None:
        files = [
            write(tmp_path / "texts.csv", "item_id,text", "a,A smile.", "b,A frown."),
            write(tmp_path / "labels.csv", "item_id,label", "a,Happy", "b,Fear"),
            write(tmp_path / "gold.csv", "gold,item_id,group", "joy,a,1", "Sad,b,2"),
        ]
        corpus = read_corpus(files)
        assert said(corpus) == [(item_id, "unnamed", mode, text) for item_id, _, mode, text in BOTH]
        assert [(item.gold, item.group) for item in corpus.items.values()] == [("Happy", "1"), ("Sad", "2")]
        assert corpus.notes == (
            f"{files[0]} and {files[1]}: descriptions and labels of one model, for neither has a column model",
        )

    def test_a_file_of_each_model_is_named_after_it(self, tmp_path: Path) -> None:
        files = [write(tmp_path / f"{name}.csv", "item_id,text", f"a,by {name}") for name in ("gpt-4.1", "llava")]
        corpus = read_corpus(files)
        assert said(corpus) == [("a", "gpt-4.1", "describe", "by gpt-4.1"), ("a", "llava", "describe", "by llava")]
        assert corpus.notes == ("no column model: 2 models by the names of the tables: 'gpt-4.1', 'llava'",)

    def test_names_with_model_in_them_say_which_files_are_of_one_model(self, tmp_path: Path) -> None:
        for name in ("gpt", "llava"):
            write(tmp_path / f"[{name}" / "texts.csv", "item_id,text", f"a,by {name}")
            write(tmp_path / f"[{name}" / "labels.csv", "item_id,label", "a,Sad")
        corpus = read_corpus([f"{tmp_path}/[{{model}}/texts.csv", tmp_path / "[{model}" / "labels.csv"])
        assert said(corpus) == [
            ("a", name, mode, text)
            for name in ("gpt", "llava")
            for mode, text in (("classify", "Sad"), ("describe", f"by {name}"))
        ]
        assert said(read_corpus(f"{tmp_path}/[{{model}}/labels.csv"))[0] == ("a", "gpt", "classify", "Sad")

    def test_forms_may_differ_and_options_are_for_those_that_take_them(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        book.create_sheet("Codes").append(["item_id"])
        for row in (["item_id", "gold"], [7, "Sad"]):
            book.active.append(row)
        book.save(tmp_path / "gold.xlsx")
        texts = write(tmp_path / "texts.csv", "item_id,text", "7,A frown.", delimiter="~")
        corpus = read_corpus([tmp_path / "gold.xlsx", texts], options=TableOptions(delimiter="~", sheet="Sheet"))
        assert (golds(corpus), said(corpus)) == ({"7": "Sad"}, [("7", "unnamed", "describe", "A frown.")])

    def test_a_column_that_was_asked_for_may_be_in_one_of_them(self, tmp_path: Path) -> None:
        files = [
            write(tmp_path / "a.csv", "image,reply", "a,A smile."),
            write(tmp_path / "b.csv", "image,pred", "a,Happy"),
        ]
        corpus = read_corpus(files, columns=ColumnNames(text="reply", item_id="image", label="pred"))
        assert [row[2:] for row in said(corpus)] == [("classify", "Happy"), ("describe", "A smile.")]

    def test_standard_input_may_be_one_of_them(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"item_id,gold\na,Sad\n")))
        corpus = read_corpus(["-", write(tmp_path / "a.csv", "item_id,text", "a,A frown.")])
        assert (golds(corpus), len(said(corpus))) == ({"a": "Sad"}, 1)


class TestFrames:
    def test_frames_are_joined_like_files(self, tmp_path: Path) -> None:
        texts = pd.DataFrame({"item_id": ["a", "b"], "text": ["A smile.", "A frown."], "model": "m"})
        labels = write(tmp_path / "l.csv", "item_id,model,label", "a,m,Happy", "b,m,Fear")
        assert said(read_corpus([texts, labels])) == BOTH

    def test_a_mapping_names_the_models(self) -> None:
        frames = {name: pd.DataFrame({"item_id": [1], "text": [name]}) for name in ("gpt", "llava")}
        assert said(read_corpus(frames)) == [("1", name, "describe", name) for name in frames]

    def test_frames_without_names_are_numbered(self) -> None:
        frames = [pd.DataFrame({"item_id": [1], "text": [name]}) for name in ("gpt", "llava")]
        corpus = read_corpus(frames)
        assert said(corpus) == [("1", f"frame {n}", "describe", name) for n, name in ((1, "gpt"), (2, "llava"))]


TEXTS = ("item_id,text", "a,A smile.")
LABELS = ("item_id,label", "a,Happy")


class TestWhatIsNotAllowed:
    @pytest.mark.parametrize(
        ("tables", "columns", "expected"),
        [
            (
                (("item_id,text,gold", "b,,", "a,x,Sad"), ("item_id,text,gold", "a,y,joy")),
                {},
                "{1}:2: item 'a' has gold Happy, but Sad in {0}:3; give an item one gold label",
            ),
            (
                (("item_id,text,group", "a,x,1"), ("item_id,label,group", "b,Sad,", "a,Sad,2")),
                {},
                "{1}:3: item 'a' has group 2, but 1 in {0}:2; give an item one group",
            ),
            (
                (("item_id,model,text", "b,m,y", "a,m,x"), ("item_id,model,text", "a,m,y")),
                {},
                "{1}:2: answer item_id 'a', model 'm', mode describe, repeat 0 occurs twice, first in {0}:3; "
                "number repeated answers in repeat",
            ),
            (
                (TEXTS, ("image,label", "a,Sad")),
                {},
                "{1}: no column 'item_id', by which several tables are joined; the columns are 'image', 'label'; "
                "column 'image' found: --id-column image",
            ),
            (
                (TEXTS, ("item_id,pred", "a,Sad")),
                {},
                "{1}: no column 'text', 'label' or 'gold'; the columns are 'item_id', 'pred'; "
                "column 'pred' found: --label-column pred",
            ),
            ((TEXTS, LABELS), {"gold": "truth"}, "{0}: no column 'truth'; the columns are 'item_id', 'text'"),
            (
                (("item_id,gold", "a,Sad"), ("item_id,gold", "b,Sad")),
                {},
                "{0}: no column 'text' or 'label'; the columns are 'item_id', 'gold'; "
                "name one with --text-column or --label-column",
            ),
            (
                (TEXTS, TEXTS, LABELS),
                {},
                "{0}: has descriptions alone and no column model, so nothing tells which other table is of the same "
                "model; add the column, or name the tables with {{model}}, as in '{{model}}_descriptions.csv'",
            ),
            (
                (("item_id,text,model", "a,x,m"), LABELS),
                {},
                "{1}: has labels alone and no column model, so nothing tells which other table is of the same "
                "model; add the column, or name the tables with {{model}}, as in '{{model}}_labels.csv'",
            ),
            ((TEXTS, ("item_id,text",)), {}, "{1}: no answers; a corpus needs at least one"),
        ],
    )
    def test_what_does_not_fit_is_told_with_its_file(
        self, tmp_path: Path, tables: Sequence[Sequence[str]], columns: dict[str, str], expected: str
    ) -> None:
        files = [write(tmp_path / f"{n}.csv", *rows) for n, rows in enumerate(tables)]
        assert problem_of(files, columns=ColumnNames(**columns)) == expected.format(*files)

    def test_a_folder_is_named_alone(self, tmp_path: Path) -> None:
        expected = "is a folder; name one corpus folder alone, or several tables"
        assert problem_of([write(tmp_path / "a.csv", *TEXTS), tmp_path]) == f"{tmp_path}: {expected}"

    def test_a_name_with_model_must_fit_a_file_without_models(self, tmp_path: Path) -> None:
        write(tmp_path / "gpt.csv", "item_id,text,model", "a,x,m")
        assert problem_of(tmp_path / "{model}.csv").endswith(
            "gpt.csv: has column 'model' beside {model}; name its path without {model}"
        )
        assert (
            problem_of(tmp_path / "{model}.json")
            == f"{tmp_path}/{{model}}.json: no file has such a name; check the path"
        )
        assert problem_of("{model}/{model}.csv").endswith("has {model} twice or in a URL; name the files one by one")

    def test_other_mistakes_are_told(self, tmp_path: Path) -> None:
        assert problem_of([]) == "no table is named; name at least one"
        assert problem_of([{"text": "x"}]) == "dict is not a table; use a path, a frame, or a list of these"
        assert problem_of({"a\n": pd.DataFrame({"item_id": ["a"], "text": ["x"]})}).endswith(
            "model 'a\\n' holds a control character; use printable text"
        )
        assert problem_of(["-", "-"]) == "standard input: is named twice; name it once"
        files = [write(tmp_path / "a.csv", *TEXTS), write(tmp_path / "b.tsv", *LABELS, delimiter="\t")]
        assert problem_of(files, options=TableOptions(sheet="A")) == (
            "sheet is for .xlsx, .xlsm and .ods files, not for 'a.csv', 'b.tsv'"
        )
