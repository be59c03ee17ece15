"""Verdict shares three ways: as descan reads, corrected for its misreading, and powered by what people have read."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatVector, IntVector
from descan.compare.compare_options import CompareOptions
from descan.compare.correction import Estimate
from descan.compare.database import read_sql
from descan.compare.misreading import Confusion
from descan.compare.prediction_powered import PoweredShares, estimate_powered_shares, weigh_readings
from descan.compare.strata import golds_of
from descan.records import SCORED_VERDICTS
from descan.storage.safe_csv import Cell

READER_VERDICT_COLUMNS = ("model", "gold", "verdict", "method", "n_readings", "share", "share_low", "share_high")
"""Of `verdicts_readers.csv`."""

_N_VERDICTS = len(SCORED_VERDICTS)


def reader_verdict_rows(
    connection: DuckDBPyConnection,
    estimates: Sequence[Estimate],
    confusion: Confusion | None,
    options: CompareOptions,
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `verdicts_readers.csv`, by strict support; none where people have read nothing.

    Args:
        connection: A database with the table `reader_readings`.
        estimates: The raw and corrected shares.
        confusion: What the correction rests on.
        options: How to compare.
    """
    if confusion is None or confusion.is_shipped:
        return
    columns = connection.execute(read_sql("strata/reader_verdicts")).fetchnumpy()
    models = np.asarray(columns.pop("model"))
    numbers = {name: np.ma.filled(np.ma.asarray(column, np.float64), np.nan) for name, column in columns.items()}
    golds = golds_of(options.categories)
    for one in estimates:
        if one.mode != options.label_mode:
            continue
        of_model = {name: column[models == one.model] for name, column in numbers.items()}
        for row, gold in enumerate(golds):
            here = of_model if row == 0 else _of_gold(of_model, row - 1)
            n_readings = round(float(here["n_readings"].sum()))
            powered = estimate_verdict_shares(here, options.confidence) if n_readings else None
            for place, verdict in enumerate(SCORED_VERDICTS):
                index = row * _N_VERDICTS + place
                raw = (one.raw.values[index], one.raw.low[index], one.raw.high[index])
                key = (one.model, gold, str(verdict))
                if np.isnan(raw[0]):
                    continue
                yield *key, "raw", 0, *map(float, raw)
                yield *key, "corrected", confusion.n, *one.found.columns(index)
                if powered is not None:
                    share = (powered.values[place], powered.low[place], powered.high[place])
                    yield *key, "ppi", n_readings, *map(float, share)


def estimate_verdict_shares(columns: Mapping[str, FloatVector], confidence: float) -> PoweredShares:
    """Return the share of each verdict; a reading stands for its gold and verdict, or, of few, for its verdict.

    Args:
        columns: Of the scored pairs, each of shape (n_pairs,): `unit`, `gold_place`, `verdict_place`, `is_right`, `n`
            (their weight), `n_readings`, and `supports`, the share of the readings that are gold.
        confidence: Of the intervals.
    """
    verdict: IntVector = columns["verdict_place"].astype(np.int64)
    strata = columns["gold_place"].astype(np.int64) * _N_VERDICTS + verdict
    weights = weigh_readings(strata, verdict, columns["n"], columns["n_readings"] > 0)
    groups = np.unique(columns["unit"], return_inverse=True)[1]
    places = np.arange(_N_VERDICTS)
    supported = np.where(columns["is_right"] == 1, 0, 2)[:, np.newaxis]  # Right or labeling_failure: supports gold.
    supports = columns["supports"][:, np.newaxis]
    found = np.where(places == supported, supports, np.where(places == supported + 1, 1 - supports, 0))
    predicted = (verdict[:, np.newaxis] == places).astype(np.float64)
    return estimate_powered_shares(predicted, found, columns["n"], weights, groups, confidence)


def _of_gold(columns: Mapping[str, FloatVector], gold: int) -> dict[str, FloatVector]:
    is_here = columns["gold_place"] == gold
    return {name: column[is_here] for name, column in columns.items()}
