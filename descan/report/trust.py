"""What the page says of how far the reading can be trusted in this analysis: by what people have read of it."""

from collections.abc import Callable, Iterator
from itertools import groupby

from descan.records import DESCAN, PEOPLE
from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.limits import MODELS_IN_SENTENCE
from descan.report.misreading import CORRECTION
from descan.report.page_cells import Cell, Table, line
from descan.report.wording import (
    DASH,
    count,
    isolate,
    join_some,
    number,
    percent,
    percent_with_interval,
    points,
    points_interval,
    share_of,
    spell,
)

_FEW = 200
"""With fewer readings the correction for misreading can be far off; docs/statistics.md has its simulated coverage."""

_METHODS = ("raw", "corrected", "ppi")


def reader_sentences(tables: AnalysisTables, write_name: Callable[[str], str]) -> Iterator[str]:
    """Yield whose readings count, how far readers agree with descan, and whether they are few; nothing without readers.

    Args:
        tables: What an analysis found.
        write_name: How the name of a reader is written.
    """
    if n_overridden := tables.count_overridden():
        yield (
            f"In {count(n_overridden, 'description')} what people read counts in the place of what descan reads, in "
            "verdicts and all that rests on them; descan is checked and corrected by its own readings."
        )
    agreements = [row for row in tables.rows("readers") if not row["model"] and row["reader_b"] == DESCAN]
    if agreements:
        said = [
            f"{write_name(row['reader_a'] or PEOPLE)} on {_agreement(row)} of {count(row['n'], 'description')}"
            for row in agreements
        ]
        yield f"Who has read descriptions of this analysis agrees with descan: {join_some(said, MODELS_IN_SENTENCE)}."
    n_human = max((row["n_human"] for row in _corrected(tables)), default=0)
    if 0 < n_human < _FEW:
        yield (
            f"People have read {count(n_human, 'description')}. With fewer than {_FEW}, or ten of a category, "
            "do not rely on the correction for misreading."
        )


def trust_sentences(tables: AnalysisTables) -> Iterator[str]:
    """Yield what people's readings say of descan, or that there are none and how to get them."""
    told = list(reader_sentences(tables, isolate))
    if told:
        yield from told
        yield (
            "Below, each verdict share stands as descan reads, corrected for how often it misreads, and moved by what "
            "people read (prediction-powered). If they read a random sample, such as descan review draws, report the "
            "last: its interval holds however descan misreads. Where it differs from the correction, what that assumes "
            "is wrong."
        )
    elif estimated := [row for row in tables.overall("misreading_verdicts") if row["n_scored"]]:
        known = max((row["n_human"] for row in estimated if row["n_human"] == row["n_human"]), default=0)
        others = (
            f" How often it misreads {known:,} other texts makes a sensitivity analysis, and no correction."
            if known
            else ""
        )
        yield (
            f"Nobody has read descriptions of this analysis to check descan.{others} "
            "descan review draws a sample that people read blind, in a browser; with some hundred readings each share "
            "has an interval that holds however descan misreads."
        )


def trust_tables(tables: AnalysisTables) -> list[Table]:
    """Return how far readers agree with each other and with descan, and verdict shares three ways."""
    agreements = [
        line(
            row["reader_a"] or PEOPLE,
            row["reader_b"] or PEOPLE,
            row["model"] or "all",
            number(row["n"]),
            share_of(row, "agreement"),
            _kappa(row),
        )
        for row in tables.rows("readers")
        if not row["model"] or row["model"] in tables.models
    ]
    rows = [row for row in tables.overall("verdicts_readers") if row.get("predictor", DESCAN) == DESCAN]
    shares = [
        _share_line(model, verdict, list(of_verdict))
        for (model, verdict), of_verdict in groupby(rows, key=lambda row: (row["model"], row["verdict"]))
    ]
    judges = [
        line(
            row["judge"],
            row["model"] or "all",
            number(row["n"]),
            share_of(row, "agreement") if row["n_people"] else DASH,
            _bias(row),
            percent(row["agreement_again"]),
            number(row["cost_usd"]),
            number(row["latency_s"]),
        )
        for row in tables.rows("judges")
    ]
    told = ["judge", "model", "texts", "as people", "bias", "twice alike", "US dollars", "seconds"]
    ways = ["as descan reads", "corrected", "moved by readings", "readings"]
    return [
        Table("How far readers agree", ["reader", "with", "model", "texts", "agreement", "kappa"], agreements, 3),
        Table("Judges beside people, and what they cost", told, judges, 2),
        Table("Verdict shares, three ways", ["model", "verdict", *ways], shares, 2),
    ]


def _bias(row: Row) -> Cell:
    """Return how much more often a judge reads gold than people, in points, with what its test says."""
    return Cell(points(row["bias"]), points_interval(row["bias_low"], row["bias_high"]))


def _share_line(model: str, verdict: str, rows: list[Row]) -> list[Cell]:
    by_method = {row["method"]: row for row in rows}
    shown = [share_of(by_method[method], "share") if method in by_method else DASH for method in _METHODS]
    n_readings = by_method["ppi"]["n_readings"] if "ppi" in by_method else 0
    return line(model, spell(verdict), *shown, number(n_readings))


def _corrected(tables: AnalysisTables) -> list[Row]:
    """Return the verdict shares that are corrected by readings of this corpus."""
    return [row for row in tables.overall("misreading_verdicts") if row["kind"] == CORRECTION and row["n_scored"]]


def _agreement(row: Row) -> str:
    return percent_with_interval(row["agreement"], row["agreement_low"], row["agreement_high"])


def _kappa(row: Row) -> Cell:
    low, high = row["kappa_low"], row["kappa_high"]
    return Cell(number(row["kappa"]), f"{number(low)} to {number(high)}" if low == low else "")
