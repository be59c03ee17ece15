"""The answer of an analysis in three sentences: which error, seen beyond luck or not, described or labelled better."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from descan.report.analysis_tables import AnalysisTables
from descan.report.wording import counted, listed, named, percent_with, points, points_between, probability

Row = Mapping[str, Any]

FEW_GROUPS = 10
"""With fewer groups intervals are too narrow (Cameron & Miller 2015), so nothing is concluded from them."""

_SIGNIFICANT = 0.05
_MANY_MODELS = 4
"""More models than this are summed up by the least and the greatest."""


def answer_sentences(tables: AnalysisTables) -> tuple[str, ...]:
    """Say in three sentences what the tables show, and how sure that is.

    Where a sentence has no numbers to rest on, it says what is missing instead. Models with few groups are named,
    and nothing is concluded from them.
    """
    return tuple(sentence for sentence in (_errors(tables), _support(tables), _modes(tables)) if sentence)


@dataclass(frozen=True, slots=True)
class _Estimate:
    model: str
    share: float
    low: float
    high: float

    def __str__(self) -> str:
        return percent_with(self.share, self.low, self.high)


def _errors(tables: AnalysisTables) -> str:
    rows = [row for row in _records(tables, "verdicts") if row["gold"] == "all" and row["n_scored"] > 0]
    if not rows:
        return _nothing_scored(tables)
    sure, few = _split_by_groups([row for row in rows if row["verdict"] == "seeing_failure"])
    seeing = {model: _estimate(rows, model, "seeing_failure") for model in sure}
    labeling = {model: _estimate(rows, model, "labeling_failure") for model in sure}
    if not sure:
        return f"Too few items have gold, a description and a label to say which error prevails{_few(few)}."
    lead = _lead(seeing, labeling)
    n_scored = {row["model"]: int(row["n_scored"]) for row in rows}
    shares = "; ".join(
        f"{seeing[model]} are seeing and {labeling[model]} labeling failures "
        f"({f'{named(model)}, ' if len(n_scored) > 1 else ''}{counted(n_scored[model], 'item')})"
        for model in sure[:_MANY_MODELS]
    )
    if len(sure) > _MANY_MODELS:
        shares = f"{_range(seeing.values())} are seeing, {_range(labeling.values())} labeling failures"
    return f"{lead}: of the scored items {shares}{_few(few)}."


def _lead(seeing: Mapping[str, _Estimate], labeling: Mapping[str, _Estimate]) -> str:
    more_seeing = [model for model, one in seeing.items() if one.low > labeling[model].high]
    more_labeling = [model for model, one in labeling.items() if one.low > seeing[model].high]
    if len(more_seeing) == len(seeing):
        return "When a label is wrong, the description mostly lacks the gold emotion, too"
    if len(more_labeling) == len(seeing):
        return "When a label is wrong, the description mostly has the gold emotion all the same"
    if not more_seeing and not more_labeling:
        return "Errors of seeing and errors of labeling are too near in number here to say which prevails"
    parts = [
        f"{what} prevail for {listed([named(model) for model in models])}"
        for what, models in (("errors of seeing", more_seeing), ("errors of labeling", more_labeling))
        if models
    ]
    unclear = [named(model) for model in seeing if model not in {*more_seeing, *more_labeling}]
    parts += [f"the items cannot tell which for {listed(unclear)}"] if unclear else []
    lead = "; ".join(parts)
    return lead[0].upper() + lead[1:]


def _support(tables: AnalysisTables) -> str:
    rows = [
        row
        for row in _records(tables, "support")
        if row["evidence"] == "described" and row["support"] == tables.support and row["n_descriptions"] > 0
    ]
    sure, few = _split_by_groups(rows)
    rows = [row for row in rows if row["model"] in sure]
    if not rows:
        return f"Too few descriptions have a gold emotion to set them against luck{_few(few)}." if few else ""
    lucky = [named(row["model"]) for row in rows if not row["p"] < _SIGNIFICANT]
    parts = [
        f"{_of(rows, row)}{percent_with(row['share'], row['share_low'], row['share_high'])} "
        f"of {int(row['n_descriptions']):,}, by chance "
        f"{percent_with(row['chance_share'], row['chance_low'], row['chance_high'])}"
        for row in rows[:_MANY_MODELS]
    ]
    if len(rows) > _MANY_MODELS:
        shares = [_Estimate(row["model"], row["share"], row["share_low"], row["share_high"]) for row in rows]
        chances = [_Estimate(row["model"], row["chance_share"], row["chance_low"], row["chance_high"]) for row in rows]
        parts = [f"{_range(shares)}, by chance {_range(chances)}"]
    if not lucky:
        lead = "Descriptions support the gold emotion more often than the same descriptions shuffled among the items"
    elif len(lucky) == len(rows):
        lead = "Descriptions may support the gold emotion by luck: shuffled among the items they do nearly as often"
    else:
        lead = f"Descriptions support the gold emotion more often than luck does, but not surely so for {listed(lucky)}"
    return f"{lead}: {'; '.join(parts)}{_few(few)}."


def _modes(tables: AnalysisTables) -> str:
    rows = [
        row
        for row in _records(tables, "tests")
        if row["comparison"] == "modes" and row["mode_b"] == tables.label_mode and not math.isnan(row["difference"])
    ]
    sure, few = _split_by_groups(rows, "model_a")
    rows = [row for row in rows if row["model_a"] in sure]
    if not rows:
        return "Describing and labelling cannot be compared on the same items." if few else ""
    better = [row for row in rows if _is_sure(row) and row["difference"] > 0]
    worse = [row for row in rows if _is_sure(row) and row["difference"] < 0]
    unclear = [row for row in rows if not _is_sure(row)]
    parts = [
        f"{what} ({'; '.join(_difference(rows, row) for row in found[:_MANY_MODELS])}{_further(found)})"
        for what, found in (
            ("describing finds the gold emotion more often than labelling", better),
            ("labelling finds it more often than describing", worse),
            ("describing and labelling cannot be told apart in how often they are right", unclear),
        )
        if found
    ]
    return f"On the same items, {', '.join(parts)}{_few(few)}."


def _is_sure(row: Row) -> bool:
    """Whether both the exact test and the interval, which respects groups, leave luck out."""
    return bool(row["p_holm"] < _SIGNIFICANT and (row["low"] > 0 or row["high"] < 0))


def _difference(rows: Sequence[Row], row: Row) -> str:
    bounds = points_between(row["low"], row["high"])
    of = f"{named(row['model_a'])} " if len(rows) > 1 else ""
    n = counted(int(row["n_items"]), "item")
    return (
        f"{of}{points(row['difference'])} points{f', {bounds}' if bounds else ''}, p {probability(row['p_holm'])}, {n}"
    )


def _further(found: Sequence[Row]) -> str:
    return f"; and {len(found) - _MANY_MODELS} more models" if len(found) > _MANY_MODELS else ""


def _nothing_scored(tables: AnalysisTables) -> str:
    modes = {row["mode"] for row in _records(tables, "answers")}
    if all(row["reason"] == "no_gold" for row in _records(tables, "unscored")):
        return "No item has a gold emotion, so nothing can be called right or wrong; what was described is below."
    if "describe" not in modes:
        return "There are no descriptions, so whether a model saw the expression cannot be told."
    if tables.label_mode not in modes:
        return f"No answer has mode {tables.label_mode}, so errors of seeing and of labeling cannot be told apart."
    return "No item has gold, a description and a label together, so there are no verdicts."


def _records(tables: AnalysisTables, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tables[name].to_dict("records")
    return rows


def _split_by_groups(rows: Sequence[Row], column: str = "model") -> tuple[list[str], list[Row]]:
    """Give the models with enough groups, and the rows of the others."""
    few = [row for row in rows if not row["n_groups"] >= FEW_GROUPS]
    return [str(row[column]) for row in rows if row["n_groups"] >= FEW_GROUPS], few


def _few(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    names = [named(row.get("model") or row["model_a"]) for row in rows]
    return f" (left out, for fewer than {FEW_GROUPS} independent items: {listed(names)})"


def _estimate(rows: Sequence[Row], model: str, verdict: str) -> _Estimate:
    row = next(row for row in rows if row["model"] == model and row["verdict"] == verdict)
    return _Estimate(model, row["share_of_scored"], row["share_low"], row["share_high"])


def _range(estimates: Any) -> str:
    ordered = sorted(estimates, key=lambda one: one.share)
    least, most = ordered[0], ordered[-1]
    return f"between {least} ({named(least.model)}) and {most} ({named(most.model)})"


def _of(rows: Sequence[Row], row: Row) -> str:
    return f"{named(row['model'])} " if len(rows) > 1 else ""
