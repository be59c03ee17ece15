"""How long and how dear models are, and how many times as much as each other."""

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from descan.compare import ratios

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis


def ask(analysis: "Analysis", amounts: dict[str, list[dict[str, object]]], group_size: int = 1) -> None:
    """Add items, and an answer to each of them for each model with what it took."""
    for number in range(max(map(len, amounts.values()))):
        analysis.item(f"i{number:04d}", "Sad", f"g{number // group_size}")
    for model, answers in amounts.items():
        for number, cells in enumerate(answers):
            analysis.answer(f"i{number:04d}", "classify", model=model, **cells)  # type: ignore[arg-type]


def draw(seed: int, n: int) -> dict[str, list[dict[str, object]]]:
    rng = np.random.default_rng(seed)
    return {name: [{"latency_s": float(value)} for value in np.exp(rng.normal(0, 0.5, n))] for name in "ab"}


def width_of(row: dict[str, str]) -> float:
    return float(row["ratio_high"]) - float(row["ratio_low"])


def test_medians_and_ratios_are_those_of_the_same_items_and_say_what_is_apart(analysis: "Analysis") -> None:
    ask(
        analysis,
        {
            "a": [
                {"latency_s": 1.0, "cost_usd": 0.002, "retries": 0, "waited_s": 0.0},
                {"latency_s": 3.0, "cost_usd": 0.004, "retries": 2, "waited_s": 9.5},
                {"latency_s": 50.0, "cost_usd": 0.0, "status": "refused", "retries": 0, "waited_s": 0.0},
                {"latency_s": 5.0},
            ],
            "b": [
                {"latency_s": 2.0, "cost_usd": 0.001, "output_tokens": 7, "thinking_tokens": 3},
                {"latency_s": 1.5, "cost_usd": 0.001},
                {"latency_s": 4.0, "cost_usd": 0.001},
            ],
        },
    )
    analysis.compare()
    a, b = analysis.table("latency")
    # Of a: 1, 3 and 5 s, without the refusal; the 90th percentile lies at 80% of the way from 3 to 5.
    assert (a["n_answers"], a["n"], float(a["median_s"])) == ("4", "3", 3.0)
    assert float(a["p90_s"]) == pytest.approx(4.6)
    assert (a["n_retries_known"], a["n_retried"], a["retries"]) == ("3", "1", "2")
    assert (float(a["waited_median_s"]), float(a["waited_s_total"]), b["retries"]) == (9.5, 9.5, "")
    a, b = analysis.table("cost")
    # Of a: 2 and 4 US dollars per 1,000; an answer that cost nothing was copied.
    assert (a["n"], float(a["usd_per_1000_median"]), float(a["usd_total"])) == ("2", 3.0, 0.006)
    assert (b["n_output_tokens"], float(b["usd_per_1000_p90"]), float(b["thinking_tokens_median"])) == ("1", 1.0, 3.0)
    found = {row["measure"]: row for row in analysis.table("ratios")}
    assert set(found) == {"latency_s", "usd_per_1000"}
    # On the first two items: (1 + 3) / (2 + 1.5) seconds; the geometric mean of 1/2 and 2 is 1.
    assert (found["latency_s"]["n_items"], float(found["latency_s"]["mean_a"])) == ("2", 2.0)
    assert float(found["latency_s"]["ratio"]) == pytest.approx(4 / 3.5, abs=1e-6)
    assert float(found["latency_s"]["typical_ratio"]) == pytest.approx(1)
    assert float(found["usd_per_1000"]["ratio"]) == pytest.approx(6 / 2)


@pytest.mark.parametrize("group_size", [1, 4])
def test_the_interval_is_that_of_the_mean_of_logarithms_over_groups(analysis: "Analysis", group_size: int) -> None:
    rng = np.random.default_rng(3)
    n = 400
    slower = np.exp(0.3 + np.repeat(rng.normal(0, 0.5, n // 4), 4) + rng.normal(0, 0.2, n))
    ask(analysis, {"a": [{"latency_s": float(value)} for value in slower], "b": [{"latency_s": 1.0}] * n}, group_size)
    analysis.compare()
    [row] = analysis.table("ratios")
    means = np.log(slower).reshape(-1, group_size).mean(axis=1)
    expected = stats.t.interval(0.95, len(means) - 1, means.mean(), stats.sem(means))
    assert int(row["n_groups"]) == len(means)
    assert [math.log(float(row[f"typical_ratio_{end}"])) for end in ("low", "high")] == pytest.approx(
        expected, abs=0.01
    )


def test_of_repeats_the_mean_counts(analysis: "Analysis") -> None:
    analysis.item("i", "Sad")
    for repeat, seconds in enumerate((1.0, 5.0)):
        analysis.answer("i", "classify", model="a", repeat=repeat, latency_s=seconds)
    analysis.answer("i", "classify", model="b", latency_s=2.0)
    analysis.compare()
    [row] = analysis.table("ratios")
    assert (row["n_items"], float(row["ratio"]), row["ratio_low"]) == ("1", 1.5, "")


def test_models_without_a_common_item_are_not_compared(analysis: "Analysis") -> None:
    ask(analysis, {"a": [{"latency_s": 1.0}, {}], "b": [{}, {"latency_s": 1.0}]})
    analysis.compare()
    assert analysis.table("ratios") == []


@pytest.mark.parametrize(("most", "n_pairs"), [(2, 0), (3, 3)])
def test_of_too_many_models_none_is_compared(
    analysis: "Analysis", monkeypatch: pytest.MonkeyPatch, most: int, n_pairs: int
) -> None:
    monkeypatch.setattr(ratios, "MAX_PAIRED_MODELS", most)
    ask(analysis, {name: [{"latency_s": 1.0}] * 3 for name in "abc"})
    analysis.compare()
    assert [(float(row["ratio"]), row["ratio_low"]) for row in analysis.table("ratios")] == [(1.0, "")] * n_pairs


def test_groups_that_are_drawn_together_give_the_same_interval(
    analysis: "Analysis", monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(analysis, draw(5, 600))
    analysis.compare()
    [each] = analysis.table("ratios")
    monkeypatch.setattr(ratios, "MAX_BLOCKS", 200)
    analysis.compare()
    [blocks] = analysis.table("ratios")
    assert (each["ratio"], each["n_groups"]) == (blocks["ratio"], blocks["n_groups"])
    assert width_of(blocks) == pytest.approx(width_of(each), rel=0.2)
