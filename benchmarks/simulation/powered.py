"""How often intervals of prediction-powered shares hold the truth: `python -m benchmarks.simulation.powered [N]`.

Studies of 600 items whose truth is known: descan misreads some descriptions, people read a sample of them, and the
shares as descan reads stand beside.
"""

import sys
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from benchmarks.simulation.corrected import measure_correction
from benchmarks.simulation.reader_studies import (
    DRAWINGS,
    ERRORS,
    FAVOURING,
    N_GOLDS,
    N_ITEMS,
    N_VERDICTS,
    REVIEW,
    Design,
    Errors,
    draw_pairs,
    true_shares,
)
from descan.compare.bootstrap import FloatMatrix
from descan.compare.intervals import wilson
from descan.compare.reader_differences import compare_models, estimate_model
from descan.compare.reader_support import MEASURES, estimate_support
from descan.compare.reader_verdicts import estimate_verdict_shares

N_STUDIES = 400
CONFIDENCE = 0.95


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
    shares = [true_shares(one) for one in errors]
    truth = shares[0] - shares[1]
    held, held_raw, width = np.zeros((3, n_studies, len(truth)))
    for study in range(n_studies):
        groups = np.repeat(np.arange(N_ITEMS // group_size), group_size)
        golds = rng.integers(N_GOLDS, size=groups.max() + 1)[groups]
        a, b = (
            estimate_model(draw_pairs(rng, groups, golds, Design(one, group_size, n_readings, REVIEW)), CONFIDENCE)
            for one in errors
        )
        for method, found in (("ppi", held), ("raw", held_raw)):
            rows = np.array([row[1:] for row in compare_models(a, b, method, CONFIDENCE)])
            found[study] = (rows[:, 1] <= truth) & (truth <= rows[:, 2])
            if method == "ppi":
                width[study] = rows[:, 2] - rows[:, 1]
    return DifferenceCoverage(*(part.mean(axis=0) for part in (held, held_raw, width)))


def describe_coverage(n_studies: int = N_STUDIES) -> Iterator[str]:
    """Yield a table in Markdown: the least and the largest coverage over the four verdicts."""
    yield (
        "| descan's errors | items in a group | readings | drawn | powered | corrected | raw | mean width | "
        "support, difference |"
    )
    yield "|---|--:|--:|---|--:|--:|--:|--:|--:|"
    for (name, errors), size, n_readings, drawing in product(ERRORS.items(), (1, 6), (100, 300), DRAWINGS):
        design = Design(errors, size, n_readings, drawing)
        found = measure_coverage(design, n_studies)
        corrected = measure_correction(design, CONFIDENCE, n_studies)
        shares = [f"{one.min():.3f}-{one.max():.3f}" for one in (found.powered, corrected, found.raw)]
        cells = (name, str(size), str(n_readings), drawing, *shares, f"{found.width.mean():.3f}")
        cells += (", ".join(f"{share:.3f}" for share in found.support),)
        yield f"| {' | '.join(cells)} |"


def measure_coverage(design: Design, n_studies: int, seed: int = 5) -> Coverage:
    """Return how often the intervals of simulated studies hold the true shares."""
    rng = np.random.default_rng(seed)
    truth, true_support = np.split(true_shares(design.errors), [N_VERDICTS])
    held, held_raw, width = np.zeros((3, n_studies, N_VERDICTS))
    held_support = np.zeros((n_studies, len(MEASURES)))
    for study in range(n_studies):
        groups = np.repeat(np.arange(N_ITEMS // design.group_size), design.group_size)
        golds = rng.integers(N_GOLDS, size=groups.max() + 1)[groups]
        pairs = draw_pairs(rng, groups, golds, design)
        shares = estimate_verdict_shares(pairs, CONFIDENCE)
        held[study] = (shares.low <= truth) & (truth <= shares.high)
        width[study] = shares.high - shares.low
        support = estimate_support(pairs, CONFIDENCE)
        held_support[study] = (support.low <= true_support) & (true_support <= support.high)
        raw = (pairs["verdict_place"][:, np.newaxis] == np.arange(N_VERDICTS)).mean(axis=0)
        low, high = wilson(raw, N_ITEMS, CONFIDENCE)
        held_raw[study] = (low <= truth) & (truth <= high)
    return Coverage(*(part.mean(axis=0) for part in (held, held_raw, width, held_support)))


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else N_STUDIES
    print("\n".join((*describe_coverage(n), "", *describe_differences(n))))
