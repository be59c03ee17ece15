"""Asks all models at once, and ends early in good order."""

import asyncio
from collections.abc import Mapping, Sequence

from descan.collect.asking.budget import BudgetReached
from descan.collect.asking.model_run import Job, ModelRun
from descan.collect.progress import ModelProgress
from descan.collect.providers.protocol import Provider
from descan.collect.questions.estimates import Estimate
from descan.collect.questions.tasks import ModelTasks
from descan.errors import DescanError
from descan.records import Mode


class Engine:
    """Runs a job: each model by itself, so that what ends one does not end the others.

    Attributes:
        stopped_by: The bound that ended the run, if one did.
    """

    def __init__(
        self,
        job: Job,
        tasks: Sequence[ModelTasks],
        providers: Sequence[Provider],
        estimates: Sequence[Mapping[Mode, Estimate]],
    ) -> None:
        """Prepare; nothing is sent.

        Args:
            job: What the models share.
            tasks: What to ask, by model.
            providers: Whom to ask, by model.
            estimates: What an answer is expected to use, by model.
        """
        self.stopped_by: BudgetReached | None = None
        self._failure: DescanError | None = None
        self._models = [
            ModelRun(job, *parts, on_end=self._end) for parts in zip(tasks, providers, estimates, strict=True)
        ]

    @property
    def progress(self) -> list[ModelProgress]:
        """Tell what has been done, by model."""
        return [model.progress for model in self._models]

    async def run(self) -> None:
        """Ask until nothing is left, or the run is ended.

        Raises:
            DescanError: If an answer could not be kept.
        """
        async with asyncio.TaskGroup() as group:
            for model in self._models:
                group.create_task(model.run())
        if self._failure is not None:
            raise self._failure

    def halt(self) -> None:
        """Begin nothing more; await what is being sent, and keep it."""
        for model in self._models:
            model.halt.call()

    def halt_at_once(self) -> None:
        """Drop what is being sent."""
        for model in self._models:
            model.halt.call_at_once()

    def _end(self, reason: DescanError) -> None:
        if isinstance(reason, BudgetReached):
            self.stopped_by = self.stopped_by or reason
        else:
            self._failure = self._failure or reason
        self.halt()
