"""The maps: points that are close to each other were said in similar words."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import east_asian_width

from descan.emotions import OTHER, UNDECIDED, CategorySet
from descan.report.analysis_tables import Row
from descan.report.charts.figure import FAINT, INK, NO_LABEL, PAPER, ROWS, Drawing, Sizes, category_colours, tooltip
from descan.report.palette import names, token
from descan.report.wording import join_some

if TYPE_CHECKING:
    import altair as alt

_ACTION = "Face action"
_VERDICTS = list(names("verdict"))
_CHOICES = ("gold", "described", "label", "verdict")
_SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down", "triangle-left", "triangle-right")

_PADDING = 10
"""Between the outermost points and the edge, in pixels."""

_MAX_WORDS = 40
_WORD_SIZE = 9
_BROAD_LETTERS = frozenset("MWmw@%")
_LETTER_WIDTH, _BROAD_LETTER_WIDTH, _WIDE_LETTER_WIDTH = 0.65, 1.0, 1.05
"""Of the size of letters: what the widest words take in any font."""


class Word(NamedTuple):
    """A word to write at a place of the map."""

    words: str
    x: float
    y: float


def draw_map_terms(rows: Sequence[Row], models: Sequence[str], categories: CategorySet, sizes: Sizes) -> Drawing:
    """Draw emotion terms filled with the colour of their category, and action phrases hollow.

    Args:
        rows: `x`, `y`, `term` (the words), `n` (how often), `category`, empty for an action, and `model`.
        models: All models, in order; each has a shape.
        categories: The category set.
        sizes: How wide it is.
    """
    import altair as alt

    # Small points last, so that no large one hides them.
    points = [
        {key: row[key] for key in ("x", "y", "term", "n", "model")} | {"category": row["category"] or _ACTION}
        for row in sorted(rows, key=lambda row: (-row["n"], row["term"], row["model"]))
    ]
    n_said = Counter[str]()
    for row in points:
        n_said[row["term"]] += row["n"]
    first = {row["term"]: row for row in reversed(points)}
    words = [Word(term, first[term]["x"], first[term]["y"]) for term, _ in n_said.most_common()]
    named = [*categories.names, OTHER]
    scale = alt.Scale(domain=[*named, _ACTION], range=[*category_colours(categories, named), FAINT])
    legend = alt.Legend(columns=_n_columns(sizes), symbolOpacity=1)
    chart = _base(points, models, sizes).encode(
        stroke=alt.Stroke("category:N", title="Category", legend=legend, scale=scale),
        fill=alt.Fill("category:N", title="Category", legend=legend, scale=scale),
        fillOpacity=alt.condition(f"datum.category === '{_ACTION}'", alt.value(0), alt.value(0.55)),
        size=alt.Size("n:Q", title="Mentions", legend=alt.Legend(values=_sizes_shown(points))).scale(
            type="sqrt", range=[4, _area(len(points), 80, 260)]
        ),
        tooltip=tooltip("map_terms"),
    )
    parts = list(dict.fromkeys(str(row["term"]) for row in points))
    layers, drawn = _write_words(chart, points, words, sizes)
    return Drawing(layers, drawn, f"Scatter plot of {len(rows):,} points. Most often said: {join_some(parts, 15)}.")


def draw_map_descriptions(rows: Sequence[Row], models: Sequence[str], categories: CategorySet, sizes: Sizes) -> Drawing:
    """Draw descriptions, coloured by what the parameter `colour_by` says.

    Args:
        rows: `x`, `y`, `item_id`, `model`, `gold`, `described`, `label` and `verdict`; what is not a category counts
            as none. A row with a `term` and no `item_id` is a word to write there.
        models: All models, in order; each has a shape.
        categories: The category set.
        sizes: How wide it is.
    """
    import altair as alt

    readings = [*categories.names, UNDECIDED, NO_LABEL]
    points = [
        {key: row[key] for key in ("x", "y", "item_id", "model", "verdict")}
        | {key: row[key] if row[key] in readings else NO_LABEL for key in ("gold", "described", "label")}
        for row in rows
        if row["item_id"] or not row["term"]
    ]
    words = [Word(row["term"], row["x"], row["y"]) for row in rows if row["term"] and not row["item_id"]]
    choice = alt.param(
        name="colour_by", value="gold", bind=alt.binding_select(options=list(_CHOICES), name="Coloured by ")
    )
    colours = [*category_colours(categories, readings), *(token("verdict", verdict) for verdict in _VERDICTS)]
    scale = alt.Scale(domain=[*readings, *_VERDICTS], range=colours)
    golds = list(categories.names)
    shown = f"colour_by === 'verdict' ? {_VERDICTS} : colour_by === 'gold' ? {golds} : {readings}"
    legend = alt.Legend(values=alt.ExprRef(shown), columns=_n_columns(sizes))
    chart = _base(points, models, sizes).transform_calculate(colour="datum[colour_by]")
    chart = chart.encode(
        stroke=alt.Stroke("colour:N", title=None, legend=legend, scale=scale),
        fill=alt.Fill("colour:N", title=None, legend=legend, scale=scale),
        fillOpacity=alt.value(0.65),
        size=alt.value(_area(len(points), 8, 26)),
        tooltip=tooltip("map_descriptions"),
    )
    layers, drawn = _write_words(chart.add_params(choice), points, words, sizes)
    parts = join_some([word.words for word in words], 15)
    told = f" Words of its parts: {parts}." if words else ""
    return Drawing(layers, drawn, f"Scatter plot of {len(points):,} descriptions, coloured by gold.{told}")


def _sizes_shown(points: Sequence[Row]) -> list[int]:
    """Return the numbers of mentions that the legend of sizes shows: the least, one between, and the greatest."""
    counts = [int(row["n"]) for row in points]
    low, high = min(counts), max(counts)
    return sorted({low, (low + high) // 2, high})


def _area(n_points: int, least: int, most: int) -> float:
    """Return the area of the largest point in square pixels, less where points are many."""
    return min(most, max(least, 150_000 / max(n_points, 1)))


def _n_columns(sizes: Sizes) -> int:
    return 3 if sizes.is_stacked else 5


def _base(points: Sequence[Row], models: Sequence[str], sizes: Sizes) -> "alt.Chart":
    import altair as alt

    # The axes of UMAP have no unit: only what is near means something.
    x, y = (
        part.scale(zero=False, nice=False, domain=_domain([row[name] for row in points], sizes.side))
        for name, part in (("x", alt.X("x:Q", axis=None)), ("y", alt.Y("y:Q", axis=None)))
    )
    legend = alt.Legend(columns=1 if sizes.is_stacked else 2) if len(models) > 1 else None
    shape = alt.Shape("model:N", title="Model", legend=legend).scale(
        domain=list(models), range=[_SHAPES[index % len(_SHAPES)] for index in range(len(models))]
    )
    marks = alt.Chart(name="map").mark_point(strokeWidth=1, strokeOpacity=0.9, aria=False)
    chart: alt.Chart = marks.encode(x=x, y=y, shape=shape).add_params(alt.selection_interval(name="brush"))
    return chart


def _domain(values: Sequence[float], side: float) -> tuple[float, float]:
    """Return the ends of an axis on which the outermost points keep a distance from the edge."""
    low, high = min(values), max(values)
    margin = (high - low or 1) * _PADDING / (side - 2 * _PADDING)
    return low - margin, high + margin


def _write_words(
    chart: "alt.Chart", points: Sequence[Row], words: Iterable[Word], sizes: Sizes
) -> "tuple[alt.TopLevelMixin, list[Row]]":
    """Write words over a map, none over another; return the chart and all its rows.

    Args:
        chart: The map.
        points: Its rows.
        words: Most important first.
        sizes: How wide it is.
    """
    import altair as alt

    written = [
        {"word": word.words, "x": word.x, "y": word.y} for word in choose_words(words, points, sizes.side)[:_MAX_WORDS]
    ]
    base = alt.Chart().transform_filter("isValid(datum.word)").encode(x="x:Q", y="y:Q", text="word:N")
    rim = base.mark_text(fontSize=_WORD_SIZE, stroke=PAPER, strokeWidth=3, strokeJoin="round", aria=False, tooltip=None)
    text = base.mark_text(fontSize=_WORD_SIZE, color=INK, aria=False, tooltip=None)
    layers = alt.layer(chart.transform_filter("!isValid(datum.word)"), rim, text, data=alt.NamedData(ROWS))
    return layers.properties(width=sizes.side, height=sizes.side), [*points, *written]


def choose_words(words: Iterable[Word], points: Sequence[Row], side: float) -> list[Word]:
    """Return the words, first ones first, that neither cover another one nor leave the map.

    Args:
        words: Each is written in the middle of its place.
        points: Of the map.
        side: Of the map, in pixels.
    """
    (x_low, x_high), (y_low, y_high) = (_domain([row[name] for row in points], side) for name in ("x", "y"))
    chosen: list[Word] = []
    boxes: list[tuple[float, float, float, float]] = []
    for word in words:
        middle, height = side * (word.x - x_low) / (x_high - x_low), side * (word.y - y_low) / (y_high - y_low)
        half = _WORD_SIZE / 2 * sum(_letter_width(letter) for letter in word.words)
        box = middle - half, middle + half, height - 0.6 * _WORD_SIZE, height + 0.6 * _WORD_SIZE
        if box[0] < 0 or box[1] > side or any(_overlap(box, other) for other in boxes):
            continue
        chosen.append(word)
        boxes.append(box)
    return chosen


def _letter_width(letter: str) -> float:
    if letter in _BROAD_LETTERS:
        return _BROAD_LETTER_WIDTH
    return _WIDE_LETTER_WIDTH if east_asian_width(letter) in "WF" else _LETTER_WIDTH


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
