"""`descan compare`."""

from pathlib import Path
from typing import Annotated

import typer

from descan.cli.options import CasesOption, JsonOption, QuietOption, parse_pairs, print_json


def compare_command(
    a: Annotated[Path, typer.Argument(metavar="A", help="The folder of an analysis.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="That of the analysis it is compared with.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for tables and page: new, empty, or an earlier comparison."),
    ] = None,
    model_map: Annotated[
        list[str] | None,
        typer.Option("--model-map", metavar="OLD=NEW", help="A model of A that has another name in B; repeatable."),
    ] = None,
    margin: Annotated[
        float, typer.Option(help="Changes below this share are of no importance, above 0 and at most 1.")
    ] = 0.05,
    confidence: Annotated[
        float | None,
        typer.Option(help="Confidence level of every interval; default: that of A and B if they agree, else 0.95."),
    ] = None,
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples of groups for an interval.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the random numbers; the same seed gives the same tables.")] = 0,
    cases_per_cell: CasesOption = 25,
    corpus: Annotated[Path | None, typer.Option(help="Folder of the corpus, for small pictures of its items.")] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Compare two analyses of the same items: a prompt changed, a model updated, or descan itself."""
    from rich.console import Console

    from descan.analysis.comparing import compare_runs
    from descan.report.changes.summary import print_comparison
    from descan.report.summary_record import comparison_record
    from descan.report.writing import PAGE_FILE
    from descan.terminal import plain

    compared = compare_runs(
        a,
        b,
        out,
        model_map=parse_pairs("--model-map", model_map, str),
        margin=margin,
        confidence=confidence,
        n_resamples=resamples,
        seed=seed,
        cases_per_cell=cases_per_cell,
        media_folder=corpus,
    )
    if as_json:
        print_json(comparison_record(compared.tables, out))
        return
    print_comparison(compared.tables, Console(quiet=quiet), out)
    if out is not None and not quiet:
        typer.echo(f"Report: {plain(str(out / PAGE_FILE))}")
