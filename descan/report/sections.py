"""What each section of the page shows: sentences, facts, pictures and tables with links to their cases."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from descan.emotions import spell_number
from descan.records import Mode
from descan.report.analysis_tables import AnalysisTables, describe_set, tell_uncorrected
from descan.report.answer import answer_sentences
from descan.report.charts import Figure
from descan.report.limits import MODELS_IN_FIGURE, restrict_models
from descan.report.misreading import misreading_warnings
from descan.report.page_cells import Table
from descan.report.page_tables import section_tables
from descan.report.trust import trust_sentences
from descan.report.wording import count, isolate, join_counts, join_some, spell


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page under a heading, as sections.toml has it, with what an analysis adds.

    Attributes:
        name: Its anchor.
        short: What the list of sections calls it.
        title: Its heading.
        texts: Its paragraphs.
        meaning: Verdicts and what they mean.
        after: Paragraphs below all that.
        charts: Beginnings of the names of its pictures.
        empty: What it says where it has neither pictures nor tables.
        facts: Names and values.
        figures: Its pictures.
        tables: Its tables; below pictures they are folded.
        warnings: What nobody may overlook, before its paragraphs.
    """

    name: str
    short: str
    title: str
    texts: Sequence[str] = ()
    meaning: Sequence[Mapping[str, str]] = ()
    after: Sequence[str] = ()
    charts: Sequence[str] = ()
    empty: str = ""
    facts: Sequence[tuple[str, str]] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    warnings: Sequence[str] = ()


def page_sections(tables: AnalysisTables, figures: Sequence[Figure]) -> list[Section]:
    """Return the sections in their order, without those that have neither words nor numbers."""
    shown = restrict_models(tables, MODELS_IN_FIGURE)
    left = list(figures)
    sections = []
    for section in _sections():
        chosen = [figure for figure in left if figure.name.startswith(tuple(section.charts))]
        left = [figure for figure in left if figure not in chosen]
        sections.append(_fill(section, tables, shown, chosen))
    return [one for one in sections if one.texts or one.facts or one.figures or one.tables]


def list_versions(tables: AnalysisTables) -> list[tuple[str, str]]:
    """Return what is needed to compute the same numbers again: versions, options, digests."""
    run = tables.run
    facts = [(f"{name} (version)", version) for name, version in run.get("versions", {}).items()]
    facts += [(f"corpus {name}", value) for name, value in run.get("corpus", {}).items()]
    facts += [("lexicon sha256", run.get("lexicon_sha256")), ("seed", run.get("seed"))]
    facts += [(f"own words {name}", run["own_words"][name]) for name in ("folder", "sha256") if run.get("own_words")]
    facts += [(f"embedder {name}", value) for name, value in run.get("embedder", {}).items()]
    options = run.get("options", {})
    weights = ", ".join(f"{name} {value}" for name, value in options.get("weights", {}).items())
    facts += {**options, "weights": weights}.items()
    return [(spell(name), "–" if value is None or value == "" else str(value)) for name, value in facts]


def _fill(section: Section, tables: AnalysisTables, shown: AnalysisTables, figures: Sequence[Figure]) -> Section:
    filled = replace(section, figures=figures, tables=section_tables(section.name, shown))
    if section.name == "verdict":
        n_categories = spell_number(len(tables.categories))
        return replace(filled, texts=[text.format(n_categories=n_categories) for text in section.texts])
    if section.name == "answer":
        brackets = f"In brackets: the {100 * tables.confidence:g}% interval. "
        after = [f"{brackets}Where there is a p, both are corrected for the number of tests (Holm)."]
        warnings = list(misreading_warnings(tables, isolate))
        return replace(filled, texts=answer_sentences(tables), after=after, warnings=warnings)
    if section.name == "trust":
        return replace(filled, texts=list(trust_sentences(tables)))
    if section.name == "read":
        n_models = f"{len(shown.models)} of {len(tables.models):,} models"
        note = f"Figures and tables of this page show the {n_models} with the most scored items; tables/ has all."
        return replace(filled, facts=_loaded_facts(tables), after=[] if shown is tables else [note])
    if section.empty and not filled.tables and not any(figure.spec for figure in figures):
        return replace(filled, texts=[section.empty], figures=())
    return filled


def _loaded_facts(tables: AnalysisTables) -> list[tuple[str, str]]:
    counts = tables.run.get("counts", {})
    answers = [
        count(n, "description" if mode == Mode.DESCRIBE else f"{spell(mode)} answer")
        for mode, n in tables.count_answers().items()
    ]
    models = join_some([isolate(model) for model in tables.models], MODELS_IN_FIGURE, separator=", ")
    facts = [
        ("items", f"{counts.get('items', 0):,}"),
        (count(len(tables.models), "model"), models),
        ("answers", ", ".join(answers)),
        ("category set", describe_set(tables.categories)),
        ("mentions found", f"{counts.get('mentions', 0):,}"),
        ("left out while loading", join_counts(tables.left_out) or "nothing"),
        (
            f"without a verdict, of {count(tables.n_pairs, 'pair')} of item and model",
            join_counts(tables.count_unscored()) or "none",
        ),
        ("not corrected for misreading", tell_uncorrected(tables)),
    ]
    return [(name, value) for name, value in facts if value]


@cache
def _sections() -> tuple[Section, ...]:
    text = files("descan.report").joinpath("template/sections.toml").read_text(encoding="utf-8")
    return tuple(Section(**record) for record in tomllib.loads(text)["section"])
