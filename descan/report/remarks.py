"""What the summary says in sentences: tests, the flight to Neutral, contested gold and the extractor's own error."""

from collections.abc import Iterator, Sequence

from descan.report.numbers import Row, interval, p_value, percent, plural
from descan.terminal import plain

_SIGNIFICANT = 0.05


def comparison_remarks(tests: Sequence[Row], mode: str) -> Iterator[str]:
    """Say how describe and the label mode compare, and how many models differ.

    Args:
        tests: The rows of `tests.csv`.
        mode: The label mode.
    """
    found = [
        f"{plain(row['model_a'])} {_points(row['difference'])} (p {p_value(row['p_holm'])})"
        for row in tests
        if row["comparison"] == "modes" and row["mode_b"] == mode and row["difference"]
    ]
    between = [row for row in tests if row["comparison"] == "models" and row["p_holm"]]
    if found:
        yield f"Accuracy of describe less that of {mode}, on the same items: {', '.join(found)}"
    if between:
        n_sure = sum(float(row["p_holm"]) < _SIGNIFICANT for row in between)
        yield (
            f"Models against each other: accuracy differs in {n_sure} of {plural(len(between), 'comparison')} "
            f"(p < {_SIGNIFICANT})"
        )
    if found or between:
        yield "p: McNemar's exact test, corrected by Holm; all in tables/tests.csv"
        if any(row["is_grouped"] == "yes" for row in tests):
            yield "   It takes items for independent; p_bootstrap there respects their groups."


def neutral_remarks(biases: Sequence[Row], sources: Sequence[Row], mode: str) -> Iterator[str]:
    """Say how far labels lean to Neutral, and how often the gold emotion was seen behind a wrong Neutral.

    Args:
        biases: The rows of `neutral.csv`.
        sources: The rows of `neutral_sources.csv`.
        mode: The label mode.
    """
    found = [
        f"{plain(row['model'])} {_points(row['bias'])} {_bracketed(interval(row, 'bias'))}".rstrip()
        for row in biases
        if row["mode"] == mode and row["bias"]
    ]
    if found:
        yield f"Share of Neutral in {mode} less that in gold, on the same items: {', '.join(found)}"
    seen = [
        f"{plain(row['model'])} {row['n_described_gold']} of {row['n_described']} "
        f"{_bracketed(percent(row['share_described_gold']))}"
        for row in sources
        if row["mode"] == mode and row["gold"] == "all" and row["share_described_gold"]
    ]
    if seen:
        yield f"Wrong Neutral labels whose description has the gold emotion: {', '.join(seen)}"


def contested_remarks(n_contested: int, n_gold: int) -> Iterator[str]:
    """Say on how many items the models agree against gold."""
    if n_contested:
        yield (
            f"Gold is contested on {n_contested:,} of {plural(n_gold, 'item')}, where models agree on another emotion: "
            "look at tables/contested.csv"
        )


def correction_remarks(corrected: Sequence[Row]) -> Iterator[str]:
    """Say which verdict shares are others if misread descriptions are allowed for: outside their corrected interval.

    Args:
        corrected: The rows of `verdicts_corrected.csv`.
    """
    found = [
        f"{plain(row['model'])} {row['verdict'].replace('_', ' ')} {percent(row['corrected'])} "
        f"{_bracketed(interval(row, 'corrected'))} for {percent(row['share_of_scored'])}"
        for row in corrected
        if row["gold"] == "all" and row["corrected_low"] and not _holds_raw(row)
    ]
    if found:
        yield f"Allowing for descriptions that descan misreads: {', '.join(found)}; see tables/verdicts_corrected.csv"


def _holds_raw(row: Row) -> bool:
    return float(row["corrected_low"]) <= float(row["share_of_scored"]) <= float(row["corrected_high"])


def _points(share: str) -> str:
    return f"{round(100 * float(share)):+d} points".replace("-", "\N{MINUS SIGN}")


def _bracketed(text: str) -> str:
    return f"({text})" if text else ""
