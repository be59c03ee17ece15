"""Verdict shares, and describing minus labelling, from counts and from how often descan misreads."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from descan.compare.bootstrap import (
    FloatMatrix,
    GroupCounts,
    Intervals,
    Resampling,
    percentile_intervals,
    resample_totals,
)
from descan.compare.intervals import ShareIntervals, divide
from descan.compare.misclassification import count_supporting, fit_mixtures, tells_apart
from descan.compare.misreading import Confusion, draw_probabilities, reading_probabilities
from descan.compare.strata import gold_rows
from descan.records import SCORED_VERDICTS

MAX_DRAWS = 2_000
"""Resamples of estimates at most: each solves a mixture for every gold category and label."""


def count_cells(n_categories: int, n_languages: int = 1) -> int:
    """Return the number of cells of `strata/misreading.sql`."""
    return n_languages * _language_cells(n_categories) + (n_categories + 1) ** 2


def _language_cells(n_categories: int) -> int:
    return 6 * n_categories * (n_categories + 1)


def verdict_cells(n_categories: int, n_languages: int = 1) -> tuple[FloatMatrix, FloatMatrix]:
    """Return the cells of each verdict as descan read it, by `golds_of`, and those of its denominator."""
    label, state, place = np.indices((2, 3, n_categories + 1)).reshape(3, -1)
    is_right = label == 1
    number = (state - 1) * (n_categories + 1) + place  # Of the cells that people have read, from 0.
    golds = np.arange(n_categories)[:, np.newaxis]
    supports = np.where(state == 0, place == golds, number % 2 == 1)
    right = np.stack([is_right & supports, is_right & ~supports])
    wrong = np.stack([~is_right & supports, ~is_right & ~supports])
    of_gold = gold_rows(n_categories)
    above = of_gold[:, np.newaxis, :, np.newaxis] * np.concatenate([right, wrong])
    below = np.repeat(of_gold, is_right.size, axis=1)
    n_people = (n_categories + 1) ** 2
    cells = [np.tile(part, n_languages) for part in (above.reshape(-1, supports.size), below)]
    padded = [np.pad(part, ((0, 0), (0, n_people))) for part in cells]
    return padded[0], padded[1]


def resample_readings(
    groups: GroupCounts,
    confusions: Sequence[Confusion],
    resampling: Resampling,
    raw: ShareIntervals,
    n_tests: int,
) -> Intervals:
    """Return the estimated verdict shares, and the difference, with intervals from resamples of whole groups.

    What descan hardly tells from other categories is undefined, and so is all that it is part of. An interval is
    widened to the raw one where the raw share is 0 or 1: what never occurs no resample can vary.

    Args:
        groups: Counts in cells of `strata/misreading.sql`.
        confusions: How often descan misreads, of each language; without any all is undefined.
        resampling: How intervals are made, by at most `MAX_DRAWS` resamples.
        raw: The verdict shares as descan reads.
        n_tests: Differences that are to hold together.

    Returns:
        By `golds_of` and verdict, and then describing minus labelling. Shape: (4 * (n_categories + 1) + 1,).
    """
    n_groups = np.append(raw.n_groups, raw.n_groups[0])
    if not confusions:
        undefined = np.full(len(n_groups), np.nan)
        return percentile_intervals(undefined, undefined[np.newaxis], resampling.confidence, n_groups, n_tests)
    expected = np.stack([reading_probabilities(confusion.counts) for confusion in confusions])
    totals = groups.totals[np.newaxis]
    values = estimate_shares(totals, expected[np.newaxis])[0]
    n_categories = len(confusions[0].choices) - 1
    has_items = [
        counts.reshape(n_categories, -1).any(axis=1)
        for counts in _split_languages(totals, n_categories, len(confusions))
    ]
    is_told = np.stack([tells_apart(each)[:-1] for each in expected])
    is_confused = (~is_told & has_items).any(axis=0)
    is_undefined = np.append(is_confused.any(), is_confused)
    values[np.append(np.repeat(is_undefined, len(SCORED_VERDICTS)), is_undefined[0])] = np.nan
    fewer = replace(resampling, n_resamples=min(resampling.n_resamples, MAX_DRAWS))
    drawn = np.concatenate(list(_draw_shares(groups, confusions, fewer)))
    found = percentile_intervals(values, drawn, resampling.confidence, n_groups, n_tests)
    is_constant = np.append(~np.isnan(values[:-1]) & ((raw.values == 0) | (raw.values == 1)), False)
    raw_low, raw_high = (np.append(ends, np.nan) for ends in (raw.low, raw.high))
    low = np.where(is_constant, np.fmin(found.low, raw_low), found.low)
    high = np.where(is_constant, np.fmax(found.high, raw_high), found.high)
    return replace(found, low=low, high=high)


def _draw_shares(groups: GroupCounts, confusions: Sequence[Confusion], resampling: Resampling) -> Iterator[FloatMatrix]:
    """Yield the estimates of resamples, in chunks; each resample has its own error rates."""
    n = len(confusions[0].choices)
    generator = np.random.default_rng([resampling.seed, 1])
    # Other seeds than that of the corpus, so that all are drawn independently.
    shipped = [
        np.concatenate(list(resample_totals(confusion.readings, replace(resampling, seed=resampling.seed + number))))
        for number, confusion in enumerate(confusions, start=1)
        if confusion.is_shipped
    ]
    start = 0
    for totals in resample_totals(groups, resampling):
        end = start + len(totals)
        counts = np.stack([part[start:end] for part in shipped] or [totals[:, -n * n :]], axis=1)
        yield estimate_shares(totals, draw_probabilities(counts.reshape(len(totals), -1, n, n), generator))
        start = end


def estimate_shares(totals: FloatMatrix, probabilities: NDArray[np.float64]) -> FloatMatrix:
    """Return the verdict shares, and describing minus labelling, as they would be if people had read all descriptions.

    The items of a gold category with a right label, and those with a wrong one, are a mixture each of what people would
    read. The numbers of supporting descriptions that these give are kept between none and all where they are summed for
    a row. A description in which people would read nothing is in neither accuracy of describing and labelling.

    Args:
        totals: Counts in cells of `strata/misreading.sql`, for g categories. Shape: (n, n_cells).
        probabilities: P(descan reads | a person reads), for each row of totals and each language. Shape: (n,
            n_languages, g + 1, g + 1).

    Returns:
        By `golds_of` and then right, lucky, labeling_failure, seeing_failure, and at last the difference; NaN where
        nothing is scored. Shape: (n, 4 * (g + 1) + 1).
    """
    n_categories = probabilities.shape[-1] - 1
    in_languages = [
        _estimate_language(counts, probabilities[:, place])
        for place, counts in enumerate(_split_languages(totals, n_categories, probabilities.shape[1]))
    ]
    supporting, n_items, undecided = (np.sum(parts, axis=0) for parts in zip(*in_languages, strict=True))
    undecided = undecided.sum(axis=1)
    supporting, n_items = _with_all(supporting), _with_all(n_items)
    supporting = np.clip(supporting, 0, n_items)
    missing = n_items - supporting
    n_verdicts = np.stack([supporting[..., 1], missing[..., 1], supporting[..., 0], missing[..., 0]], axis=2)
    shares = divide(n_verdicts, n_items.sum(axis=2)[..., np.newaxis]).reshape(len(totals), -1)
    n_decided = n_items[:, 0] - undecided
    n_described = supporting[:, 0].sum(axis=1)
    difference = np.clip(divide(n_described - n_decided[:, 1], n_decided.sum(axis=1)), -1, 1)
    return np.column_stack([shares, difference])


def _split_languages(totals: FloatMatrix, n_categories: int, n_languages: int) -> list[NDArray[np.float64]]:
    """Return the counts of each language: gold and label, state, choice. Shape of each: (n, 2 * g, 3, g + 1)."""
    counts = totals[:, : n_languages * _language_cells(n_categories)]
    shape = (len(totals), n_languages, 2 * n_categories, 3, n_categories + 1)
    return list(np.swapaxes(counts.reshape(shape), 0, 1))


def _estimate_language(counts: NDArray[np.float64], probabilities: NDArray[np.float64]) -> tuple[FloatMatrix, ...]:
    """Return the supporting, all and the undecided descriptions by gold and label. Shape of each: (n, g, 2)."""
    n_choices = probabilities.shape[-1]
    described, read = counts[:, :, 0], counts[:, :, 1:].reshape(*counts.shape[:2], n_choices, 2).sum(axis=-1)
    mixtures = fit_mixtures(described, read, probabilities)
    golds = np.repeat(np.arange(n_choices - 1), 2)
    n_items = (described + read).sum(axis=-1)
    found = (
        count_supporting(described, read, probabilities, mixtures, golds),
        n_items,
        mixtures[..., -1] * n_items,
    )
    return tuple(part.reshape(-1, n_choices - 1, 2) for part in found)


def _with_all(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put the sum over gold categories before them. Shape: (n, g, 2) to (n, g + 1, 2)."""
    return np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)
