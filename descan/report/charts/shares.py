"""Bars of shares with their intervals: the verdicts, and the categories of the emotion words."""

from typing import TYPE_CHECKING, Any

from descan.emotions import OTHER
from descan.records import SCORED_VERDICTS
from descan.report.analysis_tables import AnalysisTables
from descan.report.charts.figure import (
    ALL,
    FAINT,
    INK,
    PAPER,
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
from descan.report.palette import token
from descan.report.wording import join_some, number, percent

if TYPE_CHECKING:
    import altair as alt


def draw_verdicts(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw one bar a verdict, with its interval and the share that shuffled descriptions would give."""
    import altair as alt

    rows: list[dict[str, Any]] = [
        {
            "cell_kind": "verdict",
            "model": row["model"],
            "gold": ALL,
            "value": row["verdict"],
            "verdict": row["verdict"],
            "verdict_words": row["verdict"].replace("_", " "),
            "panel": f"{row['model']}\n{number(row['n_scored'])} of {number(row['n_items'])} items scored",
            "n": row["n"],
            "n_scored": row["n_scored"],
            **spell_shares(
                share=row["share_of_scored"],
                low=row["share_low"],
                high=row["share_high"],
                chance=row["chance_share"],
            ),
            "text": f"{percent(row['share_of_scored'])} ({number(row['n'])})",
        }
        for row in tables.overall("verdicts")
        if row["verdict"] in SCORED_VERDICTS and row["n_scored"] > 0
    ]
    if not rows:
        return Blank("No item has gold, a description and a label together, so there are no verdicts.")
    verdicts = list(SCORED_VERDICTS)
    base = alt.Chart().encode(
        y=alt.Y("verdict_words:N", sort=[verdict.replace("_", " ") for verdict in verdicts], title=None),
        tooltip=tooltip("verdicts"),
    )
    colours = alt.Scale(domain=verdicts, range=[token("verdict", verdict) for verdict in verdicts])
    bars, texts = _bars(base, "Share of scored items", alt.Color("verdict:N", legend=None, scale=colours), sizes)
    chance = base.mark_point(shape="diamond", fill=PAPER, stroke=INK, strokeWidth=1.5, size=50, opacity=1)
    panel = alt.layer(*bars, chance.encode(x="chance:Q"), texts).properties(width=sizes.panel, height=alt.Step(STEP))
    parts = [f"{row['model']}: {row['verdict_words']} {percent(row['share'])}" for row in rows]
    words = f"Bars with intervals and chance marks. {join_some(parts, 24)}."
    return Drawing(stack_panels(panel, (row["panel"] for row in rows)), rows, words)


def draw_categories(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw the share of descriptions that have a term of a category, with its interval."""
    import altair as alt

    rows: list[dict[str, Any]] = [
        {
            "cell_kind": "category",
            "model": row["model"],
            "panel": panel_of(row["model"]),
            "gold": ALL,
            "value": row["category"],
            "category": row["category"],
            "n": row["descriptions"],
            "n_descriptions": row["n_descriptions"],
            "distinct_terms": row["distinct_terms"],
            **spell_shares(share=row["share"], low=row["share_low"], high=row["share_high"]),
            "text": f"{percent(row['share'])} · {row['distinct_terms']:,}",
        }
        for row in tables.rows("categories")
    ]
    if not any(row["n"] for row in rows):
        return Blank("No description has an emotion word.")
    categories = [*tables.categories.names, OTHER]
    base = alt.Chart().encode(y=alt.Y("category:N", sort=categories, title=None), tooltip=tooltip("categories"))
    colours = alt.Scale(domain=categories, range=category_colours(tables.categories, categories))
    title = "Share of descriptions with a term of the category"
    bars, texts = _bars(base, title, alt.Color("category:N", legend=None, scale=colours), sizes)
    panel = alt.layer(*bars, texts).properties(width=sizes.panel, height=alt.Step(STEP))
    parts = [f"{row['model']}: {row['category']} {percent(row['share'])}" for row in rows]
    chart = stack_panels(panel, map(panel_of, tables.models))
    return Drawing(chart, rows, f"Bars with intervals. {join_some(parts, 24)}.")


def _bars(base: "alt.Chart", title: str, colour: "alt.Color", sizes: Sizes) -> "tuple[list[alt.Chart], alt.Chart]":
    """Draw `share` as bars, `low` to `high` as a line whose rim stands out from any of them, and `text` beside."""
    import altair as alt

    bars = base.mark_bar(height=STEP - 5, cursor="pointer").encode(x=share_axis(title), color=colour)
    line = base.encode(x="low:Q", x2="high:Q")
    rim, bounds = line.mark_rule(color=PAPER, strokeWidth=3.5, opacity=0.8), line.mark_rule(color=INK, strokeWidth=1.5)
    texts = base.mark_text(align="left", color=FAINT).encode(x=alt.value(sizes.panel + 6), text="text:N")
    return [bars, rim, bounds], texts
