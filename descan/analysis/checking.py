"""Whether the numbers of an analysis meet conditions, for programs that go on or stop by them."""

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from descan.analysis.results import Analysis, open_analysis
from descan.errors import InputError, OptionError, check_number, quote
from descan.lexicon import describe_problem
from descan.report.analysis_tables import AnalysisTables, open_tables
from descan.storage.toml_files import load_toml
from descan.terminal import plain

if TYPE_CHECKING:
    import pandas as pd

MIN_N = 10
"""A share of fewer items says little, so a condition on it is not met."""

_MODEL = "model"
_COUNTS = ("n_used", "n_scored", "n_descriptions", "n_items", "n_pairs", "n")
"""Columns with how many items a number is of; the first that a table has."""
_INTERVALS = ("{column}", "share", "")
"""What the columns `..._low` and `..._high` of an interval begin with; the first that a table has."""


class By(StrEnum):
    """What of a number must meet a condition.

    Attributes:
        VALUE: The number itself.
        INTERVAL: Its interval as a whole: the low end must reach a minimum, the high end keep to a maximum.
    """

    VALUE = "value"
    INTERVAL = "interval"


class Of(StrEnum):
    """Which models must meet a condition: every one, or any one of them."""

    EVERY = "every"
    ANY = "any"


class Condition(BaseModel):
    """A table `[[conditions]]` of a file of conditions: what rows of a table must keep to.

    Attributes:
        table: The name of a table in `tables/`.
        column: The column with the number.
        where: Column -> value: only these rows.
        min: The least number that is allowed, or None.
        max: The greatest number that is allowed, or None.
        model: The models that it holds for; all if empty.
        models: Whether every model must meet it, or any one.
        by: What must meet it; None for what holds for all conditions.
        min_n: The least number of items; None for what holds for all conditions.
        name: What it is called in messages, if not after table and column.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    table: Annotated[str, Field(min_length=1)]
    column: Annotated[str, Field(min_length=1)]
    where: dict[str, str | int | float | bool] = {}
    min: Annotated[float, Field(allow_inf_nan=False)] | None = None
    max: Annotated[float, Field(allow_inf_nan=False)] | None = None
    model: list[str] = []
    models: Annotated[Of, Field(strict=False)] = Of.EVERY
    by: Annotated[By, Field(strict=False)] | None = None
    min_n: Annotated[int, Field(ge=0)] | None = None
    name: str = ""

    @model_validator(mode="after")
    def _has_a_limit(self) -> "Condition":
        if self.min is None and self.max is None:
            raise ValueError("has neither min nor max; give it one")
        return self

    @property
    def title(self) -> str:
        """What it is called in messages."""
        filters = ", ".join(str(value) for key, value in self.where.items() if key not in ("gold", "category", "split"))
        return self.name or f"{self.table}.{self.column}" + (f" ({filters})" if filters else "")


class ConditionFile(BaseModel):
    """A file of conditions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    conditions: Annotated[list[Condition], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Checked:
    """One number and whether it meets its condition.

    Attributes:
        condition: What the condition is called.
        model: The model, or what else tells the row; empty if there is no row.
        value: The number; NaN if it is not defined.
        low: The low end of its interval, or NaN.
        high: The high end, or NaN.
        n: The items that it is of, or NaN.
        min: The least number that is allowed, or None.
        max: The greatest, or None.
        is_met: Whether it meets the condition.
        reason: Why it does not; empty if it does.
    """

    condition: str
    model: str
    value: float
    low: float
    high: float
    n: float
    min: float | None
    max: float | None
    is_met: bool
    reason: str

    def __str__(self) -> str:
        """Return the number with its interval and n, and why it fails, in one line."""
        found = "undefined" if math.isnan(self.value) else f"{self.value:.3f}"
        if not math.isnan(self.low):
            found += f" ({self.low:.3f} to {self.high:.3f})"
        if not math.isnan(self.n):
            found += f", n {self.n:,g}"
        limits = [] if self.min is None else [f"at least {self.min:g}"]
        limits += [] if self.max is None else [f"at most {self.max:g}"]
        of = f" of {plain(self.model)}" if self.model else ""
        why = f": {self.reason}" if self.reason else ""
        return f"{'met' if self.is_met else 'not met'}: {self.condition}{of} is {found}; {' and '.join(limits)}{why}"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Whether an analysis meets all conditions.

    Attributes:
        numbers: Every number that was looked at, in the order of the conditions and tables.
        passed: Whether all conditions are met.
        failed: The names of the conditions that are not.
    """

    numbers: tuple[Checked, ...]
    passed: bool
    failed: tuple[str, ...]

    @property
    def frame(self) -> "pd.DataFrame":
        """The numbers as a frame, a row each. Shape: (n_numbers, 10)."""
        import pandas as pd

        names = list(Checked.__dataclass_fields__)
        return pd.DataFrame([[getattr(one, name) for name in names] for one in self.numbers], columns=names)

    def __str__(self) -> str:
        """Return a line for each number, and one that says whether all conditions are met."""
        end = "all conditions are met" if self.passed else f"failed: {', '.join(self.failed)}"
        return "\n".join([*map(str, self.numbers), end])


def check(
    analysis: Analysis | Path | str,
    *,
    min_accuracy: float | None = None,
    min_uar: float | None = None,
    min_support: float | None = None,
    min_right: float | None = None,
    max_seeing_failure: float | None = None,
    max_labeling_failure: float | None = None,
    max_missing: float | None = None,
    conditions: Path | str | Sequence[Condition | Mapping[str, Any]] = (),
    models: Sequence[str] = (),
    by: By | str = By.VALUE,
    min_n: int = MIN_N,
) -> CheckResult:
    """Check whether the numbers of an analysis meet conditions.

    A number that is not defined, is of fewer than `min_n` items, or is not in the tables does not meet its condition.

    Args:
        analysis: An analysis, or its folder.
        min_accuracy: Least accuracy of the labels, 0 to 1 as all that follow.
        min_uar: Least mean recall of the labels over the categories.
        min_support: Least share of descriptions that support gold.
        min_right: Least share of scored items that are `right`.
        max_seeing_failure: Greatest share of scored items that are `seeing_failure`.
        max_labeling_failure: Greatest share of scored items that are `labeling_failure`.
        max_missing: Greatest share of items with gold whose classify answer names no category.
        conditions: Further conditions: a TOML file with tables `[[conditions]]`, or such tables as mappings.
        models: The models that must meet the conditions; all if empty.
        by: Whether the number itself must meet a condition (value), or its interval as a whole (interval).
        min_n: The least number of items that a number must be of.

    Returns:
        Every number with its interval and n, and whether all conditions are met.

    Raises:
        OptionError: If an option has a value that is not allowed, or there is no condition.
        InputError: If the folder is no analysis, or a condition names a table or column that is not there.
    """
    analysis = open_analysis(analysis)
    tables = open_tables(analysis.folder, analysis.run)
    limits = {
        "min_accuracy": min_accuracy,
        "min_uar": min_uar,
        "min_support": min_support,
        "min_right": min_right,
        "max_seeing_failure": max_seeing_failure,
        "max_labeling_failure": max_labeling_failure,
        "max_missing": max_missing,
    }
    if by not in list(By):
        raise OptionError("by", f"must be one of {', '.join(By)}, not {quote(by)}")
    check_number("min_n", min_n, 0)
    for model in models:
        if model not in tables.models:
            known = ", ".join(map(plain, tables.models))
            raise OptionError("models", f"has {quote(model)}, which is not in the analysis; use some of {known}")
    chosen = [*_named(limits, tables), *_given(conditions)]
    if not chosen:
        raise InputError(None, "there is no condition to check; give a limit, or a file of conditions")
    found = [(one, list(_check_condition(one, tables, models, By(by), min_n))) for one in chosen]
    failed = tuple(one.title for one, numbers in found if not _is_met(one, numbers))
    return CheckResult(tuple(number for _, numbers in found for number in numbers), not failed, failed)


def _named(limits: Mapping[str, float | None], tables: AnalysisTables) -> Iterator[Condition]:
    """Yield the conditions that have an option of their own."""
    scores = tables.rows("scores")
    words = {
        "{label_mode}": tables.label_mode,
        "{support}": tables.support,
        "{whole}": str(scores[0]["categories"]) if scores else "",
    }
    for name, limit in limits.items():
        if limit is not None:
            check_number(name, limit, 0, 1, is_whole=False)
            gate = _load_gates()[name]
            where = {column: words.get(value, value) for column, value in gate["where"].items()}
            side, _, title = name.partition("_")
            yield Condition.model_validate({**gate, "where": where, side: float(limit), "name": title})


def _given(conditions: Path | str | Sequence[Condition | Mapping[str, Any]]) -> list[Condition]:
    if isinstance(conditions, Path | str):
        path = Path(conditions)
        try:
            return ConditionFile.model_validate(load_toml(path)).conditions
        except ValidationError as error:
            raise InputError(path, describe_problem(error, ConditionFile)) from error
    try:
        return [one if isinstance(one, Condition) else Condition.model_validate(dict(one)) for one in conditions]
    except ValidationError as error:
        raise OptionError("conditions", f"are not allowed: {describe_problem(error, Condition)}") from error


def _check_condition(
    condition: Condition, tables: AnalysisTables, models: Sequence[str], by: By, min_n: int
) -> Iterator[Checked]:
    frame = _table(condition.table, tables)
    for column in (condition.column, *condition.where):
        if column not in frame.columns:
            known = ", ".join(frame.columns)
            raise InputError(None, f"table {condition.table} has no column {quote(column)}; use one of {known}")
    by, min_n = condition.by or by, min_n if condition.min_n is None else condition.min_n
    wanted = condition.model or models
    rows = [row for row in frame.to_dict("records") if _is_chosen(row, condition.where, wanted)]
    for row in rows:
        yield _check_row(condition, row, _name_row(row, rows), by, min_n)
    missing = [model for model in wanted if _MODEL in frame.columns and model not in {row[_MODEL] for row in rows}]
    if missing or not rows:
        told = (f"{column} {value}" if str(value) else f"no {column}" for column, value in condition.where.items())
        where = ", ".join(told)
        reason = f"the table {condition.table} has no row{f' with {where}' if where else ''}"
        for model in missing or [""]:
            nan = math.nan
            yield Checked(condition.title, model, nan, nan, nan, nan, condition.min, condition.max, False, reason)


def _is_chosen(row: Mapping[str, Any], where: Mapping[str, object], models: Sequence[str]) -> bool:
    if models and row.get(_MODEL, models[0]) not in models:
        return False
    return all(str(row[column]) == str(value) for column, value in where.items())


def _check_row(condition: Condition, row: Mapping[str, Any], name: str, by: By, min_n: int) -> Checked:
    value, low, high = _number(row[condition.column]), *_interval(row, condition.column)
    n = next((_number(row[column]) for column in _COUNTS if column in row), math.nan)
    least, most = (low, high) if by is By.INTERVAL else (value, value)
    if math.isnan(value):
        reason = "it is not defined"
    elif n < min_n:
        reason = f"it is of fewer than {min_n:,} items"
    elif math.isnan(least) or math.isnan(most):
        reason = "it has no interval"
    elif condition.min is not None and least < condition.min:
        reason = "the low end of the interval is below" if by is By.INTERVAL else "it is below"
    elif condition.max is not None and most > condition.max:
        reason = "the high end of the interval is above" if by is By.INTERVAL else "it is above"
    else:
        reason = ""
    return Checked(condition.title, name, value, low, high, n, condition.min, condition.max, not reason, reason)


def _interval(row: Mapping[str, Any], column: str) -> tuple[float, float]:
    for prefix in _INTERVALS:
        start = prefix.format(column=column)
        ends = [f"{start}_{end}" if start else end for end in ("low", "high")]
        if all(end in row for end in ends):
            return _number(row[ends[0]]), _number(row[ends[1]])
    return math.nan, math.nan


def _number(cell: object) -> float:
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def _name_row(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the model, and the texts in which the rows of this model differ."""
    of_model = [other for other in rows if other.get(_MODEL) == row.get(_MODEL)]
    texts = [column for column, cell in row.items() if isinstance(cell, str) and column != _MODEL]
    differing = [str(row[column]) for column in texts if len({other[column] for other in of_model}) > 1]
    return ", ".join([str(row[_MODEL])] * (_MODEL in row) + differing)


def _is_met(condition: Condition, numbers: Sequence[Checked]) -> bool:
    met = [number.is_met for number in numbers]
    return any(met) if condition.models is Of.ANY else all(met)


def _table(name: str, tables: AnalysisTables) -> "pd.DataFrame":
    known = sorted(path.stem for path in (tables.folder / "tables").glob("*.csv"))
    if name not in known:
        raise InputError(None, f"the analysis has no table {quote(name)}; use one of {', '.join(known)}")
    return tables[name]


@lru_cache(maxsize=1)
def _load_gates() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files("descan.analysis").joinpath("gates.toml").read_text(encoding="utf-8"))
