"""Simulated studies whose truth is known: descan misreads some descriptions, and people read a sample of them."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatMatrix, IntVector
from descan.review.sampling import Stratum, take_turns, weigh_strata

N_ITEMS = 600
N_GOLDS = 7
N_VERDICTS = 4

Flags = NDArray[np.bool_]


class Errors(NamedTuple):
    """How descan misreads, and what there is to read.

    Attributes:
        supporting: Share of the descriptions that support gold, as a person reads.
        added: Of those that do not, the share in which descan finds support.
        missed: Of those that do, the share in which descan finds none.
        among_others: Of those in which neither finds support, the share in which descan reads any choice but gold.
    """

    supporting: float
    added: float
    missed: float
    among_others: float = 0.1


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


BY_TEXT = "20% read as any other"
"""Errors that depend on what the text says alone, as the correction assumes; those of the others depend on gold."""

ERRORS = {
    "15% added, 10% missed": Errors(0.4, 0.15, 0.1),
    "2% added, 2% missed": Errors(0.1, 0.02, 0.02),
    "40% added, 40% missed": Errors(0.5, 0.4, 0.4),
    BY_TEXT: Errors(0.4, 0.2 / 7, 0.2, 0.2 / (1 - 0.2 / 7)),
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


def true_shares(errors: Errors) -> FloatMatrix:
    """Return the true share of each verdict, of support, and that less the share of right labels."""
    of_label = np.array([_LABEL_RIGHT, _LABEL_RIGHT, 1 - _LABEL_RIGHT, 1 - _LABEL_RIGHT])
    of_verdict = of_label * np.array([errors.supporting, 1 - errors.supporting] * 2)
    return np.append(of_verdict, [errors.supporting, errors.supporting - _LABEL_RIGHT])


def draw_pairs(
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
