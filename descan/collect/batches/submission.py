"""Divide what is left to ask into batches, and submit them."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from itertools import islice

from descan.collect.asking.answer_lines import ItemQuestion, base_cells, make_line, make_media_failure
from descan.collect.asking.budget import BudgetReached, ShareUsed
from descan.collect.asking.model_run import RunContext
from descan.collect.asking.retrying import Outcome
from descan.collect.asking.source_watch import SourceGone
from descan.collect.batches.client import BatchClient, check_batches
from descan.collect.batches.jobs import JobWriter, Report
from descan.collect.providers.protocol import Call, CallError, Provider
from descan.collect.questions.pricing import is_priced
from descan.collect.questions.tasks import ModelTasks
from descan.collect.result import ModelProgress
from descan.collect.run_settings import RunSettings
from descan.collect.sources.media_loading import LoadedMedia
from descan.errors import OptionError
from descan.media.media_files import MediaError
from descan.records import Mode

_Prepared = tuple[Call, dict[str, object]]
"""A call, and the known cells of the future answer."""

_N_AHEAD = 8
"""Items whose media are loaded ahead."""


def check_batch_run(run: RunSettings) -> None:
    """Check that all of a run can be asked in batches.

    Raises:
        OptionError: If not; it says why.
    """
    for settings in run.models:
        check_batches(settings)
    if Mode.TWO_STAGE in run.modes:
        problem = "is not for two_stage: its second question depends on the answer to the first"
        raise OptionError("batch", f"{problem}; collect that mode without batches")
    if Mode.DECIDE in run.modes:
        raise OptionError("batch", "is not for decide, which is asked online; collect that mode without batches")


async def submit_batches(
    context: RunContext,
    tasks: Sequence[ModelTasks],
    providers: Sequence[Provider],
    stopped: Mapping[str, str],
    report: Report,
) -> tuple[list[ModelProgress], BudgetReached | SourceGone | None]:
    """Submit all that is left, one model after another.

    Args:
        context: What the models share.
        tasks: What must be asked, by model.
        providers: Whom to ask, by model.
        stopped: Why a model must not be asked further in this run, by its name in the corpus.
        report: Called for each batch.

    Returns:
        What has been done, by model; and the bound or the lost source that ended the run, if one did.

    Raises:
        InputError: If something cannot be written.
    """
    bound = None
    submissions = [
        _ModelSubmission(context, model, provider, report, stopped.get(model.name, ""))
        for model, provider in zip(tasks, providers, strict=True)
    ]
    for submission in submissions:
        may_go_on = bound is None or isinstance(bound, ShareUsed)
        if submission.progress.n_left and not submission.progress.stopped and may_go_on:
            try:
                await submission.run()
            except CallError as error:
                submission.progress.stopped = error.describe_with_advice()
            bound = submission.bound or bound
    return [submission.progress for submission in submissions], bound


class _ModelSubmission:
    """Submits what is left for one model."""

    def __init__(
        self, context: RunContext, tasks: ModelTasks, provider: Provider, report: Report, stopped: str
    ) -> None:
        self._context, self._tasks, self._provider, self._report = context, tasks, provider, report
        self._client = BatchClient(provider, tasks.settings, context.served)
        known = is_priced(tasks.settings, is_batch=True)
        self.progress = ModelProgress(tasks.name, tasks.n_left, is_priced=known, stopped=stopped)
        self.bound: BudgetReached | SourceGone | None = None

    async def run(self) -> None:
        prepared = self._prepare()
        ahead = await anext(prepared, None)
        while ahead is not None:
            with JobWriter(self._context.out, self._tasks.name, self._tasks.settings, self._client.batches) as writer:
                while ahead is not None and await self._add(writer, ahead):
                    ahead = await anext(prepared, None)
                await self._submit(writer)

    async def _add(self, writer: JobWriter, ahead: _Prepared) -> bool:
        """Add a question to a batch, or return False if it belongs to the next one."""
        call, cells = ahead
        try:
            return writer.add(call, cells)
        except CallError as error:
            line = make_line(cells, self._tasks.settings, Outcome(None, error, 0, None))
            await self._context.save(line, self.progress)
            return True

    async def _submit(self, writer: JobWriter) -> None:
        if not writer.n_questions:
            return
        job = writer.commit()
        self.progress.n_submitted += job.n_questions
        state = await self._client.submit(job.input_path, job.token)
        job.mark_submitted(state.batch_id)
        self._report(f"{job.name}: batch {state.batch_id} is submitted: {job.n_questions:,} questions")

    async def _prepare(self) -> AsyncGenerator[_Prepared, None]:
        """Yield the questions that are left, until the budget is used up or the source has gone."""
        try:
            async for prepared in self._prepare_all():
                yield prepared
        except (BudgetReached, SourceGone) as bound:
            self.bound = bound

    async def _prepare_all(self) -> AsyncGenerator[_Prepared, None]:
        async for row, loaded in self._load_media():
            item = self._context.items[row]
            for question in self._tasks.questions:
                if not question.is_open(row):
                    continue
                asked = ItemQuestion(item.item_id, self._tasks.name, self._tasks.settings, question, self._provider.sdk)
                if isinstance(loaded, MediaError):
                    await self._context.save(make_media_failure(asked, loaded), self.progress)
                    continue
                self._context.budget.set_aside((asked.name, question.prompt.label))
                self._context.budget.count_request(asked.name)
                yield question.call(loaded, 0), base_cells(asked, loaded)
            self._context.source.note(row, loaded if isinstance(loaded, MediaError) else None)

    async def _load_media(self) -> AsyncGenerator[tuple[int, LoadedMedia | MediaError], None]:
        """Yield the media of items, a few of which are loaded ahead."""
        rows = self._tasks.open_rows(self._context.order)
        ahead = deque((row, self._load(row)) for row in islice(rows, _N_AHEAD))
        while ahead:
            row, loading = ahead.popleft()
            ahead.extend((following, self._load(following)) for following in islice(rows, 1))
            try:
                yield row, await loading
            except MediaError as error:
                yield row, error

    def _load(self, row: int) -> asyncio.Future[LoadedMedia]:
        return self._context.load_media(row, self._tasks.settings)
