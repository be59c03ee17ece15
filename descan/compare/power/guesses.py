"""What is assumed of a study that is not made yet."""

import math
from dataclasses import dataclass

import numpy as np

from descan.compare.bootstrap import FloatVector
from descan.errors import OptionError, check_number

MAX_REPEATS = 100
MAX_GROUP_SIZE = 10_000

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Guesses:
    """What is assumed of a study, as a pilot measured it or as a person states it.

    Attributes:
        accuracy: Share of answers that are right, of side a where two sides are compared. Of descriptions, right
            means that they support gold.
        discordance: Share of items that only one of two sides has right; None if the sides are independent.
        group_size: Items in a group.
        icc: Correlation of two items of a group (the intra-group correlation): in being right, or in the difference
            of the two sides.
        missing: Share of answers without a category; of two sides, share of items where either has none.
        repeats: How often each question is asked.
        repeat_correlation: Correlation of two repeats of an item, in being right or in the difference.
    """

    accuracy: float = 0.5
    discordance: float | None = None
    group_size: int = 1
    icc: float = 0.0
    missing: float = 0.0
    repeats: int = 1
    repeat_correlation: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            OptionError: If a value is not allowed, or two contradict each other.
        """
        between = "above 0 and below 1"
        check_number("accuracy", self.accuracy, math.ulp(0), 1 - _ROUNDING, is_whole=False, allowed=between)
        if self.discordance is not None:
            check_number("discordance", self.discordance, 0, 1, is_whole=False)
        check_number("group_size", self.group_size, 1, MAX_GROUP_SIZE)
        check_number("icc", self.icc, 0, 1, is_whole=False)
        check_number("missing", self.missing, 0, 0.99, is_whole=False)
        check_number("repeats", self.repeats, 1, MAX_REPEATS)
        check_number("repeat_correlation", self.repeat_correlation, 0, 1, is_whole=False)
        if self.repeats > 1 and self.icc > self.repeat_correlation:
            problem = f"must be at most repeat_correlation ({self.repeat_correlation:g}), not {self.icc:g}"
            raise OptionError("icc", f"{problem}: items cannot be more alike than repeats of one item")

    def share_outcomes(self) -> FloatVector:
        """Return the probabilities that an answer is right and that it is wrong. Shape: (2,)."""
        return np.array([self.accuracy, 1 - self.accuracy])

    def paired_outcomes(self, difference: float) -> FloatVector:
        """Return the probabilities that both sides are right, only a, only b, and none. Shape: (4,).

        The accuracy of b is that of a less the difference, or that and the difference where a is right in less than
        half of the items: nearer to one half, where a difference is harder to find. A discordance that two such sides
        cannot have is replaced by the nearest that they can.

        Args:
            difference: Of the two accuracies, 0 to 0.5.
        """
        a, b, least, most = self._sides(difference)
        discordance = a * (1 - b) + b * (1 - a) if self.discordance is None else self.discordance
        discordance = min(max(discordance, least), most)
        only_a, only_b = (discordance + a - b) / 2, (discordance - a + b) / 2
        shares = np.clip([a - only_a, only_a, only_b, 1 - a - only_b], 0, 1)
        return np.asarray(shares / shares.sum())

    def check_discordance(self, difference: float) -> None:
        """Refuse a discordance that two sides with this difference cannot have.

        Raises:
            OptionError: If they cannot.
        """
        a, b, least, most = self._sides(difference)
        if self.discordance is not None and not least - _ROUNDING <= self.discordance <= most + _ROUNDING:
            problem = f"must be {least:.3g} to {most:.3g} for accuracies of {a:.3g} and {b:.3g}"
            raise OptionError("discordance", f"{problem}, not {self.discordance:g}")

    def _sides(self, difference: float) -> tuple[float, float, float, float]:
        """Return the accuracies of a and b, and the least and greatest discordance that they can have."""
        a = self.accuracy
        b = a - difference if a >= 0.5 else a + difference
        return a, b, difference, min(a + b, 2 - a - b)

    def design_effect(self, n_missing: float = 0.0) -> float:
        """Return how many items of such groups know as much as one independent answer (Kish 1965).

        Args:
            n_missing: Share of the items without a value.
        """
        of_repeats = self.repeat_correlation + (1 - self.repeat_correlation) / self.repeats
        return (of_repeats + (self.group_size - 1) * self.icc) / (1 - n_missing)
