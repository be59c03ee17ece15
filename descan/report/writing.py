"""The report of an analysis: the map, the plots and the page."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from descan.embedding import NO_EMBEDDER, load_embedder
from descan.errors import InputError, SetupError, WorkerError, check_number
from descan.report.analysis_tables import AnalysisTables, check_tables, read_analysis
from descan.report.cases import MAX_CHARACTERS, Case, ChosenCases, choose_cases, count_pairs
from descan.report.charts import CHARTS, Figure, draw_figures, draw_maps
from descan.report.page import render_page, safe_json
from descan.report.plots import bundle_javascript, write_plots
from descan.report.record_pairs import MEMORY_GB, open_records
from descan.report.thumbnails import make_thumbnails
from descan.storage.cache import Cache, default_cache_folder
from descan.storage.output import staged_addition, write_run
from descan.storage.parquet_database import run_with_enough_memory

if TYPE_CHECKING:
    from descan.report.maps import Maps

PAGE_FILE = "report.html"
MAP_FILE = "map.parquet"
PLOTS_FOLDER = "plots"

MAX_PAGE_BYTES = 15_000_000
_MAX_FIGURES_BYTES = 8_000_000
_MAX_PICTURES_BYTES = 2_000_000
_MAX_CASES_BYTES = 9_000_000
_MAX_THUMBNAILS_BYTES = 2_500_000

REPORT_FILES = (
    PAGE_FILE,
    MAP_FILE,
    *(
        f"{PLOTS_FOLDER}/{name}.{suffix}"
        for name in (*CHARTS, "map_terms", "map_descriptions")
        for suffix in ("svg", "png")
    ),
)
"""Every file that a report may have, relative to the folder of its analysis."""

_BUNDLE_USE = "window.vegaEmbed = vegaEmbed;"

_NO_BUNDLE = "window.vegaEmbed = async () => { throw new Error('the page was written without the charts library'); };"
"""The page then names the file of each figure."""

_MARGIN_BYTES = 50_000
"""For the notes, and for the last thumbnail."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a report shows.

    Attributes:
        cases_per_cell: Cases of every cell that the page holds at most.
        seed: Of the cases that are drawn and of the map; that of the analysis when None.
        has_media: Show small pictures of the items.
        media_folder: The folder of the corpus, which the items' media are relative to, or None where it is not known.
        has_map: Draw the maps.
        threads: DuckDB's threads, or None for one per processor.
    """

    cases_per_cell: int = 25
    seed: int | None = None
    has_media: bool = True
    media_folder: Path | None = None
    has_map: bool = True
    threads: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn.

        Raises:
            OptionError: If a number is not allowed.
            InputError: If there is no such folder.
        """
        check_number("cases_per_cell", self.cases_per_cell, 1)
        if self.seed is not None:
            check_number("seed", self.seed, 0)
        check_media_folder(self.media_folder)


def check_media_folder(folder: Path | None) -> None:
    """Refuse a folder of media that is not there.

    Raises:
        InputError: If there is no such folder.
    """
    if folder is not None and not folder.is_dir():
        raise InputError(folder, "is not a folder; name the folder of the corpus")


def write_report(analysis: Path, options: ReportOptions | None = None) -> None:
    """Write `report.html`, `plots/` and `map.parquet` of an analysis; same analysis, same bytes.

    Files of an earlier report are replaced. Memory does not grow with the analysis, nor the page beyond
    `MAX_PAGE_BYTES`. A picture that cannot be drawn is left out, with a warning; the page and `report` in `run.json`
    say what is left out and why.

    Args:
        analysis: The folder of an analysis.
        options: What to show.

    Raises:
        InputError: If the folder is not that of an analysis, or cannot be written.
        SetupError: If there is too little memory.
    """
    with staged_addition(analysis, REPORT_FILES) as out:
        tables = read_analysis(analysis)
        check_tables(analysis)
        run_with_enough_memory(partial(_write, tables, out, options or ReportOptions()))


def _write(tables: AnalysisTables, out: Path, options: ReportOptions, times: int) -> None:
    from descan.report.maps import write_points

    seed = int(tables.run.get("seed", 0)) if options.seed is None else options.seed
    memory_gb = times * MEMORY_GB
    records = open_records(
        tables.folder,
        tables.categories,
        label_mode=tables.label_mode,
        seed=seed,
        threads=options.threads,
        memory_gb=memory_gb,
    )
    with records as connection:
        maps = _maps(connection, tables, seed, options)
        if len(maps.points):
            write_points(maps.points, out / MAP_FILE)
        figures = [*draw_figures(tables), *draw_maps(maps.points, maps.reasons, tables.models, tables.categories)]
        shown, pictures = _draw(figures, out / PLOTS_FOLDER)
        bundle, bundle_notes = _bundle()
        render = partial(render_page, tables, shown, bundle=bundle, pictures=pictures)
        page, notes = _page(connection, tables, render, [*maps.notes, *bundle_notes], options)
    (out / PAGE_FILE).write_text(page, encoding="utf-8", newline="\n")
    left_out = {figure.name: figure.reason for figure in shown if figure.reason}
    write_run(out, {**tables.run, "report": {"figures_left_out": left_out, "notes": notes}})


def _maps(connection: DuckDBPyConnection, tables: AnalysisTables, seed: int, options: ReportOptions) -> "Maps":
    from descan.report.maps import lay_out_maps, no_maps

    name = str(tables.run.get("embedder", {}).get("name", NO_EMBEDDER))
    if not options.has_map:
        return no_maps("It was not asked for (--no-map).")
    if name == NO_EMBEDDER:
        return no_maps("The analysis was made without an embedder, which says what words lie near each other.")
    try:
        return lay_out_maps(connection, load_embedder(name), Cache(default_cache_folder()), seed=seed)
    except SetupError as error:
        return no_maps(f"There is no embedder: {error}.")
    except WorkerError as error:
        _logger.warning("the maps are left out: %s", error)
        return no_maps(f"It could not be laid out: {error}.")


def _draw(figures: Sequence[Figure], folder: Path) -> tuple[list[Figure], dict[str, bytes]]:
    """Write the files of figures; one that cannot be drawn, or has no room in the page, has a reason and no spec.

    Returns:
        The figures, and the SVG files that the page shows without JavaScript, by name, as far as it has room for them.
    """
    problems = write_plots(figures, folder)
    room, pictures_room = _MAX_FIGURES_BYTES, _MAX_PICTURES_BYTES
    shown = []
    pictures = {}
    for figure in figures:
        reason = figure.reason
        n_bytes = len(safe_json(figure.spec).encode()) if figure.spec else 0
        if problem := problems.get(figure.name):
            _logger.warning("plots/%s is left out: it could not be drawn: %s", figure.name, problem)
            reason = f"It could not be drawn: {problem}."
        elif n_bytes > room:
            reason = f"It is too large for this page; plots/{figure.name}.svg has it."
        elif figure.spec is not None:
            room -= n_bytes
            picture = (folder / f"{figure.name}.svg").read_bytes()
            if len(picture) <= pictures_room:
                pictures_room -= len(picture)
                pictures[figure.name] = picture
        shown.append(replace(figure, spec=None if reason else figure.spec, reason=reason))
    return shown, pictures


def _bundle() -> tuple[str, list[str]]:
    """Return the charts library as a script, or a script that takes its place and a sentence on why."""
    try:
        return bundle_javascript(_BUNDLE_USE), []
    except WorkerError as error:
        _logger.warning("the page has no interactive figures, only their files: %s", error)
        return _NO_BUNDLE, [f"This page has no interactive figures; plots/ has them as files. Why: {error}."]


def _page(
    connection: DuckDBPyConnection,
    tables: AnalysisTables,
    render: Callable[[Mapping[str, object]], str],
    notes: list[str],
    options: ReportOptions,
) -> tuple[str, list[str]]:
    """Return the page and its notes; cases and thumbnails take what the rest of it leaves."""
    data: dict[str, object] = {
        "models": list(tables.models),
        "categories": list(tables.categories.names),
        "cases": [],
        "thumbnails": [],
        "counts": count_pairs(connection),
        "cases_per_cell": 0,
        "cases_per_cell_asked": options.cases_per_cell,
        "notes": notes,
    }
    room = MAX_PAGE_BYTES - len(render(data).encode()) - _MARGIN_BYTES
    [(n_media,)] = connection.execute("SELECT count(*) FROM pairs WHERE media <> ''").fetchall()
    has_thumbnails = n_media and options.has_media and options.media_folder is not None
    kept_free = min(_MAX_THUMBNAILS_BYTES, room // 2) if has_thumbnails else 0
    cases_room = min(_MAX_CASES_BYTES, room - kept_free)
    chosen = choose_cases(connection, per_cell=options.cases_per_cell, max_bytes=cases_room)
    thumbnails, skipped = _thumbnails(chosen, min(_MAX_THUMBNAILS_BYTES, room - cases_room), options)
    data |= {"cases": chosen.cases, "thumbnails": thumbnails, "cases_per_cell": chosen.per_cell}
    notes = [*_case_notes(chosen, options.cases_per_cell), *skipped, *notes]
    return render({**data, "notes": notes}), notes


def _thumbnails(chosen: ChosenCases, max_bytes: int, options: ReportOptions) -> tuple[list[str], list[str]]:
    """Return the addresses, and a sentence on those that are not there; the cases learn their places."""
    if not options.has_media or not any(chosen.media):
        return [], []
    if options.media_folder is None:
        return [], ["The pictures are left out, because the folder of the corpus was not named (--corpus)."]
    return add_thumbnails(chosen.cases, chosen.media, options.media_folder, max_bytes)


def add_thumbnails(
    cases: Sequence[Case], media: Sequence[str], folder: Path, max_bytes: int
) -> tuple[list[str], list[str]]:
    """Make small pictures; cases learn the places of theirs.

    Args:
        cases: Of a page.
        media: Of each case, the path of its item's picture or clip, or "".
        folder: That the paths are relative to.
        max_bytes: Of all addresses together.

    Returns:
        The addresses, and a sentence on the pictures that are not there, if any.
    """
    made, skipped = make_thumbnails(folder, media, max_bytes)
    places = {path: place for place, path in enumerate(made)}
    for case, path in zip(cases, media, strict=True):
        case["thumbnail"] = places.get(path)
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(skipped.items()))
    return list(made.values()), [f"Items of these cases that have no picture here: {reasons}."] if reasons else []


def _case_notes(chosen: ChosenCases, asked: int) -> Iterator[str]:
    if len(chosen.cases) < chosen.n_pairs:
        yield (
            f"This page holds {len(chosen.cases):,} of {chosen.n_pairs:,} cases: of each cell up to {chosen.per_cell}, "
            "drawn at random. The Parquet files have them all."
        )
    if chosen.per_cell < asked:
        yield (
            f"That is less than the {asked} a cell that were asked for, so that the page stays below "
            f"{MAX_PAGE_BYTES / 1e6:g} MB; where it ends within a round of the draw, some cells have one more."
        )
    if chosen.n_cut:
        yield (
            f"{chosen.n_cut:,} descriptions are longer than {MAX_CHARACTERS:,} characters and are cut here; "
            "answers.parquet has them whole."
        )
