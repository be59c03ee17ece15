"""`descan collect` from end to end: sources, plan, requests, and what is left."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2

from descan.collect.asking.budget import Budget
from descan.collect.asking.engine import Engine
from descan.collect.asking.first_stages import read_first_stages
from descan.collect.asking.model_run import Job
from descan.collect.asking.served import ServedModels
from descan.collect.asking.signals import EndingSignals
from descan.collect.batches.jobs import BatchJob, clear_leftovers, read_jobs
from descan.collect.display import Display
from descan.collect.memory import give_back_large_blocks
from descan.collect.providers import Providers
from descan.collect.providers.http import make_http_client
from descan.collect.providers.protocol import Provider
from descan.collect.questions.copying import copy_answers
from descan.collect.questions.estimates import Estimator
from descan.collect.questions.plan import Plan, make_plan
from descan.collect.questions.study import Study, read_study
from descan.collect.questions.tasks import ModelTasks, list_tasks, sending_order
from descan.collect.result import CollectResult
from descan.collect.run import CollectRun, write_run
from descan.collect.sources.media_index import MediaIndex
from descan.collect.sources.media_loading import MediaLoader
from descan.collect.sources.source_items import SourceItem
from descan.collect.store.answers_file import AnswersFile, FolderLock, mend_files
from descan.collect.store.existing_answers import CorpusRecord, read_record
from descan.errors import InputError, quoted

MEDIA_INDEX = ".media.jsonl"
"""In the corpus: which file had which hash."""

_N_MEDIA_THREADS = 4
_N_LISTED = 3


def collect(
    run: CollectRun, display: Display, *, is_dry: bool = False, retries_failed: bool = False
) -> CollectResult | None:
    """Ask all that is left of a run, and keep every answer.

    Args:
        run: What to ask of whom.
        display: Shows the plan and what comes of it.
        is_dry: Show the plan and write nothing.
        retries_failed: Also ask again what failed for the item's own sake.

    Returns:
        How it ended; None of a dry run.

    Raises:
        InputError: If the source, the corpus or an option is not what is allowed.
        SetupError: If a key is missing, or a package that the run needs.
    """
    if run.batch:
        _check_batch_run(run)
    study = read_study(run)
    for remark in study.remarks:
        display.say(remark)
    if is_dry:
        display.show_plan(_prepare(run, study, is_dry=True, retries_failed=retries_failed).plan)
        return None
    client = make_http_client(run.models)
    providers = Providers(client, os.environ)
    asked = [providers.get(settings) for settings in run.models]
    give_back_large_blocks()
    with FolderLock(_made(run.out)):
        for torn in mend_files(run.out):
            display.say_torn(torn)
        study.change.write()
        write_run(run)
        stopped = _fetch_batches(run, display)
        prepared = _prepare(run, study, retries_failed=retries_failed)
        display.show_plan(prepared.plan)
        if prepared.plan.n_left:
            _check_bounds(run, prepared.plan)
        way = _Way(client, providers, asked)
        asking = (
            _submit(run, study, prepared, display, way, stopped)
            if run.batch
            else _ask(run, study, prepared, display, way)
        )
        result = asyncio.run(asking)
        display.say_duplicates(prepared.index.duplicates())
        return replace(result, n_pending=sum(job.n_questions for job in read_jobs(run.out)))


@dataclass(frozen=True, slots=True)
class _Way:
    """How the models of a run are reached.

    Attributes:
        providers: All of them; closed with the run.
        asked: Whom to ask, by model.
    """

    client: httpx2.AsyncClient
    providers: Providers
    asked: Sequence[Provider]


@dataclass(frozen=True, slots=True)
class _Prepared:
    record: CorpusRecord
    index: MediaIndex
    loader: MediaLoader
    tasks: Sequence[ModelTasks]
    plan: Plan


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(folder, f"cannot be made: {error.strerror}; name a folder that can") from error
    return folder


def _prepare(run: CollectRun, study: Study, *, retries_failed: bool, is_dry: bool = False) -> _Prepared:
    record = read_record(run.out, study.item_ids, may_be_torn=is_dry)
    for job in read_jobs(run.out):
        for cells in job.questions() if not job.is_fetched else ():
            record.add_pending(cells, job.folder)
    index = MediaIndex(run.out / MEDIA_INDEX)
    if not is_dry:
        _check_media(study.items, record, index)
    tasks = list_tasks(run, study.prompts, record, retries_failed=retries_failed)
    copied = copy_answers(run.out, tasks, study.item_ids, is_dry=is_dry)
    looking = Estimator(study.items, MediaLoader(run.margin), is_batch=run.batch)
    plan = make_plan(tasks, study.prompts, record, looking, copied)
    return _Prepared(record, index, MediaLoader(run.margin, index), tasks, plan)


def _check_media(items: Sequence[SourceItem], record: CorpusRecord, index: MediaIndex) -> None:
    """Refuse pictures that are others than those that were answered; only changed files are read."""
    changed = [
        item
        for row, item in enumerate(items)
        if (start := record.media_start(row)) is not None and not index.current_sha256(item).startswith(start)
    ]
    if changed:
        listed = ", ".join(quoted(item.item_id) for item in changed[:_N_LISTED])
        more = f" and {len(changed) - _N_LISTED} more" if len(changed) > _N_LISTED else ""
        problem = f"{listed}{more}: the media are others than those that were answered"
        raise InputError(None, f"{problem}; put them back, give them another item_id, or collect into another folder")


def _check_bounds(run: CollectRun, plan: Plan) -> None:
    unpriced = [model.label for model in plan.models if model.n_left and model.cost_usd is None]
    if run.max_cost is not None and unpriced:
        problem = f"--max-cost cannot be kept: the price of {', '.join(unpriced)} is unknown"
        advice = "use --max-requests, or --set list_price=true where the list's price is paid"
        raise InputError(None, f"{problem}; {advice}")


async def _ask(run: CollectRun, study: Study, prepared: _Prepared, display: Display, way: _Way) -> CollectResult:
    async with _job(run, study, prepared, display, way) as job:
        engine = Engine(job, prepared.tasks, way.asked, [plan.estimates for plan in prepared.plan.models])
        with display.live(engine.progress), EndingSignals(engine, display) as signals:
            await engine.run()
    bound = str(engine.stopped_by) if engine.stopped_by else ""
    return CollectResult(tuple(engine.progress), bound, signals.first)


async def _submit(
    run: CollectRun, study: Study, prepared: _Prepared, display: Display, way: _Way, stopped: Mapping[str, str]
) -> CollectResult:
    from descan.collect.batches.submission import BatchSubmission

    async with _job(run, study, prepared, display, way) as job:
        submission = BatchSubmission(run.out, job, stopped, display.say_batch)
        await submission.run(prepared.tasks, way.asked)
    bound = str(submission.stopped_by) if submission.stopped_by else ""
    return CollectResult(tuple(submission.progress), bound)


@asynccontextmanager
async def _job(run: CollectRun, study: Study, prepared: _Prepared, display: Display, way: _Way) -> AsyncIterator[Job]:
    plans = prepared.plan.models
    served = prepared.record.served
    first = {model.settings.label: served[model.name] for model in prepared.tasks if model.name in served}
    expected = {(plan.name, mode): estimate.cost_usd for plan in plans for mode, estimate in plan.estimates.items()}
    async with way.client, AnswersFile(run.out, n_raw=prepared.record.n_raw, keeps_raw=run.raw) as answers:
        with ThreadPoolExecutor(_N_MEDIA_THREADS, thread_name_prefix="media") as threads:
            try:
                yield Job(
                    items=study.items,
                    order=sending_order(len(study.items), run.seed),
                    record=prepared.record,
                    first_stages=read_first_stages(run.out, prepared.tasks, study.item_ids),
                    answers=answers,
                    loader=prepared.loader,
                    media_threads=threads,
                    budget=Budget(run.max_cost, run.max_requests, expected),
                    served=ServedModels(first),
                    watcher=display,
                )
            finally:
                await way.providers.close()


def _check_batch_run(run: CollectRun) -> None:
    from descan.collect.batches.submission import check_batch_run

    check_batch_run(run)


def _fetch_batches(run: CollectRun, display: Display) -> Mapping[str, str]:
    """Fetch what came in the batches that are on their way; tell by name which models must not be asked further."""
    clear_leftovers(run.out)
    jobs = read_jobs(run.out)
    return asyncio.run(_fetch(run, jobs, display)) if jobs else {}


async def _fetch(run: CollectRun, jobs: Sequence[BatchJob], display: Display) -> Mapping[str, str]:
    from descan.collect.batches.fetching import BatchFetcher

    n_raw = read_record(run.out, ()).n_raw
    async with (
        make_http_client([job.settings for job in jobs]) as client,
        AnswersFile(run.out, n_raw=n_raw, keeps_raw=run.raw) as answers,
    ):
        providers = Providers(client, os.environ)
        fetcher = BatchFetcher(run.out, providers, answers, display.say_batch)
        try:
            await fetcher.fetch(jobs)
        finally:
            await providers.close()
    return fetcher.stopped
