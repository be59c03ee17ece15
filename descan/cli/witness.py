"""`descan witness`."""

from pathlib import Path
from typing import Annotated

import typer

from descan.cli.options import PresentIntensityOption, PresentProbabilityOption, QuietOption


def witness_command(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Files of a sensor or of FACS coders, or folders of files."),
    ],
    corpus: Annotated[Path, typer.Option(help="Folder of the corpus whose faces they are.")],
    format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="openface, pyfeat, libreface, disfa, ckplus or bp4d; default: found out.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the witness; default: that of the sensor.")
    ] = None,
    frames: Annotated[
        str,
        typer.Option(
            metavar="RULE",
            help="How the frames of a clip become one: peak, any, share:0.3; or each, for an item a frame.",
        ),
    ] = "peak",
    present_intensity: PresentIntensityOption = 1.0,
    present_probability: PresentProbabilityOption = 0.5,
    quiet: QuietOption = False,
) -> None:
    """Add to a corpus which action units its faces show."""
    from rich.console import Console

    from descan.corpus.sensors import describe_some, import_witnesses
    from descan.report.printing import print_text
    from descan.terminal import plain

    found = import_witnesses(
        *paths,
        corpus=corpus,
        format=format,
        witness=name,
        frames=frames,
        present_intensity=present_intensity,
        present_probability=present_probability,
    )
    console = Console(quiet=quiet)
    told = f"{plain(found.witness)} ({found.format}): {found.n_units:,} units of {found.n_items:,} items"
    print_text(console, f"{told} in {plain(str(found.path))}")
    for names, what in ((found.without_face, "no face was found"), (found.unmatched, "not an item of the corpus")):
        if names:
            print_text(console, f"Left out, {what}: {len(names):,} ({plain(describe_some(names))})")
