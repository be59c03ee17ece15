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
    from rich.console import Console

    from descan.analysis.own_words import load_project
    from descan.lexicon import find_word, parse_language
    from descan.report.lexicon_entries import print_entries

    code = parse_language(language)
    exact, within = find_word(word, code, load_project(lexicon, code))
    if as_json:
        record = {
            "word": word,
            "language": code,
            "entries": [asdict(entry) for entry in exact],
            "within": [asdict(entry) for entry in within],
        }
        print_json(record)
    else:
        print_entries(word, exact, within, Console(highlight=False))
    if not exact:
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
    from descan.analysis.own_words import project_problems
    from descan.lexicon import parse_language, survey_project_lexicon
    from descan.terminal import plain, print_problem

    project, unread = survey_project_lexicon(folder, parse_language(language))
    problems = [*unread, *project_problems(project)]
    if as_json:
        found = [{"file": str(each.path), "line": each.line, "problem": each.problem} for each in problems]
        print_json({"folder": project.folder, "files": [file.path for file in project.files], "problems": found})
    else:
        for problem in problems:
            print_problem(str(problem))
    if problems:
        raise typer.Exit(1)
    if not as_json:
        for file in project.files:
            typer.echo(f"{plain(file.path)}: nothing wrong")
