"""`descan report`."""

from pathlib import Path
from typing import Annotated

import typer


def report_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of an analysis.")],
    corpus: Annotated[Path | None, typer.Option(help="Folder of the corpus, for small pictures of its items.")] = None,
    with_media: Annotated[
        bool, typer.Option("--media/--no-media", help="Show small pictures of items on the page.")
    ] = True,
    with_map: Annotated[bool, typer.Option("--map/--no-map", help="Map words and descriptions by meaning.")] = True,
    cases_per_cell: Annotated[
        int, typer.Option(help="Largest number of cases on the page for each cell of a table.")
    ] = 25,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the cases and the maps; default: that of the analysis.")
    ] = None,
) -> None:
    """Write the page, plots and maps of an analysis again."""
    from descan.report.writing import PAGE_FILE, ReportOptions, write_report
    from descan.terminal import plain

    options = ReportOptions(cases_per_cell, seed, with_media, corpus, with_map)
    write_report(folder, options)
    typer.echo(f"Report: {plain(str(folder / PAGE_FILE))}")
