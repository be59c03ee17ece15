"""Options that several commands have."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from descan.errors import InputError, quote

Value = TypeVar("Value")

EmbedderOption = Annotated[
    str,
    typer.Option(help="sentence-transformers model (name or path) for terms outside the lexicon; none turns it off."),
]
MediaOption = Annotated[bool, typer.Option("--media/--no-media", help="Show small pictures of items on the page.")]
MapOption = Annotated[bool, typer.Option("--map/--no-map", help="Map words and descriptions by meaning.")]
CasesOption = Annotated[int, typer.Option(help="Largest number of cases on the page for each cell of a table.")]


CategoriesOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help="Category set: basic7, basic8, or a .toml file; default: that of the corpus, or basic7.",
    ),
]


QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but warnings and errors.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object instead.")]

MaxCostOption = Annotated[float | None, typer.Option(help="US dollars that this call may spend.")]
MaxRequestsOption = Annotated[int | None, typer.Option(help="Requests that this call may send.")]
RawOption = Annotated[bool | None, typer.Option("--raw/--no-raw", help="Store raw bodies.")]
BatchOption = Annotated[
    bool | None, typer.Option("--batch/--no-batch", help="Ask in OpenAI's batches, at half the price.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print the plan; send and write nothing.")]
RetryFailedOption = Annotated[bool, typer.Option("--retry-failed", help="Also ask again what failed for good.")]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Wait until batches are over, and fetch them; asks once a minute.")
]
SendingSeedOption = Annotated[int | None, typer.Option(help="Seed of the sample and of the order of sending.")]

LexiconOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder with your own words, which add to the lexicon, change it and remove from it; default: that of the "
        "corpus.",
    ),
]


PresentIntensityOption = Annotated[
    float, typer.Option(help="A unit is there from this intensity on, above 0 and at most 5.")
]
PresentProbabilityOption = Annotated[
    float, typer.Option(help="A unit is there from this probability on, above 0 and at most 1.")
]


def print_json(record: object) -> None:
    """Print a record as one JSON object, in ASCII so that no terminal is steered by it."""
    typer.echo(json.dumps(record, ensure_ascii=True, allow_nan=False, indent=2))


def parse_pairs(option: str, pairs: Sequence[str] | None, kind: Callable[[str], Value]) -> dict[str, Value]:
    """Parse the values `KEY=VALUE` of an option.

    Args:
        option: Its name, for error messages.
        pairs: As given.
        kind: Converts the text of a value.

    Raises:
        InputError: If one is not of that form, or gives a key a second value.
    """
    parsed: dict[str, Value] = {}
    for pair in pairs or ():
        key, equals, value = pair.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise InputError(None, f"{option} {quote(pair)} is not allowed; use KEY=VALUE")
        if parsed.setdefault(key.strip(), kind(value.strip())) != kind(value.strip()):
            raise InputError(None, f"{option} {quote(pair)} gives {quote(key.strip())} a second value; give it one")
    return parsed
