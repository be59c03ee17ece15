"""Gold's ceiling: agreement of annotators, of models with annotators, and errors that description and label share."""

from typing import TYPE_CHECKING

import krippendorff
import numpy as np
import pytest

from descan.compare import CompareOptions
from descan.compare.bootstrap import Resampling, resample, sum_groups

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

OPTIONS = CompareOptions(n_resamples=500)


def ask(analysis: "Analysis", item: str, described: str, label: str | None, model: str = "m") -> None:
    analysis.describe(item, described, model=model)
    analysis.label(item, label, "" if label else "unparsed", model=model)


def test_agreement_of_annotators_is_worked_by_hand(analysis: "Analysis") -> None:
    # Pairs that agree: 1 of 3; 3 of 3; 0 of 1. With the majority of the others: of 2 Sad and 1 Fear each Sad has a tie
    # of the others (1/2) and Fear is alone, 1 of 3; then 3 of 3; then 0 of 2.
    analysis.item("a", "Sad", annotated={"Sad": 2, "Fear": 1})
    analysis.item("b", "Happy", annotated={"Happy": 3})
    analysis.item("c", None, annotated={"Fear": 1, "Anger": 1})
    analysis.item("d", "Happy", annotated={"Happy": 1})
    analysis.item("e", "Happy")
    for item in "abcde":
        ask(analysis, item, "Sad", "Sad")
    analysis.compare(OPTIONS)
    [row] = analysis.table("annotators", gold="all")
    counts = ("n_items", "n_single", "n_no_gold", "n_annotators", "n_groups")
    assert [row[name] for name in counts] == ["3", "1", "1", "8", "3"]
    assert float(row["agreement"]) == pytest.approx((1 / 3 + 1 + 0) / 3, abs=1e-6)
    assert float(row["agreement_majority"]) == pytest.approx((1 / 3 + 1 + 0) / 3, abs=1e-6)
    assert float(row["gold_share"]) == pytest.approx((2 / 3 + 1) / 2, abs=1e-6)
    assert float(row["best"]) == pytest.approx((2 / 3 + 1 + 1 / 2) / 3, abs=1e-6)
    counted = np.array([[0, 0, 1, 0, 0, 2, 0], [0, 0, 0, 3, 0, 0, 0], [1, 0, 1, 0, 0, 0, 0]])
    alpha = krippendorff.alpha(value_counts=counted, level_of_measurement="nominal")
    assert float(row["alpha"]) == pytest.approx(alpha, abs=1e-6)
    assert [row["gold"] for row in analysis.table("annotators")] == ["all", "Happy", "Sad"]


def test_shares_stand_for_annotators_without_number(analysis: "Analysis") -> None:
    analysis.item("a", "Sad", annotated={"Sad": 0.75, "Fear": 0.25})
    ask(analysis, "a", "Sad", "Sad")
    analysis.compare(OPTIONS)
    [row] = analysis.table("annotators", gold="all")
    # Two of many annotators agree with probability 0.75² + 0.25².
    found = (row["agreement"], row["agreement_majority"], row["best"], row["n_annotators"], row["alpha"])
    assert found == ("0.625", "0.75", "0.75", "", "")


def test_models_stand_beside_two_annotators_of_the_same_items(analysis: "Analysis") -> None:
    analysis.item("a", "Sad", annotated={"Sad": 2, "Fear": 1})
    analysis.item("b", None, annotated={"Fear": 1, "Anger": 1})
    analysis.item("c", "Happy", annotated={"Happy": 3})
    ask(analysis, "a", "Fear", "Sad")
    ask(analysis, "b", "Anger", "Happy")
    ask(analysis, "c", "Undecided", None)
    analysis.compare(OPTIONS)
    columns = ("mode", "n_items", "n_left_out", "share", "annotators", "difference")
    found = [tuple(row[name] for name in columns) for row in analysis.table("scores_annotators", gold="all")]
    assert found == [
        ("describe", "3", "1", "0.416667", "0.166667", "0.25"),
        ("classify", "3", "1", "0.333333", "0.166667", "0.166667"),
    ]


def test_without_annotators_there_are_no_rows(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    ask(analysis, "a", "Sad", "Sad")
    analysis.compare(OPTIONS)
    assert analysis.table("annotators") == analysis.table("scores_annotators") == []


def test_gold_that_at_most_half_of_the_annotators_chose_is_contested(analysis: "Analysis") -> None:
    golds = {
        "half": {"Sad": 2, "Fear": 1, "Anger": 1},
        "most": {"Sad": 2, "Fear": 1},
        "one": {"Fear": 1},
        "both": {"Fear": 3, "Sad": 1},
        "models": {"Sad": 4},
    }
    for item, votes in golds.items():
        analysis.item(item, "Sad", annotated=votes)
        for model in "mn":
            ask(analysis, item, *(("Fear", "Fear") if item in ("both", "models") else ("Sad", "Sad")), model=model)
    analysis.compare(OPTIONS)
    columns = ("item_id", "agreed", "contested_by", "n_agreeing", "gold_share", "agreed_share")
    assert [tuple(row[name] for name in columns) for row in analysis.table("contested")] == [
        ("both", "Fear", "both", "2", "0.25", "0.75"),
        ("models", "Fear", "models", "2", "1.0", "0.0"),
        ("half", "Anger", "annotators", "0", "0.5", "0.25"),
    ]
    [right] = analysis.table("verdicts_uncontested", model="m", gold="all", verdict="right")
    assert (right["n"], right["n_scored"]) == ("2", "2")


def test_seeing_failures_tell_where_description_and_label_agree(analysis: "Analysis") -> None:
    said = [("Fear", "Fear"), ("Fear", "Fear"), ("Fear", "Anger"), ("Undecided", "Fear"), ("Sad", "Fear")]
    for n, (described, label) in enumerate(said):
        analysis.item(f"i{n}", "Sad")
        ask(analysis, f"i{n}", described, label)
    ask(analysis, "i0", "Fear", "Fear", model="n")
    analysis.compare(OPTIONS)
    row = analysis.table("seeing_failures", model="m", gold="all")[0]
    # Of 4: 3 described as Fear and 3 labelled so, 0 and 1 Anger. By chance 3 * 3 / 16.
    columns = ("n", "n_agreeing", "share", "chance_share", "n_contested", "share_contested", "interval", "n_groups")
    assert [row[name] for name in columns] == ["4", "2", "0.5", "0.5625", "1", "0.25", "wilson", "4"]
    assert [row["n"] for row in analysis.table("seeing_failures", model="m", gold="Happy")] == ["0"]


@pytest.mark.slow
def test_the_interval_of_agreement_covers_the_population() -> None:
    """Draw 100 studies of 150 items with 3 annotators; two of them agree with probability 0.7² + 0.3² = 0.58."""
    generator = np.random.default_rng(1)
    n_covered = 0
    for _ in range(100):
        votes = generator.binomial(3, 0.7, size=150)
        agreement = (votes * (votes - 1) + (3 - votes) * (2 - votes)) / 6
        groups = sum_groups(np.arange(150), np.zeros(150), 1, agreement)
        found = resample(groups, lambda totals: totals / 150, Resampling(n_resamples=1_000))
        n_covered += found.low[0] <= 0.58 <= found.high[0]
    assert n_covered >= 89  # 95 of 100 are expected; fewer than 89 come in one of 100 tries.
