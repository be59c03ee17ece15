"""The end of `descan analyze` in the terminal: what was read, what it shows, where to look next."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyarrow.parquet as pq
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from descan.errors import InputError
from descan.records import Mode
from descan.report.numbers import DASH, Row, interval, percent, plural
from descan.report.remarks import comparison_remarks, contested_remarks, correction_remarks, neutral_remarks
from descan.storage.parquet import parquet_files
from descan.terminal import plain

_FEW_GROUPS = 10
"""With fewer groups their resamples are too much alike, and intervals too narrow (Cameron & Miller 2015)."""

_SUPPORT_COLUMNS = (("share", "share"), ("chance_share", "chance"), ("seen_beyond_chance", "seen_beyond_chance"))
"""Each share of `support.csv` that is shown, and the name of its interval."""

_VERDICTS = ("right", "lucky", "labeling_failure", "seeing_failure")

_LEGEND = {
    "right": "the label is gold and the description supports it",
    "lucky": "the label is gold, the description does not support it",
    "labeling failure": "the description supports the gold emotion, the label does not",
    "seeing failure": "neither the description nor the label has the gold emotion",
}

_NEXT = {
    "report.html": "everything on one page, to open in a browser",
    "plots": "the figures",
    "tables": "every number as CSV",
    "verdicts.parquet": "the verdict for each item and model",
    "mentions.parquet": "each face action and emotion word, with its place in the text",
    "run.json": "versions, options and all that was left out",
}

_NO_GOLD = (
    "No item has a gold emotion, so nothing can be called right or wrong: verdicts, support and accuracy "
    "need a `gold` column in items.csv. What the descriptions say is counted in tables/."
)
_NO_DESCRIPTIONS = (
    "No answer has mode describe, so no verdicts: whether a model saw the expression can only be told "
    "from its descriptions."
)
_NO_LABELS = (
    "No answer has mode {mode}, so no verdicts: without labels, errors of seeing and of labeling cannot be "
    "told apart. Support and accuracy of the descriptions are below."
)
_NONE_SCORED = "No item has gold, a description and a label together, so no verdicts; the reasons are above."


@dataclass(frozen=True, slots=True)
class _Tables:
    """The rows of the CSV tables that the summary draws on."""

    answers: Sequence[Row]
    verdicts: Sequence[Row]
    unscored: Sequence[Row]
    support: Sequence[Row]
    scores: Sequence[Row]
    tests: Sequence[Row]
    neutral: Sequence[Row]
    neutral_sources: Sequence[Row]
    verdicts_corrected: Sequence[Row]
    contested: Sequence[Row]


def print_summary(folder: Path, run: Mapping[str, object], console: Console) -> None:
    """Print about 45 lines that need no documentation, 80 columns wide.

    Args:
        folder: The folder of an analysis, with `items.parquet` and `tables/`.
        run: What `run.json` holds. Read are `left_out` (reason to count) and `options` (`label_mode`,
            `support` and `confidence`); each may be absent.
        console: Where to print.

    Raises:
        InputError: If a file of the analysis is missing.
    """
    tables = _Tables(**{name: _read_rows(folder / "tables" / f"{name}.csv") for name in _Tables.__slots__})
    options = run.get("options")
    options = options if isinstance(options, Mapping) else {}
    mode = str(options.get("label_mode", Mode.CLASSIFY))
    n_items, n_gold = _count_items(folder / "items.parquet")

    _print_read(console, tables, n_items, n_gold)
    _print_left_out(console, tables, run.get("left_out"), has_gold=n_gold > 0)
    console.print()
    if n_gold == 0:
        _print_text(console, f"{_NO_GOLD}\n")
    else:
        _print_verdicts(console, tables, mode)
        _print_agreement(console, tables, mode, str(options.get("support", "strict")))
        _print_intervals(console, tables, float(options.get("confidence", 0.95)))
        _print_remarks(console, tables, mode, n_gold)
    _print_next(console, folder)


def _read_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except FileNotFoundError:
        raise InputError(path, "there is no such file; `descan analyze` writes it") from None


def _count_items(path: Path) -> tuple[int, int]:
    golds = [pq.read_table(part, columns=["gold"])["gold"] for part in parquet_files(path)]
    n_items = sum(len(gold) for gold in golds)
    return n_items, n_items - sum(gold.null_count for gold in golds)


def _print_read(console: Console, tables: _Tables, n_items: int, n_gold: int) -> None:
    answers: Counter[str] = Counter()
    for row in tables.answers:
        answers[row["mode"]] += int(row["n_answers"])
    models = {row["model"] for row in tables.answers}
    parts = [f"{plural(n_items, 'item')} ({n_gold:,} with gold)", plural(len(models), "model")]
    parts += [plural(n, "description" if mode == Mode.DESCRIBE else f"{mode} answer") for mode, n in answers.items()]
    _print_text(console, f"Read: {', '.join(parts)}")


def _print_left_out(console: Console, tables: _Tables, left_out: object, *, has_gold: bool) -> None:
    counts = {str(reason): n for reason, n in left_out.items() if n} if isinstance(left_out, Mapping) else {}
    if counts:
        _print_text(console, f"Left out on reading: {_counted(counts)}")
    unscored: Counter[str] = Counter()
    for row in tables.unscored:
        unscored[row["reason"]] += int(row["n"])
    if unscored and has_gold:
        n_pairs = sum(int(row["n"]) for row in tables.verdicts if row["gold"] == "all")
        reasons = _counted(dict(unscored.most_common()))
        _print_text(console, f"No verdict for {unscored.total():,} of {n_pairs:,} pairs of item and model: {reasons}")
    if not counts and not unscored:
        _print_text(console, "Left out: nothing")


def _counted(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{n:,} {plain(reason).replace('_', ' ')}" for reason, n in counts.items())


def _print_verdicts(console: Console, tables: _Tables, mode: str) -> None:
    asked = {row["mode"] for row in tables.answers}
    rows = [row for row in tables.verdicts if row["gold"] == "all"]
    if Mode.DESCRIBE not in asked:
        _print_text(console, f"{_NO_DESCRIPTIONS}\n")
    elif mode not in asked:
        _print_text(console, f"{_NO_LABELS.format(mode=mode)}\n")
    elif all(int(row["n_scored"]) == 0 for row in rows):
        _print_text(console, f"{_NONE_SCORED}\n")
    else:
        _print_verdict_table(console, rows)


def _print_verdict_table(console: Console, rows: Sequence[Row]) -> None:
    by_model: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_model.setdefault(row["model"], {})[row["verdict"]] = row
    _print_text(console, "Verdicts: share of the scored items of each model", style="bold")
    table = _table("scored", *(verdict.replace("_", "\n") for verdict in _VERDICTS), "unscored")
    for model, verdicts in by_model.items():
        shares = [_with_interval(verdicts[verdict], "share_of_scored", "share") for verdict in _VERDICTS]
        scored, unscored = int(verdicts["right"]["n_scored"]), int(verdicts["unscored"]["n"])
        table.add_row(_name(model), f"{scored:,}", *shares, f"{unscored:,}")
    console.print(table)
    console.print()
    for verdict, meaning in _LEGEND.items():
        _print_text(console, f"{verdict:<16}  {meaning}")
    console.print()


def _print_agreement(console: Console, tables: _Tables, mode: str, support: str) -> None:
    supported = {
        row["model"]: row for row in tables.support if row["evidence"] == "described" and row["support"] == support
    }
    modes = [found for found in (Mode.DESCRIBE, mode) if any(row["mode"] == found for row in tables.scores)]
    scores = {(row["model"], row["mode"]): row for row in reversed(tables.scores)}
    models = list(dict.fromkeys(row["model"] for row in tables.scores))
    if not models:
        return
    _print_text(console, "Gold against the descriptions, and accuracy by way of asking", style="bold")
    table = _table("supports\ngold", "by\nchance", "beyond\nchance", *(f"accuracy\n{found}" for found in modes))
    for model in models:
        row = supported.get(model, {})
        shares = [_with_interval(row, *columns) for columns in _SUPPORT_COLUMNS]
        accuracies = [_accuracy(scores.get((model, found), {})) for found in modes]
        table.add_row(_name(model), *shares, *accuracies)
    console.print(table)
    console.print()
    _print_text(console, "by chance: the same descriptions, shuffled among the items of the model")
    _print_text(console, "beyond chance: of what luck leaves, the share that is seen; 0% is luck alone")
    _print_text(console, "accuracy: of the answers that give a category; their number is in brackets")


def _print_intervals(console: Console, tables: _Tables, confidence: float) -> None:
    n_groups = {row["model"]: int(row["n_groups"]) for row in tables.support}
    n_groups |= {row["model"]: int(row["n_groups"]) for row in tables.verdicts if _is_scored(row)}
    rows = [*tables.support, *tables.scores]
    if not any(row.get("interval") or row.get("accuracy_low") for row in rows):
        return
    line = f"below a share: its {100 * confidence:g}% interval"
    if any(row["interval"] != "wilson" for row in tables.support if row["interval"]):
        line += f", over {max(n_groups.values()):,} groups, whose items are not independent"
    _print_text(console, line)
    few = [plain(model) for model, n in n_groups.items() if n < _FEW_GROUPS]
    if few:
        _print_text(console, f"fewer than {_FEW_GROUPS} groups, so do not rely on the intervals of: {', '.join(few)}")
    console.print()


def _print_remarks(console: Console, tables: _Tables, mode: str, n_gold: int) -> None:
    for topic in (
        comparison_remarks(tables.tests, mode),
        neutral_remarks(tables.neutral, tables.neutral_sources, mode),
        chain(correction_remarks(tables.verdicts_corrected), contested_remarks(len(tables.contested), n_gold)),
    ):
        lines = list(topic)
        for line in lines:
            _print_text(console, line)
        if lines:
            console.print()


def _print_next(console: Console, folder: Path) -> None:
    _print_text(console, f"Look next in {plain(str(folder))}", style="bold")
    for name, content in _NEXT.items():
        if (folder / name).exists():
            _print_text(console, f"{name:<16}  {content}")


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="")
    table.add_column("model", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _name(model: str) -> Text:
    return Text(plain(model))


def _is_scored(row: Row) -> bool:
    return row["gold"] == "all" and bool(row["share_of_scored"])


def _with_interval(row: Row, column: str, name: str) -> str:
    """Give a share, and below it the interval of its columns `NAME_low` and `NAME_high` if there is one."""
    return f"{percent(row.get(column, ''))}\n{interval(row, name)}".rstrip()


def _accuracy(row: Row) -> str:
    share = percent(row.get("accuracy", ""))
    return share if share == DASH else f"{share} ({int(row['n_used']):,})\n{interval(row, 'accuracy')}".rstrip()


def _print_text(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style))
