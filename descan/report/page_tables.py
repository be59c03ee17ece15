"""The tables of the page: numbers of tables/*.csv for people, with links to the cases behind them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from descan.records import Verdict
from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.decided_tables import decided_tables
from descan.report.losses import MIN_SHARE
from descan.report.misreading import describe_estimate, mode_estimates
from descan.report.page_cells import MOST_ROWS, Cell, Table, address, line, link
from descan.report.trust import trust_tables
from descan.report.witness_tables import witness_tables
from descan.report.wording import (
    DASH,
    conclusion,
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

_RATIOS = {"latency_s": "seconds", "usd_per_1000": "US dollars"}
"""Measures that the page compares; ratios.csv has all."""

_N_LEVELS = 4
"""Shades of a cell of a matrix."""


def section_tables(section: str, tables: AnalysisTables) -> list[Table]:
    """Return the tables of a section that have rows."""
    make = _TABLES.get(section)
    return [table for table in make(tables) if table.rows] if make else []


def _verdicts(tables: AnalysisTables) -> list[Table]:
    rows = [row for row in tables.rows("verdicts") if row["n_items"] > 0]
    groups = [list(group) for _, group in groupby(rows, key=lambda row: (row["model"], row["gold"]))]
    overall = [line(first["model"], *_verdict_cells(group)) for group in groups if (first := group[0])["gold"] == "all"]
    by_gold = [
        line(first["model"], spell(first["gold"]), *_verdict_cells(group))
        for group in groups
        if (first := group[0])["gold"] != "all"
    ]
    header = ["scored", *map(spell, Verdict)]
    by_chance = "Verdicts of each model, with intervals; “by chance” is what shuffled descriptions give"
    return [
        Table(by_chance, ["model", *header], overall),
        Table("Verdicts by gold category: items", ["model", "gold", *header], by_gold, 2),
        *_agreeing(tables),
        *_misreading(tables),
    ]


def _agreeing(tables: AnalysisTables) -> list[Table]:
    """Return the seeing failures in which description and label agree."""
    lines = [
        line(
            row["model"],
            f"{number(row['n_agreeing'])} of {number(row['n'])}",
            share_of(row, "share"),
            percent(row["chance_share"]),
            Cell(number(row["n_contested"]), share_of(row, "share_contested")),
        )
        for row in tables.overall("seeing_failures")
        if row["n"]
    ]
    caption = (
        "Seeing failures in which description and label agree on another emotion: the model, or gold, may be wrong"
    )
    return [Table(caption, ["model", "agree", "share", "by chance", "of all these, gold is contested"], lines)]


def _misreading(tables: AnalysisTables) -> list[Table]:
    """Return the verdicts as people would read the descriptions, and the tests of what such a correction assumes."""
    rows = [row for row in tables.overall("misreading_verdicts") if row["estimated"] == row["estimated"]]
    lines = [
        line(row["model"], spell(row["verdict"]), share_of(row, "share_of_scored", "share"), share_of(row, "estimated"))
        for row in rows
    ]
    kind = describe_estimate(rows[0]) if rows else ""
    tests = [
        line(
            spell(row["factor"]),
            row["model"] or "all",
            number(row["n_human"]),
            percent(row["share"]),
            percent(row["expected_share"]),
            Cell(f"{points(row['difference'])} points", points_interval(row["adjusted_low"], row["adjusted_high"])),
            p_value(row["p_holm"]),
        )
        for row in tables.rows("misreading_tests")
    ]
    of_tests = ["factor", "model", "human readings", "observed", "expected", "difference", "p (Holm)"]
    return [
        Table(f"Verdicts as descan reads, and estimated: {kind}", ["model", "verdict", "raw", "estimated"], lines, 2),
        Table("Whether descan's errors depend on gold, label or model, given what people read", of_tests, tests, 2),
    ]


def _verdict_cells(rows: Sequence[Row]) -> Iterable[str | Cell]:
    """Yield the cells of one model, over all items with shares, of one gold category without."""
    yield number(rows[0]["n_scored"])
    by_verdict = {row["verdict"]: row for row in rows}
    for verdict in Verdict:
        row = by_verdict[verdict]
        where = {"model": row["model"], "verdict": row["verdict"]}
        if row["gold"] != "all":
            yield link(row["n"], where | {"gold": row["gold"]})
        elif verdict == Verdict.UNSCORED:
            yield link(row["n"], where)
        else:
            share = share_of(row, "share_of_scored", "share")
            yield link(row["n"], where, f"{share}, by chance {percent(row['chance_share'])}")


def _confusion(tables: AnalysisTables) -> list[Table]:
    labels = [row for row in tables.rows("confusion_label") if row["mode"] == tables.label_mode]
    return [
        _matrix(kind, model, list(rows), tables.categories.names)
        for kind, found in (("described", tables.rows("confusion_described")), ("label", labels))
        for model, rows in groupby(found, key=lambda row: row["model"])
    ]


def _matrix(kind: str, model: str, rows: Sequence[Row], categories: Sequence[str]) -> Table:
    predicted = sorted(dict.fromkeys(row["predicted"] for row in rows), key=lambda value: value not in categories)
    cells = {(row["gold"], row["predicted"]): _matrix_cell(kind, row) for row in rows}
    lines = [
        line(gold, *(cells.get((gold, value), "0") for value in predicted))
        for gold in dict.fromkeys(row["gold"] for row in rows)
    ]
    caption = f"{model}: gold (rows) and {'what was described' if kind == 'described' else 'label'} (columns), items"
    return Table(caption, ["gold", *map(spell, predicted)], lines, is_matrix=True)


def _matrix_cell(kind: str, row: Row) -> str | Cell:
    if not row["n"]:
        return "0"
    gold, value = row["gold"], row["predicted"]
    hint = f"{number(row['n'])} of {number(row['n_gold'])}: gold {gold}, {kind} {spell(value)}"
    link = address({"model": row["model"], "gold": gold, kind: value})
    return Cell(number(row["n"]), "", link, hint, level=min(_N_LEVELS, 1 + int(row["share"] * _N_LEVELS)))


def _scores(tables: AnalysisTables) -> list[Table]:
    shares = {"accuracy": "accuracy", "uar": "mean recall", "macro_f1": "macro-F1"}
    scores = []
    for row in tables.rows("scores"):
        used = f"{number(row['n_used'])} of {number(row['n_gold'])}"
        cells = [Cell(*score_of(row, name, tables.min_coverage)) for name in shares]
        scores.append(line(row["model"], row["mode"], row["categories"], used, *cells, _kappa(row, tables)))
    neutral = [
        line(
            row["model"],
            row["mode"],
            share_of(row, "share"),
            share_of(row, "gold_share"),
            Cell(f"{points(row['bias'])} points", points_interval(row["bias_low"], row["bias_high"])),
        )
        for row in tables.rows("neutral")
        if row["bias"] == row["bias"]
    ]
    tests = [
        line(
            f"{row['model_a']}, {row['mode_a']}",
            f"{row['model_b']}, {row['mode_b']}",
            number(row["n_items"]),
            Cell(f"{points(row['difference'])} points", points_interval(row["adjusted_low"], row["adjusted_high"]))
            if tables.is_covered(row)
            else Cell(DASH, f"{number(row['n_left_out'])} left out"),
            p_value(row["p_holm"]),
            conclusion(row["decision"], tables.margin) if tables.is_covered(row) else DASH,
        )
        for row in tables.rows("tests")
        if row["difference"] == row["difference"]
    ]
    label_rows = [row for row in tables.rows("missing") if row["mode"] == tables.label_mode]
    with_gaps = {row["model"] for row in label_rows if row["category"] == "all" and row["share"] > MIN_SHARE}
    missing = [
        line(
            row["model"],
            row["mode"],
            f"{'gold' if row['split'] == 'gold' else 'described'} {spell(row['category'])}",
            number(row["n_items"]),
            Cell(number(row["n_missing"]), share_of(row, "share")),
            f"{percent(row['accuracy_all'])} to {percent(row['accuracy_best'])}",
        )
        for row in label_rows
        if row["category"] != "all" and row["model"] in with_gaps
    ]
    estimates = [
        line(
            row["model"],
            Cell(f"{points(row['difference'])} points", p_value(row["p_holm"])),
            Cell(
                f"{points(row['estimated'])} points",
                points_interval(row["estimated_adjusted_low"], row["estimated_adjusted_high"]),
            ),
            p_value(row["estimated_p_holm"]),
        )
        for row in mode_estimates(tables).values()
    ]
    kind = describe_estimate(first) if (first := next(iter(mode_estimates(tables).values()), None)) else ""
    of_scores = ["model", "mode", "categories", "used", *shares.values(), "kappa"]
    least = f"{100 * tables.min_coverage:g}%"
    is_thin = any(row["coverage"] < tables.min_coverage for row in tables.rows("scores"))
    bounds = f"; bounds, with missing answers all wrong and all right, where less than {least} are used"
    bounds = bounds if is_thin else ""
    name = tables.categories.neutral
    of_neutral = ["model", "mode", f"names {name}", f"gold is {name}", "difference"]
    of_missing = ["model", "mode", "items with", "items", "without a category", "accuracy between"]
    of_tests = ["A", "B", "items of both", "accuracy of A minus B", "p (Holm)", "decision"]
    return [
        Table(f"Scores of each mode, with intervals{bounds}", of_scores, scores, 3),
        Table("Items whose answer names no category, and what accuracy could be", of_missing, missing, 3),
        Table(f"How much more often {name} is named than it is gold", of_neutral, neutral, 2),
        Table("Differences of accuracy on the same items, corrected for the number of tests", of_tests, tests, 2),
        Table(
            f"Accuracy of describing minus {tables.label_mode}, as descan reads, and estimated: {kind}",
            ["model", "raw", "estimated", "p (Holm)"],
            estimates,
        ),
    ]


def _kappa(row: Row, tables: AnalysisTables) -> Cell:
    if row["coverage"] < tables.min_coverage:
        return Cell(DASH)
    low, high = row["kappa_low"], row["kappa_high"]
    return Cell(number(row["kappa"]), f"{number(low)} to {number(high)}" if low == low else "")


def _features(tables: AnalysisTables) -> list[Table]:
    return [_most_frequent(tables, "regions", "region"), _most_frequent(tables, "actions", "action")]


def _terms(tables: AnalysisTables) -> list[Table]:
    return [_most_frequent(tables, "categories", "category"), _most_frequent(tables, "terms", "term")]


def _most_frequent(tables: AnalysisTables, name: str, key: str) -> Table:
    rows = sorted(tables.rows(name), key=lambda row: -row["descriptions"])
    lines = [
        line(
            model,
            spell(row[key]),
            link(row["descriptions"], {"model": model, key: row[key]}),
            share_of(row, "share"),
            number(row["mentions"]),
        )
        for model in tables.models
        for row in [row for row in rows if row["model"] == model][:MOST_ROWS]
    ]
    caption = f"Most frequent {name} of each model: descriptions that mention them of the person"
    return Table(caption, ["model", key, "descriptions", "share", "mentions"], lines, 2)


def _detail(tables: AnalysisTables) -> list[Table]:
    what = ("words", "actions", "regions", "emotions", "hedged")
    lines = [
        line(row["model"], number(row["n_descriptions"]), *(number(row[f"n_{one}_mean"]) for one in what))
        for row in tables.rows("detail")
    ]
    return [Table("Means per description", ["model", "descriptions", *what], lines)]


def _contested(tables: AnalysisTables) -> list[Table]:
    lines = [
        line(
            Cell(row["item_id"], "", address({"item": row["item_id"]})),
            row["gold"],
            str(row["agreed"]),
            row["contested_by"],
            f"{number(row['n_agreeing'])} of {number(row['n_models'])}",
            number(row["strength"]),
            f"{percent(row['gold_share'])}, {percent(row['agreed_share'])}",
        )
        for row in tables.rows("contested")[: 2 * MOST_ROWS]
    ]
    header = ["item", "gold", "others say", "contested by", "models", "strength", "annotators for gold, for the other"]
    return [Table("Contested items, the clearest first", header, lines)]


def _calibration(tables: AnalysisTables) -> list[Table]:
    bins = [
        line(
            row["model"],
            f"{number(row['above'])} to {number(row['up_to'])}"
            if row["above"] == row["above"]
            else number(row["up_to"]),
            number(row["n"]),
            number(row["mean_score"]),
            share_of(row, "share"),
        )
        for row in tables.rows("calibration")
        if row["category"] == "all" and row["n"]
    ]
    thresholds = [
        line(
            row["model"],
            number(row["threshold"]),
            share_of(row, "share"),
            percent(row["chance_share"]),
            share_of(row, "seen_beyond_chance"),
        )
        for row in tables.rows("thresholds")
    ]
    return [
        Table(
            "Scores of all categories: how often the category is gold, by its score",
            ["model", "score", "scores", "mean score", "is gold"],
            bins,
            2,
        ),
        Table(
            "Descriptions in which the score of gold is at least a threshold",
            ["model", "threshold", "supports gold", "by chance", "above chance"],
            thresholds,
            2,
        ),
    ]


def _annotators(tables: AnalysisTables) -> list[Table]:
    means = {
        "agreement": "two annotators agree",
        "agreement_majority": "one agrees with most others",
        "gold_share": "one agrees with gold",
        "best": "most that any answer can agree",
    }
    annotators = [
        line(
            row["gold"],
            number(row["n_items"]),
            *(share_of(row, name) for name in means),
        )
        for row in tables.rows("annotators")
    ]
    models = [
        line(
            row["model"],
            row["mode"],
            f"{number(row['n_items'] - row['n_left_out'])} of {number(row['n_items'])}",
            share_of(row, "share"),
            share_of(row, "annotators"),
            Cell(f"{points(row['difference'])} points", points_interval(row["low"], row["high"])),
        )
        for row in tables.overall("scores_annotators")
        if row["share"] == row["share"]
    ]
    return [
        Table("How far annotators agree, with intervals", ["gold", "items", *means.values()], annotators),
        Table(
            "How often a model agrees with an annotator, and two annotators of the same items with each other",
            ["model", "mode", "used", "model and annotator", "two annotators", "difference"],
            models,
            2,
        ),
    ]


def _cost(tables: AnalysisTables) -> list[Table]:
    times = {
        "n": "answers",
        "median_s": "median, s",
        "p90_s": "90th percentile, s",
        "n_retried": "asked again",
        "waited_s_total": "waited for that, s",
    }
    costs = {
        "n": "answers",
        "usd_per_1000_median": "median, US$ per 1,000",
        "usd_per_1000_p90": "90th percentile",
        "usd_total": "all, US$",
        "input_tokens_median": "tokens in, median",
        "output_tokens_median": "tokens out",
        "thinking_tokens_median": "of thinking",
    }
    of_times = [_measured(row, times) for row in tables.rows("latency") if row["n"]]
    of_costs = [_measured(row, costs) for row in tables.rows("cost") if row["n"] or row["n_output_tokens"]]
    ratios = [
        line(
            _RATIOS[row["measure"]],
            spell(row["mode"]),
            f"{row['model_a']} : {row['model_b']}",
            number(row["n_items"]),
            ratio(row["ratio"], row["ratio_low"], row["ratio_high"]),
            ratio(row["typical_ratio"], row["typical_ratio_low"], row["typical_ratio_high"]),
        )
        for row in tables.rows("ratios")
        if row["measure"] in _RATIOS
    ]
    compared = ["measure", "mode", "models", "items", "ratio of the means", "typical ratio"]
    return [
        Table(
            "Seconds of good answers; what was asked again, and the wait for that, apart", _named(times), of_times, 2
        ),
        Table("Cost, where it is known, and tokens", _named(costs), of_costs, 2),
        Table("How many times as long or as dear, on the same items, with intervals", compared, ratios, 3),
    ]


def _named(columns: Mapping[str, str]) -> list[str]:
    return ["model", "mode", *columns.values()]


def _measured(row: Row, columns: Iterable[str]) -> list[Cell]:
    return line(row["model"], spell(row["mode"]), *(number(row[column]) for column in columns))


_TABLES: Mapping[str, Callable[[AnalysisTables], list[Table]]] = {
    "verdicts": _verdicts,
    "trust": trust_tables,
    "confusion": _confusion,
    "recall": _scores,
    "features": _features,
    "witnessed": witness_tables,
    "decided": decided_tables,
    "detail": _detail,
    "terms": _terms,
    "calibration": _calibration,
    "annotators": _annotators,
    "contested": _contested,
    "cost": _cost,
}
