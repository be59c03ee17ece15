"""Figures of a given width and letter size, as PDF, SVG and PNG, with no title and no label cut."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from descan.errors import WorkerError
from descan.execution import local_workers
from descan.execution.workers import Workers
from descan.lexicon import FigureWords
from descan.report.analysis_tables import AnalysisTables
from descan.report.charts import CHARTS, MAPS, Figure, draw_figure, draw_map
from descan.report.charts.figure import ROWS, SIZES, Sizes
from descan.report.palette import Theme
from descan.report.paper.missing_letters import find_missing_letters
from descan.report.paper.text_widths import fix_widths
from descan.report.plots import BEYOND_FONTS, draw_svg, packaged_fonts, paint_png

if TYPE_CHECKING:
    import pandas as pd

FIGURES = (*CHARTS, *MAPS)
"""The names of all figures."""

_PIXELS_PER_CM = 96 / 2.54
_POINTS_PER_CM = 72 / 2.54

_LETTER_POINTS = 7.5
"""Size of the letters of a chart as it is drawn: 10 pixels."""

_LEAST_STRETCH, _MOST_STRETCH = 0.6, 3.0
"""How far the parts of a chart are stretched so that it has a width; narrower ones would not hold their numbers."""

_MAX_TRIES = 6
_CLOSE_ENOUGH = 0.5
"""In pixels; the rest is made up by scaling the picture."""

_WORDY = frozenset(("title", "sort", "domain", "values", "filter", "calculate", "test", "expr"))
"""Keys of a spec whose texts are labels, or expressions with labels in quotes."""

_OWN_WORDS = frozenset(("model", "term", "word", "item_id", "reader", "other"))
"""Columns of a chart's rows that hold the words of others."""

_QUOTED = re.compile(r"'([^'\\]*)'")
_ROOT = re.compile(r'<svg([^>]*?) width="([\d.]+)" height="([\d.]+)"([^>]*)>')


class FigureFormat(StrEnum):
    """A format of figures."""

    PDF = "pdf"
    SVG = "svg"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class FigureStyle:
    """How figures look.

    Attributes:
        width_cm: Of the whole picture, in centimetres.
        font_pt: Size of most letters, in points.
        dpi: Pixels per inch of a PNG.
        words: The language of the labels.
    """

    width_cm: float = 17.0
    font_pt: float = 8.0
    dpi: int = 300
    words: FigureWords = field(default_factory=lambda: FigureWords({}))


class WrittenFigure(NamedTuple):
    """What became of a figure.

    Attributes:
        name: Of its files.
        caption: What to write below it.
        problem: Why there are no files; or nothing.
        font_pt: The size of its letters, smaller than asked for where the figure did not fit; NaN without files.
        needed_cm: The width that letters of the size asked for take.
        height_cm: How high it is; NaN without files.
        is_stacked: Whether parts that stand side by side in a wider figure are one below the other.
        missing_letters: Those that no font of this machine has; the picture shows empty boxes.
    """

    name: str
    caption: str
    problem: str
    font_pt: float = float("nan")
    needed_cm: float = float("nan")
    height_cm: float = float("nan")
    is_stacked: bool = False
    missing_letters: str = ""


def write_figures(
    names: Sequence[str],
    tables: AnalysisTables,
    points: "pd.DataFrame",
    style: FigureStyle,
    formats: Sequence[FigureFormat],
    folder: Path,
) -> Iterator[WrittenFigure]:
    """Write figures, each as `NAME.FORMAT`, and yield what became of each.

    Args:
        names: Of `FIGURES`.
        tables: The analysis.
        points: What its `map.parquet` holds.
        style: How they look.
        formats: Of the files.
        folder: Created if needed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with packaged_fonts() as packaged, ExitStack() as stack:
        painters: dict[bool, Workers] = {}
        for name in names:
            draw = partial(_draw, name, tables, points)
            figure = draw(SIZES)
            if figure.spec is None:
                yield WrittenFigure(name, "", figure.reason)
                continue
            spec = json.dumps(_undress(figure, style.words), ensure_ascii=False)
            is_packaged = not BEYOND_FONTS.search(spec)
            if is_packaged not in painters:
                painters[is_packaged] = stack.enter_context(local_workers(1, packaged if is_packaged else {}))
            try:
                yield _write(figure, draw, name, style, formats, folder, painters[is_packaged])
            except WorkerError as error:
                del painters[is_packaged]
                yield WrittenFigure(name, "", str(error))


def _draw(name: str, tables: AnalysisTables, points: "pd.DataFrame", sizes: Sizes) -> Figure:
    if name in MAPS:
        return draw_map(name, points, {}, tables.models, tables.categories, sizes)
    return draw_figure(name, tables, sizes=sizes)


class _Request(NamedTuple):
    """What a worker draws, or writes once it is drawn."""

    name: str
    title: str
    content: str

    def __str__(self) -> str:
        return f"figure {self.name}"


def _write(
    figure: Figure,
    draw: Callable[[Sizes], Figure],
    name: str,
    style: FigureStyle,
    formats: Sequence[FigureFormat],
    folder: Path,
    workers: Workers,
) -> WrittenFigure:
    """Find the sizes at which a chart has the width that is asked for, and write what was drawn with these."""
    scale = style.font_pt / _LETTER_POINTS
    wanted = style.width_cm * _PIXELS_PER_CM / scale

    @cache
    def draw_stretched(stretch: float, *, is_stacked: bool) -> str:
        sized = draw(SIZES.stretch(stretch, is_stacked=is_stacked))
        spec = json.dumps(_undress(sized, style.words), ensure_ascii=False)
        [svg] = workers.map(_draw_request, [_Request(name, sized.title, spec)])
        return svg

    def measure(stretch: float, *, is_stacked: bool) -> float:
        return _root_size(draw_stretched(stretch, is_stacked=is_stacked))[0]

    is_stacked = measure(_LEAST_STRETCH, is_stacked=False) > wanted
    stretch, width = _fit(partial(measure, is_stacked=is_stacked), wanted)
    svg = draw_stretched(stretch, is_stacked=is_stacked)
    [missing] = workers.map(
        partial(_write_files, folder, style.width_cm, style.dpi, tuple(formats)), [_Request(name, figure.title, svg)]
    )
    key = "" if figure.spec is None else str(figure.spec["title"]["subtitle"])
    font_pt = style.font_pt * min(1.0, wanted / width)
    return WrittenFigure(
        name,
        f"{figure.title}. {key}.",
        "",
        font_pt,
        needed_cm=max(width * scale / _PIXELS_PER_CM, style.width_cm),
        height_cm=style.width_cm * _root_size(svg)[1] / width,
        is_stacked=is_stacked,
        missing_letters=missing,
    )


def _fit(measure: Callable[[float], float], wanted: float) -> tuple[float, float]:
    """Return the stretch at which a picture has a width, or comes nearest from below, and the width that it has.

    A legend may be wider than what is stretched, so widths grow in bends: what is looked for stays between two ends.
    """
    low, high = (_LEAST_STRETCH, measure(_LEAST_STRETCH)), (1.0, measure(1.0))
    if high[1] < wanted:
        low, high = high, (_MOST_STRETCH, measure(_MOST_STRETCH))
    for n_tries in range(_MAX_TRIES):
        if low[1] > wanted - _CLOSE_ENOUGH:
            return low
        if high[1] < wanted + _CLOSE_ENOUGH:
            return high
        share = 0.5 if n_tries % 2 else (wanted - low[1]) / (high[1] - low[1])
        stretch = low[0] + share * (high[0] - low[0])
        width = measure(stretch)
        low, high = ((stretch, width), high) if width <= wanted else (low, (stretch, width))
    return low


def _undress(figure: Figure, words: FigureWords) -> Any:
    """Return the spec without its title, with whole labels, in other words."""
    spec = {key: value for key, value in (figure.spec or {}).items() if key != "title"}
    rows = [_translate_row(row, words) for row in spec["datasets"][ROWS]]
    return _adapt(spec, words) | {"datasets": {ROWS: rows}}


def _adapt(value: Any, words: FigureWords, key: str = "") -> Any:
    """Return a part of a spec with whole labels and other words; `key` is what it belongs to."""
    if isinstance(value, dict):
        return {name: 0 if name == "labelLimit" else _adapt(item, words, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_adapt(item, words, key) for item in value]
    if not isinstance(value, str) or key not in _WORDY:
        return value
    return _QUOTED.sub(lambda quoted: f"'{words.translate(quoted[1])}'", words.translate(value))


def _translate_row(row: Mapping[str, Any], words: FigureWords) -> dict[str, Any]:
    """Return a row of data in other words, but for what models and texts say themselves."""
    kept = _OWN_WORDS | {"name", "value"} if row.get("cell_kind") == "term" else _OWN_WORDS
    return {
        name: "\n".join(map(words.translate, value.split("\n")))
        if isinstance(value, str) and name not in kept
        else value
        for name, value in row.items()
    }


def _draw_request(request: _Request) -> str:
    return draw_svg(json.loads(request.content), Theme.LIGHT, request.title)


def _write_files(folder: Path, width_cm: float, dpi: int, formats: Sequence[FigureFormat], request: _Request) -> str:
    """Write a picture in formats, and return the letters that no font has."""
    import vl_convert

    svg = request.content
    for form in formats:
        path = folder / f"{request.name}.{form}"
        if form is FigureFormat.SVG:
            path.write_text(_resize(fix_widths(svg), width_cm, "cm"), encoding="utf-8", newline="\n")
        elif form is FigureFormat.PDF:  # A pixel of the picture becomes a point.
            path.write_bytes(vl_convert.svg_to_pdf(_resize(svg, width_cm * _POINTS_PER_CM)))
        else:
            path.write_bytes(paint_png(_resize(svg, width_cm, "cm"), dpi / 96))
    return find_missing_letters(svg)


def _resize(svg: str, width: float, unit: str = "") -> str:
    """Return a picture with another width, all of it larger or smaller."""
    old_width, old_height = _root_size(svg)
    size = rf'<svg\1 width="{width:.6g}{unit}" height="{width * old_height / old_width:.6g}{unit}"\4>'
    return _ROOT.sub(size, svg, count=1)


def _root_size(svg: str) -> tuple[float, float]:
    found = _ROOT.search(svg)
    if found is None:
        raise ValueError("the picture has no size")
    return float(found[2]), float(found[3])
