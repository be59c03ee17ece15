"""An analysis for a paper: its tables and figures, how it was made, and what to cite."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from descan.analysis.results import Analysis, open_analysis
from descan.errors import InputError, OptionError, quote
from descan.lexicon import FigureWords, figure_languages, load_figure_words, read_figure_words
from descan.report.analysis_tables import read_analysis
from descan.report.paper.exporting import Exported, ExportOptions, export_analysis
from descan.report.paper.figures import FigureFormat, FigureStyle
from descan.report.paper.methods import MAP_REFERENCE, CitationFormat, find_references, format_references, write_methods
from descan.report.paper.table_files import TableFormat
from descan.report.paper.tables import printable_tables
from descan.report.writing import MAP_FILE
from descan.storage.output import check_analysis

Choice = TypeVar("Choice", bound=StrEnum)

ALL, NONE = "all", "none"
"""Stand for every table or figure, and for none."""

_WIDTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(cm|mm|in|pt)?\s*")
_CM = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72.27}
"""A point is that of TeX, in which journals give the width of a column."""


def export(
    analysis: Analysis | Path | str,
    out: Path | str,
    *,
    formats: Sequence[str] | str = "latex",
    tables: Sequence[str] | str | None = None,
    figures: Sequence[str] | str = ALL,
    figure_formats: Sequence[str] | str = "pdf",
    width: str | float = "17cm",
    font_size: float = 8.0,
    dpi: int = 300,
    language: Path | str | None = None,
    models: Mapping[str, str] | Sequence[str] = (),
    digits: int = 1,
) -> Exported:
    """Write an analysis for a paper: tables, figures with captions, a paragraph on methods and its references.

    Args:
        analysis: An analysis, or its folder.
        out: Folder for the files: new, empty, or an earlier export, which is replaced.
        formats: Of the tables: latex, markdown, csv, xlsx. With latex there are also methods.tex, references.bib and a
            .tex file for each figure, else methods.md and references.md.
        tables: Names of tables, `all`, `none`, or None for those that a paper begins with.
        figures: Names of figures, `all` or `none`.
        figure_formats: Of the figures: pdf, svg, png.
        width: Of the figures: centimetres, or with a unit, such as 85mm, 3.3in or 240pt.
        font_size: Of most letters of figures, in points. A figure that does not fit has smaller ones, with a warning.
        dpi: Pixels per inch of a PNG.
        language: Of the labels of figures, such as de; or a YAML file of English labels and the words for them.
        models: Models to show, in this order; a mapping also says what to call them. Empty for all.
        digits: Decimals of percentages.

    Returns:
        What was written.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If there is no such analysis, or `out` cannot be written.
        SetupError: If a package that a format needs is not installed.
    """
    folder = open_analysis(analysis).folder
    check_analysis(folder)
    if tables == ALL:
        tables = printable_tables(read_analysis(folder))
    options = ExportOptions(
        formats=_choose_all(TableFormat, formats, "formats"),
        tables=None if tables is None else _split(tables),
        figures=None if figures == ALL else _split(figures),
        figure_formats=_choose_all(FigureFormat, figure_formats, "figure_formats"),
        style=FigureStyle(_parse_width(width), font_size, dpi, _load_words(language)),
        models=dict(models) if isinstance(models, Mapping) else {model: model for model in models},
        digits=digits,
    )
    return export_analysis(folder, Path(out), options)


def cite(analysis: Analysis | Path | str, form: str = "text") -> str:
    """Return what a paper that uses an analysis should cite: descan, the data set, and what the methods rest on.

    Args:
        analysis: An analysis, or its folder.
        form: `text`, or `bibtex`.

    Returns:
        The references, each with what it is cited for: as lines of text, or as entries of BibTeX.

    Raises:
        OptionError: If there is no such form.
        InputError: If there is no such analysis.
    """
    folder = open_analysis(analysis).folder
    check_analysis(folder)
    tables = read_analysis(folder)
    chosen = _choose(CitationFormat, form, "format")
    cited = dict(write_methods(tables, is_latex=False).references)
    if (folder / MAP_FILE).is_file():
        cited[MAP_REFERENCE] = find_references(tables)[MAP_REFERENCE]
    return format_references(cited, chosen)


def _split(names: Sequence[str] | str) -> list[str]:
    parts = names.split(",") if isinstance(names, str) else names
    return [part.strip() for part in parts if part.strip() not in ("", NONE)]


def _choose_all(kind: type[Choice], names: Sequence[str] | str, option: str) -> list[Choice]:
    return [_choose(kind, name, option) for name in dict.fromkeys(_split(names))]


def _choose(kind: type[Choice], name: str, option: str) -> Choice:
    if name not in set(kind):
        raise OptionError(option, f"must be one of {', '.join(kind)}, not {quote(name)}")
    return kind(name)


def _parse_width(width: str | float) -> float:
    """Return a width in centimetres."""
    if isinstance(width, (int, float)):
        return float(width)
    found = _WIDTH.fullmatch(width)
    if found is None:
        raise OptionError("width", f"{quote(width)} is no width; use one such as 8.5cm, 85mm, 3.3in or 240pt")
    return float(found[1]) * _CM[found[2] or "cm"]


def _load_words(language: Path | str | None) -> FigureWords:
    if language is None or language == "en":
        return FigureWords({})
    if str(language) in figure_languages():
        return load_figure_words(str(language))
    path = Path(language)
    if not path.is_file():
        known = ", ".join(("en", *figure_languages()))
        raise OptionError("language", f"{quote(str(language))} is unknown; use {known}, or a YAML file of words")
    try:
        return read_figure_words(path)
    except UnicodeDecodeError:
        raise InputError(path, "is not UTF-8; save it so") from None
