"""`descan collect`."""

from pathlib import Path
from typing import Annotated

import typer

from descan.cli.options import (
    BatchOption,
    CategoriesOption,
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
from descan.records import Mode


def collect_command(
    source: Annotated[
        Path | None, typer.Argument(help="A folder with one subfolder per class, a manifest, or a corpus to complete.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the corpus: new, or one to continue.")
    ] = None,
    run_file: Annotated[
        Path | None, typer.Option("--run", help="A TOML file that describes the run; options take precedence.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="PROVIDER:NAME", help="A model, such as gemini:gemini-2.5-flash; repeatable."),
    ] = None,
    mode: Annotated[
        list[Mode] | None,
        typer.Option(
            "--mode",
            metavar="MODE",
            help="What to ask: describe, classify, classify6, two_stage or decide; repeatable.",
        ),
    ] = None,
    prompt: Annotated[
        list[str] | None,
        typer.Option(
            "--prompt",
            metavar="MODE[:NAME]=FILE",
            help="Ask with the prompt in a file; with names, several of a mode; repeatable.",
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="MODEL=LABEL", help="What the corpus calls a model; repeatable."),
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of the prompts, such as ja; English where there are none in it.")
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option("--alias", metavar="CLASS=CATEGORY", help="The category of a class name; repeatable."),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", metavar="CLASS", help="Leave out the items of a class; repeatable."),
    ] = None,
    categories: CategoriesOption = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="[MODEL.]KEY=VALUE", help="A setting of all models, or of one; repeatable."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="Number of items in the sample; per class with --per-class.")
    ] = None,
    per_class: Annotated[bool | None, typer.Option("--per-class/--no-per-class", help="Balance the sample.")] = None,
    seed: SendingSeedOption = None,
    repeats: Annotated[int | None, typer.Option(help="How often each question is asked.")] = None,
    crop: Annotated[bool | None, typer.Option("--crop/--no-crop", help="Also send a crop of the face.")] = None,
    crop_margin: Annotated[float | None, typer.Option(help="Margin around the face, as a share of its side.")] = None,
    group_pattern: Annotated[
        str | None, typer.Option(help="Regular expression that finds the group of an item in its id.")
    ] = None,
    allow_outside: Annotated[
        bool | None, typer.Option("--allow-outside/--no-allow-outside", help="Also take media outside the source.")
    ] = None,
    max_side: Annotated[int | None, typer.Option(help="Longest side of a picture that is sent, in pixels.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Number of requests to a model at the same time.")] = None,
    max_cost: MaxCostOption = None,
    max_requests: MaxRequestsOption = None,
    raw: RawOption = None,
    batch: BatchOption = None,
    dry_run: DryRunOption = False,
    retry_failed: RetryFailedOption = False,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the latest run into --out.")] = False,
    wait: WaitOption = False,
    status: Annotated[
        Path | None,
        typer.Option("--status", metavar="CORPUS", help="Only show how far a corpus is, also while it is collected."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only send each model one small request, and show what would not work.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Ask models about pictures and clips, and store every answer."""
    from descan.api import collect, collect_check, collect_status
    from descan.terminal import print_problem

    if status is not None:
        if check:
            raise typer.BadParameter("cannot be used with --check; give one of the two", param_hint="--status")
        collect_status(status, quiet=quiet)
        return
    sets = [
        f"{key}={value}" for key, value in (("max_side", max_side), ("concurrency", concurrency)) if value is not None
    ]
    sets += settings or []
    names = parse_pairs("--name", name, str)
    if check:
        checks = collect_check(model or (), run_file=run_file, settings=sets, names=names, quiet=quiet)
        raise typer.Exit(int(any(one.problem for one in checks)))
    result = collect(
        source,
        out,
        run_file=run_file,
        models=model or (),
        modes=mode or (),
        prompts=parse_pairs("--prompt", prompt, Path),
        language=language,
        aliases=parse_pairs("--alias", alias, str),
        categories=categories,
        settings=sets,
        names=names,
        limit=limit,
        per_class=per_class,
        seed=seed,
        repeats=repeats,
        crop=crop,
        crop_margin=crop_margin,
        group_pattern=group_pattern,
        leave_out=leave_out or (),
        allow_outside=allow_outside,
        max_cost=max_cost,
        max_requests=max_requests,
        raw=raw,
        batch=batch,
        dry_run=dry_run,
        retry_failed=retry_failed,
        resume=resume,
        wait=wait,
        quiet=quiet,
    )
    if result is not None:
        if told := result.describe(repeats_reasons=False):
            print_problem(told)
        raise typer.Exit(result.exit_code)
