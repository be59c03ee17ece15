"""Asks one model all that is left, at its own pace, until nothing is left or it is ended."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

from descan.collect.asking.answer_lines import Asked, Line, ask_question, describe_fault, fail_item
from descan.collect.asking.budget import Budget
from descan.collect.asking.first_stages import FirstStages
from descan.collect.asking.halting import Halt
from descan.collect.asking.pacing import Gate, Spacing
from descan.collect.asking.retrying import Outcome, ask_with_retries
from descan.collect.asking.served import ServedModels
from descan.collect.progress import ModelProgress
from descan.collect.providers.protocol import Call, CallError, FaultScope, Provider
from descan.collect.questions.estimates import Estimate
from descan.collect.questions.tasks import ModelTasks, Question
from descan.collect.sources.media_files import MediaError
from descan.collect.sources.media_loading import LoadedMedia, MediaLoader
from descan.collect.sources.source_items import SourceItem
from descan.collect.store.answers_file import AnswersFile, Kind
from descan.collect.store.existing_answers import CorpusRecord
from descan.errors import DescanError
from descan.records import Mode

MAX_IDENTICAL = 10
"""Items that a provider may turn down one after another in the same words before the model is ended."""

_ASK_AGAIN = "every item would meet that; change the settings or the prompt"


class Watcher(Protocol):
    """Is told what has changed, to show it."""

    def update(self, progress: ModelProgress) -> None:
        """Take note of the progress of one model."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """What the models of a run share.

    Attributes:
        items: Of the run.
        order: The items in the order of sending, by their place in `items`.
        media_threads: Where media are read.
    """

    items: Sequence[SourceItem]
    order: Sequence[int]
    record: CorpusRecord
    first_stages: FirstStages
    answers: AnswersFile
    loader: MediaLoader
    media_threads: Executor
    budget: Budget
    served: ServedModels
    watcher: Watcher


class ModelRun:
    """One model in a run.

    Attributes:
        halt: Ends it early.
        progress: What has been done.
    """

    def __init__(
        self,
        job: Job,
        tasks: ModelTasks,
        provider: Provider,
        estimates: Mapping[Mode, Estimate],
        on_end: Callable[[DescanError], None],
    ) -> None:
        """Prepare; nothing is sent.

        Args:
            job: What the models share.
            tasks: What to ask.
            provider: Whom to ask.
            estimates: What an answer is expected to use.
            on_end: Is told what must end the whole run.
        """
        self._job, self._tasks, self._provider, self._estimates = job, tasks, provider, estimates
        self._on_end = on_end
        self._pace = _Pace(tasks, job.budget)
        self._last: CallError | None = None
        self._identical: list[Line] = []
        self._is_hopeless = False
        self.halt = self._pace.halt
        self.progress = ModelProgress(tasks.name, tasks.n_left)

    async def run(self) -> None:
        """Ask until nothing is left, or the model is ended."""
        rows = self._tasks.open_rows(self._job.order)
        n_workers = min(self._tasks.settings.concurrency, self._tasks.n_left)
        async with asyncio.TaskGroup() as group:
            for _ in range(n_workers):
                group.create_task(self._work(rows))

    async def _work(self, rows: Iterator[int]) -> None:
        with self.halt.joined():
            try:
                for row in rows:
                    if self.halt.is_called:
                        return
                    await self._ask_item(row)
            except DescanError as error:
                self._on_end(error)

    async def _ask_item(self, row: int) -> None:
        item = self._job.items[row]
        questions = [question for question in self._tasks.questions if question.is_open(row)]
        try:
            media = await self._load(item, row)
        except MediaError as error:
            for question in questions:
                await self._save(fail_item(self._asked(item, question), error.code, error.problem))
            return
        for question in questions:
            if self.halt.is_called:
                return
            await self._ask(self._asked(item, question), media)

    async def _load(self, item: SourceItem, row: int) -> LoadedMedia:
        loop, load = asyncio.get_running_loop(), self._job.loader.load
        takes_video = self._provider.takes_video
        media = await loop.run_in_executor(self._job.media_threads, load, item, self._tasks.settings, takes_video)
        if self._job.record.has_changed(row, media.media_sha256):
            problem = "is another file than the one that was answered; give it another item_id"
            raise MediaError(item.path, "media_changed", problem)
        return media

    async def _ask(self, asked: Asked, media: LoadedMedia) -> None:
        price = asked.name, asked.question.mode
        n_tokens = self._estimates[asked.question.mode].tokens_each

        async def ask(call: Call) -> Outcome:
            return await self._pace.ask(self._provider, call, self._job.served, n_tokens)

        await self._job.budget.reserve(price)
        cost: float | None = 0.0
        try:
            first_stage = self._job.first_stages.find(asked, media)
            line = await ask_question(asked, media, ask, self._job.answers.append, first_stage)
            cost = line.cost_usd
            if line.is_kept:
                await self._save(line)
            await self._judge(line)
        finally:
            self._job.budget.settle(price, cost)
            self.halt.rest()

    def _asked(self, item: SourceItem, question: Question) -> Asked:
        return Asked(item.item_id, self._tasks.name, self._tasks.settings, question, self._provider.sdk)

    async def _save(self, line: Line) -> None:
        await self._job.answers.append(line.kind, line.cells, line.bodies)
        self.progress.add(line)
        self._job.watcher.update(self.progress)

    async def _judge(self, line: Line) -> None:
        """End the model after a fault that every item would meet."""
        error = line.error
        if error is not None and error.scope is FaultScope.MODEL:
            self._stop(error, error.advice)
        elif error is not None and error.scope is FaultScope.ITEM:
            await self._judge_item(line, error)
        else:
            self._identical.clear()

    async def _judge_item(self, line: Line, error: CallError) -> None:
        if self._last is not None and (self._last.code, str(self._last)) != (error.code, str(error)):
            self._identical.clear()
        self._last = error
        self._identical.append(line)
        self._is_hopeless |= len(self._identical) >= MAX_IDENTICAL
        if not self._is_hopeless:
            return
        self._stop(error, _ASK_AGAIN)
        identical, self._identical = self._identical, []
        for one in identical:
            await self._job.answers.append(Kind.FAILURE, {**one.cells, "retryable": True})
            self.progress.n_retryable += 1

    def _stop(self, error: CallError, advice: str) -> None:
        if not self.progress.stopped:
            said = describe_fault(error.code, str(error))
            self.progress.stopped = f"{said}; {advice}" if advice else said
            self._job.watcher.update(self.progress)
        self.halt.call()


class _Pace:
    """Sends the calls to one model when it is their turn."""

    def __init__(self, tasks: ModelTasks, budget: Budget) -> None:
        self._settings = tasks.settings
        self._budget = budget
        self._gate = Gate(tasks.settings.concurrency)
        self._requests = Spacing(tasks.settings.requests_per_minute)
        self._tokens = Spacing(tasks.settings.tokens_per_minute)
        self.halt = Halt()

    async def ask(self, provider: Provider, call: Call, served: ServedModels, n_tokens: float) -> Outcome:
        """Send a call, again if need be; `n_tokens` is what it is expected to use."""
        epoch = 0

        async def begin() -> None:
            nonlocal epoch
            self.halt.rest()
            epoch = await self._gate.enter()
            try:
                await self._requests.take(1)
                await self._tokens.take(n_tokens)
                self.halt.begin_sending()
                self._budget.count_request()
            except BaseException:
                self._gate.turn_back()
                raise

        def end(fault: CallError | None) -> None:
            self._gate.leave(epoch, fault)
            self.halt.end_sending(fault)

        outcome = await ask_with_retries(
            provider, call, self._settings, served=served, before_attempt=begin, after_attempt=end
        )
        reply = outcome.reply
        if reply is not None and reply.input_tokens is not None:
            n_used = reply.input_tokens + (reply.output_tokens or 0) + (reply.thinking_tokens or 0)
            self._tokens.correct(n_used - n_tokens)
        return outcome
