"""How often intervals of prediction-powered shares hold the truth: `python -m benchmarks.simulation.powered [N]`.

Studies of 600 items whose truth is known: descan misreads some descriptions, people read a sample of them, and the
shares as descan reads stand beside.
"""

import sys
from collections.abc import Iterator
from itertools import islice, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatMatrix, IntVector
from descan.compare.intervals import wilson
from descan.compare.prediction_powered import estimate_powered_shares, weigh_readings
from descan.compare.reader_support import MEASURES, estimate_support
from descan.review.sampling import Stratum, take_turns, weigh_strata

N_STUDIES = 400
N_ITEMS = 600
N_GOLDS = 7
N_VERDICTS = 4
CONFIDENCE = 0.95

Flags = NDArray[np.bool_]


class Errors(NamedTuple):
    """How descan misreads, and what there is to read.

    Attributes:
        supporting: Share of the descriptions that support gold, as a person reads.
        added: Of those that do not, the share in which descan finds support.
        missed: Of those that do, the share in which descan finds none.
    """

    supporting: float
    added: float
    missed: float


class Design(NamedTuple):
    """A design of studies.

    Attributes:
        errors: Of descan.
        group_size: Items in a group, which are alike.
        n_readings: Descriptions that a person reads.
        drawing: How they are drawn: one of `DRAWINGS`.
    """

    errors: Errors
    group_size: int
    n_readings: int
    drawing: str


class Coverage(NamedTuple):
    """What was found in the studies of a design. Shape of each but the last: (n_verdicts,).

    Attributes:
        powered: Share of the studies whose powered interval holds the truth.
        raw: The same of the interval of the share as descan reads.
        width: Mean width of the powered interval.
        support: As `powered`, of the support rate, and of that less the share of right labels. Shape: (2,).
    """

    powered: FloatMatrix
    raw: FloatMatrix
    width: FloatMatrix
    support: FloatMatrix


ERRORS = {
    "15% added, 10% missed": Errors(0.4, 0.15, 0.1),
    "2% added, 2% missed": Errors(0.1, 0.02, 0.02),
    "40% added, 40% missed": Errors(0.5, 0.4, 0.4),
}
ANY, BY_GOLD_AND_VERDICT, REVIEW, WEIGHTED = DRAWINGS = (
    *("at random", "by gold and verdict"),
    *("by descan review", "by descan review --weighted"),
)

_LABEL_RIGHT = 0.45
_GUESSED_ERRORS = (0.2, 0.1)
_ALIKE = 0.5
"""Items that take the outcome of their group."""


def describe_coverage(n_studies: int = N_STUDIES) -> Iterator[str]:
    """Yield a table in Markdown: the least and the largest coverage over the four verdicts."""
    yield "| descan's errors | items in a group | readings | drawn | powered | raw | mean width | support, difference |"
    yield "|---|--:|--:|---|--:|--:|--:|--:|"
    for (name, errors), size, n_readings, drawing in product(ERRORS.items(), (1, 6), (100, 300), DRAWINGS):
        found = measure_coverage(Design(errors, size, n_readings, drawing), n_studies)
        shares = [f"{one.min():.3f}-{one.max():.3f}" for one in (found.powered, found.raw)]
        cells = (name, str(size), str(n_readings), drawing, *shares, f"{found.width.mean():.3f}")
        cells += (", ".join(f"{share:.3f}" for share in found.support),)
        yield f"| {' | '.join(cells)} |"


def measure_coverage(design: Design, n_studies: int, seed: int = 5) -> Coverage:
    """Return how often the intervals of simulated studies hold the true shares."""
    rng = np.random.default_rng(seed)
    errors = design.errors
    of_label = np.array([_LABEL_RIGHT, _LABEL_RIGHT, 1 - _LABEL_RIGHT, 1 - _LABEL_RIGHT])
    truth = of_label * np.array([errors.supporting, 1 - errors.supporting] * 2)
    held, held_raw, width = np.zeros((3, n_studies, N_VERDICTS))
    held_support = np.zeros((n_studies, len(MEASURES)))
    for study in range(n_studies):
        groups = np.repeat(np.arange(N_ITEMS // design.group_size), design.group_size)
        golds = rng.integers(N_GOLDS, size=groups.max() + 1)[groups]
        is_right = _draw_alike(rng, groups, _LABEL_RIGHT)
        supports = _draw_alike(rng, groups, errors.supporting)
        chances = rng.random(N_ITEMS)
        read = np.where(supports, chances >= errors.missed, chances < errors.added)
        verdicts, true_verdicts = _verdicts(is_right, read), _verdicts(is_right, supports)
        is_read = _sample(rng, golds, verdicts, design)
        weights = weigh_readings(golds * N_VERDICTS + verdicts, verdicts, np.ones(N_ITEMS), is_read)
        predicted, found = (_indicators(one) for one in (verdicts, true_verdicts))
        shares = estimate_powered_shares(predicted, found, np.ones(N_ITEMS), weights, groups, CONFIDENCE)
        held[study] = (shares.low <= truth) & (truth <= shares.high)
        width[study] = shares.high - shares.low
        pairs = {
            "unit": groups,
            "gold_place": golds,
            "verdict_place": verdicts,
            "is_right": is_right,
            "n": np.ones(N_ITEMS),
            "n_readings": is_read,
            "supports": supports,
        }
        support = estimate_support({name: column.astype(np.float64) for name, column in pairs.items()}, CONFIDENCE)
        true_support = np.array([errors.supporting, errors.supporting - _LABEL_RIGHT])
        held_support[study] = (support.low <= true_support) & (true_support <= support.high)
        low, high = wilson(predicted.mean(axis=0), N_ITEMS, CONFIDENCE)
        held_raw[study] = (low <= truth) & (truth <= high)
    return Coverage(*(part.mean(axis=0) for part in (held, held_raw, width, held_support)))


def _draw_alike(rng: np.random.Generator, groups: IntVector, share: float) -> Flags:
    of_group = rng.random(groups.max() + 1) < share
    own = rng.random(len(groups)) < share
    return np.where(rng.random(len(groups)) < _ALIKE, of_group[groups], own)


def _verdicts(is_right: Flags, supports: Flags) -> IntVector:
    """Return places in the order right, lucky, labeling_failure, seeing_failure."""
    return np.where(is_right, 0, 2) + np.where(supports, 0, 1)


def _indicators(verdicts: IntVector) -> FloatMatrix:
    return np.asarray(verdicts[:, np.newaxis] == np.arange(N_VERDICTS), dtype=np.float64)


def _sample(rng: np.random.Generator, golds: IntVector, verdicts: IntVector, design: Design) -> Flags:
    order = rng.permutation(N_ITEMS)
    if design.drawing == BY_GOLD_AND_VERDICT:
        strata = golds * N_VERDICTS + verdicts
        in_stratum = np.zeros(N_ITEMS, dtype=np.int64)
        for stratum in np.unique(strata):
            mine = strata[order] == stratum
            in_stratum[order[mine]] = np.arange(mine.sum())
        order = np.argsort(in_stratum, kind="stable")
    elif design.drawing in (REVIEW, WEIGHTED):
        turns = _take_turns(order, golds, verdicts, design.drawing == WEIGHTED)
        order = np.array(list(islice(turns, design.n_readings)))
    return np.isin(np.arange(N_ITEMS), order[: design.n_readings])


def _take_turns(order: IntVector, golds: IntVector, verdicts: IntVector, is_weighted: bool) -> Iterator[int]:
    """Yield items as descan review does; what it guesses of errors is twice as high for descriptions with support."""
    of_verdict = {
        str(verdict): {
            str(gold): order[(verdicts == verdict)[order] & (golds == gold)[order]] for gold in range(N_GOLDS)
        }
        for verdict in range(N_VERDICTS)
    }
    found = {
        verdict: {gold: items.tolist() for gold, items in of_gold.items() if len(items)}
        for verdict, of_gold in of_verdict.items()
    }
    found = {verdict: of_gold for verdict, of_gold in found.items() if of_gold}
    guessed = {
        verdict: {gold: (len(items), _GUESSED_ERRORS[int(verdict) % 2]) for gold, items in of_gold.items()}
        for verdict, of_gold in found.items()
    }
    weights = zip(found.values(), weigh_strata(guessed, is_weighted=is_weighted), strict=True)
    strata = [
        Stratum(weight, {gold: (len(items), items) for gold, items in of_gold.items()}) for of_gold, weight in weights
    ]
    yield from take_turns(strata)


if __name__ == "__main__":
    print("\n".join(describe_coverage(int(sys.argv[1]) if len(sys.argv) > 1 else N_STUDIES)))
