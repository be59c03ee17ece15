"""`descan collect`."""

from pathlib import Path
from typing import Annotated

import typer


def collect_command(
    source: Annotated[
        Path | None, typer.Argument(help="A folder with one subfolder a class, a manifest, or a corpus to complete.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the corpus; new, or one to go on with.")] = None,
    run_file: Annotated[
        Path | None, typer.Option("--run", help="A TOML file that describes the run; options come before it.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="PROVIDER:NAME", help="Such as gemini:gemini-2.5-flash; repeatable."),
    ] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option("--mode", metavar="MODE", help="describe, classify, classify6 or two_stage; repeatable."),
    ] = None,
    prompt: Annotated[
        list[str] | None,
        typer.Option("--prompt", metavar="MODE=FILE", help="Ask with the words of a file; repeatable."),
    ] = None,
    alias: Annotated[
        list[str] | None, typer.Option("--alias", metavar="CLASS=CATEGORY", help="What a class name means; repeatable.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="[MODEL.]KEY=VALUE", help="A setting of all models, or of one; repeatable."),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Items of the sample; of each class with --per-class.")] = None,
    per_class: Annotated[bool | None, typer.Option("--per-class/--no-per-class", help="Balance the sample.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the sample and the order of sending.")] = None,
    repeats: Annotated[int | None, typer.Option(help="How often each question is asked.")] = None,
    crop: Annotated[bool | None, typer.Option("--crop/--no-crop", help="Send a crop of the face, too.")] = None,
    crop_margin: Annotated[float | None, typer.Option(help="Around the face, as a share of its side.")] = None,
    group_pattern: Annotated[str | None, typer.Option(help="Expression that finds an item's group in its id.")] = None,
    allow_outside: Annotated[
        bool | None, typer.Option("--allow-outside/--no-allow-outside", help="Take media outside of the source, too.")
    ] = None,
    max_side: Annotated[int | None, typer.Option(help="Longest side of a picture that is sent, in pixels.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Requests at once to each model.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="US dollars that this call may spend.")] = None,
    max_requests: Annotated[int | None, typer.Option(help="Requests that this call may send.")] = None,
    raw: Annotated[bool | None, typer.Option("--raw/--no-raw", help="Keep raw bodies.")] = None,
    batch: Annotated[bool | None, typer.Option("--batch/--no-batch", help="OpenAI's batches, at half price.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; send and write nothing.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Ask again what failed for good.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the latest run into --out.")] = False,
) -> None:
    """Ask models about pictures and clips, and keep every answer."""
    from rich.console import Console

    from descan.collect.collecting import collect
    from descan.collect.display import Display
    from descan.collect.run import find_run_file, load_run, parse_pairs
    from descan.terminal import print_problem

    given = {
        "source": source,
        "out": out,
        "models": model,
        "modes": mode,
        "prompts": parse_pairs("--prompt", prompt, Path),
        "aliases": parse_pairs("--alias", alias, str),
        "limit": limit,
        "per_class": per_class,
        "seed": seed,
        "repeats": repeats,
        "crop": crop,
        "crop_margin": crop_margin,
        "group_pattern": group_pattern,
        "allow_outside": allow_outside,
        "max_cost": max_cost,
        "max_requests": max_requests,
        "raw": raw,
        "batch": batch,
    }
    options = {name: value for name, value in given.items() if value not in (None, [], {})}
    sets = [f"{key}={value}" for key, value in (("max_side", max_side), ("concurrency", concurrency)) if value]
    run = load_run(find_run_file(run_file, out) if resume else run_file, options, [*sets, *(settings or [])])
    display = Display(Console(), Console(stderr=True))
    result = collect(run, display, is_dry=dry_run, retries_failed=retry_failed)
    if result is not None:
        display.show_end(result.progress, run.out)
        if told := result.describe(run.out):
            print_problem(told)
        raise typer.Exit(result.exit_code)
