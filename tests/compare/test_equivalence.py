"""Equivalence: two sides are called equal only where the interval of their difference lies within the margin."""

import numpy as np
import pytest

from descan.compare import families
from descan.compare.bootstrap import FloatMatrix, GroupCounts, Resampling, count_groups, resample
from descan.compare.compare_options import CompareOptions
from tests.compare.conftest import Analysis

MORE = np.array([1.0, -1.0, 0.0])
"""What an item adds to the difference: only a is right, only b is, or both or neither."""


def _difference(totals: FloatMatrix) -> FloatMatrix:
    difference: FloatMatrix = ((totals @ MORE) / totals.sum(axis=1))[:, np.newaxis]
    return difference


def _decide(*samples: GroupCounts, margin: float = 0.05, n_resamples: int = 1000) -> list[families.Decision]:
    resampling = Resampling(n_resamples)
    found = [(sample, resample(sample, _difference, resampling, len(samples))) for sample in samples]
    tests = [families.test_difference(sample, intervals, 0, MORE, "f") for sample, intervals in found]
    return families.decide(tests, margin)


def _items(n_a_only: int, n_b_only: int, n_others: int, group_size: int = 1) -> GroupCounts:
    cells = np.repeat([0, 1, 2], [n_a_only, n_b_only, n_others])
    return count_groups(np.arange(len(cells)) // group_size, cells, 3)


@pytest.mark.parametrize(
    ("sample", "decision"),
    [
        (_items(50, 50, 1900), "equal"),  # 0 points, standard error 0.5
        (_items(100, 50, 1850), "differs within margin"),  # 2.5 points, standard error 0.6
        (_items(500, 100, 1400), "differs"),  # 20 points
        (_items(10, 10, 80), "cannot tell"),  # 0 points, standard error 4.5
        (_items(1, 1, 7), "cannot tell"),  # fewer than ten
    ],
)
def test_decisions_follow_from_the_difference_and_its_certainty(sample: GroupCounts, decision: str) -> None:
    [found] = _decide(sample)
    assert found.decision == decision


def test_equal_sides_need_no_test_that_could_find_a_difference() -> None:
    [found] = _decide(_items(1, 1, 998))
    assert (found.not_in_family, found.decision) == ("could not reject", "equal")


def test_where_no_item_differs_the_number_of_groups_decides() -> None:
    # 1 - 0.05 ** (1 / n) is 4.9 points for 60 groups and 9.5 for 30.
    [sixty], [thirty] = _decide(_items(0, 0, 60)), _decide(_items(0, 0, 30))
    assert (sixty.decision, thirty.decision) == ("equal", "cannot tell")
    assert [sixty.equivalence_low, sixty.equivalence_high] == pytest.approx([-0.0487, 0.0487], abs=1e-4)
    [grouped] = _decide(_items(0, 0, 60, group_size=2))
    assert grouped.equivalence_high == thirty.equivalence_high


def test_the_interval_is_the_wider_the_more_tests_share_the_error() -> None:
    sample = _items(50, 50, 900)
    [alone], together = _decide(sample), _decide(sample, sample, sample)
    assert alone.equivalence_high < together[0].equivalence_high
    # Alone it is the 90% interval, 1.64 standard errors of sqrt(0.1 / 1000).
    assert alone.equivalence_high == pytest.approx(0.0164, abs=0.002)


def test_the_margin_is_an_option_and_the_tables_have_the_decision(analysis: Analysis) -> None:
    for number in range(40):
        analysis.item(str(number), "Sad")
        for model in ("m1", "m2"):
            analysis.label(str(number), "Sad", model=model)
    analysis.compare(CompareOptions(n_resamples=500, margin=0.1))
    for table in ("tests", "differences"):
        assert analysis.table(table)[0]["decision"] == "equal"  # 1 - 0.05 ** (1 / 40) = 7.2 points
    analysis.compare(CompareOptions(n_resamples=500))
    assert analysis.table("tests")[0]["decision"] == "cannot tell"


@pytest.mark.slow
@pytest.mark.parametrize("group_size", [1, 10])
def test_a_difference_of_the_margin_is_rarely_called_equal(group_size: int) -> None:
    # a is right on 5% more of the items than b: any "equal" is an error, which each family may make in 5% of studies.
    n_studies, n_groups, n_tests = 200, 1000 // group_size, 3
    generator = np.random.default_rng(5)
    n_wrong = n_not_significant = 0
    for _ in range(n_studies):
        samples = []
        for _ in range(n_tests):
            kinds = np.repeat(generator.choice(3, n_groups, p=[0.1, 0.05, 0.85]), group_size)
            own = generator.choice(3, len(kinds), p=[0.1, 0.05, 0.85])
            cells = np.where(generator.random(len(kinds)) < 0.5, kinds, own)
            samples.append(count_groups(np.arange(len(cells)) // group_size, cells, 3))
        found = _decide(*samples)
        n_wrong += any(one.decision in ("equal", "differs within margin") for one in found)
        n_not_significant += any(one.p >= 0.05 for one in found)
    # Five of a hundred, and twice the error of so many studies.
    assert n_wrong <= (0.05 + 2 * np.sqrt(0.05 * 0.95 / n_studies)) * n_studies
    if group_size > 1:  # To call "equal" what is not significant would err far more often.
        assert n_not_significant > 3 * n_wrong
