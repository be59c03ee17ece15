"""The mixed logistic model: its likelihood, its intervals, its table."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from descan.compare import CompareOptions
from descan.compare.mixed_model import MAX_ITEMS, MixedModel, Patterns, _Likelihood, fit_mixed_model
from tests.compare.conftest import Analysis

LOG_ODDS = np.array([0.2, -0.3, 0.6, 0.4])
SD_GROUP, SD_ITEM = 0.8, 1.2


def count_patterns(right: NDArray[np.int64], groups: NDArray[np.int64]) -> Patterns:
    patterns, places = np.unique(right, axis=0, return_inverse=True)
    of_groups = np.zeros((len(patterns), groups.max() + 1))
    np.add.at(of_groups, (places.ravel(), groups), 1)
    return Patterns(patterns.astype(float), np.ones(patterns.shape), of_groups, np.ones(of_groups.shape[1]))


def draw(seed: int, n_groups: int, size: int) -> Patterns:
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), size)
    difficulty = SD_GROUP * rng.normal(size=n_groups)[groups] + SD_ITEM * rng.normal(size=len(groups))
    p = special.expit(LOG_ODDS + difficulty[:, np.newaxis])
    return count_patterns((rng.random(p.shape) < p).astype(int), groups)


def test_the_likelihood_is_the_integral_over_group_and_items() -> None:
    # One group of two items, two sides: (1, 0) and (1, 1).
    patterns = count_patterns(np.array([[1, 0], [1, 1]]), np.array([0, 0]))
    b, sd_group, sd_item = np.array([0.5, -0.5]), 0.7, 1.3

    z, shares = np.polynomial.hermite_e.hermegauss(80)
    shares = shares / shares.sum()
    p = special.expit(b + sd_group * z[:, np.newaxis, np.newaxis] + sd_item * z[:, np.newaxis])  # Group, item, side.
    given_group = [np.prod(np.where(right, p, 1 - p), axis=2) @ shares for right in ((1, 0), (1, 1))]
    exact = np.prod(given_group, axis=0) @ shares
    likelihood = _Likelihood(patterns, has_group_effect=True, has_item_effect=True)
    found, gradient = likelihood.minus_log(np.array([*b, sd_group, sd_item]))
    assert found == pytest.approx(-np.log(exact), abs=1e-6)
    for place in range(4):
        step = 1e-5 * np.eye(4)[place]
        ends = [likelihood.minus_log(np.array([*b, sd_group, sd_item]) + sign * step)[0] for sign in (1, -1)]
        assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-5)


def test_a_large_study_gives_the_truth() -> None:
    fitted = fit_mixed_model(draw(1, 1000, 5))
    assert fitted.parameters == pytest.approx([*LOG_ODDS, SD_GROUP, SD_ITEM], abs=0.15)


def test_without_variation_it_is_the_odds_ratio_of_the_counts() -> None:
    # 60 of 100 and 40 of 100, items that were asked once each: (60 / 40) / (40 / 60) = 2.25.
    right = np.array([[1, 0], [0, 0], [0, 1], [0, 0]])
    n = np.array([[1, 0], [1, 0], [0, 1], [0, 1]])
    fitted = fit_mixed_model(Patterns(right.astype(float), n.astype(float), np.eye(4), np.array([60.0, 40, 40, 60])))
    effect, difference = fitted.odds_ratio(np.array([1.0, -1.0]), 0.95), fitted.difference(np.array([1.0, -1.0]), 0.95)
    assert effect.value == pytest.approx(2.25, abs=0.01)
    assert difference.value == pytest.approx(0.2, abs=0.001)
    # The standard error of two independent shares: sqrt(2 * 0.24 / 100) = 0.0693, times t = 1.972.
    assert difference.high - difference.value == pytest.approx(1.972 * 0.0693, abs=0.002)
    assert (fitted.sd_group, fitted.sd_item) == (0, 0)


def test_few_groups_have_no_interval() -> None:
    effect = MixedModel(np.array([0.5, 0.0, 1.0, 1.0]), np.eye(4), 9).odds_ratio(np.array([1.0, -1.0]), 0.95)
    assert effect.value == pytest.approx(np.exp(0.5))
    assert np.isnan([effect.low, effect.high]).all()


@pytest.mark.slow
def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    z = np.linspace(-6, 6, 201)
    shares = stats.norm.pdf(z) / stats.norm.pdf(z).sum()
    p = special.expit(LOG_ODDS[:, np.newaxis] + np.hypot(SD_GROUP, SD_ITEM) * z) @ shares
    pairs = np.array([[1.0, -1, 0, 0], [0, 0, 1, -1], [1, 0, -1, 0], [1, -1, -1, 1]])
    covered = []
    for seed in range(40):
        fitted = fit_mixed_model(draw(seed, 40, 5))
        for weights in pairs:
            ratio, difference = fitted.odds_ratio(weights, 0.95), fitted.difference(weights, 0.95)
            covered.append(
                (ratio.low < np.exp(weights @ LOG_ODDS) < ratio.high, difference.low < weights @ p < difference.high)
            )
    # 160 intervals of each kind, four of a study not independent: a standard error of about 0.025.
    assert np.mean(covered, axis=0) == pytest.approx([0.95, 0.95], abs=0.06)


def write_study(analysis: Analysis, n_groups: int) -> None:
    rng = np.random.default_rng(2)
    for place in range(2 * n_groups):
        name = f"i{place}"
        analysis.item(name, "Sad", f"group {place // 2}")
        for model, share in (("a", 0.7), ("b", 0.5)):
            analysis.describe(name, "Sad" if rng.random() < share else "Fear", model=model)
            for repeat in range(2):
                analysis.label(name, "Sad" if rng.random() < share else "Fear", model=model, repeat=repeat)
        analysis.label(name, "Sad", model="always")


def test_the_table_has_pairs_and_interactions(analysis: Analysis) -> None:
    write_study(analysis, 40)
    analysis.compare(CompareOptions(n_resamples=100, mixed_model=True))
    rows = analysis.table("mixed_model")
    assert [tuple(row.values())[:5] for row in rows] == [
        ("models", "a", "describe", "b", "describe"),
        ("models", "a", "classify", "b", "classify"),
        ("modes", "a", "describe", "a", "classify"),
        ("modes", "b", "describe", "b", "classify"),
        ("interaction", "a", "describe - classify", "b", "describe - classify"),
    ]
    for row in rows:
        assert float(row["odds_ratio_low"]) < float(row["odds_ratio"]) < float(row["odds_ratio_high"])
        assert float(row["difference_low"]) < float(row["difference"]) < float(row["difference_high"])
        # 80 items, each with a description and two labels by two models.
        assert (row["n_items"], row["n_groups"], row["n_answers"]) == ("80", "40", "480")


def test_of_many_items_whole_groups_are_drawn(analysis: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_ITEMS == 5000
    monkeypatch.setattr("descan.compare.mixed_model.MAX_ITEMS", 30)
    write_study(analysis, 40)
    analysis.compare(CompareOptions(n_resamples=100, mixed_model=True))
    assert {(row["n_items"], row["n_groups"]) for row in analysis.table("mixed_model")} == {("30", "15")}


def test_without_the_option_there_is_no_table(analysis: Analysis) -> None:
    write_study(analysis, 10)
    analysis.compare(CompareOptions(n_resamples=100))
    assert not (analysis.folder / "tables" / "mixed_model.csv").exists()


def test_one_side_has_nothing_to_compare(analysis: Analysis) -> None:
    for place in range(12):
        analysis.item(f"i{place}", "Sad")
        analysis.label(f"i{place}", "Sad" if place % 2 else "Fear")
    analysis.compare(CompareOptions(n_resamples=100, mixed_model=True))
    assert analysis.table("mixed_model") == []
