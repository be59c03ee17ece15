"""The end of `descan analyze` in the terminal: what was loaded, what it shows, where to look next."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from descan.records import SCORED_VERDICTS, Mode, Verdict
from descan.report.analysis_tables import AnalysisTables, open_tables
from descan.report.limits import MIN_GROUPS, MODELS_IN_SENTENCE, MODELS_IN_SUMMARY
from descan.report.remarks import comparison_remarks, contested_remarks, correction_remarks, neutral_remarks
from descan.report.shown_models import choose_models
from descan.report.wording import DASH, bracket, count, interval, join_some, percent, spell
from descan.storage.parquet import parquet_files
from descan.terminal import plain

_MIN_NAME = 20
"""Columns of a terminal that the name of a model gets at least, if it is that long, before a table becomes a list."""

_LEGEND = {
    Verdict.RIGHT: "the label is gold, and the description supports it",
    Verdict.LUCKY: "the label is gold, but the description does not support it",
    Verdict.LABELING_FAILURE: "the label is not gold, but the description supports gold",
    Verdict.SEEING_FAILURE: "the label is not gold, and the description does not support it",
}

_NEXT = {
    "report.html": "everything on one page, to open in a browser",
    "plots": "the figures",
    "tables": "every number as CSV",
    "verdicts.parquet": "the verdict for each item and model",
    "mentions.parquet": "each face action and emotion word, with its place in the text",
    "run.json": "versions, options and everything that was left out",
}

_NO_GOLD = (
    "No item has a gold emotion, so no answer can be called right or wrong. Verdicts, support and accuracy "
    "need a `gold` column in items.csv. What the descriptions mention is counted in tables/."
)
_NO_DESCRIPTIONS = (
    "No answer has mode describe, so there are no verdicts: only a description can show whether a model saw the "
    "expression."
)
_NO_LABELS = (
    "No answer has mode {mode}, so there are no verdicts: errors of seeing and errors of labeling can only be told "
    "apart with labels. Support and accuracy of the descriptions are below."
)
_NONE_SCORED = "No item has gold, a description and a label, so there are no verdicts; the reasons are above."

Row = Mapping[str, Any]


def print_summary(folder: Path, run: Mapping[str, object], console: Console) -> None:
    """Print what a person needs to know first, in about 45 lines that need no documentation.

    Args:
        folder: The folder of an analysis, with `items.parquet` and `tables/`.
        run: What `run.json` holds: `left_out` (reason to count) and `options` (`label_mode`, `support` and
            `confidence`); each may be absent.
        console: Where to print. Tables become lists where it is narrow.

    Raises:
        InputError: If a file of the analysis is missing.
    """
    tables = open_tables(folder, run)
    n_items, n_gold = _count_items(folder / "items.parquet")
    _print_loaded(console, tables, n_items, n_gold)
    _print_left_out(console, tables, has_gold=n_gold > 0)
    console.print()
    if n_gold == 0:
        _print_text(console, f"{_NO_GOLD}\n")
    else:
        shown = choose_models(tables, MODELS_IN_SUMMARY)
        _print_verdicts(console, tables, shown)
        _print_agreement(console, tables, shown)
        _print_remarks(console, tables, n_gold)
    _print_next(console, folder)


def _count_items(path: Path) -> tuple[int, int]:
    golds = [pq.read_table(part, columns=["gold"])["gold"] for part in parquet_files(path)]
    n_items = sum(len(gold) for gold in golds)
    return n_items, n_items - sum(gold.null_count for gold in golds)


def _print_loaded(console: Console, tables: AnalysisTables, n_items: int, n_gold: int) -> None:
    n_answers = tables["answers"].groupby("mode", sort=False)["n_answers"].sum()
    parts = [f"{count(n_items, 'item')} ({n_gold:,} with gold)", count(len(tables.models), "model")]
    parts += [
        count(int(n), "description" if mode == Mode.DESCRIBE else f"{mode} answer") for mode, n in n_answers.items()
    ]
    _print_text(console, f"Input: {', '.join(parts)}")


def _print_left_out(console: Console, tables: AnalysisTables, *, has_gold: bool) -> None:
    left_out = tables.run.get("left_out")
    counts = {str(reason): n for reason, n in left_out.items() if n} if isinstance(left_out, Mapping) else {}
    if counts:
        _print_text(console, f"Left out while loading: {_join_counts(counts)}")
    unscored: Counter[str] = Counter()
    for row in _rows(tables, "unscored"):
        unscored[row["reason"]] += row["n"]
    if unscored and has_gold:
        n_pairs = sum(row["n"] for row in _rows(tables, "verdicts") if row["gold"] == "all")
        reasons = _join_counts(dict(unscored.most_common()))
        _print_text(console, f"No verdict for {unscored.total():,} of {n_pairs:,} pairs of item and model: {reasons}")
    if not counts and not unscored:
        _print_text(console, "Left out: nothing")


def _join_counts(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{n:,} {spell(reason)}" for reason, n in counts.items())


def _print_verdicts(console: Console, tables: AnalysisTables, shown: Sequence[str]) -> None:
    asked = set(tables["answers"]["mode"])
    overall = tables["verdicts"].query("gold == 'all'")
    if Mode.DESCRIBE not in asked:
        _print_text(console, f"{_NO_DESCRIPTIONS}\n")
    elif tables.label_mode not in asked:
        _print_text(console, f"{_NO_LABELS.format(mode=tables.label_mode)}\n")
    elif not overall["n_scored"].any():
        _print_text(console, f"{_NONE_SCORED}\n")
    else:
        by_model: dict[str, dict[str, Row]] = {}
        for row in overall[overall["model"].isin(shown)].to_dict("records"):
            by_model.setdefault(row["model"], {})[row["verdict"]] = row
        _print_text(console, "Verdicts: share of the scored items of each model", style="bold")
        rows = {model: _verdict_cells(by_model[model]) for model in shown}
        _print_table(console, rows, ["scored", *map(spell, SCORED_VERDICTS), "unscored"])
        _print_rest(console, tables, "verdicts")
        console.print()
        _print_terms(console, {spell(verdict): meaning for verdict, meaning in _LEGEND.items()})
        console.print()


def _verdict_cells(verdicts: Mapping[str, Row]) -> list[tuple[str, str]]:
    shares = [_with_interval(verdicts[verdict], "share_of_scored", "share") for verdict in SCORED_VERDICTS]
    n_scored, n_unscored = verdicts[Verdict.RIGHT]["n_scored"], verdicts[Verdict.UNSCORED]["n"]
    return [(f"{n_scored:,}", ""), *shares, (f"{n_unscored:,}", "")]


def _print_agreement(console: Console, tables: AnalysisTables, shown: Sequence[str]) -> None:
    scores = {(row["model"], row["mode"]): row for row in reversed(_rows(tables, "scores"))}
    if not scores:
        return
    supported = {
        row["model"]: row
        for row in _rows(tables, "support")
        if row["evidence"] == "described" and row["support"] == tables.support
    }
    modes = [mode for mode in (Mode.DESCRIBE, tables.label_mode) if any(mode == asked for _, asked in scores)]
    rows = {}
    for model in shown:
        if any(asked == model for asked, _ in scores):
            row = supported.get(model, {})
            shares = [
                _with_interval(row, "share"),
                _with_interval(row, "chance_share", "chance"),
                _with_interval(row, "seen_beyond_chance"),
            ]
            rows[model] = [*shares, *(_accuracy(scores.get((model, mode), {})) for mode in modes)]
    _print_text(console, "How often descriptions support gold, and how often answers are right", style="bold")
    columns = ["supports gold", "by chance", "above chance", *(f"accuracy {mode}" for mode in modes)]
    is_table = _print_table(console, rows, columns)
    _print_rest(console, tables, "support", "scores")
    console.print()
    meanings = {
        "by chance": "the same descriptions, shuffled among the items of the model",
        "above chance": "0% is what shuffled descriptions give, 100% is every item",
        "accuracy": "share of right answers among those (n) that name a category",
    }
    _print_terms(
        console, meanings | {"below each share" if is_table else "after each share": _interval_meaning(tables)}
    )
    few = [plain(model) for model, n in _count_groups(tables).items() if n < MIN_GROUPS]
    if few:
        names = join_some(few, MODELS_IN_SENTENCE, "more models", ", ")
        _print_text(console, f"Do not rely on intervals from fewer than {MIN_GROUPS} groups: {names}")
    console.print()


def _interval_meaning(tables: AnalysisTables) -> str:
    meaning = f"its {100 * tables.confidence:g}% interval"
    if (tables["support"]["interval"] == "wilson_groups").any():
        meaning += f", for dependent items in {max(_count_groups(tables).values()):,} groups"
    return meaning


def _count_groups(tables: AnalysisTables) -> dict[str, int]:
    """Return how many groups the intervals of each model rest on."""
    scored = tables["verdicts"].query("gold == 'all' and n_scored > 0")
    rows = [*_rows(tables, "support"), *scored.to_dict("records")]
    return {row["model"]: int(row["n_groups"]) for row in rows if row["n_groups"] == row["n_groups"]}


def _print_remarks(console: Console, tables: AnalysisTables, n_gold: int) -> None:
    for topic in (
        comparison_remarks(tables),
        neutral_remarks(tables),
        chain(
            correction_remarks(_rows(tables, "verdicts_corrected")),
            contested_remarks(len(tables["contested"]), n_gold),
        ),
    ):
        lines = list(topic)
        for line in lines:
            _print_text(console, line)
        if lines:
            console.print()


def _print_next(console: Console, folder: Path) -> None:
    _print_text(console, f"Look next in {plain(str(folder))}", style="bold")
    _print_terms(console, {name: content for name, content in _NEXT.items() if (folder / name).exists()})


def _print_rest(console: Console, tables: AnalysisTables, *names: str) -> None:
    """Say where the models are that a table does not show."""
    n_more = len(tables.models) - MODELS_IN_SUMMARY
    if n_more > 0:
        files = " and ".join(f"tables/{name}.csv" for name in names)
        _print_text(console, f"and {count(n_more, 'more model')} with at most as many scored items: see {files}")


def _print_table(console: Console, rows: Mapping[str, Sequence[tuple[str, str]]], columns: Sequence[str]) -> bool:
    """Print a row for each model, with intervals below shares, or a list for each where the terminal is narrow.

    Returns:
        Whether it is a table.
    """
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="")
    table.add_column("model", overflow="fold")
    for column in columns:
        table.add_column(column.replace(" ", "\n"), justify="right")
    for model, cells in rows.items():
        table.add_row(Text(plain(model)), *("\n".join(cell).rstrip() for cell in cells))
    longest = max(len(plain(model)) for model in rows)
    width = console.measure(table, options=console.options.update(width=10_000)).maximum
    if width - max(0, longest - _MIN_NAME) <= console.width:
        console.print(table)
        return True
    for model, cells in rows.items():
        _print_text(console, plain(model), style="bold")
        values = (f"{value} {bracket(bounds)}".rstrip() for value, bounds in cells)
        _print_terms(console, dict(zip(columns, values, strict=True)))
    return False


def _print_terms(console: Console, meanings: Mapping[str, str]) -> None:
    width = max(map(len, meanings), default=0) + 2
    for term, meaning in meanings.items():
        lines = Text(meaning).wrap(console, max(console.width - width, 1))
        for line in lines:
            line.rstrip()
        _print_text(console, f"{term:<{width}}" + f"\n{'':<{width}}".join(line.plain for line in lines))


def _with_interval(row: Row, column: str, name: str = "") -> tuple[str, str]:
    """Return a share, and the interval of its columns `NAME_low` and `NAME_high` if there is one."""
    low, high = (float(row.get(f"{name or column}_{end}", "nan")) for end in ("low", "high"))
    return percent(float(row.get(column, "nan"))), interval(low, high)


def _accuracy(row: Row) -> tuple[str, str]:
    share, bounds = _with_interval(row, "accuracy")
    return (share, "") if share == DASH else (f"{share} ({row['n_used']:,})", bounds)


def _rows(tables: AnalysisTables, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tables[name].to_dict("records")
    return rows


def _print_text(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style))
