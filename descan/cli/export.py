"""`descan export` and `descan cite`."""

from pathlib import Path
from typing import Annotated

import typer

from descan.cli.options import QuietOption, print_json


def export_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of an analysis.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files: new, empty, or an earlier export.")],
    formats: Annotated[
        str, typer.Option("--format", help="Of the tables: latex, markdown, csv and xlsx, with commas between them.")
    ] = "latex",
    tables: Annotated[
        str | None,
        typer.Option(help="Tables, with commas between them, all or none; default: those that a paper begins with."),
    ] = None,
    figures: Annotated[str, typer.Option(help="Figures, with commas between them, all or none.")] = "all",
    figure_formats: Annotated[
        str, typer.Option("--figure-format", help="Of the figures: pdf, svg and png, with commas between them.")
    ] = "pdf",
    width: Annotated[str, typer.Option(help="Width of figures, such as 8.5cm, 85mm or 3.3in.")] = "17cm",
    font_size: Annotated[float, typer.Option(help="Size of the letters of figures, in points.")] = 8.0,
    dpi: Annotated[int, typer.Option(help="Pixels per inch of a PNG.")] = 300,
    language: Annotated[
        str | None, typer.Option(help="Language of the labels of figures, such as de, or a YAML file of words.")
    ] = None,
    models: Annotated[
        list[str] | None,
        typer.Option(
            "--model", metavar="MODEL[=NAME]", help="A model to show, and what to call it; repeatable; default: all."
        ),
    ] = None,
    digits: Annotated[int, typer.Option(help="Decimals of percentages.")] = 1,
    quiet: QuietOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as one JSON object instead.")] = False,
) -> None:
    """Write an analysis for a paper: tables, figures, methods and references."""
    from descan.analysis.exporting import export
    from descan.terminal import plain

    exported = export(
        folder,
        out,
        formats=formats,
        tables=tables,
        figures=figures,
        figure_formats=figure_formats,
        width=width,
        font_size=font_size,
        dpi=dpi,
        language=language,
        models=dict(map(_parse_model, models or ())),
        digits=digits,
    )
    if as_json:
        print_json(exported.record)
    elif not quiet:
        typer.echo(f"{len(exported.files):,} files: {plain(str(exported.folder))}")


def cite_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of an analysis.")],
    form: Annotated[str, typer.Option("--format", help="text or bibtex.")] = "text",
) -> None:
    """Say what a paper that uses an analysis should cite."""
    from descan.analysis.exporting import cite

    typer.echo(cite(folder, form), nl=False)


def _parse_model(text: str) -> tuple[str, str]:
    """Return a model and what to call it; the name of a model may have an equals sign in it, too."""
    model, equals, name = text.rpartition("=")
    return (model, name.strip()) if equals and name.strip() else (text, text)
