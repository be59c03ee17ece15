"""Puts what is left to ask into batches, and submits them."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from descan.collect.asking.answer_lines import Asked, Line, base_cells, describe_fault, fail_item, make_line
from descan.collect.asking.budget import BudgetReached
from descan.collect.asking.model_run import Job
from descan.collect.asking.retrying import Outcome
from descan.collect.batches.batch_files import check_batch
from descan.collect.batches.jobs import JobWriter
from descan.collect.progress import ModelProgress
from descan.collect.providers.openai_batches import OpenAIBatches
from descan.collect.providers.protocol import Call, CallError, Provider
from descan.collect.questions.tasks import ModelTasks
from descan.collect.run import CollectRun
from descan.collect.sources.media_files import MediaError
from descan.collect.sources.media_loading import LoadedMedia
from descan.errors import InputError
from descan.records import Mode

_N_AHEAD = 8
"""Items whose media are read ahead."""


def check_batch_run(run: CollectRun) -> None:
    """Check that all of a run can be asked in batches.

    Raises:
        InputError: If not; it says why.
    """
    for settings in run.models:
        check_batch(settings)
    if Mode.TWO_STAGE in run.modes:
        problem = "--batch is not for two_stage: its second question depends on the answer to the first"
        raise InputError(None, f"{problem}; collect that mode without --batch")


Tell = Callable[[str, str], None]
"""Is told, of a model, what becomes of a batch."""

_Held = tuple[Call, dict[str, object]]
"""A call, and what is known of the answer to be."""


class BatchSubmission:
    """Submits what is left, model by model.

    Attributes:
        progress: What has been done, by model.
        stopped_by: The bound that ended the run, if one did.
    """

    def __init__(self, corpus: Path, job: Job, stopped: Mapping[str, str], tell: Tell) -> None:
        """Prepare; nothing is sent.

        Args:
            corpus: Its folder, whose lock is held.
            job: What the models share.
            stopped: Why a model must not be asked any further in this run, by its name in the corpus.
            tell: Is told what becomes of each batch.
        """
        self.progress: list[ModelProgress] = []
        self.stopped_by: BudgetReached | None = None
        self._corpus, self._job, self._stopped, self._tell = corpus, job, stopped, tell

    async def run(self, tasks: Sequence[ModelTasks], providers: Sequence[Provider]) -> None:
        """Submit all that is left.

        Args:
            tasks: What to ask, by model.
            providers: Whom to ask, by model.

        Raises:
            InputError: If something cannot be written.
        """
        for model, provider in zip(tasks, providers, strict=True):
            progress = ModelProgress(model.name, model.n_left, stopped=self._stopped.get(model.name, ""))
            self.progress.append(progress)
            if model.n_left and not progress.stopped and self.stopped_by is None:
                try:
                    await _ModelSubmission(self._corpus, self._job, model, provider, progress, self._tell).run()
                except BudgetReached as bound:
                    self.stopped_by = bound
                except CallError as error:
                    said = describe_fault(error.code, str(error))
                    progress.stopped = f"{said}; {error.advice}" if error.advice else said


class _ModelSubmission:
    """Submits what is left for one model."""

    def __init__(
        self, corpus: Path, job: Job, tasks: ModelTasks, provider: Provider, progress: ModelProgress, tell: Tell
    ) -> None:
        self._corpus, self._job, self._tasks, self._tell = corpus, job, tasks, tell
        self._provider, self._progress = provider, progress
        self._batches = OpenAIBatches(provider, tasks.settings, job.served)
        self._bound: BudgetReached | None = None

    async def run(self) -> None:
        calls = self._calls()
        held = await anext(calls, None)
        while held is not None:
            with JobWriter(self._corpus, self._tasks.name, self._tasks.settings) as writer:
                while held is not None and await self._fits(writer, held):
                    held = await anext(calls, None)
                await self._submit(writer)
        if self._bound is not None:
            raise self._bound

    async def _fits(self, writer: JobWriter, held: _Held) -> bool:
        call, cells = held
        try:
            return writer.add(call, cells)
        except CallError as error:
            await self._save(make_line(cells, self._tasks.settings, Outcome(None, error, 0, None)))
            return True

    async def _submit(self, writer: JobWriter) -> None:
        if not writer.n_questions:
            return
        job = writer.commit()
        self._progress.n_submitted += job.n_questions
        state = await self._batches.submit(job.input_path, job.token)
        job.submitted(state.batch_id)
        self._tell(job.name, f"batch {state.batch_id} is submitted: {job.n_questions:,} questions")

    async def _calls(self) -> AsyncGenerator[_Held, None]:
        async for row, loaded in self._loaded():
            item = self._job.items[row]
            for question in self._tasks.questions:
                if not question.is_open(row):
                    continue
                asked = Asked(item.item_id, self._tasks.name, self._tasks.settings, question, self._provider.sdk)
                if isinstance(loaded, MediaError):
                    await self._save(fail_item(asked, loaded.code, loaded.problem))
                    continue
                try:
                    self._job.budget.set_aside((asked.name, question.mode))
                    self._job.budget.count_request()
                except BudgetReached as bound:
                    self._bound = bound
                    return
                cells = base_cells(asked, loaded, datetime.now(UTC))
                yield Call(question.prompt.stages[0], loaded.parts), cells

    async def _loaded(self) -> AsyncGenerator[tuple[int, LoadedMedia | MediaError], None]:
        """Read the media of items, a few ahead of the one that is wanted."""
        rows = self._tasks.open_rows(self._job.order)
        ahead = deque((row, self._load(row)) for row in islice(rows, _N_AHEAD))
        while ahead:
            row, loading = ahead.popleft()
            ahead.extend((following, self._load(following)) for following in islice(rows, 1))
            try:
                media = await loading
            except MediaError as error:
                yield row, error
            else:
                yield row, media

    def _load(self, row: int) -> asyncio.Future[LoadedMedia]:
        item, settings = self._job.items[row], self._tasks.settings
        loop, takes_video = asyncio.get_running_loop(), self._provider.takes_video
        return loop.run_in_executor(self._job.media_threads, self._job.loader.load, item, settings, takes_video)

    async def _save(self, line: Line) -> None:
        await self._job.answers.append(line.kind, line.cells, line.bodies)
        self._progress.add(line)
