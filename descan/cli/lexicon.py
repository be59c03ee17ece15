"""`descan lexicon show` and `descan lexicon check`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from descan.cli.help import Command, Group
from descan.cli.options import LexiconOption, print_json

UNKNOWN = 3
"""Exit code where the lexicon has no entry of a word."""

lexicon_app = typer.Typer(
    help="Show what the lexicon knows of a word, and check a folder with your own words.",
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
)

_JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_Language = Annotated[str, typer.Option(help="Language of the word, such as en.")]


@lexicon_app.command("show", cls=Command)
def show_command(
    word: Annotated[str, typer.Argument(help="A word or a phrase, in any case.")],
    lexicon: LexiconOption = None,
    language: _Language = "en",
    as_json: _JsonOption = False,
) -> None:
    """Show what the lexicon knows of a word, with files and lines; end with exit code 3 if it has no such entry."""
    from descan.analysis.words import find_word

    found = find_word(word, language=language, lexicon=lexicon)
    if as_json:
        record = {
            "word": word,
            "language": found.language,
            "entries": [asdict(entry) for entry in found.entries],
            "within": [asdict(entry) for entry in found.within],
        }
        print_json(record)
    else:
        from rich.console import Console

        from descan.report.lexicon_entries import print_entries

        print_entries(word, found.entries, found.within, Console(highlight=False))
    if not found.entries:
        raise typer.Exit(UNKNOWN)


@lexicon_app.command("check", cls=Command)
def check_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with your own words.")],
    language: Annotated[
        str, typer.Option(help="Language of the files that are in no folder of a language, such as en.")
    ] = "en",
    as_json: _JsonOption = False,
) -> None:
    """Check a folder with your own words: print every problem of every file, with its file and line."""
    from descan.analysis.words import check_lexicon
    from descan.terminal import plain, print_problem

    found = check_lexicon(folder, language=language)
    if as_json:
        problems = [{"file": str(each.path), "line": each.line, "problem": each.problem} for each in found.problems]
        print_json({"folder": found.folder, "files": list(found.files), "problems": problems})
    else:
        for problem in found.problems:
            print_problem(str(problem))
    if not found.passed:
        raise typer.Exit(1)
    if not as_json:
        for file in found.files:
            typer.echo(f"{plain(file)}: nothing wrong")
