"""The emotion words of the descriptions: their categories, and the most frequent of each."""

from descan.emotions import OTHER, Emotion
from descan.report.analysis_tables import AnalysisTables
from descan.report.charts.figure import (
    ALL,
    CATEGORY_OPACITY,
    FAINT,
    ROWS,
    STEP,
    WIDTH,
    Blank,
    Drawing,
    draw_intervals,
    panel_header,
    panel_of,
    records,
    spell_shares,
)
from descan.report.charts.heat import draw_heat, interval_words
from descan.report.palette import token
from descan.report.wording import join_some, percent

_CATEGORIES = [*(str(emotion) for emotion in Emotion), OTHER]
_COLOURS = {category: token("category", category) for category in _CATEGORIES}
_NOTHING = "No description has an emotion word."

_N_TERMS = 6
"""Of each category; terms.csv has all."""


def draw_categories(tables: AnalysisTables) -> Drawing | Blank:
    """Draw the share of descriptions that have a term of a category, with its interval."""
    import altair as alt

    rows = [
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
        for row in records(tables["categories"])
    ]
    if not any(row["n"] for row in rows):
        return Blank(_NOTHING)
    base = alt.Chart().encode(
        y=alt.Y("category:N", sort=_CATEGORIES, title=None),
        tooltip=[
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("category:N", title="Category"),
            alt.Tooltip("n:Q", title="Descriptions"),
            alt.Tooltip("n_descriptions:Q", title="of"),
            alt.Tooltip("share_words:N", title="Share"),
            alt.Tooltip("low_words:N", title="Interval from"),
            alt.Tooltip("high_words:N", title="to"),
            alt.Tooltip("distinct_terms:Q", title="Different terms"),
        ],
    )
    x = alt.X("share:Q", title="Share of descriptions with a term of the category").scale(domain=[0, 1])
    bars = base.mark_bar(height=STEP - 5, cursor="pointer").encode(
        x=x.axis(format=".0%", tickCount=5),
        color=alt.Color("category:N", legend=None).scale(domain=_CATEGORIES, range=list(_COLOURS.values())),
    )
    texts = base.mark_text(align="left", color=FAINT).encode(x=alt.value(WIDTH + 6), text="text:N")
    panel = alt.layer(bars, *draw_intervals(base), texts).properties(
        width=WIDTH, height=alt.Step(STEP), data=alt.NamedData(ROWS)
    )
    chart = panel.facet(
        row=alt.Row("panel:N", sort=[panel_of(model) for model in tables.models], header=panel_header()), spacing=14
    )
    parts = [f"{row['model']}: {row['category']} {percent(row['share'])}" for row in rows]
    return Drawing(chart, rows, f"Bars with intervals. {join_some(parts, 24)}.")


def draw_terms(tables: AnalysisTables) -> Drawing | Blank:
    """Draw the most frequent terms of each category, and how many descriptions of each model have them."""
    frame = tables["terms"]
    frame = frame[frame["descriptions"] > 0]
    if frame.empty:
        return Blank(_NOTHING)
    totals = tables["categories"].groupby("model")["n_descriptions"].first()
    found = {(row["category"], row["term"], row["model"]): row for row in records(frame)}
    highest = frame.groupby(["category", "term"], sort=False)["share"].max()
    rows = []
    for category in _CATEGORIES:
        shares = highest[highest.index.get_level_values("category") == category]
        terms = sorted((term for _, term in shares.index), key=lambda term: (-shares[category, term], term))
        for term in terms[:_N_TERMS]:
            for model in tables.models:
                row = found.get((category, term, model), {"descriptions": 0, "share": 0.0})
                rows.append(
                    {
                        "cell_kind": "term",
                        "model": model,
                        "gold": ALL,
                        "value": term,
                        "panel": category,
                        "name": term,
                        "n": row["descriptions"],
                        "n_descriptions": totals.get(model, 0),
                        **spell_shares(share=row["share"]),
                        "interval": interval_words(row),
                        "text": percent(row["share"]) if row["descriptions"] else "·",
                    }
                )
    chart = draw_heat(rows, tables.models, title="Term", colours=_COLOURS, opacity=CATEGORY_OPACITY)
    parts = [f"{row['panel']}: {row['name']} {row['model']} {percent(row['share'])}" for row in rows]
    return Drawing(chart, rows, f"Heat map, share of the descriptions. {join_some(parts, 30)}.")
