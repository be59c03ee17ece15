"""The way of the items from gold over what was described to the label."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from descan.emotions import UNDECIDED, Emotion
from descan.report.analysis_tables import AnalysisTables
from descan.report.charts.figure import (
    FAINT,
    INK,
    NO_LABEL,
    ROWS,
    Blank,
    Drawing,
    Row,
    panel_header,
    panel_of,
    records,
)
from descan.report.palette import token
from descan.report.wording import join_some

_STOPS = ("gold", "described", "label")
_VALUES = [*(str(emotion) for emotion in Emotion), UNDECIDED, NO_LABEL]
_WIDTH, _HEIGHT = 230, 250

_GAP = 0.012
"""Between the bars of one stop, as a share of all items."""

_NODE = 0.05
"""Width of a bar, where the stops are 1 apart."""

_READABLE = 0.03
"""Share of the items from which on a bar is high enough for its name."""


@dataclass(frozen=True, slots=True)
class _Node:
    """One bar: all items with a value at a stop; heights are shares of the model's items."""

    stop: int
    value: str
    bottom: float
    height: float
    n: int


def draw_flow(tables: AnalysisTables) -> Drawing | Blank:
    """Draw one band per gold and described category, and one per described category and label."""
    import altair as alt

    rows = [
        row | {stop: row[stop] or NO_LABEL for stop in _STOPS}
        for row in records(tables.flows)
        if row["gold"] in _VALUES
    ]
    if not all(any(row[stop] != NO_LABEL for row in rows) for stop in _STOPS):
        return Blank(
            "No way leads from gold to a label: the items lack gold, or all descriptions or all labels are missing."
        )
    models = [model for model in tables.models if any(row["model"] == model for row in rows)]
    bars: list[Row] = []
    bands: list[Row] = []
    for model in models:
        counts = [row for row in rows if row["model"] == model]
        nodes = _nodes(counts)
        bars += [_bar(model, node) for node in nodes.values()]
        bands += [point for stop in (0, 1) for point in _bands(model, counts, nodes, stop)]
    base = alt.Chart()
    x = alt.X("x:Q", axis=None).scale(domain=[0, 2 + _NODE], nice=False)
    y = alt.Y("y:Q", axis=None).scale(nice=False, reverse=True)
    colour = alt.Color("value:N", legend=None).scale(
        domain=_VALUES, range=[token("category", value) for value in [*_VALUES[:-1], UNDECIDED]]
    )
    tooltip = [
        alt.Tooltip("model:N", title="Model"),
        alt.Tooltip("words:N", title="Items that are"),
        alt.Tooltip("n:Q", title="Items"),
    ]
    ribbons = (
        base.mark_area(fillOpacity=0.45, opacity=1, interpolate="monotone")
        .encode(x=x, y=y, y2="y2:Q", color=colour, detail="band:N", tooltip=tooltip)
        .transform_filter("datum.part === 'band'")
    )
    boxes = (
        base.mark_rect(opacity=1)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=colour, tooltip=tooltip)
        .transform_filter("datum.part === 'bar'")
    )
    labels = [_labels(base, stop) for stop in range(3)]
    heads = (
        base.mark_text(color=FAINT, baseline="bottom")
        .encode(x=alt.X("middle:Q"), y=alt.value(-4), text="stop_name:N")
        .transform_filter("datum.is_first")
        .transform_calculate(middle=f"datum.x + {_NODE / 2}")
    )
    panel = alt.layer(ribbons, boxes, *labels, heads).properties(width=_WIDTH, height=_HEIGHT)
    chart = panel.properties(data=alt.NamedData(ROWS)).facet(
        row=alt.Row("panel:N", sort=[panel_of(model) for model in models], header=panel_header()), spacing=30
    )
    parts = [f"{row['model']}, {row['words']}: {row['n']}" for row in bars if row["stop"]]
    rows = [{**row, "panel": panel_of(row["model"])} for row in (*bars, *bands)]
    return Drawing(chart, rows, f"Bands between three columns. {join_some(parts, 40)}.")


def _nodes(counts: Iterable[Row]) -> Mapping[tuple[int, str], _Node]:
    counts = list(counts)
    n_items = sum(row["n"] for row in counts)
    nodes = {}
    for stop, column in enumerate(_STOPS):
        bottom = 0.0
        for value in _VALUES:
            n = sum(row["n"] for row in counts if row[column] == value)
            if n:
                nodes[stop, value] = _Node(stop, value, bottom, n / n_items, n)
                bottom += n / n_items + _GAP
    return nodes


def _bands(model: str, counts: Iterable[Row], nodes: Mapping[tuple[int, str], _Node], stop: int) -> list[Row]:
    left_name, right_name = _STOPS[stop : stop + 2]
    sizes: Counter[tuple[str, str]] = Counter()
    for row in counts:
        sizes[row[left_name], row[right_name]] += row["n"]
    left = {value: node.bottom for (place, value), node in nodes.items() if place == stop}
    right = {value: node.bottom for (place, value), node in nodes.items() if place == stop + 1}
    points: list[Row] = []
    for start in _VALUES:
        for end in _VALUES:
            n = sizes[start, end]
            if not n:
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
                points.append(band | {"x": round(x, 4), "y": round(low, 5), "y2": round(low + height, 5)})
            left[start] += height
            right[end] += height
    return points


def _bar(model: str, node: _Node) -> dict[str, Any]:
    return {
        "part": "bar",
        "model": model,
        "stop": node.stop,
        "stop_name": _STOPS[node.stop].capitalize(),
        "is_first": node.bottom == 0,
        "value": node.value,
        "words": f"{_STOPS[node.stop]} {node.value}",
        "n": node.n,
        "x": node.stop,
        "x2": round(node.stop + _NODE, 4),
        "y": round(node.bottom, 5),
        "y2": round(node.bottom + node.height, 5),
        "label": f"{node.value} {node.n:,}" if node.height >= _READABLE else "",
    }


def _labels(base: Any, stop: int) -> Any:
    align, offset = ("right", -4) if stop == 0 else ("left", 4)
    edge = "x" if stop == 0 else "x2"
    return (
        base.mark_text(align=align, dx=offset, color=INK, fontSize=9.5)
        .encode(x=f"{edge}:Q", y="middle:Q", text="label:N")
        .transform_filter(f"datum.part === 'bar' && datum.stop === {stop}")
        .transform_calculate(middle="(datum.y + datum.y2) / 2")
    )
