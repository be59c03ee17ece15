"""Verdict shares as they would be if every description had been read by a person."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import (
    FloatMatrix,
    GroupCounts,
    Intervals,
    Resampling,
    percentile_intervals,
    resample_totals,
)
from descan.compare.database import read_sql
from descan.compare.intervals import ShareIntervals, divide, wilson
from descan.compare.misreading import Confusion, invert_confusion
from descan.compare.safe_csv import Cell
from descan.compare.strata import count_shares, gold_rows, golds_of
from descan.emotions import CategorySet
from descan.records import SCORED_VERDICTS

MISREADING_COLUMNS = ("human", "described", "n", "n_human", "share", "share_low", "share_high", "confusion")
CORRECTED_COLUMNS = (
    *("model", "gold", "verdict", "n", "n_scored", "share_of_scored", "share_low", "share_high", "interval"),
    *("corrected", "corrected_low", "corrected_high", "confusion", "n_human", "n_read", "n_groups"),
)


def misreading_rows(confusion: Confusion | None, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `misreading.csv`: what descan reads where a person reads a category."""
    if confusion is None:
        return
    choices = confusion.choices
    n_human = np.repeat(confusion.counts.sum(axis=1), len(choices))
    shares = divide(confusion.counts.ravel(), n_human)
    low, high = wilson(shares, n_human, resampling.confidence)
    counts = (confusion.counts.ravel().astype(int), n_human.astype(int))
    columns = zip(*(column.tolist() for column in (*counts, shares, low, high)), strict=True)
    for names, cells in zip(product(choices, choices), columns, strict=True):
        yield *names, *cells, confusion.source


def corrected_rows(
    connection: DuckDBPyConnection, confusion: Confusion | None, categories: CategorySet, resampling: Resampling
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `verdicts_corrected.csv`: the verdict shares by strict support, raw and corrected.

    Without a confusion the corrected columns are empty.
    """
    n = len(categories)
    weights, drawn_weights = _weights(confusion, n, resampling)
    above, below = _verdict_cells(n)
    n_read_cells = np.kron(gold_rows(n), _states(n)[2] > 0)
    source = (confusion.source, confusion.n) if confusion else ("none", 0)
    for stratum, shares in count_shares(connection, read_sql("strata/corrected"), above, below, resampling.confidence):
        corrected = _correct(stratum.groups, weights, drawn_weights, resampling, shares)
        n_read = np.repeat((n_read_cells @ stratum.groups.totals).astype(int), len(SCORED_VERDICTS)).tolist()
        rows = zip(product(golds_of(categories), SCORED_VERDICTS), shares.rows(), n_read, strict=True)
        for place, (names, row, n_read_of) in enumerate(rows):
            yield *stratum.key, *names, *row[:-1], *corrected.columns(place), *source, n_read_of, row[-1]


def corrected_shares(totals: FloatMatrix, weights: NDArray[np.float64]) -> FloatMatrix:
    """Return the corrected verdict shares of each gold category.

    An item that a person has read supports gold as that person says; any other, described as d, adds the weight of
    d for gold to the estimated number of items that support it. Kept within what there can be: at least none and at
    most all items with that label. All golds together are the sum before that, so their parts need not add up.

    Args:
        totals: Counts in cells of `strata/corrected.sql`, for g categories. Shape: (n, g * 2 * (g + 1) * 3).
        weights: What `invert_confusion` gives, one or one a row of totals. Shape: (1 or n, g + 1, g + 1).

    Returns:
        By `golds_of` and then right, lucky, labeling_failure, seeing_failure; NaN where nothing is scored.
        Shape: (n, 4 * (g + 1)).
    """
    n_choices = weights.shape[-1]
    counts = totals.reshape(-1, n_choices - 1, 2, n_choices, 3)
    for_gold = weights[:, :, :-1]
    supporting = np.einsum("nglr,nrg->ngl", counts[..., 0], for_gold) + counts[..., 1].sum(axis=3)
    n_items = counts.sum(axis=(3, 4))
    supporting, n_items = (
        np.concatenate([part.sum(axis=1, keepdims=True), part], axis=1) for part in (supporting, n_items)
    )
    supporting = np.clip(supporting, 0, n_items)
    missing = n_items - supporting
    n_verdicts = np.stack([supporting[..., 1], missing[..., 1], supporting[..., 0], missing[..., 0]], axis=2)
    return divide(n_verdicts, n_items.sum(axis=2)[..., np.newaxis]).reshape(len(counts), -1)


def _states(n_categories: int) -> NDArray[np.int64]:
    """Return label (wrong, right), described, and read of each state of an item of a gold category.

    Read is 0 where no person has read it, 1 where one has read gold, and 2 where one has read another.

    Returns:
        Shape: (3, 2 * (n_categories + 1) * 3).
    """
    return np.indices((2, n_categories + 1, 3)).reshape(3, -1)


def _weights(
    confusion: Confusion | None, n_categories: int, resampling: Resampling
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weights by the expected confusion and by one drawn for each resample; NaN where none is known."""
    if confusion is None:
        unknown = np.full((1 + resampling.n_resamples, n_categories + 1, n_categories + 1), np.nan)
        return unknown[0], unknown[1:]
    drawn = confusion.draw(np.random.default_rng([resampling.seed, 1]), resampling.n_resamples)
    return invert_confusion(confusion.probabilities()), invert_confusion(drawn)


def _correct(
    groups: GroupCounts,
    weights: NDArray[np.float64],
    drawn_weights: NDArray[np.float64],
    resampling: Resampling,
    raw: ShareIntervals,
) -> Intervals:
    """Resample the corpus by groups and pair each resample with one drawn confusion.

    An interval is widened to the raw one where the raw share is 0 or 1: what never occurs no resample can vary.
    """
    values = corrected_shares(groups.totals[np.newaxis], weights[np.newaxis])[0]
    drawn, start = [], 0
    for totals in resample_totals(groups, resampling):
        drawn.append(corrected_shares(totals, drawn_weights[start : start + len(totals)]))
        start += len(totals)
    found = percentile_intervals(values, np.concatenate(drawn), resampling.confidence, raw.n_groups)
    is_constant = ~np.isnan(values) & ((raw.values == 0) | (raw.values == 1))
    low = np.where(is_constant, np.fmin(found.low, raw.low), found.low)
    high = np.where(is_constant, np.fmax(found.high, raw.high), found.high)
    return replace(found, low=low, high=high)


def _verdict_cells(n_categories: int) -> tuple[FloatMatrix, FloatMatrix]:
    """Return the cells of each verdict as descan read it, by `golds_of`, and those of its denominator."""
    label, described, _ = _states(n_categories)
    is_right = label == 1
    supports = described == np.arange(n_categories)[:, np.newaxis]
    of_gold = gold_rows(n_categories)
    right = np.stack([is_right & supports, is_right & ~supports])
    wrong = np.stack([~is_right & supports, ~is_right & ~supports])
    above = of_gold[:, np.newaxis, :, np.newaxis] * np.concatenate([right, wrong])
    return above.reshape(-1, supports.size), np.repeat(of_gold, is_right.size, axis=1)
