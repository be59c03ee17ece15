"""The tables of the page on witnesses: what is said of what is on the face."""

from collections.abc import Iterator
from itertools import groupby

from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.page_cells import MOST_ROWS, Cell, Table, line
from descan.report.wording import number, points, points_interval, share_of, spell


def witness_tables(tables: AnalysisTables) -> list[Table]:
    """Return what is said of what is on the face, and why descriptions do not support gold, where witnesses are."""
    if not tables.has_witnesses:
        return []
    rows = list(_most_shown(tables))
    columns = ["shown", "says it", "denies it", "not shown", "says it all the same", "difference"]
    has_errors = any(row["n_errors"] == row["n_errors"] for row in rows)
    corrected = ["says it, corrected", "not shown but said, corrected"] if has_errors else []
    lines = [
        line(
            row["model"],
            row["witness"],
            spell(row["action"]),
            number(row["n_present"]),
            share_of(row, "sensitivity"),
            share_of(row, "denial"),
            number(row["n_items"] - row["n_present"]),
            share_of(row, "hallucination"),
            Cell(points(row["difference"]), points_interval(row["difference_low"], row["difference_high"])),
            *(share_of(row, f"corrected_{rate}") for rate in ("sensitivity", "hallucination") if has_errors),
        )
        for row in rows
    ]
    caption = "Of the faces that show an action by the witness, and of those that do not: how often the text says it"
    return [Table(caption, ["model", "witness", "action", *columns, *corrected], lines, 3), _causes(tables)]


def _most_shown(tables: AnalysisTables) -> Iterator[Row]:
    """Yield of each model and witness the row of all actions, and those of the actions that most faces show."""
    rows = [row for row in tables.rows("actions_witnessed") if row["model"] in tables.models]
    for _, of_pair in groupby(rows, key=lambda row: (row["model"], row["witness"])):
        overall, *others = [row for row in of_pair if row["action"] != "all" or row["region"] == "all"]
        said_or_shown = [row for row in others if row["n_present"] or row["n_hallucinated"]]
        yield overall
        yield from sorted(said_or_shown, key=lambda row: -row["n_present"])[:MOST_ROWS]


def _causes(tables: AnalysisTables) -> Table:
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in tables.overall("causes_witnessed"):
        if row["model"] in tables.models:
            found.setdefault((row["model"], row["witness"], row["verdict"]), []).append(row)
    lines = [
        line(
            *key[:2],
            spell(key[2]),
            number(rows[0]["n_items"]),
            *(Cell(number(row["n"]), share_of(row, "share")) for row in rows),
        )
        for key, rows in found.items()
    ]
    causes = [spell(row["cause"]) for rows in found.values() for row in rows][:4]
    caption = (
        "Why descriptions do not support gold. Not shown: no action that speaks for gold is on the face; seen "
        "otherwise: one is, and is said; invented: none is said, but one that is not there; not seen: none is said"
    )
    return Table(caption, ["model", "witness", "verdict", "items", *causes], lines, 3)
