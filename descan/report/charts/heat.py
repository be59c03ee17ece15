"""Heat maps of what descriptions mention: regions and actions of the face, by gold on demand, and emotion words."""

from collections.abc import Iterable, Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING, Any

from descan.emotions import OTHER
from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.charts.figure import (
    ALL,
    CATEGORY_OPACITY,
    FAINT,
    INK,
    OPACITY,
    PAPER,
    RAMP,
    STEP,
    Blank,
    Drawing,
    Sizes,
    category_colours,
    spell_shares,
    stack_panels,
    tooltip,
)
from descan.report.wording import interval, join_some, percent

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

_N_ACTIONS = 30
"""The actions that are drawn are the most frequent ones; actions.csv has all."""

_N_TERMS = 6
"""Of each category; terms.csv has all."""

_NO_ACTION = Blank("No description mentions a face action.")


def draw_regions(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw the share of descriptions that mention a region of the face, by gold on demand."""
    frame = _with_gold(tables, "regions").assign(panel="face")
    if frame.empty:
        return _NO_ACTION
    names = [("face", region) for region in _by_frequency(frame, "region")]
    return _draw_by_gold(tables, "region", frame, names, sizes)


def draw_actions(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw the share of descriptions that mention a face action, by region, by gold on demand."""
    frame = _with_gold(tables, "actions")
    if frame.empty:
        return _NO_ACTION
    kept = _by_frequency(frame, "action")[:_N_ACTIONS]
    frame = frame[frame["action"].isin(kept)].assign(panel=frame["region"])
    order = _by_frequency(frame, "region")
    region_of = dict(zip(frame["action"], frame["region"], strict=True))
    names = sorted(kept, key=lambda action: (order.index(region_of[action]), kept.index(action)))
    return _draw_by_gold(tables, "action", frame, [(region_of[action], action) for action in names], sizes)


def draw_terms(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw the most frequent terms of each category, and how many descriptions of each model have them."""
    categories = (*tables.categories.names, OTHER)
    frame = tables["terms"]
    frame = frame[frame["descriptions"] > 0].assign(gold=ALL, panel=frame["category"])
    if frame.empty:
        return Blank("No description has an emotion word.")
    highest = frame.groupby(["category", "term"], as_index=False)["share"].max()
    highest = highest.sort_values(["share", "term"], ascending=[False, True]).groupby("category").head(_N_TERMS)
    names = sorted(zip(highest["category"], highest["term"], strict=True), key=lambda name: categories.index(name[0]))
    n_descriptions = {row["model"]: row["n_descriptions"] for row in tables.rows("categories")}
    totals = {(model, ALL): n_descriptions.get(model, 0) for model in tables.models}
    rows = _cells(frame, "term", names, totals)
    colours = dict(zip(categories, category_colours(tables.categories, categories), strict=True))
    chart = _draw(tables, "terms", rows, colours, CATEGORY_OPACITY, sizes)
    parts = [f"{row['panel']}: {row['name']} {row['model']} {percent(row['share'])}" for row in rows]
    return Drawing(chart, rows, f"Heat map, share of the descriptions. {join_some(parts, 30)}.")


def _with_gold(tables: AnalysisTables, name: str) -> "pd.DataFrame":
    import pandas as pd

    return pd.concat([tables[name].assign(gold=ALL), tables[f"{name}_by_gold"]], ignore_index=True)


def _by_frequency(frame: "pd.DataFrame", column: str) -> list[str]:
    counts = frame[frame["gold"] == ALL].groupby(column)["descriptions"].sum()
    # Names break ties, so that the order does not depend on the table's.
    return sorted(counts.index[counts > 0], key=lambda name: (-counts[name], name))


def _cells(
    frame: "pd.DataFrame",
    kind: str,
    names: Iterable[tuple[str, str]],
    totals: Mapping[tuple[str, str], int],
) -> list[dict[str, Any]]:
    """Return a row for every panel and name, model and gold; the tables have none where nothing is mentioned."""
    found = {(row["panel"], row[kind], row["model"], row["gold"]): row for row in frame.to_dict("records")}
    rows = []
    for panel, name in names:
        for (model, gold), n_descriptions in totals.items():
            row = found.get((panel, name, model, gold), {"descriptions": 0, "share": 0.0})
            bounds = interval(row.get("share_low", nan), row.get("share_high", nan))
            rows.append(
                {
                    "cell_kind": kind,
                    "model": model,
                    "gold": gold,
                    "value": name,
                    "panel": panel,
                    "name": name if kind == "term" else name.replace("_", " "),
                    "n": row["descriptions"],
                    "n_descriptions": n_descriptions,
                    **spell_shares(share=row["share"]),
                    "interval": f"{bounds}%" if bounds else "",
                    "text": percent(row["share"]) if row["descriptions"] else "·",
                }
            )
    return rows


def _draw_by_gold(
    tables: AnalysisTables, kind: str, frame: "pd.DataFrame", names: Iterable[tuple[str, str]], sizes: Sizes
) -> Drawing:
    import altair as alt

    rows = _cells(frame, kind, names, frame.groupby(["model", "gold"])["n_descriptions"].first().to_dict())
    golds = [ALL, *(name for name in tables.categories.names if any(row["gold"] == name for row in rows))]
    choice = alt.param(name="gold", value=ALL, bind=alt.binding_select(options=golds, name="Gold category "))
    chart = _draw(tables, f"{kind}s", rows, {row["panel"]: RAMP for row in rows}, OPACITY, sizes)
    chart = chart.transform_filter("datum.gold === gold").add_params(choice)
    parts = [f"{row['model']}: {row['name']} {percent(row['share'])}" for row in rows if row["gold"] == ALL]
    return Drawing(chart, rows, f"Heat map, share of the descriptions. {join_some(parts, 30)}.")


def _draw(
    tables: AnalysisTables, figure: str, rows: Sequence[Row], colours: Mapping[str, str], opacity: float, sizes: Sizes
) -> "alt.FacetChart":
    """Draw a share per name and model; each panel fills from its own colour, of `opacity` where a share is largest."""
    import altair as alt

    panels = list(dict.fromkeys(row["panel"] for row in rows))
    top = max((row["share"] for row in rows), default=0) or 1
    x = alt.X("model:N", sort=list(tables.models), title=None).axis(
        orient="top", labelAngle=-35, labelAlign="left", labelLimit=150, domain=False, ticks=False
    )
    y = alt.Y("name:N", sort=None, title=None).axis(domain=False, labelLimit=130)
    base = alt.Chart().encode(x=x, y=y, tooltip=tooltip(figure))
    cells = base.mark_rect(stroke=PAPER, cursor="pointer", invalid="show").encode(
        fill=alt.Fill("panel:N", legend=None).scale(domain=panels, range=[colours[panel] for panel in panels]),
        fillOpacity=alt.FillOpacity("share:Q", legend=None).scale(domain=[0, top], range=[0.03, opacity]),
    )
    texts = base.mark_text().encode(text="text:N", color=alt.condition("datum.n > 0", alt.value(INK), alt.value(FAINT)))
    panel = alt.layer(cells, texts).properties(width=alt.Step(sizes.column), height=alt.Step(STEP))
    header = alt.Header(title=None, labelOrient="left", labelAngle=0, labelAlign="left", labelFontWeight="bold")
    header.labels = len(panels) > 1
    chart: alt.FacetChart = stack_panels(panel, panels, spacing=8, header=header).resolve_scale(y="independent")
    return chart
