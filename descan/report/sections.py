"""What stands in each section of the page: sentences, facts, pictures and tables with links to their cases."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from descan.records import Mode
from descan.report.analysis_tables import AnalysisTables
from descan.report.answer import answer_sentences
from descan.report.charts import Figure
from descan.report.limits import MODELS_IN_FIGURE
from descan.report.page_tables import Table, section_tables
from descan.report.shown_models import restrict_models
from descan.report.wording import count, isolate, join_some, spell


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page under a heading.

    Attributes:
        name: Its anchor.
        short: What the list of sections calls it.
        title: Its heading.
        texts: Its paragraphs.
        facts: Names and values.
        meanings: Verdicts and what they mean.
        after: Paragraphs below all that.
        figures: Its pictures.
        tables: Its tables; below pictures they are folded.
    """

    name: str
    short: str
    title: str
    texts: Sequence[str]
    facts: Sequence[tuple[str, str]]
    meanings: Sequence[Mapping[str, str]]
    after: Sequence[str]
    figures: Sequence[Figure]
    tables: Sequence[Table]


def page_sections(tables: AnalysisTables, figures: Sequence[Figure]) -> list[Section]:
    """Return the sections in their order, without those that have neither words nor numbers."""
    assigned = _assign_figures(figures)
    shown = restrict_models(tables, MODELS_IN_FIGURE)
    sections = [_section(words, tables, shown, assigned.get(words["name"], ())) for words in _words()]
    return [one for one in sections if one.texts or one.facts or one.figures or one.tables]


def making(tables: AnalysisTables) -> list[tuple[str, str]]:
    """Return what is needed to compute the same numbers again: versions, options, digests."""
    run = tables.run
    facts = [(f"{name} (version)", version) for name, version in _mapping(run, "versions").items()]
    facts += [(f"corpus {name}", value) for name, value in _mapping(run, "corpus").items()]
    facts += [("lexicon sha256", run.get("lexicon_sha256")), ("seed", run.get("seed"))]
    facts += [(f"embedder {name}", value) for name, value in _mapping(run, "embedder").items()]
    options = dict(_mapping(run, "options"))
    weights = _mapping(options, "weights")
    options["weights"] = ", ".join(f"{name} {value}" for name, value in weights.items())
    facts += options.items()
    return [(spell(name), _value(value)) for name, value in facts]


def _section(
    words: Mapping[str, Any], tables: AnalysisTables, chosen: AnalysisTables, figures: Sequence[Figure]
) -> Section:
    name = words["name"]
    texts, after = list(words.get("texts", ())), list(words.get("after", ()))
    facts: list[tuple[str, str]] = []
    if name == "answer":
        texts = [*answer_sentences(tables)]
        after = [
            f"In brackets: the {100 * tables.confidence:g}% interval. p is corrected for the number of tests (Holm)."
        ]
    if name == "read":
        facts = _loaded_facts(tables)
        if chosen is not tables:
            after = [
                f"Figures and tables of this page show the {len(chosen.models)} of {len(tables.models):,} models with "
                "the most scored items; tables/ has all."
            ]
    shown = section_tables(name, chosen)
    if "empty" in words and not shown and not any(figure.spec for figure in figures):
        texts, figures = [words["empty"]], ()
    return Section(name, words["short"], words["title"], texts, facts, words.get("meaning", ()), after, figures, shown)


def _assign_figures(figures: Sequence[Figure]) -> dict[str, list[Figure]]:
    """Assign each figure to the first section that names the beginning of its name."""
    shared: dict[str, list[Figure]] = {}
    for figure in figures:
        section = next(
            words["name"]
            for words in _words()
            if any(figure.name.startswith(begin) for begin in words.get("charts", ()))
        )
        shared.setdefault(section, []).append(figure)
    return shared


def _loaded_facts(tables: AnalysisTables) -> list[tuple[str, str]]:
    counts = _mapping(tables.run, "counts")
    n_of_mode: dict[str, int] = {}
    for row in tables["answers"].to_dict("records"):
        n_of_mode[row["mode"]] = n_of_mode.get(row["mode"], 0) + int(row["n_answers"])
    left_out = {reason: n for reason, n in _mapping(tables.run, "left_out").items() if n}
    unscored = tables["unscored"].groupby("reason", sort=False)["n"].sum().sort_values(ascending=False, kind="stable")
    pairs = tables["verdicts"].query("gold == 'all'")["n"].sum()
    facts = [
        ("items", f"{counts.get('items', 0):,}"),
        (
            count(len(tables.models), "model"),
            join_some([isolate(model) for model in tables.models], MODELS_IN_FIGURE, separator=", "),
        ),
        ("answers", ", ".join(_answers(mode, n) for mode, n in n_of_mode.items())),
        ("mentions found", f"{counts.get('mentions', 0):,}"),
        ("left out while loading", ", ".join(f"{n:,} {spell(reason)}" for reason, n in left_out.items()) or "nothing"),
        (
            f"without a verdict, of {count(int(pairs), 'pair')} of item and model",
            ", ".join(f"{n:,} {spell(reason)}" for reason, n in unscored.items()) or "none",
        ),
    ]
    return [(name, value) for name, value in facts if value]


def _answers(mode: str, n: int) -> str:
    return count(n, "description" if mode == Mode.DESCRIBE else f"{spell(mode)} answer")


def _mapping(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = record.get(name)
    return found if isinstance(found, Mapping) else {}


def _value(value: object) -> str:
    return "–" if value is None or value == "" else str(value)


@cache
def _words() -> Sequence[Mapping[str, Any]]:
    text = files("descan.report").joinpath("template/sections.toml").read_text(encoding="utf-8")
    sections: Sequence[Mapping[str, Any]] = tomllib.loads(text)["section"]
    return sections
