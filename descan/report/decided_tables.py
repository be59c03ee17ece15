"""The tables of the page on what models decide when they are asked."""

from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.page_cells import Cell, Table, line
from descan.report.wording import number, points, points_interval, share_of, spell

_STATES = ("said_and_seen", "seen_not_said", "denied_and_seen", "said_not_seen", "neither")


def decided_tables(tables: AnalysisTables) -> list[Table]:
    """Return what is said beside what is seen when asked, calibration, and Neutral's threshold, where models decide."""
    if not tables.has_decided:
        return []
    said = [row for row in tables.rows("said_or_seen") if row["action"] == "all" and row["model"] in tables.models]
    of_said = [
        line(row["model"], spell(row["region"]), number(row["n_items"]), *(share_of(row, state) for state in _STATES))
        for row in said
    ]
    states = [
        "said and seen",
        "seen, not said",
        "seen, and denied in the text",
        "said, but denied when asked",
        "neither",
    ]
    of_calibration = [
        line(
            row["model"],
            number(row["n"]),
            share_of(row, "accuracy"),
            share_of(row, "confidence"),
            *(_score(row, name) for name in ("brier", "ece")),
        )
        for row in tables.rows("calibration_decided")
        if row["model"] in tables.models
    ]
    of_neutral = [
        line(
            row["model"],
            spell(row["measure"]),
            number(row["n"]),
            share_of(row, "value"),
            share_of(row, "moved"),
            Cell(points(row["gain"]), points_interval(row["gain_low"], row["gain_high"])),
            *(Cell(points(row[name]), points_interval(row[f"{name}_low"], row[f"{name}_high"])) for name in _BIASES),
        )
        for row in tables.rows("neutral_threshold")
        if row["model"] in tables.models
    ]
    found = [
        Table(
            "What descriptions say, and what the model finds likely when it is asked, in all and by region",
            ["model", "region", "items", *states],
            of_said,
            2,
        ),
        Table(
            "Whether probabilities of categories hold: Brier score and expected calibration error, 0 is perfect",
            ["model", "items", "accuracy", "mean confidence", "Brier score", "calibration error"],
            of_calibration,
            1,
        ),
    ]
    columns = [
        "model",
        "measure",
        "items",
        "likeliest category",
        "threshold moved",
        "gain",
        "Neutral's lean",
        "lean moved",
    ]
    caption = (
        "What moving Neutral's threshold alone regains, each fold of groups by the threshold that is best on the others"
    )
    return [*found, *([Table(caption, columns, of_neutral, 2)] if of_neutral else [])]


_BIASES = ("bias", "moved_bias")


def _score(row: Row, name: str) -> Cell:
    ends = row[f"{name}_low"], row[f"{name}_high"]
    bounds = f"{ends[0]:.2f}\u2013{ends[1]:.2f}" if ends[0] == ends[0] else ""
    return Cell(f"{row[name]:.2f}" if row[name] == row[name] else "", bounds)
