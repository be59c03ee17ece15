"""What the summary says in sentences: tests, the preference for Neutral, contested gold and descan's own error."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from descan.report.analysis_tables import AnalysisTables
from descan.report.limits import MODELS_IN_SENTENCE, SIGNIFICANT
from descan.report.wording import (
    bracket,
    count,
    join_some,
    p_value,
    percent,
    percent_with_interval,
    points,
    points_interval,
    spell,
)
from descan.terminal import plain

Row = Mapping[str, Any]


def comparison_remarks(tables: AnalysisTables) -> Iterator[str]:
    """Say how describe and the label mode compare, and how many models differ."""
    tests = _rows(tables, "tests")
    mode = tables.label_mode
    modes = [
        row
        for row in tests
        if row["comparison"] == "modes" and row["mode_b"] == mode and row["difference"] == row["difference"]
    ]
    models = [row for row in tests if row["comparison"] == "models" and row["p_holm"] == row["p_holm"]]
    if modes:
        yield f"Accuracy of describe minus accuracy of {mode}, on the same items: " + _join(
            modes, lambda row: f"{plain(row['model_a'])} {points(row['difference'])} points ({p_value(row['p_holm'])})"
        )
    if models:
        n_significant = sum(row["p_holm"] < SIGNIFICANT for row in models)
        yield (
            f"Models compared with each other: accuracy differs in {n_significant} of "
            f"{count(len(models), 'comparison')} (p < {SIGNIFICANT})"
        )
    if modes or models:
        yield "p: McNemar's exact test with Holm's correction; all tests are in tables/tests.csv"
        if any(row["is_grouped"] == "yes" for row in tests):
            yield "   The test assumes independent items; the column p_bootstrap allows for groups."


def neutral_remarks(tables: AnalysisTables) -> Iterator[str]:
    """Say how much labels prefer Neutral, and how often the description behind a wrong Neutral supports gold."""
    mode = tables.label_mode
    biases = [row for row in _rows(tables, "neutral") if row["mode"] == mode and row["bias"] == row["bias"]]
    if biases:
        yield f"Share of Neutral in {mode} minus share of Neutral in gold, on the same items: " + _join(
            biases,
            lambda row: (
                f"{plain(row['model'])} {points(row['bias'])} points "
                f"{bracket(points_interval(row['bias_low'], row['bias_high']))}"
            ),
        )
    sources = [
        row
        for row in _rows(tables, "neutral_sources")
        if row["mode"] == mode and row["gold"] == "all" and row["n_described"] > 0
    ]
    if sources:
        yield "Labels that are wrongly Neutral although the description supports gold: " + _join(
            sources,
            lambda row: (
                f"{plain(row['model'])} {row['n_described_gold']:,} of {row['n_described']:,} "
                f"{bracket(percent(row['share_described_gold']))}"
            ),
        )


def correction_remarks(corrected: Sequence[Row]) -> Iterator[str]:
    """Say which verdict shares lie outside their corrected interval.

    Args:
        corrected: The rows of `verdicts_corrected.csv`.
    """
    changed = [
        row
        for row in corrected
        if row["gold"] == "all"
        and (row["share_of_scored"] < row["corrected_low"] or row["share_of_scored"] > row["corrected_high"])
    ]
    if changed:
        yield "descan misreads some descriptions. Corrected for that, these shares change: " + _join(
            changed,
            lambda row: (
                f"{plain(row['model'])} {spell(row['verdict'])} from {percent(row['share_of_scored'])} to "
                f"{percent_with_interval(row['corrected'], row['corrected_low'], row['corrected_high'])}"
            ),
        )
        yield "   All corrected shares are in tables/verdicts_corrected.csv"


def contested_remarks(n_contested: int, n_gold: int) -> Iterator[str]:
    """Say for how many items the models agree against gold."""
    if n_contested:
        yield (
            f"Gold is contested for {n_contested:,} of {count(n_gold, 'item')}: models agree on another emotion. "
            "See tables/contested.csv"
        )


def _rows(tables: AnalysisTables, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tables[name].to_dict("records")
    return rows


def _join(rows: Sequence[Row], say: Callable[[Row], str]) -> str:
    return join_some([say(row).rstrip() for row in rows], 2 * MODELS_IN_SENTENCE, separator=", ")
