"""What a paper says about an analysis beside its numbers: how it was made, and what to cite."""

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from descan.records import Mode
from descan.report.analysis_tables import AnalysisTables
from descan.report.paper.table_files import escape_latex, escape_markdown
from descan.report.paper.tables import format_count
from descan.report.wording import count, join_some, join_words, spell
from descan.storage.parquet import parquet_files
from descan.terminal import plain

MAX_NAMES = 8
"""A paragraph names no more models than this."""

MAP_REFERENCE = "mcinnes2018umap"
"""What the maps rest on."""

_DATASET, _DESCAN = "dataset", "descan"

_ORDER = ("author", "year", "title", "journal", "booktitle", "publisher", "volume", "pages", "note", "doi")
"""Fields of a reference as a line of text has them."""

Reference = Mapping[str, str]
"""A BibTeX entry: `type` and its fields."""


class CitationFormat(StrEnum):
    """How references are written."""

    TEXT = "text"
    BIBTEX = "bibtex"


@dataclass(frozen=True, slots=True)
class Methods:
    """A paragraph on methods, and the references that it cites.

    Attributes:
        text: The paragraph.
        references: By key, in the order of their first citation.
    """

    text: str
    references: Mapping[str, Reference]


def write_methods(tables: AnalysisTables, *, is_latex: bool) -> Methods:
    r"""Return the methods of an analysis in words, from its `run.json`.

    Args:
        tables: The analysis.
        is_latex: LaTeX with `\cite{...}`; else Markdown with authors and years.
    """
    from jinja2 import Environment, StrictUndefined

    known = find_references(tables)
    cited: dict[str, Reference] = {}

    def cite(*keys: str) -> str:
        found = {key: known[key] for key in keys if key in known}
        cited.update(found)
        if not found:
            return ""
        return f"~\\cite{{{','.join(found)}}}" if is_latex else f" ({'; '.join(map(_short, found.values()))})"

    escape = escape_latex if is_latex else escape_markdown
    template = files("descan.report.paper").joinpath("methods.j2").read_text(encoding="utf-8")
    environment = Environment(undefined=StrictUndefined, autoescape=False)
    text = environment.from_string(template).render(_facts(tables, escape), cite=cite)
    if is_latex:
        text = text.replace("%", r"\%")
    return Methods(text.strip() + "\n", cited)


def find_references(tables: AnalysisTables) -> dict[str, Reference]:
    """Return all that an analysis rests on, by key: descan, the data set and what `references.toml` has."""
    corpus = tables.run.get("corpus", {})
    found: dict[str, Reference] = {
        _DESCAN: {
            "type": "misc",
            "author": "{The descan authors}",
            "title": "descan: what vision-language models see in faces",
            "note": f"Version {tables.run.get('descan', '')}",
        }
    }
    if name := str(corpus.get("name") or ""):
        parts = (corpus.get("source"), f"Licence: {corpus['licence']}" if corpus.get("licence") else "")
        note = plain(". ".join(filter(None, parts)))
        found[_DATASET] = {"type": "misc", "key": plain(name), "title": plain(name), "note": note}
    return {**found, **_references()}


def format_references(references: Mapping[str, Reference], form: CitationFormat) -> str:
    """Return references as BibTeX, or as a line each."""
    make = _bibtex if form is CitationFormat.BIBTEX else _line
    return "".join(f"{make(key, reference)}\n" for key, reference in references.items())


def _facts(tables: AnalysisTables, escape: Callable[[str], str]) -> dict[str, Any]:
    """Return what the template asks for, all texts escaped."""
    run, options = tables.run, tables.run.get("options", {})
    describing = [row for row in tables.rows("answers") if row["mode"] == Mode.DESCRIBE]
    n_labels = sum(row["n_answers"] for row in tables.rows("answers") if row["mode"] == tables.label_mode)
    verdicts = tables.overall("verdicts")
    n_scored = sum(row["n"] for row in verdicts if row["verdict"] != "unscored")
    n_groups, n_grouped = _count_groups(tables)
    embedder = run.get("embedder", {})
    prompts = run.get("prompts", {}).get("several", {})
    unscored = Counter[str]()
    for row in tables.rows("unscored"):
        unscored[f"{spell(row['side'])}: {spell(row['reason'])}"] += row["n"]
    told = [f"{reason} ({format_count(n)})" for reason, n in unscored.most_common()]
    n_left_out = sum(row["n_answers"] - row["n_ok"] for row in describing)
    n_overridden = tables.count_overridden()
    names = [escape(name) for name in tables.models]
    models = count(len(names), "model")
    return {
        "n_descriptions": f"{sum(row['n_ok'] for row in describing):,}",
        "n_labels": f"{n_labels:,}",
        "n_items": f"{n_grouped:,}",
        "n_items_number": n_grouped,
        "n_groups": n_groups,
        "models": f"{models} ({join_words(names)})" if len(names) <= MAX_NAMES else models,
        "corpus": escape(str(run.get("corpus", {}).get("name") or "a corpus")),
        "version": escape(str(run.get("descan", ""))),
        "prompts": [(escape(mode), len(several)) for mode, several in prompts.items()],
        "left_out": f"{n_left_out:,}" if n_left_out else "",
        "lexicon": str(run.get("lexicon_sha256", ""))[:12],
        "by_embedding": options.get("terms_by") == "embedding",
        "embedder": escape(str(embedder.get("name", ""))) if embedder.get("used") else "",
        "categories": join_words(tables.categories.names),
        "n_overridden": count(n_overridden, "description") if n_overridden else "",
        "support": tables.support,
        "threshold": f"{options.get('lenient_threshold', 0.25):g}",
        "label_mode": escape(tables.label_mode),
        "n_scored": format_count(n_scored),
        "n_pairs": format_count(tables.n_pairs),
        "lacking": escape(join_some(told, 6, separator=", ")),
        "confidence": f"{100 * tables.confidence:g}%",
        "is_grouped": n_groups < n_grouped,
        "units": "groups" if n_groups < n_grouped else "items",
        "resamples": f"{options.get('resamples', 0):,}",
        "primary": escape(str(options.get("primary") or "")),
        "margin": f"{100 * tables.margin:g}",
        "seed": str(run.get("seed", 0)),
    }


def _count_groups(tables: AnalysisTables) -> tuple[int, int]:
    """Return the number of groups, of which an item without one is its own, and of items."""
    import pyarrow.parquet as pq

    groups: set[str] = set()
    n_items = n_alone = 0
    for part in parquet_files(tables.folder / "items.parquet"):
        column = pq.read_table(part, columns=["group"])["group"]
        found = [group for group in column.to_pylist() if group]
        groups.update(found)
        n_items += len(column)
        n_alone += len(column) - len(found)
    return len(groups) + n_alone, n_items


def _short(reference: Reference) -> str:
    """Return the first author and the year, or the title of what has no author."""
    names = [author.partition(",")[0].strip("{}") for author in reference.get("author", "").split(" and ")]
    if not names[0]:
        return reference["title"]
    told = names[0] if len(names) == 1 else join_words(names) if len(names) == 2 else f"{names[0]} et al."
    return f"{told} {reference.get('year', '')}".rstrip()


def _line(key: str, reference: Reference) -> str:
    parts = [reference[name].strip("{}") for name in _ORDER if reference.get(name)]
    return f"[{key}] {'. '.join(part.rstrip('.') for part in parts)}."


def _bibtex(key: str, reference: Reference) -> str:
    fields = {name: value for name, value in reference.items() if name != "type" and value}
    texts = {name: value if name == "author" else escape_latex(value) for name, value in fields.items()}
    texts["title"] = f"{{{texts['title']}}}"  # Styles of BibTeX would write EMFACS in small letters.
    body = ",\n".join(f"  {name} = {{{text}}}" for name, text in texts.items())
    return f"@{reference['type']}{{{key},\n{body}\n}}\n"


@cache
def _references() -> Mapping[str, Reference]:
    content = files("descan.report.paper").joinpath("references.toml").read_text(encoding="utf-8")
    references: dict[str, Reference] = tomllib.loads(content)
    return references
