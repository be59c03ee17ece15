"""How often descriptions support gold, and how much more often than labels are gold, by what people have read."""

from collections.abc import Iterator

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, FloatVector
from descan.compare.compare_options import CompareOptions
from descan.compare.prediction_powered import PoweredShares, estimate_powered_shares
from descan.compare.reader_verdicts import PairColumns, load_pairs, pairs_of_gold, weigh_pairs
from descan.compare.strata import golds_of
from descan.records import DESCAN, SCORED_VERDICTS, Verdict
from descan.storage.safe_csv import Cell

READER_SUPPORT_COLUMNS = ("model", "gold", "measure", "method", "n_readings", "value", "low", "high", "predictor")
"""Of `support_readers.csv`."""

MEASURES = ("supports", "supports_minus_labels")
"""Share of the descriptions that support gold, and by how much it is above the share of the labels that are gold."""

_SUPPORTING = [SCORED_VERDICTS.index(verdict) for verdict in (Verdict.RIGHT, Verdict.LABELING_FAILURE)]


def reader_support_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `support_readers.csv`, by strict support: as descan reads where people have read, then judges.

    Args:
        connection: A database with the tables of `readings_of_readers.sql`.
        options: How to compare.
    """
    judges = connection.execute("SELECT DISTINCT reader FROM judge_readings ORDER BY reader").fetchall()
    for predictor in (DESCAN, *(judge for (judge,) in judges)):
        for model, pairs in load_pairs(connection, predictor).items():
            if predictor != DESCAN and not pairs["is_predicted"].all():
                continue
            for row, gold in enumerate(golds_of(options.categories)):
                here = pairs_of_gold(pairs, row)
                n_readings = round(float(here["n_readings"].sum()))
                if not n_readings:
                    continue
                for method, n, found in (
                    ("raw", 0, estimate_raw_support(here, options.confidence)),
                    ("ppi", n_readings, estimate_support(here, options.confidence)),
                ):
                    for measure, *value in zip(MEASURES, found.values, found.low, found.high, strict=True):
                        yield model, gold, measure, method, n, *map(float, value), predictor


def estimate_support(columns: PairColumns, confidence: float) -> PoweredShares:
    """Return both measures, valid however often descan misreads, if the readings are a random sample.

    The difference is taken as the share (1 + difference) / 2, which is from 0 to 1.

    Args:
        columns: As `estimate_verdict_shares` takes them.
        confidence: Of the intervals.
    """
    weights, groups = weigh_pairs(columns)
    predicted, found = (_measure(supports, columns) for supports in (_predict(columns), columns["supports"]))
    return _rescale(estimate_powered_shares(predicted, found, columns["n"], weights, groups, confidence))


def estimate_raw_support(columns: PairColumns, confidence: float) -> PoweredShares:
    """Return both measures as descan, or a judge, reads; the intervals are those of groups, without its misreading."""
    predicted = _measure(_predict(columns), columns)
    _, groups = weigh_pairs(columns)
    return _rescale(estimate_powered_shares(predicted, predicted, columns["n"], columns["n"], groups, confidence))


def _predict(columns: PairColumns) -> FloatVector:
    place = columns.get("predicted_place", columns["verdict_place"])
    return np.isin(place, _SUPPORTING).astype(np.float64)


def _measure(supports: FloatVector, columns: PairColumns) -> FloatMatrix:
    return np.column_stack([supports, (1 + supports - columns["is_right"]) / 2])


def _rescale(found: PoweredShares) -> PoweredShares:
    return found.scale(np.array([1.0, 2.0]), np.array([0.0, 1.0]))
