"""The way of the items from gold over what was described to the label."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from descan.emotions import UNDECIDED
from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.charts.figure import (
    FAINT,
    INK,
    NO_LABEL,
    Blank,
    Drawing,
    Sizes,
    category_colours,
    panel_of,
    stack_panels,
    tooltip,
)
from descan.report.wording import join_some, number

_STOPS = ("gold", "described", "label")
_HEIGHT = 250

_GAP = 0.012
"""Between the bars of one stop, as a share of all items."""

_NODE = 0.05
"""Width of a bar, where the stops are 1 apart."""

_READABLE = 0.03
"""Share of the items from which on a bar is high enough for its name."""


def draw_flow(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw one band per gold and described category, and one per described category and label."""
    import altair as alt

    values = [*tables.categories.names, UNDECIDED, NO_LABEL]
    counts = [
        row | {stop: row[stop] or NO_LABEL for stop in _STOPS}
        for row in tables.flows.to_dict("records")
        if row["gold"] in values
    ]
    if not all(any(row[stop] != NO_LABEL for row in counts) for stop in _STOPS):
        return Blank("There is no flow to draw: the items have no gold, or all descriptions or all labels are missing.")
    bars: list[Row] = []
    bands: list[Row] = []
    for model in tables.models:
        of_model = [row for row in counts if row["model"] == model]
        bars += _bars(model, of_model, values)
        bands += [*_bands(model, of_model, 0, values), *_bands(model, of_model, 1, values)]
    base = alt.Chart()
    x = alt.X("x:Q", axis=None).scale(domain=[0, 2 + _NODE], nice=False)
    y = alt.Y("y:Q", axis=None).scale(nice=False, reverse=True)
    colour = alt.Color("value:N", legend=None).scale(domain=values, range=category_colours(tables.categories, values))
    blocks = base.encode(x=x, y=y, y2="y2:Q", color=colour, tooltip=tooltip("flow"))
    ribbons = blocks.mark_area(fillOpacity=0.45, opacity=1, interpolate="monotone").encode(detail="band:N")
    ribbons = ribbons.transform_filter("datum.part === 'band'")
    boxes = blocks.mark_rect(opacity=1).encode(x2="x2:Q").transform_filter("datum.part === 'bar'")
    labels = [_labels(base, stop) for stop in range(3)]
    heads = (
        base.mark_text(color=FAINT, baseline="bottom")
        .encode(x=alt.X("middle:Q"), y=alt.value(-4), text="stop_name:N")
        .transform_filter("datum.is_first")
        .transform_calculate(middle=f"datum.x + {_NODE / 2}")
    )
    panel = alt.layer(ribbons, boxes, *labels, heads).properties(width=sizes.flow, height=_HEIGHT)
    rows = [{**row, "panel": panel_of(row["model"])} for row in (*bars, *bands)]
    parts = [f"{row['model']}, {row['words']}: {row['n']}" for row in bars if row["stop"]]
    chart = stack_panels(panel, (row["panel"] for row in rows), spacing=30)
    return Drawing(chart, rows, f"Bands between three columns. {join_some(parts, 40)}.")


def _stack(counts: Sequence[Row], column: str, values: Sequence[str]) -> dict[str, tuple[float, float, int]]:
    """Return bottom and height (as shares of all items) and items of every value of a column."""
    n_items = sum(row["n"] for row in counts)
    stacked = {}
    bottom = 0.0
    for value in values:
        n = sum(row["n"] for row in counts if row[column] == value)
        if n:
            stacked[value] = bottom, n / n_items, n
            bottom += n / n_items + _GAP
    return stacked


def _bars(model: str, counts: Sequence[Row], values: Sequence[str]) -> Iterator[Row]:
    for stop, column in enumerate(_STOPS):
        for value, (bottom, height, n) in _stack(counts, column, values).items():
            yield {
                "part": "bar",
                "model": model,
                "stop": stop,
                "stop_name": column.capitalize(),
                "is_first": bottom == 0,
                "value": value,
                "words": f"{column} {value}",
                "n": n,
                "x": stop,
                "x2": round(stop + _NODE, 4),
                "y": round(bottom, 5),
                "y2": round(bottom + height, 5),
                "label": f"{value} {number(n)}" if height >= _READABLE else "",
            }


def _bands(model: str, counts: Sequence[Row], stop: int, values: Sequence[str]) -> Iterator[Row]:
    """Yield the points of the bands from a stop to the next one."""
    left_name, right_name = _STOPS[stop : stop + 2]
    sizes: Counter[tuple[str, str]] = Counter()
    for row in counts:
        sizes[row[left_name], row[right_name]] += row["n"]
    left, right = (
        {value: bottom for value, (bottom, _, _) in _stack(counts, name, values).items()}
        for name in (left_name, right_name)
    )
    for start, end in product(values, repeat=2):
        if not (n := sizes[start, end]):
            continue
        height = n / sizes.total()
        band = {
            "part": "band",
            "model": model,
            "value": start,
            "band": f"{stop} {start} {end}",
            "words": f"{left_name} {start}, {right_name} {end}",
            "n": n,
        }
        # Flat at both ends, so that the monotone curve between them is S-shaped.
        for share, low in ((0.0, left[start]), (0.25, left[start]), (0.75, right[end]), (1.0, right[end])):
            x = stop + _NODE + share * (1 - _NODE)
            yield band | {"x": round(x, 4), "y": round(low, 5), "y2": round(low + height, 5)}
        left[start] += height
        right[end] += height


def _labels(base: Any, stop: int) -> Any:
    align, offset = ("right", -4) if stop == 0 else ("left", 4)
    edge = "x" if stop == 0 else "x2"
    return (
        base.mark_text(align=align, dx=offset, color=INK, fontSize=9.5)
        .encode(x=f"{edge}:Q", y="middle:Q", text="label:N")
        .transform_filter(f"datum.part === 'bar' && datum.stop === {stop}")
        .transform_calculate(middle="(datum.y + datum.y2) / 2")
    )
