"""How wide the intervals of verdict shares are with the readings so far, and how many more make them narrow."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.reader_verdicts import estimate_verdict_shares
from descan.corpus.readings import ReaderKind, ReadingStatus
from descan.emotions import CategorySet
from descan.records import SCORED_VERDICTS
from descan.review.readings_file import Key, Reading

if TYPE_CHECKING:
    import pandas as pd

TARGET = 0.03
"""Half the width that is aimed at: 3 points."""

_UNREAD = ("", ReadingStatus.REFUSAL)
"""Readings that say nothing of the text count in no share."""

_SUPPORTING = [place for place, verdict in enumerate(SCORED_VERDICTS) if verdict in ("right", "labeling_failure")]


@dataclass(frozen=True, slots=True)
class Progress:
    """How wide the intervals are, of the model for which they are widest.

    Models that cannot have an interval, because their scored items are of too few groups, are left out.

    Attributes:
        half_width: Half the width of its widest interval of a verdict share, from 0 to 1; None with too few readings.
        n_more: Further readings, of all models, that bring every one to `TARGET`; None where not known.
        least_half_width: What is left when every description has been read; the items are too few for less. None if no
            model can have an interval.
        n_models_left_out: Models that cannot.
    """

    half_width: float | None
    n_more: int | None
    least_half_width: float | None
    n_models_left_out: int


@dataclass(frozen=True, slots=True)
class _ScoredPairs:
    """The scored pairs of one model.

    Attributes:
        places: Description -> its pairs, each with the gold category.
        columns: As `estimate_verdict_shares` takes them, before anybody has read.
        least: Half the widest interval if all are read as descan reads them; None if there can be none.
    """

    places: Mapping[Key, list[tuple[int, str]]]
    columns: Mapping[str, NDArray[np.float64]]
    least: float | None


class ProgressMeter:
    """Measures progress by prediction-powered inference, as `verdicts_readers.csv` will have it."""

    def __init__(self, connection: DuckDBPyConnection, categories: CategorySet, confidence: float) -> None:
        """Read the scored pairs.

        Args:
            connection: From `record_pairs.open_records`.
            categories: The category set of the analysis.
            confidence: Of the intervals.
        """
        self._confidence = confidence
        connection.execute("SET VARIABLE categories = ?", [list(categories.names)])
        connection.execute("SET VARIABLE verdicts = ?", [list(map(str, SCORED_VERDICTS))])
        query = files("descan.review").joinpath("sql/scored.sql").read_text("utf-8")
        frame = connection.execute(query).df()
        self._models = [self._of_model(rows) for _, rows in frame.groupby("model", sort=True)]

    def measure(self, readings: Iterable[Reading]) -> Progress | None:
        """Return how far the readings have come, or None where no pair is scored."""
        if not self._models:
            return None
        read: dict[Key, list[str]] = defaultdict(list)
        for reading in readings:
            if reading.kind == ReaderKind.PERSON and reading.described not in _UNREAD:
                read[reading.key].append(reading.described)
        measured = [model for model in self._models if model.least is not None]
        n_left_out = len(self._models) - len(measured)
        if not measured:
            return Progress(None, None, None, n_left_out)
        found = [self._measure(model, read) for model in measured]
        widths = [width for width, _ in found]
        missing = [n for _, n in found]
        return Progress(
            half_width=None if None in widths else max(width for width in widths if width is not None),
            n_more=None if None in missing else sum(n for n in missing if n is not None),
            least_half_width=max(model.least for model in measured if model.least is not None),
            n_models_left_out=n_left_out,
        )

    def _of_model(self, rows: "pd.DataFrame") -> _ScoredPairs:
        places: dict[Key, list[tuple[int, str]]] = defaultdict(list)
        described = zip(rows["item_id"], rows["model"], rows["repeat"].astype(int), rows["gold"], strict=True)
        for place, (item_id, model, repeat, gold) in enumerate(described):
            places[item_id, model, repeat].append((place, gold))
        names = ("gold_place", "verdict_place", "is_right", "n")
        columns = {name: rows[name].to_numpy(np.float64) for name in names}
        columns["unit"] = np.unique(rows["unit"], return_inverse=True)[1].astype(np.float64)
        as_descan = np.isin(columns["verdict_place"], _SUPPORTING).astype(np.float64)
        least = self._half_width(columns | {"n_readings": np.ones(len(rows)), "supports": as_descan})
        return _ScoredPairs(places, columns, least)

    def _measure(self, model: _ScoredPairs, read: Mapping[Key, list[str]]) -> tuple[float | None, int | None]:
        n_pairs = len(model.columns["n"])
        supports, n_readings = np.full(n_pairs, np.nan), np.zeros(n_pairs)
        n = 0
        for key, choices in read.items():
            here = model.places.get(key, ())
            n += bool(here)
            for place, gold in here:
                n_readings[place] = len(choices)
                supports[place] = choices.count(gold) / len(choices)
        half_width = self._half_width({**model.columns, "supports": supports, "n_readings": n_readings})
        return half_width, None if half_width is None else _count_missing(n, half_width, model)

    def _half_width(self, columns: Mapping[str, NDArray[np.float64]]) -> float | None:
        if not columns["n_readings"].any():
            return None
        found = estimate_verdict_shares(columns, self._confidence)
        width = float(np.max(found.high - found.low)) / 2
        return None if math.isnan(width) else width


def _count_missing(n: int, half_width: float, model: _ScoredPairs) -> int | None:
    """Return how many more readings a model needs: what they add to the least width goes with one by their number."""
    if half_width <= TARGET:
        return 0
    if model.least is None or model.least >= TARGET:
        return None
    needed = n * (half_width**2 - model.least**2) / (TARGET**2 - model.least**2)
    return max(min(math.ceil(needed), len(model.places)) - n, 0)
