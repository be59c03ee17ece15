"""The CSV tables, against values worked by hand."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.emotions import Emotion
from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions, Support
from descan.corpus import read_corpus

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

TABLES = {
    "actions", "actions_by_gold", "regions", "regions_by_gold", "terms", "categories", "confusion_described",
    "confusion_label", "scores", "verdicts", "verdicts_strict", "verdicts_lenient", "verdict_details", "unscored",
    "off_list", "contrasts", "discordance", "missing", "annotators", "scores_annotators", "seeing_failures",
    "calibration", "thresholds",
    "support", "detail", "answers", "neutral", "neutral_sources", "two_stage", "chain", "contested", "agreement",
    "verdicts_uncontested", "misreading", "misreading_tests", "misreading_verdicts", "misreading_modes",
    "sensitivity", "tests", "differences", "repeats", "prompts", "variance",
    "latency", "cost", "ratios", "languages", "language_tests", "verdicts_readers", "readers",
    "confusion_readers", "support_readers", "differences_readers", "judges", "reader_biases",
}  # fmt: skip


def test_every_table_is_written_even_when_nothing_was_answered(analysis: "Analysis") -> None:
    analysis.compare()
    assert {path.stem for path in (analysis.folder / "tables").iterdir()} == TABLES
    assert all(analysis.table(name) == [] for name in TABLES - {"misreading"})


def test_actions_count_mentions_and_the_descriptions_that_have_one(analysis: "Analysis") -> None:
    analysis.item("a", "Happy")
    analysis.item("b", "Sad")
    analysis.item("c")
    for item in "abc":
        analysis.describe(item, "Happy")
    analysis.mention("a", "action", "smile")
    analysis.mention("a", "action", "smile", hedged=True)
    analysis.mention("b", "action", "smile", negated=True, hedged=True)
    analysis.mention("c", "action", "smile", target="scene")
    analysis.mention("c", "action", "smile")
    analysis.compare()
    [row] = analysis.table("actions")
    assert row == {
        "model": "m", "action": "smile", "region": "mouth", "aus": "12", "mentions": "3", "negated": "1",
        "hedged": "1", "scene": "1", "descriptions": "2", "n_descriptions": "3", "share": "0.666667",
        "share_low": "0.20766", "share_high": "0.938508", "interval": "wilson", "n_groups": "3",
    }  # fmt: skip
    by_gold = [(row["gold"], row["descriptions"], row["share"]) for row in analysis.table("actions_by_gold")]
    assert by_gold == [("Happy", "1", "1.0"), ("Sad", "0", "0.0")]


def test_a_description_with_two_actions_of_a_region_counts_once_for_it(analysis: "Analysis") -> None:
    analysis.item("a", "Happy")
    analysis.describe("a", "Happy")
    analysis.mention("a", "action", "smile")
    analysis.mention("a", "action", "jaw_drop")
    analysis.compare()
    [row] = analysis.table("regions")
    assert (row["region"], row["mentions"], row["descriptions"], row["share"]) == ("mouth", "2", "1", "1.0")
    assert [row["gold"] for row in analysis.table("regions_by_gold")] == ["Happy"]


def test_mentions_of_a_refused_description_do_not_count(analysis: "Analysis") -> None:
    analysis.item("a", "Happy")
    analysis.item("b", "Happy")
    analysis.describe("a", "Happy")
    analysis.describe("b", "Happy", refused=True)
    for item in "ab":
        analysis.mention(item, "action", "smile")
    analysis.compare()
    [row] = analysis.table("actions")
    assert (row["mentions"], row["n_descriptions"]) == ("1", "1")


def test_terms_stand_by_category_and_count_scene_mentions_apart(analysis: "Analysis") -> None:
    analysis.item("a", "Happy")
    analysis.describe("a", "Happy")
    analysis.mention("a", "emotion", "pensive", category="Other")
    analysis.mention("a", "emotion", "joy", category="Happy")
    analysis.mention("a", "emotion", "joy", category="Happy", target="scene")
    analysis.mention("a", "emotion", "fear", category="Fear", negated=True)
    analysis.compare()
    columns = ("category", "term", "mentions", "negated", "scene", "descriptions", "share")
    assert [tuple(row[column] for column in columns) for row in analysis.table("terms")] == [
        ("Fear", "fear", "0", "1", "0", "0", "0.0"),
        ("Happy", "joy", "1", "0", "1", "1", "1.0"),
        ("Other", "pensive", "1", "0", "0", "1", "1.0"),
    ]


def test_categories_list_all_seven_and_other_with_their_distinct_terms(analysis: "Analysis") -> None:
    analysis.item("a")
    analysis.item("b")
    analysis.describe("a", "Happy")
    analysis.describe("b", "Happy")
    analysis.mention("a", "emotion", "joy", category="Happy")
    analysis.mention("a", "emotion", "delight", category="Happy")
    analysis.mention("a", "emotion", "sad", category="Sad", negated=True)
    analysis.compare()
    rows = analysis.table("categories")
    assert [row["category"] for row in rows] == [*map(str, Emotion), "Other"]
    columns = ("distinct_terms", "mentions", "descriptions", "n_descriptions", "share")
    assert [rows[3][column] for column in columns] == ["2", "2", "1", "2", "0.5"]
    assert [rows[5][column] for column in columns] == ["0", "0", "0", "2", "0.0"]


def test_the_confusion_of_descriptions_has_every_cell(analysis: "Analysis") -> None:
    for item, described in [("a", "Sad"), ("b", "Undecided"), ("c", "Fear")]:
        analysis.item(item, "Sad")
        analysis.describe(item, described)
    analysis.item("d", "Happy")
    analysis.describe("d", "Happy", refused=True)
    analysis.compare()
    assert len(analysis.table("confusion_described")) == 7 * 8
    sad = analysis.table("confusion_described", gold="Sad")
    assert [row["n"] for row in sad] == ["0", "0", "1", "0", "0", "1", "0", "1"]
    assert (sad[-1]["predicted"], sad[-1]["n_gold"], sad[-1]["share"]) == ("Undecided", "3", "0.333333")
    assert {(row["n_gold"], row["share"]) for row in analysis.table("confusion_described", gold="Happy")} == {("0", "")}


def test_the_confusion_of_labels_has_reasons_beside_categories_for_every_mode(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.item("b", "Sad")
    analysis.label("a", "Sad")
    analysis.label("b", None, "unparsed")
    analysis.label("a", "Fear", mode="two_stage")
    analysis.compare()
    rows = analysis.table("confusion_label", mode="classify", gold="Sad")
    assert [row["predicted"] for row in rows] == [*map(str, Emotion), "unparsed"]
    assert [row["n"] for row in rows] == ["0", "0", "0", "0", "0", "1", "0", "1"]
    assert len(analysis.table("confusion_label", mode="two_stage")) == 7 * 8


def test_scores_stand_for_each_mode_that_was_asked(analysis: "Analysis") -> None:
    for item, gold in [("a", "Sad"), ("b", "Neutral"), ("c", None)]:
        analysis.item(item, gold)
        analysis.describe(item, "Undecided" if item == "a" else "Neutral")
        analysis.label(item, "Sad", mode="classify6")
    analysis.compare()
    found = [(row["mode"], row["categories"], row["n_gold"], row["n_used"]) for row in analysis.table("scores")]
    assert found == [("describe", "seven", "2", "1"), ("describe", "six", "1", "0"), ("classify6", "six", "1", "1")]
    [six] = analysis.table("scores", mode="describe", categories="six")
    assert (six["accuracy"], six["kappa"], six["accuracy_all"]) == ("", "", "0.0")


def test_verdicts_are_counted_by_gold_and_over_all(analysis: "Analysis") -> None:
    for item, gold, label in [("a", "Sad", "Sad"), ("b", "Sad", "Fear"), ("c", "Happy", None), ("d", None, "Sad")]:
        analysis.item(item, gold)
        analysis.describe(item, "Sad")
        analysis.label(item, label, "" if label else "unparsed")
    analysis.compare()
    columns = ("verdict", "n", "n_items", "n_scored", "share_of_scored")
    assert [tuple(row[column] for column in columns) for row in analysis.table("verdicts", gold="all")] == [
        ("right", "1", "4", "2", "0.5"),
        ("lucky", "0", "4", "2", "0.0"),
        ("labeling_failure", "1", "4", "2", "0.5"),
        ("seeing_failure", "0", "4", "2", "0.0"),
        ("unscored", "2", "4", "2", ""),
    ]
    [happy] = analysis.table("verdicts", gold="Happy", verdict="right")
    assert (happy["n_items"], happy["n_scored"], happy["share_of_scored"]) == ("1", "0", "")
    reasons = [(row["reason"], row["n"], row["n_items"], row["share"]) for row in analysis.table("unscored")]
    assert reasons == [("no_gold", "1", "4", "0.25"), ("unparsed", "1", "4", "0.25")]


def test_replies_off_the_list_are_counted_as_they_are_written(tmp_path: Path) -> None:
    rows = ["Contempt", "**contempt**", " contempt. ", "Joy", "boredom"]
    (tmp_path / "a.csv").write_text("text,gold,label\n" + "".join(f"A smile.,Sad,{row}\n" for row in rows))
    analyze(read_corpus(tmp_path / "a.csv"), tmp_path / "out", AnalyzeOptions(report=None, embedder="none"))
    expected = "model,mode,reply,n\nunnamed,classify,contempt,3\nunnamed,classify,boredom,1\n"
    assert (tmp_path / "out" / "tables" / "off_list.csv").read_text() == expected


def test_verdict_details_add_up_to_their_verdicts(analysis: "Analysis") -> None:
    for item, label in [("a", "Neutral"), ("b", "Fear"), ("c", None)]:
        analysis.item(item, "Sad")
        analysis.describe(item, "Sad")
        analysis.label(item, label, "" if label else "off_list")
    analysis.compare()
    rows = analysis.table("verdict_details", gold="all")
    counted = {(row["verdict"], row["detail"]): (row["n"], row["share_of_scored"]) for row in rows}
    assert counted["labeling_failure", "fell_back_to_neutral"] == ("1", "0.5")
    assert counted["labeling_failure", "other_label"] == ("1", "0.5")
    assert counted["unscored", "off_list"] == ("1", "")
    assert counted["seeing_failure", "near_miss"] == ("0", "0.0")


def test_verdicts_follow_the_chosen_support_and_both_rules_are_tabled(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Fear", scores={"Sad": 0.4, "Fear": 0.6})
    analysis.label("a", "Sad")
    analysis.compare(CompareOptions(support=Support.LENIENT))
    for name, verdict in [("verdicts", "right"), ("verdicts_lenient", "right"), ("verdicts_strict", "lucky")]:
        [row] = analysis.table(name, gold="all", verdict=verdict)
        assert row["n"] == "1"


def test_support_stands_beside_its_chance_share(analysis: "Analysis") -> None:
    # gold: Sad, Sad, Happy, Fear; described: Sad, Happy, Happy, Sad: two of four match.
    # p(gold)p(described): Sad 2/4 * 2/4 + Happy 1/4 * 2/4 + Fear 1/4 * 0 = 4/16 + 2/16 = 0.375
    # lenient: Fear scores 0.3 for the last item, so three of four; + Fear 1/4 * 1/4 = 0.4375
    for item, gold, described in [("a", "Sad", "Sad"), ("b", "Sad", "Happy"), ("c", "Happy", "Happy")]:
        analysis.item(item, gold)
        analysis.describe(item, described)
    analysis.item("d", "Fear")
    analysis.describe("d", "Sad", scores={"Sad": 0.7, "Fear": 0.3})
    analysis.compare()
    rows = analysis.table("support")
    columns = ("evidence", "support", "n_descriptions", "n_supporting", "share", "chance_share", "difference")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("described", "strict", "4", "2", "0.5", "0.375", "0.125"),
        ("described", "lenient", "4", "3", "0.75", "0.4375", "0.3125"),
        ("actions_described", "strict", "4", "2", "0.5", "0.375", "0.125"),
        ("terms_described", "strict", "4", "0", "0.0", "0.0", "0.0"),
    ]


def test_the_chance_share_is_the_mean_over_shuffled_descriptions(analysis: "Analysis") -> None:
    generator = np.random.default_rng(7)
    gold = generator.choice([str(emotion) for emotion in Emotion], 40)
    described = generator.choice(["Sad", "Happy", "Neutral", "Undecided"], 40)
    for number, (one, other) in enumerate(zip(gold, described, strict=True)):
        analysis.item(str(number), str(one))
        analysis.describe(str(number), str(other))
    analysis.compare()
    shuffled = [np.mean(gold == generator.permutation(described)) for _ in range(4000)]
    [row] = analysis.table("support", evidence="described", support="strict")
    assert float(row["chance_share"]) == pytest.approx(np.mean(shuffled), abs=0.005)


def test_one_description_for_all_supports_gold_no_more_than_chance(analysis: "Analysis") -> None:
    for item, gold in [("a", "Sad"), ("b", "Happy"), ("c", "Sad")]:
        analysis.item(item, gold)
        analysis.describe(item, "Sad")
    analysis.compare()
    assert {row["difference"] for row in analysis.table("support")} == {"0.0"}


def test_detail_is_over_every_read_description(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad", repeat=0, n_words=10, named=["Monica"])
    analysis.describe("a", "Sad", repeat=1, n_words=20)
    analysis.describe("a", "Sad", repeat=2, n_words=60)
    analysis.describe("a", "Sad", repeat=3, n_words=999, refused=True)
    analysis.compare()
    [row] = analysis.table("detail")
    assert (row["n_descriptions"], row["n_words_mean"], row["n_words_median"]) == ("3", "30.0", "20.0")
    assert (row["n_named"], row["share_named"]) == ("1", "0.333333")


def test_answers_tell_over_how_many_a_cost_is_known_and_nothing_where_none_is(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    for repeat, (latency, cost) in enumerate([(1.0, 0.001), (3.0, None), (2.0, 0.002)]):
        analysis.answer("a", "describe", repeat=repeat, latency_s=latency, cost_usd=cost, input_tokens=repeat)
    analysis.compare()
    [row] = analysis.table("answers")
    # the 90th percentile of 1, 2, 3 stands 0.9 * 2 = 1.8 steps from the first: 2 + 0.8
    assert (row["n_latency"], row["latency_median_s"], row["latency_p90_s"]) == ("3", "2.0", "2.8")
    assert (row["n_cost"], row["cost_usd_total"], row["input_tokens_mean"]) == ("2", "0.003", "1.0")
    assert (row["n_thinking_tokens"], row["thinking_tokens_mean"]) == ("0", "")


def test_a_model_that_is_named_like_a_formula_is_written_as_text(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad", model="=cmd|' /C calc'!A0\x1b[2J")
    analysis.compare()
    assert analysis.table("detail")[0]["model"] == "'=cmd|' /C calc'!A0\\x1b[2J"
    assert analysis.verdict()["model"] == "=cmd|' /C calc'!A0\x1b[2J"


def test_the_bytes_do_not_depend_on_threads_or_row_order(analysis: "Analysis") -> None:
    generator = np.random.default_rng(0)
    emotions = [str(emotion) for emotion in Emotion]
    for number in range(60):
        analysis.item(f"i{number}", emotions[number % 7], group=f"g{number // 3}" if number < 30 else None)
        for repeat in range(3):
            score = float(generator.random())
            analysis.describe(f"i{number}", emotions[generator.integers(7)], repeat=repeat, scores={"Sad": score})
            analysis.label(f"i{number}", emotions[generator.integers(7)], repeat=repeat)
            analysis.mention(f"i{number}", "action", f"action {generator.integers(5)}", repeat=repeat)
    analysis.compare(CompareOptions(threads=1, n_resamples=500))
    first = written(analysis.folder)
    for rows in (analysis.answers, analysis.readings, analysis.labels, analysis.mentions):
        rows.reverse()
    analysis.compare(CompareOptions(threads=2, n_resamples=500))
    assert written(analysis.folder) == first


def written(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file that the comparison writes."""
    return {path.name: path.read_bytes() for path in [folder / "verdicts.parquet", *(folder / "tables").iterdir()]}
