"""`descan check`."""

from pathlib import Path
from typing import Annotated

import typer

from descan.cli.options import QuietOption, print_json

FAILED = 3
"""The exit code where a condition is not met."""

_Share = float | None


def check_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of an analysis.")],
    min_accuracy: Annotated[_Share, typer.Option(help="Least accuracy of the labels, 0 to 1 as all shares.")] = None,
    min_uar: Annotated[_Share, typer.Option(help="Least mean recall of the labels over the categories.")] = None,
    min_support: Annotated[_Share, typer.Option(help="Least share of descriptions that support gold.")] = None,
    min_right: Annotated[_Share, typer.Option(help="Least share of scored items with the verdict right.")] = None,
    max_seeing_failure: Annotated[
        _Share, typer.Option(help="Greatest share of scored items with the verdict seeing failure.")
    ] = None,
    max_labeling_failure: Annotated[
        _Share, typer.Option(help="Greatest share of scored items with the verdict labeling failure.")
    ] = None,
    max_missing: Annotated[
        _Share, typer.Option(help="Greatest share of items with gold whose label names no category.")
    ] = None,
    conditions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file with more conditions, on any column of any table.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="A model that must meet the conditions; default: all; repeatable.")
    ] = None,
    by: Annotated[
        str,
        typer.Option(help="What must meet a condition: the number (value), or its interval as a whole (interval)."),
    ] = "value",
    min_n: Annotated[int, typer.Option(help="Least number of items that a number must be of.")] = 10,
    quiet: QuietOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as one JSON object instead.")] = False,
) -> None:
    """Check that an analysis meets conditions; end with exit code 3 if it does not."""
    from dataclasses import asdict

    from descan.analysis.checking import check
    from descan.report.summary_record import plain_row
    from descan.terminal import print_problem

    found = check(
        folder,
        min_accuracy=min_accuracy,
        min_uar=min_uar,
        min_support=min_support,
        min_right=min_right,
        max_seeing_failure=max_seeing_failure,
        max_labeling_failure=max_labeling_failure,
        max_missing=max_missing,
        conditions=conditions or (),
        models=model or (),
        by=by,
        min_n=min_n,
    )
    if as_json:
        numbers = [plain_row(asdict(number)) for number in found.numbers]
        print_json({"folder": str(folder), "passed": found.passed, "failed": list(found.failed), "numbers": numbers})
    elif not quiet:
        typer.echo(found)
    if not found.passed:
        if quiet:
            for number in found.numbers:
                if not number.is_met and number.condition in found.failed:
                    print_problem(str(number))
        raise typer.Exit(FAILED)
