"""A model against itself, over the repeats of an item."""

from typing import TYPE_CHECKING

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descan.compare.agreement import self_agreement

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis


def agreement(*votes: tuple[int, ...]) -> list[float]:
    """Return mean pairwise agreement and alpha of one item for each of the votes."""
    values: list[float] = self_agreement(votes)(np.ones((1, len(votes))))[0].tolist()
    return values


def test_agreement_and_alpha_match_values_worked_by_hand() -> None:
    # 1 1 1: 3 of 3 pairs agree; 1 1 2: 1 of 3; 2 2: 1 of 1; the mean is (1 + 1/3 + 1) / 3 = 7/9.
    # 8 values, 5 of 1 and 3 of 2. Coincidences that agree: 6/2 + 2/2 + 2/1 = 6, so observed disagreement is 2/8;
    # expected 1 - (5*4 + 3*2) / (8*7) = 30/56; alpha = 1 - (1/4) / (15/28) = 8/15
    assert agreement((1, 1, 1), (1, 1, 2), (2, 2)) == pytest.approx([7 / 9, 8 / 15])


def test_perfect_repeats_agree_and_constant_ones_have_no_alpha() -> None:
    assert agreement((1, 1), (2, 2)) == [1, 1]
    assert agreement((1, 1), (1, 1)) == pytest.approx([1, np.nan], nan_ok=True)


def test_repeats_that_never_agree_are_worse_than_chance() -> None:
    # expected disagreement 1 - 2 * (2 * 1) / (4 * 3) = 2/3; alpha = 1 - 1 / (2/3) = -1/2
    assert agreement((1, 2), (1, 2)) == pytest.approx([0, -0.5])


@given(st.lists(st.lists(st.integers(1, 3), min_size=2, max_size=5), min_size=2, max_size=10))
def test_alpha_is_that_of_the_krippendorff_package(votes: list[list[int]]) -> None:
    if len({vote for item in votes for vote in item}) < 2:
        return
    coders = np.full((5, len(votes)), np.nan)
    for place, item in enumerate(votes):
        coders[: len(item), place] = item
    expected = krippendorff.alpha(reliability_data=coders, level_of_measurement="nominal")
    assert agreement(*map(tuple, votes))[1] == pytest.approx(expected)


def test_repeats_are_tabled_by_model_and_mode(analysis: "Analysis") -> None:
    said = {"a": ["Sad", "Sad", "Fear"], "b": ["Sad", "Undecided"], "c": ["Fear"], "d": ["Fear", "Fear"]}
    for item, categories in said.items():
        analysis.item(item, "Sad")
        for repeat, category in enumerate(categories):
            analysis.describe(item, category, repeat=repeat)
        analysis.label(item, "Sad")
        analysis.label(item, None, "unparsed", repeat=1)
    analysis.compare()
    [describe, classify] = analysis.table("repeats")
    counted = [describe[name] for name in ("mode", "n_items", "n_repeated", "n_tied", "n_categories", "n_groups")]
    assert counted == ["describe", "4", "3", "1", "7", "3"]
    assert float(describe["agreement"]) == pytest.approx((1 / 3 + 0 + 1) / 3, abs=1e-6)
    assert (classify["n_items"], classify["n_repeated"], classify["agreement"], classify["alpha"]) == ("4", "0", "", "")


def test_repeats_narrow_no_interval_as_more_items_would(analysis: "Analysis") -> None:
    # 30 items, half of which agree with themselves in all of 6 pairs and half in none: 4 repeats, yet 30 groups
    for item in range(30):
        analysis.item(str(item), "Sad")
        for repeat in range(2):
            analysis.describe(str(item), "Sad" if item % 2 or repeat else "Fear", repeat=repeat)
    analysis.compare()
    [row] = analysis.table("repeats")
    # standard error sqrt(0.25 / 30) = 0.091, times t of 29 degrees 2.045 = 0.187
    assert (row["agreement"], row["n_groups"]) == ("0.5", "30")
    assert [float(row["agreement_low"]), float(row["agreement_high"])] == pytest.approx([0.31, 0.69], abs=0.05)


def test_support_in_37_and_33_percent_of_the_repeats_is_support_in_35_percent(analysis: "Analysis") -> None:
    # Of 100 items both descriptions of 25 support gold, the first alone that of 12 more, the second alone that of 8: by
    # the majority, where ties support nothing, 25%.
    for item in range(100):
        analysis.item(str(item), "Sad")
        supports = (item < 37, item < 25 or 37 <= item < 45)
        for repeat, does in enumerate(supports):
            analysis.describe(str(item), "Sad" if does else "Fear", repeat=repeat)
            analysis.label(str(item), "Sad" if does else "Fear", repeat=repeat)
    analysis.compare()
    [support] = analysis.table("support", evidence="described", support="strict")
    assert (support["n_descriptions"], support["n_supporting"], support["share"]) == ("100", "35", "0.35")
    [describe, classify] = analysis.table("scores", categories="seven")
    assert (describe["accuracy"], classify["accuracy"], classify["n_left_out"]) == ("0.35", "0.35", "0")
    shares = {row["verdict"]: float(row["share_of_scored"] or 0) for row in analysis.table("verdicts", gold="all")}
    # 25 items with four right pairs, 20 with one of each kind, 55 with none
    expected = {"right": 0.3, "lucky": 0.05, "labeling_failure": 0.05, "seeing_failure": 0.6, "unscored": 0}
    assert shares == pytest.approx(expected)
