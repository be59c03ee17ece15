"""How many items a study needs, and what it finds with more or fewer."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy import special

from descan.compare.bootstrap import FloatVector
from descan.compare.compare_options import MAX_CONFIDENCE, MIN_CONFIDENCE
from descan.compare.intervals import wilson
from descan.compare.power.guesses import Guesses
from descan.compare.power.studies import are_found, draw_studies, half_widths
from descan.errors import OptionError, check_number
from descan.significance import MIN_GROUPS, SIGNIFICANT

MAX_ITEMS = 200_000
"""A study that needs more items is not searched for."""

MIN_WISH, MAX_WISH = 0.001, 0.5
"""Of a half width and of a difference."""

MIN_STUDIES, MAX_STUDIES = 100, 100_000

CURVE = (0.25, 0.5, 0.75, 1.25, 1.5, 2.0)
"""Points of a curve, as parts of the smallest number of groups."""

_PRECISION = 0.02
"""The smallest number of groups is found up to this part of itself."""

_STEPS = 9
"""Halvings of the range in which a detectable difference lies: it is found up to 1 / 512 of it."""

_MONTE_CARLO_CONFIDENCE = 0.95


class Goal(StrEnum):
    """What a study is to reach."""

    HALF_WIDTH = "half_width"
    DIFFERENCE = "difference"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Search:
    """How studies are simulated and judged.

    Attributes:
        power: Share of the studies that are to reach the goal.
        confidence: Of the intervals.
        n_tests: Tests in the family of the difference, with it.
        n_studies: Simulated studies behind each number.
        seed: Of the random numbers; same seed, same numbers.
    """

    power: float = 0.8
    confidence: float = 0.95
    n_tests: int = 1
    n_studies: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be computed.

        Raises:
            OptionError: If a value is not allowed.
        """
        check_number("power", self.power, 0.01, 0.99, is_whole=False)
        check_number("confidence", self.confidence, MIN_CONFIDENCE, MAX_CONFIDENCE, is_whole=False)
        check_number("n_tests", self.n_tests, 1, 1000)
        check_number("n_studies", self.n_studies, MIN_STUDIES, MAX_STUDIES)
        check_number("seed", self.seed, 0)


@dataclass(frozen=True, slots=True)
class PowerPoint:
    """What studies of one size reach.

    Attributes:
        goal: `half_width`, `difference` or `corrected`.
        wish: The half width, or the true difference.
        repeats: How often each question is asked.
        n_items: Items in a study.
        n_groups: Groups in a study; the items themselves where a group has one.
        n_answers: Answers of one side: items times repeats.
        n_readings: Descriptions that a person reads; None where that plays no part.
        n_studies: Simulated studies.
        power: Share of the studies that reach the goal: whose interval is no wider, or whose test finds the difference.
        power_low: Lower end of its Monte Carlo interval, 95 %.
        power_high: Upper end.
        half_width: Mean half width of the interval of accuracy, or of the widest of the corrected verdict shares; NaN
            for a difference.
    """

    goal: str
    wish: float
    repeats: int
    n_items: int
    n_groups: int
    n_answers: int
    n_readings: int | None
    n_studies: int
    power: float
    power_low: float
    power_high: float
    half_width: float


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """What studies of several sizes reach.

    Attributes:
        points: By number of items, or of human readings, rising.
        smallest: The smallest that reaches the goal; None if none of up to `MAX_ITEMS` items, or no number of readings,
            does.
    """

    points: tuple[PowerPoint, ...]
    smallest: PowerPoint | None


Tell = Callable[[], None]
"""Is called after each number of items that was simulated."""


def find_items(goal: Goal, wish: float, guesses: Guesses, search: Search, tell: Tell = lambda: None) -> PowerCurve:
    """Find the smallest study that reaches a goal, and what smaller and larger ones reach.

    The number of groups is bracketed from a formula for independent normal values, then halved down to within 2 %.

    Args:
        goal: What is to be reached.
        wish: The half width that the interval of accuracy is to have, or the difference that is to be found.
        guesses: What is assumed.
        search: How it is simulated.
        tell: Called after each step.

    Raises:
        OptionError: If the wish is not allowed, or contradicts the guesses.
    """
    check_number(goal, wish, MIN_WISH, MAX_WISH, is_whole=False)
    if goal is Goal.DIFFERENCE:
        guesses.check_discordance(wish)
    most = MAX_ITEMS // guesses.group_size
    if most <= MIN_GROUPS:
        raise OptionError("group_size", f"must be less than {MAX_ITEMS // MIN_GROUPS}, not {guesses.group_size}")
    known: dict[int, PowerPoint] = {}

    def reaches(n_groups: int) -> bool:
        if n_groups not in known:
            known[n_groups] = simulate(goal, wish, guesses, n_groups, search)
            tell()
        return known[n_groups].power >= search.power

    high = min(max(_guess_groups(goal, wish, guesses, search), MIN_GROUPS), most)
    low = MIN_GROUPS - 1
    while not reaches(high):
        if high == most:
            return PowerCurve(_curve(high, known, reaches, most), None)
        low, high = high, min(high * 2, most)
    while high - low > max(1, round(_PRECISION * high)):
        # Near the guess in the first steps, for small studies are far off.
        middle = max((low + high) // 2, round(0.8 * high))
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return PowerCurve(_curve(high, known, reaches, most), known[high])


def detect(guesses: Guesses, n_items: int, search: Search, tell: Tell = lambda: None) -> PowerPoint | None:
    """Return the smallest difference that studies of so many items find often enough; None if there is none.

    Args:
        guesses: What is assumed.
        n_items: Items in a study, rounded up to whole groups.
        search: How it is simulated.
        tell: Called after each step.

    Raises:
        OptionError: If the number of items is not allowed.
    """
    n_groups = groups_of(n_items, guesses)
    low, high = 0.0, MAX_WISH
    found = simulate(Goal.DIFFERENCE, high, guesses, n_groups, search)
    if found.power < search.power:
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        point = simulate(Goal.DIFFERENCE, middle, guesses, n_groups, search)
        tell()
        if point.power >= search.power:
            high, found = middle, point
        else:
            low = middle
    return found


def narrow(guesses: Guesses, n_items: int, search: Search) -> PowerPoint:
    """Return the half width that the intervals of studies of so many items have often enough, or less.

    Args:
        guesses: What is assumed.
        n_items: Items in a study, rounded up to whole groups.
        search: How it is simulated.

    Raises:
        OptionError: If the number of items is not allowed.
    """
    n_groups = groups_of(n_items, guesses)
    widths = _draw_half_widths(guesses, n_groups, search)
    wish = float(np.quantile(widths, search.power, method="inverted_cdf"))
    return make_point(Goal.HALF_WIDTH, wish, guesses, n_groups, widths <= wish, widths)


def groups_of(n_items: int, guesses: Guesses) -> int:
    """Return the number of groups that so many items have, rounded up.

    Raises:
        OptionError: If the number of items is not allowed.
    """
    check_number("n_items", n_items, 1, MAX_ITEMS)
    return ceil(n_items / guesses.group_size)


def simulate(goal: Goal, wish: float, guesses: Guesses, n_groups: int, search: Search) -> PowerPoint:
    """Return what studies of so many groups reach."""
    if goal is Goal.HALF_WIDTH:
        widths = _draw_half_widths(guesses, n_groups, search)
        return make_point(goal, wish, guesses, n_groups, widths <= wish, widths)
    studies = draw_studies(guesses.paired_outcomes(wish), guesses, n_groups, search.n_studies, search.seed)
    found = np.concatenate([are_found(chunk, search.n_tests) for chunk in studies])
    return make_point(goal, wish, guesses, n_groups, found)


def _draw_half_widths(guesses: Guesses, n_groups: int, search: Search) -> FloatVector:
    studies = draw_studies(guesses.share_outcomes(), guesses, n_groups, search.n_studies, search.seed)
    return np.concatenate([half_widths(chunk, search.confidence) for chunk in studies])


def make_point(
    goal: Goal,
    wish: float,
    guesses: Guesses,
    n_groups: int,
    are_reached: NDArray[np.bool_],
    widths: FloatVector | None = None,
    n_readings: int | None = None,
) -> PowerPoint:
    """Sum up simulated studies.

    Args:
        goal: What was to be reached.
        wish: How far.
        guesses: What was assumed.
        n_groups: Groups in a study.
        are_reached: The studies that reach it. Shape: (n_studies,).
        widths: Their half widths, where intervals were made; a study without an interval has NaN. Shape: (n_studies,).
        n_readings: Descriptions that a person reads.
    """
    n_studies, share = len(are_reached), float(are_reached.mean())
    low, high = wilson(np.array([share]), n_studies, _MONTE_CARLO_CONFIDENCE)
    n_items = n_groups * guesses.group_size
    return PowerPoint(
        goal=str(goal),
        wish=wish,
        repeats=guesses.repeats,
        n_items=n_items,
        n_groups=n_groups,
        n_answers=n_items * guesses.repeats,
        n_readings=n_readings,
        n_studies=n_studies,
        power=share,
        power_low=float(low[0]),
        power_high=float(high[0]),
        half_width=np.nan if widths is None else float(widths.mean()),
    )


def _guess_groups(goal: Goal, wish: float, guesses: Guesses, search: Search) -> int:
    """Return the groups that are enough if shares are normal and their variance is known."""
    z_power = special.ndtri(search.power)
    if goal is Goal.HALF_WIDTH:
        variance = guesses.accuracy * (1 - guesses.accuracy)
        z = special.ndtri((1 + search.confidence) / 2)
    else:
        shares = guesses.paired_outcomes(wish)
        variance = shares[1] + shares[2] - wish**2
        z = special.ndtri(1 - SIGNIFICANT / search.n_tests / 2) + z_power
    n_items = z**2 * variance / wish**2 * guesses.design_effect(guesses.missing)
    return ceil(float(n_items) / guesses.group_size)


def _curve(
    n_groups: int, known: dict[int, PowerPoint], reaches: Callable[[int], bool], most: int
) -> tuple[PowerPoint, ...]:
    chosen = {n_groups, *(min(max(round(part * n_groups), MIN_GROUPS), most) for part in CURVE)}
    for n in chosen:
        reaches(n)
    return tuple(known[n] for n in sorted(chosen))
