"""What verdicts, and describing against labelling, would be if a person had read every description.

By human readings of the corpus itself this is a correction for misreading. By the readings that come with descan, which
are of other texts, it is no more than a sensitivity analysis.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import (
    FloatMatrix,
    FloatVector,
    GroupCounts,
    Intervals,
    Resampling,
    percentile_intervals,
    resample_totals,
)
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.families import DECISION_COLUMNS, FamilyTest, decide
from descan.compare.intervals import ShareIntervals, as_count, divide, share_intervals
from descan.compare.misclassification import count_supporting, fit_mixtures, tells_apart
from descan.compare.misreading import Confusion, draw_probabilities, reading_probabilities
from descan.compare.strata import count_strata, gold_rows, golds_of
from descan.records import SCORED_VERDICTS
from descan.significance import SIGNIFICANT
from descan.storage.safe_csv import Cell

MISREADING_COLUMNS = (
    *("human", "described", "n", "n_human", "share", "share_low", "share_high", "interval", "n_groups", "confusion"),
)
"""Of `misreading.csv`."""

_ESTIMATED = ("estimated", "estimated_low", "estimated_high")
_SOURCE = ("kind", "confusion", "n_human")

ESTIMATED_VERDICT_COLUMNS = (
    *("model", "gold", "verdict", "n", "n_scored", "share_of_scored", "share_low", "share_high", "interval"),
    *(*_ESTIMATED, *_SOURCE, "n_read", "n_groups"),
)
"""Of `misreading_verdicts.csv`."""

_RAW = ("n_items", "difference", "low", "high", "p_holm")

ESTIMATED_MODE_COLUMNS = (
    *("model", "mode", *_RAW, *_ESTIMATED, "disagreement"),
    *(*(f"estimated_{name}" for name in DECISION_COLUMNS), *_SOURCE, "n_read", "n_groups"),
)
"""Of `misreading_modes.csv`: describing minus labelling, as descan reads and as people would."""


MAX_DRAWS = 2_000
"""Resamples of estimates at most: each solves a mixture for every gold category and label."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one model's descriptions, with the labels of one mode, would give if people had read them.

    Attributes:
        model: The model.
        mode: The mode of the labels.
        raw: The verdict shares as descan reads, by `golds_of` and verdict.
        found: The same as estimated, and then the difference of describing and labelling.
        n_read: How many of the items a person has read, by `golds_of`. Shape: (n_categories + 1,).
    """

    model: str
    mode: str
    raw: ShareIntervals
    found: Intervals
    n_read: FloatVector


def misreading_rows(confusion: Confusion | None, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `misreading.csv`: what descan reads where a person reads a category."""
    if confusion is None:
        return
    n = len(confusion.choices)
    of_human = np.kron(np.eye(n), np.ones(n))
    [shares] = share_intervals([confusion.readings], np.eye(n * n), of_human, resampling.confidence)
    for names, cells in zip(product(confusion.choices, confusion.choices), shares.rows(), strict=True):
        yield *names, *cells, confusion.source


def estimate_readings(
    connection: DuckDBPyConnection, confusion: Confusion | None, options: CompareOptions
) -> list[Estimate]:
    """Estimate each model's verdict shares, and its describing against its labelling in each mode.

    Each resample draws groups of items with everything that belongs to them: all answers and all human readings.
    Readings that come with descan are of no group here and are resampled by themselves.

    Args:
        connection: A database with the table `human_readings`.
        confusion: How often descan misreads; without one nothing is estimated.
        options: How to compare.
    """
    n = len(options.categories)
    strata = count_strata(connection, read_sql("strata/misreading"), count_cells(n))
    above, below = verdict_cells(n)
    is_read = np.kron(gold_rows(n), np.tile(np.repeat([0, 1, 1], n + 1), 2))
    keys = [(stratum.key[0], stratum.key[1]) for stratum in strata]
    n_tests = Counter(mode for _, mode in keys)
    raw = share_intervals([stratum.groups for stratum in strata], above, below, options.resampling.confidence)
    return [
        Estimate(
            model=model,
            mode=mode,
            raw=shares,
            found=resample_readings(stratum.groups, confusion, options.resampling, shares, n_tests[mode]),
            n_read=is_read @ stratum.groups.totals[: is_read.shape[1]],
        )
        for (model, mode), stratum, shares in zip(keys, strata, raw, strict=True)
    ]


def verdict_rows(
    estimates: Sequence[Estimate], confusion: Confusion | None, options: CompareOptions
) -> Iterator[Sequence[Cell]]:
    """Yield the rows of `misreading_verdicts.csv`: the verdict shares by strict support, raw and estimated."""
    names = list(product(golds_of(options.categories), SCORED_VERDICTS))
    for one in estimates:
        if one.mode == options.label_mode:
            for place, (name, row) in enumerate(zip(names, one.raw.rows(), strict=True)):
                estimated = (*one.found.columns(place), *_source(confusion))
                n_read = as_count(one.n_read[place // len(SCORED_VERDICTS)])
                yield one.model, *name, *row[:-1], *estimated, n_read, row[-1]


def mode_rows(
    estimates: Sequence[Estimate],
    confusion: Confusion | None,
    tests: Iterable[Mapping[str, Cell]],
    margin: float,
) -> list[Sequence[Cell]]:
    """Return the rows of `misreading_modes.csv`: accuracy of describing minus accuracy of labelling.

    Args:
        estimates: What `estimate_readings` returns.
        confusion: What they rest on.
        tests: Rows of `tests.csv`, which have the raw differences.
        margin: Differences below this share are of no importance.
    """
    raw = {(row["model_a"], row["mode_b"]): row for row in tests if row["comparison"] == "modes"}
    decisions = decide([_test_modes(one) for one in estimates], margin)
    rows: list[Sequence[Cell]] = []
    for one, decision in zip(estimates, decisions, strict=True):
        of_raw = [raw[one.model, one.mode][name] for name in _RAW]
        estimated = one.found.columns(-1)
        disagreement = _disagreement(raw[one.model, one.mode], estimated[0], decision.p_holm)
        counts = (as_count(one.n_read[0]), int(one.raw.n_groups[0]))
        decided = decision.cells().values()
        rows.append((one.model, one.mode, *of_raw, *estimated, disagreement, *decided, *_source(confusion), *counts))
    return rows


def estimate_shares(totals: FloatMatrix, probabilities: NDArray[np.float64]) -> FloatMatrix:
    """Return the verdict shares, and describing minus labelling, as they would be if people had read all descriptions.

    The items of a gold category with a right label, and those with a wrong one, are a mixture each of what people would
    read. The numbers of supporting descriptions that these give are kept between none and all where they are summed for
    a row. A description in which people would read nothing is in neither accuracy of describing and labelling.

    Args:
        totals: Counts in cells of `strata/misreading.sql`, for g categories. Shape: (n, n_cells).
        probabilities: P(descan reads | a person reads), for each row of totals. Shape: (n, g + 1, g + 1).

    Returns:
        By `golds_of` and then right, lucky, labeling_failure, seeing_failure, and at last the difference; NaN where
        nothing is scored. Shape: (n, 4 * (g + 1) + 1).
    """
    n_choices = probabilities.shape[-1]
    n_categories = n_choices - 1
    counts = totals[:, : 6 * n_categories * n_choices].reshape(len(totals), 2 * n_categories, 3, n_choices)
    described, read = counts[:, :, 0], counts[:, :, 1:].reshape(*counts.shape[:2], n_choices, 2).sum(axis=-1)
    mixtures = fit_mixtures(described, read, probabilities)
    golds = np.repeat(np.arange(n_categories), 2)
    supporting = count_supporting(described, read, probabilities, mixtures, golds)
    n_items = (described + read).sum(axis=-1)
    undecided = (mixtures[..., -1] * n_items).reshape(-1, n_categories, 2).sum(axis=1)
    supporting, n_items = (_with_all(part.reshape(-1, n_categories, 2)) for part in (supporting, n_items))
    supporting = np.clip(supporting, 0, n_items)
    missing = n_items - supporting
    n_verdicts = np.stack([supporting[..., 1], missing[..., 1], supporting[..., 0], missing[..., 0]], axis=2)
    shares = divide(n_verdicts, n_items.sum(axis=2)[..., np.newaxis]).reshape(len(counts), -1)
    n_decided = n_items[:, 0] - undecided
    n_described = supporting[:, 0].sum(axis=1)
    difference = np.clip(divide(n_described - n_decided[:, 1], n_decided.sum(axis=1)), -1, 1)
    return np.column_stack([shares, difference])


def _with_all(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put the sum over gold categories before them. Shape: (n, g, 2) to (n, g + 1, 2)."""
    return np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)


def _source(confusion: Confusion | None) -> tuple[Cell, ...]:
    return (confusion.kind, confusion.source, confusion.n) if confusion else ("none", "none", 0)


def count_cells(n_categories: int) -> int:
    """Return the number of cells of `strata/misreading.sql`."""
    return 6 * n_categories * (n_categories + 1) + (n_categories + 1) ** 2


def verdict_cells(n_categories: int) -> tuple[FloatMatrix, FloatMatrix]:
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
    shapes = (above.reshape(-1, supports.size), np.repeat(of_gold, is_right.size, axis=1))
    more = count_cells(n_categories) - supports.size
    padded = [np.pad(cells, ((0, 0), (0, more))) for cells in shapes]
    return padded[0], padded[1]


def resample_readings(
    groups: GroupCounts, confusion: Confusion | None, resampling: Resampling, raw: ShareIntervals, n_tests: int
) -> Intervals:
    """Return the estimated verdict shares, and the difference, with intervals from resamples of whole groups.

    What descan hardly tells from other categories is undefined, and so is all that it is part of. An interval is
    widened to the raw one where the raw share is 0 or 1: what never occurs no resample can vary.

    Args:
        groups: Counts in cells of `strata/misreading.sql`.
        confusion: How often descan misreads; without one all is undefined.
        resampling: How intervals are made, by at most `MAX_DRAWS` resamples.
        raw: The verdict shares as descan reads.
        n_tests: Differences that are to hold together.

    Returns:
        By `golds_of` and verdict, and then describing minus labelling. Shape: (4 * (n_categories + 1) + 1,).
    """
    n_groups = np.append(raw.n_groups, raw.n_groups[0])
    if confusion is None:
        undefined = np.full(len(n_groups), np.nan)
        return percentile_intervals(undefined, undefined[np.newaxis], resampling.confidence, n_groups, n_tests)
    expected = reading_probabilities(confusion.counts)
    values = estimate_shares(groups.totals[np.newaxis], expected[np.newaxis])[0]
    is_confused = ~tells_apart(expected)[:-1]
    has_items = raw.n_below[len(SCORED_VERDICTS) :: len(SCORED_VERDICTS)] > 0
    is_undefined = np.append((is_confused & has_items).any(), is_confused)
    values[np.append(np.repeat(is_undefined, len(SCORED_VERDICTS)), is_undefined[0])] = np.nan
    fewer = replace(resampling, n_resamples=min(resampling.n_resamples, MAX_DRAWS))
    drawn = np.concatenate(list(_draw_shares(groups, confusion, fewer)))
    found = percentile_intervals(values, drawn, resampling.confidence, n_groups, n_tests)
    is_constant = np.append(~np.isnan(values[:-1]) & ((raw.values == 0) | (raw.values == 1)), False)
    raw_low, raw_high = (np.append(ends, np.nan) for ends in (raw.low, raw.high))
    low = np.where(is_constant, np.fmin(found.low, raw_low), found.low)
    high = np.where(is_constant, np.fmax(found.high, raw_high), found.high)
    return replace(found, low=low, high=high)


def _draw_shares(groups: GroupCounts, confusion: Confusion, resampling: Resampling) -> Iterator[FloatMatrix]:
    """Yield the estimates of resamples, in chunks; each resample has its own error rates."""
    n = len(confusion.choices)
    generator = np.random.default_rng([resampling.seed, 1])
    # Another seed than that of the corpus, so that both are drawn independently.
    other = replace(resampling, seed=resampling.seed + 1)
    shipped = np.concatenate(list(resample_totals(confusion.readings, other))) if confusion.is_shipped else None
    start = 0
    for totals in resample_totals(groups, resampling):
        end = start + len(totals)
        counts = totals[:, -n * n :] if shipped is None else shipped[start:end]
        yield estimate_shares(totals, draw_probabilities(counts.reshape(-1, n, n), generator))
        start = end


def _test_modes(one: Estimate) -> FamilyTest:
    return FamilyTest(
        family=f"misreading, {one.mode}: describing minus labelling",
        test="bootstrap",
        p=float(one.found.p[-1]),
        least_p=np.nan,
        n_groups=int(one.raw.n_groups[0]),
        intervals=one.found.of_tests[:, :, -1],
        equivalence=one.found.of_equivalence[:, :, -1],
    )


def _disagreement(test: Mapping[str, Cell], estimated: float, p_estimated: float) -> str:
    """Say in what a raw difference and its estimate disagree: direction, decision, both or nothing."""
    raw, p_raw = test["difference"], test["p_holm"]
    if np.isnan(estimated) or not isinstance(raw, float) or not isinstance(p_raw, float):
        return ""
    decided = [np.sign(raw) * (p_raw < SIGNIFICANT), np.sign(estimated) * (p_estimated < SIGNIFICANT)]
    found = {"direction": np.sign(raw) * np.sign(estimated) < 0, "decision": decided[0] != decided[1]}
    return " and ".join(name for name, is_found in found.items() if is_found)
