"""Verdict shares as they would be if every description had been read by a person."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import (
    FloatMatrix,
    GroupCounts,
    Intervals,
    IntVector,
    Resampling,
    percentile_intervals,
    resample_totals,
)
from descan.compare.database import read_sql
from descan.compare.intervals import ShareIntervals, divide, share_intervals, wilson
from descan.compare.misreading import CHOICES, Confusion, invert_confusion
from descan.compare.safe_csv import Cell
from descan.compare.strata import GOLDS, cells_of_gold, count_strata, with_interval
from descan.emotions import Emotion
from descan.records import SCORED_VERDICTS

MISREADING_COLUMNS = ("human", "described", "n", "n_human", "share", "share_low", "share_high", "confusion")
CORRECTED_COLUMNS = (
    *("model", "gold", "verdict", "n", "n_scored", "share_of_scored", "share_low", "share_high", "interval"),
    *("corrected", "corrected_low", "corrected_high", "confusion", "n_human", "n_read", "n_groups"),
)

_SHAPE = (len(Emotion), 2, len(CHOICES), 3)
"""Gold, label wrong or right, described, and not read by a person or read as gold or as another."""

_N_STATES = 2 * len(CHOICES) * 3


def misreading_rows(confusion: Confusion | None, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `misreading.csv`: what descan reads where a person reads a category.

    Args:
        confusion: The counts, or None where nobody has read anything.
        resampling: Its confidence is that of the Wilson intervals.
    """
    if confusion is None:
        return
    n_human = np.repeat(confusion.counts.sum(axis=1), len(CHOICES))
    shares = divide(confusion.counts.ravel(), n_human)
    low, high = wilson(shares, n_human, resampling.confidence)
    names = [(human, described) for human in CHOICES for described in CHOICES]
    for index, (human, described) in enumerate(names):
        n = int(confusion.counts.ravel()[index])
        interval = (float(shares[index]), float(low[index]), float(high[index]))
        yield human, described, n, int(n_human[index]), *interval, confusion.source


def corrected_rows(
    connection: DuckDBPyConnection, confusion: Confusion | None, resampling: Resampling
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `verdicts_corrected.csv`: the verdict shares by strict support, raw and corrected.

    Args:
        connection: A database with the table `human_readings`, in which counts.sql has run.
        confusion: How descan misreads; None leaves the corrected columns empty.
        resampling: How intervals are made.
    """
    weights = _drawn_weights(confusion, resampling)
    raw, scored = _raw_cells()
    of_person = [cells_of_gold(gold, _read_states(), _N_STATES) for gold in GOLDS]
    for stratum in count_strata(connection, read_sql("strata/corrected"), len(Emotion) * _N_STATES):
        groups = stratum.groups
        shares = share_intervals(groups, raw, scored, resampling.confidence)
        corrected = _hull(_corrected(groups, confusion, weights, resampling, shares.n_groups), shares)
        for index, (gold, verdict) in enumerate((gold, verdict) for gold in GOLDS for verdict in SCORED_VERDICTS):
            n, n_scored = int(groups.totals @ raw[index]), int(groups.totals @ scored[index])
            n_read = int(groups.totals @ of_person[index // len(SCORED_VERDICTS)])
            yield (
                *stratum.key,
                gold,
                verdict,
                n,
                n_scored,
                *with_interval(shares, index),
                shares.methods[index],
                *with_interval(corrected, index),
                *((confusion.source, confusion.n) if confusion else ("none", 0)),
                n_read,
                int(shares.n_groups[index]),
            )


def corrected_shares(totals: FloatMatrix, weights: NDArray[np.float64]) -> FloatMatrix:
    """Return the corrected verdict shares of each gold category.

    An item that a person has read supports gold as that person says; any other, described as d, adds the weight of
    d for gold to the estimated number of items that support it. Kept within what there can be: at least none and at
    most all items with that label. All golds together are the sum before that, so their parts need not add up.

    Args:
        totals: Counts in cells of `strata/corrected.sql`. Shape: (n, 336).
        weights: What `invert_confusion` gives, one or one a row of totals. Shape: (1 or n, 8, 8).

    Returns:
        By `GOLDS` and then right, lucky, labeling_failure, seeing_failure; NaN where nothing is scored.
        Shape: (n, 32).
    """
    counts = totals.reshape(-1, *_SHAPE)
    for_gold = weights[:, :, : len(Emotion)]
    supporting = np.einsum("nglr,nrg->ngl", counts[..., 0], for_gold) + counts[..., 1].sum(axis=3)
    n_items = counts.sum(axis=(3, 4))
    supporting, n_items = (
        np.concatenate([part.sum(axis=1, keepdims=True), part], axis=1) for part in (supporting, n_items)
    )
    supporting = np.clip(supporting, 0, n_items)
    missing = n_items - supporting
    n_verdicts = np.stack([supporting[..., 1], missing[..., 1], supporting[..., 0], missing[..., 0]], axis=2)
    return divide(n_verdicts, n_items.sum(axis=2)[..., np.newaxis]).reshape(len(counts), -1)


def _drawn_weights(confusion: Confusion | None, resampling: Resampling) -> NDArray[np.float64]:
    """Draw as many confusions as there are resamples; all NaN where nothing is known of misreading."""
    if confusion is None:
        return np.full((resampling.n_resamples, len(CHOICES), len(CHOICES)), np.nan)
    return invert_confusion(confusion.draw(np.random.default_rng([resampling.seed, 1]), resampling.n_resamples))


def _corrected(
    groups: GroupCounts,
    confusion: Confusion | None,
    weights: NDArray[np.float64],
    resampling: Resampling,
    n_groups: IntVector,
) -> Intervals:
    """Resample the corpus by groups and pair each resample with one drawn confusion."""
    expected = np.full(weights.shape[1:], np.nan) if confusion is None else invert_confusion(confusion.probabilities())
    values = corrected_shares(groups.totals[np.newaxis], expected[np.newaxis])[0]
    drawn, start = [], 0
    for totals in resample_totals(groups, resampling):
        drawn.append(corrected_shares(totals, weights[start : start + len(totals)]))
        start += len(totals)
    return percentile_intervals(values, np.concatenate(drawn), resampling.confidence, n_groups)


def _hull(corrected: Intervals, raw: ShareIntervals) -> Intervals:
    """Widen an interval to the raw one where the raw share is 0 or 1: what never occurs no resample can vary."""
    is_constant = ~np.isnan(corrected.values) & ((raw.values == 0) | (raw.values == 1))
    low, high = np.fmin(corrected.low, raw.low), np.fmax(corrected.high, raw.high)
    return replace(
        corrected, low=np.where(is_constant, low, corrected.low), high=np.where(is_constant, high, corrected.high)
    )


def _raw_cells() -> tuple[FloatMatrix, FloatMatrix]:
    """Return the cells of each verdict, by `GOLDS`, as descan read it, and those of its denominator."""
    supports = np.zeros(_SHAPE)
    for place in range(len(Emotion)):
        supports[place, :, place] = 1
    is_right = np.zeros(_SHAPE)
    is_right[:, 1] = 1
    verdicts = [
        supports * is_right,
        (1 - supports) * is_right,
        supports * (1 - is_right),
        (1 - supports) * (1 - is_right),
    ]
    scored = np.stack([cells_of_gold(gold, range(_N_STATES), _N_STATES) for gold in GOLDS for _ in SCORED_VERDICTS])
    return scored * np.stack([verdict.ravel() for _ in GOLDS for verdict in verdicts]), scored


def _read_states() -> list[int]:
    return [state for state in range(_N_STATES) if state % 3]
