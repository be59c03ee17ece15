"""How far a corpus is, from its files alone: no source, key or network is needed, and a run may be under way."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from descan.collect.batches.jobs import load_jobs
from descan.collect.run_settings import RUN_FILE, RunSettings, load_run_settings
from descan.collect.store.answers_file import Kind, QuestionKey, known_cost, question_key
from descan.collect.store.line_files import has_torn_line
from descan.corpus.folder import find_answers
from descan.corpus.folder_writing import LOCK_FILE
from descan.corpus.formats import ColumnNames, stream_rows
from descan.errors import InputError
from descan.records import Mode, Status
from descan.storage.folder_lock import is_locked

_STATUSES = {status.value: status for status in Status}


@dataclass(slots=True)
class SeriesStatus:
    """What a corpus holds of one model in one mode.

    Attributes:
        statuses: Answers by status.
        n_failed: Questions that failed because of the item; they are not asked again.
        n_retryable: Questions that failed and are asked again by the next run.
        n_pending: Questions in batches that are not over.
        n_wanted: Answers that the latest run wants of it, or None if that run does not ask for it.
        cost_usd: As far as it is known.
    """

    statuses: Counter[Status] = field(default_factory=Counter)
    n_failed: int = 0
    n_retryable: int = 0
    n_pending: int = 0
    n_wanted: int | None = None
    cost_usd: float = 0.0

    @property
    def n_left(self) -> int | None:
        """Answers that the latest run still lacks, or None if it wants none."""
        if self.n_wanted is None:
            return None
        return max(0, self.n_wanted - self.statuses.total() - self.n_failed - self.n_pending)


@dataclass(slots=True)
class CorpusStatus:
    """How far a corpus is.

    Attributes:
        series: By the model's name in the corpus and mode.
        is_collecting: Whether a collector is at work on it.
        last_answer_at: When the latest answer was asked for, in ISO 8601, UTC; empty if there is none.
        last_fault: What the latest failure says; empty if there is none.
        last_fault_at: When it was asked for.
    """

    n_items: int
    series: dict[tuple[str, str], SeriesStatus]
    is_collecting: bool
    last_answer_at: str = ""
    last_fault: str = ""
    last_fault_at: str = ""


def load_status(corpus: Path) -> CorpusStatus:
    """Load how far a corpus is; nothing is written.

    Raises:
        InputError: If the folder is not a corpus that descan collects, or a file is not what descan has written.
    """
    if not (corpus / "items.csv").is_file():
        raise InputError(corpus, "has no items.csv; use the folder that --out of `descan collect` named")
    n_items = sum(1 for _ in stream_rows(corpus / "items.csv", ColumnNames()))
    found = CorpusStatus(n_items, {}, is_locked(corpus, LOCK_FILE))
    failed = _add_failures(corpus, found)
    for path in find_answers(corpus):
        for cells in _stream(path):
            series = _find_series(found, cells)
            series.statuses[_STATUSES.get(str(cells.get("status", "ok")), Status.OK)] += 1
            series.cost_usd += known_cost(cells)
            found.last_answer_at = max(found.last_answer_at, str(cells.get("started_at") or ""))
            failed.pop(question_key(cells), None)
    for (_, model, mode, _, _), is_retryable in failed.items():
        series = found.series[str(model), str(mode)]
        series.n_retryable += is_retryable
        series.n_failed += not is_retryable
    for job in load_jobs(corpus):
        for cells in job.questions() if not job.is_fetched else ():
            _find_series(found, cells).n_pending += 1
    if (corpus / RUN_FILE).is_file():
        _add_wanted(found, load_run_settings(corpus / RUN_FILE, {}))
    return found


def _add_failures(corpus: Path, found: CorpusStatus) -> dict[QuestionKey, bool]:
    """Return the questions that failed, and whether each is asked again."""
    failed: dict[QuestionKey, bool] = {}
    path = corpus / Kind.FAILURE
    for cells in _stream(path) if path.is_file() else ():
        _find_series(found, cells).cost_usd += known_cost(cells)
        failed[question_key(cells)] = cells.get("retryable") is True
        found.last_fault, found.last_fault_at = str(cells.get("detail") or ""), str(cells.get("started_at") or "")
    return failed


def _add_wanted(found: CorpusStatus, run: RunSettings) -> None:
    """Add what the latest run wants, under the name that its answers have."""
    for settings in run.models:
        label = settings.label
        for mode in run.modes:
            names = [name for name, other in found.series if other == mode and _is_named(name, label)]
            name = names[-1] if names else label
            n_wanted = found.n_items * run.repeats * run.n_prompts(mode)
            found.series.setdefault((name, mode.value), SeriesStatus()).n_wanted = n_wanted


def _is_named(name: str, label: str) -> bool:
    return name == label or name.startswith(f"{label}@")


def _find_series(found: CorpusStatus, cells: Mapping[str, object]) -> SeriesStatus:
    key = str(cells.get("model")), str(cells.get("mode") or Mode.DESCRIBE.value)
    return found.series.setdefault(key, SeriesStatus())


def _stream(path: Path) -> Iterator[Mapping[str, object]]:
    """Yield the lines of a file, to which a collector may be writing one."""
    try:
        for row in stream_rows(path, ColumnNames()):
            yield row.cells
    except InputError:
        if path.suffix != ".jsonl" or not (has_torn_line(path) or is_locked(path.parent, LOCK_FILE)):
            raise
