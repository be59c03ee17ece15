"""What asks models: `descan.collect`, `descan.judge`, and what looks at their runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from descan.analysis.results import Analysis, open_analysis
from descan.api.event_loops import no_running_loop
from descan.errors import OptionError, check_number
from descan.records import Mode

if TYPE_CHECKING:
    from descan.analysis.judging import Judging
    from descan.collect.checking import ModelCheck
    from descan.collect.display import Display
    from descan.collect.result import CollectResult
    from descan.collect.run_settings import RunSettings
    from descan.collect.status import CorpusStatus


def collect(
    source: Path | str | None = None,
    out: Path | str | None = None,
    *,
    run_file: Path | str | None = None,
    models: Sequence[str] = (),
    modes: Sequence[Mode | str] = (),
    prompts: Mapping[str, Path | str] | None = None,
    aliases: Mapping[str, str] | None = None,
    categories: Path | str | None = None,
    settings: Mapping[str, object] | Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    limit: int | None = None,
    per_class: bool | None = None,
    seed: int | None = None,
    repeats: int | None = None,
    crop: bool | None = None,
    crop_margin: float | None = None,
    language: str | None = None,
    group_pattern: str | None = None,
    leave_out: Sequence[str] = (),
    allow_outside: bool | None = None,
    max_cost: float | None = None,
    max_requests: int | None = None,
    raw: bool | None = None,
    batch: bool | None = None,
    dry_run: bool = False,
    retry_failed: bool = False,
    resume: bool = False,
    wait: bool = False,
    quiet: bool = False,
) -> "CollectResult | None":
    """Ask models about pictures and clips, and store every answer; the plan and the progress are printed.

    An option that is None has the value of the run file, or its default. A later call with the same options continues
    where an earlier one ended, and asks nothing twice.

    Args:
        source: A folder with one subfolder per class, a manifest, or a corpus to complete.
        out: Folder of the corpus: new, or one to continue.
        run_file: A TOML file that describes the run; options take precedence.
        models: Models as `PROVIDER:NAME`, such as `gemini:gemini-2.5-flash`.
        modes: Modes to ask: describe, classify, classify6, two_stage or decide; describe and classify by default.
        prompts: Mode, or mode and name as in `describe:short` -> file with the words of a prompt.
        aliases: Class name -> category.
        categories: The category set of golds and prompts: basic7, basic8 or the path of a file; None for the one that
            the corpus has, or basic7.
        settings: Settings of all models (`KEY`) or of one (`MODEL.KEY`), such as `{"temperature": 0}`.
        names: Model -> what the corpus calls it.
        limit: Number of items in the sample; per class if `per_class` is set.
        per_class: Balance the sample.
        seed: Seed of the sample and of the order of sending.
        repeats: How often each question is asked.
        crop: Send a crop of the face, too.
        crop_margin: Margin around the face, as a share of its side.
        language: Of the packaged prompts and of the answers, such as ja; English prompts where there are none in it.
        group_pattern: Regular expression that finds the group of an item in its id.
        leave_out: Classes of the source whose items are left out.
        allow_outside: Also take media outside of the source.
        max_cost: US dollars that this call may spend.
        max_requests: Requests that this call may send.
        raw: Store raw bodies.
        batch: Ask in OpenAI's batches, at half the price.
        dry_run: Print the plan; send and write nothing.
        retry_failed: Ask again what failed for good.
        resume: Continue the latest run into `out`.
        wait: Wait for batches until they are over, and fetch them.
        quiet: Print neither plan nor progress.

    Returns:
        How the run ended; None after a dry run.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If the source or the corpus is not allowed.
        SetupError: If a key is missing, or a package that the run needs.
    """
    from descan.collect.collecting import collect as collect_run
    from descan.collect.run_settings import find_run_file

    given = {
        "source": source,
        "out": out,
        "models": list(models),
        "modes": list(modes),
        "prompts": dict(prompts or {}),
        "aliases": dict(aliases or {}),
        "categories": None if categories is None else str(categories),
        "limit": limit,
        "per_class": per_class,
        "seed": seed,
        "repeats": repeats,
        "crop": crop,
        "crop_margin": crop_margin,
        "language": language,
        "group_pattern": group_pattern,
        "leave_out": list(leave_out),
        "allow_outside": allow_outside,
        "max_cost": max_cost,
        "max_requests": max_requests,
        "raw": raw,
        "batch": batch,
    }
    named = None if run_file is None else Path(run_file)
    if resume:
        named = find_run_file(named, None if out is None else Path(out))
    run = _load_run(named, given, names, settings)
    display = _make_display(quiet)
    with no_running_loop():
        result = collect_run(run, display, is_dry=dry_run, retries_failed=retry_failed, waits=wait)
    if result is not None:
        display.show_end(result.progress, run.out)
    return result


def judge(
    analysis: Path | str | Analysis,
    out: Path | str | None = None,
    *,
    models: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    prompt: Path | str | None = None,
    described_models: Sequence[str] = (),
    sample: int | None = None,
    seed: int | None = None,
    repeats: int | None = None,
    settings: Mapping[str, object] | Sequence[str] = (),
    max_cost: float | None = None,
    max_requests: int | None = None,
    raw: bool | None = None,
    batch: bool | None = None,
    dry_run: bool = False,
    retry_failed: bool = False,
    wait: bool = False,
    quiet: bool = False,
) -> "Judging | None":
    """Let LLMs read the descriptions of an analysis, each by its text alone; plan, progress and counts are printed.

    A later call with the same options continues where an earlier one ended, and asks nothing twice. Give the file of
    readings to `analyze` as `human_readings`.

    Args:
        analysis: An analysis, or its folder.
        out: Folder of the judges' replies and readings: new, or one to continue; None for that of the analysis with
            `-judges` behind its name.
        models: Judges as `PROVIDER:NAME`, such as `gemini:gemini-2.5-flash`; those of the latest run if empty.
        names: Model -> what the readings call it.
        prompt: File with the words of a prompt, in which `{description}` stands for the text.
        described_models: Whose descriptions are judged; those of all models if empty.
        sample: Number of texts to judge, drawn at random; None for all.
        seed: Seed of the sample and of the order of sending.
        repeats: How often a judge reads each text.
        settings: Settings of all judges (`KEY`) or of one (`MODEL.KEY`), such as `{"temperature": 0}`.
        max_cost: US dollars that this call may spend.
        max_requests: Requests that this call may send.
        raw: Store raw bodies.
        batch: Ask in OpenAI's batches, at half the price.
        dry_run: Print the plan; send and write nothing.
        retry_failed: Ask again what failed for good.
        wait: Wait for batches until they are over, and fetch them.
        quiet: Print nothing.

    Returns:
        How the run ended, and the file of readings; None after a dry run.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If the analysis or the folder is not allowed.
        SetupError: If a key is missing, or a package that the run needs.
    """
    from descan.analysis.judging import judge_descriptions
    from descan.collect.run_settings import RUN_FILE

    if sample is not None:
        check_number("sample", sample, 1)
    opened = open_analysis(analysis)
    if out is None and opened.is_temporary:
        raise OptionError("out", "is missing; the analysis is in a temporary folder, so name one for what is bought")
    source = opened.folder
    named = source if source.name not in ("", "..") else source.resolve()
    folder = named.with_name(f"{named.name}-judges") if out is None else Path(out)
    given: dict[str, object] = {
        "source": source,
        "out": folder,
        "texts": True,
        "modes": [Mode.CLASSIFY],
        "models": list(models),
        "prompts": {} if prompt is None else {Mode.CLASSIFY: Path(prompt)},
        "described_models": list(described_models),
        "limit": sample,
        "seed": seed,
        "repeats": repeats,
        "max_cost": max_cost,
        "max_requests": max_requests,
        "raw": raw,
        "batch": batch,
    }
    latest = folder / RUN_FILE
    if not models and not latest.is_file():
        raise OptionError("models", "is missing; name a judge, as in openai:gpt-4o-mini")
    run = _load_run(None if models else latest, given, names, settings)
    display = _make_display(quiet)
    with no_running_loop():
        judging = judge_descriptions(run, display, is_dry=dry_run, retries_failed=retry_failed, waits=wait)
    if judging is not None:
        display.show_end(judging.collected.progress, run.out)
        for line in judging.describe():
            display.say(line)
        display.say(f"Readings: {judging.readings}")
    return judging


def collect_check(
    models: Sequence[str] = (),
    *,
    run_file: Path | str | None = None,
    settings: Mapping[str, object] | Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> "list[ModelCheck]":
    """Send one small request to each model, and print and return what it found out; nothing is written.

    Args:
        models: As those of `collect`, like the other arguments.
        run_file: A run file, whose models count unless `models` names others.
        settings: Settings of models.
        names: Model -> what the corpus calls it.
        quiet: Print nothing.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If the run file is not allowed.
    """
    from descan.collect.checking import check_models

    # A run has a source and a corpus; neither is looked at.
    given: dict[str, object] = {"source": Path(), "out": Path(), "models": list(models)}
    run = _load_run(None if run_file is None else Path(run_file), given, names, settings)
    with no_running_loop():
        checks = check_models(run.models)
    _make_display(quiet).show_check(checks)
    return checks


def collect_status(corpus: Path | str, *, quiet: bool = False) -> "CorpusStatus":
    """Print and return how far a corpus is that `collect` makes, also while it is at work.

    Args:
        corpus: Its folder.
        quiet: Print nothing.

    Raises:
        InputError: If it is not such a folder.
    """
    from descan.collect.status import load_status

    status = load_status(Path(corpus))
    _make_display(quiet).show_status(status, Path(corpus))
    return status


def _load_run(
    run_file: Path | None,
    given: Mapping[str, object],
    names: Mapping[str, str] | None,
    settings: Mapping[str, object] | Sequence[str],
) -> "RunSettings":
    """Load the settings of a run; an option that is None or empty has the value of the run file, or its default."""
    from descan.collect.run_settings import load_run_settings

    options = {name: value for name, value in given.items() if value not in (None, [], {})}
    return load_run_settings(run_file, options, _spell_settings(settings), names or {})


def _make_display(quiet: bool) -> "Display":
    from rich.console import Console

    from descan.collect.display import Display

    return Display(Console(quiet=quiet), Console(stderr=True, quiet=quiet))


def _spell_settings(settings: Mapping[str, object] | Sequence[str]) -> Sequence[str]:
    """Return settings as `KEY=VALUE`, the value in TOML."""
    import tomli_w

    if not isinstance(settings, Mapping):
        return settings
    return [f"{key}={tomli_w.dumps({'value': value}).partition('=')[2].strip()}" for key, value in settings.items()]
