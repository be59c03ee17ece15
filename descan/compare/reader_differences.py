"""Differences between models, moved by what people read: of verdict shares, support, and support less right labels."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import IntVector
from descan.compare.compare_options import CompareOptions
from descan.compare.prediction_powered import PoweredShares, subtract_shares
from descan.compare.reader_support import MEASURES, estimate_raw_support, estimate_support
from descan.compare.reader_verdicts import (
    PairColumns,
    estimate_raw_verdict_shares,
    estimate_verdict_shares,
    load_pairs,
    pairs_of_gold,
)
from descan.compare.strata import golds_of
from descan.records import DESCAN, SCORED_VERDICTS
from descan.storage.safe_csv import Cell

READER_DIFFERENCE_COLUMNS = (
    *("model_a", "model_b", "gold", "measure", "method", "n_readings_a", "n_readings_b"),
    *("difference", "low", "high"),
)
"""Of `differences_readers.csv`: A less B, of the scored verdicts and of the measures of `support_readers.csv`."""


class PoweredModel(NamedTuple):
    """What is known of the scored pairs of a model.

    Attributes:
        units: Of its groups. Shape: (n_groups,).
        shares: By each method the verdict shares, and the measures of support.
        n_readings: Readings of people behind them.
    """

    units: IntVector
    shares: dict[str, tuple[PoweredShares, PoweredShares]]
    n_readings: int


def reader_difference_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `differences_readers.csv`, by strict support, of every two models that people have read.

    Args:
        connection: A database with the tables of `readings_of_readers.sql`.
        options: How to compare.
    """
    pairs = load_pairs(connection, DESCAN)
    for row, gold in enumerate(golds_of(options.categories)):
        found = {
            model: estimate_model(pairs_of_gold(columns, row), options.confidence) for model, columns in pairs.items()
        }
        read = {model: one for model, one in found.items() if one.n_readings}
        for (model_a, a), (model_b, b) in combinations(read.items(), 2):
            for method in a.shares:
                n_readings = (0, 0) if method == "raw" else (a.n_readings, b.n_readings)
                differences = compare_models(a, b, method, options.confidence)
                for measure, *values in differences:
                    yield model_a, model_b, gold, measure, method, *n_readings, *values


def estimate_model(columns: PairColumns, confidence: float) -> PoweredModel:
    """Return the shares of a model by both methods.

    Args:
        columns: As `estimate_verdict_shares` takes them.
        confidence: Of intervals.
    """
    n_readings = round(float(columns["n_readings"].sum()))
    if not n_readings:
        return PoweredModel(np.empty(0, np.int64), {}, 0)
    shares = {
        "raw": (estimate_raw_verdict_shares(columns, confidence), estimate_raw_support(columns, confidence)),
        "ppi": (estimate_verdict_shares(columns, confidence), estimate_support(columns, confidence)),
    }
    return PoweredModel(np.unique(columns["unit"]).astype(np.int64), shares, n_readings)


def compare_models(
    a: PoweredModel, b: PoweredModel, method: str, confidence: float
) -> Iterator[tuple[str, float, float, float]]:
    """Yield of each measure its name, A less B, and the bounds of the interval."""
    for names, of_a, of_b in zip((SCORED_VERDICTS, MEASURES), a.shares[method], b.shares[method], strict=True):
        found = subtract_shares(of_a, of_b, a.units, b.units, confidence)
        for name, *values in zip(names, found.values, found.low, found.high, strict=True):
            value, low, high = map(float, values)
            yield str(name), value, low, high
