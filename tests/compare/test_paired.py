"""Paired comparisons: McNemar, Holm and differences on the same items."""

import math
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests

from descan.compare import CompareOptions, Support
from descan.compare.hypothesis_tests import can_reject, exact_mcnemar, exact_sign_flip, holm
from descan.compare.paired import MAX_PAIRED_MODELS

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis


@pytest.mark.parametrize(
    ("n_a_only", "n_b_only", "p"),
    [
        (1, 5, 0.21875),  # 2 * (1 + 6) / 64
        (0, 6, 0.03125),  # 2 * 1 / 64
        (3, 3, 1.0),
        (0, 0, 1.0),
    ],
)
def test_mcnemar_is_exact(n_a_only: int, n_b_only: int, p: float) -> None:
    assert exact_mcnemar(n_a_only, n_b_only) == pytest.approx(p)
    if n_a_only + n_b_only:
        assert binomtest(n_a_only, n_a_only + n_b_only).pvalue == pytest.approx(p)


def test_holm_matches_a_family_worked_by_hand() -> None:
    # sorted 0.01, 0.02, 0.04 times 3, 2, 1 are 0.03, 0.04, 0.04; what is undefined is no member
    assert holm([0.04, math.nan, 0.01, 0.02]) == pytest.approx([0.04, math.nan, 0.03, 0.04], nan_ok=True)
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_holm_is_that_of_statsmodels(n: int) -> None:
    p_values = (np.random.default_rng(n).random(n) ** 4).round(2).tolist()
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())


def test_models_are_compared_on_the_items_that_both_labelled(analysis: "Analysis") -> None:
    labels = {
        "a": ("Sad", "Sad"),  # both right
        "b": ("Sad", "Fear"),
        "c": ("Sad", "Neutral"),
        "d": ("Fear", "Sad"),
        "e": ("Fear", "Fear"),  # both wrong
        "f": ("Sad", None),  # left out
        "g": (None, "Sad"),  # left out
    }
    for item, (first, second) in labels.items():
        analysis.item(item, "Sad")
        analysis.label(item, first, "" if first else "unparsed", model="m1")
        analysis.label(item, second, "" if second else "unparsed", model="m2")
    analysis.item("h", "Sad")
    analysis.label("h", "Sad", model="m1")  # left out: m2 was not asked
    analysis.item("i")
    analysis.label("i", "Sad", model="m1")  # without gold it counts nowhere
    analysis.compare()
    [row] = analysis.table("tests")
    assert [row[name] for name in ("model_a", "mode_a", "model_b", "mode_b")] == ["m1", "classify", "m2", "classify"]
    counted = ("n_both_right", "n_a_only", "n_b_only", "n_both_wrong", "n_items", "n_left_out", "n_groups")
    assert [row[name] for name in counted] == ["1", "2", "1", "1", "5", "3", "5"]
    # accuracy 3/5 less 2/5; p of 1 against 2: 2 * (1 + 3) / 8 = 1; at the least 2 / 2^3
    assert [row[name] for name in ("difference", "p", "least_p", "p_mcnemar")] == ["0.2", "1.0", "0.25", "1.0"]
    # five items show nothing, so the test is in no family
    assert [row[name] for name in ("family", "family_size", "p_holm")] == ["models, classify: accuracy", "0", ""]
    assert row["not_in_family"] == "fewer than 10 independent items or groups"
    assert row["is_grouped"] == "no"
    [uar] = analysis.table("differences", statistic="uar")
    assert (uar["value_a"], uar["value_b"], uar["difference"], uar["n_items"]) == ("0.6", "0.4", "0.2", "5")


def test_describe_is_compared_with_every_way_of_labelling(analysis: "Analysis") -> None:
    for item, gold, described, label in [
        ("a", "Sad", "Sad", "Fear"),
        ("b", "Fear", "Fear", "Fear"),
        ("c", "Sad", "Undecided", "Sad"),  # left out: no category is described
        ("d", "Neutral", "Neutral", "Sad"),  # classify6 does not offer Neutral
    ]:
        analysis.item(item, gold)
        analysis.describe(item, described)
        analysis.label(item, label)
        analysis.label(item, label, mode="classify6")
    analysis.compare()
    rows = analysis.table("tests", comparison="modes")
    found = [(row["mode_b"], row["categories"], row["n_items"], row["n_left_out"], row["n_a_only"]) for row in rows]
    assert found == [("classify", "seven", "3", "1", "2"), ("classify6", "six", "2", "1", "1")]
    assert [row["family"] for row in rows] == ["modes, classify: accuracy", "modes, classify6: accuracy"]
    # recall of Sad 1 less 0, of Fear 1 less 1, of Neutral 1 less 0
    [uar, _] = analysis.table("differences", statistic="uar")
    assert float(uar["difference"]) == pytest.approx(2 / 3, abs=1e-6)


def test_verdict_shares_differ_on_the_items_that_both_models_have_scored(analysis: "Analysis") -> None:
    for number in range(40):
        item = str(number)
        analysis.item(item, "Sad")
        for model, n_seen in [("m1", 30), ("m2", 10)]:
            scores = {"Sad": 0.6} if number < n_seen else {"Fear": 0.6, "Sad": 0.3}
            analysis.describe(item, "Sad" if number < n_seen else "Fear", model=model, scores=scores)
            analysis.label(item, "Sad", model=model)
    analysis.compare(CompareOptions(n_resamples=2000))
    [right] = analysis.table("differences", statistic="right")
    # 30/40 less 10/40; of 40 items 20 differ: standard error sqrt((0.5 - 0.25) / 40) = 0.079, times 1.96 = 0.155
    assert (right["value_a"], right["value_b"], right["difference"]) == ("0.75", "0.25", "0.5")
    assert [float(right["low"]), float(right["high"])] == pytest.approx([0.345, 0.655], abs=0.04)
    # two of the four verdicts are given alike, so that nothing could be rejected for them
    assert (right["family"], right["family_size"]) == ("models, strict: verdict shares", "2")
    [failure] = analysis.table("differences", statistic="seeing_failure")
    assert (failure["difference"], failure["low"], failure["p"]) == ("0.0", "", "1.0")
    assert (failure["not_in_family"], failure["p_holm"]) == ("could not reject", "")
    analysis.compare(CompareOptions(n_resamples=200, support=Support.LENIENT))
    [right] = analysis.table("differences", statistic="right")
    assert (right["mode_a"], right["difference"]) == ("lenient", "0.0")


def test_frames_of_one_clip_are_flipped_together(analysis: "Analysis") -> None:
    # 12 clips of 10 alike frames; the models differ on all frames of 8 clips, 6 to 2
    for clip in range(12):
        for frame in range(10):
            item = f"{clip}-{frame}"
            analysis.item(item, "Sad", group=str(clip))
            analysis.label(item, "Fear" if clip < 2 else "Sad", model="m1")
            analysis.label(item, "Fear" if 2 <= clip < 8 else "Sad", model="m2")
    analysis.compare(CompareOptions(n_resamples=2000))
    [row] = analysis.table("tests")
    assert (row["n_a_only"], row["n_b_only"], row["is_grouped"], row["n_groups"]) == ("60", "20", "yes", "12")
    # 2 of 8 clips against: 2 * (1 + 8 + 28) / 2^8; at the least 2 / 2^8
    assert (row["test"], row["p"], row["least_p"], row["p_holm"]) == ("sign_flip", "0.289062", "0.007812", "0.289062")
    assert float(row["p_mcnemar"]) < 0.001
    assert float(row["p_bootstrap"]) > 0.05
    assert float(row["low"]) < 0 < float(row["high"])


@pytest.mark.parametrize("models", [("m1", "m2"), ("m1", "m2", "m3")])
def test_a_model_with_few_items_does_not_raise_the_p_of_others(analysis: "Analysis", models: tuple[str, ...]) -> None:
    for number in range(40):
        analysis.item(str(number), "Sad")
        for model in models:
            is_wrong = number < 12 if model == "m1" else 12 <= number < 15
            if model != "m3" or number < 4:
                analysis.label(str(number), "Fear" if is_wrong else "Sad", model=model)
    analysis.compare(CompareOptions(n_resamples=200))
    [row] = analysis.table("tests", model_a="m1", model_b="m2")
    # 12 against 3: 2 * (1 + 15 + 105 + 455) / 2^15
    assert (row["p_holm"], row["family_size"]) == ("0.035156", "1")
    outside = {row["not_in_family"] for row in analysis.table("tests", model_b="m3")}
    assert outside <= {"fewer than 10 independent items or groups"}


def test_the_adjusted_interval_is_that_of_the_level_at_which_holm_decides(analysis: "Analysis") -> None:
    n_right = {"m1": 200, "m2": 160, "m3": 140}
    rng = np.random.default_rng(1)
    right = {model: set(rng.permutation(240)[:n].tolist()) for model, n in n_right.items()}
    for number in range(240):
        analysis.item(str(number), "Sad")
        for model in n_right:
            analysis.label(str(number), "Sad" if number in right[model] else "Fear", model=model)
    analysis.compare(CompareOptions(n_resamples=4000))
    rows = sorted(analysis.table("tests"), key=lambda row: float(row["p"]))
    for factor, row in zip((3, 2, 1), rows, strict=True):
        confidence = 1 - 0.05 / factor
        analysis.compare(CompareOptions(n_resamples=4000, confidence=confidence))
        sides = {name: row[name] for name in ("model_a", "model_b")}
        [alone] = analysis.table("tests", **sides)
        assert [row["adjusted_low"], row["adjusted_high"]] == pytest.approx([alone["low"], alone["high"]])
    assert [row["adjusted_low"], row["adjusted_high"]] == [row["low"], row["high"]]


@pytest.mark.parametrize("seed", range(20))
def test_sign_flips_are_counted_exactly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    differences = rng.integers(-4, 5, size=rng.integers(1, 11))
    flips = np.array(list(product((-1, 1), repeat=len(differences))))
    beyond = np.abs(flips @ differences) >= abs(differences.sum())
    found = exact_sign_flip(differences, np.ones_like(differences))
    assert found.p == pytest.approx(beyond.mean(), abs=1e-12)
    assert found.least_p == pytest.approx(min(1, 2.0 ** (1 - np.count_nonzero(differences))))
    by_type, multiplicity = np.unique(differences, return_counts=True)
    assert exact_sign_flip(by_type, multiplicity) == pytest.approx(found)


def test_no_number_of_items_makes_a_p_of_0(analysis: "Analysis") -> None:
    assert exact_sign_flip([1], [5_000]).p > 0
    assert exact_sign_flip([1, 2], [5_000, 5_000]).p > 0
    for number in range(1_200):
        analysis.item(str(number), "Sad")
        for model, label in (("m1", "Sad"), ("m2", "Fear")):
            analysis.label(str(number), label, model=model)
    analysis.compare(CompareOptions(n_resamples=200))
    [row] = analysis.table("tests")
    assert (row["p"], row["least_p"], row["p_holm"]) == ("1e-06", "1e-06", "1e-06")


def test_sign_flips_of_single_items_are_mcnemars_test() -> None:
    assert exact_sign_flip([1, -1, 0], [5, 17, 100]).p == pytest.approx(exact_mcnemar(5, 17))


def test_tests_that_could_not_reject_leave_the_family() -> None:
    # Of four tests two reach 0.05 / 2, none but these 0.05 / 3 (Tarone 1990)
    assert can_reject([0.001, 0.02, 0.03, 0.5], 0.05) == [True, True, False, False]
    assert can_reject([0.04, 0.04], 0.05) == [False, False]
    assert can_reject([], 0.05) == []


def test_one_model_asked_in_one_way_is_compared_with_nothing(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.label("a", "Sad")
    analysis.compare()
    assert analysis.table("tests") == analysis.table("differences") == []


def test_models_without_a_common_item_have_no_p(analysis: "Analysis") -> None:
    for item, model in [("a", "m1"), ("b", "m2")]:
        analysis.item(item, "Sad")
        analysis.label(item, "Sad", model=model)
    analysis.compare()
    [row] = analysis.table("tests")
    assert (row["n_items"], row["n_left_out"], row["difference"], row["p"], row["p_holm"]) == ("0", "2", "", "", "")
    assert row["family_size"] == "0"


def test_so_many_models_are_not_compared_with_each_other(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    for number in range(MAX_PAIRED_MODELS + 1):
        analysis.describe("a", "Sad", model=f"m{number}")
        analysis.label("a", "Sad", model=f"m{number}")
    analysis.compare(CompareOptions(n_resamples=100))
    assert {row["comparison"] for row in analysis.table("tests")} == {"modes"}


def test_a_p_below_what_six_decimals_show_is_not_0(analysis: "Analysis") -> None:
    for number in range(60):
        analysis.item(str(number), "Sad")
        analysis.label(str(number), "Sad", model="m1")
        analysis.label(str(number), "Fear", model="m2")
    analysis.compare()
    [row] = analysis.table("tests")
    assert (row["p"], row["p_holm"]) == ("1e-06", "1e-06")
    assert np.isclose(float(row["difference"]), 1)
