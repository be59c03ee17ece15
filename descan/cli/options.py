"""Options that several commands have."""

from typing import Annotated

import typer

EmbedderOption = Annotated[
    str,
    typer.Option(help="sentence-transformers model (name or path) for terms outside the lexicon; none turns it off."),
]
MediaOption = Annotated[bool, typer.Option("--media/--no-media", help="Show small pictures of items on the page.")]
MapOption = Annotated[bool, typer.Option("--map/--no-map", help="Map words and descriptions by meaning.")]
CasesOption = Annotated[int, typer.Option(help="Largest number of cases on the page for each cell of a table.")]
