"""`descan collect` from end to end: sources, plan, requests, and what is left."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from descan.collect.asking.budget import Budget
from descan.collect.asking.halting import EndingSignals
from descan.collect.asking.model_run import ModelRuns, RunContext
from descan.collect.asking.retrying import ServedModels
from descan.collect.asking.source_watch import SourceWatch
from descan.collect.asking.stages import FirstStages
from descan.collect.batches.fetching import BatchFetcher
from descan.collect.batches.jobs import BatchJob, load_jobs, remove_unsubmitted
from descan.collect.batches.submission import check_batch_run, submit_batches
from descan.collect.display import Display
from descan.collect.providers import Providers, check_settings
from descan.collect.providers.access import tell_no_key
from descan.collect.questions.capabilities import check_capabilities, check_modes
from descan.collect.questions.copying import copy_answers
from descan.collect.questions.estimates import Estimator
from descan.collect.questions.plan import Plan, make_plan
from descan.collect.questions.prompts import Prompt
from descan.collect.questions.tasks import ModelTasks, list_tasks, load_run_prompts, shuffle_items
from descan.collect.result import CollectResult, ModelProgress
from descan.collect.run_settings import RunSettings, write_run_settings
from descan.collect.sources.descriptions import TEXTS_FILE, extend_texts, load_descriptions
from descan.collect.sources.file_kinds import find_unusable
from descan.collect.sources.media_index import MediaIndex
from descan.collect.sources.media_loading import MediaLoader
from descan.collect.sources.sampling import Sample, draw_sample
from descan.collect.sources.source_items import Source, SourceItem
from descan.collect.sources.source_loading import load_source
from descan.collect.status import write_run_items
from descan.collect.store.answers_file import AnswersFile, mend_files
from descan.collect.store.existing_answers import ExistingAnswers, load_existing_answers
from descan.collect.wording import spell_being, spell_count
from descan.corpus.corpus_toml import load_settings
from descan.corpus.folder_writing import PROMPTS_FOLDER, FolderChange, lock_corpus, plan_corpus_folder
from descan.emotions import CategorySet
from descan.errors import InputError, OptionError, explain_os_error, quote
from descan.lexicon import load_category_set
from descan.storage.atomic import remove_leftovers

MEDIA_INDEX = ".media.jsonl"
"""In the corpus: the hash of each media file."""

_POLL_S = 60.0
"""From one look at batches to the next."""

_N_MEDIA_THREADS = 4
_N_LISTED = 3
_N_UNUSABLE = 20
_NOT_TAKEN_WHOLE = ".mkv"
"""Suffix of clips that Gemini does not take."""

_REASONS = {"left_out": "of classes that are left out", "not_media": "not media"}


@dataclass(frozen=True, slots=True)
class _RunInput:
    """What a run asks about, and with which prompts.

    Attributes:
        item_ids: Of `items`, in their order.
        change: What must be written into the corpus folder.
        remarks: What the user should know about the items before anything is asked.
    """

    items: tuple[SourceItem, ...]
    item_ids: tuple[str, ...]
    prompts: Mapping[str, Prompt]
    change: FolderChange
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Preparation:
    """What is known before anything is asked."""

    inputs: _RunInput
    existing: ExistingAnswers
    index: MediaIndex
    loader: MediaLoader
    tasks: Sequence[ModelTasks]
    plan: Plan


def collect(
    run: RunSettings, display: Display, *, is_dry: bool = False, retries_failed: bool = False, waits: bool = False
) -> CollectResult | None:
    """Ask everything that is left of a run, and store every answer.

    Args:
        run: What to ask of whom.
        display: Shows the plan and the progress.
        is_dry: Show the plan and write nothing.
        retries_failed: Also ask again what failed because of the item.
        waits: Wait until batches are over.

    Returns:
        How it ended; None of a dry run.

    Raises:
        InputError: If the source, the corpus or an option is not allowed.
        SetupError: If a key is missing, or a package that the run needs.
    """
    for settings in run.models:
        check_settings(settings)
        check_capabilities(settings)
        check_modes(settings, () if run.texts else run.modes)
    if run.batch:
        check_batch_run(run)
    inputs = _load_input(run)
    for remark in inputs.remarks:
        display.say(remark)
    if is_dry:
        preparation = _prepare(run, inputs, is_dry=True, retries_failed=retries_failed)
        _show_plan(run, preparation, display)
        _check_bounds(run, preparation.plan)
        return None
    providers = _Providers(run)
    _make_folder(run)
    with lock_corpus(run.out):
        for folder in (run.out, run.out / PROMPTS_FOLDER):
            remove_leftovers(folder)
        for torn in mend_files(run.out):
            display.say_torn(torn)
        inputs.change.write()
        write_run_settings(run)
        write_run_items(run.out, inputs.item_ids)
        batches = _BatchDesk(run, display, waits=waits)
        stopped = batches.fetch()
        preparation = _prepare(run, inputs, retries_failed=retries_failed)
        _show_plan(run, preparation, display)
        _check_bounds(run, preparation.plan)
        result = _ask_all(run, preparation, display, stopped, providers)
        display.say_duplicates(preparation.index.duplicates())
        while waits and result.n_pending and not result.signal_number:
            time.sleep(_POLL_S)
            result = _ask_on(run, inputs, display, batches.fetch(), result)
        return result


def _ask_on(
    run: RunSettings, inputs: _RunInput, display: Display, stopped: Mapping[str, str], before: CollectResult
) -> CollectResult:
    """Ask again what batches did not come to, unless the run was ended; return how it stands now."""
    preparation = _prepare(run, inputs, retries_failed=False)
    was_stopped = {model.name: model.stopped for model in before.progress if model.stopped}
    if before.bound or was_stopped or stopped:
        reasons = {**stopped, **was_stopped}
        progress = [
            ModelProgress(task.name, task.n_left, stopped=reasons.get(task.name, "")) for task in preparation.tasks
        ]
        return replace(before, progress=tuple(progress), n_pending=_count_pending(run))
    return _ask_all(run, preparation, display, stopped, _Providers(run))


class _Providers:
    """The providers of a run, by model; made before anything is written, since a key may be missing."""

    def __init__(self, run: RunSettings) -> None:
        self.all = Providers(run.models, os.environ)
        self.by_model = [self.all.get(settings) for settings in run.models]


def _ask_all(
    run: RunSettings,
    preparation: _Preparation,
    display: Display,
    stopped: Mapping[str, str],
    providers: _Providers,
) -> CollectResult:
    result = asyncio.run(_ask(run, preparation, display, providers, stopped))
    return replace(result, n_pending=_count_pending(run))


def _count_pending(run: RunSettings) -> int:
    return sum(job.n_questions for job in load_jobs(run.out))


def _load_input(run: RunSettings) -> _RunInput:
    """Load the source and the prompts of a run, and draw its sample; nothing is written."""
    source = _load_source(run)
    prompts = load_run_prompts(run, source.categories)
    sample = draw_sample(source.items, source.categories, limit=run.limit, per_class=run.per_class, seed=run.seed)
    if not sample.items:
        raise InputError(run.source, "no item has a gold category, so no sample can be balanced; leave --per-class out")
    if run.crop and not any(item.face_box for item in sample.items):
        raise InputError(run.source, "no item has a face_box to crop by; give them in a manifest, or leave --crop out")
    description = {"name": run.name, "language": run.language, "source": run.origin, "licence": run.licence}
    texts = {label: prompt.text for label, prompt in prompts.items()}
    folder = os.path.realpath(run.out)
    items = [item.to_item(folder) for item in sample.items]
    change = plan_corpus_folder(
        run.out,
        items,
        description=description,
        categories=source.categories,
        labels=source.labels,
        prompts=texts,
    )
    if run.texts and (listed := extend_texts(run.out / TEXTS_FILE, sample.items)) is not None:
        change = replace(change, files={**change.files, Path(TEXTS_FILE): listed})
    item_ids = tuple(item.item_id for item in sample.items)
    return _RunInput(sample.items, item_ids, prompts, change, tuple(_list_remarks(run, source, sample)))


def _load_source(run: RunSettings) -> Source:
    if run.texts:
        return load_descriptions(run.source, run.described_models, run.out)
    return load_source(
        run.source,
        aliases=run.aliases,
        categories=_find_set(run),
        allow_outside=run.allow_outside,
        group_pattern=run.group_pattern,
        leave_out=run.leave_out,
    )


def _find_set(run: RunSettings) -> CategorySet | None:
    """Return the category set that was asked for, else that of the corpus to continue; None for that of the source."""
    if run.categories:
        return load_category_set(run.categories)
    settings = run.out / "corpus.toml"
    return load_settings(settings)[1] if settings.exists() else None


def _list_remarks(run: RunSettings, source: Source, sample: Sample) -> Iterator[str]:
    skipped = [f"{n:,} {_REASONS.get(reason, reason)}" for reason, n in source.left_out.items() if n]
    if skipped:
        others = [f"{suffix or 'no suffix'} {n:,}" for suffix, n in source.other_suffixes.most_common(_N_LISTED)]
        yield f"Skipped of the source: {', '.join(skipped)}{' (' + ', '.join(others) + ')' if others else ''}."
    if not run.texts and not any(item.gold for item in source.items):
        yield "No item has a gold category, so answers can be compared with each other but not with the truth."
    if sample.short:
        short = ", ".join(f"{category} {n:,}" for category, n in sample.short.items())
        yield f"The source has too few items of some classes for a balanced sample; missing are {short}."
    if sample.n_without_gold:
        yield f"{spell_count(sample.n_without_gold, 'item')} without a gold category cannot be in a balanced sample."
    n_boxless = sum(item.face_box is None for item in sample.items)
    if run.crop and n_boxless:
        yield f"Without a face_box to crop by, {n_boxless:,} of {spell_count(len(sample.items), 'item')} will fail."


def _make_folder(run: RunSettings) -> None:
    try:
        run.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain_os_error(error, "cannot be created", run.out) from error


def _prepare(run: RunSettings, inputs: _RunInput, *, retries_failed: bool, is_dry: bool = False) -> _Preparation:
    existing = load_existing_answers(run.out, inputs.item_ids, may_be_torn=is_dry)
    for job in load_jobs(run.out):
        for cells in job.questions() if not job.is_fetched else ():
            existing.add_pending(cells, job.folder)
    index = MediaIndex(run.out / MEDIA_INDEX)
    if not is_dry:
        _check_media(inputs.items, existing, index)
    tasks = list_tasks(run, inputs.prompts, existing, retries_failed=retries_failed)
    copied = copy_answers(run.out, tasks, existing, inputs.item_ids, is_dry=is_dry)
    estimator = Estimator(inputs.items, MediaLoader(run.margin), is_batch=run.batch)
    n_groups = len({(item.group is None, item.group or item.item_id) for item in inputs.items})
    plan = make_plan(tasks, inputs.prompts, existing, estimator, copied, n_groups, is_of_texts=run.texts)
    return _Preparation(inputs, existing, index, MediaLoader(run.margin, index), tasks, plan)


def _check_media(items: Sequence[SourceItem], existing: ExistingAnswers, index: MediaIndex) -> None:
    """Refuse media that differ from those that were answered; only changed files are hashed."""
    changed = [
        item
        for row, item in enumerate(items)
        if (start := existing.media_start(row)) is not None and not index.current_sha256(item).startswith(start)
    ]
    if changed:
        listed = ", ".join(quote(item.item_id) for item in changed[:_N_LISTED])
        more = f" and {len(changed) - _N_LISTED} more" if len(changed) > _N_LISTED else ""
        problem = f"{listed}{more}: the media are not those that were answered"
        raise InputError(None, f"{problem}; put them back, give them another item_id, or collect into another folder")


def _show_plan(run: RunSettings, preparation: _Preparation, display: Display) -> None:
    """Show the plan, and before it all files that cannot be sent."""
    items = _list_unknown(preparation)
    unusable = [f"{item.item_id} {problem}" for item, problem in find_unusable(items)]
    if unusable:
        listed = "; ".join(unusable[:_N_UNUSABLE])
        more = f"; and {len(unusable) - _N_UNUSABLE:,} more" if len(unusable) > _N_UNUSABLE else ""
        if len(unusable) == len(preparation.inputs.items):
            raise InputError(run.source, f"none of its files can be sent: {listed}{more}")
        display.say(f"{spell_count(len(unusable), 'file')} cannot be sent, and will fail: {listed}{more}.")
    n_unknown = sum(item.path.suffix.lower() == _NOT_TAKEN_WHOLE for item in preparation.inputs.items)
    whole = [one.label for one in run.models if one.provider == "gemini" and one.sends_whole_clips]
    if n_unknown and whole:
        advice = "convert what is, or send pictures of it (clips=frames)"
        display.say(f"{spell_being(n_unknown, 'clip')} {_NOT_TAKEN_WHOLE}, not taken by {', '.join(whole)}; {advice}.")
    display.show_plan(preparation.plan)
    for settings in run.models:
        if told := tell_no_key(settings, os.environ):
            display.say(told)


def _list_unknown(preparation: _Preparation) -> list[SourceItem]:
    """List the items with an open question whose files were not loaded before, or have changed since."""
    items = preparation.inputs.items
    rows = sorted({row for tasks in preparation.tasks for row in tasks.open_rows(range(len(items)))})
    return [items[row] for row in rows if preparation.index.known_sha256(items[row]) is None]


def _check_bounds(run: RunSettings, plan: Plan) -> None:
    unpriced = [model.label for model in plan.models if model.n_left and model.high.cost_usd is None]
    if run.max_cost is not None and unpriced:
        problem = f"cannot be kept: the price of {', '.join(unpriced)} is unknown"
        advice = "limit the requests, give price_in, or set list_price=true where the list's price is paid"
        raise OptionError("max_cost", f"{problem}; {advice}")


async def _ask(
    run: RunSettings,
    preparation: _Preparation,
    display: Display,
    providers: _Providers,
    stopped: Mapping[str, str],
) -> CollectResult:
    asked = providers.by_model
    async with providers.all, _open_context(run, preparation, display) as context:
        if run.batch:
            progress, bound = await submit_batches(context, preparation.tasks, asked, stopped, display.say)
            return CollectResult(run.out, tuple(progress), str(bound or ""))
        estimates = [plan.estimates for plan in preparation.plan.models]
        models = ModelRuns(context, preparation.tasks, asked, estimates)

        def end() -> None:
            display.say_ending()
            models.halt()

        with display.live(models.progress), EndingSignals(end, models.halt_at_once) as signals:
            await models.run()
    return CollectResult(run.out, tuple(models.progress), str(models.stopped_by or ""), signals.first)


@asynccontextmanager
async def _open_context(run: RunSettings, preparation: _Preparation, display: Display) -> AsyncIterator[RunContext]:
    inputs = preparation.inputs
    plans = preparation.plan.models
    served = preparation.existing.served
    first = {model.settings.label: served[model.name] for model in preparation.tasks if model.name in served}
    expected = {
        (plan.name, label): estimate.high.cost_usd for plan in plans for label, estimate in plan.estimates.items()
    }
    async with AnswersFile(run.out, n_raw=preparation.existing.n_raw, keeps_raw=run.raw) as answers:
        with ThreadPoolExecutor(_N_MEDIA_THREADS, thread_name_prefix="media") as threads:
            yield RunContext(
                out=run.out,
                items=inputs.items,
                order=shuffle_items(len(inputs.items), run.seed),
                existing=preparation.existing,
                first_stages=FirstStages(run.out, preparation.tasks, inputs.item_ids),
                answers=answers,
                loader=preparation.loader,
                source=SourceWatch(),
                media_threads=threads,
                budget=Budget(run.max_cost, run.max_requests, expected, {plan.name: plan.n_requests for plan in plans}),
                served=ServedModels(first),
                show_progress=display.update,
            )


class _BatchDesk:
    """Fetches batches, several times if it is wanted, and says nothing twice."""

    def __init__(self, run: RunSettings, display: Display, *, waits: bool) -> None:
        self._run, self._display, self._waits = run, display, waits
        self._said: set[str] = set()

    def fetch(self) -> Mapping[str, str]:
        """Fetch the results of batches that are over; return by name which models must not be asked further."""
        remove_unsubmitted(self._run.out)
        jobs = load_jobs(self._run.out)
        return asyncio.run(self._fetch(jobs)) if jobs else {}

    async def _fetch(self, jobs: Sequence[BatchJob]) -> Mapping[str, str]:
        existing = load_existing_answers(self._run.out, ())
        async with (
            Providers([job.settings for job in jobs], os.environ) as providers,
            AnswersFile(self._run.out, n_raw=existing.n_raw, keeps_raw=self._run.raw) as answers,
        ):
            fetcher = BatchFetcher(self._run.out, providers, answers, existing, self._report, waits=self._waits)
            await fetcher.fetch(jobs)
        return fetcher.stopped

    def _report(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._display.say(line)
