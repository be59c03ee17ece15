"""The verdicts by other rules."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.emotions import Emotion
from descan.compare import CompareOptions, Support

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

OPTIONS = CompareOptions(n_resamples=500)


@pytest.mark.parametrize(
    ("said", "supporting"),
    [
        ({"described": "Sad"}, {"strict"}),
        ({"described_without_embedding": "Sad"}, {"without_embedding"}),
        ({"described_by_embedding": "Sad"}, {"terms_by_embedding"}),
        ({"terms_described": "Sad"}, {"terms_only"}),
        ({"actions_described": "Sad"}, {"actions_only"}),
        ({"scores": {"Sad": 0.15}}, {"lenient 0.15"}),
        ({"scores": {"Sad": 0.34}}, {"lenient 0.15", "lenient 0.25"}),
        ({"scores": {"Sad": 0.5}}, {"lenient 0.15", "lenient 0.25", "lenient 0.35", "lenient 0.5"}),
        ({}, set()),
    ],
)
def test_each_rule_looks_at_its_own_part_of_the_reading(
    analysis: "Analysis", said: dict[str, object], supporting: set[str]
) -> None:
    parts = (
        "described",
        "described_without_embedding",
        "described_by_embedding",
        "terms_described",
        "actions_described",
    )
    reading: dict[str, object] = {**dict.fromkeys(parts, "Fear"), "scores": {"Fear": 0.5}, **said}
    analysis.item("x", "Sad")
    analysis.describe("x", **reading)  # type: ignore[arg-type]
    analysis.label("x", "Sad")
    analysis.compare(OPTIONS)
    rows = analysis.table("sensitivity", gold="all", verdict="right")
    assert {f"{row['rule']} {row['threshold']}".strip() for row in rows if row["n"] == "1"} == supporting
    assert len(rows) == 9


def test_without_an_embedder_there_is_no_row_by_embedding(analysis: "Analysis") -> None:
    analysis.item("x", "Sad")
    analysis.describe("x", "Sad", described_by_embedding="")
    analysis.label("x", "Sad")
    analysis.compare(OPTIONS)
    rules = {row["rule"] for row in analysis.table("sensitivity")}
    assert rules == {"strict", "without_embedding", "terms_only", "actions_only", "lenient"}


def test_the_chosen_threshold_is_tabled_too(analysis: "Analysis") -> None:
    analysis.item("x", "Sad")
    analysis.describe("x", "Fear", scores={"Sad": 0.4, "Fear": 0.6})
    analysis.label("x", "Fear")
    analysis.compare(CompareOptions(n_resamples=500, lenient_threshold=0.4))
    rows = analysis.table("sensitivity", rule="lenient", gold="Sad", verdict="labeling_failure")
    assert [(row["threshold"], row["n"]) for row in rows] == [
        ("0.15", "1"), ("0.25", "1"), ("0.35", "1"), ("0.4", "1"), ("0.5", "0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "part"),
    [("without_embedding", "described_without_embedding"), ("terms_by_embedding", "described_by_embedding")],
)
def test_repeats_share_an_item(analysis: "Analysis", rule: str, part: str) -> None:
    analysis.item("x", "Sad")
    for repeat, vote in enumerate(["Sad", "Sad", "Undecided"]):
        analysis.describe("x", "Fear", repeat=repeat, **{part: vote})  # type: ignore[arg-type]
    analysis.label("x", "Sad")
    analysis.compare(OPTIONS)
    [row] = analysis.table("sensitivity", rule=rule, gold="all", verdict="right")
    assert (row["n"], row["n_scored"]) == ("0.666667", "1")


@pytest.mark.parametrize("support", list(Support))
@pytest.mark.parametrize("is_grouped", [False, True])
def test_the_same_rule_gives_the_same_table_as_the_verdicts(
    analysis: "Analysis", support: Support, is_grouped: bool
) -> None:
    generator = np.random.default_rng(1)
    categories = [str(emotion) for emotion in Emotion]
    for number in range(80):
        gold = categories[generator.integers(7)] if number % 9 else None
        analysis.items.append({"item_id": str(number), "gold": gold, "group": f"g{number // 4}" if is_grouped else ""})
        for model in "ab":
            analysis.describe(str(number), categories[generator.integers(7)], model=model)
            label = categories[generator.integers(7)] if number % 5 else None
            analysis.label(str(number), label, "" if label else "unparsed", model=model)
    analysis.compare(CompareOptions(n_resamples=500, support=support, contested_models=3))
    verdicts, uncontested = analysis.table("verdicts"), analysis.table("verdicts_uncontested")
    assert [counted(row) for row in uncontested] == [counted(row) for row in verdicts]
    threshold = "" if support == Support.STRICT else "0.25"
    rows = analysis.table("sensitivity", rule=str(support), threshold=threshold)
    assert [counted(row) for row in rows] == [counted(row) for row in verdicts]
    # The ends of bootstrap intervals differ by the noise of 500 resamples; of single categories by more.
    for end in ("share_low", "share_high"):
        ends = [float(row[end] or "nan") for row in verdicts if row["gold"] == "all"]
        assert [float(row[end] or "nan") for row in uncontested if row["gold"] == "all"] == pytest.approx(
            ends, abs=0.1, nan_ok=True
        )


def counted(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[column] for column in ("model", "gold", "verdict", "n", "n_items", "n_scored", "share_of_scored"))
