"""Neutral: bias, sources and the two stages, against values worked by hand."""

from typing import TYPE_CHECKING

import pytest
from statsmodels.stats.proportion import proportion_confint

from benchmarks.emotions import Emotion
from descan.compare import CompareOptions

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

OPTIONS = CompareOptions(n_resamples=500)


def numbers(row: dict[str, str], *columns: str) -> list[float | None]:
    return [float(row[column]) if row[column] else None for column in columns]


def test_the_bias_towards_neutral_is_over_the_same_items(analysis: "Analysis") -> None:
    # With a label: a, b, c, d; labelled Neutral: a, b, c = 3/4; gold Neutral: a = 1/4; bias 2/4.
    # e has no usable label, so its gold Neutral counts on neither side.
    for item, gold, label in [
        ("a", "Neutral", "Neutral"), ("b", "Sad", "Neutral"), ("c", "Fear", "Neutral"), ("d", "Fear", "Fear"),
        ("e", "Neutral", None), ("f", None, "Neutral"),
    ]:  # fmt: skip
        analysis.item(item, gold)
        analysis.label(item, label, "" if label else "unparsed")
    analysis.compare(OPTIONS)
    [row] = analysis.table("neutral")
    assert (row["n_gold"], row["n_used"], row["n_left_out"], row["n_neutral"]) == ("5", "4", "1", "3")
    assert numbers(row, "share", "gold_share", "bias") == [0.75, 0.25, 0.5]
    low, high = proportion_confint(3, 4, method="wilson")
    assert numbers(row, "share_low", "share_high") == pytest.approx([low, high], abs=1e-6)
    bias_low, bias_high = numbers(row, "bias_low", "bias_high")
    assert bias_low is not None
    assert bias_high is not None
    assert bias_low <= 0.5 <= bias_high


def test_an_undecided_description_is_not_neutral_and_classify6_cannot_be(analysis: "Analysis") -> None:
    for item, described in [("a", "Undecided"), ("b", "Neutral")]:
        analysis.item(item, "Sad")
        analysis.describe(item, described)
        analysis.label(item, "Sad", mode="classify6")
    analysis.compare(OPTIONS)
    [row] = analysis.table("neutral")
    assert (row["mode"], row["n_used"], row["n_left_out"], row["share"]) == ("describe", "1", "1", "1.0")


@pytest.mark.parametrize(("label", "bias"), [("Neutral", 1.0), ("Sad", 0.0)])
def test_a_constant_bias_has_no_interval(analysis: "Analysis", label: str, bias: float) -> None:
    for item in "abc":
        analysis.item(item, "Sad")
        analysis.label(item, label)
    analysis.compare(OPTIONS)
    [row] = analysis.table("neutral")
    assert numbers(row, "bias", "bias_low", "bias_high") == [bias, None, None]


def test_a_wrong_neutral_is_traced_to_what_was_described(analysis: "Analysis") -> None:
    cases = [
        ("a", "Sad", "Neutral", "Sad"), ("b", "Sad", "Neutral", "Neutral"), ("c", "Sad", "Neutral", "Fear"),
        ("d", "Sad", "Neutral", "Undecided"), ("e", "Sad", "Sad", "Sad"), ("f", "Fear", "Neutral", None),
        ("g", "Neutral", "Neutral", "Neutral"),
    ]  # fmt: skip
    for item, gold, label, described in cases:
        analysis.item(item, gold)
        analysis.label(item, label)
        if described:
            analysis.describe(item, described)
    analysis.compare(OPTIONS)
    columns = ("n_labelled", "n_neutral", "n_described", "n_described_gold", "n_described_neutral", "n_described_other")
    [sad] = analysis.table("neutral_sources", gold="Sad")
    assert [sad[column] for column in columns] == ["5", "4", "4", "1", "1", "1"]
    assert numbers(sad, "share", "share_described_gold") == [0.8, 0.25]
    assert sad["n_undecided"] == "1"
    [fear] = analysis.table("neutral_sources", gold="Fear")
    assert numbers(fear, "share", "share_described_gold") == [1, None]
    [every] = analysis.table("neutral_sources", gold="all")
    assert [every[column] for column in columns] == ["6", "5", "4", "1", "1", "1"]
    assert analysis.table("neutral_sources", gold="Neutral") == []


def test_two_stages_are_scored_one_by_one(analysis: "Analysis") -> None:
    # Stage 1: gold Neutral 2 (1 right), else 5 with a label (3 right): accuracy 4/7, recalls 1/2 and 3/5, mean 0.55.
    # Stage 2: of the three that passed Sad 1 of 2, Fear 1 of 1: accuracy 2/3, mean recall (1/2 + 1)/2.
    cases = [
        ("Neutral", "Neutral"), ("Neutral", "Sad"), ("Sad", "Sad"), ("Sad", "Fear"), ("Fear", "Fear"),
        ("Fear", "Neutral"), ("Happy", "Neutral"), ("Happy", None),
    ]  # fmt: skip
    for number, (gold, label) in enumerate(cases):
        analysis.item(str(number), gold)
        analysis.label(str(number), label, "" if label else "unparsed", mode="two_stage")
    analysis.compare(OPTIONS)
    first, second = analysis.table("two_stage")
    assert (first["stage"], first["n_gold"], first["n_used"], first["n_left_out"]) == ("neutral or not", "8", "7", "1")
    found = numbers(first, "accuracy", "uar", "recall_neutral", "recall_emotion")
    assert found == pytest.approx([4 / 7, 0.55, 0.5, 0.6], abs=1e-6)
    assert (second["stage"], second["n_gold"], second["n_used"], second["n_left_out"]) == (
        "which of six",
        "6",
        "3",
        "3",
    )
    assert numbers(second, "accuracy", "uar", "recall_neutral") == pytest.approx([2 / 3, 0.75, None], abs=1e-6)


def test_two_stages_of_one_gold_category_have_the_scores_that_it_allows(analysis: "Analysis") -> None:
    for item in "ab":
        analysis.item(item, "Neutral")
        analysis.label(item, "Neutral", mode="two_stage")
    analysis.compare(OPTIONS)
    first, second = analysis.table("two_stage")
    assert numbers(first, "accuracy", "uar", "recall_neutral", "recall_emotion") == [1, 1, 1, None]
    assert numbers(second, "accuracy", "uar") == [None, None]


def test_whole_groups_are_drawn_so_that_clones_add_no_certainty(analysis: "Analysis") -> None:
    for clip in range(12):
        for frame in range(5):
            item = f"{clip}-{frame}"
            analysis.items.append({"item_id": item, "gold": str(list(Emotion)[clip % 7]), "group": str(clip)})
            analysis.label(item, "Neutral" if clip % 2 else "Sad")
    analysis.compare(OPTIONS)
    [row] = analysis.table("neutral")
    assert row["n_groups"] == "12"
    low, high = numbers(row, "share_low", "share_high")
    alone_low, alone_high = proportion_confint(30, 60, method="wilson")
    assert low is not None
    assert high is not None
    assert high - low > 1.5 * (alone_high - alone_low)
