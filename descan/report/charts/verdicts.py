"""How often each verdict falls, per model, beside the chance rate."""

from descan.report.analysis_tables import AnalysisTables
from descan.report.charts.figure import (
    ALL,
    FAINT,
    INK,
    PAPER,
    ROWS,
    STEP,
    WIDTH,
    Blank,
    Drawing,
    Row,
    draw_intervals,
    panel_header,
    records,
    spell_shares,
)
from descan.report.palette import names, token
from descan.report.wording import join_some, percent

SCORED = names("verdict")[:-1]
"""The verdicts that have a share of the scored items."""


def draw_verdicts(tables: AnalysisTables) -> Drawing | Blank:
    """Draw one bar a verdict, with its interval and the share that shuffled descriptions would give."""
    import altair as alt

    rows = _verdict_rows(tables)
    if not rows:
        return Blank("No item has gold, a description and a label together, so there are no verdicts.")
    panels = list(dict.fromkeys(row["panel"] for row in rows))
    words = [str(row["verdict_words"]) for row in rows[: len(SCORED)]]
    y = alt.Y("verdict_words:N", sort=words, title=None)
    x = alt.X("share:Q", title="Share of scored items", scale=alt.Scale(domain=[0, 1])).axis(format=".0%", tickCount=5)
    tooltip = [
        alt.Tooltip("model:N", title="Model"),
        alt.Tooltip("verdict_words:N", title="Verdict"),
        alt.Tooltip("n:Q", title="Items"),
        alt.Tooltip("n_scored:Q", title="of scored"),
        alt.Tooltip("share_words:N", title="Share"),
        alt.Tooltip("low_words:N", title="Interval from"),
        alt.Tooltip("high_words:N", title="to"),
        alt.Tooltip("chance_words:N", title="By chance"),
    ]
    colour = alt.Color("verdict:N", legend=None).scale(
        domain=list(SCORED), range=[token("verdict", verdict) for verdict in SCORED]
    )
    base = alt.Chart().encode(y=y, tooltip=tooltip)
    bars = base.mark_bar(height=STEP - 5, cursor="pointer").encode(x=x, color=colour)
    chance = base.mark_point(shape="diamond", fill=PAPER, stroke=INK, strokeWidth=1.5, size=50, opacity=1)
    chance = chance.encode(x="chance:Q")
    shares = base.mark_text(align="left", color=FAINT).encode(x=alt.value(WIDTH + 6), text="text:N")
    panel = alt.layer(bars, *draw_intervals(base), chance, shares).properties(width=WIDTH, height=alt.Step(STEP))
    chart = panel.properties(data=alt.NamedData(ROWS)).facet(
        row=alt.Row("panel:N", sort=panels, header=panel_header()), spacing=14
    )
    parts = [f"{row['model']}: {row['verdict_words']} {percent(row['share'])}" for row in rows]
    return Drawing(chart, rows, f"Bars with intervals and chance marks. {join_some(parts, 24)}.")


def _verdict_rows(tables: AnalysisTables) -> list[Row]:
    frame = tables["verdicts"]
    chosen = frame[(frame["gold"] == ALL) & frame["verdict"].isin(SCORED) & (frame["n_scored"] > 0)]
    return [
        {
            "cell_kind": "verdict",
            "model": row["model"],
            "gold": ALL,
            "value": row["verdict"],
            "verdict": row["verdict"],
            "verdict_words": str(row["verdict"]).replace("_", " "),
            "panel": f"{row['model']}\n{row['n_scored']:,} of {row['n_items']:,} items scored",
            "n": row["n"],
            "n_scored": row["n_scored"],
            **spell_shares(
                share=row["share_of_scored"],
                low=row["share_low"],
                high=row["share_high"],
                chance=row["chance_share"],
            ),
            "text": f"{percent(row['share_of_scored'])} ({row['n']:,})",
        }
        for row in records(chosen)
    ]
