"""Heat maps of shares: things down, models across, in panels."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from descan.report.charts.figure import FAINT, INK, OPACITY, PAPER, ROWS, STEP, Row
from descan.report.wording import interval

if TYPE_CHECKING:
    import altair as alt

_COLUMN = 44
"""Width of a model's column, in pixels."""


def draw_heat(
    rows: Sequence[Row],
    models: Sequence[str],
    *,
    title: str,
    colours: Mapping[str, str],
    opacity: float = OPACITY,
    choice: "alt.Parameter | None" = None,
) -> "alt.FacetChart":
    """Draw a share per thing and model; each panel and each column of it fills from its own colour.

    Args:
        rows: `panel`, `name`, `model`, `share`, `text`, and what the tooltip has (`share_words`, `n`,
            `n_descriptions`); in the order in which panels and names go.
        models: The columns, in order.
        title: What a name is: Region, Term.
        colours: The token of every panel's colour.
        opacity: Of the cell with the largest share.
        choice: A parameter over `gold`, by which the rows are filtered.
    """
    import altair as alt

    panels = list(dict.fromkeys(row["panel"] for row in rows))
    top = max((row["share"] for row in rows), default=0) or 1
    tooltip = [
        alt.Tooltip("model:N", title="Model"),
        alt.Tooltip("name:N", title=title),
        alt.Tooltip("gold:N", title="Gold"),
        alt.Tooltip("n:Q", title="Descriptions"),
        alt.Tooltip("n_descriptions:Q", title="of"),
        alt.Tooltip("share_words:N", title="Share"),
        alt.Tooltip("interval:N", title="Interval"),
    ]
    x = alt.X("model:N", sort=list(models), title=None).axis(
        orient="top", labelAngle=-35, labelAlign="left", labelLimit=150, domain=False, ticks=False
    )
    base = alt.Chart().encode(
        x=x, y=alt.Y("name:N", sort=None, title=None).axis(domain=False, labelLimit=130), tooltip=tooltip
    )
    cells = base.mark_rect(stroke=PAPER, cursor="pointer", invalid="show").encode(
        fill=alt.Fill("panel:N", legend=None).scale(domain=panels, range=[colours[panel] for panel in panels]),
        fillOpacity=alt.FillOpacity("share:Q", legend=None).scale(domain=[0, top], range=[0.03, opacity]),
    )
    texts = base.mark_text().encode(text="text:N", color=alt.condition("datum.n > 0", alt.value(INK), alt.value(FAINT)))
    panel = alt.layer(cells, texts).properties(width=alt.Step(_COLUMN), height=alt.Step(STEP))
    header = alt.Header(title=None, labelOrient="left", labelAngle=0, labelAlign="left", labelFontWeight="bold")
    header.labels = len(panels) > 1
    facets = panel.properties(data=alt.NamedData(ROWS)).facet(
        row=alt.Row("panel:N", sort=panels, header=header), spacing=8
    )
    chart: alt.FacetChart = facets.resolve_scale(y="independent")
    return chart if choice is None else chart.transform_filter("datum.gold === gold").add_params(choice)


def interval_words(row: Row) -> str:
    """Return the interval of a share as percentages, empty where the table has none."""
    words = interval(*(float(row.get(name, "nan")) for name in ("share_low", "share_high")))
    return f"{words}%" if words else ""
