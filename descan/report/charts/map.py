"""The map: what lies near each other was said in like words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from descan.emotions import OTHER, UNDECIDED, Emotion
from descan.report.charts.figure import NO_LABEL, Drawing, Row, inline
from descan.report.palette import names, token

if TYPE_CHECKING:
    import altair as alt

_SIDE = 320
"""Of the square, in pixels: a page 400 pixels wide has room for it."""

_CATEGORIES = [*(str(emotion) for emotion in Emotion), OTHER]
_READINGS = [*_CATEGORIES[:-1], UNDECIDED, NO_LABEL]
_VERDICTS = list(names("verdict"))
_CHOICES = ("gold", "described", "label", "verdict")


def draw_map_terms(rows: Sequence[Row], models: Sequence[str]) -> Drawing:
    """Draw emotion terms and action phrases.

    Args:
        rows: `x`, `y`, `label` (the words), `n` (how often), `category` and `model`.
        models: All models, in order; each has a shape.
    """
    import altair as alt

    points = _base(rows, models).encode(
        color=alt.Color("category:N", title="Category").scale(
            domain=_CATEGORIES, range=[token("category", category) for category in _CATEGORIES]
        ),
        size=alt.Size("n:Q", title="Mentions").scale(type="sqrt", range=[12, 260]),
        tooltip=[
            alt.Tooltip("label:N", title="Words"),
            alt.Tooltip("category:N", title="Category"),
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("n:Q", title="Mentions", format=","),
        ],
    )
    return Drawing(points, f"Scatter plot of {len(rows):,} emotion terms and action phrases.")


def draw_map_descriptions(rows: Sequence[Row], models: Sequence[str]) -> Drawing:
    """Draw descriptions, coloured by what the parameter `colour_by` says.

    Args:
        rows: `x`, `y`, `item_id`, `model`, `gold`, `described`, `label` and `verdict`; None where there is none.
        models: All models, in order; each has a shape.
    """
    import altair as alt

    filled = [dict(row) | {key: row[key] or NO_LABEL for key in _CHOICES} for row in rows]
    choice = alt.param(
        name="colour_by", value="gold", bind=alt.binding_select(options=list(_CHOICES), name="Coloured by ")
    )
    domain = [*_READINGS, *_VERDICTS]
    colours = [token("category", UNDECIDED if value == NO_LABEL else value) for value in _READINGS]
    colours += [token("verdict", verdict) for verdict in _VERDICTS]
    shown = f"colour_by === 'verdict' ? {_VERDICTS} : {_READINGS}"
    points = _base(filled, models).transform_calculate(colour="datum[colour_by]")
    points = points.encode(
        color=alt.Color("colour:N", title=None, legend=alt.Legend(values=alt.ExprRef(shown), columns=5)).scale(
            domain=domain, range=colours
        ),
        tooltip=[
            alt.Tooltip("item_id:N", title="Item"),
            *(alt.Tooltip(f"{name}:N", title=name.capitalize()) for name in ("model", *_CHOICES)),
        ],
    )
    points = points.add_params(choice)
    return Drawing(points, f"Scatter plot of {len(rows):,} descriptions, coloured by gold.")


def _base(rows: Sequence[Row], models: Sequence[str]) -> "alt.Chart":
    import altair as alt

    shapes = ["circle", "triangle-up", "square", "diamond", "cross", "triangle-down", "triangle-left", "triangle-right"]
    brush = alt.selection_interval(name="brush")
    # The axes of UMAP have no unit: only what is near means something.
    x = alt.X("x:Q", axis=None).scale(zero=False, padding=10)
    y = alt.Y("y:Q", axis=None).scale(zero=False, padding=10)
    shape = alt.Shape("model:N", sort=list(models), title="Model").scale(
        domain=list(models), range=[shapes[index % len(shapes)] for index in range(len(models))]
    )
    chart = alt.Chart(inline(rows)).mark_point(filled=True, opacity=0.7, strokeWidth=0)
    return chart.encode(x=x, y=y, shape=shape).add_params(brush).properties(width=_SIDE, height=_SIDE, name="map")
