"""`descan explain`."""

import sys
from typing import Annotated

import typer

from descan.cli.options import CategoriesOption, EmbedderOption, LexiconOption, print_json
from descan.errors import InputError


def explain_command(
    text: Annotated[str, typer.Argument(help="A description; - or nothing reads standard input.")] = "-",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    language: Annotated[str | None, typer.Option(help="Language of the text; default: found out.")] = None,
    embedder: EmbedderOption = "all-MiniLM-L6-v2",
    categories: CategoriesOption = None,
    lexicon: LexiconOption = None,
) -> None:
    """Show what a text mentions, and the rule behind each mention."""
    from rich.console import Console

    from descan.analysis.explaining import explain
    from descan.report.explanation import explanation_record, print_explanation

    if text == "-":
        text = _read_standard_input().removesuffix("\n").removesuffix("\r")
    if not text.strip():
        raise InputError(None, 'there is no text; use descan explain "TEXT", or pipe one in')
    found = explain(text, language=language, embedder=embedder, categories=categories, lexicon=lexicon)
    if as_json:
        record = explanation_record(found.text, found.extraction, found.reading, found.categories, found.unknown)
        print_json(record)
    else:
        console = Console(highlight=False)
        print_explanation(found.text, found.extraction, found.reading, found.categories, console, found.unknown)


def _read_standard_input() -> str:
    """Read a text that is as long as `explain` accepts, or a little longer: the input may have no end."""
    from descan.analysis.explaining import MAX_CHARACTERS

    if sys.stdin is None:
        raise InputError(None, 'there is no standard input; use descan explain "TEXT"')
    max_bytes = 4 * MAX_CHARACTERS
    content = sys.stdin.buffer.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise InputError("standard input", f"is longer than {max_bytes:,} bytes; pipe in one description")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("standard input", f"is not UTF-8 at byte {error.start}; UTF-8 is expected") from error
