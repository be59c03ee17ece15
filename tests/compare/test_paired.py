"""Paired comparisons: McNemar, Holm and differences on the same items."""

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests

from descan.compare import CompareOptions, Support
from descan.compare.paired import MAX_PAIRED_MODELS, exact_mcnemar, holm

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
    # accuracy 3/5 less 2/5; p of 1 against 2: 2 * (1 + 3) / 8 = 1
    assert (row["difference"], row["p"], row["p_holm"]) == ("0.2", "1.0", "1.0")
    assert (row["family"], row["family_size"], row["is_grouped"]) == ("models: right or wrong", "1", "no")
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
    assert {row["family_size"] for row in rows} == {"2"}
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
    assert (right["family"], right["family_size"]) == ("models: verdicts", "4")
    [failure] = analysis.table("differences", statistic="seeing_failure")
    assert (failure["difference"], failure["low"], failure["p"]) == ("0.0", "", "1.0")
    analysis.compare(CompareOptions(n_resamples=200, support=Support.LENIENT))
    [right] = analysis.table("differences", statistic="right")
    assert (right["mode_a"], right["difference"]) == ("lenient", "0.0")


def test_p_that_takes_frames_for_independent_is_marked_and_stands_beside_one_that_does_not(
    analysis: "Analysis",
) -> None:
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
    assert float(row["p"]) < 0.001
    assert float(row["p_bootstrap"]) > 0.05
    assert float(row["low"]) < 0 < float(row["high"])


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
