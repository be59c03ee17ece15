"""The pictures of a report: from tables to charts of Altair, in the order in which they are read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from descan.emotions import CategorySet
from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.charts.decided import draw_reliability, draw_said_or_seen
from descan.report.charts.figure import ROWS, SIZES, Blank, Drawing, Sizes, chart_config, chart_texts
from descan.report.charts.fingerprint import draw_fingerprint
from descan.report.charts.flow import draw_flow
from descan.report.charts.heat import draw_actions, draw_regions, draw_terms
from descan.report.charts.map import draw_map_descriptions, draw_map_terms
from descan.report.charts.matrices import draw_confusion, draw_recall
from descan.report.charts.measures import draw_cost, draw_detail, draw_price
from descan.report.charts.readers import draw_readers
from descan.report.charts.shares import draw_categories, draw_verdicts
from descan.report.limits import MODELS_IN_FIGURE, restrict_models

if TYPE_CHECKING:
    import pandas as pd

CHARTS: Mapping[str, Callable[[AnalysisTables, Sizes], Drawing | Blank]] = MappingProxyType(
    {
        "verdicts": draw_verdicts,
        "readers": draw_readers,
        "confusion": draw_confusion,
        "recall": draw_recall,
        "regions": draw_regions,
        "actions": draw_actions,
        "fingerprint": draw_fingerprint,
        "said_or_seen": draw_said_or_seen,
        "reliability": draw_reliability,
        "detail": draw_detail,
        "categories": draw_categories,
        "terms": draw_terms,
        "flow": draw_flow,
        "cost": draw_cost,
        "price": draw_price,
    }
)
"""What draws each picture, by its name."""

_OPTIONAL: Mapping[str, Callable[[AnalysisTables], bool]] = MappingProxyType(
    {
        "fingerprint": attrgetter("has_witnesses"),
        "readers": attrgetter("has_readers"),
        "said_or_seen": attrgetter("has_decided"),
        "reliability": attrgetter("has_decided"),
    }
)
"""Pictures that are drawn only where this holds."""

MAPS: Mapping[str, Callable[[Sequence[Row], Sequence[str], CategorySet, Sizes], Drawing]] = MappingProxyType(
    {"map_terms": draw_map_terms, "map_descriptions": draw_map_descriptions}
)
"""What draws each map, by its name."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with what stands around it.

    Attributes:
        name: Of its files: `plots/NAME.svg`.
        title: Says what is seen.
        caption: Says in plain words how to read it.
        alt_text: Says what it shows, with the main numbers; the same as the spec's description.
        spec: Vega-Lite with colours as tokens of the palette (`palette.paint` makes them colours), or None.
        reason: Why there is no spec, in one sentence; empty where there is one.
    """

    name: str
    title: str
    caption: str
    alt_text: str
    spec: Mapping[str, Any] | None
    reason: str


def draw_figures(tables: AnalysisTables) -> Iterator[Figure]:
    """Draw every figure of `CHARTS` for which the analysis has what is drawn; of many models those most scored."""
    shown = restrict_models(tables, MODELS_IN_FIGURE)
    without = {name for name, is_there in _OPTIONAL.items() if not is_there(tables)}
    for name in CHARTS:
        if name not in without:
            yield draw_figure(name, shown, len(tables.models))


def draw_figure(name: str, tables: AnalysisTables, n_models: int | None = None, sizes: Sizes = SIZES) -> Figure:
    """Draw one figure of `CHARTS`.

    Args:
        name: A name in `CHARTS`.
        tables: The analysis, or that of the models that are shown.
        n_models: How many models there are in all, if more than in `tables`.
        sizes: How wide it is.
    """
    note = _note(len(tables.models), n_models or len(tables.models), "with the most scored items")
    return frame_figure(name, CHARTS[name](tables, sizes), confidence=tables.confidence, note=note)


def draw_maps(
    points: "pd.DataFrame",
    reasons: Mapping[str, str],
    models: Sequence[str],
    categories: CategorySet,
    sizes: Sizes = SIZES,
) -> Iterator[Figure]:
    """Draw the maps: `map_terms` and `map_descriptions`.

    Args:
        points: What `map.parquet` holds.
        reasons: Why there is no map, for `terms` and `descriptions` where there is none.
        models: All models, in order.
        categories: The category set.
        sizes: How wide they are.
    """
    for name in MAPS:
        yield draw_map(name, points, reasons, models, categories, sizes)


def draw_map(
    name: str,
    points: "pd.DataFrame",
    reasons: Mapping[str, str],
    models: Sequence[str],
    categories: CategorySet,
    sizes: Sizes = SIZES,
) -> Figure:
    """Draw one map of `MAPS`; the other arguments are those of `draw_maps`."""
    kind = name.removeprefix("map_")
    kinds = [kind, "words"] if kind == "descriptions" else [kind]
    rows = points[points["map"].isin(kinds)] if len(points) else points
    if kind in reasons or rows.empty:
        return frame_figure(name, Blank(reasons.get(kind, "There is nothing to draw.")))
    shown = tuple(models)
    if len(shown) > MODELS_IN_FIGURE:
        n_points = rows["model"].value_counts()
        shown = tuple(sorted(shown, key=lambda model: -n_points.get(model, 0))[:MODELS_IN_FIGURE])
        rows = rows[rows["model"].isin([*shown, ""])]
    places = rows.assign(x=rows["x"].astype(float).round(2), y=rows["y"].astype(float).round(2))
    note = _note(len(shown), len(models), "with the most points")
    return frame_figure(name, MAPS[name](places.to_dict("records"), shown, categories, sizes), note=note)


def frame_figure(name: str, drawn: Drawing | Blank, *, confidence: float = 0.95, note: str = "") -> Figure:
    """Put title, caption and looks around a drawing; texts.toml has the words for its name.

    Args:
        name: A table of texts.toml.
        drawn: What a chart function gave.
        confidence: Confidence level of the intervals, to be shown below the title.
        note: Says which models are shown, where that is not all of them.
    """
    words = chart_texts()[name]
    title, caption = words["title"], words["caption"]
    if isinstance(drawn, Blank):
        return Figure(name, title, caption, drawn.reason, None, drawn.reason)
    spec = drawn.chart.to_dict(validate=False)
    key = words["key"].format(confidence=f"{100 * confidence:g}%")
    spec["datasets"] = {ROWS: [_drop_undefined(row) for row in drawn.rows]}
    spec["title"] = {"text": title, "subtitle": [key, note] if note else key}
    spec["description"] = f"{title}. {drawn.alt_text}"
    spec["config"] = chart_config()
    caption += f" {note} All are in tables/." if note else ""
    return Figure(name, title, caption, spec["description"], spec, "")


def _note(n_shown: int, n_models: int, which: str) -> str:
    return f"Shown are the {n_shown} of {n_models:,} models {which}." if n_shown < n_models else ""


def _drop_undefined(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as it goes into JSON: undefined numbers are null."""
    return {name: None if value != value else value for name, value in row.items()}
