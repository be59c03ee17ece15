"""Fetches what came in batches, and submits those of which a kill left unclear whether they were."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from descan.collect.asking.answer_lines import describe_fault, make_line
from descan.collect.asking.retrying import Outcome
from descan.collect.asking.served import ServedModels
from descan.collect.batches.jobs import CUSTOM_ID, BatchJob
from descan.collect.progress import ModelProgress
from descan.collect.providers import Providers
from descan.collect.providers.openai_batches import BatchState, OpenAIBatches
from descan.collect.providers.protocol import CallError, FaultScope
from descan.collect.store.answers_file import AnswersFile, Kind
from descan.corpus.folder import find_answers
from descan.corpus.formats import ColumnNames, stream_rows
from descan.records import Status

Tell = Callable[[str, str], None]
"""Is told, of a model, what became of a batch."""

_Key = tuple[object, object, object, object]

_GIVE_UP = "take {path} away to ask its questions anew"


class BatchFetcher:
    """Brings the answers of batches into a corpus, whose lock is held.

    Attributes:
        stopped: By the corpus's name of a model: why it must not be asked any further in this run.
    """

    def __init__(self, corpus: Path, providers: Providers, answers: AnswersFile, tell: Tell) -> None:
        """Prepare; nothing is sent.

        Args:
            corpus: Its folder.
            providers: Gives the provider of each batch.
            answers: Where the answers go.
            tell: Is told what became of each batch.
        """
        self.stopped: dict[str, str] = {}
        self._corpus, self._providers, self._answers, self._tell = corpus, providers, answers, tell
        self._served = ServedModels()

    async def fetch(self, jobs: Sequence[BatchJob]) -> None:
        """Fetch the batches that are over, and tell how the others are getting on.

        Raises:
            InputError: If an answer cannot be written.
            SetupError: If the key to a batch is missing.
        """
        for job in jobs:
            try:
                await self._settle(job)
            except CallError as error:
                path = job.folder.name + f"/{job.token}.json"
                self._stop(job.name, error, error.advice or _GIVE_UP.format(path=path))

    async def _settle(self, job: BatchJob) -> None:
        batches = OpenAIBatches(self._providers.get(job.settings), job.settings, self._served)
        if not job.batch_id:
            job = job.submitted((await batches.submit(job.input_path, job.token)).batch_id)
        state = await batches.look(job.batch_id)
        if not state.is_over:
            n_done = state.n_completed + state.n_failed
            self._tell(job.name, f"batch {job.batch_id} is {state.status}: {n_done:,} of {job.n_questions:,} done")
            return
        if not job.is_fetched:
            await self._take_in(job, state, batches)
            job = job.fetched()
        await batches.discard(state)
        job.remove()

    async def _take_in(self, job: BatchJob, state: BatchState, batches: OpenAIBatches) -> None:
        if state.status == "failed":
            problem = f"batch {job.batch_id} failed: {state.problem or 'the provider does not say why'}"
            self.stopped[job.name] = f"{problem}; mend that, then run again"
            return
        kept = set(_kept_keys(self._corpus, job.batch_id))
        waiting = {str(cells[CUSTOM_ID]): cells for cells in job.questions() if _key(cells) not in kept}
        progress = ModelProgress(job.name, job.n_questions)
        async for custom_id, outcome in batches.results(state, job.folder):
            if (cells := waiting.pop(custom_id, None)) is not None:
                await self._keep(job, cells, outcome, progress)
        for cells in waiting.values():
            lost = CallError(FaultScope.ATTEMPT, "batch_lost", "batch_lost: the batch is over without a result for it")
            await self._keep(job, cells, Outcome(None, lost, 0, None), progress)
        n_failed = progress.statuses[Status.FAILED]
        came = f"{progress.n_done - n_failed + len(kept):,} of {job.n_questions:,} answers came, {n_failed:,} failed"
        self._tell(job.name, f"batch {job.batch_id} is {state.status}: {came}")

    async def _keep(
        self, job: BatchJob, cells: Mapping[str, object], outcome: Outcome, progress: ModelProgress
    ) -> None:
        base = {name: value for name, value in cells.items() if name != CUSTOM_ID}
        line = make_line({**base, "batch_id": job.batch_id}, job.settings, outcome, is_batch=True)
        if line.error is not None and line.error.scope is FaultScope.MODEL:
            self._stop(job.name, line.error, line.error.advice)
        if line.is_kept:
            await self._answers.append(line.kind, line.cells, line.bodies)
            progress.add(line)

    def _stop(self, name: str, error: CallError, advice: str) -> None:
        said = describe_fault(error.code, str(error))
        self.stopped.setdefault(name, f"{said}; {advice}" if advice else said)


def _kept_keys(corpus: Path, batch_id: str) -> Iterator[_Key]:
    """Give what an earlier fetch of a batch, cut short, has brought already."""
    for path in (*find_answers(corpus), corpus / Kind.FAILURE):
        if path.is_file():
            for row in stream_rows(path, ColumnNames()):
                if row.cells.get("batch_id") == batch_id:
                    yield _key(row.cells)


def _key(cells: Mapping[str, object]) -> _Key:
    return cells.get("item_id"), cells.get("model"), cells.get("mode"), cells.get("repeat")
