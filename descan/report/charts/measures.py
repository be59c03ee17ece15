"""Numbers other than shares, each on its own scale: detail of the descriptions, latency, tokens and cost."""

from collections.abc import Sequence
from math import nan
from typing import TYPE_CHECKING

from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.charts.figure import (
    FAINT,
    INK,
    PAPER,
    RAMP,
    ROWS,
    STEP,
    Blank,
    Drawing,
    Sizes,
    spell_shares,
    stack_panels,
    tooltip,
)
from descan.report.palette import token
from descan.report.wording import join_some

if TYPE_CHECKING:
    import altair as alt

_DETAILS = {
    "n_words": "Words per description",
    "n_actions": "Face actions per description",
    "n_regions": "Face regions per description",
    "n_emotions": "Emotion words per description",
    "n_hedged": "Hedged mentions per description",
}

_COSTS = {
    "latency_median_s": ("Seconds per answer", "latency_p90_s", "n_latency"),
    "input_tokens_mean": ("Input tokens per answer", None, "n_input_tokens"),
    "output_tokens_mean": ("Output tokens per answer", None, "n_output_tokens"),
    "thinking_tokens_mean": ("Thinking tokens per answer", None, "n_thinking_tokens"),
    "cost_usd_total": ("US dollars, all answers together", None, "n_cost"),
}


def draw_detail(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw the mean and the median of what a description has, per model."""
    import altair as alt

    rows = [
        {
            "measure": words,
            "model": row["model"],
            "mean": row[f"{column}_mean"],
            "median": row[f"{column}_median"],
            "n": row["n_descriptions"],
            "text": _number(row[f"{column}_mean"]),
        }
        for column, words in _DETAILS.items()
        for row in tables.rows("detail")
    ]
    if not rows:
        return Blank("There is no description.")
    base = alt.Chart().encode(y=alt.Y("model:N", sort=None, title=None), tooltip=tooltip("detail"))
    bars = base.mark_bar(height=STEP - 6, color=RAMP, invalid="show").encode(x=_x("mean"))
    rims = base.mark_tick(color=PAPER, thickness=4, size=STEP - 2, opacity=0.8, invalid="show").encode(x="median:Q")
    medians = base.mark_tick(color=INK, thickness=2, size=STEP - 2, opacity=1, invalid="show").encode(x="median:Q")
    parts = [f"{row['measure']}: {row['model']} {row['text']}" for row in rows]
    return Drawing(
        _panels(base, [bars, rims, medians], rows, sizes.panel), rows, f"Bars of means. {join_some(parts, 30)}."
    )


def draw_cost(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw latency, tokens and cost per model and mode, as far as the answers tell them."""
    import altair as alt

    rows = [
        {
            "measure": words,
            "model": row["model"],
            "mode": row["mode"],
            "value": row[column],
            "high": row[high] if high else nan,
            "end": row[high] if high else row[column],
            "n": row[n],
            "text": _number(row[column]),
        }
        for column, (words, high, n) in _COSTS.items()
        for row in tables.rows("answers")
        if row[column] == row[column]
    ]
    if not rows:
        return Blank("The answers do not record latency, tokens or cost.")
    modes = list(dict.fromkeys(row["mode"] for row in rows))
    offset = alt.YOffset("mode:N", sort=modes)
    base = alt.Chart().encode(y=alt.Y("model:N", sort=None, title=None), yOffset=offset, tooltip=tooltip("cost"))
    colour = alt.Color("mode:N", title=None).scale(domain=modes, range=[token("mode", mode) for mode in modes])
    bars = base.mark_bar(invalid="show").encode(x=_x("value"), color=colour)
    highs = base.mark_rule(color=INK, strokeWidth=1.5, invalid="show").encode(x="value:Q", x2="end:Q")
    parts = [f"{row['measure']}: {row['model']}, {row['mode']} {row['text']}" for row in rows]
    return Drawing(_panels(base, [bars, highs], rows, sizes.panel), rows, f"Bars. {join_some(parts, 30)}.")


def draw_price(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw a point for each model: what a thousand answers of the label mode cost, and how often they are right."""
    import altair as alt

    mode = tables.label_mode
    # Of several sets of categories the first counts.
    scores = {row["model"]: row for row in reversed(tables.rows("scores")) if row["mode"] == mode}
    rows = [
        {
            "model": row["model"],
            "usd": row["usd_per_1000_mean"],
            "n": row["n"],
            **spell_shares(
                share=scores[row["model"]]["accuracy"],
                low=scores[row["model"]]["accuracy_low"],
                high=scores[row["model"]]["accuracy_high"],
            ),
        }
        for row in tables.rows("cost")
        if row["mode"] == mode and row["n"] and row["model"] in scores
    ]
    rows = [row for row in rows if row["share"] == row["share"]]
    if not rows:
        return Blank(f"No model has both a known cost and an accuracy in mode {mode}.")
    y = alt.Y("share:Q", title="Accuracy").scale(domain=[0, 1]).axis(format=".0%", tickCount=5, grid=True)
    base = alt.Chart(alt.NamedData(ROWS)).encode(x=_x("usd").title("US dollars per 1,000 answers"))
    bounds = base.mark_rule(color=INK, strokeWidth=1.5, invalid="show").encode(y="low:Q", y2="high:Q")
    marks = base.mark_point(fill=RAMP, stroke=INK, size=65, opacity=1).encode(y=y, tooltip=tooltip("price"))
    names = base.mark_text(align="right", dx=-7, dy=-7).encode(y="share:Q", text="model:N")
    parts = [f"{row['model']} {row['share_words']} at {_number(row['usd'])}" for row in rows]
    chart = alt.layer(bounds, marks, names).properties(width=sizes.panel, height=0.8 * sizes.panel)
    return Drawing(chart, rows, f"Points with intervals. {join_some(parts, 24)}.")


def _x(column: str) -> "alt.X":
    import altair as alt

    return alt.X(f"{column}:Q", title=None, stack=None).axis(tickCount=4).scale(zero=True)


def _panels(base: "alt.Chart", layers: "Sequence[alt.Chart]", rows: Sequence[Row], width: float) -> "alt.FacetChart":
    """Draw a panel for each measure, with its own axes and the numbers as words."""
    import altair as alt

    texts = base.mark_text(align="left", color=FAINT).encode(x=alt.value(width - 34), text="text:N")
    panel = alt.layer(*layers, texts).properties(width=width - 40, height=alt.Step(STEP))
    facets = stack_panels(panel, (row["measure"] for row in rows), by="measure")
    chart: alt.FacetChart = facets.resolve_scale(x="independent", y="independent").resolve_axis(x="independent")
    return chart


def _number(value: float) -> str:
    if value != value:
        return "–"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"
