"""The tables of the page: numbers of tables/*.csv for people, with links to the cases behind them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from descan.emotions import Emotion
from descan.errors import InputError
from descan.report.analysis_tables import AnalysisTables
from descan.report.palette import names
from descan.report.wording import (
    interval,
    number,
    p_value,
    percent,
    percent_with_interval,
    points,
    points_interval,
    spell,
)

Row = Mapping[str, Any]

_MOST = 15
"""Rows a model has in the tables of actions and terms; the CSVs have all."""

_N_LEVELS = 4
"""Shades of a cell of a matrix."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table.

    Attributes:
        text: Its words or number.
        note: Smaller words below, such as an interval.
        link: The filter of the page that lists its cases, as an address, or "".
        hint: What the link is called where the text alone says too little.
        level: Shade, 0 to 4.
    """

    text: str
    note: str = ""
    link: str = ""
    hint: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first `n_heads` cells of a row are its heading; a matrix is narrow and shaded."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    n_heads: int = 1
    is_matrix: bool = False


def section_tables(section: str, tables: AnalysisTables) -> list[Table]:
    """Return the tables of a section that have rows."""
    make = _TABLES.get(section)
    try:
        return [table for table in make(tables) if table.rows] if make else []
    except InputError:
        # An analysis of an earlier version has fewer tables.
        return []


def address(**filters: str) -> str:
    """Return the address of the cases that have these values; filter.js reads it."""
    return f"#{urlencode(filters)}"


def _verdicts(tables: AnalysisTables) -> list[Table]:
    rows = [row for row in _records(tables, "verdicts") if row["n_items"] > 0]
    verdicts = names("verdict")
    made = []
    for caption, chosen in (
        ("Verdicts of each model, with intervals; “by chance” is what shuffled descriptions give", "all"),
        ("Verdicts by gold category: items", ""),
    ):
        found = [row for row in rows if (row["gold"] == "all") == bool(chosen)]
        lines = [
            [Cell(key[0]), *([] if chosen else [Cell(spell(key[1]))]), *_verdict_cells(list(group), bool(chosen))]
            for key, group in groupby(found, key=lambda row: (row["model"], row["gold"]))
        ]
        header = ["model", *([] if chosen else ["gold"]), "scored", *(spell(verdict) for verdict in verdicts)]
        made.append(Table(caption, header, lines, 1 if chosen else 2))
    return [*made, _corrected(tables)]


def _corrected(tables: AnalysisTables) -> Table:
    lines = [
        [
            Cell(row["model"]),
            Cell(spell(row["verdict"])),
            Cell(percent_with_interval(row["share_of_scored"], row["share_low"], row["share_high"])),
            Cell(percent_with_interval(row["corrected"], row["corrected_low"], row["corrected_high"])),
        ]
        for row in _records(tables, "verdicts_corrected")
        if row["gold"] == "all" and row["corrected"] == row["corrected"]
    ]
    caption = "Verdicts, corrected for descriptions that descan misreads, where its error is known"
    return Table(caption, ["model", "verdict", "uncorrected", "corrected"], lines, 2)


def _verdict_cells(group: Sequence[Row], has_shares: bool) -> list[Cell]:
    by_verdict = {row["verdict"]: row for row in group}
    cells = [Cell(number(group[0]["n_scored"]))]
    for verdict in names("verdict"):
        row = by_verdict[verdict]
        where = {"model": row["model"], "verdict": verdict} | ({} if has_shares else {"gold": row["gold"]})
        note = ""
        if has_shares and verdict != "unscored":
            share = percent_with_interval(row["share_of_scored"], row["share_low"], row["share_high"])
            note = f"{share}, by chance {percent(row['chance_share'])}"
        cells.append(_linked(row["n"], where, note))
    return cells


def _confusion(tables: AnalysisTables) -> list[Table]:
    labels = [row for row in _records(tables, "confusion_label") if row["mode"] == tables.label_mode]
    return [
        _matrix(kind, model, list(rows))
        for kind, found in (("described", _records(tables, "confusion_described")), ("label", labels))
        for model, rows in groupby(found, key=lambda row: row["model"])
    ]


def _matrix(kind: str, model: str, rows: Sequence[Row]) -> Table:
    predicted = list(dict.fromkeys(row["predicted"] for row in rows))
    predicted.sort(key=lambda value: (value not in set(Emotion), 0))
    cells = {(row["gold"], row["predicted"]): row for row in rows}
    lines = [
        [Cell(gold), *(_matrix_cell(kind, model, gold, value, cells.get((gold, value))) for value in predicted)]
        for gold in dict.fromkeys(row["gold"] for row in rows)
    ]
    caption = f"{model}: gold (rows) and {'what was described' if kind == 'described' else 'label'} (columns), items"
    return Table(caption, ["gold", *(spell(value) for value in predicted)], lines, is_matrix=True)


def _matrix_cell(kind: str, model: str, gold: str, value: str, row: Row | None) -> Cell:
    if row is None or not row["n"]:
        return Cell("0")
    hint = f"{int(row['n']):,} of {int(row['n_gold']):,}: gold {gold}, {kind} {spell(value)}"
    level = min(_N_LEVELS, 1 + int(row["share"] * _N_LEVELS))
    return Cell(number(row["n"]), "", address(model=model, gold=gold, **{kind: value}), hint, level)


def _scores(tables: AnalysisTables) -> list[Table]:
    statistics = {"accuracy": "accuracy", "uar": "mean recall", "macro_f1": "macro-F1", "kappa": "kappa"}
    lines = []
    for row in _records(tables, "scores"):
        shares = [
            Cell(percent(row[name]), interval(row[f"{name}_low"], row[f"{name}_high"]))
            if name != "kappa"
            else Cell(number(row[name]), _bounds(row, name))
            for name in statistics
        ]
        used = Cell(f"{number(row['n_used'])} of {number(row['n_gold'])}")
        lines.append([Cell(row["model"]), Cell(row["mode"]), Cell(row["categories"]), used, *shares])
    header = ["model", "mode", "categories", "used", *statistics.values()]
    scores = Table("Scores of each mode, with intervals", header, lines, 3)
    return [scores, _neutral(tables), _tests(tables)]


def _neutral(tables: AnalysisTables) -> Table:
    lines = [
        [
            Cell(row["model"]),
            Cell(row["mode"]),
            Cell(percent_with_interval(row["share"], row["share_low"], row["share_high"])),
            Cell(percent_with_interval(row["gold_share"], row["gold_share_low"], row["gold_share_high"])),
            Cell(f"{points(row['bias'])} points", points_interval(row["bias_low"], row["bias_high"])),
        ]
        for row in _records(tables, "neutral")
        if row["bias"] == row["bias"]
    ]
    header = ["model", "mode", "names Neutral", "gold is Neutral", "difference"]
    return Table("How much more often Neutral is named than it is gold", header, lines, 2)


def _tests(tables: AnalysisTables) -> Table:
    lines = [
        [
            Cell(f"{row['model_a']}, {row['mode_a']}"),
            Cell(f"{row['model_b']}, {row['mode_b']}"),
            Cell(number(row["n_items"])),
            Cell(f"{points(row['difference'])} points", points_interval(row["low"], row["high"])),
            Cell(p_value(row["p_holm"])),
        ]
        for row in _records(tables, "tests")
        if row["difference"] == row["difference"]
    ]
    header = ["A", "B", "items of both", "accuracy of A minus B", "p (Holm)"]
    return Table("Differences of accuracy on the same items (McNemar’s exact test)", header, lines, 2)


def _features(tables: AnalysisTables) -> list[Table]:
    return [_shares(tables, "regions", "region"), _shares(tables, "actions", "action")]


def _terms(tables: AnalysisTables) -> list[Table]:
    return [_shares(tables, "categories", "category"), _shares(tables, "terms", "term")]


def _shares(tables: AnalysisTables, name: str, key: str) -> Table:
    """Tell in how many descriptions of each model something is mentioned; the most frequent first."""
    frame = tables[name].sort_values("descriptions", ascending=False, kind="stable")
    lines = []
    for model in tables.models:
        for row in frame[frame["model"] == model].head(_MOST).to_dict("records"):
            share = percent_with_interval(
                row["share"], row.get("share_low", float("nan")), row.get("share_high", float("nan"))
            )
            link = _linked(row["descriptions"], {"model": model, key: row[key]})
            lines.append([Cell(model), Cell(spell(row[key])), link, Cell(share), Cell(number(row["mentions"]))])
    caption = f"Most frequent {name} of each model: descriptions that mention them of the person"
    return Table(caption, ["model", key, "descriptions", "share", "mentions"], lines, 2)


def _detail(tables: AnalysisTables) -> list[Table]:
    what = ("words", "actions", "regions", "emotions", "hedged")
    lines = [
        [Cell(row["model"]), Cell(number(row["n_descriptions"])), *(Cell(number(row[f"n_{one}_mean"])) for one in what)]
        for row in _records(tables, "detail")
    ]
    return [Table("Means per description", ["model", "descriptions", *what], lines)]


def _contested(tables: AnalysisTables) -> list[Table]:
    lines = [
        [
            Cell(row["item_id"], "", address(item=row["item_id"])),
            Cell(row["gold"]),
            Cell(str(row["agreed"])),
            Cell(f"{number(row['n_agreeing'])} of {number(row['n_models'])}"),
            Cell(number(row["strength"])),
        ]
        for row in _records(tables, "contested")[: 2 * _MOST]
    ]
    return [Table("Contested items, the clearest first", ["item", "gold", "models say", "models", "strength"], lines)]


def _cost(tables: AnalysisTables) -> list[Table]:
    columns = {
        "n_answers": "answers",
        "latency_median_s": "median latency, s",
        "latency_p90_s": "90th percentile, s",
        "input_tokens_mean": "input tokens",
        "output_tokens_mean": "output tokens",
        "cost_usd_total": "total cost, US$",
    }
    rows = [row for row in _records(tables, "answers") if row["n_latency"] or row["n_output_tokens"] or row["n_cost"]]
    lines = [
        [Cell(row["model"]), Cell(spell(row["mode"])), *(Cell(number(row[column])) for column in columns)]
        for row in rows
    ]
    return [Table("Answers: time, mean tokens and cost", ["model", "mode", *columns.values()], lines, 2)]


_TABLES: Mapping[str, Callable[[AnalysisTables], list[Table]]] = {
    "verdicts": _verdicts,
    "confusion": _confusion,
    "recall": _scores,
    "features": _features,
    "detail": _detail,
    "terms": _terms,
    "contested": _contested,
    "cost": _cost,
}


def _records(tables: AnalysisTables, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tables[name].to_dict("records")
    return rows


def _linked(n: float, where: Mapping[str, str], note: str = "") -> Cell:
    hint = f"{number(n)}: {', '.join(spell(value) for value in where.values())}"
    return Cell(number(n), note, address(**where) if n else "", hint)


def _bounds(row: Row, name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"{number(low)} to {number(high)}" if low == low else ""
