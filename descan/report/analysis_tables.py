"""The folder of an analysis, as the report reads it: tables as frames, the run, the models by name."""

import csv
import glob
import io
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from descan.emotions import CategorySet
from descan.errors import InputError, explain_os_error, quote
from descan.lexicon import load_category_set, run_category_set
from descan.storage.parquet_database import find_records
from descan.storage.publishing import RUN_FILE
from descan.terminal import plain

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]
"""Of a table."""

_FLOWS = """
    SELECT model, gold, coalesce(described, '') AS described, coalesce(label, '') AS label,
        round(sum(weight::DECIMAL(18, 9)), 6)::DOUBLE AS n
    FROM read_parquet(?)
    WHERE gold IS NOT NULL
    GROUP BY ALL
    ORDER BY ALL
"""


_OVERRIDDEN = "SELECT count(*)::DOUBLE AS n FROM read_parquet(?) WHERE read_by = 'people'"


@dataclass(frozen=True, slots=True)
class AnalysisTables:
    """What an analysis found. Frames are read when asked for, and kept.

    A model has the same name in all frames: that of its answers, with control characters as escapes, or that which
    `of_models` gives it.

    Attributes:
        folder: The folder of the analysis.
        run: What its `run.json` holds.
        models: The names of all models, in the order of the tables.
        categories: The category set.
    """

    folder: Path
    run: Mapping[str, Any]
    models: tuple[str, ...]
    _frames: dict[str, "pd.DataFrame"] = field(default_factory=dict, repr=False, compare=False)
    categories: CategorySet = field(default_factory=load_category_set)
    _whole: "AnalysisTables | None" = field(default=None, repr=False, compare=False)
    _names: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def of_models(self, names: Mapping[str, str]) -> "AnalysisTables":
        """Return the tables of some models: each table is restricted to them when it is asked for.

        Args:
            names: Model -> what it is called, in the order to be shown.
        """
        models = tuple(names.values())
        return AnalysisTables(self.folder, self.run, models, {}, self.categories, self, names)

    def __getitem__(self, name: str) -> "pd.DataFrame":
        """Return `tables/NAME.csv`; undefined numbers are NaN, empty texts "".

        Raises:
            InputError: If the analysis has no such table.
        """
        if name not in self._frames:
            self._frames[name] = (
                _read_frame(self.folder / "tables" / f"{name}.csv", self.models)
                if self._whole is None
                else _of_models(self._whole[name], self._names)
            )
        return self._frames[name]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of `tables/NAME.csv` as plain values."""
        rows: list[dict[str, Any]] = self[name].to_dict("records")
        return rows

    def overall(self, name: str) -> list[dict[str, Any]]:
        """Return the rows over all items of a table that also has rows of each gold category."""
        return [row for row in self.rows(name) if row["gold"] == "all"]

    @property
    def flows(self) -> "pd.DataFrame":
        """Items with gold counted by model, gold, described and label ("" where there is none): column `n`."""
        if self._whole is not None:
            return _of_models(self._whole.flows, self._names)
        if "flows" not in self._frames:
            columns = ("model", "gold", "described", "label")
            flows = _query(_FLOWS, self.folder / "verdicts.parquet", *columns, numbers=["weight"])
            n = flows["n"].astype(int) if (flows["n"] % 1 == 0).all() else flows["n"]
            self._frames["flows"] = flows.assign(model=flows["model"].map(plain), n=n)
        return self._frames["flows"]

    def described_support(self) -> list[dict[str, Any]]:
        """Return how often descriptions support gold by the rule that verdicts follow: a row for each model."""
        return [row for row in self.rows("support") if (row["evidence"], row["support"]) == ("described", self.support)]

    def contrasts(self, name: str) -> list[dict[str, Any]]:
        """Return a contrast by the rule that verdicts follow: a row for each model that has it."""
        return [row for row in self.rows("contrasts") if (row["contrast"], row["support"]) == (name, self.support)]

    def count_overridden(self) -> int:
        """Return the number of descriptions in which people's readings stand in the place of descan's."""
        if not self.run.get("options", {}).get("override"):
            return 0
        return int(_query(_OVERRIDDEN, self.folder / "readings.parquet", "read_by")["n"][0])

    @property
    def has_witnesses(self) -> bool:
        """Whether witnesses say which action units the faces show."""
        return (self.folder / "tables" / "actions_witnessed.csv").exists()

    @property
    def has_decided(self) -> bool:
        """Whether models were asked about each action and category."""
        return (self.folder / "tables" / "said_or_seen.csv").exists()

    @property
    def has_readers(self) -> bool:
        """Whether others than descan have read descriptions."""
        return bool(self.rows("readers"))

    def mode_tests(self) -> list[dict[str, Any]]:
        """Return the tests of describe against the label mode: a row for each model that was asked both.

        There is no difference where no item has a category in both.
        """
        chosen = ("modes", self.label_mode)
        return [row for row in self.rows("tests") if (row["comparison"], row["mode_b"]) == chosen and row["n_asked"]]

    def count_answers(self) -> dict[str, int]:
        """Return the number of answers of each mode."""
        counts: dict[str, int] = self["answers"].groupby("mode", sort=False)["n_answers"].sum().to_dict()
        return counts

    def count_unscored(self) -> dict[str, int]:
        """Return for how many pairs of item and model each reason holds that there is no verdict; most first."""
        counts = self["unscored"].groupby("reason", sort=False)["n"].sum()
        found: dict[str, int] = counts.sort_values(ascending=False, kind="stable").to_dict()
        return found

    def count_off_list(self) -> dict[str, int]:
        """Return how often each reply was off the list; most first."""
        counts = self["off_list"].groupby("reply", sort=False)["n"].sum()
        found: dict[str, int] = counts.sort_values(ascending=False, kind="stable").to_dict()
        return found

    @property
    def n_pairs(self) -> int:
        """Pairs of item and model in all."""
        return round(float(sum(row["n"] for row in self.overall("verdicts"))))

    @property
    def left_out(self) -> dict[str, int]:
        """What was left out while loading: reason -> count."""
        return {reason: n for reason, n in self.run.get("left_out", {}).items() if n}

    @property
    def label_mode(self) -> str:
        """The mode whose answers give the label."""
        return str(self.run.get("options", {}).get("label_mode", "classify"))

    @property
    def support(self) -> str:
        """The rule that verdicts follow: strict or lenient."""
        return str(self.run.get("options", {}).get("support", "strict"))

    @property
    def primary(self) -> Row | None:
        """The row of the primary endpoint, if one was named."""
        rows = [*self.rows("contrasts"), *self.rows("tests")] if self.run.get("options", {}).get("primary") else []
        return next((row for row in rows if row["family"] == "primary"), None)

    @property
    def margin(self) -> float:
        """Differences below this share are of no importance."""
        return float(self.run.get("options", {}).get("margin", 0.05))

    @property
    def min_coverage(self) -> float:
        """Where answers of a smaller share of the items name a category, accuracy is not shown."""
        return float(self.run.get("options", {}).get("min_coverage", 0.5))

    def is_covered(self, test: Row) -> bool:
        """Say whether enough items have a category on both sides of a test of accuracy."""
        n_items, n_left_out = test["n_items"], test["n_left_out"]
        return bool(n_items and n_items >= self.min_coverage * (n_items + n_left_out))

    @property
    def confidence(self) -> float:
        """What intervals aim to cover: 0.95, for instance."""
        return float(self.run.get("options", {}).get("confidence", 0.95))


def _of_models(frame: "pd.DataFrame", names: Mapping[str, str]) -> "pd.DataFrame":
    """Return the rows of some models, in their order and by the names that they are given."""
    # Rows without a model are of all.
    places = {"": -1} | {model: place for place, model in enumerate(names)}
    if "model" in frame.columns:
        frame = frame[frame["model"].isin(list(places))]
        frame = frame.sort_values("model", key=lambda models: models.map(places), kind="stable", ignore_index=True)
    elif "model_a" in frame.columns:
        frame = frame[frame["model_a"].isin(names) & frame["model_b"].isin(names)]
    columns = frame.columns.intersection(["model", "model_a", "model_b"])
    return frame.assign(**{column: frame[column].map(lambda name: names.get(name, name)) for column in columns})


def describe_set(categories: CategorySet) -> str:
    """Return name and categories of a set that is not the default one, else nothing."""
    is_default = categories == load_category_set()
    return "" if is_default else f"{plain(categories.name)} ({', '.join(categories.names)})"


def tell_uncorrected(tables: AnalysisTables) -> str:
    """Say that verdicts are not corrected because nobody knows how often descan misreads into these categories."""
    scored = [row for row in tables.overall("misreading_verdicts") if row["n_scored"]]
    if tables.categories == load_category_set() or not scored or any(row["confusion"] != "none" for row in scored):
        return ""
    name = plain(tables.categories.name)
    return f"how often descan misreads is not known for the category set {name}; --human-readings would tell"


class _Named(BaseModel):
    name: str = ""


class _Options(BaseModel):
    label_mode: Literal["classify", "classify6", "two_stage", "decide"] = "classify"
    support: Literal["strict", "lenient"] = "strict"
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
    primary: str | None = None
    margin: Annotated[float, Field(gt=0, le=1)] = 0.05
    min_coverage: Annotated[float, Field(ge=0, le=1)] = 0.5
    weights: dict[str, Any] = {}


class _Prompts(BaseModel):
    several: dict[str, dict[str, Annotated[int, Field(ge=0)]]] = {}


class _Run(BaseModel):
    """What is used of `run.json`; other versions may have more or less in it."""

    model_config = ConfigDict(strict=True)

    descan: str = ""
    versions: dict[str, str] = {}
    corpus: _Named = _Named()
    embedder: _Named = _Named()
    seed: Annotated[int, Field(ge=0)] = 0
    category_set: dict[str, Any] = {}
    options: _Options = _Options()
    counts: dict[str, Annotated[int, Field(ge=0)]] = {}
    left_out: dict[str, Annotated[int, Field(ge=0)]] = {}
    languages: dict[str, dict[str, Annotated[int, Field(ge=0)]]] = {}
    prompts: _Prompts = _Prompts()


def load_run(folder: Path) -> dict[str, Any]:
    """Return what `run.json` of an analysis holds.

    Raises:
        InputError: If it is not there, or not as `descan analyze` writes it.
    """
    path = folder / RUN_FILE
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        _Run.model_validate(run)
    except FileNotFoundError:
        raise _absent(path) from None
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        problem = f"{where} {quote(first['input'])} is not allowed: {first['msg']}" if where else "is not a JSON object"
        raise InputError(path, f"{problem}; `descan analyze` writes it") from None
    except (ValueError, RecursionError) as error:
        raise InputError(path, f"is not JSON: {quote(str(error))}; `descan analyze` writes it") from None
    return cast("dict[str, Any]", run)


def check_tables(folder: Path) -> None:
    """Check that the tables of an analysis are whole, with the columns and numbers that the report uses.

    Raises:
        InputError: If one is missing or damaged.
    """
    for name, columns in _table_columns().items():
        path = folder / "tables" / f"{name}.csv"
        if path.exists() or not columns.get("optional"):
            _check_table(path, columns["numbers"], columns["texts"])


def _check_table(path: Path, numbers: Sequence[str], texts: Sequence[str]) -> None:
    rows = csv.reader(_open_table(path), strict=True)
    try:
        header = next(rows)
        if missing := [name for name in (*texts, *numbers) if name not in header]:
            raise InputError(path, f"column {', '.join(missing)} is missing; `descan analyze` writes it", 1)
        places = [(name, header.index(name)) for name in numbers]
        for row in rows:
            if len(row) != len(header):
                problem = f"has {len(row)} cells, not {len(header)}; `descan analyze` writes the table"
                raise InputError(path, problem, rows.line_num)
            for name, place in places:
                if not _is_number(row[place]):
                    problem = f"{name} {quote(row[place])} is not a number; `descan analyze` writes the table"
                    raise InputError(path, problem, rows.line_num)
    except csv.Error as error:
        raise InputError(path, f"is not a CSV table: {error}; `descan analyze` writes it", rows.line_num) from None


@cache
def _table_columns() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files("descan.report").joinpath("table_columns.toml").read_text("utf-8"))


def _open_table(path: Path) -> io.StringIO:
    try:
        content = path.read_bytes().decode()
    except FileNotFoundError:
        raise _absent(path) from None
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 at byte {error.start}; `descan analyze` writes the table"
        raise InputError(path, problem) from None
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error
    if not content.endswith("\n"):
        problem = "the table is cut off" if content else "the table is empty"
        raise InputError(path, f"{problem}; `descan analyze` writes it")
    return io.StringIO(content, newline="")


def _is_number(cell: str) -> bool:
    try:
        return not cell or math.isfinite(float(cell))
    except ValueError:
        return False


def read_analysis(folder: Path) -> AnalysisTables:
    """Open the folder that `descan analyze` wrote.

    Raises:
        InputError: If it is not such a folder.
    """
    return open_tables(folder, load_run(folder))


def open_tables(folder: Path, run: Mapping[str, Any]) -> AnalysisTables:
    """Open the tables of an analysis; `run` is what its `run.json` holds or will hold."""
    query = "SELECT DISTINCT model FROM read_parquet(?) ORDER BY model"
    models = tuple(_query(query, folder / "answers.parquet", "model")["model"].map(plain))
    return AnalysisTables(folder, run, models, categories=run_category_set(run, folder / RUN_FILE))


def _query(query: str, path: Path, *texts: str, numbers: Sequence[str] = ()) -> "pd.DataFrame":
    """Run a query over a record that must have some columns of text and some of numbers."""
    import duckdb
    import pyarrow as pa

    columns = [(name, pa.string()) for name in texts] + [(name, pa.float64()) for name in numbers]
    [record] = find_records(path.parent, {path.stem: pa.schema(columns)}).values()
    try:
        return duckdb.execute(query, [[glob.escape(str(part)) for part in record.paths]]).df()
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        problem = f"cannot be read: {str(error).partition(chr(10))[0]}; `descan analyze` writes it"
        raise InputError(path, problem) from error


def _read_frame(path: Path, models: tuple[str, ...]) -> "pd.DataFrame":
    import pandas as pd

    # Texts are read as they stand: a model may be called NA or 007.
    texts = _table_columns().get(path.stem, {}).get("texts", [])
    try:
        frame = pd.read_csv(path, dtype=dict.fromkeys(texts, str), keep_default_na=False, na_values=[""])
    except FileNotFoundError:
        raise _absent(path) from None
    for column in frame.columns.intersection(texts):
        frame[column] = frame[column].fillna("").map(plain)
    # The tables put a quote before a name that a spreadsheet would run.
    names = {f"'{model}": model for model in models} | {model: model for model in models}
    for column in frame.columns.intersection(["model", "model_a", "model_b"]):
        frame[column] = frame[column].map(lambda name: names.get(name, name))
    return frame


def _absent(path: Path) -> InputError:
    return InputError(path, "there is no such file; `descan analyze` writes it")
