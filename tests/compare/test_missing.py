"""Answers that name no category: how many by gold and description, and the bounds of what they would have been."""

import numpy as np
import pytest

from descan.compare.bootstrap import Resampling, count_groups
from descan.compare.paired import bound_difference
from descan.compare.scores import SCORE_TABLE_COLUMNS, n_cells, score_rows
from descan.compare.strata import Stratum
from descan.emotions import UNDECIDED
from descan.lexicon import load_category_set
from tests.compare.conftest import Analysis

BASIC7 = load_category_set()


def test_missing_labels_are_counted_by_gold_and_by_description(analysis: Analysis) -> None:
    rows = [("Sad", "Sad", "Sad"), ("Sad", "Fear", None), ("Fear", "Fear", None), ("Fear", UNDECIDED, "Sad")]
    for number, (gold, described, label) in enumerate(rows):
        analysis.item(str(number), gold)
        analysis.describe(str(number), described)
        analysis.label(str(number), label, "" if label else "unparsed")
    analysis.item("4", "Fear")
    analysis.label("4", None, "refused")
    analysis.compare()
    found = {(row["split"], row["category"]): row for row in analysis.table("missing", mode="classify")}
    counts = {key: (row["n_missing"], row["n_items"], row["n_right"]) for key, row in found.items()}
    assert counts == {
        ("gold", "all"): ("3", "5", "1"),
        ("gold", "Fear"): ("2", "3", "0"),
        ("gold", "Sad"): ("1", "2", "1"),
        ("described", "Fear"): ("2", "2", "0"),
        ("described", "Sad"): ("0", "1", "1"),
        ("described", UNDECIDED): ("0", "1", "0"),
        ("described", "none"): ("1", "1", "0"),
    }
    # 1 of the 2 labels is right; over 5 items from 1 / 5 to (1 + 3) / 5.
    bounds = [float(found["gold", "all"][name]) for name in ("accuracy", "accuracy_all", "accuracy_best")]
    assert bounds == pytest.approx([1 / 2, 1 / 5, 4 / 5])
    # Nothing is known of those described as Fear.
    assert found["described", "Fear"]["accuracy"] == ""


def test_the_difference_of_two_sides_is_bounded_by_what_is_missing_on_both(analysis: Analysis) -> None:
    # By item what a and b say of gold Sad: right, wrong or nothing; the last item was asked of a alone.
    sides = [("Sad", "Fear"), ("Sad", None), (None, "Sad"), (None, None), ("Fear", "Fear"), ("Sad", "")]
    for number, (a, b) in enumerate(sides):
        analysis.item(str(number), "Sad")
        analysis.label(str(number), a, "" if a else "unparsed", model="a")
        if b != "":
            analysis.label(str(number), b, "" if b else "unparsed", model="b")
    analysis.compare()
    [row] = analysis.table("tests", comparison="models")
    assert (row["n_items"], row["n_left_out"], row["n_asked"]) == ("2", "4", "5")
    assert float(row["difference"]) == 1 / 2
    # Of five items asked of both: a is right in 2 to 4, b in 1 to 3; 2 - 3 and 4 - 1.
    assert [float(row[f"difference_{bound}"]) for bound in ("least", "most")] == pytest.approx([-1 / 5, 3 / 5])


def test_bounds_hold_the_difference_over_all_items_whatever_is_missing() -> None:
    """Answers are missing as often as being right says, the other way for each side, and with weights of repeats."""
    rng = np.random.default_rng(5)
    n_held = 0
    for _ in range(200):
        right = rng.random((2, 300)) < rng.random((2, 1))
        is_missing = rng.random((2, 300)) < np.where(right, rng.random((2, 1)), rng.random((2, 1)))
        state = np.where(is_missing, 2, right)
        totals = np.bincount(3 * state[0] + state[1], minlength=9)[np.newaxis].astype(float)
        [[least, most]] = bound_difference(totals)
        truth = right[0].mean() - right[1].mean()
        n_held += least <= truth <= most
        # Sharp: all missing answers wrong for a and right for b give the least.
        assert least == pytest.approx(np.where(state[0] == 1, 1, 0).mean() - np.where(state[1] == 0, 0, 1).mean())
    assert n_held == 200


def test_descriptions_without_a_category_are_counted_by_gold_alone(analysis: Analysis) -> None:
    for number, described in enumerate(("Sad", UNDECIDED)):
        analysis.item(str(number), "Sad")
        analysis.describe(str(number), described)
    analysis.compare()
    found = [(row["split"], row["category"], row["n_missing"]) for row in analysis.table("missing", mode="describe")]
    assert found == [("gold", "all", "1"), ("gold", "Sad", "1")]


def test_neutral_gold_is_not_missing_where_neutral_is_not_on_offer(analysis: Analysis) -> None:
    for number, gold in enumerate(("Sad", "Neutral")):
        analysis.item(str(number), gold)
        analysis.label(str(number), "Sad", mode="classify6")
    analysis.compare()
    assert [row["n_items"] for row in analysis.table("missing", mode="classify6", category="all")] == ["1"]


@pytest.mark.parametrize(("missing_if_right", "missing_if_wrong"), [(0.6, 0.1), (0.1, 0.6)])
def test_the_bounds_hold_where_labels_are_missing_because_of_what_they_would_say(
    missing_if_right: float, missing_if_wrong: float
) -> None:
    # The model is right on 40% of all items. Accuracy of the labels that are there is then 22% or 60%.
    truth, n_studies, n_items = 0.4, 60, 300
    places = {name: place for place, name in enumerate(BASIC7.names)}
    none = len(places)
    generator = np.random.default_rng(8)
    held = {"accuracy": 0, "bounds": 0}
    for _ in range(n_studies):
        is_right = generator.random(n_items) < truth
        is_missing = generator.random(n_items) < np.where(is_right, missing_if_right, missing_if_wrong)
        predicted = np.where(is_missing, none, np.where(is_right, places["Sad"], places["Fear"]))
        cells = places["Sad"] * (none + 1) + predicted
        stratum = Stratum(("m", "classify"), count_groups(np.arange(n_items), cells, n_cells(BASIC7)))
        row = dict(zip(SCORE_TABLE_COLUMNS, next(score_rows([stratum], BASIC7, Resampling(100))), strict=True))
        held["accuracy"] += float(row["accuracy_low"]) <= truth <= float(row["accuracy_high"])
        held["bounds"] += float(row["accuracy_all_low"]) <= truth <= float(row["accuracy_best_high"])
    assert held["accuracy"] <= 0.05 * n_studies
    assert held["bounds"] >= 0.98 * n_studies
