"""`descan power`: what it prints and writes, and what it refuses in one line."""

import csv
import json
from pathlib import Path

import pytest

import descan
from descan.compare import CompareOptions, compare
from tests.analysis.sides import judged, write_side
from tests.command_line import run_descan

FEW = ("--studies", 100)


@pytest.fixture
def pilot(tmp_path: Path) -> Path:
    golds = ["Happy", "Sad"] * 10
    labels = ["Happy", "Happy", "Happy", "Sad", "Sad"] * 4
    rows = [
        judged(str(place), gold, label, "Happy", model="m")
        for place, (gold, label) in enumerate(zip(golds, labels, strict=True))
    ]
    return write_side(tmp_path / "pilot", rows)


def test_guesses_are_enough(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run_descan(capsys, "power", "--half-width", 0.05, "--accuracy", 0.6, *FEW)
    assert (outcome.code, outcome.err) == (0, "")
    assert "Assumed, half width:  accuracy 60%\n" in outcome.out
    assert "Accuracy to ± 5 points (95% interval) in 80% of studies: 3" in outcome.out
    assert "difference" not in outcome.out


def test_a_pilot_is_measured(capsys: pytest.CaptureFixture[str], pilot: Path) -> None:
    outcome = run_descan(capsys, "power", "--pilot", pilot, *FEW)
    assert (outcome.code, outcome.err) == (0, "")
    assert "Pilot: m in mode classify, compared with its mode describe\n" in outcome.out
    assert "A difference of 10 points found in 80% of studies:" in outcome.out


def test_what_a_number_of_items_shows(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run_descan(capsys, "power", "--items", 500, *FEW)
    assert outcome.code == 0
    assert "500 items: accuracy to ± 4.37 points (95% interval) in 80% of studies\n" in outcome.out
    assert "500 items: a difference of" in outcome.out


def test_the_numbers_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("power", "--half-width", 0.1, *FEW)
    for name in ("power.csv", "again.csv", "power.json"):
        assert run_descan(capsys, *arguments, "--out", tmp_path / name).code == 0
    assert (tmp_path / "power.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()
    with (tmp_path / "power.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["is_smallest"] for row in rows].count("yes") == 1
    found = json.loads((tmp_path / "power.json").read_text(encoding="utf-8"))
    assert len(found["points"]) == len(rows)
    assert found["wishes"] == {"half_width": 0.1}


def test_json_holds_what_a_file_does_and_quiet_prints_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("power", "--half-width", 0.1, *FEW, "--out", tmp_path / "power.json")
    shown = run_descan(capsys, *arguments, "--json")
    assert json.loads(shown.out) == json.loads((tmp_path / "power.json").read_text(encoding="utf-8"))
    assert run_descan(capsys, *arguments, "-q") == (0, "", "")


def test_several_numbers_of_repeats_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--half-width", 0.1, "--repeats", 3, "--repeats", 1, "--repeat-correlation", 0.4)
    outcome = run_descan(capsys, "power", *arguments, *FEW)
    assert (outcome.code, outcome.err) == (0, "")
    assert "accuracy 50%, 1 and 3 repeats that correlate by 0.40\n" in outcome.out
    once, thrice = (outcome.out.index(f"With {words}: Accuracy to") for words in ("1 repeat", "3 repeats"))
    assert once < thrice
    found = descan.power(half_width=0.1, repeats=[1, 3], repeat_correlation=0.4, n_studies=100)
    smallest = {repeats: curve.smallest for repeats, curve in found.curves["half_width"].items()}  # type: ignore[index]
    assert smallest[1] is not None
    assert smallest[3] is not None
    assert smallest[3].n_items < smallest[1].n_items
    assert set(found.table["repeats"]) == {1, 3}


@pytest.mark.slow
def test_curves_are_drawn_with_a_line_for_each_number_of_repeats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--half-width", 0.1, "--repeats", 1, "--repeats", 3, "--repeat-correlation", 0.4, *FEW)
    for name in ("power.svg", "power.png", "power.html"):
        assert run_descan(capsys, "power", *arguments, "--chart", tmp_path / name).code == 0
    svg = (tmp_path / "power.svg").read_text(encoding="utf-8")
    assert "Half width of accuracy, points, by items" in svg
    assert "Studies with accuracy to ± 10 points, %, by items" in svg
    assert "with 3 repeats: " in svg
    assert (tmp_path / "power.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "power.html").read_text(encoding="utf-8")
    assert "vega" in page
    assert 'src="http' not in page


def test_human_readings_are_planned(capsys: pytest.CaptureFixture[str], pilot: Path) -> None:
    compare(pilot, CompareOptions(n_resamples=100, threads=1))
    outcome = run_descan(capsys, "power", "--pilot", pilot, "--items", 200, "--readings", 150, *FEW)
    assert (outcome.code, outcome.err) == (0, "")
    assert "Assumed, corrected:   labels right in 50%, descriptions in" in outcome.out
    assert "by 104 readings (descan (en))\n" in outcome.out.replace("\n                      ", " ")
    assert "150 readings in a study of 200 items: corrected verdict shares to ± " in outcome.out
    assert outcome.out.endswith("\n100 and 20 simulated studies behind each number; in brackets: Monte Carlo error\n")


def test_readings_that_are_not_enough_are_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--corrected", 0.02, "--items", 60, "--misreading", 0.1)
    outcome = run_descan(capsys, "power", *arguments, *FEW)
    assert (outcome.code, outcome.err) == (0, "")
    told = " ".join(outcome.out.split())
    assert "80% of studies: not even if a person reads all 60; take more items" in told


def test_python_gives_a_table() -> None:
    found = descan.power(half_width=0.1, n_studies=100)
    assert list(found.table["goal"].unique()) == ["half_width"]
    assert found.table["n_items"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--half-width", 0], "--half-width must be 0.001 to 0.5, not 0.0"),
        (["--difference", 2], "--difference must be 0.001 to 0.5, not 2.0"),
        (["--power", 1], "--power must be 0.01 to 0.99, not 1.0"),
        (["--confidence", 95], "--confidence must be 0.01 to 0.9999, not 95.0"),
        (["--studies", 1], "--studies must be 100 to 100000, not 1"),
        (["--tests", 0], "--tests must be 1 to 1000, not 0"),
        (["--items", 0], "--items must be 1 to 200000, not 0"),
        (
            ["--items", 9, "--difference", 0.1],
            "--items asks what items show; leave out the half width and the difference",
        ),
        (["--group-size", 5], "--icc must be given where groups have several items; 0 if these are no more alike"),
        (["--icc", 0.5], "--icc is for groups of several items; give their size, too"),
        (["--repeats", 3], "--repeat-correlation must be given where there are repeats; 1 if they always agree"),
        (["--model", "m"], "--model is for a pilot; name its folder, too"),
        (["--out", "x.txt"], "x.txt: cannot be '.txt'; use one of .csv, .json"),
        (["--chart", "x.gif"], "x.gif: cannot be '.gif'; use one of .svg, .png, .pdf, .html, .json"),
        (
            ["--items", 9, "--chart", "x.svg"],
            "--chart is for curves; say what is wished instead of how many items or readings there are",
        ),
        (["--repeats", 0], "--repeats must be 1 to 100, not 0"),
        (
            [part for n in range(1, 7) for part in ("--repeats", n)],
            "--repeats can be at most 5 numbers, not 6",
        ),
        (["--misreading", 0.1], "--misreading is for human readings; say how many, or which half width is wished"),
        (["--corrected", 0.05], "--items must be given where human readings are planned without a pilot"),
        (
            ["--corrected", 0.05, "--items", 200],
            "--misreading must be given where human readings are planned without a pilot",
        ),
        (["--corrected", 2, "--items", 200, "--misreading", 0.1], "--corrected must be 0.001 to 0.5, not 2.0"),
        (
            ["--corrected", 0.05, "--items", 50000, "--misreading", 0.1],
            "--items must be 1 to 20000, not 50000",
        ),
        (
            ["--corrected", 0.05, "--readings", 50, "--items", 200],
            "--readings asks what readings show; leave out what is wished",
        ),
        (
            ["--corrected", 0.05, "--items", 200, "--repeats", 2, "--repeat-correlation", 0.5],
            "--repeats must be 1 where human readings are planned: one description of each item",
        ),
    ],
)
def test_a_value_that_is_not_allowed_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[object], message: str
) -> None:
    outcome = run_descan(capsys, "power", *arguments)
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"descan: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--corrected", 0.05, "--accuracy", 0.5],
            "--accuracy cannot be stated beside a pilot where human readings are planned",
        ),
        (["--model", "x"], "--model 'x' is not in the pilot; it has 'm'"),
        (["--other-model", "m"], "--other-model 'm' is not in the pilot; it has no other"),
        (["--mode", "two_stage"], "--mode 'two_stage' has no answers in the pilot; use one of classify, describe"),
    ],
)
def test_a_side_that_the_pilot_lacks_is_one_line(
    capsys: pytest.CaptureFixture[str], pilot: Path, arguments: list[str], message: str
) -> None:
    outcome = run_descan(capsys, "power", "--pilot", pilot, *arguments)
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"descan: {message}\n")


def test_a_pilot_that_is_no_analysis_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    outcome = run_descan(capsys, "power", "--pilot", tmp_path / "none")
    problem = "is not the folder of an analysis; `descan analyze CORPUS --out DIR` makes one"
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"descan: {tmp_path / 'none'}: {problem}\n")
