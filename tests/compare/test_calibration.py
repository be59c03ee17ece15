"""Scores of readings against gold: bins of scores, and thresholds of support."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from descan.compare import CompareOptions
from descan.lexicon import load_category_set

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

NAMES = load_category_set().names
OPTIONS = CompareOptions(n_resamples=500)


def describe(analysis: "Analysis", item: str, gold: str | None, **scores: float) -> None:
    analysis.item(item, gold)
    analysis.describe(item, "Undecided", scores=scores)


def test_bins_hold_scores_and_the_share_whose_gold_it_is(analysis: "Analysis") -> None:
    describe(analysis, "a", "Sad", Sad=0.7, Fear=0.3)
    describe(analysis, "b", "Fear", Sad=0.8, Fear=0.2)
    describe(analysis, "c", "Sad", Sad=1.0)
    describe(analysis, "d", None, Sad=1.0)
    analysis.compare(OPTIONS)
    columns = ("above", "up_to", "n", "mean_score", "n_gold", "share")
    sad = [tuple(row[name] for name in columns) for row in analysis.table("calibration", category="Sad")]
    assert sad == [
        ("", "0.0", "0", "", "0", ""),
        ("0.0", "0.2", "0", "", "0", ""),
        ("0.2", "0.4", "0", "", "0", ""),
        ("0.4", "0.6", "0", "", "0", ""),
        ("0.6", "0.8", "2", "0.75", "1", "0.5"),
        ("0.8", "1.0", "1", "1.0", "1", "1.0"),
    ]
    every = analysis.table("calibration", category="all")
    assert [row["n"] for row in every] == ["16", "1", "1", "0", "2", "1"]
    assert [row["n_gold"] for row in every] == ["0", "1", "0", "0", "1", "1"]
    assert every[0]["n_groups"] == "3"


def test_thresholds_count_support_beside_its_chance(analysis: "Analysis") -> None:
    describe(analysis, "a", "Sad", Sad=0.7, Fear=0.3)
    describe(analysis, "b", "Fear", Sad=0.8, Fear=0.2)
    analysis.compare(OPTIONS)
    rows = {row["threshold"]: row for row in analysis.table("thresholds")}
    assert list(rows) == ["0.1", "0.2", "0.25", *(f"0.{n}" for n in range(3, 10)), "1.0"]
    # At 0.2 both texts support both; at 0.3 both support Sad and one Fear: half of (2 of 2) and half of (1 of 2).
    found = [(rows[t]["share"], rows[t]["chance_share"], rows[t]["seen_beyond_chance"]) for t in ("0.2", "0.3", "1.0")]
    assert found == [("1.0", "1.0", ""), ("0.5", "0.75", "-1.0"), ("0.0", "0.0", "0.0")]


def test_the_chosen_threshold_says_the_same_as_lenient_support(analysis: "Analysis") -> None:
    generator = np.random.default_rng(3)
    for n in range(60):
        scores = dict(zip(NAMES, generator.dirichlet(np.full(7, 0.4)).tolist(), strict=True))
        describe(analysis, f"i{n}", str(generator.choice(NAMES)), **scores)
    analysis.compare(CompareOptions(n_resamples=500, lenient_threshold=0.33))
    [row] = analysis.table("thresholds", threshold="0.33")
    [lenient] = analysis.table("support", evidence="described", support="lenient")
    exact = (
        "share",
        "share_low",
        "share_high",
        "interval",
        "n_groups",
        "chance_share",
        "difference",
        "seen_beyond_chance",
    )
    assert [row[name] for name in exact] == [lenient[name] for name in exact]
    for end in ("low", "high"):  # Two bootstraps with the same seed, but other types of groups.
        name = f"seen_beyond_chance_{end}"
        assert float(row[name]) == pytest.approx(float(lenient[name]), abs=0.02)


@pytest.mark.slow
def test_calibrated_scores_lie_on_the_diagonal_and_their_intervals_cover_it(analysis: "Analysis") -> None:
    """Draw 12 studies of 300 items in one: gold is drawn from the scores, so that the share of gold is the score."""
    generator = np.random.default_rng(5)
    for study, n in np.ndindex(12, 300):
        scores = generator.dirichlet(np.full(7, 0.3))
        item = f"{study}-{n}"
        analysis.item(item, NAMES[generator.choice(7, p=scores)])
        analysis.describe(item, "Undecided", model=f"m{study}", scores=dict(zip(NAMES, scores.tolist(), strict=True)))
    analysis.compare(CompareOptions(n_resamples=100))
    rows = [row for row in analysis.table("calibration") if row["category"] != "all" and int(row["n"]) >= 20]
    covered = [float(row["share_low"]) <= float(row["mean_score"]) <= float(row["share_high"]) for row in rows]
    assert len(covered) > 200
    assert 0.92 <= np.mean(covered) < 1
