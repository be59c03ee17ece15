"""Write an analysis for a paper: tables, figures, a paragraph on methods and its references."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descan.errors import InputError, OptionError, check_number, quote
from descan.report.analysis_tables import AnalysisTables, check_tables, read_analysis
from descan.report.charts import MAPS
from descan.report.paper.figures import FIGURES, FigureFormat, FigureStyle, WrittenFigure, write_figures
from descan.report.paper.latex_widths import estimate_width_cm
from descan.report.paper.methods import CitationFormat, Methods, format_references, write_methods
from descan.report.paper.table_files import (
    TableFormat,
    check_formats,
    escape_latex,
    escape_markdown,
    write_tables,
)
from descan.report.paper.tables import DEFAULT_TABLES, PaperTable, print_table, printable_tables
from descan.report.wording import join_some
from descan.storage.output import EXPORT, check_analysis, staged_output
from descan.terminal import plain

if TYPE_CHECKING:
    import pandas as pd

TABLES_FOLDER, FIGURES_FOLDER = "tables", "figures"

_METHODS, _REFERENCES = "methods", "references"
_MAX_DIGITS = 4
_MAX_CM, _MIN_CM = 100, 2
_MAX_DPI = 2400

_PAGE_CM = 24
"""The height of the text of a printed page: what A4 and letter leave between narrow margins."""

_TEXT_CM = 17
"""The width of that text; the columns of a paper are narrower."""

_N_TABLES = 5
"""A warning names no more tables than this."""

_N_LETTERS = 8
"""A warning shows no more letters than this."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is written, and how.

    Attributes:
        formats: Of the tables, and of captions and methods.
        tables: Names of tables, or None for `DEFAULT_TABLES`.
        figures: Names of figures, or None for all that can be drawn.
        figure_formats: Of the figures.
        style: How figures look.
        models: Models to show in this order, each with the name to print; empty for all as they are.
        digits: Decimals of percentages.
    """

    formats: Sequence[TableFormat] = (TableFormat.LATEX,)
    tables: Sequence[str] | None = None
    figures: Sequence[str] | None = None
    figure_formats: Sequence[FigureFormat] = (FigureFormat.PDF,)
    style: FigureStyle = field(default_factory=FigureStyle)
    models: Mapping[str, str] = field(default_factory=dict)
    digits: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be written.

        Raises:
            OptionError: If a number or a name is not allowed.
            SetupError: If something that a format needs is not installed.
        """
        check_number("digits", self.digits, 0, _MAX_DIGITS)
        check_number("dpi", self.style.dpi, 36, _MAX_DPI)
        if not _MIN_CM <= self.style.width_cm <= _MAX_CM:
            raise OptionError("width", f"is {self.style.width_cm:g} cm; use {_MIN_CM} to {_MAX_CM} cm")
        if not 3 <= self.style.font_pt <= 72:
            raise OptionError("font_size", f"is {self.style.font_pt:g} points; use 3 to 72")
        if unknown := [name for name in self.figures or () if name not in FIGURES]:
            raise OptionError("figures", f"{quote(unknown[0])} is unknown; use {', '.join(FIGURES)}")
        check_formats(self.formats)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        folder: Where.
        files: Of each, the path relative to the folder.
        figures: What became of each figure; of those that were not named, only what was drawn.
    """

    folder: Path
    files: Sequence[str]
    figures: Sequence[WrittenFigure]

    @property
    def record(self) -> dict[str, Any]:
        """The same as values of JSON; undefined numbers are None."""
        figures = [
            {name: None if value != value else value for name, value in figure._asdict().items()}
            for figure in self.figures
        ]
        return {"folder": str(self.folder), "files": list(self.files), "figures": figures}


def export_analysis(analysis: Path, out: Path, options: ExportOptions | None = None) -> Exported:
    """Write tables, figures, methods and references of an analysis into a folder, as a paper has them.

    Args:
        analysis: The folder of an analysis.
        out: New, empty, or an earlier export, which is replaced.
        options: What to write.

    Raises:
        OptionError: If an option names a table, figure or model that there is none of.
        InputError: If `analysis` is not an analysis, or `out` cannot be written.
    """
    options = options or ExportOptions()
    check_analysis(analysis)
    check_tables(analysis)
    tables = name_models(read_analysis(analysis), options.models)
    names = DEFAULT_TABLES if options.tables is None else options.tables
    if unknown := [name for name in names if name not in printable_tables(tables)]:
        raise OptionError("tables", f"{quote(unknown[0])} is unknown; use {', '.join(printable_tables(tables))}")
    with staged_output(out, _earlier_files(out), EXPORT) as folder:
        printed = [print_table(name, tables, options.digits) for name in names]
        write_tables(printed, options.formats, options.digits, folder / TABLES_FOLDER)
        if TableFormat.LATEX in options.formats:
            _tell_wide_tables(printed)
        figures = list(
            write_figures(
                FIGURES if options.figures is None else options.figures,
                tables,
                _read_points(analysis, options.models),
                options.style,
                options.figure_formats,
                folder / FIGURES_FOLDER,
            )
        )
        drawn = [figure for figure in figures if not figure.problem]
        if options.figures is None:
            figures = drawn
        for figure in figures:
            _tell(figure, options.style, len(tables.models))
        _tell_missing_letters(figures)
        if TableFormat.LATEX in options.formats:
            _write_latex(write_methods(tables, is_latex=True), drawn, options.style, folder)
        if set(options.formats) - {TableFormat.LATEX}:
            _write_markdown(write_methods(tables, is_latex=False), drawn, folder)
        files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        record = {"descan": tables.run.get("descan", ""), "files": files}
        (folder / EXPORT.marker).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return Exported(out, files, figures)


def name_models(tables: AnalysisTables, models: Mapping[str, str]) -> AnalysisTables:
    """Return the tables of some models, by the names that a paper gives them.

    Args:
        tables: The analysis.
        models: Model -> name, in the order to be shown; empty for all as they are.

    Raises:
        OptionError: If there is no such model, or two get one name.
    """
    if not models:
        return tables
    if unknown := [model for model in models if model not in tables.models]:
        raise OptionError("models", f"{quote(unknown[0])} is not in the analysis; use {', '.join(tables.models)}")
    if len(set(models.values())) < len(models):
        raise OptionError("models", "two models have one name; give each its own")
    return tables.of_models(models)


def _read_points(analysis: Path, models: Mapping[str, str]) -> "pd.DataFrame":
    """Return what `map.parquet` holds of the models, or nothing where there is none."""
    import pandas as pd

    from descan.report.maps import SCHEMA
    from descan.report.writing import MAP_FILE

    path = analysis / MAP_FILE
    if not path.is_file():
        return pd.DataFrame(columns=SCHEMA.names)
    try:
        points = pd.read_parquet(path, columns=SCHEMA.names)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(path, "is not a map; `descan report` writes it") from error
    if not models:
        return points
    kept = points[points["model"].isin(["", *models])]
    return kept.assign(model=kept["model"].map(lambda name: models.get(name, name)))


def _earlier_files(out: Path) -> list[str]:
    """Return the files of an earlier export, which a new one replaces."""
    try:
        record: Any = json.loads((out / EXPORT.marker).read_text(encoding="utf-8"))
        names = [Path(str(name)) for name in record["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [
        name.as_posix()
        for name in names
        if not name.is_absolute()
        and ".." not in name.parts
        and name.parts[0]
        in (
            TABLES_FOLDER,
            FIGURES_FOLDER,
            f"{_METHODS}.md",
            f"{_METHODS}.tex",
            f"{_REFERENCES}.bib",
            f"{_REFERENCES}.md",
        )
    ]


def _tell_wide_tables(printed: Sequence[PaperTable]) -> None:
    """Warn of tables that LaTeX sets over the margin."""
    widths = {table.name: estimate_width_cm(table) for table in printed}
    wide = {name: width for name, width in widths.items() if width > _TEXT_CM}
    if wide:
        shown = [f"{name} ({width:.0f} cm)" for name, width in wide.items()]
        _logger.warning(
            "wider in LaTeX than the %d cm of a page: %s; turn a table on its side with the package rotating, or take "
            "columns out of its .tex file",
            _TEXT_CM,
            join_some([f"table {shown[0]}", *shown[1:]], _N_TABLES, separator=", "),
        )


def _tell(figure: WrittenFigure, style: FigureStyle, n_models: int) -> None:
    """Warn of figures that are not as they were asked for."""
    if figure.problem:
        _logger.warning("figure %s is left out: %s", figure.name, plain(figure.problem))
    elif figure.font_pt < style.font_pt - 0.05:
        _logger.warning(
            "figure %s: letters are %.1f points, for %g points it must be %.1f cm wide",
            figure.name,
            figure.font_pt,
            style.font_pt,
            figure.needed_cm,
        )
    if figure.height_cm > _PAGE_CM:
        ways = ["fewer models (--model)"] * (n_models > 1 and figure.name not in MAPS)
        ways += ["a larger --width, which puts its parts side by side"] * figure.is_stacked
        ways += ["a smaller --width" if figure.name in MAPS else "a smaller --font-size"]
        _logger.warning(
            "figure %s is %.1f cm high, more than the %g cm of a page: use %s",
            figure.name,
            figure.height_cm,
            _PAGE_CM,
            ", or ".join(ways),
        )


def _tell_missing_letters(figures: Sequence[WrittenFigure]) -> None:
    """Warn of letters that are drawn as empty boxes."""
    named = [figure.name for figure in figures if figure.missing_letters]
    letters = list(dict.fromkeys(letter for figure in figures for letter in figure.missing_letters))
    if named:
        more = f" and {len(letters) - _N_LETTERS:,} more letters" if len(letters) > _N_LETTERS else ""
        shown = plain(" ".join(letters[:_N_LETTERS]))
        _logger.warning(
            "no font of this machine has %s%s, so these figures show empty boxes: %s; install a font that has them",
            shown,
            more,
            ", ".join(named),
        )


def _write_latex(methods: Methods, figures: Sequence[WrittenFigure], style: FigureStyle, folder: Path) -> None:
    (folder / f"{_METHODS}.tex").write_text(methods.text, encoding="utf-8")
    references = format_references(methods.references, CitationFormat.BIBTEX)
    (folder / f"{_REFERENCES}.bib").write_text(references, encoding="utf-8")
    for figure in figures:
        lines = [
            "% \\usepackage{graphicx}",
            "\\begin{figure}[tbp]",
            "\\centering",
            f"\\includegraphics[width={style.width_cm:g}cm]{{{FIGURES_FOLDER}/{figure.name}}}",
            f"\\caption{{{escape_latex(figure.caption)}}}",
            f"\\label{{fig:{figure.name.replace('_', '-')}}}",
            "\\end{figure}",
        ]
        path = folder / FIGURES_FOLDER / f"{figure.name}.tex"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write_markdown(methods: Methods, figures: Sequence[WrittenFigure], folder: Path) -> None:
    references = format_references(methods.references, CitationFormat.TEXT)
    (folder / f"{_METHODS}.md").write_text(methods.text, encoding="utf-8")
    (folder / f"{_REFERENCES}.md").write_text("\n".join(references.splitlines(keepends=True)), encoding="utf-8")
    captions = "".join(f"**{figure.name}**: {escape_markdown(figure.caption)}\n\n" for figure in figures)
    (folder / FIGURES_FOLDER / "captions.md").write_text(captions, encoding="utf-8")
