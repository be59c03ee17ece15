"""The pictures as files for papers, and the libraries that draw them in a page."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from html import escape
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple

from descan.errors import InputError, WorkerError
from descan.execution import local_workers
from descan.report.charts import Figure
from descan.report.palette import Theme, paint
from descan.storage.atomic import write_file

CHART_SUFFIXES = (".svg", ".png", ".pdf", ".html", ".json")
"""Of the files that `write_chart` writes."""

PNG_SCALE = 2.5
"""Pixels of a file per pixel of the chart."""

_COMPRESSION = 2
"""Three tenths faster than the usual 6, for files that are 6 % larger."""

_MAX_REASON = 200
"""Characters of the reason why a figure could not be drawn."""

_CLIP = re.compile(r'(?:(?<= id=")|(?<=url\(#))clip\d+')
_NOT_XML = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


BEYOND_FONTS = re.compile(
    "[^ -~\u00a0-\u017f\u0391-\u03a1\u03a3-\u03c9\u0410-\u044f"
    "\u2013-\u2015\u2017-\u201e\u2020-\u2022\u2026\u2030\u2032\u2033\u2039\u203a\u20ac\u2122\u2190-\u2195\u2212\u2248\u2260\u2264\u2265]"
)
"""Characters that the fonts of vl-convert may lack; a figure with one of them is drawn with the system's fonts too."""


def write_plots(figures: Iterable[Figure], folder: Path) -> dict[str, str]:
    """Write `NAME.svg` and `NAME.png` of every figure that has a spec, the same bytes for the same figures.

    They are drawn in a worker process. A figure that cannot be drawn, or that ends the process, costs no other.

    Args:
        figures: From `draw_figures`.
        folder: Created if needed.

    Returns:
        Why figures could not be drawn, by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    packaged: list[_Drawing] = []
    others: list[_Drawing] = []
    for figure in figures:
        if figure.spec is not None:
            spec = json.dumps(figure.spec, ensure_ascii=False, allow_nan=False)
            (others if BEYOND_FONTS.search(spec) else packaged).append(_Drawing(figure.name, spec))
    with packaged_fonts() as environment:
        return _draw(packaged, folder, environment) | _draw(others, folder, {})


@contextmanager
def packaged_fonts() -> Iterator[dict[str, str]]:
    """Yield the environment of a process that draws with the fonts of vl-convert alone, so the same everywhere."""
    with as_file(files("descan.report").joinpath("fonts.conf")) as fonts:
        yield {"FONTCONFIG_FILE": str(fonts)}


def write_chart(figure: Figure, path: Path) -> None:
    """Write one figure as a file of its own: a picture, or a page with the numbers behind each mark.

    Args:
        figure: What to draw.
        path: Its suffix is one of `CHART_SUFFIXES`.

    Raises:
        InputError: If there is nothing to draw.
        WorkerError: If the process that draws ended before it was done.
    """
    if figure.spec is None:
        raise InputError(path, f"has nothing to show: {figure.reason}")
    drawing = _Drawing(figure.name, json.dumps(figure.spec, ensure_ascii=False, allow_nan=False))
    with ExitStack() as stack:
        environment = {} if BEYOND_FONTS.search(drawing.spec) else stack.enter_context(packaged_fonts())
        workers = stack.enter_context(local_workers(1, environment))
        [content] = workers.map(partial(_draw_content, path.suffix.lower()), [drawing])
    write_file(path, content)


@cache
def bundle_javascript(snippet: str) -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that needs no network; made once in a process.

    Args:
        snippet: What the script does with `vegaEmbed`, `vegaLite` and `vega`.

    Raises:
        WorkerError: If the worker process ended before it was done.
    """
    with local_workers(1) as workers:
        [bundle] = workers.map(partial(_bundle, snippet), ["the charts library"])
        return bundle


def draw_svg(spec: Any, theme: Theme, title: str = "") -> str:
    """Return a spec as an SVG document; nothing is fetched from a network.

    Args:
        spec: Vega-Lite with colours as tokens of the palette.
        theme: Of the colours.
        title: What a screen reader calls it, if the spec has no title.
    """
    import vl_convert

    drawn = _in_xml(paint(spec, theme))
    svg = str(vl_convert.vegalite_to_svg(drawn, allowed_base_urls=[]))
    start, rest = _renumber_clips(svg).split(">", 1)
    told = title or drawn.get("title", "")
    heading = escape(str(told.get("text", "")) if isinstance(told, dict) else str(told))
    description = escape(str(drawn.get("description", "")))
    return f'{start} role="img"><title>{heading}</title><desc>{description}</desc>{rest}'


def paint_png(svg: str, scale: float = PNG_SCALE) -> bytes:
    """Return an SVG document as a PNG file, so that both show the same and a chart is laid out once.

    Args:
        svg: From `draw_svg`.
        scale: Pixels of the file per pixel of the chart.
    """
    import vl_convert
    from PIL import Image

    content = BytesIO()
    with Image.open(BytesIO(vl_convert.svg_to_png(svg, scale=scale, ppi=72))) as painted:
        # Opaque, and less than half of the bytes that vl-convert writes.
        painted.convert("RGB").save(content, "PNG", dpi=(96 * scale, 96 * scale), compress_level=_COMPRESSION)
    return content.getvalue()


def draw_file(spec: Any, suffix: str, scale: float = PNG_SCALE) -> bytes:
    """Return a spec as the content of a file.

    Args:
        spec: Vega-Lite; its colours may be tokens of the palette.
        suffix: One of `CHART_SUFFIXES`.
        scale: Pixels of a PNG file per pixel of the chart.
    """
    import vl_convert

    if suffix == ".json":
        return json.dumps(paint(spec, Theme.LIGHT), ensure_ascii=False, allow_nan=False).encode()
    if suffix == ".html":
        return str(vl_convert.vegalite_to_html(_in_xml(paint(spec, Theme.LIGHT)), bundle=True)).encode()
    svg = draw_svg(spec, Theme.LIGHT)
    if suffix == ".png":
        return paint_png(svg, scale)
    return bytes(vl_convert.svg_to_pdf(svg)) if suffix == ".pdf" else svg.encode()


class _Drawing(NamedTuple):
    name: str
    spec: str

    def __str__(self) -> str:
        return f"plot {self.name}"


def _draw(drawings: list[_Drawing], folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return why drawings failed; after one that ends the process another process goes on."""
    problems: dict[str, str] = {}
    n_done = 0
    while n_done < len(drawings):
        try:
            with local_workers(1, environment) as workers:
                for problem in workers.map(partial(_write_files, folder), drawings[n_done:]):
                    if problem:
                        problems[drawings[n_done].name] = problem
                    n_done += 1
        except WorkerError as error:
            name = drawings[n_done].name
            problems[name] = str(error)
            for path in _files(folder, name):
                path.unlink(missing_ok=True)
            n_done += 1
    return problems


def _write_files(folder: Path, drawing: _Drawing) -> str:
    """Draw both files; return why that could not be done, or nothing."""
    from PIL import Image

    try:
        svg = draw_svg(json.loads(drawing.spec), Theme.LIGHT)
        png = paint_png(svg)
    except (ValueError, Image.DecompressionBombError) as error:
        return shorten(str(error), _MAX_REASON)
    svg_path, png_path = _files(folder, drawing.name)
    svg_path.write_text(svg, encoding="utf-8", newline="\n")
    png_path.write_bytes(png)
    return ""


def _draw_content(suffix: str, drawing: _Drawing) -> bytes:
    return draw_file(json.loads(drawing.spec), suffix)


def _files(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.svg", folder / f"{name}.png"


def _bundle(snippet: str, _: str) -> str:
    import vl_convert

    return str(vl_convert.javascript_bundle(snippet))


def _renumber_clips(svg: str) -> str:
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
