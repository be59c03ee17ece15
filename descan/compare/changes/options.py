"""What a person may choose about two analyses side by side."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from descan.compare.bootstrap import Resampling
from descan.compare.compare_options import MAX_CONFIDENCE, MAX_RESAMPLES, MIN_CONFIDENCE, MIN_RESAMPLES
from descan.errors import check_number


@dataclass(frozen=True, slots=True)
class ChangeOptions:
    """How two analyses are compared.

    Attributes:
        model_map: Name in A -> name in B, for a model that was renamed or updated.
        margin: Differences below this share are of no importance; see `CompareOptions`.
        confidence: Of every interval.
        n_resamples: Bootstrap resamples behind an interval.
        seed: Of the random numbers; same seed, same tables.
        threads: DuckDB's threads, or None for one per processor.
    """

    model_map: Mapping[str, str] = field(default_factory=dict)
    margin: float = 0.05
    confidence: float = 0.95
    n_resamples: int = 10_000
    seed: int = 0
    threads: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be computed.

        Raises:
            OptionError: If a value is not allowed.
        """
        check_number("margin", self.margin, math.ulp(0), 1, is_whole=False, allowed="above 0 and at most 1")
        check_number("confidence", self.confidence, MIN_CONFIDENCE, MAX_CONFIDENCE, is_whole=False)
        check_number("n_resamples", self.n_resamples, MIN_RESAMPLES, MAX_RESAMPLES)
        check_number("seed", self.seed, 0)

    @property
    def resampling(self) -> Resampling:
        """How intervals are made."""
        return Resampling(n_resamples=self.n_resamples, seed=self.seed, confidence=self.confidence)
