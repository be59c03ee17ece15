"""Simulated studies before there is one: the power that they find, and what a pilot says."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from descan.compare import CompareOptions
from descan.compare.paired import Side
from descan.compare.power import Goal, Guesses, Search, detect, find_items, narrow, read_pilot
from descan.compare.power.curves import simulate
from descan.compare.power.studies import draw_studies
from descan.errors import InputError, OptionError
from descan.significance import worst_detectable_difference, worst_half_width
from tests.compare.conftest import Analysis

FEW = Search(n_studies=200)
MANY = Search(n_studies=2000)


def test_power_is_that_of_the_exact_test_where_items_are_independent() -> None:
    n, guesses = 200, Guesses(accuracy=0.6, discordance=0.3)
    # 0.2 of the items only a has right, 0.1 only b. Over all numbers of discordant items and of those that a has right.
    k, x = np.indices((n + 1, n + 1))
    is_found = 2 * stats.binom.cdf(np.minimum(x, k - x), k, 0.5) < 0.05
    exact = np.sum(stats.binom.pmf(k, n, 0.3) * stats.binom.pmf(x, k, 2 / 3) * is_found, where=x <= k)
    found = simulate(Goal.DIFFERENCE, 0.1, guesses, n, MANY)
    assert found.power == pytest.approx(exact, abs=0.03)  # Three Monte Carlo errors.
    assert found.power_low < exact < found.power_high


def test_the_half_width_is_reached_as_often_as_wilsons_interval_has_it() -> None:
    n = 120
    x = np.arange(n + 1)
    ends = [stats.binomtest(k, n).proportion_ci(method="wilson") for k in x]
    widths = np.array([(end.high - end.low) / 2 for end in ends])
    exact = stats.binom.pmf(x, n, 0.75) @ (widths <= 0.076)
    assert 0.2 < exact < 0.8
    assert simulate(Goal.HALF_WIDTH, 0.076, Guesses(accuracy=0.75), n, MANY).power == pytest.approx(exact, abs=0.035)


def test_a_test_that_is_one_of_many_finds_less() -> None:
    guesses = Guesses(accuracy=0.6)
    alone, of_six = (simulate(Goal.DIFFERENCE, 0.1, guesses, 400, Search(n_tests=n)) for n in (1, 6))
    assert of_six.power < alone.power - 0.1


def test_without_a_difference_the_test_finds_one_in_at_most_one_of_twenty_studies() -> None:
    guesses = Guesses(accuracy=0.6, group_size=10, icc=0.4)
    assert simulate(Goal.DIFFERENCE, 0.0, guesses, 40, MANY).power <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_items_of_a_group_and_repeats_correlate_as_guessed() -> None:
    guesses = Guesses(group_size=2, icc=0.3, repeats=2, repeat_correlation=0.6)
    [studies] = draw_studies(np.array([0.7, 0.3]), guesses, 100_000, 1, 0)
    right = (studies[0] == 0).astype(float)
    assert right.mean() == pytest.approx(0.7, abs=0.005)
    assert np.corrcoef(right[:, 0, 0], right[:, 1, 1])[0, 1] == pytest.approx(0.3, abs=0.015)
    assert np.corrcoef(right[:, 0, 0], right[:, 0, 1])[0, 1] == pytest.approx(0.6, abs=0.015)


def test_the_smallest_study_is_enough_and_a_smaller_one_is_not() -> None:
    curve = find_items(Goal.DIFFERENCE, 0.1, Guesses(accuracy=0.6, group_size=5, icc=0.2), FEW)
    assert curve.smallest is not None
    assert curve.smallest in curve.points
    assert curve.smallest.power >= 0.8
    assert curve.points[0].power < 0.5
    assert [point.n_items for point in curve.points] == sorted(point.n_items for point in curve.points)
    assert curve.points[-1].n_items == 5 * curve.points[-1].n_groups


@pytest.mark.slow
def test_alike_items_and_missing_answers_need_more_items_and_repeats_fewer() -> None:
    def smallest(**changed: float) -> int:
        found = find_items(Goal.HALF_WIDTH, 0.05, Guesses(accuracy=0.6, **changed), FEW).smallest  # type: ignore[arg-type]
        assert found is not None
        return found.n_items

    plain = smallest()
    # Independent answers: about 0.6 * 0.4 * (1.96 / 0.05)².
    assert plain == pytest.approx(0.24 * (1.96 / 0.05) ** 2, rel=0.06)
    # The design effect of groups of five is 1 + 4 * 0.25 = 2 (Kish 1965), and a little more for Student's t.
    assert smallest(group_size=5, icc=0.25) == pytest.approx(2 * plain, rel=0.15)
    assert smallest(missing=0.2) == pytest.approx(plain / 0.8, rel=0.06)
    # The mean of three repeats that correlate by 0.4 varies as (1 + 2 * 0.4) / 3 = 0.6 of one answer.
    assert smallest(repeats=3, repeat_correlation=0.4) == pytest.approx(0.6 * plain, rel=0.1)


def test_what_a_number_of_items_shows_is_near_the_formulas_of_the_plan() -> None:
    difference = detect(Guesses(), 500, MANY)
    assert difference is not None
    assert difference.wish == pytest.approx(worst_detectable_difference(500), rel=0.08)
    assert narrow(Guesses(), 500, FEW).wish == pytest.approx(worst_half_width(500), rel=0.01)


def test_few_groups_show_nothing() -> None:
    guesses = Guesses(group_size=50, icc=0.1)
    assert detect(guesses, 400, FEW) is None
    assert np.isnan(narrow(guesses, 400, FEW).wish)


def test_a_wish_beyond_all_studies_has_no_smallest() -> None:
    curve = find_items(Goal.HALF_WIDTH, 0.02, Guesses(group_size=10_000, icc=1.0), Search(n_studies=100))
    assert curve.smallest is None
    assert max(point.n_items for point in curve.points) == 200_000


def test_same_seed_same_numbers() -> None:
    first, second, other = (
        simulate(Goal.DIFFERENCE, 0.1, Guesses(accuracy=0.6), 300, Search(seed=seed)) for seed in (0, 0, 1)
    )
    assert first == second
    assert first != other


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"accuracy": 0}, "accuracy must be above 0 and below 1, not 0"),
        ({"icc": 2}, "icc must be 0 to 1, not 2"),
        ({"group_size": 0}, "group_size must be 1 to 10000, not 0"),
        ({"missing": 1}, "missing must be 0 to 0.99, not 1"),
        (
            {"repeats": 2, "icc": 0.5, "repeat_correlation": 0.4},
            "icc must be at most repeat_correlation (0.4), not 0.5: "
            "items cannot be more alike than repeats of one item",
        ),
    ],
)
def test_guesses_that_cannot_be_are_refused(changed: dict[str, float], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        Guesses(**changed)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_a_discordance_that_two_sides_cannot_have_is_refused() -> None:
    with pytest.raises(OptionError) as caught:
        find_items(Goal.DIFFERENCE, 0.1, Guesses(accuracy=0.9, discordance=0.5), FEW)
    assert str(caught.value) == "discordance must be 0.1 to 0.3 for accuracies of 0.9 and 0.8, not 0.5"


def test_a_pilot_says_what_is_measured(analysis: Analysis) -> None:
    # Groups of two clips; labels right: both, both, none, one. Descriptions: right where labels are, but in the last.
    for place, (label_1, label_2) in enumerate([("Sad", "Sad"), ("Sad", "Sad"), ("Fear", "Fear"), ("Sad", None)]):
        for item, label in (("a", label_1), ("b", label_2)):
            name = f"{place}{item}"
            analysis.item(name, "Sad", f"group {place}")
            analysis.label(name, label, "" if label else "unparsed")
            analysis.describe(name, "Fear" if label is None or place == 3 else label)
    analysis.write()
    pilot = read_pilot(analysis.folder, CompareOptions(threads=1))
    assert (pilot.a, pilot.b) == (Side("m", "classify"), Side("m", "describe"))
    share = pilot.share.guesses
    # 5 of 7 labels are right. Pairs in groups: twice (2/7)² and once (5/7)², by 3 pairs, over 10/49: (4+4+25)/30 = 1.1.
    assert share.accuracy == pytest.approx(5 / 7)
    assert share.missing == pytest.approx(1 / 8)
    assert share.icc == 1
    assert (share.group_size, share.repeats, pilot.share.has_pairs, pilot.share.has_repeats) == (2, 1, True, False)
    assert pilot.pair is not None
    assert pilot.pair.guesses.discordance == pytest.approx(1 / 7)


def test_a_pilot_recovers_how_alike_items_and_repeats_are(analysis: Analysis) -> None:
    truth = Guesses(accuracy=0.6, group_size=3, icc=0.3, repeats=2, repeat_correlation=0.7)
    [studies] = draw_studies(truth.share_outcomes(), truth, 400, 1, 5)
    for (group, item, repeat), outcome in np.ndenumerate(studies[0]):
        if repeat == 0:
            analysis.item(f"{group} {item}", "Sad", f"group {group}")
        analysis.label(f"{group} {item}", "Sad" if outcome == 0 else "Fear", repeat=repeat)
    analysis.write()
    found = read_pilot(analysis.folder, CompareOptions(threads=1))
    assert found.pair is None
    guesses = found.share.guesses
    # Of 400 groups: standard errors of about 0.02, 0.03 and 0.02.
    assert guesses.accuracy == pytest.approx(0.6, abs=0.06)
    assert guesses.icc == pytest.approx(0.3, abs=0.09)
    assert guesses.repeat_correlation == pytest.approx(0.7, abs=0.06)
    assert (guesses.group_size, guesses.repeats) == (3, 2)


def test_a_pilot_without_gold_is_refused(analysis: Analysis) -> None:
    analysis.item("i")
    analysis.describe("i", "Sad")
    analysis.label("i", "Sad")
    analysis.write()
    with pytest.raises(InputError, match="has no answer with a category to an item with gold; use another pilot"):
        read_pilot(analysis.folder, CompareOptions(threads=1))


@pytest.mark.slow
def test_power_is_the_share_of_real_comparisons_that_find_the_difference(tmp_path: Path) -> None:
    """Draw groups by another mechanism, a common normal part, and compare ten models with ten as an analysis does."""
    n_studies, n_groups, size, n_models = 3, 40, 5, 10
    rng = np.random.default_rng(3)
    found, discordance, icc = [], [], []
    for number in range(n_studies):
        folder = tmp_path / str(number)
        folder.mkdir()
        study = Analysis(folder)
        shape = (n_groups, size, 2 * n_models)
        latent = np.sqrt(0.3) * rng.normal(size=(n_groups, 1, 2 * n_models)) + np.sqrt(0.7) * rng.normal(size=shape)
        right = latent < stats.norm.ppf(np.repeat([0.65, 0.5], n_models))
        for (group, item, model), is_right in np.ndenumerate(right):
            if model == 0:
                study.item(f"{group} {item}", "Sad", f"group {group}")
            study.label(f"{group} {item}", "Sad" if is_right else "Fear", model="ab"[model // n_models] + str(model))
        study.compare(CompareOptions(n_resamples=100, threads=1))
        for row in study.table("tests", comparison="models"):
            if (row["model_a"][0], row["model_b"][0]) == ("a", "b"):
                found.append(float(row["p"]) < 0.05)
                discordance.append((int(row["n_a_only"]) + int(row["n_b_only"])) / int(row["n_items"]))
        for a, b in zip(range(n_models), range(n_models, 2 * n_models), strict=True):
            deviations = right[..., a].astype(float) - right[..., b] - 0.15
            pairs = (deviations.sum(axis=1) ** 2 - (deviations**2).sum(axis=1)).sum() / (size - 1)
            icc.append(pairs / (deviations**2).sum())
    guesses = Guesses(0.65, float(np.mean(discordance)), group_size=size, icc=float(np.mean(icc)))
    expected = simulate(Goal.DIFFERENCE, 0.15, guesses, n_groups, MANY).power
    assert len(found) == n_studies * n_models**2
    assert 0.4 < expected < 0.95
    # Thirty models of each kind make about as many independent tests: one standard error is below 0.09.
    assert np.mean(found) == pytest.approx(expected, abs=0.18)
