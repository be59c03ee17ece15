"""What each model says of what is on the face, and of what is not: actions by models, by region of the face."""

from collections.abc import Iterable, Sequence
from typing import Any

from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.charts.figure import (
    FAINT,
    INK,
    OPACITY,
    PAPER,
    RAMP,
    STEP,
    Blank,
    Drawing,
    Sizes,
    spell_shares,
    stack_panels,
    tooltip,
)
from descan.report.palette import token
from descan.report.wording import interval, join_some, percent

SAID, INVENTED = "On the face: said", "Not on the face, but said"
_COLUMN = 1.5
"""A model's column, in the columns of other heat maps: it holds two numbers."""


def draw_fingerprint(tables: AnalysisTables, sizes: Sizes) -> Drawing | Blank:
    """Draw of each action the share of faces with it of which a model says it, and of faces without it, by witness.

    A page offers the choice of a witness; a file shows the coder, or else the witness who tells of most.
    """
    import altair as alt

    if not tables.has_witnesses:
        return Blank("There are no witnesses.")
    of_actions = [
        row for row in tables.rows("actions_witnessed") if row["action"] != "all" and row["model"] in tables.models
    ]
    occurring = {
        (row["witness"], row["action"]) for row in of_actions if row["n_present"] > 0 or row["n_hallucinated"] > 0
    }
    of_actions = [row for row in of_actions if (row["witness"], row["action"]) in occurring]
    if not of_actions:
        return Blank("There is no action that a witness sees or a description names.")
    rows = [cell for row in of_actions for cell in _cells(row)]
    witnesses = _by_importance(tables, of_actions)
    panels = list(dict.fromkeys(row["panel"] for row in rows))
    x = alt.X("model:N", sort=list(tables.models), title=None).axis(
        orient="top", labelAngle=-35, labelAlign="left", labelLimit=150, domain=False, ticks=False
    )
    base = alt.Chart().encode(
        x=x,
        xOffset=alt.XOffset("rate:N", sort=[SAID, INVENTED]),
        y=alt.Y("name:N", sort=None, title=None).axis(domain=False, labelLimit=130),
        tooltip=tooltip("fingerprint"),
    )
    fill = alt.Fill("rate:N", title=None, sort=[SAID, INVENTED]).scale(
        domain=[SAID, INVENTED], range=[RAMP, token("notice", "warning")]
    )
    # By the root, so that a tenth can be told from nothing.
    opacity = alt.FillOpacity("share:Q", legend=None).scale(type="sqrt", domain=[0, 1], range=[0.02, OPACITY])
    cells = base.mark_rect(stroke=PAPER, cursor="pointer", invalid="show").encode(fill=fill, fillOpacity=opacity)
    never = base.transform_filter("datum.is_never").mark_rect(fill=None, stroke=INK, strokeWidth=1.2)
    texts = base.mark_text().encode(
        text="text:N", color=alt.condition("datum.text !== '·'", alt.value(INK), alt.value(FAINT))
    )
    panel = alt.layer(cells, never, texts).properties(
        width=alt.Step(_COLUMN * sizes.column / 2, **{"for": "offset"}), height=alt.Step(STEP)
    )
    header = alt.Header(title=None, labelOrient="left", labelAngle=0, labelAlign="left", labelFontWeight="bold")
    header.labels = len(panels) > 1
    select = alt.binding_select(options=witnesses, name="Witness ") if len(witnesses) > 1 else alt.Undefined
    choice = alt.param(name="witness", value=witnesses[0], bind=select)
    chart = stack_panels(panel, panels, spacing=8, header=header).resolve_scale(y="independent")
    chart = chart.transform_filter("datum.witness === witness").add_params(choice)
    return Drawing(chart, rows, f"Heat map of two shares a model. {join_some(list(_words(rows, witnesses[0])), 30)}.")


def _by_importance(tables: AnalysisTables, rows: Sequence[Row]) -> list[str]:
    n_told = dict.fromkeys((row["witness"] for row in rows), 0)
    for row in rows:
        n_told[row["witness"]] += row["n_items"]
    coder = tables.run.get("options", {}).get("coder")
    return sorted(n_told, key=lambda witness: (witness != coder, -n_told[witness], witness))


def _cells(row: Row) -> Iterable[dict[str, Any]]:
    """Yield both cells of a model and action."""
    n_absent = row["n_items"] - row["n_present"]
    kinds = (
        (SAID, "sensitivity", "n_hit", row["n_present"], "hit" if row["n_hit"] else "omitted"),
        (INVENTED, "hallucination", "n_hallucinated", n_absent, "hallucinated"),
    )
    for rate, share, n, n_faces, outcome in kinds:
        bounds = interval(row[f"{share}_low"], row[f"{share}_high"])
        yield {
            "cell_kind": "action",
            "outcome": outcome,
            "model": row["model"],
            "witness": row["witness"],
            "gold": "all",
            "value": row["action"],
            "panel": row["region"],
            "name": row["action"].replace("_", " "),
            "rate": rate,
            "n": row[n],
            "n_faces": n_faces,
            "is_never": rate == SAID and n_faces > 0 and not row[n],
            **spell_shares(share=row[share]),
            "interval": f"{bounds}%" if bounds else "",
            "text": percent(row[share]) if row[n] or (rate == SAID and n_faces) else "·",
        }


def _words(rows: Sequence[Row], witness: str) -> Iterable[str]:
    for said, invented in zip(rows[::2], rows[1::2], strict=True):
        if said["witness"] == witness and (said["n"] or invented["n"] or said["is_never"]):
            yield f"{said['model']}: {said['name']} {percent(said['share'])} and {percent(invented['share'])}"
