import csv
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descan.corpus import ColumnNames, Corpus, read_corpus
from descan.corpus.column_names import EMPTY_WORDS
from descan.corpus.corpus_toml import CorpusSettings
from descan.errors import InputError
from descan.records import Answer, Item, Mode, Status
from tests.loading import load_answers, load_counted

MakeFolder = Callable[..., Path]
SEVEN = "Anger, Disgust, Fear, Happy, Neutral, Sad, Surprise"
GOLD = (
    f"use one of {SEVEN}, a common word for one, or leave it empty; "
    "--alias WORD=CATEGORY and [labels] of corpus.toml give a word its category"
)
MODES = "describe, classify, classify6, two_stage, decide"
TWO_CATEGORIES = (
    "aliases '{}' and '{}' differ only in case, '-', '_' or Unicode form, "
    "but mean Happy and Sad; give them one category"
)
STATUSES = "ok, refused, blocked, truncated, empty, failed"


def answer_row(
    item_id: str = "a", model: str = "m", mode: str = "describe", text: object = "A smile.", **more: object
) -> str:
    return json.dumps({"item_id": item_id, "model": model, "mode": mode, "text": text, **more})


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    def make(
        answers: str | bytes | None = None,
        items: str | bytes = "item_id,gold\na,Happy\nb,\n",
        toml: str | bytes = 'name = "Faces"\n',
    ) -> Path:
        folder = tmp_path / "corpus"
        folder.mkdir(exist_ok=True)
        answers = answer_row() + "\n" if answers is None else answers
        for name, content in (("corpus.toml", toml), ("items.csv", items), ("answers.jsonl", answers)):
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return make


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def write_parquet(path: Path, columns: Mapping[str, Any]) -> Path:
    pq.write_table(pa.table(dict(columns)), path)
    return path


def problem_of(path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        load_answers(read_corpus(path, **options))
    return str(caught.value)


class TestFolder:
    def test_a_folder_gives_its_items_and_streams_its_answers(self, make_folder: MakeFolder) -> None:
        row = answer_row(mode="classify", text="Joy", repeat=2, latency_s=1, output_tokens=5.0, cost_usd=0.5, other=[1])
        folder = make_folder(
            answers=answer_row() + "\n\n" + row,
            items="item_id,extra,gold,group,media,face_box\na,x,joy,clip 1,a.png,1 2 3 4\nb,x,,,,\n",
            toml='name = "Faces"\nsource = "s"\nlicence = "l"\n'
            '[labels]\nJoy = "happy"\n[prompts]\ndescribe = "What?"\n',
        )
        corpus = read_corpus(folder)
        assert (corpus.name, corpus.language, corpus.source, corpus.licence) == ("Faces", "en", "s", "l")
        assert corpus.aliases == {"Joy": "Happy"}
        assert corpus.prompts == {"describe": "What?"}
        assert list(corpus.items.values()) == [Item("a", "Happy", "clip 1", "a.png", "1 2 3 4"), Item("b")]
        assert load_answers(corpus) == [
            Answer("a", "m", Mode.DESCRIBE, "A smile.", line=1),
            Answer(*("a", "m", Mode.CLASSIFY, "Joy"), repeat=2, latency_s=1.0, output_tokens=5, cost_usd=0.5, line=3),
        ]

    def test_a_corpus_without_a_name_is_called_like_its_folder(self, make_folder: MakeFolder) -> None:
        assert read_corpus(make_folder(toml="")).name == "corpus"

    def test_jsonl_and_parquet_are_mixed_in_the_order_of_their_names(self, make_folder: MakeFolder) -> None:
        folder = make_folder()
        (folder / "answers").mkdir()
        write(folder / "answers" / "b.jsonl", answer_row(model="from b"))
        write_parquet(
            folder / "answers" / "a.parquet",
            {
                "item_id": ["a"],
                "model": ["from a"],
                "mode": ["describe"],
                "text": ["x"],
                "repeat": [1],
                "status": [None],
            },
        )
        write(folder / "answers" / "notes.txt", "not read")
        assert [(answer.model, answer.repeat) for answer in load_answers(read_corpus(folder))] == [
            *(("m", 0), ("from a", 1), ("from b", 0))
        ]

    def test_an_answer_to_an_unknown_item_is_left_out_and_counted(self, make_folder: MakeFolder) -> None:
        corpus = read_corpus(make_folder(answers=answer_row() + "\n" + answer_row(item_id="z")))
        answers, left_out = load_counted(corpus)
        assert [answer.item_id for answer in answers] == ["a"]
        assert left_out == {"unknown_item": 1}

    def test_lone_surrogates_are_replaced_one_for_one_and_counted(self, make_folder: MakeFolder) -> None:
        row = '{"item_id": "a", "model": "m", "mode": "describe", "text": "x\\ud83dy\\ud83d\\ude00\\u0000"}'
        corpus = read_corpus(make_folder(answers=row))
        answers, left_out = load_counted(corpus)
        assert [answer.text for answer in answers] == ["x\ufffdy\U0001f600\0"]
        assert left_out == {"repaired_text": 1}

    def test_byte_order_marks_are_accepted(self, make_folder: MakeFolder) -> None:
        bom = b"\xef\xbb\xbf"
        folder = make_folder(bom + answer_row().encode(), bom + b"item_id\r\na\r\n", bom + b'name = "x"')
        assert [answer.item_id for answer in load_answers(read_corpus(folder))] == ["a"]

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ({}, Status.OK),
            ({"text": " \n"}, Status.EMPTY),
            ({"text": "", "status": "ok"}, Status.EMPTY),
            ({"text": None, "status": "blocked"}, Status.BLOCKED),
            ({"status": "truncated"}, Status.TRUNCATED),
            ({"status": None}, Status.OK),
        ],
    )
    def test_the_status_follows_from_the_text_where_it_is_absent(
        self, make_folder: MakeFolder, more: dict[str, Any], expected: Status
    ) -> None:
        (answer,) = load_answers(read_corpus(make_folder(answers=answer_row(**more))))
        assert answer.status is expected

    def test_a_text_of_a_megabyte_is_read_from_every_format(self, tmp_path: Path) -> None:
        text = "x" * 3_000_000
        for path in (
            write(tmp_path / "a.jsonl", json.dumps({"text": text})),
            write(tmp_path / "a.csv", f"text\n{text}\n"),
            write_parquet(tmp_path / "a.parquet", {"text": [text]}),
        ):
            assert [answer.text for answer in load_answers(read_corpus(path))] == [text]


class TestProgressAndDigest:
    def test_progress_ends_at_the_size_of_all_answers(self, make_folder: MakeFolder) -> None:
        folder = make_folder(answers="\n".join(answer_row(repeat=n) for n in range(1000)))
        (folder / "answers").mkdir()
        columns = {name: ["b"] * 600 for name in ("item_id", "model", "text")}
        write_parquet(
            folder / "answers" / "b.parquet", columns | {"mode": ["describe"] * 600, "repeat": list(range(600))}
        )
        corpus = read_corpus(folder)
        ends = [block.n_bytes for block in corpus.blocks(256)]
        assert ends == sorted(ends)
        assert len(ends) > 6
        assert ends[-1] == corpus.n_bytes == sum(path.stat().st_size for path in corpus.answer_files)

    def test_the_digest_depends_on_the_content_and_not_on_the_path(
        self, make_folder: MakeFolder, tmp_path: Path
    ) -> None:
        folder = make_folder()
        before = read_corpus(folder).digest()
        moved = tmp_path / "elsewhere"
        shutil.copytree(folder, moved)
        assert read_corpus(moved).digest() == before
        digests = {before}
        for name, more in (
            ("items.csv", "c,Sad\n"),
            ("corpus.toml", 'source = "s"\n'),
            ("answers.jsonl", answer_row("b")),
        ):
            with (moved / name).open("a") as file:
                file.write(more)
            digests.add(read_corpus(moved).digest())
        assert len(digests) == 4
        assert all(len(digest) == 64 for digest in digests)


class TestBareFile:
    def test_every_row_is_a_description_of_its_own_item(self, tmp_path: Path) -> None:
        path = write(tmp_path / "faces.csv", 'text\n"A smile,\nwide."\n\nA frown.\n""\n')
        corpus = read_corpus(path)
        assert corpus.name == "faces"
        assert list(corpus.items) == ["row-1", "row-2", "row-3"]
        assert load_answers(corpus) == [
            Answer("row-1", "unnamed", Mode.DESCRIBE, "A smile,\nwide.", line=2),
            Answer("row-2", "unnamed", Mode.DESCRIBE, "A frown.", line=5),
            Answer("row-3", "unnamed", Mode.DESCRIBE, "", Status.EMPTY, line=6),
        ]

    def test_a_label_cell_is_a_classify_answer_and_an_empty_one_is_none(self, tmp_path: Path) -> None:
        path = write(tmp_path / "f.csv", "item_id,model,text,gold,label\na,m,x,sad,I say Sad\na,n,y,,\nb,m,z,,Fear\n")
        corpus = read_corpus(path)
        assert corpus.items == {"a": Item("a", "Sad"), "b": Item("b")}
        found = [(answer.item_id, answer.model, answer.mode, answer.text) for answer in load_answers(corpus)]
        assert found == [
            ("a", "m", "describe", "x"),
            ("a", "m", "classify", "I say Sad"),
            ("a", "n", "describe", "y"),
            ("b", "m", "describe", "z"),
            ("b", "m", "classify", "Fear"),
        ]

    def test_an_answers_file_alone_works_as_it_is(self, tmp_path: Path) -> None:
        rows = [
            answer_row(),
            answer_row(mode="classify", text="Sad"),
            answer_row(text=None, model="n", status="failed"),
        ]
        corpus = read_corpus(write(tmp_path / "a.ndjson", "\n".join(rows)))
        found = [(answer.model, answer.mode, answer.status) for answer in load_answers(corpus)]
        assert found == [("m", "describe", "ok"), ("m", "classify", "ok"), ("n", "describe", "failed")]

    def test_numbers_in_csv_are_read_as_such(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "text,repeat,latency_s,input_tokens\nx,0,.5,\ny,1,2e1,7\n")
        found = [(answer.repeat, answer.latency_s, answer.input_tokens) for answer in load_answers(read_corpus(path))]
        assert found == [(0, 0.5, None), (1, 20.0, 7)]

    def test_columns_are_found_under_the_names_given(self, tmp_path: Path) -> None:
        path = write_parquet(
            tmp_path / "a.PARQUET",
            {"words": ["x", None], "who": ["m", "m"], "clip": ["a", "b"], "truth": ["Fear", None], "said": ["Sad", ""]},
        )
        names = ColumnNames(text="words", item_id="clip", gold="truth", label="said", model="who")
        corpus = read_corpus(path, columns=names)
        assert corpus.items == {"a": Item("a", "Fear"), "b": Item("b")}
        found = [(answer.mode, answer.text, answer.status) for answer in load_answers(corpus)]
        assert found == [("describe", "x", "ok"), ("classify", "Sad", "ok"), ("describe", "", "empty")]

    def test_dictionary_columns_of_parquet_are_strings(self, tmp_path: Path) -> None:
        path = write_parquet(tmp_path / "a.parquet", {"text": pa.array(["x", "y", "x"]).dictionary_encode()})
        assert [answer.text for answer in load_answers(read_corpus(path))] == ["x", "y", "x"]

    @pytest.mark.parametrize("column", ["text", "item_id", "gold", "label", "model"])
    @pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
    def test_a_column_named_but_missing_is_an_error(self, tmp_path: Path, column: str, suffix: str) -> None:
        path = tmp_path / f"a.{suffix}"
        if suffix == "parquet":
            write_parquet(path, {"text": ["x"], "b": [1]})
        else:
            write(path, "text,b\nx,1\n" if suffix == "csv" else '{"text": "x", "b": 1}')
        names = ColumnNames(**{column: "nope"})
        hint = "; column 'text' found: --text-column text" if column == "text" else ""
        assert problem_of(path, columns=names) == f"{path}: no column 'nope'; the columns are 'text', 'b'{hint}"

    @pytest.mark.parametrize(
        ("name", "content", "expected"),
        [
            (
                "a.csv",
                "item_id,gold\na,Sad\n",
                ": no column 'text' or 'label'; the columns are 'item_id', 'gold'; "
                "name one with --text-column or --label-column",
            ),
            ("a.csv", "text\n", ": no answers; a corpus needs at least one"),
            ("a.csv", "", ": is empty; the first line must name the columns"),
            ("a.jsonl", "\n \n", ": no answers; a corpus needs at least one"),
            ("a.csv", "text,text\nx,y\n", ":1: column 'text' occurs twice; every column needs its own name"),
            ("a.csv", "text,gold\nx,Sad\ny\n", ":3: 1 cells; the header has 2, so must every row"),
            (
                "a.csv",
                'text\n"x" y\n',
                ":2: not CSV: ',' expected after '\"'; quote a cell with \" and double a quote in it",
            ),
            (
                "a.csv",
                'text\nx\n"y\n',
                ':3: not CSV: unexpected end of data; quote a cell with " and double a quote in it',
            ),
            ("a.jsonl", b'{"text": "\xe9"}', ":1: byte 0xe9 is not UTF-8; UTF-8 is expected"),
            ("a.csv", "text,gold\nx,Glee\n", f":2: gold 'Glee' (line 2) is unknown; {GOLD}"),
            (
                "a.jsonl",
                '{"text": "x", "gold": 3}',
                f":1: gold '3' (line 1) is unknown; {GOLD}",
            ),
            (
                "a.csv",
                "text,item_id,gold,model\nx,a,Sad,m\ny,a,Fear,n\n",
                ":3: item 'a' has gold Sad and Fear; give an item one gold label",
            ),
            ("a.csv", "text,item_id\nx,\n", ":2: item_id is missing; every row needs one"),
            (
                "a.jsonl",
                '{"text": "x"}\n{"text": "x", "item_id": "a"}',
                ":2: only some rows have item_id; give it to all or to none",
            ),
            (
                "a.jsonl",
                '{"text": "x"}\n{"t\\n": 1}',
                ":2: text is missing; the row has 't\\n'; only an answer whose status is not ok may lack it",
            ),
            ("a.jsonl", '{"text": 1}', ":1: text 1 is not a string; use a string"),
            ("a.csv", "text,latency_s\nx,inf\n", ":2: latency_s 'inf' is not allowed; use a number from 0 to 1e+12"),
            ("a.csv", "text,repeat\nx,1.5\n", ":2: repeat '1.5' is not allowed; use a whole number from 0"),
            (
                "a.txt",
                "x",
                ": suffix '.txt' is unknown; use one of .csv, .jsonl, .ndjson, .parquet, .tsv, .json, .xlsx, .xlsm, "
                ".ods",
            ),
            ("a.parquet", "x", ": not Parquet; use a Parquet file or the suffix of what it is"),
        ],
    )
    def test_what_is_not_allowed_is_told_with_its_place(
        self, tmp_path: Path, name: str, content: str | bytes, expected: str
    ) -> None:
        path = write(tmp_path / name, content)
        assert problem_of(path) == f"{path}{expected}"

    def test_a_parquet_column_of_another_type_is_an_error(self, tmp_path: Path) -> None:
        path = write_parquet(tmp_path / "a.parquet", {"text": [1, 2]})
        assert problem_of(path) == f"{path}: column 'text' is int64; use a string column"
        path = write_parquet(tmp_path / "b.parquet", {"text": ["x"], "latency_s": ["1"]})
        assert problem_of(path) == f"{path}: column 'latency_s' is string; use a number column"

    def test_a_parquet_row_is_named_by_its_number(self, tmp_path: Path) -> None:
        path = write_parquet(tmp_path / "a.parquet", {"text": ["x"] * 300, "repeat": [0] * 299 + [-1]})
        assert problem_of(path) == f"{path}:300: repeat -1 is not allowed; use a whole number from 0"


class TestMissingParts:
    def test_a_missing_path_is_an_error(self, tmp_path: Path) -> None:
        path = tmp_path / "none"
        assert problem_of(path) == f"{path}: does not exist; use a corpus folder or a file of answers"

    @pytest.mark.parametrize("name", ["corpus.toml", "items.csv"])
    def test_a_folder_needs_its_files(self, make_folder: MakeFolder, name: str) -> None:
        folder = make_folder()
        (folder / name).unlink()
        assert problem_of(folder) == f"{folder}: no {name}; a corpus folder has corpus.toml, items.csv and answers"

    def test_a_folder_needs_answers(self, make_folder: MakeFolder) -> None:
        folder = make_folder()
        (folder / "answers.jsonl").unlink()
        expected = "no answers; put them in answers.jsonl, answers/*.jsonl or answers/*.parquet"
        assert problem_of(folder) == f"{folder}: {expected}"

    def test_an_answers_file_without_a_line_is_an_error(self, make_folder: MakeFolder) -> None:
        folder = make_folder(answers="\n")
        assert problem_of(folder) == f"{folder}: no answers; a corpus needs at least one answer to one of its items"

    def test_answers_to_nothing_but_unknown_items_are_an_error(self, make_folder: MakeFolder) -> None:
        folder = make_folder(answers=answer_row(item_id="z"))
        found = "all 1 answers are to items that items.csv does not list"
        assert problem_of(folder) == f"{folder}: {found}; a corpus needs at least one answer to one of its items"

    def test_column_names_are_for_bare_files(self, make_folder: MakeFolder) -> None:
        folder = make_folder()
        expected = "is a folder, whose columns have fixed names; name columns only for a bare file"
        assert problem_of(folder, columns=ColumnNames(text="words")) == f"{folder}: {expected}"


class TestItems:
    @pytest.mark.parametrize(
        ("items", "expected"),
        [
            ("gold\nSad\n", ":1: no column item_id; the columns are 'gold'"),
            ("item_id\n", ": no items; list at least one"),
            ("item_id\na\nb\na\n", ":4: item_id 'a' occurs twice, first on line 2; list every item once"),
            ("item_id,gold\na,Glee\n", f":2: gold 'Glee' (line 2) is unknown; {GOLD}"),
            ("item_id,gold\n,Sad\n", ":2: item_id is missing; every row needs one"),
            ("item_id,gold\n  ,Sad\n", ":2: item_id is blank; every row needs one"),
            ("item_id\na\x00b\n", ":2: item_id 'a\\x00b' holds a control character; use printable text"),
        ],
    )
    def test_what_is_not_allowed_is_told_with_its_line(
        self, make_folder: MakeFolder, items: str, expected: str
    ) -> None:
        folder = make_folder(items=items)
        assert problem_of(folder) == f"{folder / 'items.csv'}{expected}"

    def test_labels_of_the_corpus_are_allowed_gold(self, make_folder: MakeFolder) -> None:
        toml = '[labels]\nGlee = "joy"\n'
        assert read_corpus(make_folder(items="item_id,gold\na, GLEE \nb,FEAR\n", toml=toml)).items == {
            "a": Item("a", "Happy"),
            "b": Item("b", "Fear"),
        }


class TestSettings:
    @pytest.mark.parametrize(
        ("toml", "expected"),
        [
            ('titel = "x"', f"key 'titel' is unknown; use one of {', '.join(CorpusSettings.model_fields)}"),
            ("name = 3", "key 'name': 3: Input should be a valid string"),
            ('[labels]\nJoy = "Glee"', f"key 'labels.Joy': 'Glee' is unknown; use one of {SEVEN}"),
            ("[labels]\nJoy = 1", f"key 'labels.Joy': 1 is unknown; use one of {SEVEN}"),
            ('[labels]\nSad = "Happy"', "alias 'Sad' is a category itself; give it Sad or drop it"),
            ('[labels]\njoy = "Happy"\nJoy = "Sad"', TWO_CATEGORIES.format("joy", "Joy")),
            ('[labels]\nso-so = "Happy"\nso_so = "Sad"', TWO_CATEGORIES.format("so-so", "so_so")),
            ('[labels]\n"caf\u00e9" = "Happy"\n"cafe\u0301" = "Sad"', TWO_CATEGORIES.format("caf\u00e9", "cafe\u0301")),
            ('[labels]\n" " = "Happy"', "alias ' ' has no letter; use a word"),
            ('[labels]\n- = "Happy"', "alias '-' has no letter; use a word"),
            ('[labels]\n__ = "Happy"', "alias '__' has no letter; use a word"),
            ("a = " + "[" * 5000, "not TOML: nested too deeply; use at most two levels"),
            ("a = " + "9" * 5000, "not TOML: a number is too long; use a shorter one"),
            ("name = ", "not TOML: Invalid value (at end of document)"),
            (b'name = "\xe9"', "not UTF-8; UTF-8 is expected"),
        ],
    )
    def test_what_is_not_allowed_is_told_with_its_key(
        self, make_folder: MakeFolder, toml: str | bytes, expected: str
    ) -> None:
        folder = make_folder(toml=toml)
        assert problem_of(folder) == f"{folder / 'corpus.toml'}: {expected}"


class TestAnswers:
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ("{", "not JSON: expecting property name enclosed in double quotes in '{'; use one object a line"),
            ("[" * 100_000, "not JSON: nested too deeply; use one flat object a line"),
            (
                '{"repeat": ' + "9" * 5000 + "}",
                f"not JSON: a number is too long in '{{\"repeat\": {'9' * 69}'...; use one object a line",
            ),
            ('{"item_id": "a", "item_id": "b"}', "key 'item_id' occurs twice; give it once"),
            ('{"item_id": "a", "\\u0069tem_id" : "b"}', "key 'item_id' occurs twice; give it once"),
            ("[1]", "'[1]' is not an object; use one object a line"),
            ("{}", "item_id is missing; every row needs one"),
            (answer_row(item_id=3), "item_id 3 is not a string; use a string"),  # type: ignore[arg-type]
            (answer_row(model="m\n"), "model 'm\\n' holds a control character; use printable text"),
            (answer_row(model="\ud800"), "model '\\ud800' holds a control character; use printable text"),
            (answer_row(mode="look"), f"mode 'look' is unknown; use one of {MODES}"),
            (answer_row(mode=["\x1b"]), f"mode ['\\x1b'] is unknown; use one of {MODES}"),  # type: ignore[arg-type]
            ('{"item_id": "a", "model": "m", "text": "x"}', f"mode is missing; use one of {MODES}"),
            (answer_row(status="done"), f"status 'done' is unknown; use one of {STATUSES}"),
            (answer_row(text=None), "text is null; only an answer whose status is not ok may lack it"),
            (
                '{"item_id": "a", "model": "m", "mode": "describe"}',
                "text is missing; the row has 'item_id', 'model', 'mode'; "
                "only an answer whose status is not ok may lack it",
            ),
            (answer_row(text=["x"]), "text ['x'] is not a string; use a string"),
            (answer_row(repeat="1"), "repeat '1' is not allowed; use a whole number from 0"),
            (answer_row(repeat=True), "repeat True is not allowed; use a whole number from 0"),
            (answer_row(repeat=2**31), "repeat 2147483648 is not allowed; use a whole number from 0"),
            (answer_row(input_tokens=-1), "input_tokens -1 is not allowed; use a whole number from 0"),
            (answer_row(latency_s="1"), "latency_s '1' is not allowed; use a number from 0 to 1e+12"),
            (answer_row(latency_s=float("nan")), "latency_s nan is not allowed; use a number from 0 to 1e+12"),
            (answer_row(cost_usd=float("inf")), "cost_usd inf is not allowed; use a number from 0 to 1e+12"),
            (
                answer_row(),
                "answer item_id 'a', model 'm', mode describe, repeat 0 occurs twice; "
                "number repeated answers in repeat",
            ),
            (answer_row(mode="x" * 200), f"mode '{'x' * 80}'... is unknown; use one of {MODES}"),
        ],
        ids=lambda value: value[:40].replace("\x1b", ""),
    )
    def test_what_is_not_allowed_is_told_with_its_line(self, make_folder: MakeFolder, row: str, expected: str) -> None:
        folder = make_folder(answers=f"{answer_row()}\n{row}\n")
        assert problem_of(folder) == f"{folder / 'answers.jsonl'}:2: {expected}"

    def test_an_answer_given_twice_in_two_files_is_found(self, make_folder: MakeFolder) -> None:
        folder = make_folder()
        (folder / "answers").mkdir()
        path = write(folder / "answers" / "x.jsonl", answer_row(text="other"))
        assert problem_of(folder).startswith(
            f"{path}:1: answer item_id 'a', model 'm', mode describe, repeat 0 occurs twice"
        )


TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS)
@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_any_text_comes_out_of_a_file_as_it_went_in(tmp_path: Path, suffix: str, texts: list[str]) -> None:
    path = tmp_path / f"texts.{suffix}"
    if suffix == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["text"], *([text] for text in texts)])
    elif suffix == "jsonl":
        path.write_text(
            "\n".join(json.dumps({"text": text}, ensure_ascii=False) for text in texts), encoding="utf-8", newline=""
        )
    else:
        write_parquet(path, {"text": texts})
    corpus = read_corpus(path)
    answers, left_out = load_counted(corpus)
    assert [answer.text for answer in answers] == ["" if text in EMPTY_WORDS else text for text in texts]
    assert not left_out


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), suffix=st.sampled_from(["csv", "jsonl", "parquet"]))
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = write(tmp_path / f"any.{suffix}", content)
    try:
        load_answers(read_corpus(path))
    except InputError as error:
        assert str(error).isprintable()  # noqa: PT017


@pytest.fixture(scope="module")
def afew(shared: Path) -> Corpus:
    return read_corpus(shared / "corpora" / "afew-qwen")


def test_a_real_corpus_streams_all_its_answers(afew: Corpus) -> None:
    answers, left_out = load_counted(afew)
    assert (len(afew.items), len(answers), len({answer.model for answer in answers})) == (855, 5130, 3)
    assert all(item.gold is not None for item in afew.items.values())
    assert all(answer.status is Status.OK for answer in answers)
    assert not left_out
    assert afew.aliases["Fearfully Surprised"] == "Surprise"


def test_a_failure_counts_only_where_no_answer_came(tmp_path: Path) -> None:
    def row(item_id: str, **cells: object) -> str:
        return json.dumps({"item_id": item_id, "model": "m", "mode": "describe", "text": "", **cells}) + "\n"

    (tmp_path / "corpus.toml").write_text("")
    (tmp_path / "items.csv").write_text("item_id\na\nb\n")
    (tmp_path / "answers.jsonl").write_text(row("a", text="She smiles."))
    (tmp_path / "failures.jsonl").write_text("".join(row(item_id, status="failed") for item_id in "aabb"))
    corpus = read_corpus(tmp_path)
    assert [(answer.item_id, answer.status) for answer in load_answers(corpus)] == [("a", "ok"), ("b", "failed")]
