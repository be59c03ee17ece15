"""`descan judge`."""

from pathlib import Path
from typing import Annotated

import typer

from descan.cli.options import (
    BatchOption,
    DryRunOption,
    MaxCostOption,
    MaxRequestsOption,
    QuietOption,
    RawOption,
    RetryFailedOption,
    SendingSeedOption,
    WaitOption,
    parse_pairs,
)


def judge_command(
    analysis: Annotated[Path, typer.Argument(help="The folder of an analysis.", metavar="DIR")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder for replies and readings; default: that of the analysis, with -judges behind its name.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="PROVIDER:NAME",
            help="A judge, such as gemini:gemini-2.5-flash; repeatable; default: those of the latest run.",
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="MODEL=LABEL", help="What the readings call a judge; repeatable."),
    ] = None,
    prompt: Annotated[
        Path | None,
        typer.Option("--prompt", metavar="FILE", help="Ask with the prompt in a file, which has {description} in it."),
    ] = None,
    described_model: Annotated[
        list[str] | None,
        typer.Option("--described-model", metavar="MODEL", help="Judge this model's descriptions only; repeatable."),
    ] = None,
    sample: Annotated[int | None, typer.Option(help="Number of texts to judge, drawn at random; default: all.")] = None,
    seed: SendingSeedOption = None,
    repeats: Annotated[int | None, typer.Option(help="How often a judge reads each text.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="[MODEL.]KEY=VALUE", help="A setting of all judges, or of one; repeatable."),
    ] = None,
    concurrency: Annotated[int | None, typer.Option(help="Number of requests to a judge at the same time.")] = None,
    max_cost: MaxCostOption = None,
    max_requests: MaxRequestsOption = None,
    raw: RawOption = None,
    batch: BatchOption = None,
    dry_run: DryRunOption = False,
    retry_failed: RetryFailedOption = False,
    wait: WaitOption = False,
    quiet: QuietOption = False,
) -> None:
    """Let LLMs read the descriptions of an analysis, and store what they read."""
    from descan.api import judge
    from descan.terminal import print_problem

    judging = judge(
        analysis,
        out,
        models=model or (),
        names=parse_pairs("--name", name, str),
        prompt=prompt,
        described_models=described_model or (),
        sample=sample,
        seed=seed,
        repeats=repeats,
        settings=[*([f"concurrency={concurrency}"] if concurrency else []), *(settings or [])],
        max_cost=max_cost,
        max_requests=max_requests,
        raw=raw,
        batch=batch,
        dry_run=dry_run,
        retry_failed=retry_failed,
        wait=wait,
        quiet=quiet,
    )
    if judging is not None:
        if told := judging.collected.describe(again="the same command", repeats_reasons=False):
            print_problem(told)
        raise typer.Exit(judging.collected.exit_code)
