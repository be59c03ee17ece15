"""Intervals of plain shares: by hand, by statsmodels, and by what groups know."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from descan.compare.bootstrap import Resampling, count_groups, resample
from descan.compare.intervals import divide, share_intervals, wilson

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

ABOVE, BELOW = [[1, 0]], [[1, 1]]


def test_wilson_matches_a_value_worked_by_hand() -> None:
    # 2 of 10, z^2 = 3.8415: centre (0.2 + 3.8415/20) / 1.38415 = 0.28327,
    # half width sqrt(3.8415) * sqrt(0.2*0.8/10 + 3.8415/400) / 1.38415 = 1.95996 * 0.16002 / 1.38415 = 0.22659
    low, high = wilson(np.array([0.2]), [10], 0.95)
    assert [low[0], high[0]] == pytest.approx([0.05668, 0.50986], abs=1e-4)


def test_wilson_of_no_items_is_undefined() -> None:
    low, high = wilson(np.array([np.nan]), [0], 0.95)
    assert np.isnan([low[0], high[0]]).all()


@pytest.mark.parametrize(("n_hits", "n"), [(0, 7), (3, 7), (7, 7)])
def test_independent_items_have_the_interval_of_statsmodels(n_hits: int, n: int) -> None:
    groups = count_groups(range(n), [0] * n_hits + [1] * (n - n_hits), 2)
    [found] = share_intervals([groups], ABOVE, BELOW, 0.9)
    expected = proportion_confint(n_hits, n, alpha=0.1, method="wilson")
    assert [found.low[0], found.high[0]] == pytest.approx(expected)
    assert (found.methods.tolist(), found.n_groups.tolist()) == (["wilson"], [n])


def test_items_of_groups_have_the_interval_of_as_many_independent_items_as_tell_the_same() -> None:
    # Groups of 2 items with 2, 1, 1 and 0 hits: 4 of 8, squares of h - 0.5 n: 1 + 0 + 0 + 1 = 2, so that the variance
    # is 4/3 * 2 / 8^2 = 1/24, and 0.5 * 0.5 * 24 = 6 independent items would have it. The normal quantile is 1.95996
    # and Student's with 3 degrees of freedom 3.18245: 6 * (1.95996 / 3.18245)^2 = 2.27574.
    [found] = share_intervals([count_groups([1, 1, 2, 2, 3, 3, 4, 4], [0, 0, 0, 1, 0, 1, 1, 1], 2)], ABOVE, BELOW, 0.95)
    expected = proportion_confint(2.27574 / 2, 2.27574, method="wilson")
    assert [found.low[0], found.high[0]] == pytest.approx(expected, abs=1e-5)
    assert (found.methods.tolist(), found.n_groups.tolist()) == (["wilson_groups"], [4])


def test_items_that_are_alike_in_their_group_count_as_one() -> None:
    # 40 clips of 10 frames, all frames of a clip alike: 400 items know no more than 40.
    [found] = share_intervals([count_groups(np.repeat(range(40), 10), [0] * 160 + [1] * 240, 2)], ABOVE, BELOW, 0.95)
    clips = proportion_confint(16, 40, method="wilson")
    assert found.high[0] - found.low[0] == pytest.approx(clips[1] - clips[0], rel=0.05)


def test_items_that_are_less_alike_than_strangers_count_as_no_more_than_they_are() -> None:
    # Each of 100 groups has one item of each kind, but for the first two: nearly no scatter among groups.
    cells = [0, 0, 1, 1, *[0, 1] * 98]
    [found] = share_intervals([count_groups(np.repeat(range(100), 2), cells, 2)], ABOVE, BELOW, 0.95)
    independent = proportion_confint(100, 200, method="wilson")
    assert found.high[0] - found.low[0] == pytest.approx(independent[1] - independent[0], rel=0.02)


def test_many_groups_have_the_interval_of_the_bootstrap() -> None:
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 20, 500)
    hits = rng.binomial(sizes, rng.beta(2, 3, 500))
    cells = [cell for size, hit in zip(sizes, hits, strict=True) for cell in [0] * hit + [1] * (size - hit)]
    groups = count_groups(np.repeat(range(500), sizes), cells, 2)
    [found] = share_intervals([groups], ABOVE, BELOW, 0.95)
    drawn = resample(groups, lambda totals: divide(totals[:, :1], totals.sum(axis=1, keepdims=True)), Resampling())
    assert [found.low[0], found.high[0]] == pytest.approx([drawn.low[0], drawn.high[0]], abs=0.002)


@pytest.mark.parametrize("groups", [[1] * 6, [1, 1, 2, 2, 2, 2]])
def test_groups_with_the_same_share_count_as_one_item_each(groups: list[int]) -> None:
    [found] = share_intervals([count_groups(groups, [0, 1, 0, 1, 0, 1], 2)], ABOVE, BELOW, 0.95)
    n_groups = len(set(groups))
    expected = proportion_confint(n_groups / 2, n_groups, method="wilson")
    assert [found.low[0], found.high[0]] == pytest.approx(expected)


@pytest.mark.parametrize(("cell", "share"), [(0, 1.0), (1, 0.0)])
def test_a_share_of_none_or_all_in_groups_counts_the_groups(cell: int, share: float) -> None:
    [found] = share_intervals([count_groups([1, 1, 2, 2, 3, 3], [cell] * 6, 2)], ABOVE, BELOW, 0.95)
    assert found.values[0] == share
    assert [found.low[0], found.high[0]] == pytest.approx(proportion_confint(3 * share, 3, method="wilson"))
    assert found.methods == ["wilson_groups"]


def test_samples_and_shares_do_not_hang_on_each_other() -> None:
    generator = np.random.default_rng(5)
    samples = [count_groups(generator.integers(9, size=n), generator.integers(4, size=n), 4) for n in (40, 0, 7)]
    above, below = np.eye(4), np.array([[1, 1, 0, 0], [0, 0, 1, 1]])
    for sample, together in zip(samples, share_intervals(samples, above, below, 0.95), strict=True):
        for place, row in enumerate(together.rows()):
            [alone] = share_intervals([sample], above[[place]], below[[place // 2]], 0.95)
            [expected] = alone.rows()
            assert row == pytest.approx(expected, nan_ok=True) if not row[5] else row == expected
    assert share_intervals([], above, below, 0.95) == []


def test_a_share_of_nothing_is_undefined() -> None:
    [found] = share_intervals([count_groups([1, 1], [0, 0], 3)], [[0, 1, 0]], [[0, 1, 1]], 0.95)
    assert np.isnan([found.values[0], found.low[0], found.high[0]]).all()
    assert found.methods == [""]


def test_verdict_shares_of_grouped_items_count_groups(analysis: "Analysis") -> None:
    for clip in range(12):
        for frame in range(5):
            item = f"{clip}-{frame}"
            analysis.item(item, "Sad", group=f"clip {clip}")
            analysis.describe(item, "Sad" if clip % 2 else "Fear")
            analysis.label(item, "Sad")
            analysis.mention(item, "action", "smile")
    analysis.compare()
    [right] = analysis.table("verdicts", gold="all", verdict="right")
    # 6 of 12 clips are right: standard error sqrt(0.25 / 12) = 0.144, 1.96 of them 0.283
    assert (right["share_of_scored"], right["interval"], right["n_groups"]) == ("0.5", "wilson_groups", "12")
    assert [float(right["share_low"]), float(right["share_high"])] == pytest.approx([0.22, 0.78], abs=0.04)
    [wrong] = analysis.table("verdicts", gold="all", verdict="seeing_failure")
    assert (wrong["share_of_scored"], wrong["share_low"], wrong["interval"]) == ("0.0", "0.0", "wilson_groups")
    assert {row["interval"] for row in analysis.table("actions")} == {"wilson_groups"}
    [unscored] = analysis.table("verdicts", gold="all", verdict="unscored")
    assert (unscored["share_low"], unscored["interval"], unscored["chance_share"]) == ("", "", "")


def test_repeats_of_an_item_are_one_group(analysis: "Analysis") -> None:
    for item in range(12):
        analysis.item(str(item), "Sad")
        for repeat in range(4):
            analysis.describe(str(item), "Sad", repeat=repeat)
            if item % 2:
                analysis.mention(str(item), "action", "smile", repeat=repeat)
    analysis.compare()
    [row] = analysis.table("actions")
    assert (row["share"], row["n_descriptions"], row["interval"], row["n_groups"]) == (
        "0.5",
        "48",
        "wilson_groups",
        "12",
    )
    assert float(row["share_high"]) - float(row["share_low"]) > 0.4  # of 48 independent items it would be 0.27


def test_every_action_table_has_the_interval_of_its_own_share(analysis: "Analysis") -> None:
    for item, gold in [("a", "Sad"), ("b", "Sad"), ("c", "Fear"), ("d", None)]:
        analysis.item(item, gold)
        analysis.describe(item, "Sad")
    analysis.mention("a", "action", "smile")
    analysis.mention("c", "action", "smile")
    analysis.mention("d", "emotion", "joy", category="Happy")
    analysis.compare()
    for table, n_hits, n in [
        ("actions", 2, 4),
        ("regions", 2, 4),
        ("actions_by_gold", 1, 1),
        ("regions_by_gold", 1, 1),
    ]:
        row = analysis.table(table)[0]
        if "gold" in row:
            row = analysis.table(table, gold="Fear")[0]
        expected = proportion_confint(n_hits, n, method="wilson")
        assert [float(row["share_low"]), float(row["share_high"])] == pytest.approx(expected, abs=1e-6)
    [happy] = analysis.table("categories", category="Happy")
    [fear] = analysis.table("categories", category="Fear")
    assert float(happy["share_high"]) == pytest.approx(proportion_confint(1, 4, method="wilson")[1], abs=1e-6)
    assert (fear["share"], fear["share_low"], fear["n_groups"]) == ("0.0", "0.0", "4")


def test_a_share_has_one_interval_in_every_table(analysis: "Analysis") -> None:
    for place in range(60):
        item, gold = str(place), ("Sad", "Fear")[place % 5 < 2]
        analysis.item(item, gold, group=str(place // 4))
        analysis.describe(item, ("Sad", "Fear", "Happy")[place % 3])
        analysis.label(item, ("Sad", "Fear", "Neutral")[place % 7 % 3])
    analysis.compare()
    tables = ("verdicts", "verdicts_strict", "misreading_verdicts", "verdicts_uncontested", "sensitivity")
    found: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for row in [row for table in tables for row in analysis.table(table)]:
        if row["verdict"] != "unscored" and row.get("rule", "strict") == "strict":
            interval = tuple(
                row[name] for name in ("share_of_scored", "share_low", "share_high", "interval", "n_groups")
            )
            found.setdefault((row["gold"], row["verdict"]), set()).add(interval)
    assert [len(intervals) for intervals in found.values()] == [1] * 32
    assert {interval[3] for [interval] in found.values()} == {"wilson_groups", ""}
    [support] = analysis.table("support", evidence="described", support="strict")
    [scores] = analysis.table("scores", mode="describe", categories="seven")
    names = ("share_low", "share_high"), ("accuracy_all_low", "accuracy_all_high")
    assert [support[name] for name in names[0]] == [scores[name] for name in names[1]]


def test_the_interval_of_a_share_does_not_hang_on_items_outside_its_denominator() -> None:
    units, cells = np.repeat(range(20), 3), np.tile([0, 1, 1, 0, 0, 1], 10)
    others = [*units, *range(40)], [*cells, *[2, 3] * 20]
    samples = [count_groups(units, cells, 4), count_groups(*others, 4)]
    alone, beside = share_intervals(samples, [[1, 0, 0, 0]], [[1, 1, 0, 0]], 0.95)
    assert (alone.low, alone.high, alone.methods.tolist()) == (beside.low, beside.high, ["wilson_groups"])
    assert beside.n_groups.tolist() == [20]
