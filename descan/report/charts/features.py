"""What the descriptions mention of the face: regions and actions, per model and by gold."""

from typing import TYPE_CHECKING, Any

from descan.emotions import Emotion
from descan.report.analysis_tables import AnalysisTables
from descan.report.charts.figure import ALL, RAMP, Blank, Drawing, records, spell_shares
from descan.report.charts.heat import draw_heat, interval_words
from descan.report.wording import join_some, percent

if TYPE_CHECKING:
    import pandas as pd

_N_ACTIONS = 30
"""The actions that are drawn are the most frequent ones; actions.csv has all."""

_NOTHING = "No description mentions a face action."


def draw_regions(tables: AnalysisTables) -> Drawing | Blank:
    """Draw the share of descriptions that mention a region of the face, by gold on demand."""
    frame = _with_gold(tables, "regions")
    if frame.empty:
        return Blank(_NOTHING)
    regions = _by_frequency(frame, "region")
    rows = _complete(frame.assign(panel="face"), "region", [("face", region) for region in regions])
    return _drawing(tables, rows, "Region")


def draw_actions(tables: AnalysisTables) -> Drawing | Blank:
    """Draw the share of descriptions that mention a face action, by region, by gold on demand."""
    frame = _with_gold(tables, "actions")
    if frame.empty:
        return Blank(_NOTHING)
    kept = _by_frequency(frame, "action")[:_N_ACTIONS]
    frame = frame[frame["action"].isin(kept)].assign(panel=frame["region"])
    regions = frame.drop_duplicates("action").set_index("action")["region"]
    order = _by_frequency(frame, "region")
    names = sorted(kept, key=lambda action: (order.index(regions[action]), kept.index(action)))
    rows = _complete(frame, "action", [(regions[action], action) for action in names])
    return _drawing(tables, rows, "Action")


def _drawing(tables: AnalysisTables, rows: list[dict[str, Any]], title: str) -> Drawing:
    import altair as alt

    golds = [ALL, *(str(emotion) for emotion in Emotion if any(row["gold"] == emotion for row in rows))]
    choice = alt.param(name="gold", value=ALL, bind=alt.binding_select(options=golds, name="Gold category "))
    colours = {row["panel"]: RAMP for row in rows}
    chart = draw_heat(rows, tables.models, title=title, colours=colours, choice=choice)
    parts = [f"{row['model']}: {row['name']} {percent(row['share'])}" for row in rows if row["gold"] == ALL]
    return Drawing(chart, rows, f"Heat map, share of the descriptions. {join_some(parts, 30)}.")


def _with_gold(tables: AnalysisTables, name: str) -> "pd.DataFrame":
    import pandas as pd

    return pd.concat([tables[name].assign(gold=ALL), tables[f"{name}_by_gold"]], ignore_index=True)


def _by_frequency(frame: "pd.DataFrame", column: str) -> list[str]:
    counts = frame[frame["gold"] == ALL].groupby(column)["descriptions"].sum()
    # Names break ties, so that the order does not depend on the table's.
    return sorted(counts.index[counts > 0], key=lambda name: (-counts[name], name))


def _complete(frame: "pd.DataFrame", column: str, names: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return a row for every name, gold and model; the tables have none where nothing is mentioned."""
    totals = frame.groupby(["model", "gold"])["n_descriptions"].first()
    found = {(row["model"], row["gold"], row[column]): row for row in records(frame)}
    rows = []
    for panel, name in names:
        for (model, gold), n_descriptions in totals.items():
            row = found.get((model, gold, name), {"descriptions": 0, "share": 0.0})
            rows.append(
                {
                    "cell_kind": column,
                    "model": model,
                    "gold": gold,
                    "value": name,
                    "panel": panel,
                    "name": name.replace("_", " "),
                    "n": row["descriptions"],
                    "n_descriptions": n_descriptions,
                    **spell_shares(share=row["share"]),
                    "interval": interval_words(row),
                    "text": percent(row["share"]) if row["descriptions"] else "·",
                }
            )
    return rows
