"""How often intervals of the correction for misreading hold the truth."""

import numpy as np

from benchmarks.simulation.reader_studies import (
    N_GOLDS,
    N_ITEMS,
    N_VERDICTS,
    Design,
    Errors,
    Flags,
    draw_pairs,
    true_shares,
)
from descan.compare.bootstrap import FloatVector, IntVector, Resampling, count_groups
from descan.compare.estimated_shares import count_cells, resample_readings, verdict_cells
from descan.compare.intervals import share_intervals
from descan.compare.misreading import Confusion
from descan.corpus.readings import choices_of
from descan.lexicon import load_category_set

N_RESAMPLES = 400
"""Fewer than by default, so that many studies take minutes; the ends of an interval are a little rougher."""

_N_CHOICES = N_GOLDS + 1
"""The categories and Undecided."""


def measure_correction(design: Design, confidence: float, n_studies: int, seed: int = 7) -> FloatVector:
    """Return how often the corrected intervals of simulated studies hold the true shares. Shape: (n_verdicts,)."""
    rng = np.random.default_rng(seed)
    truth = true_shares(design.errors)[:N_VERDICTS]
    choices = choices_of(load_category_set())
    held = np.zeros((n_studies, N_VERDICTS))
    for study in range(n_studies):
        groups = np.repeat(np.arange(N_ITEMS // design.group_size), design.group_size)
        golds = rng.integers(N_GOLDS, size=groups.max() + 1)[groups]
        pairs = draw_pairs(rng, groups, golds, design)
        is_right, is_read = pairs["is_right"] == 1, pairs["n_readings"] == 1
        human, described = _draw_categories(
            rng, golds, pairs["supports"] == 1, pairs["verdict_place"] % 2 == 0, design.errors
        )
        states = np.where(is_read, _N_CHOICES + 2 * human + (described == golds), described)
        cells = 3 * _N_CHOICES * (2 * golds + is_right) + states
        of_people = _N_CHOICES * (6 * N_GOLDS + human) + described
        counts = count_groups(
            np.append(groups, groups[is_read]), np.append(cells, of_people[is_read]), count_cells(N_GOLDS)
        )
        readings = count_groups(groups[is_read], (_N_CHOICES * human + described)[is_read], _N_CHOICES**2)
        [raw] = share_intervals([counts], *verdict_cells(N_GOLDS), confidence)
        confusion = Confusion(choices, readings, "people", is_shipped=False)
        resampling = Resampling(N_RESAMPLES, seed=study, confidence=confidence)
        found = resample_readings(counts, [confusion], resampling, raw, 1)
        low, high = found.low[:N_VERDICTS], found.high[:N_VERDICTS]  # Over all gold categories.
        held[study] = (low <= truth) & (truth <= high)
    return np.asarray(held.mean(axis=0))


def _draw_categories(
    rng: np.random.Generator, golds: IntVector, supports: Flags, is_found: Flags, errors: Errors
) -> tuple[IntVector, IntVector]:
    """Return what a person and what descan reads in each description, by their place in the choices."""
    human = np.where(supports, golds, _draw_others(rng, golds))
    errs = rng.random(N_ITEMS) < errors.among_others
    other = _draw_others(rng, golds)
    return human, np.where(is_found, golds, np.where(supports | errs, other, human))


def _draw_others(rng: np.random.Generator, places: IntVector) -> IntVector:
    """Return choices that are not those given, any of them as often."""
    return (places + rng.integers(1, _N_CHOICES, size=len(places))) % _N_CHOICES
