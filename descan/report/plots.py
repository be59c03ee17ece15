"""The pictures as files for papers, and the libraries that draw them in a page."""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from descan.report.charts import Figure
from descan.report.palette import Theme, paint

PNG_SCALE = 3.125
"""Pixels of a file per pixel of the chart: 300 to the inch."""


def write_plots(figures: Iterable[Figure], folder: Path, theme: Theme = Theme.LIGHT) -> list[Path]:
    """Write `NAME.svg` and `NAME.png` of every figure that is drawn, the same bytes for the same figures.

    Args:
        figures: What `draw_figures` gives.
        folder: Made if need be.
        theme: For paper (light) or for slides (dark).

    Returns:
        The files written.
    """
    import vl_convert

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for figure in figures:
        if figure.spec is None:
            continue
        svg = draw_svg(figure.spec, theme)
        # From the same SVG, so that both show the same and the chart is laid out once.
        png = vl_convert.svg_to_png(svg, scale=PNG_SCALE, ppi=72)
        for path, content in ((folder / f"{figure.name}.svg", svg.encode()), (folder / f"{figure.name}.png", png)):
            path.write_bytes(content)
            written.append(path)
    return written


def draw_svg(spec: Any, theme: Theme) -> str:
    """Give a spec as an SVG document; nothing is fetched from a network."""
    import vl_convert

    svg = str(vl_convert.vegalite_to_svg(paint(spec, theme), allowed_base_urls=[]))
    start, rest = svg.split(">", 1)
    words = escape(str(spec["description"]))
    return f'{start} role="img"><title>{escape(str(spec["title"]["text"]))}</title><desc>{words}</desc>{rest}'


_GLOBALS = "Object.assign(window, { vegaEmbed, vegaLite, vega });"


def bundle_javascript(snippet: str = _GLOBALS) -> str:
    """Give Vega, Vega-Lite and Vega-Embed as one script that needs no network.

    Args:
        snippet: What the script does with `vegaEmbed`, `vegaLite` and `vega`, by default they become globals.
    """
    import vl_convert

    return str(vl_convert.javascript_bundle(snippet))
