"""Which cases a page holds."""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.emotions import Emotion
from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions
from descan.corpus import read_corpus
from descan.errors import InputError
from descan.lexicon import load_category_set
from descan.report.cases import COUNTED, MAX_CHARACTERS, Case, ChosenCases, choose_cases, count_pairs
from descan.report.page import safe_json
from descan.report.record_pairs import open_records
from descan.storage.schemas import WITNESSED
from tests.report.analyses import Pair, write_records

PLENTY = 100_000_000


def chosen(
    folder: Path, *, per_cell: int = 25, max_bytes: int = PLENTY, seed: int = 0, threads: int | None = None
) -> ChosenCases:
    with open_records(folder, load_category_set(), label_mode="classify", seed=seed, threads=threads) as connection:
        return choose_cases(connection, per_cell=per_cell, max_bytes=max_bytes)


def random_pairs(n_pairs: int, text: str = "A [smile|smile].") -> list[Pair]:
    generator = random.Random(0)
    emotions = list(map(str, Emotion))
    gold, label, described = (generator.choices(emotions, k=n_pairs) for _ in range(3))
    return [
        Pair(f"i{number}", f"m{number % 2}", gold[number], label[number], described=described[number], text=text)
        for number in range(n_pairs)
    ]


def cells(result: ChosenCases) -> Counter[tuple[object, ...]]:
    return Counter(
        cell
        for case in result.cases
        for cell in (
            ("label", case["model"], case["gold"], case["label"]),
            ("described", case["model"], case["gold"], case["described"]),
            ("verdict", case["model"], case["gold"], case["verdict"], case["detail"]),
        )
    )


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_records(tmp_path_factory.mktemp("many"), random_pairs(3_000))


@pytest.fixture(scope="module")
def sample(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cases") / "out"
    options = AnalyzeOptions(embedder="none", compare=CompareOptions(n_resamples=200), report=None)
    analyze(read_corpus(sample_corpus), out, options)
    return out


def test_the_counts_are_those_of_the_tables(sample: Path) -> None:
    with open_records(sample, load_category_set(), label_mode="classify", seed=0) as connection:
        counted = count_pairs(connection)
    rows = pd.DataFrame(counted["rows"], columns=[*COUNTED, "n"])
    for table, side in (("confusion_label", "label"), ("confusion_described", "described")):
        expected = pd.read_csv(sample / "tables" / f"{table}.csv")
        if "mode" in expected:
            expected = expected.query("mode == 'classify'")
        expected = expected.query("n > 0").set_index(["model", "gold", "predicted"])["n"].to_dict()
        found = rows[rows["gold"] != ""].groupby(["model", "gold", side])["n"].sum().to_dict()
        # A pair without an answer is in no table, and no reason for want of a description is.
        assert {key: n for key, n in found.items() if key[2] in {predicted for *_, predicted in expected}} == expected
    expected = pd.read_csv(sample / "tables" / "verdict_details.csv", keep_default_na=False).query("n > 0")
    scored = expected.query("gold != 'all'").set_index(["model", "gold", "verdict", "detail"])["n"].to_dict()
    found = rows[rows["gold"] != ""].groupby(["model", "gold", "verdict", "detail"])["n"].sum().to_dict()
    assert found == scored


def test_all_cases_of_a_small_corpus_are_there_with_the_mentions_of_the_file(sample: Path) -> None:
    cases = {(case["item_id"], case["model"]): case for case in chosen(sample).cases}
    verdicts = pd.read_parquet(sample / "verdicts.parquet")
    assert cases.keys() == set(zip(verdicts["item_id"], verdicts["model"], strict=True))
    mentions = pd.read_parquet(sample / "mentions.parquet").sort_values("repeat").groupby(["item_id", "model"])
    for key, group in mentions:
        first = group[group["repeat"] == cases[key]["repeat"]]
        found = cases[key]["mentions"]
        assert isinstance(found, list)
        names = first["action"].where(first["action"] != "", first["term"])
        assert sorted((mention[0], mention[1], mention[3]) for mention in found) == sorted(
            zip(first["start"], first["end"], names, strict=True)
        )
        text = str(cases[key]["text"])
        assert {text[start:end] for start, end, *_ in found} == set(first["text"])


def test_every_cell_has_as_many_cases_as_asked_for_or_all_that_it_has(many: Path) -> None:
    every = cells(chosen(many, per_cell=3_000))
    some = cells(chosen(many, per_cell=5))
    assert all(some[cell] >= min(5, n) for cell, n in every.items())


def test_the_seed_alone_decides_which_cases(many: Path) -> None:
    first, *others = (chosen(many, per_cell=3, threads=threads) for threads in (1, 2, 4))
    assert all(other == first for other in others)
    assert chosen(many, per_cell=3, seed=1) != first


def test_more_of_the_same_corpus_keeps_what_was_drawn_first(many: Path) -> None:
    few, more = (chosen(many, per_cell=per_cell) for per_cell in (2, 4))
    assert more.cases[: len(few.cases)] == few.cases


@pytest.mark.parametrize(
    "text", ["x " * 500_000, "<" * 1_000_000, "\U0001f600" * 1_000_000, "A [smile|smile], " * 2_000 + "x " * 485_000]
)
def test_texts_of_a_megabyte_are_cut_and_keep_the_bound(tmp_path: Path, text: str) -> None:
    folder = write_records(tmp_path, random_pairs(10, text))
    result = chosen(folder, max_bytes=40_000)
    assert 1 <= len(result.cases) < 10
    assert len(safe_json(result.cases).encode()) <= 40_000
    assert result.n_cut == len(result.cases)
    for case in result.cases:
        assert len(str(case["text"])) == MAX_CHARACTERS
        assert isinstance(case["mentions"], list)
        assert all(end <= MAX_CHARACTERS for _, end, *_ in case["mentions"])


def test_too_many_bytes_take_cases_from_all_cells_alike(many: Path) -> None:
    result = chosen(many, per_cell=25, max_bytes=150_000)
    assert 1 <= result.per_cell < 25
    every, some = cells(chosen(many, per_cell=3_000)), cells(result)
    assert all(some[cell] >= min(result.per_cell, n) for cell, n in every.items())
    assert len(safe_json(result.cases).encode()) <= 150_000


@pytest.mark.parametrize(
    ("repeats", "expected"),
    [
        ([Pair("a", described="Happy")], ("Happy", 0, 1, "")),
        (
            # Two of three that can be used say Sad, and the first of them is shown.
            [
                Pair("a", described="Sad", verdict="lucky", status="refused"),
                Pair("a", described="Happy", verdict="seeing_failure", repeat=1),
                Pair("a", described="Sad", verdict="lucky", repeat=2),
                Pair("a", described="Sad", verdict="lucky", repeat=3),
            ],
            ("Sad", 2, 4, "lucky 67%, seeing_failure 33%"),
        ),
        ([Pair("a", described=None, status="blocked", verdict="unscored", detail="blocked")], ("blocked", 0, 1, "")),
    ],
)
def test_the_description_shown_is_one_that_reads_as_the_verdict_has_it(
    tmp_path: Path, repeats: Sequence[Pair], expected: tuple[str, int, int, str]
) -> None:
    [case] = chosen(write_records(tmp_path, repeats)).cases
    assert (case["described"], case["repeat"], case["n_repeats"], case["shares"]) == expected


@pytest.mark.parametrize(
    ("pair", "label"),
    [
        (Pair("a", label="Sad"), "Sad"),
        (Pair("a", label=None, reason="unparsed"), "unparsed"),
        (Pair("a", label=None, is_classified=False), "no_label"),
    ],
)
def test_a_label_that_is_missing_says_why(tmp_path: Path, pair: Pair, label: str) -> None:
    [case] = chosen(write_records(tmp_path, [pair])).cases
    assert case["label"] == label


def test_an_analysis_of_nothing_has_no_cases(tmp_path: Path) -> None:
    result = chosen(write_records(tmp_path, []))
    assert (result.cases, result.n_pairs) == ([], 0)


def test_control_characters_in_names_are_shown(tmp_path: Path) -> None:
    [case] = chosen(write_records(tmp_path, [Pair("a\x1b[31m", "m‮")])).cases
    assert (case["item_id"], case["model"]) == ("a\\x1b[31m", "m\\u202e")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda path: path.unlink(), "there is no such file; `descan analyze` writes it"),
        (lambda path: path.write_text("PAR"), "this is not a Parquet file; `descan analyze` writes it"),
    ],
)
def test_a_file_that_is_missing_or_damaged_is_named(tmp_path: Path, spoil: object, problem: str) -> None:
    folder = write_records(tmp_path, [Pair("a")])
    assert callable(spoil)
    spoil(folder / "mentions.parquet")
    with pytest.raises(InputError) as error:
        chosen(folder)
    assert str(error.value) == f"{folder / 'mentions.parquet'}: {problem}"


def _told(witness: str, action: str, aus: str, *, present: bool, mentioned: str, outcome: str) -> dict[str, object]:
    row = {"item_id": "i", "model": "m", "repeat": 0, "witness": witness, "action": action, "aus": aus}
    return row | {"present": present, "mentioned": mentioned, "outcome": outcome, "side": "", "said_side": ""}


def _mentions(case: Case) -> list[list[object]]:
    return cast("list[list[object]]", case["mentions"])


def test_a_case_says_what_each_witness_tells_of_what_it_says_and_leaves_out(tmp_path: Path) -> None:
    folder = write_records(tmp_path, [Pair("i", text="[eyes_crinkle|Laughter lines], a [smile|smile].")])
    rows = [
        _told("coder", "cheek_raise", "6", present=True, mentioned="asserted", outcome="hit"),
        _told("coder", "eyes_crinkle", "6", present=True, mentioned="asserted", outcome="hit"),
        _told("coder", "smile", "12", present=False, mentioned="asserted", outcome="hallucinated"),
        _told("coder", "brow_lower", "4", present=True, mentioned="no", outcome="omitted"),
        _told("coder", "lips_press", "23/24", present=False, mentioned="negated", outcome="correct_rejection"),
        _told("coder", "chin_raise", "17", present=False, mentioned="no", outcome="correct_rejection"),
        _told("sensor", "smile", "12", present=True, mentioned="asserted", outcome="hit"),
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=WITNESSED), folder / "witnessed.parquet")
    [case] = chosen(folder).cases
    # What the text calls an action comes first of the names of its units.
    assert case["witnessed"] == [
        [
            "coder",
            5,
            [
                ["hit", "6", "eyes_crinkle", "cheek_raise"],
                ["hallucinated", "12", "smile"],
                ["omitted", "4", "brow_lower"],
                ["rightly_denied", "23/24", "lips_press"],
            ],
        ],
        ["sensor", 1, [["hit", "12", "smile"]]],
    ]
    assert [mention[13] for mention in _mentions(case)] == [[["coder", 1]], [["coder", 0], ["sensor", 1]]]


def test_a_case_without_witnesses_says_nothing_of_them(tmp_path: Path) -> None:
    [case] = chosen(write_records(tmp_path, [Pair("i")])).cases
    assert "witnessed" not in case
    assert [len(mention) for mention in _mentions(case)] == [13]
