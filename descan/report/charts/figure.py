"""What a chart function gives, and what all charts share: sizes, marks, wording."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from descan.report.palette import token
from descan.report.wording import percent

if TYPE_CHECKING:
    import altair as alt

Row = Mapping[str, Any]

WIDTH = 210
"""Of a panel, in pixels: with its axis a chart fits a journal's column (85 mm) and a page 400 pixels wide."""

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


def plain_rows(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return rows as they go into JSON; undefined numbers become null."""
    return [{key: _defined(value) for key, value in row.items()} for row in rows]


def records(frame: Any) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain values."""
    rows: list[dict[str, Any]] = frame.to_dict("records")
    return rows


def spell_shares(**shares: float) -> dict[str, float | str]:
    """Return shares by their names, and how people read them by `NAME_words`, for tooltips."""
    return shares | {f"{name}_words": percent(share) for name, share in shares.items()}


def draw_intervals(base: "alt.Chart") -> "list[alt.Chart]":
    """Draw `low` to `high` as a line with a rim, so that it stands out from any bar."""
    line = base.encode(x="low:Q", x2="high:Q")
    return [line.mark_rule(color=PAPER, strokeWidth=3.5, opacity=0.8), line.mark_rule(color=INK, strokeWidth=1.5)]


def panel_of(model: str) -> str:
    """Return the name of a model's panel: Vega looks it up in an object, which has `constructor` of its own."""
    return f"{model}\n"


def panel_header() -> "alt.Header":
    """Return the heading of a panel: the name at its top left, however long; a line feed begins a second line."""
    import altair as alt

    lines = "split(trim(datum.label), '\\n')"
    return alt.Header(
        title=None, labelOrient="top", labelAnchor="start", labelFontWeight="bold", labelLimit=300, labelExpr=lines
    )


def _defined(value: Any) -> Any:
    if isinstance(value, float) and value != value:
        return None
    return value.item() if hasattr(value, "item") else value
