"""Contested gold: which items, in which order, with whose words; and the verdicts without them."""

from typing import TYPE_CHECKING, Any

import pytest

from descan.compare import CompareOptions
from descan.errors import InputError

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

OPTIONS = CompareOptions(n_resamples=500)


def judge(analysis: "Analysis", item: str, **said: tuple[str, str] | tuple[str, str, float]) -> None:
    """Let each model describe and label an item of gold Sad; the third value is the score of what is described."""
    analysis.item(item, "Sad")
    for model, (described, label, *score) in said.items():
        scores = {described: float(score[0])} if score else None
        analysis.describe(item, described, model=model, scores=scores)
        analysis.label(item, label, model=model)


def contested(analysis: "Analysis", *columns: str) -> list[tuple[str, ...]]:
    return [tuple(row[column] for column in columns) for row in analysis.table("contested")]


def test_gold_is_contested_where_most_models_agree_otherwise_in_description_and_label(analysis: "Analysis") -> None:
    judge(analysis, "most", a=("Fear", "Fear"), b=("Fear", "Fear"), c=("Sad", "Sad"))
    judge(analysis, "one", a=("Fear", "Fear"), b=("Happy", "Happy"), c=("Sad", "Sad"))
    judge(analysis, "labels only", a=("Sad", "Fear"), b=("Sad", "Fear"), c=("Sad", "Fear"))
    judge(analysis, "with gold", a=("Sad", "Sad"), b=("Sad", "Sad"), c=("Sad", "Sad"))
    judge(analysis, "half", a=("Fear", "Fear"), b=("Fear", "Fear"), c=("Sad", "Sad"), d=("Sad", "Sad"))
    analysis.compare(OPTIONS)
    columns = ("rank", "item_id", "gold", "agreed", "n_agreeing", "n_models", "models")
    assert contested(analysis, *columns) == [("1", "most", "Sad", "Fear", "2", "3", "a; b")]


@pytest.mark.parametrize(("k", "items"), [(1, {"x", "y"}), (2, {"x"}), (3, set())])
def test_how_many_models_must_agree_is_a_choice(analysis: "Analysis", k: int, items: set[str]) -> None:
    judge(analysis, "x", a=("Fear", "Fear"), b=("Fear", "Fear"))
    judge(analysis, "y", a=("Fear", "Fear"), b=("Sad", "Sad"))
    analysis.compare(CompareOptions(n_resamples=500, contested_models=k))
    assert {row["item_id"] for row in analysis.table("contested")} == items


def test_contested_models_below_one_are_refused() -> None:
    with pytest.raises(InputError, match="contested_models must be 1 or more, not 0"):
        CompareOptions(contested_models=0)


def test_contested_items_are_ranked_by_models_then_strength_then_name(analysis: "Analysis") -> None:
    judge(analysis, "z", a=("Fear", "Fear"), b=("Fear", "Fear"), c=("Fear", "Fear"))
    judge(analysis, "y", a=("Fear", "Fear", 0.5), b=("Fear", "Fear", 0.7), c=("Sad", "Sad"))
    judge(analysis, "x", a=("Fear", "Fear", 0.9), b=("Fear", "Fear", 0.9), c=("Sad", "Sad"))
    judge(analysis, "w", a=("Fear", "Fear", 0.9), b=("Fear", "Fear", 0.9), c=("Sad", "Sad"))
    analysis.compare(OPTIONS)
    assert contested(analysis, "item_id", "strength") == [("z", "1.0"), ("w", "0.9"), ("x", "0.9"), ("y", "0.6")]


def test_an_item_is_listed_once_under_its_stronger_category(analysis: "Analysis") -> None:
    said = {"a": ("Fear", 0.5), "b": ("Fear", 0.5), "c": ("Happy", 0.8), "d": ("Happy", 0.8)}
    judge(analysis, "x", **{model: (category, category, score) for model, (category, score) in said.items()})
    analysis.compare(CompareOptions(n_resamples=500, contested_models=2))
    assert contested(analysis, "item_id", "agreed", "models") == [("x", "Happy", "c; d")]


def test_the_words_of_the_agreeing_models_stand_beside_the_picture(analysis: "Analysis") -> None:
    judge(analysis, "x", a=("Fear", "Fear"), b=("Fear", "Fear"), c=("Sad", "Sad"))
    analysis.items[0]["media"] = "frames/x.jpg"
    text = "Here: A face in the dark.\nTense, wide eyes, mouth open: it looks afraid, though no smile."
    for answer in analysis.answers:
        answer["text"] = text
    for model in "abc":
        for word, more in [
            ("Tense", {"category": "Other"}), ("afraid", {"category": "Fear"}), ("dark", {"target": "scene"}),
        ]:  # fmt: skip
            said: dict[str, Any] = {"text": word, "start": text.index(word), **more}
            analysis.mention("x", "emotion", word, model=model, **said)
        analysis.mention("x", "action", "eyes_widen", model=model, text="wide eyes", start=text.index("wide"))
        analysis.mention("x", "action", "smile", model=model, text="smile", start=text.index("smile"), negated=True)
    analysis.compare(OPTIONS)
    [row] = analysis.table("contested")
    assert row["terms"] == "a: afraid, tense; b: afraid, tense"
    assert row["actions"] == "a: wide eyes; b: wide eyes"
    part = "…A face in the dark. Tense, wide eyes, mouth open: it looks afraid, though no smile."
    assert row["excerpts"] == f"a: {part} | b: {part}"
    assert row["media"] == "frames/x.jpg"


def test_what_models_write_cannot_run_in_a_spreadsheet(analysis: "Analysis") -> None:
    judge(analysis, "=1", **{"=m": ("Fear", "Fear"), "b": ("Fear", "Fear")})
    analysis.mention("=1", "emotion", "x", model="=m", text="=cmd()\x1b[2J", category="Fear")
    analysis.compare(OPTIONS)
    [row] = analysis.table("contested")
    assert (row["item_id"], row["models"]) == ("'=1", "'=m; b")
    assert row["terms"] == "'=m: =cmd()\\x1b[2j"


def test_the_verdicts_without_contested_items_leave_them_out_of_every_count(analysis: "Analysis") -> None:
    judge(analysis, "x", a=("Fear", "Fear"), b=("Fear", "Fear"))
    judge(analysis, "y", a=("Sad", "Sad"), b=("Fear", "Sad"))
    analysis.item("z")
    analysis.describe("z", "Sad", model="a")
    analysis.compare(OPTIONS)
    for name, n_items, n_scored, share in [("verdicts", "3", "2", "0.5"), ("verdicts_uncontested", "2", "1", "1.0")]:
        [row] = analysis.table(name, model="a", gold="all", verdict="right")
        assert (row["n"], row["n_items"], row["n_scored"], row["share_of_scored"]) == ("1", n_items, n_scored, share)
    [row] = analysis.table("verdicts_uncontested", model="b", gold="all", verdict="lucky")
    assert (row["n"], row["interval"], row["n_groups"]) == ("1", "wilson", "1")
