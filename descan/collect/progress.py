"""What has been done for each model so far in this run."""

from collections import Counter
from dataclasses import dataclass, field

from descan.collect.asking.answer_lines import Line
from descan.collect.store.answers_file import Kind
from descan.records import Status

REFUSALS = (Status.REFUSED, Status.BLOCKED)


@dataclass(slots=True)
class ModelProgress:
    """What has been done for one model.

    Attributes:
        name: What the corpus calls it.
        n_left: Answers that were to be asked when the run began.
        statuses: Answers and failures that came, by status.
        faults: Failures by the name of their fault.
        n_retryable: Of the failures, those that the next run asks again.
        n_submitted: Of `n_left`, what went into batches.
        spent_usd: As far as it is known.
        n_unpriced: Paid answers whose cost is unknown.
        stopped: Why the model was ended, and what to do; empty while it goes on.
    """

    name: str
    n_left: int
    statuses: Counter[Status] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    n_retryable: int = 0
    n_submitted: int = 0
    spent_usd: float = 0.0
    n_unpriced: int = 0
    stopped: str = ""

    @property
    def n_done(self) -> int:
        """Answers and failures that came."""
        return self.statuses.total()

    @property
    def n_refused(self) -> int:
        """Refused by the model, or blocked by its provider."""
        return sum(self.statuses[status] for status in REFUSALS)

    @property
    def n_missing(self) -> int:
        """What the next run has to ask."""
        return self.n_left - self.n_done - self.n_submitted + self.n_retryable

    def add(self, line: Line) -> None:
        """Count a line that is safe."""
        self.statuses[Status(str(line.cells["status"]))] += 1
        if line.kind is Kind.FAILURE:
            self.faults[str(line.cells["detail"]).partition(":")[0]] += 1
            self.n_retryable += line.cells["retryable"] is True
        cost = line.cells.get("cost_usd")
        if isinstance(cost, int | float):
            self.spent_usd += cost
        elif line.is_paid:
            self.n_unpriced += 1
