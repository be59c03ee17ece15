"""The pictures as files for papers, and the libraries that draw them in a page."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from descan.report.charts import Figure
from descan.report.palette import Theme, paint

PNG_SCALE = 2.5
"""Pixels of a file per pixel of the chart."""

_PNG_PPI = 96 * PNG_SCALE

_CLIP = re.compile(r'(?:(?<= id=")|(?<=url\(#))clip\d+')
_NOT_XML = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def write_plots(figures: Iterable[Figure], folder: Path, theme: Theme = Theme.LIGHT) -> list[Path]:
    """Write `NAME.svg` and `NAME.png` of every figure that is drawn, the same bytes for the same figures.

    Args:
        figures: What `draw_figures` gives.
        folder: Made if need be.
        theme: For paper (light) or for slides (dark).

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    # Pixels are painted aside while the next chart is laid out; both release Python's lock.
    with ThreadPoolExecutor(1) as painter:
        paintings = []
        for figure in figures:
            if figure.spec is None:
                continue
            svg = draw_svg(figure.spec, theme)
            path = folder / f"{figure.name}.svg"
            path.write_text(svg, encoding="utf-8", newline="\n")
            paintings.append(painter.submit(_write_png, svg, path.with_suffix(".png")))
            written.append(path)
        written += [painting.result() for painting in paintings]
    return written


def draw_svg(spec: Any, theme: Theme) -> str:
    """Give a spec as an SVG document; nothing is fetched from a network."""
    import vl_convert

    drawn = _in_xml(paint(spec, theme))
    svg = str(vl_convert.vegalite_to_svg(drawn, allowed_base_urls=[]))
    start, rest = _renumbered(svg).split(">", 1)
    title, description = (escape(str(words)) for words in (drawn["title"]["text"], drawn["description"]))
    return f'{start} role="img"><title>{title}</title><desc>{description}</desc>{rest}'


def _renumbered(svg: str) -> str:
    """Count the names of clips from the start of the picture; Vega goes on from the picture before."""
    numbers = {name: f"clip{number}" for number, name in enumerate(dict.fromkeys(_CLIP.findall(svg)))}
    return _CLIP.sub(lambda found: numbers[found[0]], svg)


def _in_xml(value: Any) -> Any:
    """Replace the characters that XML does not have: on one of them vl-convert would end the whole process."""
    if isinstance(value, dict):
        return {_in_xml(key): _in_xml(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_xml(item) for item in value]
    return _NOT_XML.sub("\ufffd", value) if isinstance(value, str) else value


def _write_png(svg: str, path: Path) -> Path:
    """Paint the SVG itself, so that both files show the same and a chart is laid out once."""
    import vl_convert
    from PIL import Image

    with Image.open(BytesIO(vl_convert.svg_to_png(svg, scale=PNG_SCALE, ppi=72))) as painted:
        # Opaque, and a third of the bytes that vl-convert writes.
        painted.convert("RGB").save(path, dpi=(_PNG_PPI, _PNG_PPI))
    return path


_GLOBALS = "Object.assign(window, { vegaEmbed, vegaLite, vega });"


def bundle_javascript(snippet: str = _GLOBALS) -> str:
    """Give Vega, Vega-Lite and Vega-Embed as one script that needs no network.

    Args:
        snippet: What the script does with `vegaEmbed`, `vegaLite` and `vega`, by default they become globals.
    """
    import vl_convert

    return str(vl_convert.javascript_bundle(snippet))
