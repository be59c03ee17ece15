"""The end of `descan analyze` in the terminal: what was loaded, what it shows, where to look next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import nan
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console

from descan.errors import quote
from descan.records import SCORED_VERDICTS, Mode, Verdict
from descan.report.analysis_tables import AnalysisTables, Row, describe_set, open_tables, tell_uncorrected
from descan.report.answer import primary_sentence, prompt_sentence
from descan.report.limits import (
    MODELS_IN_FIGURE,
    MODELS_IN_SENTENCE,
    MODELS_IN_SUMMARY,
    choose_models,
)
from descan.report.losses import describe_remedies, find_losses, losses_headline, unread_languages
from descan.report.misreading import (
    describe_estimate,
    estimated_difference,
    misreading_warnings,
    mode_estimates,
    verdict_remarks,
)
from descan.report.palette import warning_style
from descan.report.printing import print_table, print_terms, print_text
from descan.report.trust import reader_sentences
from descan.report.wording import (
    DASH,
    bracket,
    conclusion,
    count,
    count_decisions,
    interval,
    join_counts,
    join_some,
    number,
    p_value,
    percent,
    points,
    points_interval,
    ratio,
    score_of,
    share_of,
    spell,
)
from descan.significance import MIN_GROUPS
from descan.storage.parquet import parquet_files
from descan.terminal import plain

_RATIOS = {"latency_s": "Seconds", "usd_per_1000": "US dollars"}
"""Measures that the summary compares; tables/ratios.csv has all."""

_N_OFF_LIST = 8
"""Labels off the list that the summary names; all are in tables/off_list.csv."""

_N_LOSING = 5
_N_REASONS = 3
"""Models that lose much, and reasons, that the summary names; all are in tables/unscored.csv."""

_LEGEND = {
    Verdict.RIGHT: "the label is gold, and the description supports it",
    Verdict.LUCKY: "the label is gold, but the description does not support it",
    Verdict.LABELING_FAILURE: "the label is not gold, but the description supports gold",
    Verdict.SEEING_FAILURE: "the label is not gold, and the description does not support it",
}

_NEXT = {
    "report.html": "everything on one page, to open in a browser",
    "plots": "the figures",
    "tables": "every number as CSV",
    "verdicts.parquet": "the verdict for each item and model",
    "mentions.parquet": "each face action and emotion word, with its place in the text",
    "run.json": "versions, options and everything that was left out",
}

_NO_GOLD = (
    "No item has a gold emotion, so no answer can be called right or wrong. Verdicts, support and accuracy "
    "need a `gold` column in items.csv or in the table. What the descriptions mention is counted in tables/."
)
_NO_DESCRIPTIONS = (
    "No answer has mode describe, so there are no verdicts: only a description can show whether a model saw the "
    "expression."
)
_NO_LABELS = (
    "No answer has mode {mode}, so there are no verdicts: errors of seeing and errors of labeling can only be told "
    "apart with labels. Support and accuracy of the descriptions are below."
)
_NONE_SCORED = "No item has gold, a description and a label, so there are no verdicts; the reasons are above."


def print_summary(folder: Path, run: Mapping[str, object], console: Console) -> None:
    """Print what a person needs to know first, in about 45 lines that need no documentation.

    Args:
        folder: The folder of an analysis, with `items.parquet` and `tables/`.
        run: What `run.json` holds: `corpus` (`notes` on how it was read), `left_out` (reason to count) and `options`
            (`label_mode`, `support` and `confidence`); each may be absent.
        console: Where to print. Tables become lists where it is narrow.

    Raises:
        InputError: If a file of the analysis is missing.
    """
    tables = open_tables(folder, run)
    n_items, n_gold = _count_items(folder / "items.parquet")
    _print_losses(console, tables)
    _print_loaded(console, tables, n_items, n_gold)
    for note in tell_notes(run):
        print_text(console, plain(note))
    console.print()
    if n_gold == 0:
        print_text(console, f"{_NO_GOLD}\n")
    else:
        shown = choose_models(tables, MODELS_IN_SUMMARY)
        if primary := primary_sentence(tables, plain):
            print_text(console, f"{primary}\n", style="bold")
        _print_verdicts(console, tables, shown)
        _print_agreement(console, tables, shown)
        for remarks in (
            misreading_warnings(tables, plain),
            [
                *contrast_remarks(tables),
                *comparison_remarks(tables),
                *discordance_remarks(tables),
                *_explain_p(tables),
            ],
            neutral_remarks(tables),
            witness_remarks(tables),
            ratio_remarks(tables),
            annotator_remarks(tables),
            [*_misreading_remarks(tables), *contested_remarks(tables, n_gold)],
            filter(None, [prompt_sentence(tables, plain)]),
        ):
            if lines := list(remarks):
                print_text(console, "\n".join(lines) + "\n")
    print_text(console, f"Look next in {plain(str(folder))}", style="bold")
    print_terms(console, {name: content for name, content in _NEXT.items() if (folder / name).exists()})


def _print_losses(console: Console, tables: AnalysisTables) -> None:
    """Print what is missing, if it is much, before anything that is computed from the rest."""
    losses = find_losses(tables)
    warnings = [losses_headline(losses, tables), unread_languages(tables.run)]
    if not any(warnings):
        return
    for warning in filter(None, warnings):
        print_text(console, warning, style=warning_style())
    if losses:
        for one in losses[:_N_LOSING]:
            print_text(console, f"{plain(one.model)}: {one.describe(_N_REASONS)}")
        if len(losses) > _N_LOSING:
            print_text(console, f"and {count(len(losses) - _N_LOSING, 'more model')}: see tables/unscored.csv")
        remedies = describe_remedies(losses)
        print_text(console, "What would mend it; tables/unscored.csv has all reasons, with examples:")
        print_terms(console, dict(list(remedies.items())[:_N_REASONS]))
    console.print()


def _count_items(path: Path) -> tuple[int, int]:
    golds = [pq.read_table(part, columns=["gold"])["gold"] for part in parquet_files(path)]
    n_items = sum(len(gold) for gold in golds)
    return n_items, n_items - sum(gold.null_count for gold in golds)


def tell_notes(run: Mapping[str, object]) -> list[str]:
    """Return how the corpus was read where that does not go without saying, and with which words of its own."""
    corpus, own = run.get("corpus"), run.get("own_words")
    notes = [str(note) for note in corpus.get("notes", [])] if isinstance(corpus, Mapping) else []
    if isinstance(own, Mapping):
        notes.append(f"Own words: {own['folder']} ({', '.join(own['files'])})")
    return notes


def _print_loaded(console: Console, tables: AnalysisTables, n_items: int, n_gold: int) -> None:
    parts = [f"{count(n_items, 'item')} ({n_gold:,} with gold)", count(len(tables.models), "model")]
    parts += [
        count(n, "description" if mode == Mode.DESCRIBE else f"{mode} answer")
        for mode, n in tables.count_answers().items()
    ]
    print_text(console, f"Input: {', '.join(parts)}")
    if told := describe_set(tables.categories):
        print_text(console, f"Category set: {told}")
    unscored = tables.count_unscored()
    if tables.left_out:
        print_text(console, f"Left out while loading: {join_counts(tables.left_out)}")
    if unscored and n_gold:
        of_pairs = f"{sum(unscored.values()):,} of {tables.n_pairs:,} pairs of item and model"
        print_text(console, f"No verdict for {of_pairs}: {join_counts(unscored)}")
    if off_list := tables.count_off_list():
        words = join_some([f"{n:,} {quote(plain(reply))}" for reply, n in off_list.items()], _N_OFF_LIST, "more", ", ")
        print_text(console, f"Labels off the list: {words}; --alias WORD=CATEGORY gives one its category")
    if not tables.left_out and not unscored:
        print_text(console, "Left out: nothing")


def _print_verdicts(console: Console, tables: AnalysisTables, shown: Sequence[str]) -> None:
    asked = set(tables["answers"]["mode"])
    overall = tables.overall("verdicts")
    if Mode.DESCRIBE not in asked:
        print_text(console, f"{_NO_DESCRIPTIONS}\n")
    elif tables.label_mode not in asked:
        print_text(console, f"{_NO_LABELS.format(mode=tables.label_mode)}\n")
    elif not any(row["n_scored"] for row in overall):
        print_text(console, f"{_NONE_SCORED}\n")
    else:
        verdicts = {(row["model"], row["verdict"]): row for row in overall}
        rows = {
            model: [
                (number(verdicts[model, Verdict.RIGHT]["n_scored"]), ""),
                *(_share(verdicts[model, verdict], "share_of_scored", "share") for verdict in SCORED_VERDICTS),
                (number(verdicts[model, Verdict.UNSCORED]["n"]), ""),
            ]
            for model in shown
        }
        print_text(console, "Verdicts: share of the scored items of each model", style="bold")
        print_table(console, rows, ["scored", *map(spell, SCORED_VERDICTS), "unscored"])
        _print_rest(console, tables, "verdicts")
        console.print()
        print_terms(console, {spell(verdict): meaning for verdict, meaning in _LEGEND.items()})
        console.print()


def _print_agreement(console: Console, tables: AnalysisTables, shown: Sequence[str]) -> None:
    # Of several sets of categories the first counts.
    scores = {(row["model"], row["mode"]): row for row in reversed(tables.rows("scores"))}
    if not scores:
        return
    scored_models, scored_modes = map(set, zip(*scores, strict=True))
    supported = {row["model"]: row for row in tables.described_support()}
    modes = [mode for mode in (Mode.DESCRIBE, tables.label_mode) if mode in scored_modes]
    rows = {}
    for model in (model for model in shown if model in scored_models):
        row = supported.get(model, {})
        shares = [_share(row, "share"), _share(row, "chance_share", "chance"), _share(row, "seen_beyond_chance")]
        rows[model] = [*shares, *(_accuracy(scores.get((model, mode)), tables) for mode in modes)]
    print_text(console, "How often descriptions support gold, and how often answers are right", style="bold")
    columns = ["supports gold", "by chance", "above chance", *(f"accuracy {mode}" for mode in modes)]
    is_table = print_table(console, rows, columns)
    _print_rest(console, tables, "support", "scores")
    console.print()
    meanings = {
        "by chance": "the same descriptions, shuffled among the items of the model",
        "above chance": "0% is what shuffled descriptions give, 100% is every item",
        "accuracy": "share of right answers among those (n) that name a category",
    }
    if any(row["coverage"] < tables.min_coverage for row in scores.values()):
        least = f"{100 * tables.min_coverage:g}%"
        meanings["bounds"] = f"if less than {least} name one: accuracy with the others all wrong, and all right"
    print_terms(console, meanings | {"below each share" if is_table else "after each share": _interval_meaning(tables)})
    few = [plain(model) for model, n in _count_groups(tables).items() if n < MIN_GROUPS]
    if few:
        names = join_some(few, MODELS_IN_SENTENCE, "more models", ", ")
        print_text(console, f"Do not rely on intervals from fewer than {MIN_GROUPS} groups: {names}")
    console.print()


def _interval_meaning(tables: AnalysisTables) -> str:
    meaning = f"its {100 * tables.confidence:g}% interval"
    if (tables["support"]["interval"] == "wilson_groups").any():
        meaning += f", for dependent items in {max(_count_groups(tables).values()):,} groups"
    return meaning


def _count_groups(tables: AnalysisTables) -> dict[str, int]:
    """Return how many groups the intervals of each model rest on."""
    rows = [*tables.rows("support"), *(row for row in tables.overall("verdicts") if row["n_scored"] > 0)]
    return {row["model"]: int(row["n_groups"]) for row in rows if row["n_groups"] == row["n_groups"]}


def _print_rest(console: Console, tables: AnalysisTables, *names: str) -> None:
    """Say where the models are that a table does not show."""
    n_more = len(tables.models) - MODELS_IN_SUMMARY
    if n_more > 0:
        files = " and ".join(f"tables/{name}.csv" for name in names)
        print_text(console, f"and {count(n_more, 'more model')} with at most as many scored items: see {files}")


def _share(row: Row, column: str, bounds: str = "") -> tuple[str, str]:
    """Return a share and its interval; both are undefined where the row does not have them."""
    low, high = (row.get(f"{bounds or column}_{end}", nan) for end in ("low", "high"))
    return percent(row.get(column, nan)), interval(low, high)


def _accuracy(row: Row | None, tables: AnalysisTables) -> tuple[str, str]:
    if row is None or not row["n_used"]:
        return DASH, ""
    share, bounds = score_of(row, "accuracy", tables.min_coverage)
    return f"{share} ({number(row['n_used'])})", bounds


def contrast_remarks(tables: AnalysisTables) -> Iterator[str]:
    """Say how often descriptions support gold where the label is wrong, beside what chance gives there."""
    said = [
        f"{plain(row['model'])} {percent(row['share'])} of {number(row['n_items'])}, "
        f"by chance {share_of(row, 'other_share', 'other')} ({p_value(row['p_holm'])})"
        for row in tables.contrasts("seen_despite_label")
    ]
    if said:
        models = join_some(said, MODELS_IN_SENTENCE, separator=", ")
        yield f"Descriptions that support gold although the label is wrong: {models}"


def discordance_remarks(tables: AnalysisTables) -> Iterator[str]:
    """Say how often only one of description and label is right, and how much of that is more than unsteadiness."""
    rows = [row for row in tables.overall("discordance") if row["n_groups"] >= MIN_GROUPS and row["between"] > 0]
    if rows:
        yield f"Right in only one, of description and label: {_join(rows, _discordance)}"
        if not all(row["n_repeated"] for row in rows):
            yield "   without repeats the rest may be unsteadiness; descan collect --repeats 3 would show it"


def _discordance(row: Row) -> str:
    sides = f"description {percent(row['description_only'])}, label {percent(row['label_only'])}"
    if row["n_repeated"]:
        more = f"{points(row['excess'])} points more than two of a kind ({p_value(row['p_holm'])})"
    else:
        more = f"at least {points(row['excess_low']).lstrip('+')} points are no unsteadiness"
    return f"{plain(row['model'])} {sides} ({more})"


def ratio_remarks(tables: AnalysisTables) -> Iterator[str]:
    """Say how many times as long and as dear models are, on the same items of the label mode."""
    for measure, words in _RATIOS.items():
        rows = [row for row in tables.rows("ratios") if (row["measure"], row["mode"]) == (measure, tables.label_mode)]
        if rows:
            said = f"{words} of {tables.label_mode}, how many times as much, on the same items"
            yield f"{said}: {_join(rows, _ratio)}"


def _ratio(row: Row) -> str:
    names = f"{plain(row['model_a'])} : {plain(row['model_b'])}"
    return f"{names} {ratio(row['ratio'], row['ratio_low'], row['ratio_high'])}"


def comparison_remarks(tables: AnalysisTables) -> Iterator[str]:
    """Print how describe and the label mode compare, and how many models differ."""
    tests, mode = tables.rows("tests"), tables.label_mode
    modes = tables.mode_tests()
    models = [row for row in tests if row["comparison"] == "models" and row["n_groups"] >= MIN_GROUPS]
    models = [row for row in models if tables.is_covered(row)]
    if modes:
        estimates = mode_estimates(tables)
        yield f"Accuracy of describe minus accuracy of {mode}, on the same items: " + _join(
            modes,
            lambda row: (
                _mode_difference(row, tables, estimates.get(row["model_a"]))
                if tables.is_covered(row)
                else f"{plain(row['model_a'])} {DASH} (only {number(row['n_items'])} items)"
            ),
        )
        if estimates:
            yield f"   after the semicolon: {describe_estimate(next(iter(estimates.values())))}"
    if models:
        sizes = dict.fromkeys(
            number(n) for n in (min(row["n_items"] for row in models), max(row["n_items"] for row in models))
        )
        yield (
            f"Models compared with each other, on the items that both name a category for ({' to '.join(sizes)}), "
            f"accuracy in {count(len(models), 'comparison')}: {count_decisions(models, tables.margin)}"
        )
    elif len(tables.models) > MODELS_IN_FIGURE:
        yield f"Models are not compared with each other: that is done for at most {MODELS_IN_FIGURE} models"


def _mode_difference(row: Row, tables: AnalysisTables, estimate: Row | None) -> str:
    """Return describing minus labelling as descan reads, and its correction or sensitivity analysis."""
    raw = f"{plain(row['model_a'])} {points(row['difference'])} points"
    estimated = f"; {estimated_difference(estimate)}" if estimate else ""
    p, decided = p_value(row["p_holm"]), conclusion(row["decision"], tables.margin)
    tested = p if (p, decided) == (DASH, "cannot tell") else f"{p}: {decided}"
    return f"{raw} ({tested}{estimated})"


def _explain_p(tables: AnalysisTables) -> Iterator[str]:
    """Say which tests the p of the remarks are from, where there are any."""
    repeated = [row for row in tables.overall("discordance") if row["n_repeated"]]
    shown = [*tables.contrasts("seen_despite_label"), *tables.rows("tests"), *repeated]
    if any(row["p_holm"] == row["p_holm"] for row in shown):
        units = "groups" if any(row["is_grouped"] == "yes" for row in tables.rows("tests")) else "items"
        yield f"p: tests that move whole {units}, with Holm's correction; see tables/contrasts.csv and tests.csv"
    if any(row["p_holm"] == row["p_holm"] for row in repeated):
        yield "   of more than two of a kind: the bootstrap, with the same correction; see tables/discordance.csv"
    if any(row["p_holm"] != row["p_holm"] for row in shown):
        yield f"   {DASH}: too few independent items or groups for a test, or too little varies"


def witness_remarks(tables: AnalysisTables) -> Iterator[str]:
    """Print how often descriptions say what a witness sees, and what it does not see."""
    rows = [row for row in tables.rows("actions_witnessed") if row["region"] == "all"] if tables.has_witnesses else []
    for witness in dict.fromkeys(row["witness"] for row in rows):
        mine = [row for row in rows if row["witness"] == witness]
        told = _join(
            mine,
            lambda row: (
                f"{plain(row['model'])} {share_of(row, 'sensitivity')}, and of those that are not there "
                f"{share_of(row, 'hallucination')}"
            ),
        )
        yield f"Actions on the face by {plain(witness)} that descriptions say: {told}"


def neutral_remarks(tables: AnalysisTables) -> Iterator[str]:
    """Print how much labels prefer Neutral, and how often the description behind a wrong Neutral supports gold."""
    mode, neutral = tables.label_mode, tables.categories.neutral
    biases = [row for row in tables.rows("neutral") if row["mode"] == mode and row["bias"] == row["bias"]]
    if biases:
        yield f"Share of {neutral} in {mode} minus share of {neutral} in gold, on the same items: " + _join(
            biases,
            lambda row: (
                f"{plain(row['model'])} {points(row['bias'])} points "
                f"{bracket(points_interval(row['bias_low'], row['bias_high']))}"
            ),
        )
    sources = [row for row in tables.overall("neutral_sources") if row["mode"] == mode and row["n_described"] > 0]
    if sources:
        yield f"Labels that are wrongly {neutral} although the description supports gold: " + _join(
            sources,
            lambda row: (
                f"{plain(row['model'])} {number(row['n_described_gold'])} of {number(row['n_described'])} "
                f"{bracket(percent(row['share_described_gold']))}"
            ),
        )


def _misreading_remarks(tables: AnalysisTables) -> Iterator[str]:
    if readers := list(reader_sentences(tables, plain)):
        yield from readers
        yield "   Shares that hold however descan misreads, if the sample is random: ppi in tables/verdicts_readers.csv"
    if told := tell_uncorrected(tables):
        yield f"Verdicts are not corrected for descriptions that descan misreads: {told}"
    yield from verdict_remarks(tables.overall("misreading_verdicts"), plain)


def contested_remarks(tables: AnalysisTables, n_gold: int) -> Iterator[str]:
    """Say for how many items the models, or the annotators, are against gold."""
    by = [row["contested_by"] for row in tables.rows("contested")]
    causes = {"models": "models agree on another emotion", "annotators": "at most half of the annotators chose gold"}
    told = [
        f"for {len(by) - by.count(other):,} of {count(n_gold, 'item')}: {cause}"
        for (who, cause), other in zip(causes.items(), reversed(causes), strict=True)
        if len(by) > by.count(other)
    ]
    if told:
        yield f"Gold is contested {'; '.join(told)}. See tables/contested.csv"
    agreeing = [row for row in tables.overall("seeing_failures") if row["n_agreeing"]]
    if told and agreeing:
        yield "Seeing failures in which description and label agree on another emotion: " + _join(
            agreeing, lambda row: f"{plain(row['model'])} {share_of(row, 'share')} of {number(row['n'])}"
        )


def annotator_remarks(tables: AnalysisTables) -> Iterator[str]:
    """Say how often models agree with an annotator, beside two annotators of the same items."""
    rows = [row for row in tables.overall("scores_annotators") if row["share"] == row["share"]]
    for mode in (Mode.DESCRIBE, tables.label_mode):
        if chosen := [row for row in rows if row["mode"] == mode]:
            yield f"A model and one annotator agree in {mode}, and two annotators of the same items: " + _join(
                chosen, lambda row: f"{plain(row['model'])} {share_of(row, 'share')} and {percent(row['annotators'])}"
            )


def _join(rows: Sequence[Row], say: Callable[[Row], str]) -> str:
    return join_some([say(row).rstrip() for row in rows], 2 * MODELS_IN_SENTENCE, separator=", ")
