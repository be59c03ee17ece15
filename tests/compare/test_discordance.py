"""Disagreement of descriptions and labels, beside that of answers of one kind."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from descan.compare.bootstrap import Resampling, count_groups
from descan.compare.discordance import excess_intervals, sums_of_patterns
from descan.lexicon import load_category_set

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

BASIC7 = load_category_set()


def ask(analysis: "Analysis", item: str, described: str, labelled: str) -> None:
    """Add an item of gold Sad with a repeat for each letter: s supports Sad, any other does not."""
    analysis.item(item, "Sad")
    for repeat, letter in enumerate(described):
        analysis.describe(item, "Sad" if letter == "s" else "Fear", repeat=repeat)
    for repeat, letter in enumerate(labelled):
        analysis.label(item, "Sad" if letter == "s" else "Fear", repeat=repeat)


def test_discordance_and_excess_match_values_worked_by_hand(analysis: "Analysis") -> None:
    ask(analysis, "a", "ssf", "sff")
    ask(analysis, "b", "ss", "ff")
    ask(analysis, "c", "s", "sf")
    analysis.compare()
    [row] = analysis.table("discordance", gold="all")
    texts = ("model", "gold", "test", "family", "not_in_family", "decision")
    found = {name: float(value or np.nan) for name, value in row.items() if name not in texts}
    # a: of 9 pairs only the description is right in 2 * 2, only the label in 1 * 1; b: in 4 of 4 and 0; c: in 1 of 2
    # and 0
    assert found["description_only"] == pytest.approx((4 / 9 + 1 + 1 / 2) / 3, abs=1e-6)
    assert found["label_only"] == pytest.approx((1 / 9 + 0 + 0) / 3, abs=1e-6)
    assert found["between"] == pytest.approx((5 / 9 + 1 + 1 / 2) / 3, abs=1e-6)
    assert (found["n_items"], found["n_repeated"]) == (3, 2)
    # two descriptions of a differ in 2 of 3 pairs, and two labels, too; those of b never; c has one description
    assert (found["within_descriptions"], found["within_labels"]) == pytest.approx((1 / 3, 1 / 3), abs=1e-6)
    assert found["excess"] == pytest.approx((5 / 9 + 1) / 2 - 1 / 3, abs=1e-6)
    assert found["excess_least"] == pytest.approx(found["difference"] ** 2, abs=1e-5)
    assert found["excess_most"] == found["between"]


def test_without_repeats_the_excess_is_bounded(analysis: "Analysis") -> None:
    for number in range(100):
        ask(analysis, str(number), "s" if number < 60 else "f", "s" if number < 10 or number >= 95 else "f")
    analysis.compare()
    [row] = analysis.table("discordance", gold="all")
    values = {name: float(row[name] or np.nan) for name in row if name.startswith(("excess", "between", "difference"))}
    # only the description is right in 50 items, only the label in 5
    assert (values["between"], values["difference"], row["n_repeated"]) == (0.55, 0.45, "0")
    assert np.isnan(values["excess"])
    assert (values["excess_least"], values["excess_most"]) == (0.2025, 0.55)
    assert values["excess_low"] == pytest.approx(values["difference_low"] ** 2, abs=1e-5)
    assert values["excess_high"] == values["between_high"]
    assert row["not_in_family"] == "nothing to test"


def test_a_difference_that_may_be_none_leaves_all_to_unsteadiness(analysis: "Analysis") -> None:
    for number in range(40):
        ask(analysis, str(number), "s" if number < 20 else "f", "s" if 10 <= number < 31 else "f")
    analysis.compare()
    [row] = analysis.table("discordance", gold="all")
    assert (row["difference"], row["excess_low"]) == ("-0.025", "0.0")


def test_each_gold_category_has_a_row_and_only_all_together_a_test(analysis: "Analysis") -> None:
    for number in range(40):
        gold = "Sad" if number < 25 else "Fear"
        analysis.item(str(number), gold)
        for model in "ab":
            for repeat in range(2):
                analysis.describe(str(number), gold if (number + repeat) % 2 else "Happy", model=model, repeat=repeat)
                analysis.label(str(number), gold if (number + repeat) % 3 else "Happy", model=model, repeat=repeat)
    analysis.compare()
    rows = analysis.table("discordance", model="a")
    assert [(row["gold"], row["n_items"], row["n_groups"]) for row in rows] == [
        *(("all", "40", "40"), ("Fear", "15", "15"), ("Sad", "25", "25")),
    ]
    assert [(bool(row["p"]), row["family_size"]) for row in rows] == [(True, "2"), (False, ""), (False, "")]
    weighted = sum(float(row["excess"]) * int(row["n_items"]) for row in rows[1:]) / 40
    assert float(rows[0]["excess"]) == pytest.approx(weighted, abs=1e-5)


@pytest.mark.parametrize(("spread", "gap"), [(0.0, 0.0), (0.25, 0.0), (0.25, 0.2)])
def test_the_interval_of_the_excess_holds_the_mean_squared_difference_of_abilities(spread: float, gap: float) -> None:
    # 200 studies of 120 items, asked 2 to 3 times. Both abilities of half of the items differ by 2 * gap.
    rng = np.random.default_rng(3)
    n_studies, n_items = 200, 120
    patterns = [("Sad", m, k, n, right) for m in (2, 3) for k in range(m + 1) for n in (2, 3) for right in range(n + 1)]
    place = {pattern: number for number, pattern in enumerate(patterns)}
    sums = sums_of_patterns(patterns, BASIC7)
    n_covered, estimates, n_found = 0, [], 0
    for _ in range(n_studies):
        ability = 0.5 + spread * rng.choice([-1, 1], n_items)
        p, q = (np.clip(ability + sign * gap * rng.choice([-1, 1], n_items), 0, 1) for sign in (1, -1))
        sizes = rng.integers(2, 4, (2, n_items))
        k, right = rng.binomial(sizes[0], p), rng.binomial(sizes[1], q)
        cells = [place["Sad", *row] for row in zip(sizes[0], k, sizes[1], right, strict=True)]
        groups = count_groups(np.arange(n_items), cells, len(patterns)).combine(sums)
        found = excess_intervals(groups, np.full(16, n_items), Resampling(400), 1)
        truth = 2 * gap**2
        n_covered += bool(found.low[0] <= truth <= found.high[0])
        n_found += bool(found.p[0] < 0.05)
        estimates.append(found.values[0] - truth)
    assert 0.91 <= n_covered / n_studies <= 0.985
    assert abs(np.mean(estimates)) < 3.5 * np.std(estimates) / np.sqrt(n_studies)
    assert n_found / n_studies <= 0.09 if gap == 0 else n_found / n_studies > 0.5
