"""How far people, judges and descan agree about the same descriptions, and whom each of them favours."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from descan.records import DESCAN, PEOPLE
from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.charts.figure import (
    FAINT,
    INK,
    OPACITY,
    PAPER,
    RAMP,
    ROWS,
    STEP,
    Blank,
    Drawing,
    Sizes,
    spell_shares,
    stack_panels,
    tooltip,
)
from descan.report.wording import count, interval, join_some, number, percent, points

if TYPE_CHECKING:
    import altair as alt

_KINDS = ("person", "judge", DESCAN)
_N_READERS = 12
"""As many are drawn: people, judges and descan, those with most texts first; readers.csv has all."""

_ALL_MODELS = "all models"
_BIAS = "Gold read more often than by people (points)"
_MIN_REACH = 10
"""Of the axis of biases, on either side of 0."""


def draw_readers(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw the agreement of every two readers, and how much more often than people each reads gold, by model."""
    import altair as alt

    agreements = [row for row in tables.rows("readers") if not row["model"]]
    if not agreements:
        return Blank("Nobody but descan has read descriptions of this analysis.")
    readers = _by_kind(agreements)[:_N_READERS]
    cells = [cell for row in agreements for cell in _cells(row) if {cell["reader"], cell["other"]} <= {*readers}]
    biases = [_bias(row) for row in tables.rows("reader_biases") if _is_drawn(row, readers, tables.models)]
    charts: list[alt.LayerChart | alt.FacetChart] = [_matrix(readers, sizes)]
    if biases:
        charts.append(_points(biases, readers, sizes))
    chart = alt.vconcat(*charts, spacing=24)
    parts = [
        f"{cell['reader']} with {cell['other']}: {cell['text']} of {count(cell['n'], 'text')}"
        for cell in cells
        if readers.index(cell["reader"]) <= readers.index(cell["other"])
    ]
    words = f"Heat map of agreement. {join_some(parts, 20)}."
    if biases:
        told = [f"{row['reader']}, {row['panel']}: {row['text']}" for row in biases]
        words += f" Points with intervals: gold more often than people. {join_some(told, 20)}."
    return Drawing(chart.resolve_scale(y="independent"), [*cells, *biases], words)


def _by_kind(agreements: Sequence[Row]) -> list[str]:
    """Return the readers: people, judges and descan, within a kind those with most texts first."""
    n_texts: dict[str, float] = {}
    kinds: dict[str, str] = {}
    for row in agreements:
        for reader, kind in ((row["reader_a"], row["kind_a"]), (row["reader_b"], row["kind_b"])):
            name = reader or PEOPLE
            kinds[name] = kind
            n_texts[name] = max(n_texts.get(name, 0), row["n"])
    return sorted(kinds, key=lambda name: (_KINDS.index(kinds[name]), -n_texts[name], name))


def _cells(row: Row) -> Iterable[dict[str, Any]]:
    """Yield the cells of two readers, one either way, or the one of a reader with itself."""
    a, b = row["reader_a"] or PEOPLE, row["reader_b"] or PEOPLE
    bounds = interval(row["agreement_low"], row["agreement_high"])
    for reader, other in dict.fromkeys(((a, b), (b, a))):
        yield {
            "part": "agreement",
            "reader": reader,
            "other": other,
            "n": row["n"],
            **spell_shares(agreement=row["agreement"]),
            "interval": f"{bounds}%" if bounds else "",
            "kappa": number(row["kappa"]),
            "alpha": number(row["alpha"]),
            "text": percent(row["agreement"]),
        }


def _is_drawn(row: Row, readers: Sequence[str], models: Sequence[str]) -> bool:
    return row["verdict"] == "supports" and (row["reader"] or PEOPLE) in readers and row["model"] in ("", *models)


def _bias(row: Row) -> dict[str, Any]:
    return {
        "part": "bias",
        "reader": row["reader"] or PEOPLE,
        "panel": row["model"] or _ALL_MODELS,
        "n": row["n"],
        **{name: 100 * row[column] for name, column in (("bias", "difference"), ("low", "low"), ("high", "high"))},
        **spell_shares(share=row["share"], people=row["people_share"]),
        "text": points(row["difference"]),
    }


def _matrix(readers: Sequence[str], sizes: Sizes) -> "alt.LayerChart | alt.FacetChart":
    import altair as alt

    x = alt.X("other:N", sort=list(readers), title=None).axis(
        orient="top", labelAngle=-35, labelAlign="left", labelLimit=150, domain=False, ticks=False
    )
    y = alt.Y("reader:N", sort=list(readers), title=None).axis(domain=False, labelLimit=130)
    base = alt.Chart().encode(x=x, y=y, tooltip=tooltip("readers"))
    opacity = alt.FillOpacity("agreement:Q", legend=None).scale(domain=[0, 1], range=[0.02, OPACITY])
    cells = base.mark_rect(fill=RAMP, stroke=PAPER, invalid="show").encode(fillOpacity=opacity)
    layers = alt.layer(cells, base.mark_text().encode(text="text:N"), data=alt.NamedData(ROWS))
    return layers.transform_filter("datum.part === 'agreement'").properties(
        width=alt.Step(sizes.column), height=alt.Step(STEP + 4)
    )


def _points(biases: Sequence[Row], readers: Sequence[str], sizes: Sizes) -> "alt.FacetChart":
    import altair as alt

    found = [abs(row[name]) for row in biases for name in ("bias", "low", "high") if row[name] == row[name]]
    reach = max(_MIN_REACH, *found)
    drawn = [reader for reader in readers if any(row["reader"] == reader for row in biases)]
    y = alt.Y("reader:N", sort=drawn, title=None).scale(domain=drawn).axis(domain=False, labelLimit=130)
    base = alt.Chart().encode(y=y, tooltip=tooltip("reader_biases"))
    axis = (
        alt.X("bias:Q", title=_BIAS)
        .scale(domain=[-reach, reach], nice=True)
        .axis(format="+d", labelExpr="datum.value === 0 ? '0' : datum.label", tickCount=5)
    )
    zero = alt.Chart().mark_rule(color=FAINT, strokeDash=[3, 3]).encode(x=alt.datum(0))
    rules = base.mark_rule(color=INK, strokeWidth=1.5, invalid="show").encode(x="low:Q", x2="high:Q")
    marks = base.mark_point(filled=True, size=60, color=RAMP, stroke=INK, opacity=1).encode(x=axis)
    panel = alt.layer(zero, rules, marks).properties(width=sizes.panel, height=alt.Step(STEP))
    chart: alt.FacetChart = stack_panels(panel, [row["panel"] for row in biases]).transform_filter(
        "datum.part === 'bias'"
    )
    return chart
