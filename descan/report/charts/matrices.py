"""Gold against what was described and what was labelled: confusion matrices, and the recall of each category."""

from typing import TYPE_CHECKING, Any

from descan.emotions import UNDECIDED, Emotion
from descan.records import Mode
from descan.report.analysis_tables import AnalysisTables
from descan.report.charts.figure import (
    FAINT,
    INK,
    NO_LABEL,
    OPACITY,
    PAPER,
    RAMP,
    ROWS,
    STEP,
    WIDTH,
    Blank,
    Drawing,
    Row,
    panel_header,
    panel_of,
    records,
    spell_shares,
)
from descan.report.palette import token
from descan.report.wording import join_some, percent

if TYPE_CHECKING:
    import altair as alt

CELL = 23
"""Side of a cell, in pixels."""

_EMOTIONS = [str(emotion) for emotion in Emotion]
_NO_GOLD = "No item has a gold emotion, so there is nothing to hold the answers against."


def draw_confusion(tables: AnalysisTables) -> Drawing | Blank:
    """Draw gold against described and gold against label, a row of panels a model; rows add up to 1."""
    import altair as alt

    described, label = _described_cells(tables), _label_cells(tables)
    if not described and not label:
        return Blank(_NO_GOLD)
    sides = [
        _matrix(rows, kind, [*_EMOTIONS, last])
        for rows, kind, last in ((described, "described", UNDECIDED), (label, "label", NO_LABEL))
        if rows
    ]
    parts = [
        f"{row['model']}, {kind}: {row['gold']} {percent(row['share'])} of {row['n_gold']}"
        for kind, rows in (("described", described), ("label", label))
        for row in rows
        if row["is_right"]
    ]
    chart = alt.hconcat(*sides, spacing=24)
    return Drawing(chart, [*described, *label], f"Heat maps of counts. Share on the diagonal: {join_some(parts, 42)}.")


def draw_recall(tables: AnalysisTables) -> Drawing | Blank:
    """Draw the recall of each category from descriptions and from labels, joined by a line."""
    import altair as alt

    points = [row | {"mode": str(Mode.DESCRIBE)} for row in _described_cells(tables)]
    points += [row | {"mode": tables.label_mode} for row in _label_cells(tables)]
    points = [row for row in points if row["is_right"] and row["share"] == row["share"]]
    if not points:
        return Blank(_NO_GOLD)
    base = alt.Chart().encode(
        x=alt.X("share:Q", title="Recall (share of the items of a gold category)")
        .scale(domain=[0, 1])
        .axis(format=".0%", tickCount=5),
        y=alt.Y("gold:N", sort=_EMOTIONS, title=None),
        color=alt.Color("gold:N", legend=None).scale(
            domain=_EMOTIONS, range=[token("category", emotion) for emotion in _EMOTIONS]
        ),
    )
    lines = base.mark_line(strokeWidth=2).encode(detail="gold:N")
    shape = alt.Shape("mode:N", legend=None).scale(
        domain=[str(Mode.DESCRIBE), tables.label_mode], range=["circle", "diamond"]
    )
    colours = [token("category", emotion) for emotion in _EMOTIONS]
    marks = base.mark_point(size=65, strokeWidth=2, opacity=1, cursor="pointer").encode(
        shape=shape,
        fill=alt.condition(
            f"datum.mode === '{Mode.DESCRIBE}'",
            alt.Fill("gold:N", legend=None).scale(domain=_EMOTIONS, range=colours),
            alt.value(PAPER),
        ),
        tooltip=[
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("mode:N", title="Asked to"),
            alt.Tooltip("gold:N", title="Gold"),
            alt.Tooltip("n:Q", title="Right"),
            alt.Tooltip("n_gold:Q", title="of items"),
            alt.Tooltip("share_words:N", title="Recall"),
        ],
    )
    panel = alt.layer(lines, marks).properties(width=WIDTH, height=alt.Step(STEP))
    chart = panel.properties(data=alt.NamedData(ROWS)).facet(
        row=alt.Row("panel:N", sort=[panel_of(model) for model in tables.models], header=panel_header()), spacing=14
    )
    parts = [f"{row['model']}, {row['mode']}: {row['gold']} {percent(row['share'])}" for row in points]
    return Drawing(chart, points, f"Points joined by lines. {join_some(parts, 42)}.")


def _described_cells(tables: AnalysisTables) -> list[dict[str, Any]]:
    rows = records(tables["confusion_described"])
    return [_cell(row, "described", str(row["predicted"]), str(row["predicted"])) for row in rows]


def _label_cells(tables: AnalysisTables) -> list[dict[str, Any]]:
    """Return the cells of the label mode; all reasons for no label are one column."""
    frame = tables["confusion_label"]
    frame = frame[frame["mode"] == tables.label_mode]
    cells = [
        _cell(row, "label", str(row["predicted"]), str(row["predicted"]))
        for row in records(frame[frame["predicted"].isin(_EMOTIONS)])
    ]
    without = frame[~frame["predicted"].isin(_EMOTIONS)]
    for (model, gold), rows in without.groupby(["model", "gold"], sort=False):
        reasons = join_some(
            [f"{row['n']} {str(row['predicted']).replace('_', ' ')}" for row in records(rows) if row["n"]], 12
        )
        total = {"model": model, "gold": gold, "n": rows["n"].sum(), "n_gold": rows["n_gold"].iloc[0]}
        total["share"] = total["n"] / total["n_gold"] if total["n_gold"] else float("nan")
        cells.append(_cell(total, "label", NO_LABEL, f"no label: {reasons or 0}"))
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
        **spell_shares(share=row["share"]),
        "is_right": value == row["gold"],
        "text": f"{row['n']:,}" if row["n"] else "·",
    }


def _matrix(rows: list[dict[str, Any]], kind: str, values: list[str]) -> "alt.FacetChart":
    import altair as alt

    x = alt.X("value:N", sort=values, title=kind.capitalize()).axis(
        orient="top", labelAngle=-90, domain=False, minExtent=62
    )
    base = alt.Chart().encode(
        y=alt.Y("gold:N", sort=_EMOTIONS, title="Gold").axis(domain=False),
        tooltip=[
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("gold:N", title="Gold"),
            alt.Tooltip("words:N", title=kind.capitalize()),
            alt.Tooltip("n:Q", title="Items"),
            alt.Tooltip("n_gold:Q", title="of the gold category"),
            alt.Tooltip("share_words:N", title="Share"),
        ],
    )
    cells = base.mark_rect(color=RAMP, stroke=PAPER, cursor="pointer").encode(
        x=x, fillOpacity=alt.FillOpacity("share:Q", legend=None).scale(domain=[0, 1], range=[0.03, OPACITY])
    )
    # Last but for the words, so that no neighbour covers a frame.
    frames = base.transform_filter("datum.is_right").mark_rect(filled=False, stroke=INK, cursor="pointer").encode(x=x)
    counts = base.mark_text(fontSize=9).encode(
        x=x, text="text:N", color=alt.condition("datum.n > 0", alt.value(INK), alt.value(FAINT))
    )
    totals = base.transform_filter(f"datum.value === '{values[0]}'").mark_text(align="left", color=FAINT, fontSize=9)
    totals = totals.encode(x=alt.value(CELL * len(values) + 5), text=alt.Text("total:N"))
    totals = totals.transform_calculate(total="'of ' + datum.n_gold")
    panel = alt.layer(cells, frames, counts, totals).properties(width=alt.Step(CELL), height=alt.Step(CELL))
    models = list(dict.fromkeys(row["panel"] for row in rows))
    facets = panel.properties(data=alt.NamedData(ROWS)).facet(
        row=alt.Row("panel:N", sort=models, header=panel_header()), spacing=16
    )
    chart: alt.FacetChart = facets.transform_filter(f"datum.cell_kind === '{kind}'")
    return chart
