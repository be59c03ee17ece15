"""Ask all models of a run at once, each at its own pace, until nothing is left or it is stopped."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from descan.collect.asking.answer_lines import ItemQuestion, make_media_failure
from descan.collect.asking.budget import Budget, BudgetReached, ShareUsed
from descan.collect.asking.halting import Halt
from descan.collect.asking.media_needs import MediaNeeds
from descan.collect.asking.pacing import Pace
from descan.collect.asking.retrying import Outcome, ServedModels
from descan.collect.asking.shared_faults import SharedFaults, tell_shared
from descan.collect.asking.source_watch import SourceGone, SourceWatch
from descan.collect.asking.stages import FirstStages, ask_question
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, FaultScope, Provider
from descan.collect.questions.estimates import Estimate
from descan.collect.questions.pricing import is_priced
from descan.collect.questions.tasks import ModelTasks, Question
from descan.collect.result import ModelProgress
from descan.collect.sources.media_loading import LoadedMedia, MediaLoader
from descan.collect.sources.source_items import SourceItem
from descan.collect.store.answers_file import AnswersFile, Kind, Line
from descan.collect.store.existing_answers import ExistingAnswers
from descan.errors import DescanError
from descan.media.media_files import MediaError


@dataclass(frozen=True, slots=True)
class RunContext:
    """What the models of a run share.

    Attributes:
        out: The corpus, whose lock is held.
        items: Of the run.
        order: Indices in `items`, in the order of sending.
        media_threads: Where media are loaded.
        show_progress: Called when the progress of a model has changed.
    """

    out: Path
    items: Sequence[SourceItem]
    order: Sequence[int]
    existing: ExistingAnswers
    first_stages: FirstStages
    answers: AnswersFile
    loader: MediaLoader
    source: SourceWatch
    media_threads: Executor
    budget: Budget
    served: ServedModels
    show_progress: Callable[[ModelProgress], object]

    def load_media(self, row: int, settings: ModelSettings) -> "asyncio.Future[LoadedMedia]":
        """Load the media of an item in a thread; the future raises MediaError if they cannot be sent."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self.media_threads, self._load, row, settings)

    async def save(self, line: Line, progress: ModelProgress) -> None:
        """Write a line to the disk and count it."""
        await self.answers.append(line.kind, line.cells, line.bodies)
        progress.add(line)
        self.show_progress(progress)

    def _load(self, row: int, settings: ModelSettings) -> LoadedMedia:
        media = self.loader.load(self.items[row], settings)
        if self.existing.has_changed(row, media.media_sha256):
            problem = "is not the file that was answered before; give it another item_id"
            raise MediaError(self.items[row].path, "media_changed", problem)
        return media


class ModelRuns:
    """All models of a run; what ends one does not end the others.

    Attributes:
        stopped_by: The bound or the lost source that ended the run, if one did.
    """

    def __init__(
        self,
        context: RunContext,
        tasks: Sequence[ModelTasks],
        providers: Sequence[Provider],
        estimates: Sequence[Mapping[str, Estimate]],
    ) -> None:
        """Prepare; nothing is sent.

        Args:
            context: What the models share.
            tasks: What must be asked, by model.
            providers: Whom to ask, by model.
            estimates: What an answer is expected to use, by model and by label of the prompt.
        """
        self.stopped_by: BudgetReached | SourceGone | None = None
        self._failure: DescanError | None = None
        needs = MediaNeeds(tasks, providers, len(context.items))
        self._models = [
            _ModelRun(context, *parts, needs, on_end=self._end)
            for parts in zip(tasks, providers, estimates, strict=True)
        ]

    @property
    def progress(self) -> list[ModelProgress]:
        """What has been done, by model."""
        return [model.progress for model in self._models]

    async def run(self) -> None:
        """Ask until nothing is left, or the run is ended.

        Raises:
            DescanError: If an answer could not be stored.
        """
        async with asyncio.TaskGroup() as group:
            for model in self._models:
                group.create_task(model.run())
        if self._failure is not None:
            raise self._failure

    def halt(self) -> None:
        """Begin nothing more; await and store what is being sent."""
        for model in self._models:
            model.halt.call()

    def halt_at_once(self) -> None:
        """Drop what is being sent."""
        for model in self._models:
            model.halt.call_at_once()

    def _end(self, reason: DescanError) -> None:
        if isinstance(reason, BudgetReached | SourceGone):
            self.stopped_by = self.stopped_by or reason
        else:
            self._failure = self._failure or reason
        if not isinstance(reason, ShareUsed):
            self.halt()


class _ModelRun:
    """One model in a run."""

    def __init__(
        self,
        context: RunContext,
        tasks: ModelTasks,
        provider: Provider,
        estimates: Mapping[str, Estimate],
        needs: MediaNeeds,
        on_end: Callable[[DescanError], None],
    ) -> None:
        self._context, self._tasks, self._provider, self._estimates = context, tasks, provider, estimates
        self._needs, self._on_end = needs, on_end
        self.halt = Halt()
        self._faults = SharedFaults(context.existing.answered_modes(tasks.name))
        self.progress = ModelProgress(tasks.name, tasks.n_left, is_priced=is_priced(tasks.settings))
        self._pace = Pace(provider, tasks.settings, context.served, context.budget, self.halt, self.progress)

    async def run(self) -> None:
        rows = self._tasks.open_rows(self._context.order)
        n_workers = min(self._tasks.settings.concurrency, self._tasks.n_left)
        async with asyncio.TaskGroup() as group:
            for _ in range(n_workers):
                group.create_task(self._work(rows))
        for row in rows:
            self._needs.finish(self._provider, row)
        self._context.budget.release(self._tasks.name)
        await self._blame_model(self._faults.take_all_alike())

    async def _work(self, rows: Iterator[int]) -> None:
        with self.halt.join():
            try:
                for row in rows:
                    try:
                        if self.halt.is_called:
                            return
                        await self._ask_item(row)
                    finally:
                        self._needs.finish(self._provider, row)
            except ShareUsed as error:
                self.halt.call()
                self._on_end(error)
            except DescanError as error:
                self._on_end(error)

    async def _ask_item(self, row: int) -> None:
        item = self._context.items[row]
        questions = [question for question in self._tasks.questions if question.is_open(row)]
        try:
            media = await self._context.load_media(row, self._tasks.settings)
        except MediaError as error:
            for question in questions:
                await self._context.save(make_media_failure(self._about(item, question), error), self.progress)
            self._context.source.note(row, error)
            return
        self._context.source.note(row, None)
        self._needs.note(self._provider, row, media)
        for question in questions:
            if self.halt.is_called:
                return
            await self._ask(self._about(item, question), media)

    async def _ask(self, asked: ItemQuestion, media: LoadedMedia) -> None:
        price = asked.name, asked.question.prompt.label
        n_tokens = self._estimates[asked.question.prompt.label].tokens_each

        async def ask(call: Call) -> Outcome:
            return await self._pace.ask(call, n_tokens)

        await self._context.budget.reserve(price)
        cost: float | None = 0.0
        try:
            first_stage = self._context.first_stages.find(asked, media)
            line = await ask_question(asked, media, ask, self._context.answers.append, first_stage)
            cost = line.cost_usd
            if line.is_about_item:
                await self._context.save(line, self.progress)
            self._faults.add(line)
            if line.error is not None and line.error.scope is FaultScope.MODEL:
                self._stop(line.error.describe_with_advice())
            await self._blame_model(self._faults.take_in_a_row())
        finally:
            self._context.budget.settle(price, cost)
            self.halt.rest()

    def _about(self, item: SourceItem, question: Question) -> ItemQuestion:
        return ItemQuestion(item.item_id, self._tasks.name, self._tasks.settings, question, self._provider.sdk)

    async def _blame_model(self, lines: Sequence[Line]) -> None:
        """Stop the model for a fault that every item would meet, and let the next run ask the items again."""
        if lines:
            self._stop(tell_shared(lines[-1]))
        for line in lines:
            await self._context.answers.append(Kind.FAILURE, {**line.cells, "retryable": True})
            self.progress.n_retryable += 1

    def _stop(self, reason: str) -> None:
        if not self.progress.stopped:
            self.progress.stopped = reason
            self._context.show_progress(self.progress)
        self.halt.call()
