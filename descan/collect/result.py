"""How a run ended, and what is told of it."""

from dataclasses import dataclass
from pathlib import Path

from descan.collect.progress import ModelProgress

PENDING = 3
"""Exit code of a run after which answers are still on their way in batches."""


@dataclass(frozen=True, slots=True)
class CollectResult:
    """How a run ended.

    Attributes:
        progress: What was done, by model.
        bound: What is said of the bound that ended it, or empty.
        signal_number: Of the signal that ended it, or 0.
        n_pending: Questions that are on their way in batches.
    """

    progress: tuple[ModelProgress, ...]
    bound: str = ""
    signal_number: int = 0
    n_pending: int = 0

    @property
    def exit_code(self) -> int:
        """Give 0 if nothing is left, 3 if all that is left is in batches, 128 and the number of a signal, else 1."""
        if self.signal_number:
            return 128 + self.signal_number
        if self.n_missing or any(model.stopped for model in self.progress):
            return 1
        return PENDING if self.n_pending else 0

    @property
    def n_missing(self) -> int:
        """Answers that the next run has to ask."""
        return sum(model.n_missing for model in self.progress)

    def tell(self, out: Path) -> str:
        """Say in one line what is left, why, and how to go on; nothing where all is done."""
        stopped = [f"{model.name} is stopped: {model.stopped}" for model in self.progress if model.stopped]
        reasons = [reason for reason in (self.bound, *stopped) if reason]
        goes_on = f"`descan collect --resume --out {out}`"
        if self.n_pending:
            reasons.append(
                f"{self.n_pending} answers are on their way in batches, for a day at most; {goes_on} fetches"
            )
        if self.n_missing:
            reasons.append(f"{self.n_missing} answers are left; {goes_on} goes on")
        return ". ".join(reasons)
