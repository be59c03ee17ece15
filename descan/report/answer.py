"""The answer of an analysis in a few sentences, each with the numbers and the decision that carry it.

Which error is more frequent, what descriptions show of gold where the label is wrong, what they show of it in all,
whether descriptions or labels are right more often, and whether that is more than unsteadiness.
"""

from collections.abc import Callable, Iterator, Sequence

from descan.records import Mode, Verdict
from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.limits import MODELS_IN_SENTENCE
from descan.report.misreading import estimated_difference, explain_estimate, mode_estimates, qualify_estimate
from descan.report.wording import (
    conclusion,
    count,
    isolate,
    join_some,
    join_words,
    number,
    p_value,
    percent,
    percent_with_interval,
    points,
    points_interval,
    share_of,
    within,
)
from descan.significance import MIN_GROUPS, SIGNIFICANT

_MORE = "descan collect --repeats 3 would show it"

_ALIKE, _UNEQUAL = "alike", "unequal"


def answer_sentences(tables: AnalysisTables) -> tuple[str, ...]:
    """Say what the tables show, and how certain that is.

    A sentence without numbers says what is missing instead. Models with few groups are named, and nothing is
    concluded from them. Many models are summarized by the lowest and the highest.
    """
    sentences = (
        primary_sentence(tables, isolate),
        _errors(tables),
        _despite_label(tables),
        _support(tables),
        _modes(tables),
        _discordance(tables),
        prompt_sentence(tables, isolate),
    )
    return tuple(sentence for sentence in sentences if sentence)


def primary_sentence(tables: AnalysisTables, name: Callable[[str], str]) -> str:
    """Say what the primary endpoint shows; nothing where none was named.

    Args:
        tables: The analysis.
        name: Makes an untrusted name safe where it stands.
    """
    primary, row = tables.run.get("options", {}).get("primary"), tables.primary
    if not primary:
        return ""
    if row is None:
        return f"Primary endpoint {name(primary)}: there is nothing to test."
    decided = conclusion(row["decision"], tables.margin)
    return f"Primary endpoint {name(primary)}, tested alone and without correction: {decided} ({_tested(row)})."


def prompt_sentence(tables: AnalysisTables, name: Callable[[str], str]) -> str:
    """Say how much the prompt shifts accuracy; nothing where no mode has several prompts.

    Args:
        tables: The analysis.
        name: Makes an untrusted name safe where it stands.
    """
    if not tables.run.get("prompts", {}).get("several"):
        return ""
    of_prompts = {(row["model"], row["mode"]): row for row in tables.rows("variance") if row["component"] == "prompt"}
    by_side: dict[tuple[str, str], list[Row]] = {}
    for row in tables.rows("prompts"):
        if row["n_groups"] >= MIN_GROUPS:
            by_side.setdefault((row["model"], row["mode"]), []).append(row)
    parts = []
    for (model, mode), rows in by_side.items():
        ordered = sorted(rows, key=lambda row: (row["accuracy"], row["prompt"]))
        if len(ordered) > 1:
            told = " to ".join(
                f"{share_of(row, 'accuracy')} by {name(row['prompt']) or 'the one without a name'}"
                for row in (ordered[0], ordered[-1])
            )
            variance = of_prompts.get((model, mode))
            is_paired = variance is not None and all(row["n_items"] == variance["n_items"] for row in rows)
            each = "" if is_paired else ", each over its own items (tables/prompts.csv compares them on the same)"
            parts.append(f"{name(model)} in mode {mode} {told}{each}{_part_of_variance(variance)}")
    return (
        f"Accuracy from the least to the most accurate prompt: {join_some(parts, MODELS_IN_SENTENCE)}." if parts else ""
    )


def _part_of_variance(row: Row | None) -> str:
    """Return the share of the variance that lies between prompts; an estimate below 0 counts as 0."""
    if row is None:
        return ""
    shares = (
        max(row[name], 0.0) if row[name] == row[name] else row[name] for name in ("share", "share_low", "share_high")
    )
    return f", and {percent_with_interval(*shares)} of the variance lies between prompts"


def _errors(tables: AnalysisTables) -> str:
    found = tables.contrasts("seeing_minus_labeling")
    if not found:
        return _nothing_scored(tables)
    rows, few = _split_by_groups(found)
    if not rows:
        return _too_few("Which error is more frequent", few)
    intervals = {(row["model"], row["verdict"]): row for row in tables.overall("verdicts")}
    seeing, labeling = (
        [intervals[row["model"], verdict] for row in rows]
        for verdict in (Verdict.SEEING_FAILURE, Verdict.LABELING_FAILURE)
    )
    if not any(row["share_of_scored"] for row in (*seeing, *labeling)):
        return f"No scored item is a failure: every label is right{_few(few)}."
    shares = "; ".join(
        f"{_verdict_share(saw_not)} of the scored items are seeing failures and "
        f"{_verdict_share(named_not)} are labeling failures ({_of(tables.models, row['model'], ', ')}{_tested(row)})"
        for row, saw_not, named_not in zip(rows, seeing, labeling, strict=True)
    )
    if len(rows) > MODELS_IN_SENTENCE:
        saw_not, named_not = (_range(verdicts, "share_of_scored", "share") for verdicts in (seeing, labeling))
        shares = f"{saw_not} of the scored items are seeing failures, {named_not} are labeling failures"
    lead = _lead(
        rows,
        "Seeing failures are more frequent than labeling failures",
        "Labeling failures are more frequent than seeing failures",
        "These items do not show whether seeing failures or labeling failures are more frequent",
        f"Seeing failures and labeling failures are equally frequent within {within(tables.margin)}",
    )
    return f"{lead}: {shares}{_few(few)}."


def _despite_label(tables: AnalysisTables) -> str:
    rows, few = _split_by_groups(tables.contrasts("seen_despite_label"))
    if not rows:
        return _too_few("What descriptions show of gold where the label is wrong", few)
    lead = _lead(
        rows,
        "Where the label is wrong, the description still supports the gold emotion more often than by chance",
        "Where the label is wrong, the description supports the gold emotion less often than by chance",
        "Where the label is wrong, the description does not clearly support the gold emotion more often than by chance",
    )
    chance = "chance: the same descriptions, shuffled among the wrongly labelled items"
    return f"{lead} ({chance}): {_by_chance(tables.models, rows)}{_few(few)}."


def _support(tables: AnalysisTables) -> str:
    rows, few = _split_by_groups(tables.contrasts("seen"))
    if not rows:
        return _too_few("Whether descriptions support the gold emotion more often than by chance", few)
    lead = _lead(
        rows,
        "Over all items, descriptions support the gold emotion more often than by chance",
        "Over all items, descriptions support the gold emotion less often than by chance",
        "Over all items, descriptions do not clearly support the gold emotion more often than by chance",
    )
    return f"{lead}: {_by_chance(tables.models, rows)}{_few(few)}."


def _by_chance(models: Sequence[str], rows: Sequence[Row]) -> str:
    if len(rows) > MODELS_IN_SENTENCE:
        return f"{_range(rows, 'share')}; by chance {_range(rows, 'other_share')}"
    return "; ".join(
        f"{_of(models, row['model'])}{percent(row['share'])} of {number(row['n_items'])}, "
        f"by chance {share_of(row, 'other_share', 'other')}, {_tested(row, has_items=False)}"
        for row in rows
    )


def _tested(row: Row, *, has_items: bool = True) -> str:
    """Return a difference with what decides about it: the interval and p of its family."""
    parts = [
        f"difference {points(row['difference'])} points{_in_brackets(row)}",
        _p_of_family(row),
        count(row["n_items"], "item") if has_items else "",
    ]
    return ", ".join(part for part in parts if part)


def _p_of_family(row: Row) -> str:
    if not row["not_in_family"]:
        return p_value(row["p_holm"])
    return "too few for a test" if row["not_in_family"].startswith("fewer than") else "too little varies for a test"


def _lead(rows: Sequence[Row], above: str, below: str, unclear: str, equal: str = "") -> str:
    """Say of which models the difference is above 0, below 0, unclear or equal; of all alike without their names."""
    equals = [row["model"] for row in rows if equal and _is_equal(row)]
    found = [
        (words, [row["model"] for row in rows if _sign(row) == sign and row["model"] not in equals])
        for words, sign in ((above, 1), (below, -1), (unclear, 0))
    ]
    return _lead_in([*found, (equal, equals)])


def _lead_in(found: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Say what holds of which models; of all alike without their names."""
    said = [(words, models) for words, models in found if models]
    if len(said) == 1:
        return said[0][0]
    parts = [f"{words} ({_join_models(models)})" for words, models in said]
    return "; ".join([parts[0], *(part[0].lower() + part[1:] for part in parts[1:])])


def _sign(row: Row, column: str = "difference") -> int:
    """Return the direction of what was tested where its family calls it real, else 0."""
    if not row["p_holm"] < SIGNIFICANT:
        return 0
    return 1 if row[column] > 0 else -1


def _is_equal(row: Row) -> bool:
    return bool(row["decision"] == "equal")


def _modes(tables: AnalysisTables) -> str:
    found, few = _split_by_groups(tables.mode_tests())
    rows = [row for row in found if tables.is_covered(row)]
    thin = [row for row in found if not tables.is_covered(row)]
    left_out = _few(few) + _thin(thin, tables.min_coverage)
    if not rows:
        return f"Whether descriptions or labels are right more often cannot be told{left_out}." if left_out else ""
    same = [row for row in rows if _is_same(row)]
    tested = [row for row in rows if not _is_same(row)]
    equal = [row for row in tested if _is_equal(row)]
    better, worse, unclear = (
        [row for row in tested if not _is_equal(row) and _sign(row) == sign] for sign in (1, -1, 0)
    )
    estimates = mode_estimates(tables)
    said = {row["model_a"]: _difference(tables.models, row, estimates.get(row["model_a"])) for row in rows}
    parts = [
        f"{words} ({join_some([said[row['model_a']] for row in found], MODELS_IN_SENTENCE, 'more models')})"
        for words, found in (
            ("descriptions are right more often than labels", better),
            ("labels are right more often than descriptions", worse),
            ("neither descriptions nor labels are clearly right more often", unclear),
            (f"descriptions and labels are right equally often within {within(tables.margin)}", equal),
            ("descriptions and labels are right on exactly the same ones", same),
        )
        if found
    ]
    explained = dict.fromkeys(explain_estimate(estimates[model]) for model in said if model in estimates)
    answer = f"On the same items, {', '.join(parts)}{left_out}."
    return " ".join([answer, *explained])


def _discordance(tables: AnalysisTables) -> str:
    """Say whether description and label of an item disagree more often than two of the same kind do."""
    rows = [row for row in _split_by_groups(tables.overall("discordance"))[0] if row["between"] > 0]
    if not rows:
        return ""
    repeated = [row for row in rows if row["n_repeated"]]
    once = [row for row in rows if not row["n_repeated"]]
    several = tables.run.get("prompts", {}).get("several")
    unsteady = "be unsteady, or depend on the prompt" if several else "just be unsteady"
    found = [_between_and_within(tables.models, repeated, unsteady)] if repeated else []
    found += [_only_between(tables.models, once)] if once else []
    return " ".join([*found, *_gaps(tables, rows)])


def _gaps(tables: AnalysisTables, rows: Sequence[Row]) -> Iterator[str]:
    """Say which modes tell gold where the other misses it, where excess, direction and chance all carry that.

    Without repeats the excess must exceed 0 whatever the repeats would be. Nothing is said where a correction for
    misreading sees another direction or decision, or where descan reads gold more or less often for another reason.
    """
    if any(row["factor"] == "gold" and row["p_holm"] < SIGNIFICANT for row in tables.rows("misreading_tests")):
        return
    doubtful = {model for model, row in mode_estimates(tables).items() if row["disagreement"]}
    directions = {row["model_a"]: _sign(row) for row in tables.mode_tests() if tables.is_covered(row)}
    over_scored = {row["model"]: row["difference"] for row in rows}  # Here a description may be Undecided, there not.
    shown = {row["model"] for row in tables.contrasts("seen_despite_label") if _sign(row) == 1}
    carried = {
        row["model"]: directions.get(row["model"])
        for row in rows
        if (_sign(row, "excess") == 1 if row["n_repeated"] else row["excess_low"] > 0) and row["model"] not in doubtful
    }
    for words, models in (
        (
            "descriptions tell the gold emotion where labels miss it",
            [m for m in carried if carried[m] == 1 and over_scored[m] > 0 and m in shown],
        ),
        (
            "labels are right where descriptions do not tell the gold emotion",
            [m for m in carried if carried[m] == -1 and over_scored[m] < 0],
        ),
    ):
        if models:
            of_models = f" ({_join_models(models)})" if len(tables.models) > 1 else ""
            yield f"By more than unsteadiness, {words}{of_models}."


def _between_and_within(models: Sequence[str], rows: Sequence[Row], unsteady: str) -> str:
    signs = {row["model"]: _excess_sign(row) for row in rows}
    more = "disagree about gold more often than answers of one kind do"
    lead = _lead_in(
        [
            (f"Asked again, {words}", [model for model in signs if signs[model] == sign])
            for words, sign in (
                (f"description and label of an item {more}", 1),
                ("description and label of an item disagree about gold less often than answers of one kind do", -1),
                (f"description and label of an item do not clearly {more}, so that the model may {unsteady}", 0),
                (f"description and label of an item do not clearly {more}, though one is right more often", _UNEQUAL),
                (
                    "description and label of an item disagree about gold, answers of one kind never, as from a cache",
                    _ALIKE,
                ),
                (f"these answers allow no test of whether description and label of an item {more}", None),
            )
        ]
    )
    if len(rows) > MODELS_IN_SENTENCE:
        return f"{lead}: {_range(rows, 'between')}; excess {_range(rows, 'excess')}."
    told = "; ".join(
        f"{_of(models, row['model'])}{share_of(row, 'between')}, two descriptions "
        f"{percent(row['within_descriptions'])}, two labels {percent(row['within_labels'])} (excess "
        f"{points(row['excess'])} points{_in_brackets(row)}, {_p_of_family(row)}, {count(row['n_repeated'], 'item')})"
        for row in rows
    )
    return f"{lead}: {told}."


def _excess_sign(row: Row) -> int | str | None:
    """Return the direction of an excess, `_ALIKE` if no repeats differ, or None if it was not tested.

    An excess that is not clear is `_UNEQUAL` where one kind is right more often: no unsteadiness makes that.
    """
    if row["within_descriptions"] == row["within_labels"] == 0:
        return _ALIKE
    if row["not_in_family"]:
        return None
    sign = _sign(row, "excess")
    return _UNEQUAL if not sign and (row["difference_low"] > 0 or row["difference_high"] < 0) else sign


def _in_brackets(row: Row) -> str:
    bounds = points_interval(row["adjusted_low"], row["adjusted_high"])
    return f" ({bounds})" if bounds else ""


def _only_between(models: Sequence[str], rows: Sequence[Row]) -> str:
    lead = "Without repeats of both, a model does not show whether description and label differ because it is unsteady"
    if len(rows) > MODELS_IN_SENTENCE:
        return f"{lead}: only one of both is right {_range(rows, 'between')} ({_MORE})."
    told = "; ".join(
        f"{_of(models, row['model'], ': ')}only the description is right in {share_of(row, 'description_only')} of the "
        f"scored items and only the label in {share_of(row, 'label_only')}, of which at least "
        f"{_points_of(row['excess_low'])} and at most {_points_of(row['excess_high'])} points are no unsteadiness"
        for row in rows
    )
    return f"{lead}: {told} ({_MORE})."


def _points_of(share: float) -> str:
    """Return a share in points; what is above 0 but below 1 point with as many decimals as show that."""
    return f"{100 * share:.1g}" if 0 < share < 0.01 else f"{100 * share:.0f}"


def _is_same(row: Row) -> bool:
    """Return whether both sides are right on the same items, so that there is nothing to test."""
    return row.get("n_a_only") == row.get("n_b_only") == 0


def _difference(models: Sequence[str], row: Row, estimate: Row | None) -> str:
    """Return a difference as descan reads, and its correction or sensitivity analysis."""
    tested = [
        f"{points(row['difference'])} points",
        points_interval(row["adjusted_low"], row["adjusted_high"]),
        _p_of_family(row),
    ]
    parts = [*([] if _is_same(row) else tested), count(row["n_items"], "item")]
    raw = _of(models, row["model_a"]) + ", ".join(part for part in parts if part)
    return f"{raw}; {qualify_estimate(estimate)}: {estimated_difference(estimate)}" if estimate else raw


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
    """Name models with too few independent items or groups, and say how many each has."""
    if not rows:
        return ""
    extents = [
        f"{isolate(row.get('model') or row['model_a'])} with "
        + (count(row["n_items"], "item") if row["n_groups"] >= row["n_items"] else count(row["n_groups"], "group"))
        for row in rows
    ]
    named = join_some(extents, MODELS_IN_SENTENCE, "more models", ", ")
    return f" (left out: {named}; at least {MIN_GROUPS} are needed)"


def _too_few(what: str, rows: Sequence[Row]) -> str:
    return f"{what} cannot be told{_few(rows)}." if rows else ""


def _thin(rows: Sequence[Row], min_coverage: float) -> str:
    if not rows:
        return ""
    names = _join_models([row["model_a"] for row in rows])
    return f" (left out: {names}, where less than {100 * min_coverage:g}% of the items name a category in both)"


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


def _of(models: Sequence[str], model: str, end: str = " ") -> str:
    """Return the name of a model, unless it is the only one of the analysis."""
    return f"{isolate(model)}{end}" if len(models) > 1 else ""
