"""`descan import`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from descan.cli.options import JsonOption, QuietOption, parse_pairs, print_json


def import_command(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="[FORMAT] PATH...",
            help="Logs, or folders of logs; before them, if descan should not find it out, their format: inspect, "
            "lmms-eval, vlmevalkit, openai-batch, gemini-batch, llava, label-studio or mer-factory.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder of the corpus: new, or one to add to; without it, only what the logs hold is told.",
        ),
    ] = None,
    mode: Annotated[
        str | None, typer.Option(metavar="MODE", help="What the models were asked for: describe, classify, ...")
    ] = None,
    prompt_contains: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODE=TEXT",
            help="Answers to prompts that contain this text are of this mode; repeatable. TEXT alone takes only these "
            "answers, for --mode.",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the model of all answers.")] = None,
    text_column: Annotated[str | None, typer.Option(help="Column with the descriptions, in tables.")] = None,
    label_column: Annotated[str | None, typer.Option(help="Column with the labels, in tables.")] = None,
    id_column: Annotated[str | None, typer.Option(help="Field of the log with the item.")] = None,
    gold_column: Annotated[str | None, typer.Option(help="Field of the log with the gold category.")] = None,
    group_column: Annotated[
        str | None, typer.Option(help="Field of the log with the group: source clip or person.")
    ] = None,
    media_column: Annotated[str | None, typer.Option(help="Field of the log with the picture or clip.")] = None,
    model_column: Annotated[str | None, typer.Option(help="Field of the log with the model.")] = None,
    id_pattern: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX", help="What of an id is the item: its first group, or the groups item, mode, repeat, model."
        ),
    ] = None,
    group_pattern: Annotated[
        str | None, typer.Option(metavar="REGEX", help="Regular expression that finds the group of an item in its id.")
    ] = None,
    media_folder: Annotated[
        Path | None, typer.Option(help="Folder that media paths are relative to; default: that of the log.")
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD=CATEGORY", help="What a word of gold or labels means, as in 0=Anger; repeatable."),
    ] = None,
    categories: Annotated[
        str | None,
        typer.Option(
            metavar="SET", help="Category set: basic7, basic8 or a TOML file; default: that of the corpus, or basic7."
        ),
    ] = None,
    drop_gold: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="Leave out answers to items with this gold; repeatable."),
    ] = None,
    with_gold: Annotated[bool, typer.Option("--gold/--no-gold", help="Take gold from the logs.")] = True,
    first_repeat: Annotated[
        int, typer.Option(metavar="N", help="Number of the first repeat, for another run of the same questions.")
    ] = 0,
    language: Annotated[
        str, typer.Option(metavar="CODE", help="Language of the answers, such as en; default: English.")
    ] = "",
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make a corpus of the logs of another tool."""
    from rich.console import Console

    from descan.cli.import_summary import import_record, print_import, print_survey
    from descan.corpus.importing import FORMATS, LogOptions, add_to_folder, follow_corpus, gather_logs

    named = paths[0] if paths[0] in FORMATS and (len(paths) > 1 or not Path(paths[0]).exists()) else None
    options = LogOptions(
        mode=mode,
        prompt_contains=_parse_parts(prompt_contains),
        model=model,
        text_column=text_column,
        label_column=label_column,
        id_column=id_column,
        gold_column=gold_column,
        group_column=group_column,
        media_column=media_column,
        model_column=model_column,
        id_pattern=id_pattern,
        group_pattern=group_pattern,
        media_folder=media_folder,
        aliases=parse_pairs("--alias", alias, str),
        categories=categories,
        drop_gold=drop_gold or (),
        gold=with_gold,
        first_repeat=first_repeat,
        language=language,
    )
    if out is not None:
        options = follow_corpus(options, out)
    gathered = gather_logs(paths[1:] if named else paths, named, options)
    added = None if out is None else add_to_folder(gathered, out)
    if as_json:
        print_json(import_record(gathered, added, out))
    elif added is None or out is None:
        print_survey(gathered, Console(quiet=quiet))
    else:
        print_import(added, out, Console(quiet=quiet))


def _parse_parts(given: Sequence[str] | None) -> dict[str, list[str]] | str | None:
    """Return the words of each mode, or the words alone that are of `--mode`."""
    from descan.errors import InputError, quote
    from descan.records import Mode

    parts: dict[str, list[str]] = {}
    for pair in given or ():
        name, equals, words = pair.partition("=")
        if equals and name.strip() in list(Mode):
            parts.setdefault(name.strip(), []).append(words)
        elif len(given or ()) > 1:
            raise InputError(None, f"--prompt-contains {quote(pair)} names no mode; use MODE=TEXT for each of several")
        else:
            return pair
    return parts or None
