"""Where being right varies: components of variance by the method of moments, and accuracy by prompt."""

from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from descan.compare import CompareOptions
from descan.compare.bootstrap import Resampling, resample
from descan.compare.variance import COMPONENTS, Tried, find_components, sum_pairs
from tests.compare.conftest import Analysis


def tried(right: NDArray[np.int64], n_repeats: int) -> Tried:
    """Return answers of right ones by group, item and prompt. Shape of both: (n_groups, n_items, n_prompts)."""
    groups, items, prompts = np.indices(right.shape).reshape(3, -1)
    numbers = groups * right.shape[1] + items
    return Tried(groups, numbers, prompts, np.full(right.size, n_repeats), right.ravel(), right.shape[2])


def draw(rng: np.random.Generator, shape: tuple[int, int, int], n_repeats: int, prompts: list[float]) -> Tried:
    """Draw groups, items, items by prompt, and repeats; log odds differ by them and by the prompt."""
    n_groups, n_items, _ = shape
    log_odds = rng.normal(0, 0.6, (n_groups, 1, 1)) + rng.normal(0, 1, (n_groups, n_items, 1)) + np.array(prompts)
    log_odds = log_odds + rng.normal(0, 0.5, shape)
    return tried(rng.binomial(n_repeats, special.expit(log_odds)), n_repeats)


def components(answers: Tried) -> dict[str, float]:
    found = find_components(sum_pairs(answers).totals[np.newaxis], answers.n_prompts)[0]
    return dict(zip((*COMPONENTS, *(f"share_{name}" for name in COMPONENTS)), found.tolist(), strict=True))


def test_balanced_answers_have_the_components_of_an_analysis_of_variance() -> None:
    """Two-way, crossed, with repeats (Searle, Casella & McCulloch 1992, ch. 4): each item is a group of its own."""
    rng = np.random.default_rng(1)
    n_items, n_prompts, n_repeats = 30, 3, 2
    y = (rng.random((n_items, n_prompts, n_repeats)) < rng.random((n_items, 1, 1))).astype(float)
    cells, of_items, of_prompts, mean = y.mean(axis=2), y.mean(axis=(1, 2)), y.mean(axis=(0, 2)), y.mean()
    interaction = cells - of_items[:, np.newaxis] - of_prompts + mean
    ms_item = n_prompts * n_repeats * ((of_items - mean) ** 2).sum() / (n_items - 1)
    ms_prompt = n_items * n_repeats * ((of_prompts - mean) ** 2).sum() / (n_prompts - 1)
    ms_both = n_repeats * (interaction**2).sum() / ((n_items - 1) * (n_prompts - 1))
    ms_repeat = ((y - cells[..., np.newaxis]) ** 2).sum() / (n_items * n_prompts * (n_repeats - 1))
    found = components(tried(y.sum(axis=2).astype(np.int64)[:, np.newaxis], n_repeats))
    assert found["repeat"] == pytest.approx(ms_repeat)
    assert found["item_prompt"] == pytest.approx((ms_both - ms_repeat) / n_repeats)
    assert found["prompt"] == pytest.approx((ms_prompt - ms_both) / (n_items * n_repeats))
    assert found["item"] == pytest.approx((ms_item - ms_both) / (n_prompts * n_repeats))
    assert np.isnan(found["group"])
    assert sum(found[f"share_{name}"] for name in COMPONENTS[1:]) == pytest.approx(1)


def test_nested_items_have_the_components_of_an_analysis_of_variance() -> None:
    # One prompt, one answer: items in groups. Between groups (MS_group - MS_item) / n, within groups MS_item.
    rng = np.random.default_rng(2)
    y = (rng.random((20, 5, 1)) < rng.random((20, 1, 1))).astype(np.int64)
    of_groups = y.mean(axis=(1, 2))
    ms_group = 5 * ((of_groups - y.mean()) ** 2).sum() / 19
    ms_item = ((y - of_groups[:, np.newaxis, np.newaxis]) ** 2).sum() / (20 * 4)
    found = components(tried(y, 1))
    assert found["group"] == pytest.approx((ms_group - ms_item) / 5)
    assert found["item"] == pytest.approx(ms_item)
    assert np.isnan([found[name] for name in ("prompt", "item_prompt", "repeat")]).all()


def test_answers_of_unequal_number_are_unbiased_and_intervals_cover() -> None:
    prompts = [-0.5, 0.0, 0.5]
    truth = components(draw(np.random.default_rng(99), (20_000, 2, 3), 2, prompts))
    covered, values = [], []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        drawn = draw(rng, (40, 5, 3), 2, prompts)
        is_kept = rng.random(drawn.n.size) < np.where(drawn.prompts == 2, 0.5, 0.9)
        units, items, of_prompts, n, n_right = (
            column[is_kept] for column in (drawn.units, drawn.items, drawn.prompts, drawn.n, drawn.n_right)
        )
        answers = Tried(units, items, of_prompts, n, n_right, 3)
        statistic = partial(find_components, n_prompts=3)
        found = resample(sum_pairs(answers), statistic, Resampling(500, seed))
        values.append(found.values)
        covered.append((found.low <= list(truth.values())) & (list(truth.values()) <= found.high))
    # Of 100 studies; ten standard errors of the mean are far below what any bias would matter.
    assert np.mean(values, axis=0) == pytest.approx(list(truth.values()), abs=0.01)
    assert np.mean(covered, axis=0).min() >= 0.88
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


def fill(analysis: Analysis, n_items: int, repeats: dict[str, int], *, grouped: bool) -> None:
    """Write labels by item, prompt and repeat: prompt `long` is always right, `short` on every other item."""
    for number in range(n_items):
        analysis.item(str(number), "Sad", f"group {number // 2}" if grouped else None)
        analysis.describe(str(number), "Sad")
        repeat = 0
        for prompt, n in repeats.items():
            for _ in range(n):
                label = "Sad" if prompt == "long" or number % 2 else "Fear"
                analysis.label(str(number), label, repeat=repeat)
                analysis.answers[-1]["prompt"] = prompt
                repeat += 1
    analysis.compare(CompareOptions(n_resamples=200, threads=1))


def test_prompts_stand_side_by_side(analysis: Analysis) -> None:
    fill(analysis, 40, {"long": 1, "short": 2}, grouped=True)
    long, short = analysis.table("prompts", mode="classify")
    assert [long["prompt"], short["prompt"]] == ["long", "short"]
    assert [long["n_answers"], short["n_answers"], short["n_items"], short["n_groups"]] == ["40", "80", "40", "20"]
    assert [float(row["accuracy"]) for row in (long, short)] == [1, 0.5]
    assert [float(row["difference"]) for row in (long, short)] == [0.5, -0.5]
    assert float(short["accuracy_low"]) < 0.5 < float(short["accuracy_high"])
    assert analysis.table("prompts", mode="describe") == []
    rows = {row["component"]: row for row in analysis.table("variance", mode="classify")}
    assert list(rows) == ["group", "item", "prompt", "item_prompt", "repeat"]
    # Half the squared difference of the two accuracies: 0.5² / 2.
    assert float(rows["prompt"]["variance"]) == pytest.approx(0.125, abs=0.005)
    assert float(rows["repeat"]["variance"]) == 0
    assert sum(float(row["share"]) for row in rows.values()) == pytest.approx(1, abs=1e-5)
    assert {row["n_prompts"] for row in rows.values()} == {"2"}
    assert {row["includes"] for row in rows.values()} == {""}


def test_what_answers_cannot_tell_apart_is_named(analysis: Analysis) -> None:
    fill(analysis, 30, {"long": 1, "short": 1}, grouped=False)
    rows = {row["component"]: row["includes"] for row in analysis.table("variance")}
    assert rows == {"item": "group", "prompt": "", "item_prompt": "repeat"}


def test_repeats_of_one_prompt_have_components_but_no_prompts(analysis: Analysis) -> None:
    fill(analysis, 30, {"short": 2}, grouped=True)
    rows = {row["component"]: row["includes"] for row in analysis.table("variance")}
    assert rows == {"group": "", "item": "item_prompt", "repeat": ""}
    assert analysis.table("prompts") == []


def test_a_prompt_for_each_item_is_none_to_compare(analysis: Analysis) -> None:
    for number in range(30):
        analysis.item(str(number), "Sad")
        for repeat in range(2):
            analysis.label(str(number), "Sad" if (number + repeat) % 3 else "Fear", repeat=repeat)
            analysis.answers[-1]["prompt"] = f"about {number}"
    analysis.compare(CompareOptions(n_resamples=200, threads=1))
    assert analysis.table("prompts") == []
    assert {row["n_prompts"] for row in analysis.table("variance")} == {"1"}
