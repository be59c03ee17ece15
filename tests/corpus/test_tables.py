"""Tables as their writers leave them: the same items and answers as the plain table, or one clear line."""

import csv
import gzip
import io
import json
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from descan.corpus import ColumnNames, Corpus, TableOptions, read_corpus
from descan.errors import InputError, OptionError
from descan.records import Answer
from tests.loading import load_answers

ROWS = [
    {
        "item_id": "a",
        "model": "m",
        "text": "Mund offen; a smile, wide – “open”.",
        "gold": "Happy",
        "label": "Sad",
    },
    {"item_id": "a", "model": "n", "text": "She frowns;\nher brows | furrowed.", "gold": "Happy", "label": ""},
    {"item_id": "ä", "model": "m", "text": 'She says "no", no smile.', "gold": "", "label": "Fear, or: Anger"},
]


def csv_text(rows: list[dict[str, Any]], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def said(corpus: Corpus) -> tuple[object, list[Answer]]:
    return corpus.items, [answer._replace(line=0) for answer in load_answers(corpus)]


@pytest.fixture
def plain(tmp_path: Path) -> tuple[object, list[Answer]]:
    """What the rows say in a plain file."""
    return said(read_corpus(write(tmp_path / "plain.csv", csv_text(ROWS))))


def problem_of(path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        load_answers(read_corpus(path, **options))
    return str(caught.value)


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    @pytest.mark.parametrize(("delimiter", "name"), [(",", ""), (";", "';'"), ("\t", "tab"), ("|", "'|'")])
    def test_delimiter_and_encoding_are_found_out_and_said(
        self, tmp_path: Path, plain: object, encoding: str, delimiter: str, name: str
    ) -> None:
        path = write(tmp_path / "a.csv", csv_text(ROWS, delimiter), encoding)
        corpus = read_corpus(path)
        assert said(corpus) == plain
        told = [] if encoding.startswith("utf-8") else [f"encoding {encoding}"]
        told += [f"delimiter {name}"] if name else []
        assert corpus.notes == ((f"{path}: {', '.join(told)}",) if told else ())

    @pytest.mark.parametrize(
        ("encoding", "text"),
        [
            ("cp932", "彼女は微笑んでいる。口角が上がっている。"),
            ("gb18030", "她微笑着。嘴角上扬。眼睛微微眯起。"),
            ("cp1252", "Les coins de la bouche relevés, l’expression est gênée."),
        ],
    )
    @pytest.mark.parametrize("n", [1, 50])
    def test_other_scripts_are_read(self, tmp_path: Path, encoding: str, text: str, n: int) -> None:
        path = write(tmp_path / "a.csv", "text\r\n" + f'"{text}"\r\n' * n, encoding)
        corpus = read_corpus(path)
        assert [answer.text for answer in load_answers(corpus)] == [text] * n
        assert corpus.notes == (f"{path}: encoding {encoding}",)

    def test_a_late_letter_decides_the_encoding_of_all(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "text\n" + "A smile.\n" * 200_000 + "Mürrisch.\n", "cp1252")
        assert list(read_corpus(path).items)[-1] == "row-200001"

    def test_a_tsv_file_has_tabs(self, tmp_path: Path, plain: object) -> None:
        assert said(read_corpus(write(tmp_path / "a.tsv", csv_text(ROWS, "\t")))) == plain

    def test_the_line_that_tells_excel_the_delimiter_is_no_header(self, tmp_path: Path, plain: object) -> None:
        for delimiter in ";,":
            path = write(tmp_path / "a.csv", f"sep={delimiter}\r\n" + csv_text(ROWS, delimiter))
            assert said(read_corpus(path)) == plain

    def test_a_comma_in_a_column_name_parts_nothing_beside_semicolons(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "Nr.;Beschreibung, frei;text\n1;x;A smile.\n")
        assert [answer.text for answer in load_answers(read_corpus(path))] == ["A smile."]

    def test_delimiter_and_encoding_can_be_named(self, tmp_path: Path, plain: object) -> None:
        path = write(tmp_path / "a.csv", csv_text(ROWS, "~"), "cp1250")
        assert said(read_corpus(path, options=TableOptions("~", "cp1250"))) == plain
        path = write(tmp_path / "b.csv", csv_text(ROWS, "\t"))
        assert said(read_corpus(path, options=TableOptions("tab"))) == plain

    def test_a_converted_table_keeps_its_identity_and_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        path = write(tmp_path / "a.csv", csv_text(ROWS, ";"))
        corpus = read_corpus(path)
        assert (corpus.name, corpus.folder) == ("a", tmp_path)
        digest = corpus.digest()
        assert len(list(tmp_path.iterdir())) == 2
        del corpus
        assert list(tmp_path.iterdir()) == [path]
        assert read_corpus(path).digest() == digest

    @pytest.mark.parametrize(
        ("content", "options", "expected"),
        [
            (b"text\nx\n\xff\n", {"encoding": "utf-8"}, ":3: byte 0xff is not UTF-8; UTF-8 is expected"),
            (b"text\nx\n\x81\n", {"encoding": "cp1252"}, ":3: byte 0x81 is not cp1252; {name}"),
            (b"\xff\xfet\x00e\x00x\x00t\x00\n\x00a", {}, ":2: byte 0x61 is not utf-16; {name}"),
            (b"text;gold\nx;Sad\ny\n", {}, ":3: 1 cells; the header has 2, so must every row"),
            (b"text;gold\nx;Glee\n", {}, ":2: gold 'Glee' (line 2) is unknown; use one of"),
            (b"text;repeat\nx;-1\n", {}, ":2: repeat -1 is not allowed; use a whole number from 0"),
            (
                b"item_id;text\na;x\nb;y\na;z\n",
                {},
                ":4: answer item_id 'a', model 'unnamed', mode describe, repeat 0 occurs twice; "
                "number repeated answers in repeat",
            ),
            (b"text;gold\nx;Sad\ntext;gold\ny;Sad\n", {}, ":3: the header occurs twice; remove the second"),
            (b"text,gold\nx,Sad\ntext,gold\n", {}, ":3: the header occurs twice; remove the second"),
            (
                b",GPT,\nitem_id,text,label\na,x,Sad\n",
                {},
                ": no column 'text' or 'label'; the columns are '', 'GPT', ''; the row after the header names columns: "
                "'label', 'text'; use one header row, without a title above",
            ),
            (b"text,gold\rx,Sad\r", {}, ":1: lines end in CR alone; save it with LF or CRLF"),
            (b"text\nxy\n", {"encoding": "utf-16"}, ": is not utf-16; {name}"),
            (b"text" + b",a" * 20_000, {}, ":1: has 20,001 columns; at most 16,384 are allowed"),
            (
                b"words;gold\nx;Sad\n",
                {},
                ": no column 'text' or 'label'; the columns are 'words', 'gold'; "
                "name one with --text-column or --label-column",
            ),
        ],
    )
    def test_what_is_not_allowed_is_told_with_its_place(
        self, tmp_path: Path, content: bytes, options: dict[str, Any], expected: str
    ) -> None:
        path = write(tmp_path / "a.csv", content)
        expected = expected.format(name="name the encoding of the file with --encoding")
        assert problem_of(path, options=TableOptions(**options)).startswith(f"{path}{expected}")

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"delimiter": ";;"}, "delimiter must be one character such as ; or tab, not ';;'"),
            ({"delimiter": '"'}, "delimiter must be one character such as ; or tab, not '\"'"),
            (
                {"encoding": "klingon"},
                "encoding must be an encoding such as utf-8, utf-16, cp1252, shift_jis or gb18030, not 'klingon'",
            ),
            (
                {"encoding": "base64"},
                "encoding must be an encoding such as utf-8, utf-16, cp1252, shift_jis or gb18030, not 'base64'",
            ),
        ],
    )
    def test_an_option_that_is_not_allowed_is_an_error(self, options: dict[str, Any], expected: str) -> None:
        with pytest.raises(OptionError) as caught:
            TableOptions(**options)
        assert str(caught.value) == expected

    @pytest.mark.parametrize(
        ("name", "option", "kinds"),
        [
            ("a.jsonl", "delimiter", ".csv and .tsv"),
            ("a.parquet", "encoding", ".csv, .tsv, .json, .jsonl and .ndjson"),
            ("a.csv.gz", "sheet", ".xlsx, .xlsm and .ods"),
        ],
    )
    def test_an_option_is_for_tables_that_may_need_it(self, tmp_path: Path, name: str, option: str, kinds: str) -> None:
        path = write(tmp_path / name, "text\nx")
        options = TableOptions(**{option: {"delimiter": ";", "encoding": "cp1252", "sheet": "A"}[option]})
        assert problem_of(path, options=options) == f"{option} is for {kinds} files, not for '{name}'"
        with pytest.raises(OptionError) as caught:
            read_corpus(pd.DataFrame({"text": ["x"]}), options=options)
        assert str(caught.value) == f"{option} is for {kinds} files, not for a frame"

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("form", ["json", "jsonl"])
    def test_the_unicode_of_json_is_found_out(self, tmp_path: Path, plain: object, encoding: str, form: str) -> None:
        content = json.dumps(ROWS) if form == "json" else "\n".join(map(json.dumps, ROWS))
        path = write(tmp_path / f"a.{form}", content, encoding)
        corpus = read_corpus(path)
        assert said(corpus) == plain
        assert corpus.notes == (() if encoding == "utf-8-sig" else (f"{path}: encoding {encoding}",))

    def test_another_encoding_of_json_can_be_named(self, tmp_path: Path, plain: object) -> None:
        path = write(tmp_path / "a.jsonl", "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), "cp1252")
        assert said(read_corpus(path, options=TableOptions(encoding="cp1252"))) == plain
        assert problem_of(path) == f"{path}:1: byte 0x96 is not UTF-8; UTF-8 is expected"

    def test_options_are_not_for_folders(self, tmp_path: Path) -> None:
        expected = "is a folder, whose files are UTF-8; name delimiter and encoding only for a bare file"
        assert problem_of(tmp_path, options=TableOptions(";")) == f"{tmp_path}: {expected}"


class TestColumns:
    def test_columns_are_found_in_any_case(self, tmp_path: Path, plain: object) -> None:
        rows = [{name.upper(): value for name, value in row.items()} | {"Repeat": "0", "Group": ""} for row in ROWS]
        path = write(tmp_path / "a.csv", csv_text(rows))
        corpus = read_corpus(path)
        assert said(corpus) == plain
        assert corpus.notes == ()

    def test_a_table_of_labels_needs_no_text(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "Gold,Label\nSad,Fear\nSad,\n")
        assert [(answer.mode, answer.text, answer.status) for answer in load_answers(read_corpus(path))] == [
            ("classify", "Fear", "ok"),
            ("classify", "", "empty"),
        ]

    def test_columns_that_are_not_read_are_named_and_likely_ones_suggested(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "text,Ground Truth,Image ID,notes\nx,Sad,1,\n")
        assert read_corpus(path).notes == (
            f"{path}: columns not read: 'Ground Truth', 'Image ID', 'notes'",
            f"{path}: no column item_id; column 'Image ID' found: --id-column 'Image ID'",
            f"{path}: no column gold; column 'Ground Truth' found: --gold-column 'Ground Truth'",
        )

    def test_many_unread_columns_are_one_short_line(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "text," + ",".join(f"c{n}" for n in range(20)) + "\nx" + "," * 20)
        assert read_corpus(path).notes[0].endswith("'c10', 'c11' and 8 more")

    @pytest.mark.parametrize("form", ["csv", "json", "jsonl", "xlsx", "parquet", "frame"])
    @pytest.mark.parametrize("empty", ["", "nan", "NaN", "None", None, float("nan")])
    def test_what_is_empty_is_so_in_every_form(self, tmp_path: Path, form: str, empty: str | float | None) -> None:
        rows = [{"item_id": "a", "text": "x", "gold": empty, "label": empty, "model": "m", "group": empty}]
        rows.append({"item_id": "b", "text": empty, "gold": "Sad", "label": "Sad", "model": empty, "group": "g"})
        source: Any = tmp_path / f"a.{form}"
        if form == "csv":
            write(source, csv_text(rows))
        elif form == "frame":
            source = pd.DataFrame(rows, dtype=object)
        elif form == "parquet":
            texts = [{name: None if isinstance(cell, float) else cell for name, cell in row.items()} for row in rows]
            pq.write_table(pa.Table.from_pylist(texts), source)
        elif form == "xlsx":
            write_sheets(source, A=[list(rows[0]), *(list(row.values()) for row in rows)])
        else:
            write(source, json.dumps(rows) if form == "json" else "\n".join(map(json.dumps, rows)))
        corpus = read_corpus(source)
        assert [(item.gold, item.group) for item in corpus.items.values()] == [(None, None), ("Sad", "g")]
        assert [(answer.model, answer.mode, answer.text, answer.status) for answer in load_answers(corpus)] == [
            ("m", "describe", "x", "ok"),
            ("unnamed", "describe", "", "empty"),
            ("unnamed", "classify", "Sad", "ok"),
        ]

    @pytest.mark.parametrize("word", ["", "nan", "NaN", "None"])
    def test_empty_words_are_empty_cells(self, tmp_path: Path, word: str) -> None:
        path = write(tmp_path / "a.csv", f"text,gold,label,repeat,latency_s\nx,{word},{word},{word},{word}\n")
        corpus = read_corpus(path)
        assert corpus.items["row-1"].gold is None
        assert [(answer.text, answer.latency_s) for answer in load_answers(corpus)] == [("x", None)]

    @pytest.mark.parametrize("ids", [[1, 2], [1.0, 2.0]])
    def test_whole_numbers_are_ids(self, tmp_path: Path, ids: list[float]) -> None:
        pq.write_table(pa.table({"item_id": ids, "text": ["x", "y"]}), tmp_path / "a.parquet")
        lines = "\n".join(json.dumps({"item_id": id_, "text": "x"}) for id_ in ids)
        for path in (tmp_path / "a.parquet", write(tmp_path / "a.jsonl", lines)):
            corpus = read_corpus(path)
            assert list(corpus.items) == [answer.item_id for answer in load_answers(corpus)] == ["1", "2"]

    @pytest.mark.parametrize(
        ("content", "names", "expected"),
        [
            (
                "Reply,x\ny,\n",
                {},
                "no column 'text' or 'label'; the columns are 'Reply', 'x'; column 'Reply' found: --text-column Reply",
            ),
            (
                "text,Gold\ny,\n",
                {"gold": "truth"},
                "no column 'truth'; the columns are 'text', 'Gold'; column 'Gold' found: --gold-column Gold",
            ),
            (
                "text,Gold,GOLD\ny,,\n",
                {},
                "columns 'Gold', 'GOLD' differ only in case; name one with --gold-column Gold",
            ),
            ("text,Mode,MODE\ny,,\n", {}, "columns 'Mode', 'MODE' differ only in case; rename all but one"),
        ],
    )
    def test_a_column_that_is_missing_is_told_with_what_may_be_meant(
        self, tmp_path: Path, content: str, names: dict[str, str], expected: str
    ) -> None:
        path = write(tmp_path / "a.csv", content)
        assert problem_of(path, columns=ColumnNames(**names)) == f"{path}: {expected}"


def write_sheets(path: Path, **sheets: list[list[Any]]) -> Path:
    with pd.ExcelWriter(path, engine="odf" if path.suffix == ".ods" else "openpyxl") as writer:
        for name, rows in sheets.items():
            pd.DataFrame(rows).to_excel(writer, sheet_name=name, header=False, index=False)
    return path


class TestOtherForms:
    LINES: ClassVar = [list(ROWS[0]), *(list(row.values()) for row in ROWS)]

    @pytest.mark.parametrize("name", ["a.xlsx", "a.ods"])
    def test_a_spreadsheet_is_read(self, tmp_path: Path, plain: object, name: str) -> None:
        path = write_sheets(tmp_path / name, Notes=[["see the other"]], Data=self.LINES)
        assert said(read_corpus(path)) == plain
        assert said(read_corpus(path, options=TableOptions(sheet="Data"))) == plain

    def test_a_json_list_is_read(self, tmp_path: Path, plain: object) -> None:
        assert said(read_corpus(write(tmp_path / "a.json", json.dumps(ROWS)))) == plain

    def test_too_many_columns_of_a_parquet_file_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({str(n): [1] for n in range(16_385)}), path)
        assert problem_of(path) == f"{path}: has 16,385 columns; at most 16,384 are allowed"

    def test_json_lines_with_the_suffix_of_json_are_read(self, tmp_path: Path, plain: object) -> None:
        assert said(read_corpus(write(tmp_path / "a.json", "\n".join(map(json.dumps, ROWS))))) == plain

    @pytest.mark.parametrize("suffix", ["gz", "zst"])
    def test_a_compressed_table_is_read(self, tmp_path: Path, plain: object, suffix: str) -> None:
        pack = gzip.compress if suffix == "gz" else zstandard.compress
        lines = "\n".join(map(json.dumps, ROWS))
        for name, content in (("a.csv", csv_text(ROWS, ";").encode("cp1252")), ("a.jsonl", lines.encode())):
            assert said(read_corpus(write(tmp_path / f"{name}.{suffix}", pack(content)))) == plain

    @pytest.mark.parametrize("form", ["csv", "json", "jsonl", "gz"])
    def test_standard_input_is_read(self, plain: object, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
        content = {
            "csv": csv_text(ROWS, ";").encode("utf-16"),
            "json": json.dumps(ROWS).encode(),
            "jsonl": "\n".join(map(json.dumps, ROWS)).encode(),
            "gz": gzip.compress(csv_text(ROWS).encode()),
        }[form]
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert said(read_corpus("-")) == plain

    @pytest.mark.parametrize("form", ["csv", "json", "jsonl", "xlsx", "ods", "parquet", "frame"])
    def test_whole_numbers_are_ids_groups_and_classes_in_every_form(self, tmp_path: Path, form: str) -> None:
        rows = [{"item_id": n, "text": "x", "group": n, "label": 0, "gold": 1.0, "model": 4} for n in (7, 8)]
        source: Any = tmp_path / f"a.{form}"
        if form == "csv":
            write(source, csv_text(rows))
        elif form == "parquet":
            pq.write_table(pa.Table.from_pylist(rows), source)
        elif form == "frame":
            source = pd.DataFrame([*rows, {**rows[0], "item_id": 9, "group": None, "label": None, "gold": None}])
        elif form.startswith("json"):
            write(source, json.dumps(rows) if form == "json" else "\n".join(map(json.dumps, rows)))
        else:
            write_sheets(source, A=[list(rows[0]), *(list(row.values()) for row in rows)])
        corpus = read_corpus(source, aliases={"0": "Anger", "1": "Fear"})
        items = [(item.item_id, item.gold, item.group) for item in corpus.items.values()]
        assert items[:2] == [("7", "Fear", "7"), ("8", "Fear", "8")]
        assert items[2:] == ([("9", None, None)] if form == "frame" else [])
        answers = [(answer.item_id, answer.model, answer.text) for answer in load_answers(corpus)][:4]
        assert answers == [(item_id, "4", text) for item_id in ("7", "8") for text in ("x", "0")]

    def test_a_number_in_a_sheet_is_an_id(self, tmp_path: Path) -> None:
        path = write_sheets(tmp_path / "a.xlsx", Data=[["item_id", "text", "repeat"], [7, "x", 0], [8, "y", 1]])
        assert [(answer.item_id, answer.repeat) for answer in load_answers(read_corpus(path))] == [("7", 0), ("8", 1)]

    @pytest.mark.parametrize(
        ("sheets", "options", "expected"),
        [
            ({"A": LINES, "B": LINES}, {}, ": has several sheets with rows; name one with --sheet: 'A', 'B'"),
            ({"A": LINES}, {"sheet": "C"}, ": no sheet 'C'; the sheets are 'A'"),
            (
                {"A": [["item_id", "text"], [datetime(2024, 1, 2), "x"]]},
                {},
                ":2: item_id '2024-01-02' is a date or time; make the column text",
            ),
            (
                {"A": [["text", None], ["x", "y"]]},
                {},
                ":1: column 2 has cells but no name; use one header row, without a title or merged cells above",
            ),
            (
                {"A": [["text", "text"], ["x", "y"]]},
                {},
                ":1: column 'text' occurs twice; every column needs its own name",
            ),
            (
                {"A": [["item_id", "text"], [2.0**53 + 2, "x"]]},
                {},
                ":2: item_id 9007199254740994.0 is too large to be exact; make the column text",
            ),
            ({"A": [["text"], ["x"]], "B": [["text"], ["x"]]}, {}, ": has several sheets with rows; name one with"),
            (
                {"A": [["m", "n"], ["item_id", "Text"], ["x", "y"]]},
                {},
                ": no column 'text' or 'label'; the columns are 'm', 'n'; the row after the header names columns: "
                "'item_id', 'Text'; use one header row, without a title above",
            ),
            ({"A": [["text", "gold"], ["x", "Zorro"]]}, {}, ":2: gold 'Zorro' (line 2) is unknown; use one of"),
        ],
    )
    def test_what_a_sheet_may_not_have_is_told(
        self, tmp_path: Path, sheets: dict[str, list[list[Any]]], options: dict[str, str], expected: str
    ) -> None:
        path = write_sheets(tmp_path / "a.xlsx", **sheets)
        assert problem_of(path, options=TableOptions(**options)).startswith(f"{path}{expected}")

    def test_texts_that_cells_share_are_read(self, tmp_path: Path) -> None:
        path = write_sheets(tmp_path / "a.xlsx", A=[["text"], ["x"], ["x"]])
        share(path, "x", "<sst><si><r><t xml:space='preserve'>A </t></r><r><t>smile.</t></r></si></sst>")
        assert [answer.text for answer in load_answers(read_corpus(path))] == ["A smile."] * 2

    def test_a_hidden_sheet_is_read_only_where_it_is_named(self, tmp_path: Path) -> None:
        path = write_sheets(tmp_path / "a.xlsx", Data=[["text"], ["x"]], Codes=[["text"], ["hidden"]])
        book = openpyxl.load_workbook(path)
        book["Codes"].sheet_state = "hidden"
        book.save(path)
        assert [answer.text for answer in load_answers(read_corpus(path))] == ["x"]
        assert load_answers(read_corpus(path, options=TableOptions(sheet="Codes")))[0].text == "hidden"

    def test_merged_cells_and_titles_above_the_header_are_told(self, tmp_path: Path) -> None:
        path = write_sheets(tmp_path / "a.xlsx", A=[["", "GPT", None], ["item_id", "text", "label"], ["a", "x", "Sad"]])
        book = openpyxl.load_workbook(path)
        book["A"].merge_cells("B1:C1")
        book.save(path)
        assert problem_of(path) == (
            f"{path}:1: column 1 has cells but no name; use one header row, without a title or merged cells above"
        )

    def test_errors_in_cells_are_empty_and_told(self, tmp_path: Path) -> None:
        path = write_sheets(tmp_path / "a.xlsx", A=[["text", "gold"], ["x", "#N/A"], ["y", "Sad"]])
        corpus = read_corpus(path)
        assert [item.gold for item in corpus.items.values()] == [None, "Sad"]
        assert corpus.notes == (f"{path}: cells with errors such as #N/A are empty",)

    @pytest.mark.parametrize("name", ["a.xlsx", "a.ods"])
    def test_a_formula_without_a_value_is_refused(self, tmp_path: Path, name: str) -> None:
        path = write_sheets(tmp_path / name, A=[["text"], ["=1+1"]])
        if name == "a.ods":
            cell = b'office:value-type="string" office:string-value="=1+1"><text:p>=1+1</text:p>'
            edit(path, cell, b'table:formula="of:=1+1">')
        place = "cell A2" if name == "a.xlsx" else "a cell in row 2"
        assert problem_of(path) == (
            f"{path}: {place} has a formula without a value; open it in a spreadsheet program and save it again"
        )


def edit(path: Path, old: bytes, new: bytes, member: str = "", renamed: str = "") -> None:
    """Replace bytes in a spreadsheet, once in each of its parts, and rename one of these."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert any(old in content for content in parts.values())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(renamed if name == member else name, content.replace(old, new, 1))


def share(path: Path, text: str, texts: str) -> None:
    """Replace a text of all cells by a reference, as Excel does, with an `sst` of these texts."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    cell = f't="inlineStr"><is><t>{text}</t></is>'
    assert cell in parts["xl/worksheets/sheet1.xml"]
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content.replace(cell, 't="s"><v>0</v>'))
        archive.writestr("xl/sharedStrings.xml", texts.replace("<sst>", f'<sst xmlns="{main}">'))


def too_many_characters(path: Path) -> str:
    return f"{path}: its cells hold more than 500,000,000 characters; save it as CSV"


class TestBombs:
    """What would take more memory than there is, or stands for it."""

    @pytest.mark.parametrize("sheet", ["xl/worksheets/sheet1.xml", "xl/elsewhere.xml"])
    def test_a_cell_far_away_is_refused(self, tmp_path: Path, sheet: str) -> None:
        book, path = openpyxl.Workbook(), tmp_path / "a.xlsx"
        book.active["A1"], book.active["XFD1048576"] = "text", "x"
        book.save(path)
        edit(path, b"/xl/worksheets/sheet1.xml", f"/{sheet}".encode(), "xl/worksheets/sheet1.xml", sheet)
        assert problem_of(path) == (
            f"{path}: a sheet spans 1,048,576 rows and 16,384 columns; "
            "at most 20,000,000 cells are allowed: remove stray cells, or save it as CSV"
        )

    @pytest.mark.parametrize("repeated", ["2000000000", "9" * 5000])
    def test_a_cell_that_is_repeated_too_often_is_refused(self, tmp_path: Path, repeated: str) -> None:
        path = write_sheets(tmp_path / "a.ods", A=[["text"], ["She smiles."]])
        edit(path, b"<table:table-cell ", f"<table:table-cell table:number-columns-repeated='{repeated}' ".encode())
        assert re.search(
            r"spans \d rows and 2,000,000,\d{3} columns; at most 20|is not a spreadsheet: ", problem_of(path)
        )

    def test_a_long_text_that_many_cells_share_is_refused(self, tmp_path: Path) -> None:
        path = write_sheets(tmp_path / "a.xlsx", A=[["text"], *[["x"]] * 600])
        share(path, "x", "<sst><si><t>" + "x" * 1_000_000 + "</t></si></sst>")
        assert problem_of(path) == too_many_characters(path)

    @pytest.mark.parametrize(
        "new", ["<text:p><text:s text:c='900000000'/>", "<text:p>" + "x" * 1_000_000], ids=["spaces", "text"]
    )
    def test_repeated_text_is_refused(self, tmp_path: Path, new: str) -> None:
        path = write_sheets(tmp_path / "a.ods", A=[["text"], ["She smiles."]])
        edit(path, b"<text:p>", new.encode())
        edit(path, b"<table:table-row>", b"<table:table-row table:number-rows-repeated='600'>")
        assert problem_of(path) == too_many_characters(path)

    def test_entities_of_entities_are_refused(self, tmp_path: Path) -> None:
        path = write_sheets(tmp_path / "a.xlsx", A=[["text"], ["x"]])
        entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 30))
        share(path, "x", f'<!DOCTYPE sst [<!ENTITY a0 "x">{entities}]><sst><si><t>&a29;</t></si></sst>')
        assert problem_of(path).startswith(f"{path}: is not a spreadsheet: ")

    def test_a_password_is_told(self, tmp_path: Path) -> None:
        path = write_sheets(tmp_path / "a.ods", A=[["text"], ["x"]])
        edit(path, b"<manifest:file-entry", b"<manifest:encryption-data/><manifest:file-entry")
        assert problem_of(path) == f"{path}: has a password; save it without one"


class TestOtherMistakes:
    @pytest.mark.parametrize(
        ("name", "content", "expected"),
        [
            ("a.xlsx", b"\xd0\xcf\x11\xe0", "has a password, or is an old .xls; save it without one, as .xlsx or CSV"),
            ("a.xlsx", b"x", "is not a spreadsheet: 'File is not a zip file'; use .xlsx, .ods or CSV"),
            ("a.json", b'{"a": 1}', "is {'a': 1}, not a list; use a list of objects: [{...}, {...}]"),
            ("a.json", b"[1]", "1 is not an object; use a list of objects"),
            ("a.json", b"[", "not JSON: "),
            ("a.json", b'[{"text": "x", "text": "y"}]', "key 'text' occurs twice; give it once"),
            ("a.json", b"[" * 100_000, "not JSON: "),
            ("a.json", b"[{}, {}]", ": no column 'text' or 'label'; the columns are none; name one with --text-column"),
            (
                "a.jsonl",
                json.dumps(dict.fromkeys(map(str, range(20_000)))).encode(),
                "has 20,000 columns; at most 16,384",
            ),
            ("a.json", b'{"text": "x"}\n{"text"', ":2: not JSON: "),
            ("a.jsonl", b'[\n{"text": "x"}\n]', "use one object a line"),
            ("a.csv.gz", b"x", "cannot be unpacked: "),
            ("a.csv.gz", gzip.compress(b"text\nx", mtime=0)[:-5], "cannot be unpacked: "),
            ("a.csv.zst", b"x", "cannot be unpacked: "),
            ("a.csv.gz", gzip.compress(b"text,gold\nx\n", mtime=0), "1 cells; the header has 2, so must every row"),
            ("a.txt.gz", b"", "suffix '.txt' is unknown; use one of"),
        ],
    )
    def test_what_cannot_be_read_is_one_line(self, tmp_path: Path, name: str, content: bytes, expected: str) -> None:
        path = write(tmp_path / name, content)
        problem = problem_of(path)
        assert problem.startswith(f"{path}:")
        assert expected in problem


NESTED = [
    {
        "id": number,
        "meta.gold": gold,
        "meta": {"gold": "not this"},
        "reply": {"by": "m", "choices": [{"message": {"content": text}}, {"message": {"content": "not this"}}]},
    }
    for number, gold, text in ((1, "Sad", "A frown."), (2, None, "A smile."))
]
NESTED_NAMES = ColumnNames("reply.choices.0.message.content", "id", "meta.gold", "label", "reply.by")


class TestNested:
    @pytest.mark.parametrize("form", ["json", "jsonl", "parquet", "frame"])
    def test_what_is_nested_is_read_by_its_path_and_a_column_with_dots_comes_first(
        self, tmp_path: Path, form: str
    ) -> None:
        source: Any = tmp_path / f"a.{form}"
        if form == "parquet":
            pq.write_table(pa.Table.from_pylist(NESTED), source)
        elif form == "frame":
            source = pd.DataFrame(NESTED)
        else:
            write(source, json.dumps(NESTED) if form == "json" else "\n".join(map(json.dumps, NESTED)))
        corpus = read_corpus(source, columns=NESTED_NAMES)
        assert [item.gold for item in corpus.items.values()] == ["Sad", None]
        assert [(a.item_id, a.model, a.text) for a in load_answers(corpus)] == [
            ("1", "m", "A frown."),
            ("2", "m", "A smile."),
        ]
        assert corpus.notes == (f"{source if form != 'frame' else 'frame'}: columns not read: 'meta'",)

    def test_a_place_may_be_counted_from_the_end_and_what_leads_nowhere_is_empty(self, tmp_path: Path) -> None:
        rows = [{"said": [{"by": "user", "text": "Describe."}, {"by": "m", "text": "A smile."}]}, {"said": []}, {}]
        path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
        answers = load_answers(read_corpus(path, columns=ColumnNames(text="said.-1.text")))
        assert [(answer.text, answer.status) for answer in answers] == [
            ("A smile.", "ok"),
            ("", "empty"),
            ("", "empty"),
        ]

    def test_keys_may_hold_dots_and_stand_for_models(self, tmp_path: Path) -> None:
        replies = {name: {"text": f"by {name}", "label": "joy"} for name in ("gpt-4.1", "llava")}
        path = write(tmp_path / "a.jsonl", json.dumps({"item_id": 7, "replies": replies, "more": {"gold": "Sad"}}))
        names = ColumnNames(text="replies.{model}.text", label="replies.{model}.label", gold="more.gold")
        corpus = read_corpus(path, columns=names)
        assert [(answer.item_id, answer.model, answer.text) for answer in load_answers(corpus)] == [
            ("7", name, text) for name in replies for text in (f"by {name}", "joy")
        ]
        assert corpus.items["7"].gold == "Sad"
        assert corpus.notes == (f"{path}: 2 models by their columns: 'gpt-4.1', 'llava'",)

    def test_what_may_be_meant_is_suggested_by_its_path(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.json", json.dumps(NESTED))
        content = "reply.choices.0.message.content"
        assert problem_of(path) == (
            f"{path}: no column 'text' or 'label'; the columns are 'id', 'meta.gold', 'meta', 'reply.by', '{content}'; "
            f"likely columns found: --text-column {content} --id-column id --gold-column meta.gold"
        )

    @pytest.mark.parametrize("value", [["x"], {"b": "x"}])
    def test_what_holds_more_than_a_text_is_told(self, tmp_path: Path, value: object) -> None:
        path = write(tmp_path / "a.jsonl", json.dumps({"text": value}))
        inner = "text.0" if isinstance(value, list) else "text.b"
        assert problem_of(path) == f"{path}:1: text {value!r} is nested; name what is in it, such as {inner}"
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({"text": [value]}), path)
        assert problem_of(path) == f"{path}: column 'text' is nested; name what is in it, such as {inner}"


class TestWide:
    ROWS: ClassVar = [
        {
            "item_id": "a",
            "gold": "Sad",
            "gpt_text": "A frown.",
            "gpt_label": "Sad",
            "llava_text": "x",
            "llava_label": "",
        },
        {"item_id": "b", "gold": "", "gpt_text": "", "gpt_label": "Fear", "llava_text": "y", "llava_label": "Happy"},
    ]
    NAMES = ColumnNames(text="{model}_text", label="{model}_label")

    @pytest.mark.parametrize("form", ["csv", "xlsx", "json", "jsonl", "parquet"])
    def test_a_column_for_every_model_is_the_same_as_a_row(self, tmp_path: Path, form: str) -> None:
        long = [
            {
                **{name: row[name] for name in ("item_id", "gold")},
                "model": model,
                **{name: row[f"{model}_{name}"] for name in ("text", "label")},
            }
            for row in self.ROWS
            for model in ("gpt", "llava")
        ]
        expected = said(read_corpus(write(tmp_path / "long.csv", csv_text(long))))
        path = tmp_path / f"wide.{form}"
        if form == "parquet":
            pq.write_table(pa.Table.from_pylist(self.ROWS), path)
        elif form == "xlsx":
            write_sheets(path, A=[list(self.ROWS[0]), *(list(row.values()) for row in self.ROWS)])
        else:
            lines = "\n".join(map(json.dumps, self.ROWS))
            write(path, {"csv": csv_text(self.ROWS), "json": json.dumps(self.ROWS), "jsonl": lines}[form])
        corpus = read_corpus(path, columns=self.NAMES)
        assert said(corpus) == expected
        assert corpus.notes == (f"{path}: 2 models by their columns: 'gpt', 'llava'",)

    def test_rows_without_ids_are_numbered_once_for_all_models(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "gpt,llava,Gold\nx,y,Sad\n")
        corpus = read_corpus(path, columns=ColumnNames(text="{model}"))
        assert [(answer.item_id, answer.model, answer.text) for answer in load_answers(corpus)] == [
            ("row-1", "gpt", "x"),
            ("row-1", "llava", "y"),
        ]

    def test_labels_alone_may_be_wide(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "gpt_label,llava_label,gold\nSad,Fear,Sad\n")
        corpus = read_corpus(path, columns=ColumnNames(label="{model}_label"))
        assert [(answer.model, answer.mode, answer.text) for answer in load_answers(corpus)] == [
            ("gpt", "classify", "Sad"),
            ("llava", "classify", "Fear"),
        ]

    def test_a_row_whose_gold_is_unknown_counts_once(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "gpt_label,llava_label,gold\nSad,Fear,glee\nSad,Sad,Sad\nSad,Fear,glee\n")
        problem = problem_of(path, columns=ColumnNames(label="{model}_label"))
        assert problem.startswith(f"{path}:2: gold 'glee' (2 rows, lines 2, 4) is unknown")

    @pytest.mark.parametrize(
        ("header", "names", "expected"),
        [
            ("a,b", {}, "no column fits '{model}_text'; the columns are 'a', 'b'"),
            ("g_text,model", {}, "has column 'model' beside '{model}_text'; rename it, or ask for no {model}"),
            (
                "g_text",
                {"item_id": "nr"},
                "no column 'nr'; the columns are 'g_text'",
            ),
        ],
    )
    def test_what_does_not_fit_is_told(self, tmp_path: Path, header: str, names: dict[str, str], expected: str) -> None:
        path = write(tmp_path / "a.csv", f"{header}\nx" + ",y" * header.count(","))
        assert problem_of(path, columns=ColumnNames(text="{model}_text", **names)) == f"{path}: {expected}"


class TestFrame:
    def test_a_frame_is_read_like_a_file(self, plain: object) -> None:
        frame = pd.DataFrame(ROWS).replace("", None)
        assert said(read_corpus(frame)) == plain
        assert said(read_corpus(frame.rename(columns=str.title))) == plain

    def test_numbers_and_missing_cells_of_a_frame_are_read(self) -> None:
        frame = pd.DataFrame({"item_id": [1, 2], "text": ["x", pd.NA], "repeat": [0, float("nan")]}, index=[7, 7])
        found = [(answer.item_id, answer.text, answer.repeat) for answer in load_answers(read_corpus(frame))]
        assert found == [("1", "x", 0), ("2", "", 0)]

    def test_levels_of_the_index_are_columns_where_they_have_names(self) -> None:
        frame = pd.DataFrame({"text": ["x", "y"]}, index=pd.Index([7, 8], name="item_id"))
        assert list(read_corpus(frame).items) == ["7", "8"]
        frame.index.name = "image"
        assert list(read_corpus(frame, columns=ColumnNames(item_id="image")).items) == ["7", "8"]
        assert list(read_corpus(frame.assign(image=["a", "b"]), columns=ColumnNames(item_id="image")).items) == [
            "a",
            "b",
        ]
        frame.index.name = None
        corpus = read_corpus(frame)
        assert (list(corpus.items), corpus.notes) == (["row-1", "row-2"], ())

    @pytest.mark.parametrize(
        "ids",
        [
            pd.array([1, 2], dtype="Int64"),
            pd.Series([np.int64(1), 2.0], dtype=object),
            pd.Categorical(["1", "2"]),
            pd.array(["1", "2"], dtype="string[pyarrow]"),
            pd.array([1, 2], dtype=pd.ArrowDtype(pa.int32())),
        ],
        ids=["Int64", "object", "categorical", "string", "arrow"],
    )
    def test_every_type_of_pandas_is_read(self, ids: Any) -> None:
        gold = pd.Categorical(["Sad", None], categories=["Happy", "Sad"])
        corpus = read_corpus(
            pd.DataFrame({"item_id": ids, "text": ["x", np.nan], "gold": gold, "label": [None, pd.NA]})
        )
        assert [(item.item_id, item.gold) for item in corpus.items.values()] == [("1", "Sad"), ("2", None)]
        assert [(answer.text, answer.status) for answer in load_answers(corpus)] == [("x", "ok"), ("", "empty")]

    def test_a_frame_of_another_kind_is_turned_into_one_of_pandas(self) -> None:
        corpus = read_corpus(pa.table({"item_id": [1, None], "text": ["x", "y"]}).slice(0, 1))
        assert [(answer.item_id, answer.text) for answer in load_answers(corpus)] == [("1", "x")]

    @pytest.mark.parametrize(
        ("column", "value", "expected"),
        [
            (
                "item_id",
                pd.Timestamp("2024-01-02"),
                "2: item_id '2024-01-02 00:00:00' is a date or time; make the column text",
            ),
            ("item_id", None, "2: item_id is missing; every row needs one"),
            ("item_id", 1.5, "2: item_id 1.5 is not a string; use a string"),
            ("text", 5, "2: text 5 is not a string; use a string"),
            (
                "item_id",
                "a",
                "2: answer item_id 'a', model 'unnamed', mode describe, repeat 0 occurs twice; number repeated "
                "answers in repeat",
            ),
        ],
    )
    def test_a_cell_that_is_not_allowed_is_told_with_its_row(self, column: str, value: object, expected: str) -> None:
        rows = [{"item_id": "a", "text": "x"}, {"item_id": "b", "text": "y", column: value}]
        with pytest.raises(InputError) as caught:
            read_corpus(pd.DataFrame(rows, dtype=object))
        assert str(caught.value) == f"frame:{expected}"

    def test_what_a_frame_may_not_have_is_told(self) -> None:
        with pytest.raises(InputError) as caught:
            read_corpus(pd.DataFrame([["x", "y"]], columns=["text", "text"]))
        assert str(caught.value) == "frame:1: column 'text' occurs twice; every column needs its own name"
