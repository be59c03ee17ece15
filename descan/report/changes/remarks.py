"""What there is to say about two analyses side by side, in sentences for terminal and page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from descan.records import SCORED_VERDICTS
from descan.report.analysis_tables import Row
from descan.report.changes.comparison import ComparisonTables, change_points, pair_name
from descan.report.limits import MODELS_IN_SENTENCE
from descan.report.wording import (
    bracket,
    count,
    count_decisions,
    join_some,
    join_words,
    p_value,
    percent,
    spell,
)
from descan.significance import MIN_GROUPS, SIGNIFICANT

Name = Callable[[str], str]
"""Makes an untrusted name safe where it stands."""

_N_TERMS = 8
"""Terms and actions that are named; mentions.csv has all."""

_MOSTLY = 0.9
"""If fewer of the verdicts of a side are in both, the others may be of another kind."""

_N_CHANGES = 6
"""Clear changes that are named; differences.csv has all."""

_MENTION_CHANGES = {
    "n_vanished": "in these that only A has",
    "n_appeared": "in these that only B has",
    "n_changed": "in these that have another category, negation, hedge or target",
}

_SETTINGS = {
    "descan": "the version of descan",
    "lexicon_sha256": "the lexicon",
    "category_set.name": "the category set",
    "category_set.sha256": "the sha256 of the category set",
    "corpus.language": "the language of the corpus",
    "corpus.name": "the name of the corpus",
    "corpus.sha256": "the sha256 of the corpus",
    "embedder.name": "the embedder",
    "embedder.identity": "the version of the embedder",
}
_DIGEST_CHARACTERS = 12


def warn(found: ComparisonTables, name: Name) -> Iterator[str]:
    """Yield what makes the numbers of A and B differ in kind, and what else nobody may overlook."""
    if loud := [_difference(setting, name) for setting in found.about["settings"] if setting["is_loud"]]:
        yield f"{'; '.join(loud)}; a change may come from that alone"
    differs = found.about["left_out"]["items_gold_differs"]
    if differs["n"]:
        yield f"gold differs for {count(differs['n'], 'item')} {_some(differs, name)}, which the comparison leaves out"
    lost = [
        row for row in found.tables["models"] if row["n_scored"] < _MOSTLY * max(row["n_scored_a"], row["n_scored_b"])
    ]
    if lost:
        counts = "{n_scored_a:,} in A, {n_scored_b:,} in B, {n_scored:,} in both"
        told = [f"{name(pair_name(row))} has {counts.format(**row)}" for row in lost]
        shown = join_some(told, MODELS_IN_SENTENCE, "more models")
        yield f"verdict shares and their changes are only of items with a verdict in both: {shown}"
    few = dict.fromkeys(pair_name(row) for row in found.tables["differences"] if row["n_groups"] < MIN_GROUPS)
    if few:
        names = join_some(list(map(name, few)), MODELS_IN_SENTENCE, "more models", ", ")
        yield f"do not rely on intervals from fewer than {MIN_GROUPS} independent items or groups: {names}"


def tell_models(found: ComparisonTables, name: Name) -> Iterator[str]:
    """Yield which models are compared under two names, and which are not compared."""
    about = found.about
    renamed = [row for row in found.tables["models"] if row["model_a"] != row["model_b"]]
    if renamed:
        pairs = [f"{name(row['model_a'])} of A with {name(row['model_b'])} of B" for row in renamed]
        why = " (each analysis has one model)" if about["is_guessed"] else ""
        yield f"Compared under two names: {join_some(pairs, MODELS_IN_SENTENCE, 'more', ', ')}{why}"
    left = {side: about[f"models_only_in_{side}"] for side in "ab"}
    hint = "; --model-map OLD=NEW pairs one of A with one of B" if all(left.values()) else ""
    for side, models in left.items():
        if models:
            names = join_some([name(model) for model in models], MODELS_IN_SENTENCE, "more", ", ")
            yield f"Not compared, because only {side.upper()} has it: {names}{hint if side == 'b' else ''}"


def tell_compared(found: ComparisonTables) -> str:
    """Return a sentence on how many pairs of item and model are compared, and how many of them have verdicts."""
    n_scored = [found.total(f"n_scored{side}") for side in ("_a", "_b", "")]
    verdicts = "with a verdict: {:,} in A, {:,} in B, {:,} in both".format(*n_scored)
    n_pairs, n_models = count(found.total("n_compared"), "pair"), count(len(found.tables["models"]), "model")
    return f"{n_pairs} of item and model, {n_models}; {verdicts}"


def tell_left_out(found: ComparisonTables, name: Name) -> Iterator[str]:
    """Yield how much only one analysis has, the first items by name."""
    for side, other in ("AB", "BA"):
        if n := found.total(f"n_only_in_{side.lower()}"):
            items = found.about["left_out"][f"items_only_in_{side.lower()}"]
            why = f" ({count(items['n'], 'item')} not in {other}: {_some(items, name, '')})" if items["n"] else ""
            yield f"{count(n, 'pair')} of item and model only in {side}{why}"
    groups = found.about["left_out"]["items_group_differs"]
    if groups["n"]:
        yield f"{count(groups['n'], 'item')} with another group in B {_some(groups, name)}; the group of A counts"


def tell_settings(found: ComparisonTables, name: Name) -> list[str]:
    """Return what else differs in how A and B were made."""
    return [_difference(setting, name) for setting in found.about["settings"] if not setting["is_loud"]]


def tell_flips(found: ComparisonTables) -> str:
    """Return a sentence on how many verdicts changed, and whether to or from right."""
    n_flipped, n_compared = found.total("n_flipped"), found.total("n_compared")
    if not n_flipped:
        return f"No verdict changed: {count(n_compared, 'pair')} of item and model have the same in A and B"
    n_became, n_was = found.total("n_became_right"), found.total("n_was_right")
    return (
        f"{n_flipped:,} of {count(n_compared, 'verdict')} changed ({percent(n_flipped / n_compared)}): {n_became:,} "
        f"became right, {n_was:,} ceased to be right, {n_flipped - n_became - n_was:,} changed otherwise"
    )


def tell_answers(found: ComparisonTables) -> str:
    """Return a sentence on how many labels and readings changed, whatever gold is."""
    n_labels, n_described = found.total("n_label_changed"), found.total("n_described_changed")
    return f"{count(n_labels, 'label')} and {count(n_described, 'description')} changed their category"


def tell_tests(found: ComparisonTables, name: Name) -> str:
    """Say which changes of accuracy, support and verdict shares are more than chance would give."""
    tests = found.tables["tests"]
    shares = [row for row in found.tables["differences"] if row["statistic"] in SCORED_VERDICTS]
    if not tests and not shares:
        return "Nothing can be called right or wrong on both sides, so there are no tests"
    clear = [row for row in [*tests, *shares] if is_clear(row)]
    n_tests = count(len(tests) + len(shares), "test")
    others = [row for row in [*tests, *shares] if not is_clear(row)]
    rest = f"; of the others: {count_decisions(others, found.margin)}" if others else ""
    if not clear:
        decided = bracket(count_decisions(others, found.margin))
        return f"No change of accuracy, support or verdicts is clear: p < {SIGNIFICANT} in none of {n_tests} {decided}"
    told = [
        f"{name(pair_name(row))} {measure_name(row)} {change} points {bracket(bounds)}, {p_value(row['p_holm'])}"
        for row in clear
        for change, bounds in [change_points(row, "adjusted_")]
    ]
    return f"Clear changes, B minus A, in {len(clear):,} of {n_tests}: {join_some(told, _N_CHANGES)}{rest}"


def is_clear(row: Row) -> bool:
    """Say whether the test of a change rejects chance, after correction for its family."""
    return bool(row["p_holm"] < SIGNIFICANT)


def measure_name(row: Row) -> str:
    """Return what a row of differences or tests measures, such as `accuracy of classify`."""
    statistic = {"uar": "mean recall", "macro_f1": "macro-F1"}.get(str(row["statistic"]), spell(row["statistic"]))
    if row["statistic"] in (*SCORED_VERDICTS, "support"):
        return statistic
    modes = dict.fromkeys(map(spell, (row["mode_a"], row["mode_b"])))
    return f"{statistic} of {' and '.join(modes)}"


def tell_texts(found: ComparisonTables, name: Name) -> Iterator[str]:
    """Yield how many answers are the same, and what is read otherwise in these: that is not the models' doing."""
    same = {
        noun: (found.total(f"n_same_{what}"), found.total(f"n_{what}"))
        for noun, what in (("descriptions", "descriptions"), ("replies with a label", "replies"))
    }
    parts = [f"{n_same:,} of {n:,} {noun}" for noun, (n_same, n) in same.items() if n]
    if not parts:
        return
    yield f"Word for word the same in A and B: {join_words(parts)}"
    if not any(n_same for n_same, _ in same.values()):
        return
    if not found.total("n_reread") and not found.total("n_relabelled") and not found.tables["mentions"]:
        yield "What was found in these is the same, too: no mention, reading or label differs"
        return
    kinds = ((found.total("n_reread"), "description"), (found.total("n_relabelled"), "label"))
    if changed := [count(n, noun) for n, noun in kinds if n]:
        yield f"Of these, {join_words(changed)} changed: that comes from descan or its options, not from the models"
    else:
        yield "No reading and no label of these changed, but what was found in them did"
    for column, words in _MENTION_CHANGES.items():
        rows = sorted((row for row in found.tables["mentions"] if row[column]), key=lambda row: -row[column])
        if rows:
            told = [f"{name(spell(row['name']))} {row[column]:,}" for row in rows]
            yield f"Mentions {words}: {join_some(told, _N_TERMS, 'more', ', ')}"


def _difference(setting: Mapping[str, Any], name: Name) -> str:
    values = [_value(setting["name"], setting[side], name) for side in "ab"]
    return f"{_SETTINGS.get(setting['name'], spell(setting['name']))} is {values[0]} in A and {values[1]} in B"


def _value(setting: str, value: object, name: Name) -> str:
    if value is None:
        return "not given"
    return str(value)[:_DIGEST_CHARACTERS] if "sha256" in setting else name(str(value))


def _some(items: Mapping[str, Any], name: Name, brackets: str = "()") -> str:
    """Return the first of some items by name, and how many more there are."""
    names = [name(str(item)) for item in items["first"]]
    n_more = items["n"] - len(names)
    told = ", ".join([*names, f"and {n_more:,} more"] if n_more else names)
    return f"({told})" if brackets else told
