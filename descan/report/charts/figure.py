"""What a chart function gives, and what all charts share: sizes, marks, scales, panels, texts and looks."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from descan.emotions import UNDECIDED, CategorySet
from descan.report.analysis_tables import Row
from descan.report.palette import category_tokens, token
from descan.report.wording import percent

if TYPE_CHECKING:
    import altair as alt

STEP = 18
"""Height of one row of a panel, in pixels."""

INK, FAINT, PAPER, LINE, RAMP = (token("surface", name) for name in ("ink", "faint", "paper", "line", "ramp"))

OPACITY = 0.6
"""Of the fullest cell in the colour of the ramp, so that the ink on it stays readable."""

CATEGORY_OPACITY = 0.4
"""The same for cells in the colour of a category."""

ROWS = "rows"
"""The name of a chart's data, which altair would otherwise copy with every layer."""

NO_LABEL = "none"
"""Where a label has a reason instead of a category."""

ALL = "all"
"""The `gold` of rows over all items."""

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""vl-convert brings the first, so that letters are as wide as it measures on any machine."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How wide the parts of charts are, in pixels.

    As they are, a chart with its axis fits a journal's column (85 mm) and a page 400 pixels wide.

    Attributes:
        panel: Of a panel of bars or points.
        column: Of a model's column in a heat map.
        cell: Of a cell of a confusion matrix, which is square.
        flow: Of a panel with bands.
        side: Of a map, which is square.
        is_stacked: Matrices are one below the other rather than side by side.
    """

    panel: float = 210
    column: float = 44
    cell: float = 23
    flow: float = 230
    side: float = 320
    is_stacked: bool = False

    def stretch(self, factor: float, *, is_stacked: bool) -> "Sizes":
        """Return the sizes times a factor."""
        return Sizes(
            panel=factor * self.panel,
            column=factor * self.column,
            cell=factor * self.cell,
            flow=factor * self.flow,
            side=factor * self.side,
            is_stacked=is_stacked,
        )


SIZES = Sizes()
"""Those of the page and of plots/."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart and its numbers in words.

    Attributes:
        chart: Its colours are tokens of the palette; its data are named `ROWS`.
        rows: What is drawn. Rows whose mark a click can follow to its cases have `cell_kind` (verdict, described,
            label, region, action, category or term), `model`, `gold` and `value`.
        alt_text: What a person hears who cannot see it.
    """

    chart: "alt.TopLevelMixin"
    rows: Sequence[Row]
    alt_text: str


@dataclass(frozen=True, slots=True)
class Blank:
    """Why there is nothing to draw: one sentence."""

    reason: str


@cache
def chart_texts() -> Mapping[str, Mapping[str, Any]]:
    """Return texts.toml: title, key, caption and tooltip of each picture, by its name."""
    return tomllib.loads(files("descan.report.charts").joinpath("texts.toml").read_text(encoding="utf-8"))


def tooltip(name: str, kind: str = "") -> "list[alt.Tooltip]":
    """Return the tooltip that texts.toml has for a picture, with `kind` filled into its titles."""
    import altair as alt

    told = chart_texts()[name]["tooltip"]
    return [
        alt.Tooltip(field, **({"title": each.format(kind=kind)} if isinstance(each, str) else each))
        for field, each in told.items()
    ]


def spell_shares(**shares: float) -> dict[str, float | str]:
    """Return shares by their names, and how people read them by `NAME_words`, for tooltips."""
    return shares | {f"{name}_words": percent(share) for name, share in shares.items()}


def category_colours(categories: CategorySet, values: Iterable[str]) -> list[str]:
    """Return the token of each category; no label has that of no reading."""
    tokens = category_tokens(categories)
    return [tokens[UNDECIDED if value == NO_LABEL else value] for value in values]


def share_axis(title: str) -> "alt.X":
    """Return an axis from 0% to 100% for the column `share`."""
    import altair as alt

    return alt.X("share:Q", title=title).scale(domain=[0, 1]).axis(format=".0%", tickCount=5)


def panel_of(model: str) -> str:
    """Return the name of a model's panel: Vega looks it up in an object, which has `constructor` of its own."""
    return f"{model}\n"


def stack_panels(
    panel: "alt.LayerChart | alt.FacetChart",
    panels: Iterable[str],
    *,
    by: str = "panel",
    spacing: int = 14,
    header: "alt.Header | None" = None,
) -> "alt.FacetChart":
    """Draw a panel for each value of the column `by`, one below the other in the order of `panels`.

    Without its own header, a panel has its name at its top left, however long; a line feed begins a second line.
    """
    import altair as alt

    lines = "split(trim(datum.label), '\\n')"
    top_left = alt.Header(
        title=None, labelOrient="top", labelAnchor="start", labelFontWeight="bold", labelLimit=300, labelExpr=lines
    )
    row = alt.Row(f"{by}:N", sort=list(dict.fromkeys(panels)), header=header or top_left)
    facets: alt.FacetChart = panel.properties(data=alt.NamedData(ROWS)).facet(row=row, spacing=spacing)
    return facets


def chart_config() -> dict[str, Any]:
    """Return the looks of all charts: the configuration of a Vega-Lite spec, with colours as tokens of the palette."""
    words = {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 10,
        "titleFontSize": 10,
        "titleFontWeight": "normal",
    }
    return {
        "font": FONT,
        "background": PAPER,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "offset": 10,
            "color": INK,
            "fontSize": 12,
            "subtitleColor": FAINT,
            "subtitleFontSize": 10,
            "subtitlePadding": 4,
        },
        "axis": words
        | {"domainColor": FAINT, "tickColor": LINE, "gridColor": LINE, "labelLimit": 150, "labelFlush": False},
        "axisY": {"grid": False, "ticks": False, "labelPadding": 5},
        "axisBand": {"grid": False},
        "header": words | {"labelFontSize": 10.5},
        "legend": words
        | {
            "orient": "bottom",
            "symbolStrokeColor": INK,
            "symbolFillColor": INK,
            "labelLimit": 150,
            "layout": {"bottom": {"anchor": "start", "direction": "vertical"}},
        },
        "text": {"color": INK, "fontSize": 10},
        "mark": {"tooltip": True},
    }
