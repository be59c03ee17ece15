"""`descan report`."""

from pathlib import Path
from typing import Annotated

import typer

from descan.cli.options import CasesOption, MapOption, MediaOption, QuietOption


def report_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of an analysis.")],
    corpus: Annotated[Path | None, typer.Option(help="Folder of the corpus, for small pictures of its items.")] = None,
    with_media: MediaOption = True,
    with_map: MapOption = True,
    cases_per_cell: CasesOption = 25,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the cases and the maps; default: that of the analysis.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Write the page, plots and maps of an analysis again."""
    from descan.report.writing import PAGE_FILE, ReportOptions, write_report
    from descan.terminal import plain

    options = ReportOptions(cases_per_cell, seed, with_media, corpus, with_map)
    write_report(folder, options)
    if not quiet:
        typer.echo(f"Report: {plain(str(folder / PAGE_FILE))}")
