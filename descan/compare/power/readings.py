"""How many descriptions a person must read, so that the shares corrected by these readings are known well enough."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatVector, GroupCounts, Resampling, count_groups
from descan.compare.estimated_shares import count_cells, resample_readings, verdict_cells
from descan.compare.intervals import share_intervals
from descan.compare.misclassification import fit_mixtures
from descan.compare.misreading import Confusion, reading_probabilities
from descan.compare.power.curves import (
    CURVE,
    MAX_WISH,
    MIN_WISH,
    Goal,
    PowerCurve,
    PowerPoint,
    Search,
    Tell,
    groups_of,
    make_point,
)
from descan.compare.power.guesses import Guesses
from descan.compare.power.studies import MISSING, Outcomes, draw_studies
from descan.errors import OptionError, check_number
from descan.records import SCORED_VERDICTS
from descan.significance import MIN_GROUPS

MAX_CORRECTED_ITEMS = 20_000
"""Items of a study whose readings are planned."""

MIN_READINGS = 10

_STUDIES_PER_STUDY = 5
"""One study is simulated where other goals simulate so many, because each is resampled."""

_N_RESAMPLES = 200
"""Of each simulated study."""

_PRECISION = 0.05
"""The smallest number of readings is found up to this part of itself."""


@dataclass(frozen=True, slots=True)
class Misreading:
    """What is assumed of texts, labels and descan's errors.

    Attributes:
        choices: What may be read: the categories and Undecided.
        texts: Share of the items by gold category, label wrong or right, and what a person would read. Shape:
            (n_categories, 2, n_categories + 1).
        probabilities: P(descan reads | a person reads), rows sum to 1. Shape: (n_categories + 1, n_categories + 1).
        source: Where the error rates come from.
        n_human: Readings behind them; 0 where they are stated.
    """

    choices: tuple[str, ...]
    texts: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    source: str
    n_human: int

    @property
    def share(self) -> float:
        """The share of the descriptions that descan reads otherwise than a person."""
        return float(self.texts.sum(axis=(0, 1)) @ (1 - np.diagonal(self.probabilities)))

    @property
    def accuracy(self) -> float:
        """The share of right labels."""
        return float(self.texts[:, 1].sum())

    @property
    def support(self) -> float:
        """The share of the items whose description a person would read as gold."""
        return float(np.einsum("grg->", self.texts[..., :-1]))

    @property
    def outcomes(self) -> FloatVector:
        """The probability of gold, label, what a person reads and what descan reads, together."""
        return np.asarray((self.texts[..., np.newaxis] * self.probabilities).ravel())


def state_misreading(guesses: Guesses, share: float, choices: tuple[str, ...]) -> Misreading:
    """Assume equally frequent categories, in each of which labels and descriptions are equally often right.

    Args:
        guesses: Share of right labels and of descriptions that support gold, and how often only one of them does.
        share: Of the descriptions that descan reads as another category; each other one is equally likely.
        choices: The categories and Undecided.
    """
    n = len(choices) - 1
    both, only_described, only_labelled, none = guesses.paired_outcomes(0)
    supports = np.eye(n, n + 1)
    others = np.pad(1 - np.eye(n), ((0, 0), (0, 1))) / (n - 1)
    wrong = only_described * supports + none * others
    right = both * supports + only_labelled * others
    texts = np.stack([wrong, right], axis=1) / n
    return Misreading(choices, texts, uniform_errors(share, n + 1), "stated", 0)


def uniform_errors(share: float, n: int) -> NDArray[np.float64]:
    """Return P(descan reads | a person reads) where every text is misread equally often, as each other one.

    Raises:
        OptionError: If the share is not allowed.
    """
    check_number("misreading", share, 0, 0.9, is_whole=False)
    return np.asarray((1 - share) * np.eye(n) + share / (n - 1) * (1 - np.eye(n)))


def fit_misreading(
    described: NDArray[np.float64], confusion: Confusion | float, choices: tuple[str, ...]
) -> Misreading:
    """Find what people would read in the descriptions of a pilot.

    Args:
        described: Its items by gold, label wrong or right, and what descan reads. Shape: (n_categories, 2,
            n_categories + 1).
        confusion: What people and descan have read, or the stated share of misread descriptions.
        choices: The categories and Undecided.
    """
    if isinstance(confusion, Confusion):
        probabilities, source, n_human = reading_probabilities(confusion.counts), confusion.source, confusion.n
    else:
        probabilities, source, n_human = uniform_errors(confusion, len(choices)), "stated", 0
    counts = described.reshape(1, -1, len(choices))
    shares = fit_mixtures(counts, np.zeros_like(counts), probabilities[np.newaxis])[0]
    texts = shares * counts[0].sum(axis=1, keepdims=True) / counts.sum()
    return Misreading(choices, texts.reshape(described.shape), probabilities, source, n_human)


def find_readings(
    wish: float, misreading: Misreading, guesses: Guesses, n_items: int, search: Search, tell: Tell = lambda: None
) -> PowerCurve:
    """Find how many descriptions a person must read, and what fewer and more readings give.

    Args:
        wish: Half the width that the interval of every corrected verdict share is to have, at most.
        misreading: What is assumed of texts and of descan's errors.
        guesses: What is assumed of groups and missing answers.
        n_items: Items of the study, rounded up to whole groups.
        search: How it is simulated.
        tell: Called after each step.

    Raises:
        OptionError: If the wish or the number of items is not allowed.
    """
    check_number(Goal.CORRECTED, wish, MIN_WISH, MAX_WISH, is_whole=False)
    most = _count_descriptions(guesses, n_items)
    known: dict[int, PowerPoint] = {}

    def reaches(n_readings: int) -> bool:
        if n_readings not in known:
            widths = _draw_half_widths(misreading, guesses, n_items, n_readings, search)
            known[n_readings] = _make_point(wish, guesses, n_items, n_readings, widths)
            tell()
        return known[n_readings].power >= search.power

    def draw_curve(chosen: set[int], smallest: PowerPoint | None) -> PowerCurve:
        for n in chosen:
            reaches(n)
        return PowerCurve(tuple(known[n] for n in sorted(chosen)), smallest)

    low, high = MIN_READINGS - 1, min(4 * MIN_READINGS, most)
    while not reaches(high):
        if high == most:
            return draw_curve({max(MIN_READINGS, most // 4), max(MIN_READINGS, most // 2), most}, None)
        low, high = high, min(high * 2, most)
    while high - low > max(1, round(_PRECISION * high)):
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    chosen = {high, *(min(max(round(part * high), MIN_READINGS), most) for part in CURVE)}
    return draw_curve(chosen, known[high])


def narrow_readings(
    misreading: Misreading, guesses: Guesses, n_items: int, n_readings: int, search: Search
) -> PowerPoint:
    """Return the half width that so many readings give often enough to the widest corrected verdict share, or less.

    Args:
        misreading: What is assumed of texts and of descan's errors.
        guesses: What is assumed of groups and missing answers.
        n_items: Items of the study, rounded up to whole groups.
        n_readings: Descriptions that a person reads.
        search: How it is simulated.

    Raises:
        OptionError: If a number is not allowed.
    """
    check_number("n_readings", n_readings, MIN_READINGS, _count_descriptions(guesses, n_items))
    widths = _draw_half_widths(misreading, guesses, n_items, n_readings, search)
    wish = float(np.quantile(widths, search.power, method="inverted_cdf"))
    return _make_point(wish, guesses, n_items, n_readings, widths)


def count_readings(
    study: Outcomes, choices: tuple[str, ...], n_readings: int, order: NDArray[np.int64]
) -> tuple[GroupCounts, Confusion]:
    """Count a study as an analysis does, of which a person has read some descriptions.

    Args:
        study: The place of each item's outcome among `Misreading.outcomes`, or `MISSING`. Shape: (n_groups,
            group_size).
        choices: The categories and Undecided.
        n_readings: How many descriptions are read.
        order: The places of the items in the order in which they are read. Shape: (n_items,).

    Returns:
        The cells of `strata/misreading.sql` by group, and what people and descan have read.
    """
    n = len(choices)
    outcomes = study.ravel()
    is_read = np.zeros(len(outcomes), dtype=bool)
    is_read[order[outcomes[order] != MISSING][:n_readings]] = True
    is_there = outcomes != MISSING
    units = np.repeat(np.arange(len(study)), study.shape[1])
    golds, labels, read, described = np.unravel_index(np.where(is_there, outcomes, 0), (n - 1, 2, n, n))
    state = np.where(is_read, n + 2 * read + (described == golds), described)
    cells = 3 * n * (2 * golds + labels) + state
    people = n * read + described
    counted = count_groups(
        np.concatenate([units[is_there], units[is_read]]),
        np.concatenate([cells[is_there], 6 * (n - 1) * n + people[is_read]]),
        count_cells(n - 1),
    )
    readings = count_groups(units[is_read], people[is_read], n * n)
    return counted, Confusion(choices, readings, "human readings", is_shipped=False)


def _count_descriptions(guesses: Guesses, n_items: int) -> int:
    """Return how many descriptions a study has, on average."""
    check_number("n_items", n_items, 1, MAX_CORRECTED_ITEMS)
    n = int(groups_of(n_items, guesses) * guesses.group_size * (1 - guesses.missing))
    if n < MIN_READINGS:
        raise OptionError("n_items", f"must be enough for {MIN_READINGS} descriptions to read, not {n_items}")
    return n


def _draw_half_widths(
    misreading: Misreading, guesses: Guesses, n_items: int, n_readings: int, search: Search
) -> FloatVector:
    n_groups = groups_of(n_items, guesses)
    n_studies = search.n_studies // _STUDIES_PER_STUDY
    studies = draw_studies(misreading.outcomes, guesses, n_groups, n_studies, search.seed)
    return np.fromiter(_half_widths(studies, misreading.choices, n_readings, search), dtype=np.float64)


def _half_widths(
    studies: Iterator[Outcomes], choices: tuple[str, ...], n_readings: int, search: Search
) -> Iterator[float]:
    """Yield half the width of the widest interval of the four corrected shares over all gold; NaN if any has none."""
    above, below = verdict_cells(len(choices) - 1)
    generator = np.random.default_rng([search.seed, 2])
    resampling = Resampling(_N_RESAMPLES, search.seed, search.confidence)
    for study in (each for chunk in studies for each in chunk[..., 0]):
        groups, confusion = count_readings(study, choices, n_readings, generator.permutation(study.size))
        if groups.n_groups < MIN_GROUPS:
            yield np.nan
            continue
        [raw] = share_intervals([groups], above, below, search.confidence)
        found = resample_readings(groups, [confusion], resampling, raw, 1)
        yield float((found.high - found.low)[: len(SCORED_VERDICTS)].max() / 2)


def _make_point(wish: float, guesses: Guesses, n_items: int, n_readings: int, widths: FloatVector) -> PowerPoint:
    n_groups = groups_of(n_items, guesses)
    return make_point(Goal.CORRECTED, wish, guesses, n_groups, widths <= wish, widths, n_readings)
