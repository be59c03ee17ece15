"""`descan explain`."""

import sys
from typing import Annotated

import typer

from descan.errors import InputError


def explain_command(
    text: Annotated[str, typer.Argument(help="A description; - or nothing reads standard input.")] = "-",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    language: Annotated[str, typer.Option(help="Language of the text.")] = "en",
    embedder: Annotated[
        str, typer.Option(help="sentence-transformers name or path for terms outside the lexicon; none turns it off.")
    ] = "all-MiniLM-L6-v2",
) -> None:
    """Show what a text mentions, by which rule."""
    from rich.console import Console

    from descan.light_imports import import_spacy_alone

    import_spacy_alone()
    from descan.analysis.explaining import explain
    from descan.report.explanation import explanation_record, print_explanation

    if text == "-":
        text = _standard_input()
    _check_unicode(text)
    if not text.strip():
        raise InputError(None, 'there is no text; use descan explain "TEXT", or pipe one in')
    extraction, reading = explain(text, language=language, embedder=embedder)
    if as_json:
        import json

        typer.echo(json.dumps(explanation_record(text, extraction, reading), ensure_ascii=True, indent=2))
    else:
        print_explanation(text, extraction, reading, Console(highlight=False))


def _standard_input() -> str:
    if sys.stdin is None:
        raise InputError(None, 'there is no standard input; use descan explain "TEXT"')
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("standard input", f"is not UTF-8 at byte {error.start}; UTF-8 is expected") from error


def _check_unicode(text: str) -> None:
    """Refuse an argument with bytes that are not UTF-8, which Python passes on as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(None, f"the text is not UTF-8 at character {error.start}; UTF-8 is expected") from error
