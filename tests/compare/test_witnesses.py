"""What descriptions say of each action, beside what witnesses see on the face."""

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks.witnesses import TRUE_RATES, simulate
from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions
from descan.compare.witness_errors import correct_rates
from descan.corpus import read_corpus
from descan.errors import InputError

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

SAMPLE = Path(__file__).resolve().parents[2] / "corpora" / "witnessed"
SPEAKING = {"smile": ("Happy",), "brow_lower": ("Anger", "Sad"), "lip_corner_down": ("Sad",)}


def outcomes(analysis: "Analysis", **where: str) -> dict[str, str]:
    """Return the outcome of each action that a witness can tell; with several items or models, those of `where`."""
    rows = pq.read_table(analysis.folder / "witnessed.parquet").to_pylist()
    chosen = [row for row in rows if all(row[key] == value for key, value in where.items())]
    return {row["action"]: row["outcome"] for row in chosen}


def one_face(analysis: "Analysis", units: dict[int, int], *mentions: tuple[str, str], **more: Any) -> dict[str, str]:
    """Return the outcomes of one description of one face, which mentions actions with units."""
    analysis.item("a", "Happy")
    analysis.describe("a", "Happy")
    for action, aus in mentions:
        analysis.mention("a", "action", action, aus=aus, **more)
    for unit, present in units.items():
        analysis.witness("a", unit, present)
    analysis.compare()
    return outcomes(analysis)


@pytest.mark.parametrize(
    ("present", "more", "outcome"),
    [
        (1, {}, "hit"),
        (1, {"hedged": True}, "hit"),
        (1, {"negated": True}, "denied"),
        (1, {"target": "scene"}, "omitted"),
        (0, {}, "hallucinated"),
        (0, {"hedged": True}, "hallucinated"),
        (0, {"negated": True}, "correct_rejection"),
    ],
)
def test_an_outcome_is_what_is_there_beside_what_is_said(
    analysis: "Analysis", present: int, more: dict[str, object], outcome: str
) -> None:
    assert one_face(analysis, {12: present}, ("smile", "12"), **more)["smile"] == outcome


def test_what_is_said_and_taken_back_counts_as_said(analysis: "Analysis") -> None:
    analysis.mention("a", "action", "smile", negated=True)
    assert one_face(analysis, {12: 1}, ("smile", "12")) == {"smile": "hit"}


@pytest.mark.parametrize(
    ("units", "outcome"),
    [
        ({25: 1}, "omitted"),
        ({25: 0, 26: 1}, "omitted"),
        ({25: 0}, "correct_rejection"),  # Behind closed lips neither a dropped jaw nor a stretch opens the mouth.
        ({26: 0}, None),
    ],
)
def test_one_of_several_units_is_enough(analysis: "Analysis", units: dict[int, int], outcome: str | None) -> None:
    assert one_face(analysis, units).get("mouth_open") == outcome


@pytest.mark.parametrize(
    ("units", "outcome"), [({1: 1, 2: 1}, "omitted"), ({1: 1}, None), ({1: 0}, "correct_rejection"), ({2: 1}, None)]
)
def test_all_of_joined_units_are_needed_and_a_unit_that_is_not_told_is_unknown(
    analysis: "Analysis", units: dict[int, int], outcome: str | None
) -> None:
    assert one_face(analysis, units).get("brow_raise") == outcome


def test_parted_lips_do_not_show_teeth_but_closed_lips_show_none(analysis: "Analysis") -> None:
    analysis.witness("b", 25, 1)
    analysis.item("b", "Happy")
    analysis.describe("b", "Happy")
    one_face(analysis, {25: 0}, ("teeth_show", "25"))
    assert outcomes(analysis, item_id="a")["teeth_show"] == "hallucinated"
    assert "teeth_show" not in outcomes(analysis, item_id="b")


def test_raised_cheeks_and_wrinkles_at_the_eyes_are_one_unit(analysis: "Analysis") -> None:
    found = one_face(analysis, {6: 1}, ("eyes_crinkle", "6"))
    assert found == {"cheek_raise": "hit", "eyes_crinkle": "hit"}
    [row] = analysis.table("actions_witnessed", region="all")
    assert (row["n_present"], row["n_hit"]) == ("1", "1")


def test_whole_brows_that_rise_are_no_inner_brows(analysis: "Analysis") -> None:
    assert "inner_brow_raise" not in one_face(analysis, {1: 1, 2: 1})


def test_a_smile_on_one_side_is_a_smirk_where_the_witness_tells_sides(analysis: "Analysis") -> None:
    analysis.witness("a", 12, 1, side="left")
    analysis.witness("a", 14, 0)
    found = one_face(analysis, {}, ("smirk", "14"), side="left")
    assert found == {"smile": "hit", "smirk": "hit"}
    [row] = [
        row for row in pq.read_table(analysis.folder / "witnessed.parquet").to_pylist() if row["action"] == "smirk"
    ]
    assert (row["side"], row["said_side"]) == ("left", "left")


def test_thresholds_say_from_where_on_a_unit_is_there(analysis: "Analysis") -> None:
    analysis.item("a", "Happy")
    analysis.describe("a", "Happy")
    analysis.witness("a", 12, None, intensity=1.5)
    analysis.witness("a", 4, None, probability=0.6)
    analysis.compare()
    assert outcomes(analysis) == {"smile": "omitted", "brow_lower": "omitted"}
    analysis.compare(CompareOptions(n_resamples=500, present_intensity=2, present_probability=0.7))
    assert outcomes(analysis) == {"smile": "correct_rejection", "brow_lower": "correct_rejection"}


def test_a_witness_that_contradicts_itself_is_refused(analysis: "Analysis") -> None:
    analysis.witness("a", 12, 0)
    with pytest.raises(InputError, match="witness 'w' gives 2 values for unit 12 of item 'a'; give one"):
        one_face(analysis, {12: 1})


def test_rates_are_of_what_is_there_and_of_what_is_not(analysis: "Analysis") -> None:
    # 40 faces: 20 smile, of which 12 are said to, 2 are said not to; of the others 5 are said to.
    for number in range(40):
        name, is_shown = str(number), number < 20
        analysis.item(name, "Happy")
        analysis.describe(name, "Happy")
        analysis.witness(name, 12, int(is_shown))
        if number < 14 or 20 <= number < 25:
            analysis.mention(name, "action", "smile", negated=number in (0, 1), hedged=number == 2)
    analysis.compare()
    [row] = analysis.table("actions_witnessed", action="smile")
    counts = {name: int(value) for name, value in row.items() if name.startswith("n_") and value}
    assert counts == {
        "n_items": 40,
        "n_present": 20,
        "n_hit": 12,
        "n_omitted": 6,
        "n_denied": 2,
        "n_hallucinated": 5,
        "n_hedged": 1,
        "n_rightly_denied": 0,
        "n_groups": 40,
    }
    rates = (
        "sensitivity",
        "omission",
        "denial",
        "hallucination",
        "hallucinated_mentions",
        "mention_rate",
        "difference",
    )
    expected = [12 / 20, 6 / 20, 2 / 20, 5 / 20, 5 / 17, 17 / 40, 12 / 20 - 5 / 20]
    assert [float(row[name]) for name in rates] == pytest.approx(expected, abs=1e-6)
    assert float(row["difference_low"]) < float(row["difference"]) < float(row["difference_high"])
    assert row["corrected_sensitivity"] == ""


def test_repeats_of_an_item_share_its_weight(analysis: "Analysis") -> None:
    analysis.item("a", "Happy")
    analysis.item("b", "Happy")
    for name, repeats in (("a", 2), ("b", 1)):
        analysis.witness(name, 12, 1)
        for repeat in range(repeats):
            analysis.describe(name, "Happy", repeat=repeat)
    analysis.mention("a", "action", "smile", repeat=1)
    analysis.compare()
    [row] = analysis.table("actions_witnessed", action="smile")
    assert (row["n_items"], row["n_hit"], row["sensitivity"]) == ("2", "0.5", "0.25")


def test_the_errors_of_a_witness_are_those_beside_the_coder(analysis: "Analysis", tmp_path: Path) -> None:
    # The sensor sees 3 of 4 smiles, and a smile on 1 of 4 faces without one.
    for number in range(8):
        name = str(number)
        analysis.item(name, "Happy")
        analysis.describe(name, "Happy")
        analysis.witness(name, 12, int(number < 4), name="coder")
        analysis.witness(name, 12, int(number in (0, 1, 2, 4)), name="sensor")
    analysis.compare(CompareOptions(n_resamples=500, coder="coder"))
    [row] = analysis.table("actions_witnessed", action="smile", witness="sensor")
    shown = ("witness_sensitivity", "witness_specificity", "n_errors")
    assert [row[name] for name in shown] == ["0.75", "0.75", "8"]
    [row] = analysis.table("actions_witnessed", action="smile", witness="coder")
    assert [row[name] for name in shown] == ["", "", ""]
    errors = tmp_path / "errors.csv"
    errors.write_text("witness,action,sensitivity,specificity,n_present,n_absent\nsensor,smile,0.9,0.8,50,70\n")
    analysis.compare(CompareOptions(n_resamples=500, coder="coder", witness_errors=errors))
    [row] = analysis.table("actions_witnessed", action="smile", witness="sensor")
    assert [row[name] for name in shown] == ["0.9", "0.8", "120"]
    with pytest.raises(InputError, match="coder 'nobody' is unknown; use one of 'coder', 'sensor'"):
        analysis.compare(CompareOptions(n_resamples=500, coder="nobody"))


def test_two_models_are_compared_on_the_same_faces_and_two_witnesses_on_the_same_items(analysis: "Analysis") -> None:
    # Of 20 faces with a smile a says 15 and b says 5 of the same; of 20 without one a says 4, b none.
    for number in range(40):
        name, is_shown = str(number), number < 20
        analysis.item(name, "Happy")
        analysis.witness(name, 12, int(is_shown))
        analysis.witness(name, 12, int(is_shown and number > 0), name="other")
        for model, says in (("a", number < 15 or 20 <= number < 24), ("b", number < 5)):
            analysis.describe(name, "Happy", model=model)
            if says:
                analysis.mention(name, "action", "smile", model=model)
    analysis.describe("0", "Happy", model="c")
    analysis.compare()
    [row] = analysis.table("witnessed_tests", model_a="a", model_b="b", witness="w", rate="sensitivity")
    assert [row[name] for name in ("n_items", "value_a", "value_b", "difference")] == ["20", "0.75", "0.25", "0.5"]
    assert (row["decision"], row["family"]) == ("differs", "witnessed, w: sensitivity")
    [row] = analysis.table("witnessed_tests", model_a="a", model_b="b", witness="w", rate="hallucination")
    assert [row[name] for name in ("value_a", "value_b")] == ["0.2", "0.0"]
    [row] = analysis.table("witness_agreement", action="smile")
    counts = ("witness_a", "witness_b", "n_items", "n_both", "n_a_only", "n_b_only", "n_neither", "agreement")
    assert [row[name] for name in counts] == ["other", "w", "40", "19", "0", "1", "20", "0.975"]
    assert float(row["kappa"]) == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("sensor,smile,1.2,0.8,50,70", "2: sensitivity '1.2' is not allowed; use a number from 0 to 1"),
        ("sensor,smile,0.9,0.8,50,many", "2: n_absent 'many' is not allowed; use a number of faces, 0 or more"),
        ("s,smile,1,1,9,9\ns,smile,1,1,9,9", "3: 's' and 'smile' occur twice; give them once"),
    ],
)
def test_errors_of_witnesses_that_are_not_allowed_are_refused(
    analysis: "Analysis", tmp_path: Path, line: str, problem: str
) -> None:
    errors = tmp_path / "errors.csv"
    errors.write_text(f"witness,action,sensitivity,specificity,n_present,n_absent\n{line}\n")
    analysis.item("a", "Happy")
    analysis.describe("a", "Happy")
    analysis.witness("a", 12, 1)
    with pytest.raises(InputError, match=problem):
        analysis.compare(CompareOptions(n_resamples=500, witness_errors=errors))


def test_corrected_rates_are_those_beside_a_witness_who_never_errs() -> None:
    # 100 faces, 40 smile; of these 30 are said to, of the others 6. The witness has 0.8 and 0.9.
    counts = [0.8 * 30 + 0.1 * 6, 0.8 * 40 + 0.1 * 60, 0.2 * 30 + 0.9 * 6, 100]
    found = correct_rates(np.array([counts]), np.array([0.8]), np.array([0.9]))
    assert found[0] == pytest.approx([30 / 40, 6 / 60])


def test_a_witness_who_tells_nothing_corrects_nothing() -> None:
    assert np.isnan(correct_rates(np.array([[1.0, 2.0, 1.0, 4.0]]), np.array([0.5]), np.array([0.5]))).all()


@pytest.mark.slow
def test_corrected_rates_are_in_their_intervals_and_raw_ones_are_not() -> None:
    # 95% of 200 intervals are 190, and 5 standard errors 15.
    held: Counter[str] = Counter()
    n = 200
    for seed in range(n):
        found = simulate(np.random.default_rng(seed))
        for name, truth in TRUE_RATES.items():
            held[name] += bool(found[name].low <= truth <= found[name].high)
    assert all(175 <= held[f"corrected_{rate}"] <= n for rate in ("sensitivity", "hallucination"))
    assert held["sensitivity"] < 60
    assert held["hallucination"] < 60


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("witnessed") / "out"
    options = AnalyzeOptions(report=None, compare=CompareOptions(n_resamples=500, coder="coder"))
    analyze(read_corpus(SAMPLE), out, options)
    return out


def test_the_sample_has_every_outcome(sample: Path) -> None:
    rows = pq.read_table(sample / "witnessed.parquet").to_pylist()
    counts = Counter((row["model"], row["witness"], row["outcome"]) for row in rows)
    assert {key[:2]: {} for key in counts}.keys() == {
        (model, witness) for model in ("careful-sample", "vivid-sample") for witness in ("coder", "sensor")
    }
    assert counts["careful-sample", "coder", "hallucinated"] == 0
    assert counts["vivid-sample", "coder", "hallucinated"] == 17
    assert {outcome for *_, outcome in counts} == {"hit", "omitted", "denied", "hallucinated", "correct_rejection"}
    assert {row["witness"] for row in rows if row["item_id"] == "f12"} == {"coder"}  # The sensor found no face.


def test_the_sample_has_every_cause(sample: Path) -> None:
    with (sample / "tables" / "causes_witnessed.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["gold"], row["witness"]) == ("all", "coder")]
    found = {(row["model"], row["verdict"], row["cause"]): int(row["n"]) for row in rows}
    causes = ("not_shown", "seen_otherwise", "invented", "not_seen")
    careful = [found["careful-sample", "seeing_failure", cause] for cause in causes]
    vivid = [found["vivid-sample", "seeing_failure", cause] for cause in causes]
    assert (careful, vivid) == ([1, 1, 0, 1], [0, 1, 3, 1])
    assert found["vivid-sample", "lucky", "invented"] == 2
