"""What verdicts, and describing against labelling, would be if a person had read every description.

By human readings of the corpus itself this is a correction for misreading. By the readings that come with descan, which
are of other texts, it is no more than a sensitivity analysis.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import (
    FloatVector,
    Intervals,
    Resampling,
)
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.estimated_shares import count_cells, resample_readings, verdict_cells
from descan.compare.families import DECISION_COLUMNS, FamilyTest, decide
from descan.compare.intervals import ShareIntervals, as_count, share_intervals
from descan.compare.misreading import Confusion
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


def misreading_rows(confusions: Sequence[Confusion], resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `misreading.csv`: what descan reads where a person reads a category."""
    for confusion in confusions:
        n = len(confusion.choices)
        of_human = np.kron(np.eye(n), np.ones(n))
        [shares] = share_intervals([confusion.readings], np.eye(n * n), of_human, resampling.confidence)
        for names, cells in zip(product(confusion.choices, confusion.choices), shares.rows(), strict=True):
            yield *names, *cells, confusion.source


def estimate_readings(
    connection: DuckDBPyConnection, confusions: Sequence[Confusion], options: CompareOptions
) -> list[Estimate]:
    """Estimate each model's verdict shares, and its describing against its labelling in each mode.

    Each resample draws groups of items with everything that belongs to them: all answers and all human readings.
    Readings that come with descan are of no group here and are resampled by themselves.

    Args:
        connection: A database with the table `human_readings`.
        confusions: How often descan misreads; without any nothing is estimated.
        options: How to compare.
    """
    n, n_languages = len(options.categories), max(len(confusions), 1)
    languages = [confusion.language for confusion in confusions]
    strata = count_strata(
        connection, read_sql("strata/misreading"), count_cells(n, n_languages), {"languages": languages}
    )
    above, below = verdict_cells(n, n_languages)
    is_read = np.tile(np.kron(gold_rows(n), np.tile(np.repeat([0, 1, 1], n + 1), 2)), n_languages)
    keys = [(stratum.key[0], stratum.key[1]) for stratum in strata]
    n_tests = Counter(mode for _, mode in keys)
    raw = share_intervals([stratum.groups for stratum in strata], above, below, options.resampling.confidence)
    return [
        Estimate(
            model=model,
            mode=mode,
            raw=shares,
            found=resample_readings(stratum.groups, confusions, options.resampling, shares, n_tests[mode]),
            n_read=is_read @ stratum.groups.totals[: is_read.shape[1]],
        )
        for (model, mode), stratum, shares in zip(keys, strata, raw, strict=True)
    ]


def verdict_rows(
    estimates: Sequence[Estimate], confusions: Sequence[Confusion], options: CompareOptions
) -> Iterator[Sequence[Cell]]:
    """Yield the rows of `misreading_verdicts.csv`: the verdict shares by strict support, raw and estimated."""
    names = list(product(golds_of(options.categories), SCORED_VERDICTS))
    for one in estimates:
        if one.mode == options.label_mode:
            for place, (name, row) in enumerate(zip(names, one.raw.rows(), strict=True)):
                estimated = (*one.found.columns(place), *_source(confusions))
                n_read = as_count(one.n_read[place // len(SCORED_VERDICTS)])
                yield one.model, *name, *row[:-1], *estimated, n_read, row[-1]


def mode_rows(
    estimates: Sequence[Estimate],
    confusions: Sequence[Confusion],
    tests: Iterable[Mapping[str, Cell]],
    margin: float,
) -> list[Sequence[Cell]]:
    """Return the rows of `misreading_modes.csv`: accuracy of describing minus accuracy of labelling.

    Args:
        estimates: What `estimate_readings` returns.
        confusions: What they rest on.
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
        rows.append((one.model, one.mode, *of_raw, *estimated, disagreement, *decided, *_source(confusions), *counts))
    return rows


def _source(confusions: Sequence[Confusion]) -> tuple[Cell, ...]:
    if not confusions:
        return "none", "none", 0
    sources = ", ".join(confusion.source for confusion in confusions)
    return confusions[0].kind, sources, sum(confusion.n for confusion in confusions)


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
