import csv
import json
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descan.corpus import AnswerKeys, Corpus, load_block, read_corpus
from descan.corpus.blocks import is_among, key_array
from descan.errors import InputError
from tests.corpus.elsewhere import read_elsewhere
from tests.loading import load_answers, load_counted

SIZES = (1, 7, 1000)
ON_TMP = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def row(item_id: str = "a", **more: object) -> str:
    return json.dumps({"item_id": item_id, "model": "m", "mode": "describe", "text": "A smile.", **more})


def make_folder(folder: Path, *answers: str | bytes, failures: str | None = None) -> Path:
    (folder / "answers").mkdir(parents=True, exist_ok=True)
    (folder / "corpus.toml").write_text("")
    (folder / "items.csv").write_text("item_id\na\nb\n")
    for n, content in enumerate(answers):
        (folder / "answers" / f"{n}.jsonl").write_bytes(content if isinstance(content, bytes) else content.encode())
    if failures is not None:
        (folder / "failures.jsonl").write_text(failures)
    return folder


def outcome(corpus: Corpus, n_rows: int) -> object:
    try:
        return load_counted(corpus, n_rows)
    except InputError as error:
        return str(error)


def assert_size_matters_not(path: Path) -> None:
    try:
        corpus = read_corpus(path)
    except InputError:
        return
    whole = outcome(corpus, 1_000_000)
    assert [outcome(corpus, n_rows) for n_rows in SIZES] == [whole] * len(SIZES)


LINES = st.one_of(
    st.sampled_from(["", " \t", "\u00a0", "\r", "{", "[1]", " " + row(item_id="b", repeat=99), row(text="\ud800")]),
    st.builds(row, item_id=st.sampled_from(["a", "b", "z"]), repeat=st.integers(0, 300), text=st.text(max_size=5)),
    st.builds(row, repeat=st.integers(0, 9), status=st.sampled_from(["ok", "refused", "none"])),
)
SOUND = st.integers(0, 10**6).map(lambda n: row("ab"[n % 2], repeat=n, text="\u00e9" * (n % 7)))


@st.composite
def json_lines(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(st.one_of(SOUND, SOUND, SOUND, LINES), max_size=30))
    content = draw(st.sampled_from(["\n", "\r\n"])).join(lines) + draw(st.sampled_from(["", "\n"]))
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + content.encode(errors="surrogatepass")


@ON_TMP
@given(contents=st.lists(json_lines(), min_size=1, max_size=3), failures=st.one_of(st.none(), st.lists(SOUND)))
def test_json_lines_read_the_same_in_blocks_of_any_size(
    tmp_path: Path, contents: list[bytes], failures: list[str] | None
) -> None:
    for old in tmp_path.glob("answers/*"):
        old.unlink()
    (tmp_path / "failures.jsonl").unlink(missing_ok=True)
    lines = None if failures is None else "\n".join(failures)
    assert_size_matters_not(make_folder(tmp_path, *contents, failures=lines))


@ON_TMP
@given(content=json_lines().map(lambda content: content.replace(b'"item_id": "a", ', b"").replace(b'"b"', b'"a"')))
def test_rows_of_a_bare_file_have_the_same_ids_in_blocks_of_any_size(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bare.jsonl"
    path.write_bytes(content)
    assert_size_matters_not(path)


CELLS = st.text(st.sampled_from('ab ,"\n\r\u00e9\u2028'), max_size=6)


@ON_TMP
@given(
    texts=st.lists(st.tuples(CELLS, st.sampled_from(["", "Sad", " "])), max_size=30),
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.sampled_from(["", "\ufeff"]),
    blank=st.integers(0, 30),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_csv_reads_the_same_in_blocks_of_any_size(
    tmp_path: Path, texts: list[tuple[str, str]], end: str, bom: str, blank: int, quoting: int
) -> None:
    path = tmp_path / "bare.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(bom)
        writer = csv.writer(file, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
        writer.writerow(["text", "label"])
        for n, cells in enumerate(texts):
            writer.writerow(cells)
            file.write(end if n == blank else "")
    assert_size_matters_not(path)
    if texts and quoting == csv.QUOTE_ALL:
        assert [answer.text for answer in load_answers(read_corpus(path)) if answer.mode == "describe"] == [
            text for text, _ in texts
        ]


@ON_TMP
@given(n_rows=st.integers(1, 600), group_size=st.integers(10, 300), wrong=st.integers(0, 3000), repeated=st.booleans())
def test_parquet_reads_the_same_in_blocks_of_any_size(
    tmp_path: Path, n_rows: int, group_size: int, wrong: int, repeated: bool
) -> None:
    columns = {
        "item_id": [("a", "b", "z")[n % 3] for n in range(n_rows)],
        "model": ["m"] * n_rows,
        "mode": ["describe"] * n_rows,
        "text": [f"text {n}" for n in range(n_rows)],
        "repeat": [-1 if n == wrong else n // (2 if repeated and n > 500 else 1) for n in range(n_rows)],
    }
    folder = make_folder(tmp_path)
    pq.write_table(pa.table(columns), folder / "answers" / "a.parquet", row_group_size=group_size)
    assert_size_matters_not(folder)


def test_a_string_that_is_not_utf8_has_its_row_in_blocks_of_any_size(tmp_path: Path) -> None:
    texts = pa.array([b"x"] * 600 + [b"\xff"] + [b"x"] * 99, type=pa.binary()).view(pa.string())
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": texts, "item_id": [str(n) for n in range(700)]}), path, row_group_size=400)
    with pytest.raises(InputError, match=r"a\.parquet:601: a string is not UTF-8; UTF-8 is expected$"):
        read_corpus(path)


class TestBlocks:
    def test_a_block_says_where_it_is(self, tmp_path: Path) -> None:
        corpus = read_corpus(make_folder(tmp_path, "\n".join(row(repeat=n) for n in range(5))))
        path = tmp_path / "answers" / "0.jsonl"
        places = [str(block) for block in corpus.blocks(2)]
        assert places == [f"{path}, lines 1-2", f"{path}, lines 3-4", f"{path}, lines 5-5"]

    def test_a_block_of_parquet_says_its_rows(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({"text": ["x"] * 5}), path, row_group_size=3)
        blocks = list(read_corpus(path).blocks(2))
        assert [str(block) for block in blocks] == [f"{path}, rows {rows}" for rows in ("1-2", "3-3", "4-5")]
        assert [(block.row_group, block.start, block.end) for block in blocks] == [(0, 0, 2), (0, 2, 3), (1, 0, 2)]

    def test_the_blocks_of_all_files_cover_all_bytes(self, tmp_path: Path) -> None:
        folder = make_folder(tmp_path, row() + "\n\n" + row("b") + "\n", row(repeat=1), failures=row(status="failed"))
        corpus = read_corpus(folder)
        blocks = [*corpus.blocks(1), *corpus.failure_blocks(1)]
        assert [block.n_bytes for block in blocks] == sorted({block.n_bytes for block in blocks})
        assert blocks[-1].n_bytes == corpus.n_bytes
        assert sum(block.end - block.start for block in blocks) == corpus.n_bytes

    def test_a_block_is_small(self, tmp_path: Path) -> None:
        corpus = read_corpus(make_folder(tmp_path, row(text="x" * 100_000)))
        assert len(pickle.dumps(next(corpus.blocks(1000)))) < 1000

    def test_a_block_without_rows_is_a_mistake_of_the_program(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="a block has at least one row, not 0"):
            list(read_corpus(make_folder(tmp_path, row())).blocks(0))

    def test_blocks_of_parquet_are_read_in_any_order(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({"text": [str(n) for n in range(1000)]}), path, row_group_size=600)
        corpus = read_corpus(path)
        blocks, answer_format = list(corpus.blocks(100)), corpus.answer_format()
        for n in (3, 4, 1, 9, 0, 5, 5):
            texts = [answer.text for answer in load_block(blocks[n], answer_format).answers]
            assert texts == [str(text) for text in range(100 * n, 100 * n + 100)]

    def test_a_parquet_file_written_again_is_read_again(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        for word in ("old", "newer"):
            pq.write_table(pa.table({"text": [f"{word} {n}" for n in range(100)]}), path)
            corpus = read_corpus(path)
            _, second, *_ = corpus.blocks(10)
            texts = [answer.text for answer in load_block(second, corpus.answer_format()).answers]
            assert texts == [f"{word} {n}" for n in range(10, 20)]

    @pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
    def test_another_process_reads_blocks_by_itself(self, tmp_path: Path, suffix: str) -> None:
        path, texts = tmp_path / f"bare.{suffix}", [f"text\n{n}" for n in range(30)]
        if suffix == "parquet":
            pq.write_table(pa.table({"text": texts}), path, row_group_size=20)
        elif suffix == "csv":
            path.write_text("text\n" + "".join(f'"{text}"\n' for text in texts))
        else:
            path.write_text("\n".join(json.dumps({"text": text}) for text in texts))
        corpus = read_corpus(path)
        assert read_elsewhere(corpus, list(corpus.blocks(7))) == load_answers(corpus)


class TestTwice:
    @pytest.mark.parametrize("n_rows", SIZES)
    def test_the_first_answer_given_before_is_told_with_its_file_and_line(self, tmp_path: Path, n_rows: int) -> None:
        first = "\n".join(row(repeat=n) for n in range(20))
        second = "\n".join(["", *(row(repeat=n) for n in range(20, 30)), row(repeat=7), row(repeat=5)])
        corpus = read_corpus(make_folder(tmp_path, first, second, row(repeat=0)))
        assert outcome(corpus, n_rows) == (
            f"{tmp_path / 'answers' / '1.jsonl'}:12: answer item_id 'a', model 'm', mode describe, repeat 7 "
            "occurs twice; number repeated answers in repeat"
        )

    @pytest.mark.parametrize("n_rows", SIZES)
    def test_an_answer_to_an_unknown_item_may_not_occur_twice_either(self, tmp_path: Path, n_rows: int) -> None:
        corpus = read_corpus(make_folder(tmp_path, "\n".join([row(), row("z"), row(repeat=1), row("z")])))
        assert str(outcome(corpus, n_rows)).startswith(f"{tmp_path / 'answers' / '0.jsonl'}:4: answer item_id 'z'")

    def test_every_key_is_found_again_whatever_its_last_bytes(self, tmp_path: Path) -> None:
        lines = [row(repeat=n) for n in range(600)]
        corpus = read_corpus(make_folder(tmp_path, "\n".join(lines)))
        (block,) = corpus.blocks(1000)
        found = load_block(block, corpus.answer_format())
        assert any(len(key) < 16 for key in found.keys.tolist())  # Of those numpy drops the last bytes.
        for n in np.flatnonzero([len(key) < 16 for key in found.keys.tolist()]).tolist():
            assert f"0.jsonl:601: answer item_id 'a', model 'm', mode describe, repeat {n} occurs" in str(
                outcome(read_corpus(make_folder(tmp_path, "\n".join([*lines, lines[n]]))), 100)
            )

    def test_a_file_that_changed_while_it_was_read_is_an_error(self, tmp_path: Path) -> None:
        corpus = read_corpus(make_folder(tmp_path, row() + "\n" + row()))
        keys = AnswerKeys(corpus.answer_format())
        (block,) = corpus.blocks(10)
        keys.add(block, load_block(block, corpus.answer_format()).all_keys)
        make_folder(tmp_path, row(repeat=1) + "\n")
        with pytest.raises(InputError, match=r"0\.jsonl: changed while it was read; analyze again"):
            keys.check()


class TestFailures:
    @pytest.mark.parametrize("n_rows", SIZES)
    def test_the_first_failure_counts_where_no_answer_came(self, tmp_path: Path, n_rows: int) -> None:
        keys = [("a", 0), ("b", 0), ("z", 0), ("b", 0), ("z", 0), ("z", 9), ("b", 1)]
        failures = [
            row(item_id, status="failed", repeat=n, text=None, latency_s=place)
            for place, (item_id, n) in enumerate(keys)
        ]
        corpus = read_corpus(make_folder(tmp_path, row() + "\n" + row("z", repeat=9), failures="\n".join(failures)))
        answers, left_out = load_counted(corpus, n_rows)
        assert [(answer.item_id, answer.repeat, answer.latency_s) for answer in answers] == [
            ("a", 0, None),
            ("b", 0, 1.0),
            ("b", 1, 6.0),
        ]
        assert left_out == {"unknown_item": 2}

    def test_many_failures_are_each_counted_once(self, tmp_path: Path) -> None:
        failures = [row(status="failed", repeat=n % 50) for n in range(200)]
        corpus = read_corpus(make_folder(tmp_path, row(repeat=7), failures="\n".join(failures)))
        answers, _ = load_counted(corpus, 3)
        assert [answer.repeat for answer in answers] == [7, *(n for n in range(50) if n != 7)]

    def test_failures_come_after_the_answers_are_checked(self, tmp_path: Path) -> None:
        corpus = read_corpus(make_folder(tmp_path, row()))
        (block,) = corpus.blocks(10)
        found = load_block(block, corpus.answer_format())
        keys = AnswerKeys(corpus.answer_format())
        with pytest.raises(ValueError, match="check the answers before their failures"):
            keys.new_failures(found)
        keys.check()
        with pytest.raises(ValueError, match="keys are added before they are checked"):
            keys.add(block, found.all_keys)


@given(known=st.sets(st.binary(min_size=16, max_size=16)), others=st.lists(st.binary(min_size=16, max_size=16)))
def test_a_key_is_among_others_if_it_is(known: set[bytes], others: list[bytes]) -> None:
    asked = [*others, *known]
    found = is_among(key_array(asked), np.sort(key_array(known)))
    assert found.tolist() == [key in known for key in asked]
