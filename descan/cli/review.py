"""`descan review`."""

from pathlib import Path
from typing import Annotated

import typer

from descan.cli.options import QuietOption
from descan.terminal import plain


def review_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of an analysis.")],
    readings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where readings are kept, a .jsonl file; default: DIR-readings.jsonl."),
    ] = None,
    n: Annotated[int, typer.Option("--n", help="Number of descriptions in the sample that people read.")] = 200,
    weighted: Annotated[
        bool,
        typer.Option("--weighted", help="Draw more of the verdicts whose descriptions descan is likely to misread."),
    ] = False,
    shared: Annotated[
        int | None,
        typer.Option(help="How many of them everybody reads; the others are shared out. Default: all of them."),
    ] = None,
    corpus: Annotated[Path | None, typer.Option(help="Folder of the corpus, for small pictures of its items.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the sample; default: that of the analysis.")] = None,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes one that is free.")] = 0,
    quiet: QuietOption = False,
) -> None:
    """Show every case in a browser, and let people read a sample of descriptions blind. Ctrl-C ends it."""
    from descan.api import review

    if not quiet:
        typer.echo(f"Opening {plain(str(folder))} ...", err=True)
    review(
        folder,
        readings=readings,
        n=n,
        weighted=weighted,
        shared=shared,
        corpus=corpus,
        seed=seed,
        port=port,
        quiet=quiet,
    )
