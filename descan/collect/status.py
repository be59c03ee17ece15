"""How far a corpus is, from its files alone: no source, key or network is needed, and a run may be under way."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from descan.collect.batches.jobs import BatchJob, load_jobs
from descan.collect.questions.pricing import is_priced
from descan.collect.questions.tasks import list_tasks, load_run_prompts
from descan.collect.run_settings import RUN_FILE, load_run_settings
from descan.collect.store.answers_file import Kind, QuestionKey, known_cost, question_key
from descan.collect.store.existing_answers import is_unfinished, load_existing_answers
from descan.corpus.corpus_toml import load_settings
from descan.corpus.folder import find_answers
from descan.corpus.folder_writing import LOCK_FILE
from descan.corpus.formats import ColumnNames, stream_rows
from descan.errors import InputError
from descan.records import Mode, Status
from descan.storage.atomic import write_file
from descan.storage.folder_lock import is_locked

_RUN_ITEMS = ".run_items.json"
"""In the corpus: the ids of the items that the latest run asks about."""

_STATUSES = {status.value: status for status in Status}


@dataclass(slots=True)
class SeriesStatus:
    """What a corpus holds of one model in one mode.

    Attributes:
        statuses: Answers by status.
        n_failed: Questions that failed because of the item; they are not asked again.
        n_retryable: Questions that failed and are asked again by the next run.
        n_pending: Questions in batches that are not over.
        n_left: Answers that the latest run still lacks, or None if that run does not ask for it.
        cost_usd: As far as it is known.
        n_unpriced: Answers and failures that were paid for at an unknown price.
        is_priced: Whether the price is known of what the latest run lacks.
    """

    statuses: Counter[Status] = field(default_factory=Counter)
    n_failed: int = 0
    n_retryable: int = 0
    n_pending: int = 0
    n_left: int | None = None
    cost_usd: float = 0.0
    n_unpriced: int = 0
    is_priced: bool = True

    def add_cost(self, cells: Mapping[str, object], *, is_paid: bool) -> None:
        """Add what a line cost; it may have cost something without saying how much."""
        self.cost_usd += known_cost(cells)
        self.n_unpriced += is_paid and "cost_usd" not in cells


@dataclass(slots=True)
class CorpusStatus:
    """How far a corpus is.

    Attributes:
        series: By the model's name in the corpus and mode.
        is_collecting: Whether a collector is at work on it.
        last_answer_at: When the latest answer was asked for, in ISO 8601, UTC; empty if there is none.
        last_fault: What the latest failure says; empty if there is none.
        last_fault_at: When it was asked for.
        problem: Why it is not known what the latest run lacks; empty if it is.
    """

    n_items: int
    series: dict[tuple[str, str], SeriesStatus]
    is_collecting: bool
    last_answer_at: str = ""
    last_fault: str = ""
    last_fault_at: str = ""
    problem: str = ""


def write_run_items(corpus: Path, item_ids: Sequence[str]) -> None:
    """Store which items the latest run asks about: a corpus may hold more than those."""
    write_file(corpus / _RUN_ITEMS, json.dumps(item_ids, ensure_ascii=False))


def load_status(corpus: Path) -> CorpusStatus:
    """Load how far a corpus is; nothing is written.

    Raises:
        InputError: If the folder is not a corpus that descan collects, or a file is not what descan has written.
    """
    if not (corpus / "items.csv").is_file():
        raise InputError(corpus, "has no items.csv; use the folder that --out of `descan collect` named")
    item_ids = [str(row.cells.get("item_id")) for row in stream_rows(corpus / "items.csv", ColumnNames())]
    found = CorpusStatus(len(item_ids), {}, is_locked(corpus, LOCK_FILE))
    failed = _add_failures(corpus, found)
    for path in find_answers(corpus):
        for cells in _stream(path):
            series = _find_series(found, cells)
            series.statuses[_STATUSES.get(str(cells.get("status", "ok")), Status.OK)] += 1
            series.add_cost(cells, is_paid=True)
            found.last_answer_at = max(found.last_answer_at, str(cells.get("started_at") or ""))
            failed.pop(question_key(cells), None)
    for (_, model, mode, _, _), is_retryable in failed.items():
        series = found.series[str(model), str(mode)]
        series.n_retryable += is_retryable
        series.n_failed += not is_retryable
    for _, cells in _list_pending(corpus):
        _find_series(found, cells).n_pending += 1
    if (corpus / RUN_FILE).is_file():
        try:
            _add_left(corpus, found)
        except InputError as error:
            found.problem = str(error)
    return found


def _add_failures(corpus: Path, found: CorpusStatus) -> dict[QuestionKey, bool]:
    """Return the questions that failed, and whether each is asked again."""
    failed: dict[QuestionKey, bool] = {}
    path = corpus / Kind.FAILURE
    for cells in _stream(path) if path.is_file() else ():
        _find_series(found, cells).add_cost(cells, is_paid="input_tokens" in cells)
        failed[question_key(cells)] = cells.get("retryable") is True
        found.last_fault, found.last_fault_at = str(cells.get("detail") or ""), str(cells.get("started_at") or "")
    return failed


def _add_left(corpus: Path, found: CorpusStatus) -> None:
    """Add what the latest run lacks, under the names that it gives its answers.

    Raises:
        InputError: If its settings, prompts or list of items are not there, or the list is damaged.
    """
    run = load_run_settings(corpus / RUN_FILE, {})
    prompts = load_run_prompts(run, load_settings(corpus / "corpus.toml")[1])
    item_ids = _load_run_items(corpus)
    existing = load_existing_answers(corpus, item_ids, may_be_torn=True)
    for job, cells in _list_pending(corpus):
        existing.add_pending(cells, job.folder)
    for model in list_tasks(run, prompts, existing):
        for question in model.questions:
            series = found.series.setdefault((model.name, question.mode.value), SeriesStatus())
            series.n_left = (series.n_left or 0) + question.n_left
            series.is_priced = is_priced(model.settings, is_batch=run.batch)


def _load_run_items(corpus: Path) -> list[str]:
    path = corpus / _RUN_ITEMS
    if not path.is_file():
        problem = (
            "its runs left no list of their items, as earlier versions of descan did not; the rest of the table holds,"
        )
        raise InputError(corpus, f"{problem} and `descan collect --resume --out {corpus}` stores the list")
    try:
        return TypeAdapter(list[str]).validate_json(path.read_bytes())
    except ValidationError:
        raise InputError(path, "is no list of items; the next run writes it anew") from None


def _list_pending(corpus: Path) -> Iterator[tuple[BatchJob, Mapping[str, object]]]:
    """Yield the questions in batches that are not over, each with its batch."""
    for job in load_jobs(corpus):
        for cells in job.questions() if not job.is_fetched else ():
            yield job, cells


def _find_series(found: CorpusStatus, cells: Mapping[str, object]) -> SeriesStatus:
    key = str(cells.get("model")), str(cells.get("mode") or Mode.DESCRIBE.value)
    return found.series.setdefault(key, SeriesStatus())


def _stream(path: Path) -> Iterator[Mapping[str, object]]:
    """Yield the lines of a file, to which a collector may be writing one."""
    try:
        for row in stream_rows(path, ColumnNames()):
            yield row.cells
    except InputError:
        if not is_unfinished(path):
            raise
