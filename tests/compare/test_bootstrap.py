"""Resampling of groups: by hand, by numpy item for item, and at the edges."""

import tracemalloc
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, bootstrap, norm, t

from descan.compare.bootstrap import (
    MAX_CACHED,
    FloatMatrix,
    GroupCounts,
    Resampling,
    clear_draws,
    count_groups,
    count_types,
    draw_types,
    gather_types,
    percentile_intervals,
    resample,
    resample_totals,
)
from descan.compare.intervals import divide

MANY = np.array([10**9])
"""So many groups that an interval is not expanded."""


def first_share(totals: FloatMatrix) -> FloatMatrix:
    return divide(totals[:, :1], totals.sum(axis=1, keepdims=True))


def of_items(n_first: int, n_other: int, group_size: int = 1) -> GroupCounts:
    """Return items in two cells; each group holds `group_size` of one of them."""
    cells = np.repeat([0, 1], [n_first * group_size, n_other * group_size])
    return count_groups(np.arange(len(cells)) // group_size, cells, 2)


def test_groups_that_hold_the_same_are_one_type() -> None:
    # groups 7 and 3 hold one of cell 0 and two of cell 2, group 5 two of cell 2, group 9 one of cell 0
    counts = count_groups([7, 7, 7, 3, 3, 5, 9], [0, 2, 2, 2, 0, 2, 0], 3, [1, 1, 1, 2, 1, 2, 1])
    held = {tuple(row): n for row, n in zip(counts.cells.toarray().T, counts.multiplicity, strict=True)}
    assert held == {(1, 0, 2): 2, (0, 0, 2): 1, (1, 0, 0): 1}
    assert counts.n_groups == 4
    assert counts.totals.tolist() == [3, 0, 6]


def test_a_count_of_none_adds_no_cell_but_the_group_stays() -> None:
    counts = count_groups([1, 2], [0, 1], 2, [0, 1])
    assert counts.n_groups == 2
    assert counts.totals.tolist() == [0, 1]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), max_size=40))
def test_types_are_those_of_a_dictionary_of_groups(rows: list[tuple[int, int]]) -> None:
    counts = count_groups([group for group, _ in rows], [cell for _, cell in rows], 4)
    held: dict[int, list[int]] = {}
    for group, cell in rows:
        held.setdefault(group, [0] * 4)[cell] += 1
    expected: dict[tuple[int, ...], int] = {}
    for cells in held.values():
        expected[tuple(cells)] = expected.get(tuple(cells), 0) + 1
    found = zip(counts.cells.toarray().T.tolist(), counts.multiplicity.tolist(), strict=True)
    assert {tuple(cells): n for cells, n in found} == expected


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=60), st.lists(st.integers(0, 9), max_size=3))
def test_groups_counted_in_parts_are_those_counted_at_once(rows: list[tuple[int, int]], cuts: list[int]) -> None:
    whole = count_groups([group for group, _ in rows], [cell for _, cell in rows], 4)
    ends = [0, *sorted(cuts), 10]
    between = [[row for row in rows if start <= row[0] < end] for start, end in pairwise(ends)]
    columns = [np.array([(*row, 1) for row in some], dtype=np.int64).reshape(-1, 3).T for some in between]
    parts = gather_types(sum((count_types(part, 4) for part in columns), Counter()), 4)
    assert parts.cells.toarray().tolist() == whole.cells.toarray().tolist()
    assert parts.multiplicity.tolist() == whole.multiplicity.tolist()


def test_the_names_and_the_order_of_groups_play_no_part() -> None:
    generator = np.random.default_rng(3)
    groups, cells = generator.integers(30, size=200), generator.integers(5, size=200)
    order = generator.permutation(200)
    renamed = (groups * 17 + 5) % 31
    first = resample(count_groups(groups, cells, 5), first_share, Resampling(300))
    second = resample(count_groups(renamed[order], cells[order], 5), first_share, Resampling(300))
    assert (first.low.tolist(), first.high.tolist()) == (second.low.tolist(), second.high.tolist())


@pytest.mark.parametrize("cell", [-1, 2])
def test_a_cell_out_of_range_is_a_mistake_of_the_caller(cell: int) -> None:
    with pytest.raises(ValueError, match="cells must be 0 to 1"):
        count_groups([1], [cell], 2)


@pytest.mark.parametrize("groups", [of_items(400, 600), of_items(4, 6), of_items(4, 6, group_size=3)])
def test_every_resample_has_as_many_groups_as_the_sample(groups: GroupCounts) -> None:
    totals = np.concatenate(list(resample_totals(groups, Resampling(500))))
    assert totals.shape == (500, 2)
    assert set(totals.sum(axis=1)) == {groups.totals.sum()}
    assert totals[:, 0].mean() == pytest.approx(groups.totals[0], rel=0.05)


@pytest.mark.parametrize("group_size", [1, 20])
def test_the_interval_of_a_mean_is_that_of_the_normal_over_groups(group_size: int) -> None:
    # 100 groups of one kind or the other: the standard error of a share of 0.4 is sqrt(0.4 * 0.6 / 100) = 0.049
    # whatever the size of the groups; 1.96 of them are 0.096
    found = resample(of_items(40, 60, group_size), first_share, Resampling(20_000))
    assert found.values[0] == pytest.approx(0.4)
    assert [found.low[0], found.high[0]] == pytest.approx([0.304, 0.496], abs=0.011)


def test_the_interval_is_that_of_scipy_on_the_items() -> None:
    items = np.repeat([1, 0], [30, 70])
    expected = bootstrap((items,), np.mean, method="percentile", n_resamples=9999, random_state=1).confidence_interval
    found = resample(of_items(30, 70), first_share, Resampling(9999))
    assert [found.low[0], found.high[0]] == pytest.approx([expected.low, expected.high], abs=0.011)


def test_a_higher_confidence_gives_a_wider_interval_and_a_seed_the_same_one() -> None:
    groups = of_items(40_000, 60_000)
    usual, wide, again = (
        resample(groups, first_share, Resampling(2000, 4, confidence)) for confidence in (0.95, 0.99, 0.95)
    )
    assert wide.low < usual.low < usual.high < wide.high
    assert (again.low, again.high) == (usual.low, usual.high)
    assert resample(groups, first_share, Resampling(2000, 5)).low != pytest.approx(usual.low, abs=1e-12)


def test_p_counts_the_resamples_at_or_beyond_zero_on_both_sides() -> None:
    # plus 60, minus 40 of 100; a resample is at or below 0 if at most 50 of its 100 are plus
    def difference(totals: FloatMatrix) -> FloatMatrix:
        return divide(totals[:, :1] - totals[:, 1:], totals.sum(axis=1, keepdims=True))

    found = resample(of_items(60, 40), difference, Resampling(40_000))
    assert found.p[0] == pytest.approx(2 * binom.cdf(50, 100, 0.6), abs=0.006)


@pytest.mark.parametrize(
    "groups",
    [of_items(5, 0), of_items(1, 0, group_size=50), count_groups([1, 1], [0, 1], 2)],
    ids=["perfect", "one group of one cell", "one group"],
)
def test_what_no_resample_varies_has_no_interval(groups: GroupCounts) -> None:
    found = resample(groups, first_share, Resampling(200))
    assert found.values[0] > 0
    assert np.isnan([found.low[0], found.high[0], found.p[0]]).all()


def test_a_difference_of_nothing_but_zeros_has_p_1() -> None:
    found = percentile_intervals(np.array([0.0]), np.zeros((50, 1)), 0.95, MANY)
    assert found.p[0] == 1
    assert np.isnan(found.low[0])


def test_an_empty_sample_is_undefined_not_zero() -> None:
    found = resample(count_groups([], [], 2), first_share, Resampling(100))
    assert np.isnan([found.values[0], found.low[0], found.high[0], found.p[0]]).all()


def test_a_statistic_that_is_undefined_in_many_resamples_has_no_interval() -> None:
    # undefined in 4 and in 6 of 100 resamples; more than 5 in 100 is too many
    drawn = np.tile(np.linspace(0, 1, 100)[:, np.newaxis], 2)
    drawn[:4, 0] = np.nan
    drawn[:6, 1] = np.nan
    found = percentile_intervals(np.array([0.5, 0.5]), drawn, 0.9, np.repeat(MANY, 2))
    # the fifth percentile of 4/99 ... 99/99 is (4 + 0.05 * 95) / 99
    assert found.low[0] == pytest.approx(8.75 / 99)
    assert np.isnan(found.low[1])


def test_few_groups_widen_the_interval_as_t_and_their_number_say() -> None:
    # 5 groups, 95%: t = 2.776 with 4 degrees of freedom, sqrt(5/4) * 2.776 = 3.104, Phi(-3.104) = 0.000955
    drawn = np.linspace(0, 1, 100_001)[:, np.newaxis]
    found = percentile_intervals(np.array([0.5]), drawn, 0.95, np.array([5]))
    assert [found.low[0], found.high[0]] == pytest.approx([0.000955, 1 - 0.000955], abs=2e-6)
    assert found.low[0] == pytest.approx(norm.cdf((5 / 4) ** 0.5 * t.ppf(0.025, 4)), abs=1e-5)


def test_draws_by_type_and_one_by_one_have_the_same_spread() -> None:
    # 1,000 groups in 2 types are drawn by type; told apart by a third cell with different counts, one by one
    by_type = resample(of_items(300, 700), first_share, Resampling(4000))
    apart = count_groups(
        np.tile(np.arange(1000), 2), [*[0] * 300, *[1] * 700, *[2] * 1000], 3, [*[1] * 1000, *range(1, 1001)]
    )
    one_by_one = resample(apart, lambda totals: first_share(totals[:, :2]), Resampling(4000))
    assert [one_by_one.low[0], one_by_one.high[0]] == pytest.approx([by_type.low[0], by_type.high[0]], abs=0.004)


def test_draws_that_are_kept_have_a_bound_however_many_numbers_of_groups_there_are() -> None:
    clear_draws()
    tracemalloc.start()
    for n_groups in range(20_000, 20_007):
        next(draw_types(np.array([1, n_groups - 1]), 1_000, 0))
    assert tracemalloc.get_traced_memory()[0] < 2 * MAX_CACHED + 5_000_000  # Two bytes each; all would be 280 MB.
    tracemalloc.stop()
    clear_draws()


def test_draws_are_the_same_when_made_again() -> None:
    first = next(draw_types(np.array([2, 3]), 100, 0))
    clear_draws()
    assert (next(draw_types(np.array([2, 3]), 100, 0)) == first).all()


def test_merged_groups_that_hold_the_same_are_one_type() -> None:
    # Three groups of two items in four cells, which fall together in pairs: (1, 1), (1, 1) and (2, 0).
    groups = count_groups(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 2, 1, 3, 0, 1]), 4)
    merged = groups.combine(np.array([[1.0, 1, 0, 0], [0, 0, 1, 1]])).merge()
    assert merged.cells.toarray().tolist() == [[1, 2], [1, 0]]
    assert merged.multiplicity.tolist() == [2, 1]
    assert (merged.n_groups, merged.totals.tolist()) == (3, [4, 2])
