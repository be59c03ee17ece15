"""What models decide when asked, beside what they say and beside gold."""

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions
from descan.compare.decided_calibration import find_threshold
from descan.corpus import read_corpus
from descan.errors import OptionError

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

SAMPLE = Path(__file__).resolve().parents[2] / "corpora" / "decided"
TABLES = {"said_or_seen", "calibration_decided", "reliability", "neutral_threshold"}


def decide(
    analysis: "Analysis", item: str, emotions: dict[str, float] | None = None, repeat: int = 0, **actions: float
) -> None:
    """Add an answer; an action is `au12` for its units, or its name."""
    given = {name.removeprefix("au").replace("_", "/") if name[:2] == "au" else name: p for name, p in actions.items()}
    text = json.dumps({"emotions": emotions or {}, "actions": given, "way": "schema"})
    analysis.answer(item, "decide", text=text, repeat=repeat)


def states(analysis: "Analysis", action: str = "smile") -> dict[str, str]:
    [row] = analysis.table("said_or_seen", action=action)
    return {name[2:]: n for name, n in row.items() if name.startswith("n_") and n != "0" and name != "n_groups"}


@pytest.mark.parametrize(
    ("mention", "probability", "state"),
    [
        ({}, 0.9, "said_and_seen"),
        ({"hedged": True}, 0.5, "said_and_seen"),
        (None, 0.9, "seen_not_said"),
        ({"target": "scene"}, 0.9, "seen_not_said"),
        ({"negated": True}, 0.9, "denied_and_seen"),
        ({}, 0.1, "said_not_seen"),
        ({"negated": True}, 0.1, "neither"),
        (None, 0.49, "neither"),
    ],
)
def test_what_is_said_stands_beside_what_is_seen_when_asked(
    analysis: "Analysis", mention: dict[str, object] | None, probability: float, state: str
) -> None:
    analysis.item("a", "Happy")
    analysis.describe("a", "Happy")
    if mention is not None:
        analysis.mention("a", "action", "smile", **mention)  # type: ignore[arg-type]
    decide(analysis, "a", au12=probability)
    analysis.compare()
    assert states(analysis) == {"items": "1", state: "1"}


def test_a_threshold_of_ones_own_counts_and_a_wrong_one_is_refused(analysis: "Analysis") -> None:
    analysis.item("a", "Happy")
    analysis.describe("a", "Happy")
    decide(analysis, "a", au12=0.9)
    analysis.compare(CompareOptions(n_resamples=500, seen_probability=0.95))
    assert states(analysis) == {"items": "1", "neither": "1"}
    with pytest.raises(OptionError, match="seen_probability must be above 0 and at most 1, not 0"):
        CompareOptions(seen_probability=0)


def test_items_without_a_description_or_a_decision_do_not_count_and_repeats_count_by_their_mean(
    analysis: "Analysis",
) -> None:
    for item in "abc":
        analysis.item(item, "Happy")
    analysis.describe("a", "Happy")
    analysis.describe("b", "Happy")
    decide(analysis, "a", au12=0.9)
    decide(analysis, "a", repeat=1, au12=0.2)  # (0.9 + 0.2) / 2 = 0.55
    decide(analysis, "c", au12=0.9)
    analysis.compare()
    [row] = analysis.table("said_or_seen", action="smile")
    assert (row["n_items"], row["n_seen_not_said"], row["mean_probability"]) == ("1", "1", "0.55")


def test_actions_of_the_same_units_are_one_whatever_they_are_called(analysis: "Analysis") -> None:
    analysis.item("a", "Happy")
    analysis.describe("a", "Happy")
    analysis.mention("a", "action", "cheek_raise", region="cheeks", aus="6")
    decide(analysis, "a", au6=0.9, eyes_tear=0.1, no_action=0.7)
    analysis.compare()
    assert states(analysis, "cheek_raise") == states(analysis, "eyes_crinkle") == {"items": "1", "said_and_seen": "1"}
    [row] = analysis.table("said_or_seen", action="all", region="all")
    assert (row["n_items"], row["n_said_and_seen"], row["n_neither"]) == ("2", "1", "1")
    rows = pq.read_table(analysis.folder / "decided.parquet").to_pylist()
    assert [(row["name"], row["probability"], row["way"]) for row in rows] == [
        ("eyes_crinkle", 0.9, "schema"),
        ("cheek_raise", 0.9, "schema"),
        ("eyes_tear", 0.1, "schema"),
    ]


def test_calibration_by_hand(analysis: "Analysis") -> None:
    for item, gold, happy in (("a", "Happy", 0.9), ("b", "Happy", 0.8), ("c", "Sad", 0.7), ("d", "Sad", 0.1)):
        analysis.item(item, gold)
        decide(analysis, item, {"Happy": happy, "Sad": 1 - happy})
    analysis.item("e")
    decide(analysis, "e", {"Happy": 1.0})
    analysis.answer("d", "decide", text="no", repeat=1)
    analysis.compare()
    [row] = analysis.table("calibration_decided")
    assert (row["n"], row["accuracy"]) == ("4", "0.75")
    assert float(row["confidence"]) == pytest.approx((0.9 + 0.8 + 0.7 + 0.9) / 4)
    assert float(row["overconfidence"]) == pytest.approx(0.825 - 0.75)
    # Twice the squares of 0.1, 0.2, 0.7 and 0.1, by four.
    assert float(row["brier"]) == pytest.approx(2 * (0.01 + 0.04 + 0.49 + 0.01) / 4)
    # Up to 0.9: 1.8 of confidence and 2 right; up to 0.8: 0.8 and 1; up to 0.7: 0.7 and 0.
    assert float(row["ece"]) == pytest.approx((0.2 + 0.2 + 0.7) / 4)
    [top] = analysis.table("reliability", category="all", up_to="0.9")
    assert (top["n"], top["n_gold"], top["mean_probability"]) == ("2", "2", "0.9")
    [sad] = analysis.table("reliability", category="Sad", up_to="0.3")
    assert (sad["n"], sad["n_gold"]) == ("1", "1")
    assert float(sad["mean_probability"]) == pytest.approx(0.3)


def test_probabilities_that_do_not_add_up_to_one_count_by_their_part(analysis: "Analysis") -> None:
    analysis.item("a", "Happy")
    decide(analysis, "a", {"Happy": 0.9, "Sad": 0.9})
    analysis.compare()
    [row] = analysis.table("calibration_decided")
    assert (row["confidence"], row["brier"]) == ("0.5", "0.5")


def test_the_best_threshold_by_hand() -> None:
    part = np.array([0.55, 0.6, 0.8, 0.9, 0.3])
    other, golds = np.array([3, 3, 5, 3, 3]), np.array([3, 3, 4, 4, 3])
    # From 0.5 on right are the last three; between 0.6 and 0.8 all are.
    assert find_threshold(part, other, golds, 4, np.ones(5)) == pytest.approx(0.7)
    # Where moving gains nothing, nothing moves.
    assert find_threshold(np.array([0.9, 0.1]), np.array([3, 3]), np.array([4, 3]), 4, np.ones(2)) == 0.5
    assert find_threshold(np.array([0.9]), np.array([3]), np.array([3]), 4, np.ones(1)) == 0.5


def test_a_lean_to_neutral_is_found_and_what_moving_it_regains_is_cross_validated(analysis: "Analysis") -> None:
    # Each model of the world says the truth, but gives Neutral 0.2 more than it should.
    for number in range(60):
        gold = ("Happy", "Neutral", "Sad")[number % 3]
        lean = 0.5 if gold == "Neutral" else 0.35
        analysis.item(f"i{number}", gold, group=f"g{number // 2}")
        rest = {"Happy": 0.3, "Sad": 0.05} if gold != "Sad" else {"Happy": 0.05, "Sad": 0.3}
        decide(analysis, f"i{number}", {"Neutral": lean, **rest})
    analysis.compare()
    for measure in ("accuracy", "uar"):
        [row] = analysis.table("neutral_threshold", measure=measure)
        assert (row["n"], row["n_folds"], row["moved"]) == ("60", "5", "1.0")
        assert float(row["value"]) == float(row["gold_share"]) == pytest.approx(1 / 3)
        assert (row["neutral_share"], float(row["moved_bias"])) == ("1.0", 0)
        assert float(row["bias"]) == pytest.approx(2 / 3)
        # 0.35 / 0.65 = 0.538 of those that are not neutral, 0.5 / 0.8 = 0.625 of those that are.
        assert float(row["threshold"]) == pytest.approx((0.538462 + 0.625) / 2, abs=1e-5)


def test_without_decisions_there_is_no_table_of_them(analysis: "Analysis") -> None:
    analysis.item("a", "Happy")
    analysis.describe("a", "Happy")
    analysis.compare()
    assert not TABLES & {path.stem for path in (analysis.folder / "tables").iterdir()}
    assert not (analysis.folder / "decided.parquet").exists()


def test_decisions_that_are_all_unread_give_empty_tables(analysis: "Analysis") -> None:
    analysis.item("a", "Happy")
    analysis.answer("a", "decide", text="Happy.")
    analysis.compare()
    assert all(analysis.table(name) == [] for name in TABLES)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("decided") / "out"
    options = AnalyzeOptions(embedder="none", report=None, compare=CompareOptions(label_mode="decide"))  # type: ignore[arg-type]
    analyze(read_corpus(SAMPLE), out, options)
    return out


def table(out: Path, name: str) -> list[dict[str, str]]:
    with (out / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_sample_shows_what_a_cautious_model_sees_and_does_not_say(sample: Path) -> None:
    rows = {row["model"]: row for row in table(sample, "said_or_seen") if row["region"] == "all"}
    candid, cautious = rows["candid-sample"], rows["cautious-sample"]
    assert int(cautious["n_seen_not_said"]) > 2 * int(candid["n_seen_not_said"])
    assert float(candid["said_and_seen"]) > float(cautious["said_and_seen"])
    for row in rows.values():
        shares = ("said_and_seen", "seen_not_said", "denied_and_seen", "said_not_seen", "neither")
        assert sum(float(row[share]) for share in shares) == pytest.approx(1, abs=1e-5)


def test_the_sample_regains_accuracy_by_neutrals_threshold_where_a_model_leans_to_it(sample: Path) -> None:
    rows = {row["model"]: row for row in table(sample, "neutral_threshold") if row["measure"] == "accuracy"}
    assert float(rows["cautious-sample"]["gain_low"]) > 0
    assert float(rows["cautious-sample"]["bias"]) > 0.2
    assert float(rows["candid-sample"]["gain"]) <= 0


def test_the_samples_unread_decision_is_counted_and_its_labels_are_the_likeliest_categories(sample: Path) -> None:
    run = json.loads((sample / "run.json").read_text())
    assert run["left_out"]["decide_unparsed"] == 1
    assert run["options"]["seen_probability"] == 0.5
    reasons = {row["reason"]: row["n"] for row in table(sample, "unscored")}
    assert reasons == {"refused": "1", "unparsed": "1"}
