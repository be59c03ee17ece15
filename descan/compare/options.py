"""What a person may choose about the comparison."""

from dataclasses import dataclass
from enum import StrEnum

from descan.errors import InputError
from descan.records import Mode

LABEL_MODES = (Mode.CLASSIFY, Mode.CLASSIFY6, Mode.TWO_STAGE)
"""The modes whose answers give a label."""


class Support(StrEnum):
    """When a description supports the gold category."""

    STRICT = "strict"
    LENIENT = "lenient"


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """How verdicts are given and how much of the machine the comparison may use.

    Attributes:
        label_mode: The mode whose answers give the label of a verdict.
        support: The rule of `verdicts.parquet`; `tables/` has the verdicts by both.
        lenient_threshold: By the lenient rule a description supports gold when gold's score is at least this.
        threads: DuckDB's threads, or None for one per processor.
        memory_gb: Above this DuckDB works from a temporary file.
    """

    label_mode: Mode = Mode.CLASSIFY
    support: Support = Support.STRICT
    lenient_threshold: float = 0.25
    threads: int | None = None
    memory_gb: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what cannot be computed.

        Raises:
            InputError: If an option is not what is allowed.
        """
        if self.label_mode not in LABEL_MODES:
            allowed = ", ".join(LABEL_MODES)
            raise InputError(None, f"label mode '{self.label_mode}' gives no label; use one of {allowed}")
        if self.support not in tuple(Support):
            raise InputError(None, f"support '{self.support}' is unknown; use one of {', '.join(Support)}")
        if not 0 < self.lenient_threshold <= 1:
            problem = f"lenient threshold {self.lenient_threshold:g} is not allowed; use a number above 0, at most 1"
            raise InputError(None, problem)
        if self.threads is not None and self.threads < 1:
            raise InputError(None, f"{self.threads} threads are not allowed; use 1 or more")
        if not self.memory_gb > 0:
            raise InputError(None, f"{self.memory_gb:g} GB of memory are not allowed; use more than 0")
