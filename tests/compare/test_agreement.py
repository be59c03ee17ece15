"""Krippendorff's alpha among models, by hand and against the package of that name."""

from typing import TYPE_CHECKING

import krippendorff
import numpy as np
import pytest

from benchmarks.emotions import Emotion
from descan.compare import CompareOptions

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

OPTIONS = CompareOptions(n_resamples=500)
CATEGORIES = [str(emotion) for emotion in Emotion]


def label_all(analysis: "Analysis", values: list[list[str | None]]) -> None:
    """Add the labels of each model for each item. Shape: (n_models, n_items)."""
    for item in range(len(values[0])):
        analysis.item(str(item))
        for model, given in enumerate(values):
            label = given[item]
            analysis.label(str(item), label, "" if label else "unparsed", model=f"m{model}")


def test_alpha_is_that_of_a_hand_worked_example(analysis: "Analysis") -> None:
    # Items: (Sad, Sad), (Sad, Fear), (Fear, Fear); n = 6 values, Sad 3, Fear 3.
    # Agreeing ordered pairs / (m - 1): 2 + 0 + 2 = 4; agreement 4/6.
    # alpha = 1 - (6 - 1)(6 - 4) / (36 - 9 - 9) = 1 - 10/18 = 4/9
    label_all(analysis, [["Sad", "Sad", "Fear", "Happy"], ["Sad", "Fear", "Fear", None]])
    analysis.compare(OPTIONS)
    [row] = analysis.table("agreement")
    assert (row["mode"], row["n_models"], row["n_items"], row["n_groups"]) == ("classify", "2", "3", "3")
    assert (row["agreement"], row["alpha"]) == ("0.666667", "0.444444")


@pytest.mark.parametrize("seed", range(4))
def test_alpha_is_that_of_the_package_where_models_miss_items(analysis: "Analysis", seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth = generator.integers(7, size=40)
    codes = np.where(generator.random((5, 40)) < 0.6, truth, generator.integers(7, size=(5, 40))).astype(float)
    codes[generator.random(codes.shape) < 0.4] = np.nan
    label_all(analysis, [[None if np.isnan(code) else CATEGORIES[int(code)] for code in row] for row in codes])
    analysis.compare(OPTIONS)
    [row] = analysis.table("agreement")
    expected = krippendorff.alpha(reliability_data=codes, level_of_measurement="nominal")
    assert float(row["alpha"]) == pytest.approx(expected, abs=1e-6)
    assert float(row["alpha_low"]) < expected < float(row["alpha_high"])


@pytest.mark.parametrize(
    ("values", "agreement", "alpha"),
    [
        ([["Sad", "Fear", "Happy"], ["Sad", "Fear", "Happy"]], "1.0", "1.0"),  # perfect
        ([["Sad", "Sad"], ["Sad", "Sad"]], "1.0", ""),  # constant: nothing to tell apart
        ([["Sad", "Fear"], ["Fear", "Sad"]], "0.0", "-0.5"),  # 1 - (4 - 1)(4 - 0) / (16 - 4 - 4)
    ],
)
def test_alpha_at_its_ends(analysis: "Analysis", values: list[list[str | None]], agreement: str, alpha: str) -> None:
    label_all(analysis, values)
    analysis.compare(OPTIONS)
    [row] = analysis.table("agreement")
    assert (row["agreement"], row["alpha"]) == (agreement, alpha)


def test_undecided_is_missing_and_one_model_agrees_with_nobody(analysis: "Analysis") -> None:
    for model, described in [("a", "Undecided"), ("b", "Undecided"), ("c", "Sad")]:
        analysis.describe("x", described, model=model)
    analysis.item("x")
    analysis.label("x", "Sad", model="a")
    analysis.compare(OPTIONS)
    assert analysis.table("agreement") == []


def test_alpha_of_guesses_is_about_zero(analysis: "Analysis") -> None:
    guesses = np.random.default_rng(3).integers(7, size=(3, 300))
    label_all(analysis, [[CATEGORIES[code] for code in row] for row in guesses])
    analysis.compare(OPTIONS)
    [row] = analysis.table("agreement")
    assert float(row["alpha_low"]) < 0 < float(row["alpha_high"])
