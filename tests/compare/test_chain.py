"""The evidence chain, counted by hand."""

from typing import TYPE_CHECKING, Any

import pytest

from descan.compare import CompareOptions

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

OPTIONS = CompareOptions(n_resamples=500)


@pytest.mark.parametrize(
    ("actions", "terms", "named", "label", "way"),
    [
        ("Sad", "Undecided", {}, "Neutral", ("fit", "none", "Neutral")),
        ("Undecided", "Sad", {}, "Fear", ("do not fit", "fit", "other")),
        ("Happy", "Happy", {"category": "Sad"}, "Fear", ("do not fit", "named", "other")),
        ("Sad", "Sad", {"category": "Sad"}, "Neutral", ("fit", "fit", "Neutral")),
        ("Happy", "Happy", {"category": "Sad", "negated": True}, "Fear", ("do not fit", "none", "other")),
        ("Happy", "Happy", {"category": "Sad", "target": "scene"}, "Fear", ("do not fit", "none", "other")),
        ("Happy", "Happy", {"category": "Fear"}, "Fear", ("do not fit", "none", "other")),
    ],
)
def test_a_wrong_label_has_one_way(
    analysis: "Analysis", actions: str, terms: str, named: dict[str, Any], label: str, way: tuple[str, str, str]
) -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Happy", actions_described=actions, terms_described=terms)
    if named:
        analysis.mention("a", "emotion", "grief", **named)
    analysis.label("a", label)
    analysis.compare(OPTIONS)
    for gold in ("all", "Sad"):
        rows = analysis.table("chain", gold=gold)
        assert len(rows) == 2 * 3 * 2
        [found] = [row for row in rows if row["n"] != "0"]
        assert (found["actions"], found["words"], found["label"]) == way
        assert (found["n"], found["n_wrong"], found["share"]) == ("1", "1", "1.0")
    assert {(row["n_wrong"], row["share"]) for row in analysis.table("chain", gold="Fear")} == {("0", "")}


def test_right_labels_and_missing_descriptions_are_not_in_the_chain(analysis: "Analysis") -> None:
    for item, gold, label in [("a", "Sad", "Sad"), ("b", "Sad", "Fear"), ("c", None, "Fear"), ("d", "Sad", None)]:
        analysis.item(item, gold)
        analysis.label(item, label, "" if label else "unparsed")
        if item != "b":
            analysis.describe(item, "Sad")
    analysis.compare(OPTIONS)
    assert analysis.table("chain") == []


def test_the_ways_of_a_gold_category_add_up(analysis: "Analysis") -> None:
    for number, (actions, label) in enumerate([("Sad", "Neutral"), ("Sad", "Neutral"), ("Fear", "Happy")]):
        analysis.item(str(number), "Sad")
        analysis.describe(str(number), "Happy", actions_described=actions)
        analysis.label(str(number), label)
    analysis.compare(OPTIONS)
    rows = analysis.table("chain", gold="Sad")
    assert sum(int(row["n"]) for row in rows) == 3
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1, abs=1e-5)
    [row] = analysis.table("chain", gold="Sad", actions="fit", words="none", label="Neutral")
    assert (row["share"], row["interval"], row["n_groups"]) == ("0.666667", "wilson", "3")
