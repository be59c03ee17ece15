"""`descan compare`: what it prints, and what it refuses in one line."""

from pathlib import Path

import pytest

from tests.analysis.sides import judged, write_side
from tests.command_line import run_descan


@pytest.fixture
def a(tmp_path: Path) -> Path:
    return write_side(tmp_path / "a", [judged("i", "Happy", "Happy", "Happy", model="old")])


@pytest.fixture
def b(tmp_path: Path) -> Path:
    return write_side(tmp_path / "b", [judged("i", "Happy", "Happy", "Sad", model="new")])


def test_two_analyses_are_compared(tmp_path: Path, a: Path, b: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    outcome = run_descan(capsys, "compare", a, b, "--out", out, "--model-map", "old=new", "--resamples", 100)
    assert (outcome.code, outcome.err) == (0, "")
    assert "1 of 1 verdict changed (100%)" in outcome.out
    assert outcome.out.endswith(f"Report: {out / 'report.html'}\n")
    assert (out / "report.html").is_file()


def test_without_a_folder_it_only_prints(tmp_path: Path, a: Path, b: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run_descan(capsys, "compare", a, b)
    assert outcome.code == 0
    assert "Look next" not in outcome.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model-map", "x=new"], "--model-map names 'x', which is no model of A; A has 'old'"),
        (["--model-map", "x"], "--model-map 'x' is not allowed; use KEY=VALUE"),
        (["--confidence", "95"], "--confidence must be 0.01 to 0.9999, not 95.0"),
        (["--resamples", "1"], "--resamples must be 100 to 100000, not 1"),
        (["--cases-per-cell", "0"], "--cases-per-cell must be 1 or more, not 0"),
    ],
)
def test_a_value_that_is_not_allowed_is_one_line(
    tmp_path: Path, a: Path, b: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    outcome = run_descan(capsys, "compare", a, b, "--out", tmp_path / "out", *arguments)
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"descan: {message}\n")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_analysis_is_one_line(tmp_path: Path, a: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run_descan(capsys, "compare", a, tmp_path / "none")
    problem = "is not the folder of an analysis; `descan analyze CORPUS --out DIR` makes one"
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"descan: {tmp_path / 'none'}: {problem}\n")
