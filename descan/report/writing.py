"""The report of an analysis: the map, the plots and the page."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from duckdb import DuckDBPyConnection

from descan.aside import aside
from descan.embedding import NO_EMBEDDER, Embedder, load_embedder
from descan.errors import InputError, OptionError, SetupError
from descan.execution import local_workers
from descan.report.analysis_tables import AnalysisTables, read_analysis
from descan.report.cases import MAX_CHARACTERS, ChosenCases, choose_cases, count_pairs
from descan.report.charts import CHARTS, Figure, draw_figures, draw_maps
from descan.report.layout import Layouter, opened_layouter
from descan.report.plotter import Plotter, opened_plotter
from descan.report.record_pairs import MEMORY_GB, open_records
from descan.storage.cache import default_cache_folder
from descan.storage.output import staged_addition
from descan.storage.parquet_database import run_with_enough_memory
from descan.storage.results_kept import kept

if TYPE_CHECKING:
    from descan.report.map import Maps

PAGE_FILE = "report.html"
MAP_FILE = "map.parquet"

_FEW = 5_000
"""Descriptions, with which time matters more than memory."""
PLOTS_FOLDER = "plots"

MAX_PAGE_BYTES = 15_000_000
_MAX_FIGURES_BYTES = 8_000_000
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
            InputError: If an option is not what is allowed.
        """
        if self.cases_per_cell < 1:
            raise OptionError("cases_per_cell", f"must be 1 or more, not {self.cases_per_cell}")
        if self.seed is not None and self.seed < 0:
            raise OptionError("seed", f"must be 0 or more, not {self.seed}")
        if self.media_folder is not None and not self.media_folder.is_dir():
            raise InputError(self.media_folder, "is no folder; name that of the corpus")


class ReportWriter:
    """Writes the report of an analysis, with processes that draw and lay out while this one goes on."""

    def __init__(self, out: Path, options: ReportOptions, plotter: Plotter, layouter: Layouter) -> None:
        """Start no process yet.

        Args:
            out: Where to write.
            options: What to show.
            plotter: Draws into the folder of plots there.
            layouter: Lays out the maps.
        """
        self._out = out
        self._options = options
        self._plotter = plotter
        self._layouter = layouter

    def begin(self, n_descriptions: int, embedder_name: str) -> None:
        """Start the processes before there is anything for them to do, if the analysis is small.

        Args:
            n_descriptions: Of the analysis.
            embedder_name: That of the analysis; without one there is no map.
        """
        if n_descriptions >= _FEW:
            return
        self._plotter.begin()
        if self._options.has_map and embedder_name != NO_EMBEDDER:
            self._layouter.begin()

    def write(self, folder: Path, embedder: Embedder | None = None) -> None:
        """Write `report.html`, `plots/` and `map.parquet`; same analysis, same bytes.

        Memory does not grow with the analysis, nor the page beyond `MAX_PAGE_BYTES`.

        Args:
            folder: Of the analysis.
            embedder: That of the analysis, which may be at hand; found by its name else.

        Raises:
            InputError: If the folder is not that of an analysis.
        """
        run_with_enough_memory(partial(self._write, folder, embedder))

    def _write(self, folder: Path, embedder: Embedder | None, times: int) -> None:
        tables = read_analysis(folder)
        n_descriptions = _n_descriptions(tables)
        self.begin(n_descriptions, _embedder_name(tables))
        seed = int(tables.run.get("seed", 0)) if self._options.seed is None else self._options.seed
        records = open_records(
            folder,
            label_mode=tables.label_mode,
            seed=seed,
            threads=self._options.threads,
            memory_gb=times * MEMORY_GB,
        )
        with records as connection:
            # What draws takes memory, which in a large analysis the maps need first.
            is_small = n_descriptions < _FEW
            bundle = aside(_bundle) if is_small else None
            mapping = self._begin_maps(connection, tables, seed, embedder)
            figures = []
            for figure in draw_figures(tables):
                figures.append(figure)
                if is_small:
                    self._plotter.add(figure)
            maps = mapping()
            self._layouter.end()
            bundle = bundle or aside(_bundle)
            if len(maps.points):
                from descan.report.map import write_points

                write_points(maps.points, self._out / MAP_FILE)
            figures += draw_maps(maps.points, maps.reasons, tables.models)
            self._plotter.add(*figures)
            page = _page(connection, tables, figures, maps.notes, self._options, bundle.result())
        (self._out / PAGE_FILE).write_text(page, encoding="utf-8", newline="\n")

    def _begin_maps(
        self, connection: DuckDBPyConnection, tables: AnalysisTables, seed: int, embedder: Embedder | None
    ) -> "Callable[[], Maps]":
        from descan.report.map import begin_maps, no_maps

        name = _embedder_name(tables)
        if not self._options.has_map:
            return partial(no_maps, "It was not asked for (--no-map).")
        if name == NO_EMBEDDER:
            reason = "The analysis was made without an embedder, which says what words lie near each other."
            return partial(no_maps, reason)

        def without(error: SetupError) -> "Maps":
            return no_maps(f"There is no embedder: {error}.")

        def mapping() -> "Maps":
            try:
                return begun()
            except SetupError as error:
                return without(error)

        try:
            begun = begin_maps(connection, embedder or load_embedder(name), self._layouter, seed=seed)
        except SetupError as error:
            return partial(without, error)
        return mapping


@contextmanager
def opened_report_writer(out: Path, options: ReportOptions | None = None) -> Iterator[ReportWriter]:
    """Give what writes a report into `out`; its files are there when the block ends without an error.

    Raises:
        WorkerError: If a process ended before its work.
    """
    with opened_plotter(out / PLOTS_FOLDER) as plotter, opened_layouter(default_cache_folder()) as layouter:
        yield ReportWriter(out, options or ReportOptions(), plotter, layouter)


def _n_descriptions(tables: AnalysisTables) -> int:
    counts: Mapping[str, Any] = tables.run.get("counts") or {}
    return int(counts.get("descriptions", 0))


def _embedder_name(tables: AnalysisTables) -> str:
    said: Mapping[str, Any] = tables.run.get("embedder") or {}
    return str(said.get("name", NO_EMBEDDER))


def rewrite_report(folder: Path, options: ReportOptions | None = None) -> None:
    """Write the report of an analysis again; its own files are replaced, nothing else is touched.

    Raises:
        InputError: If the folder is not that of an analysis, or cannot be written.
    """
    with staged_addition(folder, REPORT_FILES) as out, opened_report_writer(out, options) as report:
        report.write(folder)


def _page(
    connection: DuckDBPyConnection,
    tables: AnalysisTables,
    figures: list[Figure],
    notes: tuple[str, ...],
    options: ReportOptions,
    bundle: str,
) -> str:
    """Give the page; cases and thumbnails take what the rest of it leaves."""
    from descan.report.page import render_page

    figures = list(_bounded(figures))
    data: dict[str, object] = {
        "models": list(tables.models),
        "cases": [],
        "thumbnails": [],
        "counts": count_pairs(connection),
    }
    data |= {"cases_per_cell": 0, "cases_per_cell_asked": options.cases_per_cell, "notes": list(notes)}
    room = MAX_PAGE_BYTES - len(render_page(tables, figures, data, bundle).encode()) - _MARGIN_BYTES
    has_media = options.has_media and options.media_folder is not None and _has_media(connection)
    kept_free = _MAX_THUMBNAILS_BYTES if has_media else 0
    max_bytes = min(_MAX_CASES_BYTES, room - min(kept_free, room // 2))
    chosen = choose_cases(connection, per_cell=options.cases_per_cell, max_bytes=max_bytes)
    thumbnails, skipped = _thumbnails(chosen, min(_MAX_THUMBNAILS_BYTES, room - max_bytes), options)
    data |= {"cases": list(chosen.cases), "thumbnails": thumbnails, "cases_per_cell": chosen.per_cell}
    data["notes"] = [*_case_notes(chosen), *skipped, *notes]
    return render_page(tables, figures, data, bundle)


_MARGIN_BYTES = 50_000
"""For the notes, and for the last thumbnail."""


def _has_media(connection: DuckDBPyConnection) -> bool:
    return connection.execute("SELECT 1 FROM pairs WHERE media <> '' LIMIT 1").fetchone() is not None


def _bundle() -> str:
    """Give the libraries that draw the charts; putting them together takes seconds."""
    version_and_use = f"{version('vl-convert-python')} {_USE}"
    path = default_cache_folder() / f"bundle-{hashlib.sha256(version_and_use.encode()).hexdigest()[:32]}.bin"
    return kept(path, _made_bundle).decode()


def _made_bundle() -> bytes:
    # In a process of its own, because what makes it holds Python's lock all the time.
    from descan.report.plots import bundle_javascript

    with local_workers(1, is_apart=True) as process:
        [bundle] = process.map(bundle_javascript, [_USE])
    return bundle.encode()


_USE = "window.vegaEmbed = vegaEmbed;"


def _bounded(figures: list[Figure]) -> Iterator[Figure]:
    """Leave out the pictures that a page has no room for; their files are drawn all the same."""
    from descan.report.page import safe_json

    room = _MAX_FIGURES_BYTES
    for figure in figures:
        n_bytes = len(safe_json(figure.spec).encode()) if figure.spec else 0
        if n_bytes > room:
            yield replace(figure, spec=None, reason=f"It is too large for this page; plots/{figure.name}.svg has it.")
        else:
            room -= n_bytes
            yield figure


def _thumbnails(chosen: ChosenCases, max_bytes: int, options: ReportOptions) -> tuple[list[str], list[str]]:
    """Give the addresses, and a sentence on those that are not there; the cases learn their places."""
    if not options.has_media or not any(chosen.media):
        return [], []
    if options.media_folder is None:
        return [], ["The pictures are left out, because the folder of the corpus was not named (--corpus)."]
    from descan.report.thumbnails import make_thumbnails

    made = make_thumbnails(options.media_folder, chosen.media, max_bytes)
    for case, path in zip(chosen.cases, chosen.media, strict=True):
        case["thumbnail"] = made.places.get(path)
    if not made.skipped:
        return list(made.addresses), []
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(made.skipped.items()))
    return list(made.addresses), [f"Items of these cases that have no picture here: {reasons}."]


def _case_notes(chosen: ChosenCases) -> Iterator[str]:
    if len(chosen.cases) < chosen.n_pairs:
        yield (
            f"This page holds {len(chosen.cases):,} of {chosen.n_pairs:,} cases: of each cell up to {chosen.per_cell}, "
            "drawn at random. The Parquet files have them all."
        )
    if chosen.per_cell < chosen.asked:
        yield (
            f"That is less than the {chosen.asked} a cell that were asked for, so that the page stays below "
            f"{MAX_PAGE_BYTES / 1e6:g} MB; where it ends within a round of the draw, some cells have one more."
        )
    if chosen.n_cut:
        yield (
            f"{chosen.n_cut:,} descriptions are longer than {MAX_CHARACTERS:,} characters and are cut here; "
            "answers.parquet has them whole."
        )
