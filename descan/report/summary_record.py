"""The summary of an analysis, or of two compared, for programs: counts, and rows of the tables."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from descan.report.analysis_tables import AnalysisTables
from descan.report.changes.comparison import ComparisonTables

SUMMARY_TABLES = ("verdicts", "scores", "support", "contrasts", "tests", "missing", "unscored")
"""The tables of an analysis that are in its summary, with their rows over all items."""

COMPARISON_TABLES = ("models", "transitions", "differences", "tests")

_OF_ALL = {"gold": "all", "category": "all"}
"""Columns that split rows, and what they say of the rows over all items."""


def summary_record(tables: AnalysisTables, report: Path | None) -> dict[str, Any]:
    """Return the summary of an analysis as plain values, ready for JSON; undefined numbers are None.

    Args:
        tables: The analysis.
        report: Its page, if there is one.
    """
    run = tables.run
    return {
        "folder": str(tables.folder),
        "report": None if report is None else str(report),
        "descan": run.get("descan"),
        "corpus": run.get("corpus"),
        "models": list(tables.models),
        "counts": run.get("counts"),
        "left_out": run.get("left_out"),
        "losses": run.get("losses"),
        "tables": {name: list(_overall(tables.rows(name))) for name in SUMMARY_TABLES},
    }


def comparison_record(found: ComparisonTables, out: Path | None) -> dict[str, Any]:
    """Return the summary of a comparison as plain values, ready for JSON; undefined numbers are None.

    Args:
        found: The comparison.
        out: Where its files are, if anywhere.
    """
    tables = {name: list(_overall(found.tables[name])) for name in COMPARISON_TABLES}
    return {"folder": None if out is None else str(out), **found.about, "tables": tables}


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a table ready for JSON: numbers as Python's, undefined ones as None."""
    return {name: _plain(value) for name, value in row.items()}


def _overall(rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for row in rows:
        if all(row.get(column, value) == value for column, value in _OF_ALL.items()):
            yield plain_row(row)


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):  # A number of NumPy.
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
