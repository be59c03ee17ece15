"""The looks that all charts share."""

from typing import Any

from descan.report.charts.figure import FAINT, INK, LINE, PAPER

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""vl-convert brings the first, so that letters are as wide as it measures on any machine."""


def chart_config() -> dict[str, Any]:
    """Return the configuration of a Vega-Lite spec, with colours as tokens of the palette."""
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
