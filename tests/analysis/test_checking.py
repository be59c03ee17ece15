"""Conditions on the numbers of an analysis: which are met, which are not and why, and what is refused."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

import descan
from descan.errors import InputError, OptionError
from tests.analysis.corpora import BARE
from tests.command_line import run_descan

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).parents[2] / "corpora" / "sample"
MODEL = "terse-sample"
KAPPA: dict[str, Any] = {"table": "scores", "column": "kappa", "where": {"mode": "describe", "categories": "seven"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from descan.analysis import analyze
    from descan.corpus import read_corpus

    out = tmp_path_factory.mktemp("checked") / "out"
    analyze(read_corpus(SAMPLE), out, BARE)
    return out


def row_of(folder: Path, table: str, **where: object) -> dict[str, Any]:
    frame = descan.open_analysis(folder).table(table)
    for column, value in where.items():
        frame = frame[frame[column] == value]
    rows: list[dict[str, Any]] = frame.to_dict("records")
    [row] = rows
    return row


@pytest.mark.parametrize(
    ("name", "table", "column", "where"),
    [
        ("min_accuracy", "scores", "accuracy", {"mode": "classify", "categories": "seven"}),
        ("min_uar", "scores", "uar", {"mode": "classify", "categories": "seven"}),
        ("min_support", "support", "share", {"evidence": "described", "support": "strict"}),
        ("min_right", "verdicts", "share_of_scored", {"gold": "all", "verdict": "right"}),
        ("max_seeing_failure", "verdicts", "share_of_scored", {"gold": "all", "verdict": "seeing_failure"}),
        ("max_labeling_failure", "verdicts", "share_of_scored", {"gold": "all", "verdict": "labeling_failure"}),
        ("max_missing", "missing", "share", {"mode": "classify", "split": "gold", "category": "all"}),
    ],
)
def test_a_limit_is_compared_with_the_number_of_the_tables(
    folder: Path, name: str, table: str, column: str, where: dict[str, str]
) -> None:
    row = row_of(folder, table, model=MODEL, **where)
    value, sign = row[column], 1 if name.startswith("min") else -1
    for limit, passed in ((value, True), (value - sign * 0.01, True), (value + sign * 0.01, False)):
        [number] = (found := descan.check(folder, models=[MODEL], **{name: limit})).numbers
        assert (found.passed, number.is_met, number.value, number.model) == (passed, passed, value, MODEL)
        assert found.failed == (() if passed else (name.partition("_")[2],))
        assert number.low < value < number.high


def test_an_interval_must_meet_a_condition_as_a_whole(folder: Path) -> None:
    row = row_of(folder, "scores", model=MODEL, mode="classify", categories="seven")
    low, n = row["accuracy_low"], row["n_used"]
    assert descan.check(folder, min_accuracy=low, models=[MODEL], by="interval").passed
    [number] = descan.check(folder, min_accuracy=low + 0.001, models=[MODEL], by="interval").numbers
    assert (number.reason, number.n, number.low) == ("the low end of the interval is below", n, low)
    assert str(number).endswith(f"n {n}; at least {low + 0.001:g}: the low end of the interval is below")
    high = row_of(folder, "verdicts", model=MODEL, gold="all", verdict="seeing_failure")["share_high"]
    assert descan.check(folder, max_seeing_failure=high, models=[MODEL], by="interval").passed
    assert not descan.check(folder, max_seeing_failure=high - 0.001, models=[MODEL], by="interval").passed


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"table": "support", "column": "seen_beyond_chance", "min": -9, "min_n": 999}, "fewer than 999 items"),
        (
            {"table": "contrasts", "column": "equivalence_low", "min": -9, "where": {"contrast": "seen_despite_label"}},
            "it is not defined",
        ),
        ({"table": "missing", "column": "n_right", "min": 0, "where": {"mode": "x"}}, "has no row with mode x"),
        ({"table": "scores", "column": "kappa", "min": 0, "where": {"mode": "x", "categories": ""}}, "no categories"),
        ({"table": "scores", "column": "coverage", "min": 0, "by": "interval"}, "it has no interval"),
    ],
)  # fmt: skip
def test_a_number_that_says_nothing_does_not_meet_a_condition(
    folder: Path, condition: dict[str, Any], reason: str
) -> None:
    found = descan.check(folder, conditions=[condition], models=[MODEL], min_n=0)
    assert not found.passed
    assert {number.is_met for number in found.numbers} == {False}
    assert reason in found.numbers[0].reason
    assert str(found).endswith(f"failed: {found.failed[0]}")


def test_any_model_may_be_enough(folder: Path) -> None:
    values = [number.value for number in descan.check(folder, conditions=[KAPPA | {"min": 0}]).numbers]
    assert len(set(values)) == 3
    best = KAPPA | {"min": max(values)}
    assert not descan.check(folder, conditions=[best]).passed
    found = descan.check(folder, conditions=[best | {"models": "any"}])
    assert (found.passed, sum(number.is_met for number in found.numbers)) == (True, 1)
    assert found.frame["value"].tolist() == values


def test_rows_of_one_model_are_told_apart(folder: Path) -> None:
    condition = {"table": "scores", "column": "accuracy", "min": 0.1, "where": {"categories": "seven"}}
    numbers = descan.check(folder, conditions=[condition], models=[MODEL]).numbers
    assert [number.model for number in numbers] == [f"{MODEL}, describe", f"{MODEL}, classify"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "conditions: is missing"),
        ("conditions = []", "conditions: List should have at least 1 item"),
        ('[[conditions]]\ntable = "scores"\ncolumn = "uar"', "conditions.0: has neither min nor max; give it one"),
        (
            '[[conditions]]\ntable = "scores"\ncolumn = "uar"\nmni = 1',
            "conditions.0.mni: is unknown; use one of table, column",
        ),
        ('[[conditions]]\ntable = "scores"\ncolumn = "uar"\nmin = "1"', "conditions.0.min: Input should be"),
        ('[[conditions]]\ntable = "scores"\ncolumn = "uar"\nmin = 1\nby = "x"', "conditions.0.by: Input should be"),
        ("a = ", "not TOML: "),
    ],
)  # fmt: skip
def test_a_file_that_is_not_allowed_is_told(folder: Path, tmp_path: Path, content: str, problem: str) -> None:
    (path := tmp_path / "gate.toml").write_text(content)
    with pytest.raises(InputError) as caught:
        descan.check(folder, conditions=path)
    assert str(caught.value).startswith(f"{path}: {problem}")


def test_what_is_not_there_is_told_with_what_is(folder: Path, tmp_path: Path) -> None:
    for condition, problem in (
        (KAPPA | {"table": "score"}, "the analysis has no table 'score'; use one of actions, "),
        (KAPPA | {"column": "kapa"}, "table scores has no column 'kapa'; use one of model, mode, "),
        (KAPPA | {"where": {"mod": 1}}, "table scores has no column 'mod'; use one of model, mode, "),
    ):
        with pytest.raises(InputError) as caught:
            descan.check(folder, conditions=[condition | {"min": 0}])
        assert str(caught.value).startswith(problem)
    for options, problem in (
        ({"min_accuracy": 1.5}, "min_accuracy must be 0 to 1, not 1.5"),
        ({"min_accuracy": 0.5, "by": "luck"}, "by must be one of value, interval, not 'luck'"),
        ({"min_accuracy": 0.5, "models": ["x"]}, "models has 'x', which is not in the analysis; use some of detailed-"),
        ({"conditions": [KAPPA]}, "conditions are not allowed: has neither min nor max; give it one"),
    ):
        with pytest.raises(OptionError) as refused:
            descan.check(folder, **options)
        assert str(refused.value).startswith(problem)
    with pytest.raises(InputError, match="there is no condition to check; give a limit, or a file of conditions"):
        descan.check(folder)
    with pytest.raises(InputError):
        descan.check(tmp_path, min_accuracy=0.5)


def test_the_command_ends_with_3_and_says_what_is_not_met(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run_descan(capsys, "check", folder, "--min-accuracy", 0.99, "--max-missing", 0.9, "-q")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (3, "", 3)
    assert outcome.err.startswith("descan: not met: accuracy of detailed-sample is 0.")
    outcome = run_descan(capsys, "check", folder, "--min-accuracy", 0.99, "--json")
    record = json.loads(outcome.out)
    assert (outcome.code, record["passed"], record["failed"]) == (3, False, ["accuracy"])
    assert [number["model"] for number in record["numbers"]] == ["detailed-sample", "hedging-sample", MODEL]
    outcome = run_descan(capsys, "check", folder, "--min-accuracy", 0.01, "--model", MODEL)
    assert (outcome.code, outcome.out.splitlines()[-1]) == (0, "all conditions are met")


def test_the_summary_for_programs_has_the_rows_of_the_tables(folder: Path) -> None:
    from descan.report.analysis_tables import read_analysis
    from descan.report.summary_record import SUMMARY_TABLES, summary_record

    record = json.loads(json.dumps(summary_record(read_analysis(folder), None), allow_nan=False))
    assert tuple(record["tables"]) == SUMMARY_TABLES
    assert {row["gold"] for row in record["tables"]["verdicts"]} == {"all"}
    run = json.loads((folder / "run.json").read_text())
    assert {key: record[key] for key in ("counts", "left_out", "losses")} == {
        key: run[key] for key in ("counts", "left_out", "losses")
    }
    frame = descan.open_analysis(folder).table("scores")
    assert len(record["tables"]["scores"]) == len(frame)
    for row, values in zip(record["tables"]["scores"], frame.to_dict("records"), strict=True):
        assert row == {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in values.items()}
