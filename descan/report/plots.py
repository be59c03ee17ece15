"""The pictures as files for papers, and the libraries that draw them in a page."""

import re
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from descan.report.palette import Theme, paint

PNG_SCALE = 2.5
"""Pixels of a file per pixel of the chart."""

_PNG_PPI = 96 * PNG_SCALE

_COMPRESSION = 2
"""Three tenths faster than the usual 6, for files that are 6 % larger."""

_CLIP = re.compile(r'(?:(?<= id=")|(?<=url\(#))clip\d+')
_NOT_XML = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def draw_svg(spec: Any, theme: Theme) -> str:
    """Give a spec as an SVG document; nothing is fetched from a network."""
    import vl_convert

    drawn = _in_xml(paint(spec, theme))
    svg = str(vl_convert.vegalite_to_svg(drawn, allowed_base_urls=[]))
    start, rest = _renumbered(svg).split(">", 1)
    title, description = (escape(str(words)) for words in (drawn["title"]["text"], drawn["description"]))
    return f'{start} role="img"><title>{title}</title><desc>{description}</desc>{rest}'


def write_png(svg: str, path: Path) -> None:
    """Paint the SVG itself, so that both files show the same and a chart is laid out once."""
    import vl_convert
    from PIL import Image

    with Image.open(BytesIO(vl_convert.svg_to_png(svg, scale=PNG_SCALE, ppi=72))) as painted:
        # Opaque, and less than half of the bytes that vl-convert writes.
        painted.convert("RGB").save(path, dpi=(_PNG_PPI, _PNG_PPI), compress_level=_COMPRESSION)


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


_GLOBALS = "Object.assign(window, { vegaEmbed, vegaLite, vega });"


def bundle_javascript(snippet: str = _GLOBALS) -> str:
    """Give Vega, Vega-Lite and Vega-Embed as one script that needs no network.

    Args:
        snippet: What the script does with `vegaEmbed`, `vegaLite` and `vega`, by default they become globals.
    """
    import vl_convert

    return str(vl_convert.javascript_bundle(snippet))
