"""Judges beside people: how far they agree, whether they favour a model, and what they cost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatMatrix, FloatVector, GroupCounts, Intervals, Resampling, resample, sum_groups
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.families import DECISION_COLUMNS, FamilyTest, decide, test_difference
from descan.compare.intervals import as_count, divide
from descan.records import SCORED_VERDICTS
from descan.storage.safe_csv import Cell

JUDGE_COLUMNS = (
    *("judge", "model", "n", "n_undecided", "n_refusal", "n_unparsed", "cost_usd", "latency_s"),
    *("n_again", "agreement_again", "n_people"),
    *("agreement", "agreement_low", "agreement_high", "bias", "bias_low", "bias_high", "difference", "low", "high"),
    *("n_groups", *DECISION_COLUMNS),
)
"""Of `judges.csv`: each judge, with the descriptions of all models (no model) and of each.

`bias` is how much more often the judge reads gold than people do in the same descriptions; `difference` is that of the
model less that of all other models. The test is of `difference`, of all models of `bias`. `readers.csv` has the
interval of `agreement_again`.
"""

READER_BIAS_COLUMNS = (
    *("reader", "kind", "model", "verdict", "n", "share", "people_share", "difference", "low", "high", "n_groups"),
)
"""Of `reader_biases.csv`: what a reader makes of the descriptions that other people have read, by strict support.

`verdict` is a scored one, or `supports`, the share of descriptions that are read as gold.
"""

_SUPPORTS = "supports"
_MEASURES = (_SUPPORTS, *map(str, SCORED_VERDICTS))

_BELOW = (2, 3, 3, 3, 3)
"""The cell with what each measure is a share of."""

_OWN, _PEOPLE = 4, 4 + len(_MEASURES)
"""The cells from which on the measures stand, of the reader and of people."""

_N_CELLS = 4 + 2 * len(_MEASURES)


@dataclass(frozen=True, slots=True)
class ReadByBoth:
    """What one reader made of descriptions that people have read, too.

    Attributes:
        kind: Of the reader.
        models: Who wrote each description. Shape: (n_descriptions,).
        units: Their groups. Shape: (n_descriptions,).
        cells: A 1, agreement, weight, weight with a verdict, and the measures of the reader and of people, weighted.
            Shape: (n_descriptions, n_cells).
    """

    kind: str
    models: NDArray[np.str_]
    units: NDArray[np.int64]
    cells: FloatMatrix


def compare_biases(
    found: ReadByBoth | None, models: Sequence[str], judge: str, resampling: Resampling
) -> Iterator[tuple[GroupCounts, Intervals, FamilyTest]]:
    """Yield the sums, the statistics (agreement, bias, difference) and the test of each model.

    Args:
        found: The judge's readings; None if people have read none of its descriptions.
        models: Described models; empty for all.
        judge: Its name, for that of the family.
        resampling: How intervals are made.
    """
    for model in models:
        groups = _sum_by_model(found, model)
        values = resample(groups, _model_statistics, resampling, len(models))
        family = f"bias of {judge}, by model" if model else f"bias of {judge}"
        test = test_difference(groups, values, 2 if model else 1, None, family)
        n_groups, n_others = (_count_groups(groups, place) for place in (0, _N_CELLS))
        yield groups, values, replace(test, n_groups=min(n_groups, n_others) if model else n_groups)


def weigh_measures(
    weight: FloatVector, right: FloatVector, wrong: FloatVector, agreement: FloatVector, supports: Sequence[FloatVector]
) -> FloatMatrix:
    """Return the cells of descriptions, as `ReadByBoth` has them.

    Args:
        weight: What each weighs. Shape of all: (n_descriptions,).
        right: What it weighs with a verdict and a right label.
        wrong: The same with a wrong label.
        agreement: Share of the people who read it as the reader does.
        supports: Whether the reader reads gold, and the share of the people who do.
    """
    measures = [
        part
        for of_reader in supports
        for part in (
            *(weight * of_reader, right * of_reader, right * (1 - of_reader)),
            *(wrong * of_reader, wrong * (1 - of_reader)),
        )
    ]
    return np.column_stack([np.ones_like(weight), agreement, weight, right + wrong, *measures])


def judge_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `judges.csv`; none where no judge has read.

    Args:
        connection: A database with the tables of `readings_of_readers.sql`.
        options: How to compare.
    """
    counts = connection.execute(read_sql("judge_counts")).fetchall()
    readings = _load_readings(connection)
    rows: list[tuple[Cell, ...]] = []
    tests: list[FamilyTest] = []
    for judge, group in groupby(counts, key=lambda row: row[0]):
        of_judge = list(group)
        found = compare_biases(readings.get(judge), [row[1] for row in of_judge], judge, options.resampling)
        for row, (groups, values, test) in zip(of_judge, found, strict=True):
            rows.append((*row, as_count(groups.totals[0]), *values.columns(0, 1, 2), _count_groups(groups, 0)))
            tests.append(test)
    for row, decision in zip(rows, decide(tests, options.margin), strict=True):
        yield *row, *decision.cells().values()


def reader_bias_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `reader_biases.csv`: of people, each judge and descan, of all models and of each.

    Args:
        connection: A database with the tables of `readings_of_readers.sql`.
        options: How to compare.
    """
    for reader, found in _load_readings(connection).items():
        for model in ("", *np.unique(found.models).tolist()):
            groups = _sum_by_model(found, model)
            values = resample(groups, _measure_statistics, options.resampling)
            for place, measure in enumerate(_MEASURES):
                if n := as_count(groups.totals[_BELOW[place]]):
                    own, people = (float(values.values[3 * place + number]) for number in (0, 1))
                    shares = (own, people, *values.columns(3 * place + 2))
                    yield reader, found.kind, model, measure, n, *shares, _count_groups(groups, _BELOW[place])


def _load_readings(connection: DuckDBPyConnection) -> Mapping[str, ReadByBoth]:
    """Load what people, judges and descan made of the descriptions that people other than they have read."""
    columns = connection.execute(read_sql("strata/judged")).fetchnumpy()
    readers, kinds, models = (np.asarray(columns[name], dtype=np.str_) for name in ("reader", "kind", "model"))
    units = np.asarray(columns["unit"], dtype=np.int64)
    agreement, weight, right, wrong, *supports = (
        np.asarray(columns[name], dtype=np.float64)
        for name in ("agreement", "weight", "weight_right", "weight_wrong", "supports", "people_supports")
    )
    cells = weigh_measures(weight, right, wrong, agreement, supports)
    found = {}
    for reader in dict.fromkeys(readers.tolist()):
        is_here = readers == reader
        found[reader] = ReadByBoth(str(kinds[is_here][0]), models[is_here], units[is_here], cells[is_here])
    return found


def _sum_by_model(found: ReadByBoth | None, model: str) -> GroupCounts:
    """Sum the cells of a model's descriptions, and then those of all others; without a model, of all and of none."""
    if found is None:
        return sum_groups(np.empty(0), np.empty(0), 2 * _N_CELLS, np.empty(0))
    is_other = (found.models != model) & (model != "")
    places = is_other[:, np.newaxis] * _N_CELLS + np.arange(_N_CELLS)
    return sum_groups(np.repeat(found.units, _N_CELLS), places.ravel(), 2 * _N_CELLS, found.cells.ravel())


def _count_groups(groups: GroupCounts, place: int) -> int:
    """Return how many groups have anything in a cell."""
    return int((groups.cells[[place]].toarray()[0] > 0) @ groups.multiplicity)


def _model_statistics(totals: FloatMatrix) -> FloatMatrix:
    """Return agreement, bias, and the bias less that in the descriptions of other models."""
    own, others = totals[:, :_N_CELLS], totals[:, _N_CELLS:]
    biases = [divide(part[:, _OWN] - part[:, _PEOPLE], part[:, _BELOW[0]]) for part in (own, others)]
    return np.column_stack([divide(own[:, 1], own[:, 0]), biases[0], biases[0] - biases[1]])


def _measure_statistics(totals: FloatMatrix) -> FloatMatrix:
    """Return the share of the reader, that of people, and their difference, of each measure."""
    columns = []
    for place, below in enumerate(_BELOW):
        own, people = (divide(totals[:, start + place], totals[:, below]) for start in (_OWN, _PEOPLE))
        columns += [own, people, own - people]
    return np.column_stack(columns)
