"""The page of two analyses side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from descan.errors import check_number
from descan.lexicon import load_category_set
from descan.records import Verdict
from descan.report.cases import MAX_CHARACTERS
from descan.report.changes.comparison import ComparisonTables, pair_name
from descan.report.changes.flips import ChosenFlips, choose_flips, open_flips
from descan.report.changes.sections import comparison_making, comparison_sections
from descan.report.limits import MODELS_IN_FIGURE
from descan.report.page import render_template
from descan.report.record_pairs import MEMORY_GB
from descan.report.writing import MAX_PAGE_BYTES, PAGE_FILE, add_thumbnails, check_media_folder
from descan.storage.parquet_database import run_with_enough_memory
from descan.terminal import plain

_SCRIPTS = ("common", "marks", "form", "list", "flips", "theme", "start")
_MAX_FLIPS_BYTES = 9_000_000
_MAX_THUMBNAILS_BYTES = 2_500_000


@dataclass(frozen=True, slots=True)
class PageOptions:
    """What the page of two analyses shows.

    Attributes:
        cases_per_cell: Largest number of flips for each pair of verdicts of a model.
        media_folder: Folder that the media paths of the items are relative to; None for no small pictures.
    """

    cases_per_cell: int = 25
    media_folder: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be shown.

        Raises:
            OptionError: If a number is not allowed.
            InputError: If there is no such folder.
        """
        check_number("cases_per_cell", self.cases_per_cell, 1)
        check_media_folder(self.media_folder)


def write_comparison_page(folder: Path, a: Path, b: Path, found: ComparisonTables, options: PageOptions) -> None:
    """Write `report.html` of a comparison; same comparison, same bytes.

    Memory does not grow with the analyses, nor the page beyond `writing.MAX_PAGE_BYTES`.

    Args:
        folder: Where `flips.parquet` is, and where the page goes.
        a: The folder of an analysis.
        b: That of the other.
        found: The comparison.
        options: What the page shows.

    Raises:
        InputError: If a file of an analysis is missing or damaged.
        SetupError: If there is too little memory.
    """
    page = run_with_enough_memory(partial(_render, folder, a, b, found, options))
    (folder / PAGE_FILE).write_text(page, encoding="utf-8", newline="\n")


def _render(folder: Path, a: Path, b: Path, found: ComparisonTables, options: PageOptions, times: int) -> str:
    shown = found.choose_models(MODELS_IN_FIGURE)
    models = {str(row["model_a"]): pair_name(row) for row in shown}
    seed = int(found.about["options"]["seed"])
    with open_flips(a, b, folder, found.label_modes, seed, times * MEMORY_GB) as connection:
        chosen = choose_flips(connection, models, per_cell=options.cases_per_cell, max_bytes=_MAX_FLIPS_BYTES)
    thumbnails, skipped = _thumbnails(chosen, options)
    data = {
        "flips": chosen.flips,
        "thumbnails": thumbnails,
        "counts": _count_flips(found, models),
        "notes": [*_notes(chosen, options.cases_per_cell), *skipped],
    }
    return render_template(
        "comparison.html.j2",
        _SCRIPTS,
        data,
        load_category_set(),  # No category has a colour here.
        title=" and ".join(plain(Path(found.about[side]["folder"]).name) for side in "ab") + ", side by side",
        sections=comparison_sections(found, shown),
        making=comparison_making(found),
        pictures={},
    )


def _thumbnails(chosen: ChosenFlips, options: PageOptions) -> tuple[list[str], list[str]]:
    """Return the addresses, and a sentence on those that are not there; the flips learn their places."""
    if options.media_folder is None:
        return [], []
    return add_thumbnails(chosen.flips, chosen.media, options.media_folder, _MAX_THUMBNAILS_BYTES)


def _count_flips(found: ComparisonTables, models: Mapping[str, str]) -> dict[str, object]:
    """Count the flips by all that the page filters by: `columns`, and `rows` that end in the count."""
    verdicts = list(Verdict)
    rows = [
        [models[row["model_a"]], row["gold"], row["verdict_a"], row["verdict_b"], row["n"]]
        for row in found.tables["transitions"]
        if row["n"] and row["gold"] != "all" and row["verdict_a"] != row["verdict_b"] and row["model_a"] in models
    ]
    rows.sort(key=lambda row: (verdicts.index(row[2]), verdicts.index(row[3])))
    return {"columns": ["model", "gold", "from", "to"], "rows": rows}


def _notes(chosen: ChosenFlips, asked: int) -> Iterator[str]:
    if len(chosen.flips) < chosen.n_flips:
        yield (
            f"This page holds {len(chosen.flips):,} of {chosen.n_flips:,} flips: up to {chosen.per_cell} from each "
            "verdict to each other of a model, drawn at random. tables/flips.csv has them all."
        )
    if chosen.per_cell < asked:
        limit = f"{MAX_PAGE_BYTES / 1e6:g} MB"
        yield f"That is less than the {asked} that were asked for, so that the page stays below {limit}."
    if chosen.n_cut:
        yield (
            f"{chosen.n_cut:,} descriptions are longer than {MAX_CHARACTERS:,} characters and are cut here; "
            "answers.parquet has them whole."
        )
