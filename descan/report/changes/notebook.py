"""Two analyses side by side in a notebook."""

from typing import TYPE_CHECKING

from descan.records import Verdict
from descan.report.analysis_tables import Row
from descan.report.changes.comparison import ComparisonTables, change_points, pair_name
from descan.report.changes.remarks import measure_name
from descan.report.limits import MODELS_IN_SUMMARY
from descan.report.wording import DASH, bracket, percent, spell

if TYPE_CHECKING:
    import pandas as pd


def comparison_html(found: ComparisonTables) -> str:
    """Return A's verdicts by B's for each model, and every change, as HTML tables."""
    import pandas as pd

    parts = []
    for pair in found.choose_models(MODELS_IN_SUMMARY):
        name = pair_name(pair)
        counts = {(row["verdict_a"], row["verdict_b"]): row["n"] for row in found.rows("transitions", pair, gold="all")}
        crossed = [[counts[a, b] for b in Verdict] for a in Verdict]
        verdicts = list(map(spell, Verdict))
        parts.append(
            _html(pd.DataFrame(crossed, index=verdicts, columns=[f"{verdict} in B" for verdict in verdicts]), name)
        )
        changes = {measure_name(row): _values(row) for row in found.rows("differences", pair)}
        parts.append(_html(pd.DataFrame(changes, index=["A", "B", "B minus A, points"]).T, name))
    return "\n".join(parts)


def _values(row: Row) -> list[str]:
    change, bounds = change_points(row)
    return [percent(row["value_a"]), percent(row["value_b"]), f"{change} {bracket(bounds)}".rstrip()]


def _html(frame: "pd.DataFrame", name: str) -> str:
    return str(frame.rename_axis(columns=name).to_html(escape=True, border=0, na_rep=DASH))
