"""The end of `descan compare` in the terminal: what was compared, what changed, where to look next."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from descan.records import SCORED_VERDICTS, Verdict
from descan.report.analysis_tables import Row
from descan.report.changes.comparison import ComparisonTables, change_points, pair_name
from descan.report.changes.remarks import (
    measure_name,
    tell_answers,
    tell_compared,
    tell_flips,
    tell_left_out,
    tell_models,
    tell_settings,
    tell_tests,
    tell_texts,
    warn,
)
from descan.report.limits import MODELS_IN_SENTENCE, MODELS_IN_SUMMARY
from descan.report.palette import warning_style
from descan.report.printing import print_table, print_terms, print_text
from descan.report.wording import DASH, count, join_some, spell
from descan.terminal import plain

_NEXT = {
    "report.html": "the items whose verdict changed, with both texts, to open in a browser",
    "tables/transitions.csv": "A's verdicts by B's, by gold category as well",
    "tables/differences.csv": "every change with its interval; the tests are in tests.csv",
    "tables/flips.csv": "the items whose verdict changed",
    "compare.json": "what was compared, how, and what was left out",
}

_MEANINGS = {
    "accuracy": "share of right answers among the items for which both sides name a category",
    "support": "share of the items described on both sides whose description supports gold",
    "verdicts": "shares of the items that have a verdict on both sides",
}


def print_comparison(found: ComparisonTables, console: Console, out: Path | None = None) -> None:
    """Print what changed from A to B.

    Args:
        found: The comparison.
        console: Where to print. Tables become lists where it is narrow.
        out: Where its files are, if anywhere.
    """
    _print_sides(console, found)
    console.print()
    shown = found.choose_models(MODELS_IN_SUMMARY)
    print_text(console, tell_flips(found), style="bold")
    print_text(console, tell_answers(found))
    if found.total("n_flipped"):
        for row in shown[:MODELS_IN_SENTENCE]:
            console.print()
            _print_transitions(console, found, row)
        _print_rest(console, len(found.tables["models"]) - MODELS_IN_SENTENCE, "transitions")
    console.print()
    _print_changes(console, found, shown)
    print_text(console, tell_tests(found, plain))
    if found.tables["tests"]:
        units = "groups" if any(row["is_grouped"] == "yes" for row in found.tables["tests"]) else "items"
        print_text(console, f"p: exact tests that move whole {units}, with Holm's correction; see tables/tests.csv")
    console.print()
    if lines := list(tell_texts(found, plain)):
        print_text(console, "\n".join(lines) + "\n")
    if out is not None:
        print_text(console, f"Look next in {plain(str(out))}", style="bold")
        print_terms(console, {name: content for name, content in _NEXT.items() if (out / name).exists()})


def _print_sides(console: Console, found: ComparisonTables) -> None:
    sides = {side.upper(): _describe_side(found, side) for side in "ab"}
    print_terms(console, sides)
    print_text(console, f"Compared: {tell_compared(found)}")
    for line in (*tell_models(found, plain), *(f"Left out: {what}" for what in tell_left_out(found, plain))):
        print_text(console, line)
    if settings := tell_settings(found, plain):
        print_text(console, f"Made differently: {join_some(settings, len(settings))}")
    for warning in warn(found, plain):
        print_text(console, f"Careful: {warning}", style=warning_style())


def _describe_side(found: ComparisonTables, side: str) -> str:
    about = found.about[side]
    return f"{plain(str(about['folder']))}: corpus {plain(str(about['corpus']))}, descan {plain(str(about['descan']))}"


def _print_transitions(console: Console, found: ComparisonTables, pair: Row) -> None:
    counts = {(row["verdict_a"], row["verdict_b"]): row["n"] for row in found.rows("transitions", pair, gold="all")}
    print_text(console, f"{pair_name(pair)}: A's verdicts in rows, B's in columns; items", style="bold")
    rows = {spell(a): [(f"{counts[a, b]:,}", "") for b in Verdict] for a in Verdict}
    print_table(console, rows, [spell(verdict) for verdict in Verdict], "A")


def _print_changes(console: Console, found: ComparisonTables, shown: Sequence[Row]) -> None:
    rows = found.tables["differences"]
    agreement = [row for row in rows if row["statistic"] in ("accuracy", "support", "macro_f1")]
    if not rows:
        return
    print_text(console, "Changes on the same items, B minus A, in points", style="bold")
    for chosen in (agreement, [row for row in rows if row["statistic"] in SCORED_VERDICTS]):
        columns = list(dict.fromkeys(map(measure_name, chosen)))
        if not columns:
            continue
        by_model = {pair_name(pair): _cells(found, pair, columns) for pair in shown}
        print_table(console, by_model, columns)
        console.print()
    _print_rest(console, len(found.tables["models"]) - len(shown), "differences")
    interval = f"its {100 * found.confidence:g}% interval"
    print_terms(console, {**_MEANINGS, "with each change": interval})
    console.print()


def _cells(found: ComparisonTables, pair: Row, columns: Sequence[str]) -> list[tuple[str, str]]:
    rows = {measure_name(row): change_points(row) for row in found.rows("differences", pair)}
    return [rows.get(column, (DASH, "")) for column in columns]


def _print_rest(console: Console, n_more: int, table: str) -> None:
    if n_more > 0:
        print_text(console, f"and {count(n_more, 'more model')}: see tables/{table}.csv")
