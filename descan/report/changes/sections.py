"""What stands in each section of the page of two analyses: sentences, facts and tables."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from descan.records import Verdict
from descan.report.analysis_tables import Row
from descan.report.changes.comparison import ComparisonTables, change_points, pair_name
from descan.report.changes.remarks import (
    measure_name,
    tell_answers,
    tell_compared,
    tell_flips,
    tell_left_out,
    tell_models,
    tell_settings,
    tell_tests,
    tell_texts,
    warn,
)
from descan.report.page_cells import Cell, Table
from descan.report.sections import Section
from descan.report.wording import DASH, conclusion, count, isolate, number, p_value, percent, points, spell

_N_LEVELS = 4
"""Shades of a cell of a matrix."""

_N_MENTIONS = 30
"""Rows of the table of mentions; mentions.csv has all."""


def comparison_sections(found: ComparisonTables, shown: Sequence[Row]) -> list[Section]:
    """Return the sections in their order.

    Args:
        found: The comparison.
        shown: The models in the tables of the page, as rows of `models`.
    """
    sections = []
    for section in _sections():
        texts = [*section.texts, *_TEXTS.get(section.name, _no_texts)(found)]
        tables = [table for table in _TABLES.get(section.name, _no_tables)(found, shown) if table.rows]
        if section.empty and not tables:
            texts = [section.empty]
        sections.append(
            replace(
                section,
                texts=texts,
                tables=tables,
                facts=_facts(found, shown) if section.name == "compared" else (),
                warnings=[_sentence(text) for text in warn(found, isolate)] if section.name == "answer" else (),
                after=[text.format(confidence=f"{100 * found.confidence:g}") for text in section.after],
            )
        )
    return sections


def comparison_making(found: ComparisonTables) -> list[tuple[str, str]]:
    """Return what is needed to compute the same numbers again: digests and options."""
    about = found.about
    facts: list[tuple[str, object]] = [("descan (version)", about["descan"])]
    for side in "ab":
        facts += [(f"{side.upper()}, {spell(name)}", about[side][name]) for name in ("run_sha256", "corpus_sha256")]
    pairs = ", ".join(f"{old}={new}" for old, new in about["options"]["model_map"].items())
    facts += {**about["options"], "model_map": pairs}.items()
    return [(spell(name), DASH if value in (None, "") else str(value)) for name, value in facts]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _answer(found: ComparisonTables) -> list[str]:
    return [f"{text}." for text in (tell_flips(found), tell_answers(found), tell_tests(found, isolate))]


def _texts(found: ComparisonTables) -> list[str]:
    return [_sentence(text) for text in tell_texts(found, isolate)]


def _no_texts(_: ComparisonTables) -> list[str]:
    return []


def _no_tables(_: ComparisonTables, __: Sequence[Row]) -> list[Table]:
    return []


def _facts(found: ComparisonTables, shown: Sequence[Row]) -> list[tuple[str, str]]:
    about, n_models = found.about, len(found.tables["models"])
    facts = [
        (side.upper(), f"{about[side]['folder']}: corpus {about[side]['corpus']}, descan {about[side]['descan']}")
        for side in "ab"
    ]
    facts.append(("compared", tell_compared(found)))
    facts.append((count(n_models, "model"), ", ".join(isolate(pair_name(row)) for row in shown)))
    facts.append(("left out", "; ".join(tell_left_out(found, isolate)) or "nothing"))
    facts += [("models", text) for text in tell_models(found, isolate)]
    if settings := tell_settings(found, isolate):
        facts.append(("made differently", "; ".join(settings)))
    if len(shown) < n_models:
        facts.append(("on this page", f"the {count(len(shown), 'model')} with the most scored items; tables/ has all"))
    return [(name, value) for name, value in facts if value]


def _transitions(found: ComparisonTables, shown: Sequence[Row]) -> list[Table]:
    return [_matrix(pair, found.rows("transitions", pair, gold="all")) for pair in shown]


def _matrix(pair: Row, rows: Sequence[Row]) -> Table:
    cells = {(row["verdict_a"], row["verdict_b"]): row for row in rows}
    lines = [[Cell(spell(a)), *(_matrix_cell(pair, cells[a, b]) for b in Verdict)] for a in Verdict]
    caption = f"{pair_name(pair)}: verdict in A (rows) and in B (columns), items"
    return Table(caption, ["in A", *(f"{spell(verdict)} in B" for verdict in Verdict)], lines, is_matrix=True)


def _matrix_cell(pair: Row, row: Row) -> Cell:
    if not row["n"]:
        return Cell("0")
    level = min(_N_LEVELS, 1 + int(row["share_of_a"] * _N_LEVELS))
    where = {"model": pair_name(pair), "from": row["verdict_a"], "to": row["verdict_b"]}
    hint = f"{row['n']:,} of {row['n_a']:,}: {spell(row['verdict_a'])} in A, {spell(row['verdict_b'])} in B"
    link = "" if row["verdict_a"] == row["verdict_b"] else f"#{urlencode(where)}"
    return Cell(number(row["n"]), "", link, hint, level=level)


def _changes(found: ComparisonTables, shown: Sequence[Row]) -> list[Table]:
    rows = [(pair_name(pair), row) for pair in shown for row in found.rows("differences", pair)]
    most = max((abs(end) for _, row in rows for end in _ends(row)), default=0) or 1
    lines = [
        [
            *map(Cell, (name, measure_name(row), percent(row["value_a"]), percent(row["value_b"]))),
            Cell(*change_points(row)),
            Cell("", span=tuple(100 * end / most for end in _ends(row))),
            *map(Cell, (p_value(row["p_holm"]), conclusion(row["decision"], found.margin))),
            *map(Cell, (number(row["n_items"]), number(row["n_left_out"]))),
        ]
        for name, row in rows
    ]
    tests = [
        [
            *map(Cell, (pair_name(pair), measure_name(row))),
            *(Cell(number(row[name])) for name in ("n_both", "n_b_only", "n_a_only", "n_neither")),
            *map(Cell, (p_value(row["p_holm"]), "yes" if row["is_grouped"] == "yes" else "no")),
        ]
        for pair in shown
        for row in found.rows("tests", pair)
    ]
    measured = ["model", "measure", "A", "B", "B minus A, points", f"{points(-most)} to {points(most)}"]
    measured += ["p (Holm)", "decision", "items of both", "left out"]
    counted = ["model", "measure", "both right", "only B", "only A", "neither", "p (Holm)", "grouped"]
    of_tests = "Right, or supporting gold, on the same items (exact test by the signs of whole groups)"
    return [
        Table("Scores and shares, with intervals and p", measured, lines, 2),
        Table(of_tests, counted, tests, 2),
    ]


def _ends(row: Row) -> list[float]:
    """Return a change with its interval: low, change, high; the change alone where there is no interval."""
    change = 0.0 if math.isnan(row["change"]) else row["change"]
    return [change if math.isnan(end) else end for end in (row["low"], change, row["high"])]


def _mentions(found: ComparisonTables, _: Sequence[Row]) -> list[Table]:
    columns = ("n_a", "n_b", "n_vanished", "n_appeared", "n_changed")
    rows = found.tables["mentions"][:_N_MENTIONS]
    lines = [
        [
            *map(Cell, (spell(row["kind"]), spell(row["name"]), _category(row))),
            *(Cell(number(row[column])) for column in columns),
        ]
        for row in rows
    ]
    header = ["kind", "name", "category", "in A", "in B", "only in A", "only in B", "read otherwise"]
    return [Table("Mentions in the same descriptions, those with the most changes first", header, lines, 2)]


def _category(row: Mapping[str, Any]) -> str:
    names = dict.fromkeys(row[name] for name in ("category_a", "category_b") if row[name])
    return " → ".join(map(spell, names)) or DASH


_TEXTS = {"answer": _answer, "texts": _texts}
_TABLES = {"transitions": _transitions, "changes": _changes, "texts": _mentions}


@cache
def _sections() -> tuple[Section, ...]:
    text = files("descan.report").joinpath("template/changes.toml").read_text(encoding="utf-8")
    return tuple(Section(**record) for record in tomllib.loads(text)["section"])
