"""Judges beside people and descan: agreement, bias by model, themselves, and as predictors."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.simulation.biases import Design, measure_biases
from descan.compare import CompareOptions
from tests.compare.conftest import Analysis

HEADER = "item_id,model,reader,kind,described,judge_repeat,cost_usd,latency_s"
MODELS = ("m", "other")
N_ITEMS = 40


def fill(analysis: Analysis) -> None:
    """Add two models' descriptions of Sad faces, half of which say so, with half of the labels right."""
    for number in range(N_ITEMS):
        item = f"{number:02d}"
        analysis.item(item, "Sad")
        for model in MODELS:
            analysis.describe(item, "Sad" if number % 2 else "Fear", model=model)
            analysis.label(item, "Sad" if number < N_ITEMS // 2 else "Happy", model=model)


def people() -> list[str]:
    """Return the readings of a person who reads all of them as descan does."""
    return [
        f"{number:02d},{model},anna,person,{'Sad' if number % 2 else 'Fear'},,,"
        for number in range(N_ITEMS)
        for model in MODELS
    ]


def judged(name: str, *, favours: str = "", repeats: int = 1) -> list[str]:
    """Return the readings of a judge that reads as people do, but gold in every text of the model that it favours."""
    return [
        f"{number:02d},{model},{name},judge,{'Sad' if number % 2 or model == favours else 'Fear'},{repeat},0.001,2"
        for number in range(N_ITEMS)
        for model in MODELS
        for repeat in range(repeats)
    ]


def compare(analysis: Analysis, path: Path, *rows: list[str]) -> None:
    path.write_text("\n".join([HEADER, *(row for part in rows for row in part)]), encoding="utf-8")
    analysis.compare(CompareOptions(n_resamples=200, threads=1, human_readings=(path,)))


@pytest.fixture(scope="module")
def judged_study(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """A person, a judge that reads as people do and twice, and one that favours a model."""
    folder = tmp_path_factory.mktemp("judged")
    analysis = Analysis(folder)
    fill(analysis)
    twice = judged("fair", repeats=2)
    twice[1] = twice[1].replace("Fear", "Undecided")  # The first text, read again.
    compare(analysis, folder / "r.csv", people(), twice, judged("partial", favours="m"))
    return analysis


def test_a_judge_that_favours_a_model_is_found(judged_study: Analysis) -> None:
    rows = {(row["judge"], row["model"]): row for row in judged_study.table("judges")}
    assert list(rows) == [(judge, model) for judge in ("fair", "partial") for model in ("", *MODELS)]
    # In half of its texts people do not read gold, and the judge does.
    of_m, of_other = rows["partial", "m"], rows["partial", "other"]
    assert (of_m["n"], of_m["n_people"], of_m["agreement"], of_m["bias"]) == ("40", "40", "0.5", "0.5")
    assert (of_other["agreement"], of_other["bias"], of_other["difference"]) == ("1.0", "0.0", "-0.5")
    assert float(of_m["low"]) < float(of_m["difference"]) == 0.5 < float(of_m["high"])
    assert float(of_m["p_holm"]) < 0.05
    assert of_m["decision"] == "differs"
    assert (rows["partial", ""]["bias"], rows["partial", ""]["difference"]) == ("0.25", "")
    assert [rows["fair", model]["bias"] for model in ("", *MODELS)] == ["0.0", "0.0", "0.0"]
    assert rows["fair", "m"]["decision"] != "differs"
    assert (rows["fair", ""]["cost_usd"], rows["fair", ""]["latency_s"]) == ("0.16", "2.0")
    assert (rows["fair", ""]["n_again"], rows["fair", ""]["agreement_again"]) == ("80", "0.9875")
    assert (rows["partial", "m"]["n_again"], rows["partial", "m"]["agreement_again"]) == ("0", "")


def test_the_bias_of_each_verdict_is_beside_that_of_descan(judged_study: Analysis) -> None:
    rows = {
        (row["reader"], row["verdict"]): (row["share"], row["people_share"], row["difference"])
        for row in judged_study.table("reader_biases", model="m")
    }
    assert rows["partial", "supports"] == ("1.0", "0.5", "0.5")
    # A quarter of the texts has a right label and does not say gold, a quarter a wrong label.
    assert rows["partial", "right"] == ("0.5", "0.25", "0.25")
    assert rows["partial", "lucky"] == ("0.0", "0.25", "-0.25")
    assert rows["partial", "labeling_failure"] == ("0.5", "0.25", "0.25")
    assert rows["partial", "seeing_failure"] == ("0.0", "0.25", "-0.25")
    assert {rows["descan", verdict][2] for reader, verdict in rows if reader == "descan"} == {"0.0"}


def test_judges_are_beside_each_other_themselves_and_descan(judged_study: Analysis) -> None:
    rows = {(row["reader_a"], row["reader_b"]): row for row in judged_study.table("readers", model="")}
    readers = ("anna", "fair", "partial", "descan")
    pairs = [(a, b) for place, a in enumerate(readers) for b in readers[place + 1 :]]
    assert set(rows) == {*pairs, ("fair", "fair")}
    assert (rows["fair", "fair"]["n"], rows["fair", "fair"]["agreement"]) == ("80", "0.9875")
    assert (rows["anna", "fair"]["agreement"], rows["anna", "partial"]["agreement"]) == ("1.0", "0.75")
    assert (rows["anna", "partial"]["kind_a"], rows["anna", "partial"]["kind_b"]) == ("person", "judge")
    assert rows["partial", "descan"]["kind_b"] == "descan"


def test_a_judge_that_has_read_everything_predicts(analysis: Analysis, tmp_path: Path) -> None:
    fill(analysis)
    some = [row for row in people() if int(row[:2]) % 4 < 2]
    compare(analysis, tmp_path / "r.csv", some, judged("partial", favours="m"), judged("lazy")[:-1])
    predicted = analysis.table("verdicts_readers", model="m", gold="all", verdict="seeing_failure")
    shares = {(row["predictor"], row["method"]): row["share"] for row in predicted}
    assert {key for key in shares if key[0] == "partial"} == {("partial", "raw"), ("partial", "ppi")}
    assert shares["partial", "raw"] == "0.0"
    assert shares["descan", "raw"] == "0.25"
    # Whoever predicts, people's readings decide: half of the texts with a right label do not say gold.
    powered = analysis.table("verdicts_readers", model="m", gold="all", verdict="lucky", method="ppi")
    assert [float(row["share"]) for row in powered] == pytest.approx([0.25, 0.25, 0.25])
    assert [row["predictor"] for row in powered] == ["descan", "lazy", "partial"]
    assert analysis.table("verdicts_readers", model="other", predictor="lazy") == []


def test_what_has_no_reading_is_counted_and_is_no_truth(analysis: Analysis, tmp_path: Path) -> None:
    fill(analysis)
    analysis.item("=1+1", "Sad")  # A safe CSV file has a quote before it.
    analysis.describe("=1+1", "Sad")
    rows = ["'=1+1,m,gpt,judge,Sad,0,,", "00,m,anna,person,,,,", "01,m,anna,person,refusal,,,"]
    rows += ["00,m,gpt,judge,unparsed,0,,", "00,m,gpt,judge,Fear,1,,", "01,m,gpt,judge,refusal,0,,"]
    compare(analysis, tmp_path / "r.csv", rows)
    [of_m] = analysis.table("judges", model="m")
    assert (of_m["n"], of_m["n_unparsed"], of_m["n_refusal"], of_m["n_undecided"]) == ("4", "1", "1", "0")
    assert (of_m["n_people"], of_m["bias"], of_m["p"]) == ("0", "", "")
    records = pq.read_table(analysis.folder / "readers.parquet").to_pylist()
    found = [(one["item_id"], one["reader"], one["kind"], one["described"], one["status"]) for one in records]
    assert found == [
        ("00", "anna", "person", None, "cannot tell"),
        ("00", "gpt", "judge", None, "unparsed"),
        ("00", "gpt", "judge", "Fear", "read"),
        ("00", "descan", "descan", "Fear", "read"),
        ("01", "anna", "person", None, "refusal"),
        ("01", "gpt", "judge", None, "refusal"),
        ("01", "descan", "descan", "Sad", "read"),
        ("=1+1", "gpt", "judge", "Sad", "read"),
        ("=1+1", "descan", "descan", "Sad", "read"),
    ]
    # Nobody has said what a text says, and a judge is no truth.
    assert {row["confusion"] for row in analysis.table("misreading")} == {"descan (en)"}
    assert analysis.table("verdicts_readers") == analysis.table("reader_biases") == []


def test_a_fair_judge_is_seldom_accused_and_one_that_favours_a_model_often_is() -> None:
    _, accused, held = measure_biases(Design(n_read=120, group_size=4, favour=0.0), 40)
    assert accused <= 0.15
    assert held >= 0.85
    found, *_ = measure_biases(Design(n_read=120, group_size=4, favour=0.8), 40)
    assert found >= 0.9


def test_of_several_people_each_stands_beside_the_others(analysis: "Analysis", tmp_path: Path) -> None:
    # Anna reads gold in all of a's texts, and the others in half; of b's all read the same.
    rows = ["item_id,model,reader,described"]
    for number in range(20):
        item = str(number)
        analysis.item(item, "Sad")
        for model in ("a", "b"):
            analysis.describe(item, "Sad", model=model)
            analysis.label(item, "Sad", model=model)
            others = "Sad" if number % 2 or model == "b" else "Fear"
            rows += [f"{item},{model},anna,Sad", f"{item},{model},ben,{others}", f"{item},{model},cem,{others}"]
    (tmp_path / "people.csv").write_text("\n".join(rows), encoding="utf-8")
    analysis.compare(CompareOptions(n_resamples=200, human_readings=(tmp_path / "people.csv",)))
    biases = {
        (row["reader"], row["model"]): (row["kind"], float(row["difference"]))
        for row in analysis.table("reader_biases", verdict="supports")
    }
    assert biases["anna", "a"] == ("person", 0.5)
    assert biases["anna", "b"] == ("person", 0)
    assert biases["ben", "a"] == biases["cem", "a"] == ("person", -0.25)
    kind, difference = biases["descan", "a"]
    assert (kind, round(difference, 6)) == ("descan", 0.333333)
    assert analysis.table("judges") == []
