"""The folder of an analysis, as the report reads it: tables as frames, the run, the models by name."""

import glob
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descan.errors import InputError
from descan.storage.parquet import parquet_files
from descan.storage.publishing import RUN_FILE
from descan.terminal import plain

if TYPE_CHECKING:
    import pandas as pd

_TEXT_COLUMNS = (
    *("model", "gold", "verdict", "detail", "mode", "predicted", "category", "term", "action", "region", "aus"),
    *("evidence", "support", "interval", "reason", "categories", "described", "label", "rule", "item_id"),
)
"""Read as they stand: a model may be called NA or 007."""

_FLOWS = """
    SELECT model, gold, coalesce(described, '') AS described, coalesce(label, '') AS label, count(*) AS n
    FROM read_parquet(?)
    WHERE gold IS NOT NULL
    GROUP BY ALL
    ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class AnalysisTables:
    """What an analysis found. Frames are read when asked for, and kept.

    A model has the same name in all frames: that of its answers, with control characters as escapes.

    Attributes:
        folder: The folder of the analysis.
        run: What its `run.json` holds.
        models: The names of all models, in the order of the tables.
    """

    folder: Path
    run: Mapping[str, Any]
    models: tuple[str, ...]
    _frames: dict[str, "pd.DataFrame"] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, name: str) -> "pd.DataFrame":
        """Give `tables/NAME.csv`; undefined numbers are NaN, empty texts "".

        Raises:
            InputError: If the analysis has no such table.
        """
        if name not in self._frames:
            self._frames[name] = _read_frame(self.folder / "tables" / f"{name}.csv", self.models)
        return self._frames[name]

    @property
    def flows(self) -> "pd.DataFrame":
        """Items with gold counted by model, gold, described and label ("" where there is none): column `n`."""
        if "flows" not in self._frames:
            self._frames["flows"] = _count_flows(self.folder / "verdicts.parquet")
        return self._frames["flows"]

    @property
    def label_mode(self) -> str:
        """The mode whose answers give the label."""
        return str(self._options.get("label_mode", "classify"))

    @property
    def support(self) -> str:
        """The rule that verdicts follow: strict or lenient."""
        return str(self._options.get("support", "strict"))

    @property
    def confidence(self) -> float:
        """What intervals aim to cover: 0.95, for instance."""
        return float(self._options.get("confidence", 0.95))

    @property
    def _options(self) -> Mapping[str, Any]:
        options = self.run.get("options")
        return options if isinstance(options, Mapping) else {}


def read_analysis(folder: Path) -> AnalysisTables:
    """Open the folder that `descan analyze` wrote.

    Raises:
        InputError: If it is not such a folder.
    """
    path = folder / RUN_FILE
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _absent(path) from None
    except ValueError as error:
        raise InputError(path, f"is not JSON: {error}") from None
    if not isinstance(run, dict):
        raise InputError(path, "does not hold a JSON object")
    return open_tables(folder, run)


def open_tables(folder: Path, run: Mapping[str, Any]) -> AnalysisTables:
    """Open the tables of an analysis; `run` is what its `run.json` holds or will hold."""
    return AnalysisTables(folder, run, _read_models(folder / "answers.parquet"))


def _read_models(path: Path) -> tuple[str, ...]:
    import duckdb

    paths = [glob.escape(str(part)) for part in parquet_files(path)]
    rows = duckdb.execute("SELECT DISTINCT model FROM read_parquet(?) ORDER BY model", [paths]).fetchall()
    return tuple(plain(model) for (model,) in rows)


def _read_frame(path: Path, models: tuple[str, ...]) -> "pd.DataFrame":
    import pandas as pd

    try:
        columns = pd.read_csv(path, nrows=0).columns
    except FileNotFoundError:
        raise _absent(path) from None
    texts = [column for column in columns if column in _TEXT_COLUMNS]
    frame = pd.read_csv(
        path,
        dtype=dict.fromkeys(texts, str),
        keep_default_na=False,
        na_values={column: [""] for column in columns if column not in texts},
    )
    for column in texts:
        frame[column] = frame[column].map(plain)
    if "model" in texts:
        # The tables put a quote before a name that a spreadsheet would run.
        names = {f"'{model}": model for model in models} | {model: model for model in models}
        frame["model"] = frame["model"].map(lambda name: names.get(name, name))
    return frame


def _count_flows(path: Path) -> "pd.DataFrame":
    import duckdb

    paths = [glob.escape(str(part)) for part in parquet_files(path)]
    frame = duckdb.execute(_FLOWS, [paths]).df()
    frame["model"] = frame["model"].map(plain)
    return frame


def _absent(path: Path) -> InputError:
    return InputError(path, "there is no such file; `descan analyze` writes it")
