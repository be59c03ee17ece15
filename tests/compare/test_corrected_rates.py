"""Rates of descriptions as they would be without the errors of the witness and of descan's reading."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from descan.compare import CompareOptions
from descan.compare.action_marks import load_action_marks
from descan.compare.witness_errors import DEPENDENCE, correct_rates, correct_reading, load_witness_errors
from descan.errors import InputError
from descan.lexicon import load_lexicon

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

SURE = np.array([1.0])


def test_a_witness_who_never_errs_leaves_rates_as_they_are() -> None:
    # 40 of 100 faces show it and 30 of these are said to; 6 of the others are.
    assert correct_rates(np.array([[30.0, 40, 6, 100]]), SURE, SURE)[0] == pytest.approx([30 / 40, 6 / 60])


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.5, 0.5), (0.3, 0.6)])
def test_who_tells_nothing_corrects_nothing(sensitivity: float, specificity: float) -> None:
    told = np.array([sensitivity]), np.array([specificity])
    assert np.isnan(correct_rates(np.array([[30.0, 40, 6, 100]]), *told)).all()
    assert np.isnan(correct_reading(np.array([[0.5, 0.1]]), *told)).all()


def test_no_faces_and_faces_that_all_show_it_are_told_as_such() -> None:
    found = correct_rates(np.array([[0.0, 0, 0, 0], [6, 8, 0, 8]]), np.ones(2), np.ones(2))
    assert np.isnan(found[0]).all()
    assert found[1, 0] == 0.75
    assert np.isnan(found[1, 1])


def test_reading_is_corrected_as_rogan_and_gladen_do() -> None:
    # People say it of 0.7 of the texts; descan reads 0.9 of these and 0.05 of the others: 0.63 + 0.015.
    found = correct_reading(np.array([[0.645, 0.05]]), np.array([0.9]), np.array([0.95]))
    assert found[0] == pytest.approx([0.7, 0])
    # What is below the rate of wrong readings is 0, and no more than all is said.
    assert correct_reading(np.array([[0.01, 0.99]]), np.array([0.9]), np.array([0.95]))[0].tolist() == [0, 1]


@pytest.mark.parametrize("dependence", [-0.6, -DEPENDENCE, DEPENDENCE, 0.6])
def test_dependence_is_taken_out_where_it_is_known(dependence: float) -> None:
    # 400 of 1,000 faces show it, which are said at 0.7 and seen at 0.8; of the others 0.1 are said and 0.15 seen.
    def both(said: float, seen: float) -> float:
        greatest, least = min(said, seen) - said * seen, said * seen - max(said + seen - 1, 0)
        return said * seen + dependence * (greatest if dependence > 0 else least)

    joint = 400 * both(0.7, 0.8) + 600 * both(0.1, 0.15)
    seen, said = 400 * 0.8 + 600 * 0.15, 400 * 0.7 + 600 * 0.1
    counts, witness = np.array([[joint, seen, said - joint, 1_000]]), (np.array([0.8]), np.array([0.85]))
    assert correct_rates(counts, *witness, dependence)[0] == pytest.approx([0.7, 0.1], abs=1e-6)
    independent = correct_rates(counts, *witness)[0]
    assert (independent[0] > 0.7) == (dependence > 0)


def test_rates_are_corrected_for_the_witness_and_for_reading_with_a_band(analysis: "Analysis", tmp_path: Path) -> None:
    # 20 of 40 faces smile; descan reads a smile in 12 of their texts and in 4 of the others.
    marks = ["item_id,model,action,said"]
    for number in range(40):
        name, is_shown, is_read = str(number), number < 20, number < 12 or 20 <= number < 24
        analysis.item(name, "Happy")
        analysis.describe(name, "Happy")
        analysis.witness(name, 12, int(is_shown), name="sensor")
        if is_read:
            analysis.mention(name, "action", "smile")
        # By people 16 texts say it, of which descan reads 14; of the other 24 it reads 2.
        marks.append(f"{name},m,smile,{'present' if number < 14 or 20 <= number < 22 else 'denied'}")
    path, errors = tmp_path / "marks.csv", tmp_path / "errors.csv"
    path.write_text("\n".join(marks), encoding="utf-8")
    errors.write_text("witness,action,sensitivity,specificity,n_present,n_absent\nsensor,smile,0.9,0.95,90,90\n")
    analysis.compare(CompareOptions(n_resamples=500, action_marks=path))
    [row] = analysis.table("actions_witnessed", action="smile")
    shown = [float(row[name]) for name in ("reading_sensitivity", "reading_specificity", "n_marks")]
    assert shown == pytest.approx([14 / 16, 22 / 24, 40], abs=1e-6)
    informedness = 14 / 16 + 22 / 24 - 1
    expected = [(0.6 - 2 / 24) / informedness, (0.2 - 2 / 24) / informedness]
    rates = ("corrected_sensitivity", "corrected_hallucination")
    assert [float(row[name]) for name in rates] == pytest.approx(expected, abs=1e-6)
    assert row["corrected_sensitivity_least"] == row["witness_sensitivity"] == ""
    analysis.compare(CompareOptions(n_resamples=500, action_marks=path, witness_errors=errors))
    [row] = analysis.table("actions_witnessed", action="smile")
    # Of 40 faces 20 are seen to smile: (20 - 0.05 * 40) / 0.85 do; of these (12 - 0.05 * 16) / 0.85 are read to.
    shown_by_face, shown_and_read = (20 - 2) / 0.85, (12 - 0.8) / 0.85
    of_face = np.array([shown_and_read / shown_by_face, (16 - shown_and_read) / (40 - shown_by_face)])
    assert [float(row[name]) for name in rates] == pytest.approx((of_face - 2 / 24) / informedness, abs=1e-6)
    for rate in rates:
        low, least, value, most, high = (float(row[f"{rate}{end}"]) for end in ("_low", "_least", "", "_most", "_high"))
        assert low < value < high
        assert least < value < most


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("item_id,model,action\na,m,smile\n", "1: no column said; use item_id, model, repeat, action, said"),
        ("item_id,model,action,said\na,m,smile,yes\n", "2: said 'yes' is not allowed; use present, denied, absent"),
        (
            "item_id,model,action,said\na,m,smile,present\na,m,smile,absent\n",
            "3: action 'smile' of 'a' is marked twice; mark it once",
        ),
        ("item_id,model,action,said\na,m,smlie,present\n", "action 'smlie' is unknown; use one of inner_brow_raise, "),
        (
            "item_id,model,action,said\nb,m,smile,present\n",
            "no mark is of a description of this corpus; the marks name",
        ),
    ],
)
def test_marks_that_are_not_allowed_are_refused(analysis: "Analysis", tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "marks.csv"
    path.write_text(text, encoding="utf-8")
    analysis.item("a", "Happy")
    analysis.describe("a", "Happy")
    analysis.witness("a", 12, 1)
    with pytest.raises(InputError, match=problem):
        analysis.compare(CompareOptions(n_resamples=500, action_marks=path))


def test_marks_of_repeats_are_of_their_repeat_and_denied_is_not_said(tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    path.write_text("item_id,model,repeat,action,said\na,m,1,smile,denied\na,m,,smile,present\n", encoding="utf-8")
    assert [(mark.repeat, mark.is_said) for mark in load_action_marks(path)] == [(1, False), (0, True)]


def test_marks_of_a_review_are_of_all_actions_of_a_text(tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl"
    readings: list[dict[str, object]] = [
        {"item_id": "a", "described": "Sad", "reader": "anna", "present": ["smile", "frown"], "denied": ["wink"]},
        {"item_id": "a", "described": "", "reader": "ben", "present": ["smile"], "denied": []},
        {"item_id": "b", "described": "Sad", "reader": "anna"},
    ]
    path.write_text("\n".join(json.dumps({"model": "m"} | reading) for reading in readings), encoding="utf-8")
    marks = load_action_marks(path, ["smile", "frown", "pout", "wink"])
    assert {mark.item_id for mark in marks} == {"a"}
    # Anna reads a frown where Ben marks none.
    assert {mark.action: mark.is_said for mark in marks} == {"smile": True, "pout": False, "wink": False}
    path.write_text('{"item_id": "a", "model": "m", "described": "Sad", "present": "smile"}', encoding="utf-8")
    with pytest.raises(InputError, match=r'1: present must be a list of actions, as in \["smile"\]'):
        load_action_marks(path)


def test_published_errors_are_of_actions_of_the_inventory_and_name_their_source() -> None:
    found = load_witness_errors(Path("published"))
    assert {action for _, action in found} <= load_lexicon("en").actions.actions.keys()
    # Of 100 images 85 show AU4 by FACS, and OpenFace sees it on 69 of these and on 3 of the others: kappa 0.451.
    error = found["openface", "brow_lower"]
    assert (error.n_present, error.n_absent) == (85, 15)
    assert (error.sensitivity, error.specificity) == pytest.approx((69 / 85, 12 / 15), abs=1e-4)
