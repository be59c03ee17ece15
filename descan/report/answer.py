"""The answer of an analysis in three sentences: which error, more than chance or not, described or labelled better."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from descan.records import Mode, Verdict
from descan.report.analysis_tables import AnalysisTables
from descan.report.limits import MIN_GROUPS, MODELS_IN_SENTENCE, SIGNIFICANT
from descan.report.wording import (
    count,
    isolate,
    join_some,
    join_words,
    p_value,
    percent_with_interval,
    points,
    points_interval,
)

Row = Mapping[str, Any]


def answer_sentences(tables: AnalysisTables) -> tuple[str, ...]:
    """Say in three sentences what the tables show, and how certain that is.

    A sentence without numbers says what is missing instead. Models with few groups are named, and nothing is
    concluded from them. Many models are summarized by the lowest and the highest.
    """
    return tuple(sentence for sentence in (_errors(tables), _support(tables), _modes(tables)) if sentence)


@dataclass(frozen=True, slots=True)
class _Estimate:
    model: str
    share: float
    low: float
    high: float

    def __str__(self) -> str:
        return percent_with_interval(self.share, self.low, self.high)


def _errors(tables: AnalysisTables) -> str:
    rows = [row for row in _records(tables, "verdicts") if row["gold"] == "all" and row["n_scored"] > 0]
    if not rows:
        return _nothing_scored(tables)
    seeing = [row for row in rows if row["verdict"] == Verdict.SEEING_FAILURE]
    labeling = {row["model"]: _estimate(row) for row in rows if row["verdict"] == Verdict.LABELING_FAILURE}
    enough, few = _split_by_groups(seeing)
    if not enough:
        return f"Too few items have gold, a description and a label to show which error is more frequent{_few(few)}."
    pairs = [(_estimate(row), labeling[row["model"]]) for row in enough]
    shares = "; ".join(
        f"{saw_not} of the scored items are seeing failures and {named_not} are labeling failures "
        f"({f'{isolate(saw_not.model)}, ' if len(labeling) > 1 else ''}{count(int(row['n_scored']), 'item')})"
        for row, (saw_not, named_not) in zip(enough, pairs, strict=True)
    )
    if len(pairs) > MODELS_IN_SENTENCE:
        saw_not, named_not = (_range(estimates) for estimates in zip(*pairs, strict=True))
        shares = f"{saw_not} of the scored items are seeing failures, {named_not} are labeling failures"
    return f"{_lead(pairs)}: {shares}{_few(few)}."


def _lead(pairs: Sequence[tuple[_Estimate, _Estimate]]) -> str:
    """Say which error is more frequent, for models with both shares."""
    more_seeing = [seeing.model for seeing, labeling in pairs if seeing.low > labeling.high]
    more_labeling = [seeing.model for seeing, labeling in pairs if labeling.low > seeing.high]
    if len(more_seeing) == len(pairs):
        return "When a label is wrong, the description usually does not support the gold emotion either"
    if len(more_labeling) == len(pairs):
        return "When a label is wrong, the description usually supports the gold emotion nevertheless"
    if not more_seeing and not more_labeling:
        return "These items do not show whether seeing failures or labeling failures are more frequent"
    unclear = [seeing.model for seeing, _ in pairs if seeing.model not in {*more_seeing, *more_labeling}]
    parts = [
        f"{words} for {_join_models(models)}"
        for words, models in (
            ("seeing failures are more frequent", more_seeing),
            ("labeling failures are more frequent", more_labeling),
            ("it is unclear which are more frequent", unclear),
        )
        if models
    ]
    lead = "; ".join(parts)
    return lead[0].upper() + lead[1:]


def _support(tables: AnalysisTables) -> str:
    rows = [
        row
        for row in _records(tables, "support")
        if row["evidence"] == "described" and row["support"] == tables.support and row["n_descriptions"] > 0
    ]
    rows, few = _split_by_groups(rows)
    if not rows:
        return f"Too few descriptions have a gold emotion to compare them with chance{_few(few)}." if few else ""
    unclear = [row["model"] for row in rows if not row["p"] < SIGNIFICANT]
    shares = "; ".join(
        f"{_of(rows, row['model'])}{percent_with_interval(row['share'], row['share_low'], row['share_high'])} "
        f"of {int(row['n_descriptions']):,}, by chance "
        f"{percent_with_interval(row['chance_share'], row['chance_low'], row['chance_high'])}"
        for row in rows
    )
    if len(rows) > MODELS_IN_SENTENCE:
        found = [_Estimate(row["model"], row["share"], row["share_low"], row["share_high"]) for row in rows]
        chances = [_Estimate(row["model"], row["chance_share"], row["chance_low"], row["chance_high"]) for row in rows]
        shares = f"{_range(found)}; by chance {_range(chances)}"
    if len(unclear) == len(rows):
        lead = "Descriptions do not clearly support the gold emotion more often than by chance"
    else:
        lead = "Descriptions support the gold emotion more often than by chance"
        lead += f", but not clearly for {_join_models(unclear)}" if unclear else ""
    return f"{lead} (chance: the same descriptions, shuffled among the items): {shares}{_few(few)}."


def _modes(tables: AnalysisTables) -> str:
    rows = [
        row
        for row in _records(tables, "tests")
        if row["comparison"] == "modes" and row["mode_b"] == tables.label_mode and not math.isnan(row["difference"])
    ]
    rows, few = _split_by_groups(rows)
    if not rows:
        return "Too few items have both a description and a label to compare the two." if few else ""
    better = [row for row in rows if _is_significant(row) and row["difference"] > 0]
    worse = [row for row in rows if _is_significant(row) and row["difference"] < 0]
    unclear = [row for row in rows if not _is_significant(row)]
    parts = [
        f"{words} ({join_some([_difference(rows, row) for row in found], MODELS_IN_SENTENCE, 'more models')})"
        for words, found in (
            ("descriptions are right more often than labels", better),
            ("labels are right more often than descriptions", worse),
            ("neither descriptions nor labels are clearly right more often", unclear),
        )
        if found
    ]
    return f"On the same items, {', '.join(parts)}{_few(few)}."


def _is_significant(row: Row) -> bool:
    """Say whether both the exact test and the interval, which allows for groups, exclude chance."""
    return bool(row["p_holm"] < SIGNIFICANT and (row["low"] > 0 or row["high"] < 0))


def _difference(rows: Sequence[Row], row: Row) -> str:
    parts = [
        f"{_of(rows, row['model_a'])}{points(row['difference'])} points",
        points_interval(row["low"], row["high"]),
        p_value(row["p_holm"]),
        count(int(row["n_items"]), "item"),
    ]
    return ", ".join(part for part in parts if part)


def _nothing_scored(tables: AnalysisTables) -> str:
    modes = {row["mode"] for row in _records(tables, "answers")}
    if all(row["reason"] == "no_gold" for row in _records(tables, "unscored")):
        return "No item has a gold emotion, so no answer can be called right or wrong; what was described is below."
    if Mode.DESCRIBE not in modes:
        return "There are no descriptions, and only they can show whether a model saw the expression."
    if tables.label_mode not in modes:
        return f"No answer has mode {tables.label_mode}, so errors of seeing and of labeling cannot be told apart."
    return "No item has gold, a description and a label, so there are no verdicts."


def _records(tables: AnalysisTables, name: str) -> list[Row]:
    rows: list[Row] = tables[name].to_dict("records")
    return rows


def _split_by_groups(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows with enough groups, and the others."""
    enough = [row for row in rows if row["n_groups"] >= MIN_GROUPS]
    return enough, [row for row in rows if not row["n_groups"] >= MIN_GROUPS]


def _few(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    names = _join_models([row.get("model") or row["model_a"] for row in rows])
    return f" (without {names}: fewer than {MIN_GROUPS} independent items or groups)"


def _estimate(row: Row) -> _Estimate:
    return _Estimate(row["model"], row["share_of_scored"], row["share_low"], row["share_high"])


def _range(estimates: Iterable[_Estimate]) -> str:
    ordered = sorted(estimates, key=lambda one: one.share)
    lowest, highest = ordered[0], ordered[-1]
    return f"between {lowest} ({isolate(lowest.model)}) and {highest} ({isolate(highest.model)})"


def _join_models(models: Sequence[str]) -> str:
    names = [isolate(model) for model in models[:MODELS_IN_SENTENCE]]
    n_more = len(models) - len(names)
    return join_words([*names, count(n_more, "more model")] if n_more else names)


def _of(rows: Sequence[Row], model: str) -> str:
    return f"{isolate(model)} " if len(rows) > 1 else ""
