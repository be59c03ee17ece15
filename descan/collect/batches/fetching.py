"""Fetch the results of batches, and submit those that a kill left unsubmitted."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from descan.collect.asking.answer_lines import make_line
from descan.collect.asking.retrying import Outcome, ServedModels
from descan.collect.asking.shared_faults import SharedFaults, tell_shared
from descan.collect.batches.client import BatchClient
from descan.collect.batches.jobs import CUSTOM_ID, BatchJob, Report
from descan.collect.providers import Providers
from descan.collect.providers.faults import UNREACHABLE
from descan.collect.providers.protocol import BatchState, CallError, FaultScope
from descan.collect.result import ModelProgress
from descan.collect.store.answers_file import AnswersFile, Kind, QuestionKey, question_key
from descan.collect.store.existing_answers import ExistingAnswers
from descan.corpus.folder import find_answers
from descan.corpus.formats import ColumnNames, stream_rows
from descan.records import Status

_ADVICE = "delete {path} to ask its questions again"


class BatchFetcher:
    """Brings the answers of batches into a corpus, whose lock is held.

    Attributes:
        stopped: By the corpus's name of a model: why it must not be asked further in this run.
    """

    def __init__(
        self,
        corpus: Path,
        providers: Providers,
        answers: AnswersFile,
        existing: ExistingAnswers,
        report: Report,
        *,
        waits: bool = False,
    ) -> None:
        """Prepare; nothing is sent.

        Args:
            corpus: Its folder.
            providers: Has the provider of each batch.
            answers: Where the answers are written.
            existing: What the corpus already holds.
            report: Called for each batch.
            waits: Whether there will be another attempt, so that a fault that may pass stops no model.
        """
        self._waits = waits
        self.stopped: dict[str, str] = {}
        self._corpus, self._providers, self._answers, self._report = corpus, providers, answers, report
        self._existing = existing
        self._faults: dict[str, SharedFaults] = {}
        self._served = ServedModels()

    async def fetch(self, jobs: Sequence[BatchJob]) -> None:
        """Fetch the batches that are over, and report on the others.

        Raises:
            InputError: If an answer cannot be written.
            SetupError: If the key to a batch is missing.
        """
        for job in jobs:
            try:
                await self._settle(job)
            except CallError as error:
                if self._waits and (error.scope is FaultScope.ATTEMPT or error.code in UNREACHABLE):
                    self._report(f"{job.name}: batch {job.batch_id} cannot be looked at now: {error.describe()}")
                    continue
                advice = error.advice or _ADVICE.format(path=f"{job.folder.name}/{job.header_path.name}")
                self.stopped.setdefault(job.name, f"{error.describe()}; {advice}")

    async def _settle(self, job: BatchJob) -> None:
        client = BatchClient(self._providers.get(job.settings), job.settings, self._served)
        if not job.batch_id:
            job = job.mark_submitted((await client.submit(job.input_path, job.token)).batch_id)
        state = await client.look_up(job.batch_id)
        if not state.is_over:
            done = f"{state.n_done:,} of {job.n_questions:,} done"
            self._report(f"{job.name}: batch {job.batch_id} is {state.status}: {done}")
            return
        if not job.is_fetched:
            await self._add_results(job, state, client)
            job = job.mark_fetched()
        await client.delete_files(state)
        job.remove()

    async def _add_results(self, job: BatchJob, state: BatchState, client: BatchClient) -> None:
        if state.has_failed:
            problem = f"batch {job.batch_id} failed: {state.problem or 'the provider does not say why'}"
            self.stopped[job.name] = f"{problem}; correct that, then run again"
            return
        stored = set(_find_stored(self._corpus, job.batch_id))
        waiting = {str(cells[CUSTOM_ID]): cells for cells in job.questions() if question_key(cells) not in stored}
        progress = ModelProgress(job.name, job.n_questions)
        async for custom_id, outcome in client.results(state, job.folder):
            if (cells := waiting.pop(custom_id, None)) is not None:
                await self._add(job, cells, outcome, progress)
        for cells in waiting.values():
            lost = CallError(FaultScope.ATTEMPT, "batch_lost", "batch_lost: the batch is over without a result for it")
            await self._add(job, cells, Outcome(None, lost, 0, None), progress)
        await self._blame_model(job)
        n_failed = progress.statuses[Status.FAILED]
        n_came = progress.n_done - n_failed + len(stored)
        came = f"{n_came:,} of {job.n_questions:,} answers came, {n_failed:,} failed"
        self._report(f"{job.name}: batch {job.batch_id} is {state.status}: {came}")

    async def _add(self, job: BatchJob, cells: Mapping[str, object], outcome: Outcome, progress: ModelProgress) -> None:
        base = {name: value for name, value in cells.items() if name != CUSTOM_ID}
        line = make_line({**base, "batch_id": job.batch_id}, job.settings, outcome, is_batch=True)
        if line.error is not None and line.error.scope is FaultScope.MODEL:
            self.stopped.setdefault(job.name, line.error.describe_with_advice())
        self._find_faults(job).add(line)
        if line.is_about_item:
            await self._answers.append(line.kind, line.cells, line.bodies)
            progress.add(line)

    async def _blame_model(self, job: BatchJob) -> None:
        """Stop the model for a fault that all items met, and let the next run ask them again."""
        lines = self._find_faults(job).take_all_alike()
        if lines:
            self.stopped.setdefault(job.name, tell_shared(lines[-1]))
        for line in lines:
            await self._answers.append(line.kind, {**line.cells, "retryable": True})

    def _find_faults(self, job: BatchJob) -> SharedFaults:
        return self._faults.setdefault(job.name, SharedFaults(self._existing.answered_modes(job.name)))


def _find_stored(corpus: Path, batch_id: str) -> Iterator[QuestionKey]:
    """Yield the questions whose results an interrupted fetch of the batch has already stored."""
    for path in (*find_answers(corpus), corpus / Kind.FAILURE):
        if path.is_file():
            for row in stream_rows(path, ColumnNames()):
                if row.cells.get("batch_id") == batch_id:
                    yield question_key(row.cells)
