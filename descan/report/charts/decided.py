"""What models say and see when they are asked, and whether their probabilities hold."""

from typing import Any

from descan.report.analysis_tables import AnalysisTables
from descan.report.charts.figure import (
    FAINT,
    INK,
    PAPER,
    STEP,
    Blank,
    Drawing,
    Sizes,
    panel_of,
    spell_shares,
    stack_panels,
    tooltip,
)
from descan.report.palette import token
from descan.report.wording import join_some, percent

_STATES = {
    "said_and_seen": ("said and seen", token("verdict", "right")),
    "seen_not_said": ("seen, not said", token("verdict", "labeling_failure")),
    "denied_and_seen": ("seen, and denied in the text", token("verdict", "unscored")),
    "said_not_seen": ("said, but denied when asked", token("verdict", "seeing_failure")),
}


def draw_said_or_seen(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw of each action the share of items of which a model says it, sees it when asked, or one of both."""
    import altair as alt

    if not tables.has_decided:
        return Blank("No answer has mode decide.")
    found = [row for row in tables.rows("said_or_seen") if row["action"] != "all" and row["model"] in tables.models]
    occurring = {row["action"] for row in found if row["n_neither"] < row["n_items"]}
    rows: list[dict[str, Any]] = [
        {
            "cell_kind": "action",
            "model": row["model"],
            "gold": "all",
            "value": row["action"],
            "panel": panel_of(row["model"]),
            "name": row["action"].replace("_", " "),
            "state": words,
            "order": order,
            "n": row[f"n_{state}"],
            "n_items": row["n_items"],
            **spell_shares(share=row[state], low=row[f"{state}_low"], high=row[f"{state}_high"]),
        }
        for row in found
        if row["action"] in occurring
        for order, (state, (words, _)) in enumerate(_STATES.items())
    ]
    if not rows:
        return Blank("No action is said, or likely when asked.")
    colours = alt.Scale(domain=[words for words, _ in _STATES.values()], range=[each for _, each in _STATES.values()])
    panel = (
        alt.Chart()
        .mark_bar(stroke=PAPER, strokeWidth=0.5, cursor="pointer")
        .encode(
            x=alt.X("share:Q", title="Share of items", stack="zero").axis(format=".0%", tickCount=5),
            y=alt.Y("name:N", sort=None, title=None),
            color=alt.Color("state:N", title=None, scale=colours).legend(columns=2),
            order=alt.Order("order:Q"),
            tooltip=tooltip("said_or_seen"),
        )
        .properties(width=sizes.panel, height=alt.Step(STEP))
    )
    overall = [row for row in tables.rows("said_or_seen") if row["region"] == "all" and row["model"] in tables.models]
    parts = [
        f"{row['model']}, {words}: {percent(row[state])}" for row in overall for state, (words, _) in _STATES.items()
    ]
    chart = stack_panels(alt.layer(panel), (row["panel"] for row in rows))
    return Drawing(chart, rows, f"Stacked bars of each action. {join_some(parts, 12)}.")


def draw_reliability(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw how often the likeliest category is gold, by its probability."""
    import altair as alt

    if not tables.has_decided:
        return Blank("No answer has mode decide.")
    rows: list[dict[str, Any]] = [
        {
            "model": row["model"],
            "panel": panel_of(row["model"]),
            "probability": row["mean_probability"],
            "n": row["n"],
            "bin": f"{percent(row['above'])} to {percent(row['up_to'])}",
            **spell_shares(share=row["share"], low=row["share_low"], high=row["share_high"]),
        }
        for row in tables.rows("reliability")
        if row["category"] == "all" and row["n"] and row["model"] in tables.models
    ]
    if not rows:
        return Blank("No item has gold and probabilities of the categories.")
    x = alt.X("probability:Q", title="Probability of the likeliest category").scale(domain=[0, 1]).axis(format=".0%")
    y = alt.Y("share:Q", title="Share whose gold it is").scale(domain=[0, 1]).axis(format=".0%")
    base = alt.Chart().encode(x=x, tooltip=tooltip("reliability"))
    perfect = (
        alt.Chart()
        .mark_rule(color=FAINT, strokeDash=[4, 3])
        .encode(x=alt.XDatum(0), y=alt.YDatum(0), x2=alt.X2Datum(1), y2=alt.Y2Datum(1))
    )
    bars = base.mark_rule(color=FAINT).encode(y=alt.Y("low:Q"), y2="high:Q")
    line = base.mark_line(color=token("mode", "decide")).encode(y=y)
    size = alt.Size("n:Q", title="Items").scale(range=[20, 220])
    marks = base.mark_point(filled=True, color=token("mode", "decide"), stroke=INK, opacity=1).encode(y=y, size=size)
    panel = alt.layer(perfect, bars, line, marks).properties(width=sizes.panel, height=sizes.panel)
    parts = [f"{row['model']}, {row['bin']}: {percent(row['share'])} of {row['n']}" for row in rows]
    chart = stack_panels(panel, (row["panel"] for row in rows))
    return Drawing(chart, rows, f"Points by probability, with intervals. {join_some(parts, 30)}.")
