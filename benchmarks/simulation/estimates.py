"""One simulated study through the comparison: what its tables say, beside the truth."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from benchmarks.emotions import Emotion
from benchmarks.simulation.correction_rules import other_corrections
from benchmarks.simulation.design import Design, Shares, load_designs
from benchmarks.simulation.population import (
    beyond_chance,
    category_shares,
    mode_difference,
    population,
    scores,
    shared_shares,
    support_share,
    verdict_shares,
)
from benchmarks.simulation.study import HUMAN_READINGS, Study, draw_study, write_study
from descan.compare import CompareOptions, compare
from descan.records import SCORED_VERDICTS

ALL = "all"
MODES = ("describe", "classify")
SCORES = ("accuracy", "uar", "macro_f1", "kappa")
DIFFERENCES = SCORES[:3]

N_RESAMPLES = 1_000
"""Fewer than by default, so that many studies take minutes; the ends of an interval are a little rougher."""


class Name(NamedTuple):
    """A number that the tables give and the population has.

    Attributes:
        kind: verdict, corrected, support, beyond_chance, score or difference; raw (a verdict as it is read), inverted
            and bounded (corrected by another rule, see `correction_rules`), and modes (describing minus labelling, raw
            and corrected) stand beside what descriptions mean.
        part: The verdict or score.
        of: Over what: all, a gold category, or for scores a mode.
        model: Whose; of a difference both.
    """

    kind: str
    part: str
    of: str
    model: str


class Estimate(NamedTuple):
    """What a table says of a number; NaN where its cell is empty."""

    value: float
    low: float
    high: float


class Test(NamedTuple):
    """One test; no p where there is nothing to test, no corrected one where it is in no family.

    `p_mcnemar` is that of the test that takes items as independent, where there is one.
    """

    family: str
    p: float
    p_holm: float
    p_mcnemar: float = math.nan


@dataclass(frozen=True, slots=True)
class StudyResult:
    """What the tables of one study say."""

    estimates: dict[Name, Estimate]
    tests: tuple[Test, ...]


def compare_study(name: str, seed: int, *, has_groups: bool = True) -> StudyResult:
    """Draw a study, compare it and read its tables.

    Args:
        name: Of the design.
        seed: Of the study.
        has_groups: Tell the comparison of the groups.
    """
    designs = load_designs().designs
    design, rng = designs[name], np.random.default_rng([list(designs).index(name), seed])
    with TemporaryDirectory(prefix="descan-") as temporary:
        folder = Path(temporary)
        study = draw_study(design, rng)
        write_study(study, folder, rng, has_groups=has_groups)
        compare(folder, _options(design, folder))
        estimates = dict(_estimates(folder / "tables"))
        if design.human_readings:
            estimates |= _by_other_rules(study, rng)
        return StudyResult(estimates, tuple(_tests(folder / "tables")))


def truths(design: Design) -> dict[Name, float]:
    """Return the numbers of the population: raw ones of descriptions as they are read, corrected as they are meant."""
    joints = {model: _joints(model, design) for model in design.describers}
    found = {}
    for model, (read, meant) in joints.items():
        for kind, joint in (("verdict", read), ("corrected", meant)):
            for gold in (None, *Emotion):
                for verdict, share in verdict_shares(joint, gold).items():
                    found[Name(kind, verdict, gold or ALL, model)] = share
        for kind in ("raw", "inverted", "bounded"):
            found |= {Name(kind, verdict, ALL, model): share for verdict, share in verdict_shares(meant).items()}
        for part in ("raw", "corrected"):
            found[Name("modes", part, ALL, model)] = mode_difference(meant)
        found[Name("support", "support", ALL, model)] = support_share(read)
        found[Name("beyond_chance", "beyond_chance", ALL, model)] = beyond_chance(read)
        for mode in MODES:
            for score, value in scores(category_shares(read, mode)).items():
                found[Name("score", score, mode, model)] = value
    for first, second in combinations(sorted(design.describers), 2):
        reads = joints[first][0], joints[second][0]
        found |= _differences(f"{first} - {second}", *reads, design)
    return found


def _joints(model: str, design: Design) -> tuple[Shares, Shares]:
    describer = load_designs().describers[model]
    return population(describer, design, is_misread=True), population(describer, design, is_misread=False)


def _differences(pair: str, first: Shares, second: Shares, design: Design) -> Iterator[tuple[Name, float]]:
    for mode in MODES:
        tables = shared_shares(category_shares(first, mode), category_shares(second, mode), design.gold_shares)
        values = [scores(table) for table in tables]
        for score in DIFFERENCES:
            yield Name("difference", score, mode, pair), values[0][score] - values[1][score]
    shares = [verdict_shares(joint) for joint in (first, second)]
    for verdict in shares[0]:
        yield Name("difference", verdict, ALL, pair), shares[0][verdict] - shares[1][verdict]


def _options(design: Design, folder: Path) -> CompareOptions:
    human_readings = (folder / HUMAN_READINGS,) if design.human_readings else ()
    return CompareOptions(threads=1, n_resamples=N_RESAMPLES, human_readings=human_readings)


def _estimates(tables: Path) -> Iterator[tuple[Name, Estimate]]:
    yield from _shares(tables)
    yield from _scores(tables)
    for row in _rows(tables / "support.csv"):
        if _is_default(row):
            yield Name("support", "support", ALL, row["model"]), _estimate(row, "share")
            yield Name("beyond_chance", "beyond_chance", ALL, row["model"]), _estimate(row, "seen_beyond_chance")


def _shares(tables: Path) -> Iterator[tuple[Name, Estimate]]:
    for row in _rows(tables / "verdicts.csv"):
        if row["verdict"] != "unscored":
            name = Name("verdict", row["verdict"], row["gold"], row["model"])
            yield name, _estimate(row, "share_of_scored", "share")
    for row in _rows(tables / "misreading_verdicts.csv"):
        if row["kind"] == "correction":
            name = Name("corrected", row["verdict"], row["gold"], row["model"])
            yield name, _estimate(row, "estimated")
            if row["gold"] == ALL:
                yield name._replace(kind="raw"), _estimate(row, "share_of_scored", "share")
    for row in _rows(tables / "misreading_modes.csv"):
        if row["kind"] == "correction":
            yield Name("modes", "raw", ALL, row["model"]), _parse_estimate(row, "difference", "low", "high")
            yield Name("modes", "corrected", ALL, row["model"]), _estimate(row, "estimated")


def _by_other_rules(study: Study, rng: np.random.Generator) -> Iterator[tuple[Name, Estimate]]:
    for rule, model, shares in other_corrections(study, rng):
        for verdict, estimate in zip(SCORED_VERDICTS, shares.tolist(), strict=True):
            yield Name(rule, str(verdict), ALL, model), Estimate(*estimate)


def _scores(tables: Path) -> Iterator[tuple[Name, Estimate]]:
    for row in _rows(tables / "scores.csv"):
        if row["categories"] == "seven":
            for score in SCORES:
                yield Name("score", score, row["mode"], row["model"]), _estimate(row, score)
    for row in _rows(tables / "differences.csv"):
        if row["comparison"] == "models":
            mode = row["mode_a"] if row["statistic"] in DIFFERENCES else ALL
            name = Name("difference", row["statistic"], mode, f"{row['model_a']} - {row['model_b']}")
            yield name, _parse_estimate(row, "difference", "low", "high")


def _tests(tables: Path) -> Iterator[Test]:
    for table in ("tests", "differences", "contrasts", "misreading_tests"):
        for row in _rows(tables / f"{table}.csv"):
            p_mcnemar = _number(row.get("p_mcnemar", ""))
            yield Test(f"{table}.csv, {row['family']}", _number(row["p"]), _number(row["p_holm"]), p_mcnemar)
    for row in _rows(tables / "support.csv"):
        if _is_default(row):
            yield Test(f"support.csv, {row['model']}", _number(row["p"]), math.nan)


def _is_default(row: dict[str, str]) -> bool:
    return (row["evidence"], row["support"]) == ("described", "strict")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _estimate(row: dict[str, str], column: str, bounds: str = "") -> Estimate:
    return _parse_estimate(row, column, f"{bounds or column}_low", f"{bounds or column}_high")


def _parse_estimate(row: dict[str, str], *columns: str) -> Estimate:
    return Estimate(*(_number(row[column]) for column in columns))


def _number(cell: str) -> float:
    return float(cell) if cell else math.nan
