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
from descan.compare.reader_differences import compare_models, estimate_model
from descan.compare.reader_support import MEASURES, estimate_support
from descan.compare.reader_verdicts import estimate_verdict_shares
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


class DifferenceCoverage(NamedTuple):
    """How often intervals of differences between two models hold the truth. Shape of each: (n_measures,).

    Attributes:
        powered: Share of the studies, of the four verdicts, support, and support less right labels.
        raw: The same as descan reads.
        width: Mean width of the powered interval.
    """

    powered: FloatMatrix
    raw: FloatMatrix
    width: FloatMatrix


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

FAVOURING = Errors(0.4, 0.35, 0.02)
"""How descan misreads the second of two models, so that it seems to see more."""

_LABEL_RIGHT = 0.45
_GUESSED_ERRORS = (0.2, 0.1)
_ALIKE = 0.5
"""Items that take the outcome of their group."""


def describe_differences(n_studies: int = N_STUDIES) -> Iterator[str]:
    """Yield a table in Markdown of differences between two models, descan favouring the second or neither."""
    yield "| descan's errors in A | in B | items in a group | readings of each | powered | raw | mean width |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    same = ERRORS["15% added, 10% missed"]
    for (name, errors), size, n_readings in product(
        (("the same", same), ("35% added, 2% missed", FAVOURING)), (1, 6), (100, 300)
    ):
        found = measure_differences((same, errors), size, n_readings, n_studies)
        shares = [f"{one.min():.3f}-{one.max():.3f}" for one in (found.powered, found.raw)]
        cells = ("15% added, 10% missed", name, str(size), str(n_readings), *shares, f"{found.width.mean():.3f}")
        yield f"| {' | '.join(cells)} |"


def measure_differences(
    errors: tuple[Errors, Errors], group_size: int, n_readings: int, n_studies: int, seed: int = 6
) -> DifferenceCoverage:
    """Return how often intervals of the differences of two models, asked about the same items, hold the truth."""
    rng = np.random.default_rng(seed)
    shares = [_true_shares(one) for one in errors]
    truth = shares[0] - shares[1]
    held, held_raw, width = np.zeros((3, n_studies, len(truth)))
    for study in range(n_studies):
        groups = np.repeat(np.arange(N_ITEMS // group_size), group_size)
        golds = rng.integers(N_GOLDS, size=groups.max() + 1)[groups]
        a, b = (
            estimate_model(_draw_pairs(rng, groups, golds, Design(one, group_size, n_readings, REVIEW)), CONFIDENCE)
            for one in errors
        )
        for method, found in (("ppi", held), ("raw", held_raw)):
            rows = np.array([row[1:] for row in compare_models(a, b, method, CONFIDENCE)])
            found[study] = (rows[:, 1] <= truth) & (truth <= rows[:, 2])
            if method == "ppi":
                width[study] = rows[:, 2] - rows[:, 1]
    return DifferenceCoverage(*(part.mean(axis=0) for part in (held, held_raw, width)))


def _true_shares(errors: Errors) -> FloatMatrix:
    """Return the true share of each verdict, of support, and that less the share of right labels."""
    of_label = np.array([_LABEL_RIGHT, _LABEL_RIGHT, 1 - _LABEL_RIGHT, 1 - _LABEL_RIGHT])
    of_verdict = of_label * np.array([errors.supporting, 1 - errors.supporting] * 2)
    return np.append(of_verdict, [errors.supporting, errors.supporting - _LABEL_RIGHT])


def _draw_pairs(
    rng: np.random.Generator, groups: IntVector, golds: IntVector, design: Design
) -> dict[str, NDArray[np.float64]]:
    """Draw the scored pairs of a model, as `estimate_verdict_shares` takes them."""
    is_right = _draw_alike(rng, groups, _LABEL_RIGHT)
    supports = _draw_alike(rng, groups, design.errors.supporting)
    chances = rng.random(N_ITEMS)
    verdicts = _verdicts(is_right, np.where(supports, chances >= design.errors.missed, chances < design.errors.added))
    pairs = {
        "unit": groups,
        "gold_place": golds,
        "verdict_place": verdicts,
        "is_right": is_right,
        "n": np.ones(N_ITEMS),
        "n_readings": _sample(rng, golds, verdicts, design),
        "supports": supports,
    }
    return {name: column.astype(np.float64) for name, column in pairs.items()}


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
    true_shares = _true_shares(design.errors)
    truth, true_support = true_shares[:N_VERDICTS], true_shares[N_VERDICTS:]
    held, held_raw, width = np.zeros((3, n_studies, N_VERDICTS))
    held_support = np.zeros((n_studies, len(MEASURES)))
    for study in range(n_studies):
        groups = np.repeat(np.arange(N_ITEMS // design.group_size), design.group_size)
        golds = rng.integers(N_GOLDS, size=groups.max() + 1)[groups]
        pairs = _draw_pairs(rng, groups, golds, design)
        shares = estimate_verdict_shares(pairs, CONFIDENCE)
        held[study] = (shares.low <= truth) & (truth <= shares.high)
        width[study] = shares.high - shares.low
        support = estimate_support(pairs, CONFIDENCE)
        held_support[study] = (support.low <= true_support) & (true_support <= support.high)
        raw = (pairs["verdict_place"][:, np.newaxis] == np.arange(N_VERDICTS)).mean(axis=0)
        low, high = wilson(raw, N_ITEMS, CONFIDENCE)
        held_raw[study] = (low <= truth) & (truth <= high)
    return Coverage(*(part.mean(axis=0) for part in (held, held_raw, width, held_support)))


def _draw_alike(rng: np.random.Generator, groups: IntVector, share: float) -> Flags:
    of_group = rng.random(groups.max() + 1) < share
    own = rng.random(len(groups)) < share
    return np.where(rng.random(len(groups)) < _ALIKE, of_group[groups], own)


def _verdicts(is_right: Flags, supports: Flags) -> IntVector:
    """Return places in the order right, lucky, labeling_failure, seeing_failure."""
    return np.where(is_right, 0, 2) + np.where(supports, 0, 1)


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
    n = int(sys.argv[1]) if len(sys.argv) > 1 else N_STUDIES
    print("\n".join((*describe_coverage(n), "", *describe_differences(n))))
