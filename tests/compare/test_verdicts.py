"""`verdicts.parquet`, from files to file."""

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from descan.compare import CompareOptions, Support
from descan.records import Mode
from descan.storage.schemas import VERDICTS

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis


def test_a_verdict_row_tells_gold_label_and_description(analysis: "Analysis") -> None:
    analysis.item("a", "Anger")
    analysis.describe("a", "Anger")
    analysis.label("a", "Neutral")
    analysis.compare()
    assert analysis.verdict() == {
        "item_id": "a",
        "model": "m",
        "gold": "Anger",
        "label": "Neutral",
        "described": "Anger",
        "verdict": "labeling_failure",
        "detail": "fell_back_to_neutral",
        "evidence": "actions",
        "repeat": 0,
        "label_repeat": 0,
        "weight": 1.0,
    }
    assert pq.read_schema(analysis.folder / "verdicts.parquet").equals(VERDICTS)


def test_rows_follow_the_items_and_then_the_models(analysis: "Analysis") -> None:
    for item in ("z", "a"):
        analysis.item(item, "Sad")
        for model in ("m2", "m1"):
            analysis.describe(item, "Sad", model=model)
    analysis.compare()
    found = [(row["item_id"], row["model"]) for row in analysis.verdicts()]
    assert found == [("z", "m1"), ("z", "m2"), ("a", "m1"), ("a", "m2")]


@pytest.mark.parametrize(
    ("described", "valence", "detail"),
    [
        ("Fear", -0.8, "near_miss"),
        ("Happy", 0.9, "wrong_valence"),
        ("Surprise", -0.1, "wrong_valence"),
        ("Undecided", 0.0, "no_evidence"),
    ],
)
def test_a_seeing_failure_tells_how_far_off_the_description_is(
    analysis: "Analysis", described: str, valence: float, detail: str
) -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", described, valence=valence)
    analysis.label("a", "Happy")
    analysis.compare()
    assert (analysis.verdict()["verdict"], analysis.verdict()["detail"]) == ("seeing_failure", detail)


def test_no_evidence_is_not_a_near_miss_of_neutral(analysis: "Analysis") -> None:
    analysis.item("a", "Neutral")
    analysis.describe("a", "Undecided", valence=0.0)
    analysis.label("a", "Sad")
    analysis.compare()
    assert analysis.verdict()["detail"] == "no_evidence"


def test_an_undecided_tie_with_evidence_can_be_a_near_miss(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Undecided", scores={"Anger": 0.5, "Fear": 0.5}, valence=-1.0)
    analysis.label("a", "Happy")
    analysis.compare()
    assert analysis.verdict()["detail"] == "near_miss"


@pytest.mark.parametrize("status", ["refused", "blocked", "truncated", "empty", "failed"])
def test_a_description_that_is_not_ok_is_unscored_by_its_status(analysis: "Analysis", status: str) -> None:
    analysis.item("a", "Sad")
    analysis.answer("a", "describe", status=status)
    analysis.label("a", None, "unparsed")
    analysis.compare()
    assert (analysis.verdict()["verdict"], analysis.verdict()["detail"]) == ("unscored", status)
    assert analysis.verdict()["described"] is None


def test_a_reading_that_finds_a_refusal_is_unscored(analysis: "Analysis") -> None:
    analysis.item("a", "Neutral")
    analysis.describe("a", "Neutral", refused=True)
    analysis.label("a", "Neutral")
    analysis.compare()
    assert (analysis.verdict()["verdict"], analysis.verdict()["detail"]) == ("unscored", "refused")
    assert analysis.verdict()["label"] == "Neutral"


def test_a_pair_without_a_description_says_so(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.label("a", "Sad")
    analysis.compare()
    assert analysis.verdict()["detail"] == "no_description"


def test_a_pair_without_a_label_says_so(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad")
    analysis.compare()
    assert analysis.verdict()["detail"] == "no_label"
    assert analysis.verdict()["described"] == "Sad"


def test_an_item_without_gold_keeps_its_label_and_description(analysis: "Analysis") -> None:
    analysis.item("a")
    analysis.describe("a", "Sad")
    analysis.label("a", "Sad")
    analysis.compare()
    row = analysis.verdict()
    assert (row["verdict"], row["detail"], row["label"], row["described"]) == ("unscored", "no_gold", "Sad", "Sad")


def test_an_item_that_no_model_answered_has_no_verdict(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.compare()
    assert analysis.verdicts() == []
    assert pq.read_schema(analysis.folder / "verdicts.parquet").equals(VERDICTS)


def test_each_description_with_each_label_has_its_share_of_an_item(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    for repeat, described in enumerate(["Sad", "Fear", "Undecided"]):
        analysis.describe("a", described, repeat=repeat)
    for repeat, label in enumerate(["Sad", None, "Fear"]):
        analysis.label("a", label, "" if label else "unparsed", repeat=repeat)
    analysis.compare()
    found = [(row["repeat"], row["label_repeat"], row["verdict"]) for row in analysis.verdicts()]
    assert found == [
        *((0, 0, "right"), (0, 2, "labeling_failure"), (1, 0, "lucky"), (1, 2, "seeing_failure")),
        *((2, 0, "lucky"), (2, 2, "seeing_failure")),
    ]
    assert [row["weight"] for row in analysis.verdicts()] == pytest.approx([1 / 6] * 6)
    rows = {row["verdict"]: row for row in analysis.table("verdicts", gold="all")}
    assert [float(rows[verdict]["n"]) for verdict in ("right", "lucky", "labeling_failure", "unscored")] == [
        *(0.166667, 0.333333, 0.166667, 0),
    ]
    assert (rows["right"]["n_items"], rows["right"]["n_scored"], rows["right"]["share_of_scored"]) == (
        *("1", "1", "0.166667"),
    )
    scores = {row["mode"]: row for row in analysis.table("scores", categories="seven")}
    # of the descriptions two name a category and one of these is right, of the labels one of two
    assert [scores["describe"][name] for name in ("n_gold", "n_used", "n_left_out", "accuracy")] == [
        *("1", "0.666667", "0.333333", "0.5"),
    ]
    assert [scores["classify"][name] for name in ("n_gold", "n_used", "accuracy")] == ["1", "1", "0.5"]


def test_items_weigh_alike_whatever_the_number_of_their_repeats(analysis: "Analysis") -> None:
    for number in range(40):
        analysis.item(str(number), "Sad")
        for repeat in range(4 if number < 20 else 1):
            analysis.describe(str(number), "Sad" if repeat % 2 == 0 else "Fear", repeat=repeat)
        analysis.label(str(number), "Sad")
    analysis.compare()
    [right] = analysis.table("verdicts", gold="all", verdict="right")
    assert (right["n"], right["share_of_scored"], right["n_groups"]) == ("30", "0.75", "40")
    [test] = analysis.table("tests", comparison="modes")
    # the label alone is right in half of the first 20 items: their descriptions lose half an item each, all one way
    assert (test["n_both_right"], test["n_b_only"], test["difference"]) == ("30", "10", "-0.25")
    assert float(test["p"]) == pytest.approx(2 * 0.5**20, abs=1e-6)


def test_one_label_outweighs_any_number_of_repeats_without(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad")
    analysis.label("a", None, "unparsed", repeat=0)
    analysis.label("a", None, "refused", repeat=1)
    analysis.label("a", "Sad", repeat=2)
    analysis.compare()
    assert analysis.verdict()["verdict"] == "right"


def test_when_no_repeat_has_a_label_the_first_reason_is_told(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad")
    analysis.label("a", None, "refused", repeat=1)
    analysis.label("a", None, "unparsed", repeat=0)
    analysis.compare()
    assert analysis.verdict()["detail"] == "unparsed"


def test_one_good_description_outweighs_a_failed_repeat(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.answer("a", "describe", repeat=0, status="failed")
    analysis.describe("a", "Sad", repeat=1)
    analysis.label("a", "Sad")
    analysis.compare()
    assert analysis.verdict()["verdict"] == "right"


@pytest.mark.parametrize(
    ("score", "threshold", "verdict"),
    [(0.25, 0.25, "right"), (0.2499, 0.25, "lucky"), (1 / 3, 1 / 3, "right"), (0.25, 0.3, "lucky")],
)
def test_lenient_support_asks_for_a_score_at_or_above_the_threshold(
    analysis: "Analysis", score: float, threshold: float, verdict: str
) -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Fear", scores={"Sad": score, "Fear": 1 - score})
    analysis.label("a", "Sad")
    analysis.compare(CompareOptions(support=Support.LENIENT, lenient_threshold=threshold))
    assert analysis.verdict()["verdict"] == verdict
    analysis.compare()
    assert analysis.verdict()["verdict"] == "lucky"


def test_lenient_support_is_that_of_each_repeat(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    for repeat, score in enumerate([0.1, 0.4, 0.25]):
        analysis.describe("a", "Fear", repeat=repeat, scores={"Sad": score, "Fear": 1 - score})
    analysis.label("a", "Sad")
    analysis.compare(CompareOptions(support=Support.LENIENT))
    assert [row["verdict"] for row in analysis.verdicts()] == ["lucky", "right", "right"]


def test_the_label_comes_from_the_chosen_mode(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad")
    analysis.label("a", "Sad")
    analysis.label("a", "Neutral", mode="two_stage")
    analysis.compare(CompareOptions(label_mode=Mode.TWO_STAGE))
    assert analysis.verdict()["detail"] == "fell_back_to_neutral"


def test_a_neutral_gold_has_no_verdict_where_neutral_was_not_offered(analysis: "Analysis") -> None:
    analysis.item("a", "Neutral")
    analysis.describe("a", "Neutral")
    analysis.label("a", "Happy", mode="classify6")
    analysis.compare(CompareOptions(label_mode=Mode.CLASSIFY6))
    assert analysis.verdict()["detail"] == "gold_off_list"
