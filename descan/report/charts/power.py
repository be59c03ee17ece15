"""The curves of studies that are not made yet: half width and power against items or human readings."""

from collections.abc import Iterator, Mapping, Sequence
from math import nan
from typing import Any

from descan.report.analysis_tables import Row
from descan.report.charts import Figure, frame_figure
from descan.report.charts.figure import FAINT, INK, RAMP, Blank, Drawing, stack_panels, tooltip
from descan.report.wording import count, join_some

_WIDTH, _HEIGHT = 300, 110
"""Of a panel, in pixels."""

_CORRECTED = "corrected"

_WIDTHS = {"half_width": "Half width of accuracy", _CORRECTED: "Half width of the corrected shares"}
_SHARES = {
    "half_width": "Studies with accuracy to ± {wish:.3g} points",
    "difference": "Studies that find {wish:.3g} points",
    _CORRECTED: "Studies with corrected shares to ± {wish:.3g} points",
}


def draw_power(about: Mapping[str, Any], rows: Sequence[Row]) -> Figure:
    """Draw the curves of `descan power`.

    Args:
        about: What was assumed and how it was simulated.
        rows: The points of the curves.
    """
    return frame_figure("power", _draw(about, rows), confidence=about["search"]["confidence"])


def _draw(about: Mapping[str, Any], rows: Sequence[Row]) -> Drawing | Blank:
    import altair as alt

    if not about["wishes"]:
        return Blank("A number of items was asked for, so that there is no curve.")
    points = list(_points(about, rows))
    numbers = [str(number) for number in about["repeats"]]
    base = alt.Chart().encode(
        x=alt.X("x:Q", title=None).axis(format=",d", tickCount=4).scale(zero=True), tooltip=tooltip("power")
    )
    title = "Repeats" if len(numbers) > 1 else None
    dashes = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 4]][: len(numbers)]
    shapes = ["circle", "square", "triangle-up", "diamond", "cross"][: len(numbers)]
    legend = alt.Legend(title=title) if title else None
    y = alt.Y("y:Q", title=None).axis(tickCount=4, grid=True).scale(zero=True)
    dash = alt.StrokeDash("repeats:N", legend=legend).scale(domain=numbers, range=dashes)
    shape = alt.Shape("repeats:N", legend=legend).scale(domain=numbers, range=shapes)
    bands = base.mark_area(color=RAMP, opacity=0.2).encode(y=alt.Y("low:Q"), y2="high:Q", detail="repeats:N")
    wishes = base.mark_line(color=FAINT, strokeWidth=1).encode(y="target:Q", detail="repeats:N")
    lines = base.mark_line(color=INK, strokeWidth=1.5).encode(y=y, strokeDash=dash)
    size = alt.Size("is_smallest:N", legend=None).scale(domain=["no", "yes"], range=[25, 90])
    marks = base.mark_point(color=INK, fill=RAMP, opacity=1).encode(y=y, shape=shape, size=size)
    panel = alt.layer(bands, wishes, lines, marks).properties(width=_WIDTH, height=_HEIGHT)
    facets = stack_panels(panel, (point["panel"] for point in points))
    chart = facets.resolve_scale(x="independent", y="independent").resolve_axis(x="independent", y="independent")
    told = [
        f"{point['goal_words']}, {count(point['x'], point['unit'])}"
        + (f" with {count(int(point['repeats']), 'repeat')}" if len(numbers) > 1 else "")
        + f": {point['y']:.3g}"
        for point in points
    ]
    return Drawing(chart, points, f"Lines that rise or fall with the number of items. {join_some(told, 30)}.")


def _points(about: Mapping[str, Any], rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Yield a row of the chart for every point of every panel, in percentage points."""
    for words, is_share in ((_WIDTHS, False), (_SHARES, True)):
        for row in rows:
            goal = row["goal"]
            if goal in words:
                unit = "reading" if goal == _CORRECTED else "item"
                named = words[goal].format(wish=100 * row["wish"])
                value = row["power"] if is_share else row["half_width"]
                yield {
                    "panel": f"{named}, {'%' if is_share else 'points'}, by {unit}s",
                    "goal_words": named,
                    "unit": unit,
                    "x": row[f"n_{unit}s"],
                    "y": 100 * value,
                    "low": 100 * row["power_low"] if is_share else nan,
                    "high": 100 * row["power_high"] if is_share else nan,
                    "target": 100 * (about["search"]["power"] if is_share else row["wish"]),
                    "repeats": str(row["repeats"]),
                    "n_groups": row["n_groups"],
                    "n_answers": row["n_answers"],
                    "is_smallest": row["is_smallest"],
                }
