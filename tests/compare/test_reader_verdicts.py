"""Verdict shares that people's readings make valid, however often descan misreads."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.simulation.corrected import measure_correction
from benchmarks.simulation.powered import measure_coverage, measure_differences
from benchmarks.simulation.reader_studies import ANY, BY_TEXT, DRAWINGS, ERRORS, FAVOURING, Design, Errors
from descan.compare import CompareOptions
from descan.compare.prediction_powered import MIN_READINGS, estimate_powered_shares, weigh_readings
from descan.corpus import CategoryNames
from descan.corpus.readings import load_readings
from descan.errors import InputError
from descan.lexicon import load_category_set

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

VERDICTS = ("right", "lucky", "labeling_failure", "seeing_failure")


def test_the_share_is_that_of_ppi_plus_plus() -> None:
    # The formulas of Angelopoulos, Duchi & Zrnic (2023), section 6, in which the unread items stand alone.
    rng = np.random.default_rng(2)
    n_items, n_read = 20_000, 2_000
    truth = (rng.random(n_items) < 0.4).astype(float)
    predicted = np.where(truth == 1, rng.random(n_items) > 0.1, rng.random(n_items) < 0.15).astype(float)
    is_read = np.arange(n_items) < n_read
    y, f, others = truth[:n_read], predicted[:n_read], predicted[n_read:]
    ratio = n_read / len(others)
    weight = np.cov(y, f)[0, 1] / ((1 + ratio) * predicted.var())
    expected = weight * others.mean() + (y - weight * f).mean()
    variance = weight**2 * predicted.var() / len(others) + (y - weight * f).var() / n_read
    sizes, weights = np.ones(n_items), is_read.astype(np.float64)
    columns = (predicted[:, np.newaxis], truth[:, np.newaxis])
    found = estimate_powered_shares(*columns, sizes, weights, np.arange(n_items), 0.95)
    assert found.values[0] == pytest.approx(expected, abs=5e-4)
    assert found.high[0] - found.low[0] == pytest.approx(2 * 1.96 * np.sqrt(variance), rel=0.02)


def test_readings_stand_for_their_strata_and_few_of_them_for_larger_ones() -> None:
    # Stratum 0 has enough readings. Strata 1 and 2 have too few each, and enough together. Of stratum 3 none is read.
    sizes = {0: (10, 5), 1: (30, 3), 2: (20, 2), 3: (40, 0)}
    strata = np.concatenate([np.full(n, stratum) for stratum, (n, _) in sizes.items()])
    is_read = np.concatenate([np.arange(n) < n_read for n, n_read in sizes.values()])
    merged = np.array([0, 1, 1, 2])[strata]
    weights = weigh_readings(strata, merged, np.ones(100), is_read)
    assert MIN_READINGS == 5
    assert set(weights[(strata == 0) & is_read]) == {2}
    assert set(weights[np.isin(strata, (1, 2)) & is_read]) == {10}
    assert not weights[~is_read].any()


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_the_intervals_hold_the_truth_where_raw_ones_do_not(drawing: str) -> None:
    found = measure_coverage(Design(ERRORS["15% added, 10% missed"], 6, 300, drawing), 200)
    assert (found.powered >= 0.92).all()
    assert (found.powered <= 0.985).all()
    assert (found.raw < 0.75).all()


def test_the_correction_holds_where_misreading_depends_on_the_text_alone() -> None:
    by_text, by_gold = (Design(ERRORS[name], 1, 300, ANY) for name in (BY_TEXT, "15% added, 10% missed"))
    assert (measure_correction(by_text, 0.95, 100) > 0.88).all()
    assert (measure_correction(by_gold, 0.95, 100) < 0.8).all()
    assert (measure_coverage(by_text, 100).powered > 0.9).all()


def test_shares_stand_raw_corrected_and_powered_side_by_side(analysis: "Analysis", tmp_path: Path) -> None:
    # Of 40 texts descan reads 30 as gold. Of the 20 that a person reads it is wrong in 5 of 15, and in 1 of the others.
    people = ["item_id,model,reader,described"]
    for number in range(40):
        item, is_supported = str(number), number % 4 > 0
        analysis.item(item, "Sad")
        analysis.describe(item, "Sad" if is_supported else "Fear")
        analysis.label(item, "Sad" if number % 2 else "Happy")
        if number < 20:
            people.append(f"{item},m,anna,{'Sad' if number in (0, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19) else 'Fear'}")
    (tmp_path / "people.csv").write_text("\n".join(people), encoding="utf-8")
    analysis.compare(CompareOptions(n_resamples=200, human_readings=(tmp_path / "people.csv",)))
    rows = {(row["verdict"], row["method"]): row for row in analysis.table("verdicts_readers", gold="all")}
    assert set(rows) == {(verdict, method) for verdict in VERDICTS for method in ("raw", "corrected", "ppi")}
    assert [rows[verdict, "raw"]["share"] for verdict in VERDICTS] == ["0.5", "0.0", "0.25", "0.25"]
    # All 10 texts with a right label that a person has read say gold, 1 of the 10 with a wrong one does.
    powered = [float(rows[verdict, "ppi"]["share"]) for verdict in VERDICTS]
    assert powered == pytest.approx([0.5, 0, 0.05, 0.45])
    assert rows["right", "ppi"]["n_readings"] == rows["right", "corrected"]["n_readings"] == "20"
    assert float(rows["labeling_failure", "ppi"]["share_high"]) < 0.4
    assert analysis.table("verdicts_readers", gold="Fear") == []


def test_readings_of_few_groups_give_no_estimate(analysis: "Analysis", tmp_path: Path) -> None:
    rows = ["item_id,model,read"]
    for number in range(30):
        analysis.item(str(number), "Sad", group=f"g{number % 9}")
        analysis.describe(str(number), "Sad")
        analysis.label(str(number), "Sad")
        rows.append(f"{number},m,Sad")
    (tmp_path / "people.csv").write_text("\n".join(rows), encoding="utf-8")
    analysis.compare(CompareOptions(n_resamples=200, human_readings=(tmp_path / "people.csv",)))
    [row] = analysis.table("verdicts_readers", gold="all", verdict="right", method="ppi")
    assert (row["n_readings"], row["share"], row["share_low"]) == ("30", "", "")


def test_several_readers_count_as_their_share_and_the_correction_takes_what_most_read(
    analysis: "Analysis", tmp_path: Path
) -> None:
    rows = ["item_id,model,reader,read"]
    for number in range(12):
        analysis.item(str(number), "Sad")
        analysis.describe(str(number), "Sad")
        analysis.label(str(number), "Sad")
        rows += [f"{number},m,anna,Sad", f"{number},m,ben,Fear"]
    rows += [f"{number},m,cleo,Sad" for number in range(6)]
    (tmp_path / "people.csv").write_text("\n".join(rows), encoding="utf-8")
    analysis.compare(CompareOptions(n_resamples=200, human_readings=(tmp_path / "people.csv",)))
    [row] = analysis.table("verdicts_readers", gold="all", verdict="right", method="ppi")
    # Two of three readers of six texts, and one of two of the others.
    assert row["n_readings"] == "30"
    assert float(row["share"]) == pytest.approx((2 / 3 + 1 / 2) / 2, abs=1e-5)
    read = {(row["human"], row["described"]): row["n"] for row in analysis.table("misreading") if row["n"] != "0"}
    assert read == {("Sad", "Sad"): "6", ("Undecided", "Sad"): "6"}


def test_readers_agree_with_each_other_and_with_descan_by_model(analysis: "Analysis", tmp_path: Path) -> None:
    rows = ["item_id,model,reader,read"]
    anna = ["Sad"] * 5 + ["Fear"] * 5
    ben = ["Sad"] * 4 + ["Fear"] * 4 + ["Sad"] * 2
    for number in range(10):
        item, model = str(number), "m" if number < 6 else "other"
        analysis.item(item, "Sad")
        analysis.describe(item, "Sad", model=model)
        rows += [f"{item},{model},anna,{anna[number]}", f"{item},{model},ben,{ben[number]}"]
    (tmp_path / "people.csv").write_text("\n".join(rows), encoding="utf-8")
    analysis.compare(CompareOptions(n_resamples=200, human_readings=(tmp_path / "people.csv",)))
    found = {(row["reader_a"], row["reader_b"], row["model"]): row for row in analysis.table("readers")}
    pairs = [("anna", "ben"), ("anna", "descan"), ("ben", "descan")]
    assert list(found) == [(*pair, model) for pair in pairs for model in ("", "m", "other")]
    both = found["anna", "ben", ""]
    # 7 of 10 are equal; by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5.
    assert (both["n"], float(both["agreement"]), float(both["kappa"])) == ("10", 0.7, 0.4)
    assert float(both["kappa_low"]) < 0.4 < float(both["kappa_high"])
    # Of 20 readings 11 are Sad and 9 Fear; two of them are equal by chance in (11 * 10 + 9 * 8) / (20 * 19).
    assert float(both["alpha"]) == pytest.approx((0.7 - 182 / 380) / (1 - 182 / 380), abs=1e-6)
    confusion = [tuple(row.values()) for row in analysis.table("confusion_readers", reader_b="ben", model="")]
    assert confusion == [
        ("anna", "ben", "", "Fear", "Fear", "3"),
        ("anna", "ben", "", "Fear", "Sad", "2"),
        ("anna", "ben", "", "Sad", "Fear", "1"),
        ("anna", "ben", "", "Sad", "Sad", "4"),
    ]
    assert [found["anna", "descan", model]["agreement"] for model in ("", "m", "other")] == ["0.5", "0.833333", "0.0"]


def test_support_and_its_difference_from_labels_are_as_people_read(analysis: "Analysis", tmp_path: Path) -> None:
    rows = ["item_id,model,read"]
    for number in range(40):
        item = str(number)
        analysis.item(item, "Sad")
        analysis.describe(item, "Sad" if number % 2 else "Fear")
        analysis.label(item, "Sad" if number % 4 else "Happy")
        rows.append(f"{item},m,{'Sad' if number % 5 else 'Fear'}")
    (tmp_path / "people.csv").write_text("\n".join(rows), encoding="utf-8")
    analysis.compare(CompareOptions(n_resamples=200, human_readings=(tmp_path / "people.csv",)))
    found = {(row["measure"], row["method"]): row for row in analysis.table("support_readers", gold="all")}
    # descan finds Sad in 1 of 2, people in 4 of 5; 3 of 4 labels are right.
    values = {key: float(row["value"]) for key, row in found.items()}
    assert values == {
        ("supports", "raw"): 0.5,
        ("supports_minus_labels", "raw"): -0.25,
        ("supports", "ppi"): pytest.approx(0.8, abs=1e-6),
        ("supports_minus_labels", "ppi"): pytest.approx(0.05, abs=1e-6),
    }
    assert {row["n_readings"] for key, row in found.items() if key[1] == "ppi"} == {"40"}
    assert float(found["supports", "ppi"]["low"]) < 0.8 < float(found["supports", "ppi"]["high"])


def test_a_reader_reads_a_description_once(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("item_id,model,reader,read\na,m,anna,Sad\na,m,ben,Sad\na,m,anna,Fear\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"people.csv:4: .* is on line 2 already; give one reading of 'anna'"):
        load_readings([path], CategoryNames(load_category_set()))


def test_without_human_readings_there_are_no_rows(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad")
    analysis.label("a", "Sad")
    analysis.compare(CompareOptions(n_resamples=200))
    assert analysis.table("verdicts_readers") == []


def test_differences_of_models_are_those_of_their_shares_and_know_their_common_groups(
    analysis: "Analysis", tmp_path: Path
) -> None:
    # By what people read the models are the same; descan sees support in B where there is none.
    people = ["item_id,model,reader,described"]
    for number in range(40):
        item = str(number)
        analysis.item(item, "Sad")
        for model in ("a", "b"):
            is_supported = number % 2 == 0
            is_misread = model == "b" and number % 4 == 1
            analysis.describe(item, "Sad" if is_supported or is_misread else "Fear", model=model)
            analysis.label(item, "Happy", model=model)
            if number < 24:
                people.append(f"{item},{model},anna,{'Sad' if is_supported else 'Fear'}")
    (tmp_path / "people.csv").write_text("\n".join(people), encoding="utf-8")
    analysis.compare(CompareOptions(n_resamples=200, human_readings=(tmp_path / "people.csv",)))
    rows = {(row["measure"], row["method"]): row for row in analysis.table("differences_readers", gold="all")}
    assert {measure for measure, _ in rows} == {*VERDICTS, "supports", "supports_minus_labels"}
    raw, powered = rows["supports", "raw"], rows["supports", "ppi"]
    assert (raw["model_a"], raw["model_b"], raw["n_readings_a"], powered["n_readings_b"]) == ("a", "b", "0", "24")
    assert float(raw["difference"]) == -0.25
    assert float(raw["high"]) < 0
    shares = {
        row["model"]: float(row["value"])
        for row in analysis.table("support_readers", measure="supports", method="ppi", gold="all")
    }
    assert float(powered["difference"]) == pytest.approx(shares["a"] - shares["b"], abs=1e-6)
    assert float(powered["low"]) < 0 < float(powered["high"])


@pytest.mark.parametrize("favoured", [ERRORS["15% added, 10% missed"], FAVOURING], ids=["fair", "favouring"])
def test_intervals_of_differences_hold_the_truth_also_where_descan_favours_a_model(favoured: Errors) -> None:
    found = measure_differences((ERRORS["15% added, 10% missed"], favoured), 6, 100, 200)
    assert (found.powered >= 0.92).all()
    assert (found.powered <= 0.99).all()
    if favoured is FAVOURING:
        assert (found.raw < 0.6).all()
