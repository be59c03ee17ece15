"""The maps: points that are close to each other were said in similar words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from descan.emotions import OTHER, UNDECIDED, CategorySet
from descan.report.analysis_tables import Row
from descan.report.charts.figure import FAINT, NO_LABEL, ROWS, Drawing, category_colours, tooltip
from descan.report.palette import names, token
from descan.report.wording import join_some

if TYPE_CHECKING:
    import altair as alt

_SIDE = 320
"""Of the square, in pixels: a page 400 pixels wide has room for it."""

_ACTION = "Face action"
_VERDICTS = list(names("verdict"))
_CHOICES = ("gold", "described", "label", "verdict")
_SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down", "triangle-left", "triangle-right")


def draw_map_terms(rows: Sequence[Row], models: Sequence[str], categories: CategorySet) -> Drawing:
    """Draw emotion terms filled with the colour of their category, and action phrases hollow.

    Args:
        rows: `x`, `y`, `term` (the words), `n` (how often), `category`, empty for an action, and `model`.
        models: All models, in order; each has a shape.
        categories: The category set.
    """
    import altair as alt

    # Small points last, so that no large one hides them.
    points = [
        {key: row[key] for key in ("x", "y", "term", "n", "model")} | {"category": row["category"] or _ACTION}
        for row in sorted(rows, key=lambda row: (-row["n"], row["term"], row["model"]))
    ]
    named = [*categories.names, OTHER]
    scale = alt.Scale(domain=[*named, _ACTION], range=[*category_colours(categories, named), FAINT])
    legend = alt.Legend(columns=5, symbolOpacity=1)
    chart = _base(models).encode(
        stroke=alt.Stroke("category:N", title="Category", legend=legend, scale=scale),
        fill=alt.Fill("category:N", title="Category", legend=legend, scale=scale),
        fillOpacity=alt.condition(f"datum.category === '{_ACTION}'", alt.value(0), alt.value(0.55)),
        size=alt.Size("n:Q", title="Mentions", legend=alt.Legend(tickCount=3)).scale(
            type="sqrt", range=[4, _area(len(points), 80, 260)]
        ),
        tooltip=tooltip("map_terms"),
    )
    parts = list(dict.fromkeys(str(row["term"]) for row in points))
    return Drawing(chart, points, f"Scatter plot of {len(rows):,} points. Most often said: {join_some(parts, 15)}.")


def draw_map_descriptions(rows: Sequence[Row], models: Sequence[str], categories: CategorySet) -> Drawing:
    """Draw descriptions, coloured by what the parameter `colour_by` says.

    Args:
        rows: `x`, `y`, `item_id`, `model`, `gold`, `described`, `label` and `verdict`; what is not a category counts
            as none.
        models: All models, in order; each has a shape.
        categories: The category set.
    """
    import altair as alt

    readings = [*categories.names, UNDECIDED, NO_LABEL]
    points = [
        {key: row[key] for key in ("x", "y", "item_id", "model", "verdict")}
        | {key: row[key] if row[key] in readings else NO_LABEL for key in ("gold", "described", "label")}
        for row in rows
    ]
    choice = alt.param(
        name="colour_by", value="gold", bind=alt.binding_select(options=list(_CHOICES), name="Coloured by ")
    )
    colours = [*category_colours(categories, readings), *(token("verdict", verdict) for verdict in _VERDICTS)]
    scale = alt.Scale(domain=[*readings, *_VERDICTS], range=colours)
    golds = list(categories.names)
    shown = f"colour_by === 'verdict' ? {_VERDICTS} : colour_by === 'gold' ? {golds} : {readings}"
    legend = alt.Legend(values=alt.ExprRef(shown), columns=5)
    chart = _base(models).transform_calculate(colour="datum[colour_by]")
    chart = chart.encode(
        stroke=alt.Stroke("colour:N", title=None, legend=legend, scale=scale),
        fill=alt.Fill("colour:N", title=None, legend=legend, scale=scale),
        fillOpacity=alt.value(0.65),
        size=alt.value(_area(len(points), 8, 26)),
        tooltip=tooltip("map_descriptions"),
    )
    return Drawing(chart.add_params(choice), points, f"Scatter plot of {len(rows):,} descriptions, coloured by gold.")


def _area(n_points: int, least: int, most: int) -> float:
    """Return the area of the largest point in square pixels, less where points are many."""
    return min(most, max(least, 150_000 / max(n_points, 1)))


def _base(models: Sequence[str]) -> "alt.Chart":
    import altair as alt

    # The axes of UMAP have no unit: only what is near means something.
    x = alt.X("x:Q", axis=None).scale(zero=False, nice=False, padding=10)
    y = alt.Y("y:Q", axis=None).scale(zero=False, nice=False, padding=10)
    shape = alt.Shape("model:N", title="Model", legend=alt.Legend(columns=2) if len(models) > 1 else None).scale(
        domain=list(models), range=[_SHAPES[index % len(_SHAPES)] for index in range(len(models))]
    )
    points = alt.Chart(alt.NamedData(ROWS)).mark_point(strokeWidth=1, strokeOpacity=0.9, aria=False)
    points = points.encode(x=x, y=y, shape=shape).add_params(alt.selection_interval(name="brush"))
    chart: alt.Chart = points.properties(width=_SIDE, height=_SIDE, name="map")
    return chart
