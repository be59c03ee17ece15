"""Gold against what was described and what was labelled: confusion matrices, and the recall of each category."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from descan.emotions import UNDECIDED
from descan.records import Mode
from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.charts.figure import (
    FAINT,
    INK,
    NO_LABEL,
    OPACITY,
    PAPER,
    RAMP,
    STEP,
    Blank,
    Drawing,
    Sizes,
    category_colours,
    panel_of,
    share_axis,
    spell_shares,
    stack_panels,
    tooltip,
)
from descan.report.wording import join_some, number, percent

if TYPE_CHECKING:
    import altair as alt

_NO_GOLD = "No item has a gold emotion, so there is nothing to hold the answers against."


def draw_confusion(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw gold against described and gold against label, a row of panels a model; rows add up to 1."""
    import altair as alt

    described, label = _described_cells(tables), _label_cells(tables)
    if not described and not label:
        return Blank(_NO_GOLD)
    sides = [
        _matrix(rows, kind, tables.categories.names, last, sizes.cell)
        for rows, kind, last in ((described, "described", UNDECIDED), (label, "label", NO_LABEL))
        if rows
    ]
    parts = [
        f"{row['model']}, {kind}: {row['gold']} {percent(row['share'])} of {row['n_gold']}"
        for kind, rows in (("described", described), ("label", label))
        for row in rows
        if row["is_right"]
    ]
    chart = alt.vconcat(*sides, spacing=24) if sizes.is_stacked else alt.hconcat(*sides, spacing=24)
    return Drawing(chart, [*described, *label], f"Heat maps of counts. Share on the diagonal: {join_some(parts, 42)}.")


def draw_recall(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw the recall of each category from descriptions and from labels, joined by a line."""
    import altair as alt

    points = [row | {"mode": str(Mode.DESCRIBE)} for row in _described_cells(tables)]
    points += [row | {"mode": tables.label_mode} for row in _label_cells(tables)]
    points = [row for row in points if row["is_right"] and row["share"] == row["share"]]
    if not points:
        return Blank(_NO_GOLD)
    categories = list(tables.categories.names)
    colours = alt.Scale(domain=categories, range=category_colours(tables.categories, categories))
    base = alt.Chart().encode(
        x=share_axis("Recall (share of the items of a gold category)"),
        y=alt.Y("gold:N", sort=categories, title=None),
        color=alt.Color("gold:N", legend=None, scale=colours),
    )
    is_described = alt.condition(
        f"datum.mode === '{Mode.DESCRIBE}'", alt.Fill("gold:N", legend=None, scale=colours), alt.value(PAPER)
    )
    modes = alt.Scale(domain=[str(Mode.DESCRIBE), tables.label_mode], range=["circle", "diamond"])
    lines = base.mark_line(strokeWidth=2).encode(detail="gold:N")
    marks = base.mark_point(size=65, strokeWidth=2, opacity=1, cursor="pointer").encode(
        shape=alt.Shape("mode:N", legend=None, scale=modes), fill=is_described, tooltip=tooltip("recall")
    )
    panel = alt.layer(lines, marks).properties(width=sizes.panel, height=alt.Step(STEP))
    chart = stack_panels(panel, map(panel_of, tables.models))
    parts = [f"{row['model']}, {row['mode']}: {row['gold']} {percent(row['share'])}" for row in points]
    return Drawing(chart, points, f"Points joined by lines. {join_some(parts, 42)}.")


def _described_cells(tables: AnalysisTables) -> list[dict[str, Any]]:
    return [_cell(row, "described", row["predicted"], row["predicted"]) for row in tables.rows("confusion_described")]


def _label_cells(tables: AnalysisTables) -> list[dict[str, Any]]:
    """Return the cells of the label mode; all reasons for no label are one column, after the categories."""
    cells = []
    reasons: dict[tuple[str, str], list[Row]] = {}
    for row in tables.rows("confusion_label"):
        if row["mode"] != tables.label_mode:
            continue
        if row["predicted"] in tables.categories.names:
            cells.append(_cell(row, "label", row["predicted"], row["predicted"]))
        else:
            reasons.setdefault((row["model"], row["gold"]), []).append(row)
    for rows in reasons.values():
        told = join_some([f"{number(row['n'])} {row['predicted'].replace('_', ' ')}" for row in rows if row["n"]], 12)
        n, n_gold = sum(row["n"] for row in rows), rows[0]["n_gold"]
        total = {**rows[0], "n": n, "share": n / n_gold if n_gold else float("nan")}
        cells.append(_cell(total, "label", NO_LABEL, f"no label: {told or 0}"))
    return cells


def _cell(row: Row, kind: str, value: str, words: str) -> dict[str, Any]:
    return {
        "cell_kind": kind,
        "model": row["model"],
        "panel": panel_of(row["model"]),
        "gold": row["gold"],
        "value": value,
        "words": words,
        "n": row["n"],
        "n_gold": row["n_gold"],
        "total": f"of {row['n_gold']}",
        **spell_shares(share=row["share"]),
        "is_right": value == row["gold"],
        "text": number(row["n"]) if row["n"] else "·",
    }


def _matrix(rows: list[dict[str, Any]], kind: str, golds: Sequence[str], last: str, cell: float) -> "alt.FacetChart":
    import altair as alt

    values = [*golds, last]
    title = kind.capitalize()
    x = alt.X("value:N", sort=values, title=title).axis(orient="top", labelAngle=-90, domain=False, minExtent=62)
    y = alt.Y("gold:N", sort=list(golds), title="Gold").axis(domain=False)
    base = alt.Chart().encode(y=y, tooltip=tooltip("confusion", kind=title))
    cells = base.mark_rect(color=RAMP, stroke=PAPER, cursor="pointer").encode(
        x=x, fillOpacity=alt.FillOpacity("share:Q", legend=None).scale(domain=[0, 1], range=[0.03, OPACITY])
    )
    # Last but for the words, so that no neighbour covers a frame.
    frames = base.transform_filter("datum.is_right").mark_rect(filled=False, stroke=INK, cursor="pointer").encode(x=x)
    counts = base.mark_text(fontSize=9).encode(
        x=x, text="text:N", color=alt.condition("datum.n > 0", alt.value(INK), alt.value(FAINT))
    )
    totals = base.transform_filter(f"datum.value === '{values[0]}'").mark_text(align="left", color=FAINT, fontSize=9)
    totals = totals.encode(x=alt.value(cell * len(values) + 5), text=alt.Text("total:N"))
    panel = alt.layer(cells, frames, counts, totals).properties(width=alt.Step(cell), height=alt.Step(cell))
    chart: alt.FacetChart = stack_panels(panel, (row["panel"] for row in rows), spacing=16).transform_filter(
        f"datum.cell_kind === '{kind}'"
    )
    return chart
