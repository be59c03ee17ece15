"""How far a run has come, how it ended, and what to tell the user."""

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from descan.collect.providers.protocol import CallError
from descan.collect.store.answers_file import Kind, Line
from descan.collect.wording import spell_being
from descan.records import Status

PENDING = 3
"""Exit code of a run after which answers are still missing because their batches are not over."""

_REFUSALS = (Status.REFUSED, Status.BLOCKED)


@dataclass(slots=True)
class ModelProgress:
    """What has been done for one model.

    Attributes:
        name: What the corpus calls it.
        n_left: Answers that were missing when the run began.
        statuses: Answers and failures that came, by status.
        faults: Failures by the name of their fault.
        n_retryable: Of the failures, those that the next run asks again.
        n_submitted: Of `n_left`, those that went into batches.
        spent_usd: As far as it is known.
        n_unpriced: Paid answers whose cost is unknown.
        is_priced: Whether the price of the model is known.
        stopped: Why the model was stopped, and what to do; empty while it goes on.
        is_stop_told: Whether that was printed already.
        n_retries: Requests that were sent again.
        n_waiting: Questions that wait to be sent again now.
        last_fault: The latest fault of a request, asked again or not; empty if there was none.
        last_fault_at: When it came, by the clock of `time.monotonic`.
        retires_on: The day on which its provider retires the model, as the replies say; or empty.
    """

    name: str
    n_left: int
    statuses: Counter[Status] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    n_retryable: int = 0
    n_submitted: int = 0
    spent_usd: float = 0.0
    n_unpriced: int = 0
    is_priced: bool = True
    stopped: str = ""
    is_stop_told: bool = False
    n_retries: int = 0
    n_waiting: int = 0
    last_fault: str = ""
    last_fault_at: float = 0.0
    retires_on: str = ""

    @property
    def n_done(self) -> int:
        """Answers and failures that came."""
        return self.statuses.total()

    @property
    def n_refused(self) -> int:
        """Refused by the model, or blocked by its provider."""
        return sum(self.statuses[status] for status in _REFUSALS)

    @property
    def n_missing(self) -> int:
        """What the next run must ask."""
        return self.n_left - self.n_done - self.n_submitted + self.n_retryable

    def note_fault(self, fault: CallError) -> None:
        """Remember the fault of a request."""
        self.last_fault, self.last_fault_at = fault.describe(), time.monotonic()

    def add(self, line: Line) -> None:
        """Count a line that is on the disk."""
        self.statuses[Status(str(line.cells["status"]))] += 1
        if line.kind is Kind.FAILURE:
            self.faults[str(line.cells["detail"]).partition(":")[0]] += 1
            self.n_retryable += line.cells["retryable"] is True
        cost = line.cells.get("cost_usd")
        if isinstance(cost, int | float):
            self.spent_usd += cost
        elif line.is_paid:
            self.n_unpriced += 1


@dataclass(frozen=True, slots=True)
class CollectResult:
    """How a run ended.

    Attributes:
        out: The corpus.
        progress: What was done, by model.
        bound: Why all models were ended, by a bound or by a source that has gone; or empty.
        signal_number: Of the signal that ended it, or 0.
        n_pending: Questions in batches that are not over.
    """

    out: Path
    progress: tuple[ModelProgress, ...]
    bound: str = ""
    signal_number: int = 0
    n_pending: int = 0

    @property
    def exit_code(self) -> int:
        """0 if nothing is left, 3 if all that is left is in batches, 128 plus the number of a signal, else 1."""
        if self.signal_number:
            return 128 + self.signal_number
        if self.n_missing or any(model.stopped for model in self.progress):
            return 1
        return PENDING if self.n_pending else 0

    @property
    def n_missing(self) -> int:
        """Answers that the next run must ask."""
        return sum(model.n_missing for model in self.progress)

    def describe(self, again: str = "", *, repeats_reasons: bool = True) -> str:
        """Return one line on what is left, why, and how to continue; empty if everything is done.

        Args:
            again: What continues the run; the command of `descan collect` if empty.
            repeats_reasons: Also say why a model was stopped where that was printed already.
        """
        stopped = [model for model in self.progress if model.stopped]
        told = [model.name for model in stopped if model.is_stop_told and not repeats_reasons]
        reasons = [self.bound] if self.bound else []
        reasons += [f"{model.name} is stopped: {model.stopped}" for model in stopped if model.name not in told]
        if told:
            reasons.append(f"{', '.join(told)} {'is' if len(told) == 1 else 'are'} stopped, as said above")
        command = again or f"`descan collect --resume --out {self.out}`"
        if self.n_pending:
            reasons.append(
                f"{spell_being(self.n_pending, 'answer')} in batches, for a day at most; {command} fetches them"
            )
        if self.n_missing:
            reasons.append(f"{spell_being(self.n_missing, 'answer')} left; {command} continues")
        return ". ".join(reasons)
