"""The widths of the texts of a picture, so that they hold whatever fonts a machine has."""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import NamedTuple

_TEXT = re.compile(r'<(text|tspan)((?:"[^"]*"|[^">])*)>([^<]+)</\1>|<text((?:"[^"]*"|[^">])*)>')
_SIZE = re.compile(r'font-size="([\d.]+)px"')
_WEIGHT = re.compile(r'font-weight="(\w+)"')
_FONT = re.compile(r'font-family="([^"]*)"')

_MAGNIFIED = 20
"""Texts are measured larger than they are, because vl-convert rounds widths to whole pixels."""


class Text(NamedTuple):
    """A text as it is drawn; the size is in pixels."""

    words: str
    size: float
    weight: str
    font: str


def fix_widths(svg: str) -> str:
    """Give every text the width that it was laid out with, so that another font on another machine cuts none."""
    widths = measure_texts([text for _, text in _texts(svg)])
    parts = []
    end = 0
    for found, text in _texts(svg):
        attributes = f'textLength="{widths[text]:.2f}" lengthAdjust="spacingAndGlyphs"'
        parts += [svg[end : found.start()], f"<{found[1]}{found[2]} {attributes}>{found[3]}</{found[1]}>"]
        end = found.end()
    return "".join([*parts, svg[end:]])


def _texts(svg: str) -> Iterator[tuple[re.Match[str], Text]]:
    """Yield the texts of a picture; a `tspan` has the style of the `text` around it."""
    style = ""
    for found in _TEXT.finditer(svg):
        if found[1] is None:
            style = found[4]
            continue
        if found[1] == "text":
            style = found[2]
        size, weight, font = (pattern.search(style) for pattern in (_SIZE, _WEIGHT, _FONT))
        if size and font and found[3].strip():
            yield found, Text(unescape(found[3]), float(size[1]), weight[1] if weight else "normal", unescape(font[1]))


def measure_texts(texts: Sequence[Text]) -> dict[Text, float]:
    """Return the width of each text in pixels, laid out side by side by Vega itself."""
    import vl_convert

    distinct = list(dict.fromkeys(texts))
    marks = [
        {
            "type": "group",
            "marks": [
                {
                    "type": "text",
                    "encode": {
                        "enter": {
                            "text": {"value": text.words},
                            "fontSize": {"value": text.size * _MAGNIFIED},
                            "fontWeight": {"value": text.weight},
                            "font": {"value": text.font},
                        }
                    },
                }
            ],
        }
        for text in [*distinct, Text("", 10, "normal", "sans-serif")]
    ]
    layout = {"padding": 0, "columns": len(marks), "bounds": "full", "align": "none"}
    spec = {"$schema": "https://vega.github.io/schema/vega/v5.json", "padding": 0, "layout": layout, "marks": marks}
    scene = vl_convert.vega_to_scenegraph(spec, allowed_base_urls=[])["scenegraph"]["items"][0]["items"]
    places = [mark["items"][0].get("x", 0) for mark in scene]
    return {
        text: (end - start) / _MAGNIFIED for text, start, end in zip(distinct, places[:-1], places[1:], strict=True)
    }
