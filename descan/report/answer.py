"""The answer of an analysis in three sentences: which error, more than chance or not, described or labelled better."""

from collections.abc import Collection, Sequence

from descan.records import Mode, Verdict
from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.limits import MIN_GROUPS, MODELS_IN_SENTENCE, SIGNIFICANT
from descan.report.wording import count, isolate, join_some, join_words, p_value, points, points_interval, share_of


def answer_sentences(tables: AnalysisTables) -> tuple[str, ...]:
    """Say in three sentences what the tables show, and how certain that is.

    A sentence without numbers says what is missing instead. Models with few groups are named, and nothing is
    concluded from them. Many models are summarized by the lowest and the highest.
    """
    return tuple(sentence for sentence in (_errors(tables), _support(tables), _modes(tables)) if sentence)


def _errors(tables: AnalysisTables) -> str:
    rows = [row for row in tables.overall("verdicts") if row["n_scored"] > 0]
    if not rows:
        return _nothing_scored(tables)
    labeling_of = {row["model"]: row for row in rows if row["verdict"] == Verdict.LABELING_FAILURE}
    seeing, few = _split_by_groups([row for row in rows if row["verdict"] == Verdict.SEEING_FAILURE])
    if not seeing:
        return f"Too few items have gold, a description and a label to show which error is more frequent{_few(few)}."
    labeling = [labeling_of[row["model"]] for row in seeing]
    shares = "; ".join(
        f"{_verdict_share(saw_not)} of the scored items are seeing failures and "
        f"{_verdict_share(named_not)} are labeling failures "
        f"({_of(labeling_of, saw_not['model'], ', ')}{count(saw_not['n_scored'], 'item')})"
        for saw_not, named_not in zip(seeing, labeling, strict=True)
    )
    if len(seeing) > MODELS_IN_SENTENCE:
        saw_not, named_not = (_range(rows, "share_of_scored", "share") for rows in (seeing, labeling))
        shares = f"{saw_not} of the scored items are seeing failures, {named_not} are labeling failures"
    return f"{_lead(seeing, labeling)}: {shares}{_few(few)}."


def _lead(seeing: Sequence[Row], labeling: Sequence[Row]) -> str:
    """Say which error is more frequent; both have a row for each model, in the same order."""
    pairs = list(zip(seeing, labeling, strict=True))
    more_seeing = [one["model"] for one, other in pairs if one["share_low"] > other["share_high"]]
    more_labeling = [one["model"] for one, other in pairs if other["share_low"] > one["share_high"]]
    unclear = [row["model"] for row in seeing if row["model"] not in {*more_seeing, *more_labeling}]
    if len(more_seeing) == len(seeing):
        return "When a label is wrong, the description usually does not support the gold emotion either"
    if len(more_labeling) == len(seeing):
        return "When a label is wrong, the description usually supports the gold emotion nevertheless"
    if len(unclear) == len(seeing):
        return "These items do not show whether seeing failures or labeling failures are more frequent"
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
    rows, few = _split_by_groups([row for row in tables.described_support() if row["n_descriptions"] > 0])
    if not rows:
        return f"Too few descriptions have a gold emotion to compare them with chance{_few(few)}." if few else ""
    unclear = [row["model"] for row in rows if not row["p"] < SIGNIFICANT]
    shares = "; ".join(
        f"{_of(rows, row['model'])}{share_of(row, 'share')} of {row['n_descriptions']:,}, "
        f"by chance {share_of(row, 'chance_share', 'chance')}"
        for row in rows
    )
    if len(rows) > MODELS_IN_SENTENCE:
        shares = f"{_range(rows, 'share')}; by chance {_range(rows, 'chance_share', 'chance')}"
    if len(unclear) == len(rows):
        lead = "Descriptions do not clearly support the gold emotion more often than by chance"
    else:
        lead = "Descriptions support the gold emotion more often than by chance"
        lead += f", but not clearly for {_join_models(unclear)}" if unclear else ""
    return f"{lead} (chance: the same descriptions, shuffled among the items): {shares}{_few(few)}."


def _modes(tables: AnalysisTables) -> str:
    rows, few = _split_by_groups(tables.mode_tests())
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
    """Return whether both the exact test and the interval, which allows for groups, exclude chance."""
    return bool(row["p_holm"] < SIGNIFICANT and (row["low"] > 0 or row["high"] < 0))


def _difference(rows: Sequence[Row], row: Row) -> str:
    parts = [
        f"{_of(rows, row['model_a'])}{points(row['difference'])} points",
        points_interval(row["low"], row["high"]),
        p_value(row["p_holm"]),
        count(row["n_items"], "item"),
    ]
    return ", ".join(part for part in parts if part)


def _nothing_scored(tables: AnalysisTables) -> str:
    modes = {row["mode"] for row in tables.rows("answers")}
    if all(row["reason"] == "no_gold" for row in tables.rows("unscored")):
        return "No item has a gold emotion, so no answer can be called right or wrong; what was described is below."
    if Mode.DESCRIBE not in modes:
        return "There are no descriptions, and only they can show whether a model saw the expression."
    if tables.label_mode not in modes:
        return f"No answer has mode {tables.label_mode}, so errors of seeing and of labeling cannot be told apart."
    return "No item has gold, a description and a label, so there are no verdicts."


def _split_by_groups(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows with enough groups, and the others."""
    enough = [row for row in rows if row["n_groups"] >= MIN_GROUPS]
    return enough, [row for row in rows if not row["n_groups"] >= MIN_GROUPS]


def _few(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    names = _join_models([row.get("model") or row["model_a"] for row in rows])
    return f" (without {names}: fewer than {MIN_GROUPS} independent items or groups)"


def _verdict_share(row: Row) -> str:
    return share_of(row, "share_of_scored", "share")


def _range(rows: Sequence[Row], column: str, bounds: str = "") -> str:
    ordered = sorted(rows, key=lambda row: float(row[column]))
    lowest, highest = (
        f"{share_of(row, column, bounds)} ({isolate(row['model'])})" for row in (ordered[0], ordered[-1])
    )
    return f"between {lowest} and {highest}"


def _join_models(models: Sequence[str]) -> str:
    names = [isolate(model) for model in models[:MODELS_IN_SENTENCE]]
    n_more = len(models) - len(names)
    return join_words([*names, count(n_more, "more model")] if n_more else names)


def _of(shown: Collection[object], model: str, end: str = " ") -> str:
    """Return the name of a model, unless it is the only one."""
    return f"{isolate(model)}{end}" if len(shown) > 1 else ""
