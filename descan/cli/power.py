"""`descan power`."""

from pathlib import Path
from typing import Annotated

import typer

from descan.cli.options import QuietOption, print_json


def power_command(
    pilot: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder of an analysis of a pilot study.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model of the pilot; default: the one whose accuracy is nearest to 50%.")
    ] = None,
    other_model: Annotated[
        str | None, typer.Option(help="Model it is compared with; default: its descriptions with its labels.")
    ] = None,
    mode: Annotated[str | None, typer.Option(help="Mode of the answers; default: that of the label.")] = None,
    half_width: Annotated[
        float | None,
        typer.Option(help="Half the width that the interval of accuracy is to have, such as 0.05 for 5 points."),
    ] = None,
    difference: Annotated[
        float | None, typer.Option(help="Difference of two accuracies that is to be found, such as 0.1.")
    ] = None,
    corrected: Annotated[
        float | None,
        typer.Option(
            help="Half the width that the interval of each corrected verdict share is to have: "
            "how many descriptions must a person read?"
        ),
    ] = None,
    items: Annotated[int | None, typer.Option(help="Number of items: say what so many can show.")] = None,
    readings: Annotated[
        int | None, typer.Option(help="Number of descriptions that a person reads: say what so many show.")
    ] = None,
    accuracy: Annotated[
        float | None, typer.Option(help="Share of right answers; default: that of the pilot, or 0.5.")
    ] = None,
    discordance: Annotated[
        float | None,
        typer.Option(help="Share of items that only one of two sides has right; default: pilot, or independent sides."),
    ] = None,
    group_size: Annotated[int | None, typer.Option(help="Items in a group; default: pilot, or 1.")] = None,
    icc: Annotated[
        float | None,
        typer.Option(help="Correlation of two items of a group (intra-group correlation); default: pilot."),
    ] = None,
    missing: Annotated[
        float | None, typer.Option(help="Share of answers without a category; default: pilot, or 0.")
    ] = None,
    misreading: Annotated[
        float | None,
        typer.Option(help="Share of descriptions that descan reads otherwise than a person; default: pilot."),
    ] = None,
    repeats: Annotated[
        list[int] | None,
        typer.Option(help="How often each question is asked, also several numbers; default: pilot, or 1."),
    ] = None,
    repeat_correlation: Annotated[
        float | None, typer.Option(help="Correlation of two repeats of an item; default: pilot.")
    ] = None,
    power: Annotated[float, typer.Option(help="Share of studies that are to reach the wish.")] = 0.8,
    confidence: Annotated[float, typer.Option(help="Confidence level of the intervals.")] = 0.95,
    tests: Annotated[int, typer.Option(help="Tests in the family of the difference, with it.")] = 1,
    studies: Annotated[int, typer.Option(help="Simulated studies behind each number.")] = 500,
    seed: Annotated[int, typer.Option(help="Seed of the random numbers; the same seed gives the same numbers.")] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the numbers to a .csv or .json file, too.")
    ] = None,
    chart: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the curves to an .svg, .png, .pdf or .html file.")
    ] = None,
    quiet: QuietOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as one JSON object instead.")] = False,
) -> None:
    """Say how many items a study needs, or what a number of items can show."""
    from rich.console import Console

    from descan.analysis.planning import power as find_power
    from descan.report.planning import print_power
    from descan.report.progress import progress_bar

    with progress_bar(Console(stderr=True, quiet=quiet), "Simulating studies", then="Simulating studies") as advance:
        found = find_power(
            pilot,
            model=model,
            other_model=other_model,
            mode=mode,
            half_width=half_width,
            difference=difference,
            corrected=corrected,
            n_items=items,
            n_readings=readings,
            accuracy=accuracy,
            discordance=discordance,
            group_size=group_size,
            icc=icc,
            missing=missing,
            misreading=misreading,
            repeats=repeats,
            repeat_correlation=repeat_correlation,
            power=power,
            confidence=confidence,
            n_tests=tests,
            n_studies=studies,
            seed=seed,
            out=out,
            chart=chart,
            on_progress=advance,
        )
    if as_json:
        print_json(found.record)
    else:
        print_power(found.about, found.rows, Console(highlight=False, quiet=quiet))
