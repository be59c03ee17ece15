"""What is said of descan's own error: how far verdicts, and describing against labelling, depend on it."""

from collections.abc import Callable, Iterator, Sequence

from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.limits import MODELS_IN_SENTENCE
from descan.report.wording import join_some, p_value, percent, points, points_interval, share_of, spell
from descan.significance import SIGNIFICANT

CORRECTION = "correction"
"""The kind of estimates that rest on human readings of the corpus itself."""

_FACTORS = {"gold": "the gold emotion", "label": "the emotion of the label"}


def misreading_warnings(tables: AnalysisTables, write_name: Callable[[str], str]) -> Iterator[str]:
    """Say where conclusions depend on descan's misreading, and where what corrects it does not hold.

    Args:
        tables: What an analysis found.
        write_name: How the name of a model is written.
    """
    differing = [row for row in mode_estimates(tables).values() if row["disagreement"]]
    if differing:
        kind = qualify_estimate(differing[0])
        said = [
            f"{write_name(row['model'])} {points(row['difference'])} points as descan reads "
            f"({p_value(row['p_holm'])}), {points(row['estimated'])} points {kind} ({p_value(row['estimated_p_holm'])})"
            for row in differing
        ]
        question = "Whether descriptions or labels are right more often depends on what descan misreads"
        yield f"{question}: {join_some(said, MODELS_IN_SENTENCE, 'more models')}."
    rejected = [row for row in tables.rows("misreading_tests") if row["p_holm"] < SIGNIFICANT]
    if rejected:
        found = join_some([_rejected(row, write_name) for row in rejected], MODELS_IN_SENTENCE)
        assumption = "that descan's errors depend on nothing but what a description says"
        yield f"Do not rely on the correction for misreading. It assumes {assumption}, but {found}."


def _rejected(row: Row, write_name: Callable[[str], str]) -> str:
    """Say in what the errors differ."""
    model = write_name(row["model"])
    what = _FACTORS.get(row["factor"])
    whose = f" in descriptions of {model}" if row["model"] else ""
    read = f"{what}{whose}" if what else f"descriptions of {model} as people do"
    more = "more" if row["difference"] > 0 else "less"
    bounds = points_interval(row["adjusted_low"], row["adjusted_high"])
    return (
        f"it reads {read} {more} often than expected from what people read "
        f"({points(row['difference'])} points, {bounds}, {p_value(row['p_holm'])}, {row['n_human']:,} readings)"
    )


def mode_estimates(tables: AnalysisTables) -> dict[str, Row]:
    """Return by model the estimates of describing minus labelling, where enough items have a category in both."""
    covered = {row["model_a"] for row in tables.mode_tests() if tables.is_covered(row)}
    rows = [row for row in tables.rows("misreading_modes") if row["mode"] == tables.label_mode]
    return {row["model"]: row for row in rows if row["model"] in covered and row["estimated"] == row["estimated"]}


def describe_estimate(row: Row) -> str:
    """Say what an estimate of a table is: a correction, or a sensitivity analysis by readings of other texts."""
    if row["kind"] == CORRECTION:
        return f"correction for misreading by {row['n_human']:,} human readings"
    return f"sensitivity analysis, if descan misread as it does in {row['n_human']:,} other texts"


def qualify_estimate(row: Row) -> str:
    """Return the words that stand before an estimate in a sentence."""
    return "corrected for misreading" if row["kind"] == CORRECTION else "under the misreading of other texts"


def explain_estimate(row: Row) -> str:
    """Return the sentence that says what `qualify_estimate` means."""
    if row["kind"] == CORRECTION:
        return f"The correction for misreading rests on {row['n_human']:,} human readings."
    texts = f"The misreading of {row['n_human']:,} other texts"
    return f"{texts} makes a sensitivity analysis and no correction: nobody has read descriptions of this corpus."


def estimated_difference(row: Row) -> str:
    """Return the estimated difference of describing and labelling with its interval and p."""
    bounds = points_interval(row["estimated_adjusted_low"], row["estimated_adjusted_high"])
    parts = (f"{points(row['estimated'])} points", bounds, p_value(row["estimated_p_holm"]))
    return ", ".join(part for part in parts if part)


def verdict_remarks(estimated: Sequence[Row], write_name: Callable[[str], str]) -> Iterator[str]:
    """Say which verdict shares lie outside the interval of their estimate.

    Args:
        estimated: The rows of `misreading_verdicts.csv` over all items.
        write_name: How the name of a model is written.
    """
    changed = [
        row
        for row in estimated
        if row["share_of_scored"] < row["estimated_low"] or row["share_of_scored"] > row["estimated_high"]
    ]
    if changed:
        said = [
            f"{write_name(row['model'])} {spell(row['verdict'])} from {percent(row['share_of_scored'])} to "
            f"{share_of(row, 'estimated')}"
            for row in changed
        ]
        kind = describe_estimate(changed[0])
        shares = join_some(said, 2 * MODELS_IN_SENTENCE, separator=", ")
        yield f"Verdict shares that descan's misreading changes ({kind}): {shares}"
        yield "   All such shares are in tables/misreading_verdicts.csv"
