"""Verdict shares three ways: as descan reads, corrected for its misreading, and powered by what people have read."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, FloatVector, IntVector, count_groups
from descan.compare.compare_options import CompareOptions
from descan.compare.correction import Estimate
from descan.compare.database import read_sql
from descan.compare.intervals import share_intervals
from descan.compare.misreading import Confusion
from descan.compare.prediction_powered import PoweredShares, estimate_powered_shares, weigh_readings
from descan.compare.strata import gold_rows, golds_of
from descan.records import DESCAN, SCORED_VERDICTS
from descan.storage.safe_csv import Cell

READER_VERDICT_COLUMNS = (
    "model",
    "gold",
    "verdict",
    "method",
    "n_readings",
    "share",
    "share_low",
    "share_high",
    "predictor",
)
"""Of `verdicts_readers.csv`."""

_N_VERDICTS = len(SCORED_VERDICTS)
_PLACES = np.arange(_N_VERDICTS)

PairColumns = Mapping[str, FloatVector]
"""Scored pairs by the columns of the query."""


def reader_verdict_rows(
    connection: DuckDBPyConnection,
    estimates: Sequence[Estimate],
    confusions: Sequence[Confusion],
    options: CompareOptions,
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `verdicts_readers.csv`, by strict support: as descan reads where people have read, then judges.

    Args:
        connection: A database with the tables of `readings_of_readers.sql`.
        estimates: The raw and corrected shares.
        confusions: What the correction rests on.
        options: How to compare.
    """
    for confusion in confusions:
        if not confusion.is_shipped:
            yield from _descan_rows(connection, estimates, confusion, options)
    judges = connection.execute("SELECT DISTINCT reader FROM judge_readings ORDER BY reader").fetchall()
    for (judge,) in judges:
        for model, pairs in load_pairs(connection, judge).items():
            if pairs["is_predicted"].all():
                yield from _judge_rows(model, pairs, judge, options)


def estimate_verdict_shares(columns: PairColumns, confidence: float) -> PoweredShares:
    """Return the share of each verdict; a reading stands for its gold and verdict, or, of few, for its verdict.

    That is the verdict as descan reads, whoever predicts, since samples for people are drawn by it.

    Args:
        columns: Of the scored pairs, each of shape (n_pairs,): `unit`, `gold_place`, `verdict_place`, `is_right`, `n`
            (their weight), `n_readings`, and `supports`, the share of the readings that are gold; also
            `predicted_place`, that of the verdict as a judge reads, where a judge is to predict.
        confidence: Of the intervals.
    """
    weights, groups = weigh_pairs(columns)
    supported = np.where(columns["is_right"] == 1, 0, 2)[:, np.newaxis]  # Right or labeling_failure: supports gold.
    supports = columns["supports"][:, np.newaxis]
    found = np.where(supported == _PLACES, supports, np.where(supported + 1 == _PLACES, 1 - supports, 0))
    return estimate_powered_shares(_predict(columns), found, columns["n"], weights, groups, confidence)


def estimate_raw_verdict_shares(columns: PairColumns, confidence: float) -> PoweredShares:
    """Return the shares as descan, or a judge, reads; the intervals are those of groups, without its misreading."""
    predicted = _predict(columns)
    _, groups = weigh_pairs(columns)
    return estimate_powered_shares(predicted, predicted, columns["n"], columns["n"], groups, confidence)


def _predict(columns: PairColumns) -> FloatMatrix:
    place = columns.get("predicted_place", columns["verdict_place"])
    return np.asarray(place[:, np.newaxis] == _PLACES, dtype=np.float64)


def weigh_pairs(columns: PairColumns) -> tuple[FloatVector, IntVector]:
    """Return what the reading of each pair stands for, 0 where there is none, and the group of each, from 0."""
    verdict: IntVector = columns["verdict_place"].astype(np.int64)
    strata = columns["gold_place"].astype(np.int64) * _N_VERDICTS + verdict
    weights = weigh_readings(strata, verdict, columns["n"], columns["n_readings"] > 0)
    return weights, np.unique(columns["unit"], return_inverse=True)[1]


def load_pairs(connection: DuckDBPyConnection, predictor: str) -> dict[str, PairColumns]:
    """Load the scored pairs of each model, with what a predictor makes of them."""
    columns = connection.execute(read_sql("strata/reader_verdicts"), {"predictor": predictor}).fetchnumpy()
    models = np.asarray(columns.pop("model"))
    numbers = {name: np.ma.filled(np.ma.asarray(column, np.float64), np.nan) for name, column in columns.items()}
    return {
        str(model): {name: column[models == model] for name, column in numbers.items()} for model in np.unique(models)
    }


def pairs_of_gold(columns: PairColumns, row: int) -> PairColumns:
    """Return the pairs of a row of `golds_of`."""
    if row == 0:
        return columns
    is_here = columns["gold_place"] == row - 1
    return {name: column[is_here] for name, column in columns.items()}


def _descan_rows(
    connection: DuckDBPyConnection, estimates: Sequence[Estimate], confusion: Confusion, options: CompareOptions
) -> Iterator[tuple[Cell, ...]]:
    pairs = load_pairs(connection, DESCAN)
    for one in estimates:
        if one.mode != options.label_mode or one.model not in pairs:
            continue
        for row, gold in enumerate(golds_of(options.categories)):
            n_readings, powered = _power(pairs_of_gold(pairs[one.model], row), options.confidence)
            for place, verdict in enumerate(SCORED_VERDICTS):
                index = row * _N_VERDICTS + place
                raw = (one.raw.values[index], one.raw.low[index], one.raw.high[index])
                key = (one.model, gold, str(verdict))
                if np.isnan(raw[0]):
                    continue
                yield *key, "raw", 0, *map(float, raw), DESCAN
                yield *key, "corrected", confusion.n, *one.found.columns(index), DESCAN
                if n_readings:
                    yield *key, "ppi", n_readings, *powered[place], DESCAN


def _judge_rows(model: str, pairs: PairColumns, judge: str, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    of_gold = gold_rows(len(options.categories))
    places = pairs["gold_place"] * _N_VERDICTS + pairs["predicted_place"]
    groups = count_groups(pairs["unit"], places, of_gold.shape[1] * _N_VERDICTS, pairs["n"], int(pairs["whole"][0]))
    above, below = np.kron(of_gold, np.eye(_N_VERDICTS)), np.kron(of_gold, np.ones(_N_VERDICTS))
    [raw] = share_intervals([groups], above, below, options.confidence)
    for row, gold in enumerate(golds_of(options.categories)):
        n_readings, powered = _power(pairs_of_gold(pairs, row), options.confidence)
        for place, verdict in enumerate(SCORED_VERDICTS):
            index = row * _N_VERDICTS + place
            if np.isnan(raw.values[index]):
                continue
            key = (model, gold, str(verdict))
            yield *key, "raw", 0, float(raw.values[index]), float(raw.low[index]), float(raw.high[index]), judge
            if n_readings:
                yield *key, "ppi", n_readings, *powered[place], judge


def _power(columns: PairColumns, confidence: float) -> tuple[int, list[tuple[float, float, float]]]:
    """Return how many readings of people there are, and with any the share of each verdict and its interval."""
    n_readings = round(float(columns["n_readings"].sum()))
    if not n_readings:
        return 0, []
    powered = estimate_verdict_shares(columns, confidence)
    return n_readings, list(zip(*(part.tolist() for part in (powered.values, powered.low, powered.high)), strict=True))
