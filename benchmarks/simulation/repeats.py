"""Simulated studies of models that were asked several times: shares, and unsteadiness beside a gap.

Run `python -m benchmarks.simulation.repeats`, with the number of studies if need be.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.simulation.instrument import Integers
from descan.compare.bootstrap import GroupCounts, Resampling, count_groups
from descan.compare.discordance import excess_intervals, sums_of_patterns
from descan.compare.families import decide, test_difference
from descan.compare.intervals import share_intervals
from descan.lexicon import load_category_set

N_STUDIES = 1_000
CONFIDENCE = 0.95
ALPHA = 0.05

_GOLD = "Sad"
_CATEGORIES = load_category_set()


@dataclass(frozen=True, slots=True)
class Repetition:
    """How a study is made.

    Attributes:
        name: What is told of it.
        n_items: Number of items.
        group_size: Items that have the same abilities.
        repeats: How often each question is asked.
        mean: Mean ability.
        spread: By so much the ability of half of the groups is higher than the mean, and of the others lower.
        gap: Describing is better than labelling by twice as much, in a share of groups.
        gap_share: That share; in the other groups it is worse by as much.
    """

    name: str
    n_items: int = 200
    group_size: int = 1
    repeats: int = 3
    mean: float = 0.35
    spread: float = 0.0
    gap: float = 0.0
    gap_share: float = 0.5

    @property
    def excess(self) -> float:
        """The mean squared difference of both abilities."""
        return (2 * self.gap) ** 2


DESIGNS = (
    Repetition("unsteady, two repeats", repeats=2),
    Repetition("unsteady"),
    Repetition("unsteady, easy and hard items", spread=0.25),
    Repetition("the same, 40 groups of 5", group_size=5, spread=0.25),
    Repetition("the same, two repeats, 50 items", n_items=50, repeats=2, spread=0.25),
    Repetition("gap in either direction", gap=0.15),
    Repetition("the same, easy and hard items, 40 groups of 5", group_size=5, spread=0.15, gap=0.15),
    Repetition("descriptions better", gap=0.15, gap_share=1.0),
)


def draw(design: Repetition, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Draw how many descriptions, and how many labels, of each item are right. Shape of both: (n_items,)."""
    n_groups = design.n_items // design.group_size
    abilities = design.mean + design.spread * rng.choice([-1, 1], n_groups)
    gaps = design.gap * np.where(rng.random(n_groups) < design.gap_share, 1, -1)
    of_groups = np.stack([abilities + gaps, abilities - gaps])
    drawn = rng.binomial(design.repeats, of_groups.repeat(design.group_size, axis=1))
    return drawn[0], drawn[1]


def describe_shares(n_studies: int = N_STUDIES) -> Iterator[str]:
    """Yield lines of a table: support of gold as it was by the majority, and as the mean over repeats."""
    yield "studies | support | by the majority | mean over repeats | coverage | mean width"
    for design in DESIGNS[:5]:
        rng = np.random.default_rng(1)
        samples, majority = [], []
        for _ in range(n_studies):
            right, _ = draw(design, rng)
            majority.append((2 * right > design.repeats).mean())
            samples.append(_count(design, right))
        shares = share_intervals(samples, [[1, 0]], [[1, 1]], CONFIDENCE)
        values, low, high = (np.array([getattr(one, name)[0] for one in shares]) for name in ("values", "low", "high"))
        covered = ((low <= design.mean) & (design.mean <= high)).mean()
        found = (design.mean, np.mean(majority), values.mean(), covered, (high - low).mean())
        yield " | ".join([design.name, *(f"{value:.3f}" for value in found)])


def describe_excess(n_studies: int = N_STUDIES) -> Iterator[str]:
    """Yield lines of a table: the excess, its interval and its test, and how often a gap is claimed."""
    yield "studies | excess | mean estimate | coverage | p < 0.05 | gap claimed"
    for design in DESIGNS:
        rng = np.random.default_rng(2)
        found = [_study(design, rng) for _ in range(n_studies)]
        values = np.array(found, dtype=np.float64).mean(axis=0)
        yield " | ".join([design.name, f"{design.excess:.3f}", *(f"{value:.3f}" for value in values)])


def _study(design: Repetition, rng: np.random.Generator) -> tuple[float, bool, bool, bool]:
    """Return the excess, whether its interval covers, whether its test rejects, and whether a gap is claimed."""
    n, m = design.repeats, design.repeats + 1
    patterns = [(_GOLD, n, k, n, right) for k in range(m) for right in range(m)]
    described, labelled = draw(design, rng)
    groups = np.arange(design.n_items) // design.group_size
    sample = count_groups(groups, described * m + labelled, len(patterns))
    n_groups = sample.n_groups
    rows = len(_CATEGORIES) + 1
    found = excess_intervals(
        sample.combine(sums_of_patterns(patterns, _CATEGORIES)), np.full(2 * rows, n_groups), Resampling(1_000), 1
    )
    more = np.array([(k - right) / n for _, _, k, _, right in patterns])
    [direction] = decide([test_difference(sample, found, 1, more, "modes")], 0.05)
    rejects = bool(found.p[0] < ALPHA and found.values[0] > 0)
    covers = bool(found.low[0] <= design.excess <= found.high[0])
    return float(found.values[0]), covers, rejects, rejects and direction.p_holm < ALPHA


def _count(design: Repetition, right: Integers) -> GroupCounts:
    groups, cells = np.tile(np.arange(design.n_items) // design.group_size, 2), np.repeat([0, 1], design.n_items)
    return count_groups(groups, cells, 2, np.concatenate([right, design.repeats - right]), design.repeats)


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else N_STUDIES
    print("\n".join([*describe_shares(n), "", *describe_excess(n)]))
