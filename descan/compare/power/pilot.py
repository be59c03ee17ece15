"""What a pilot study says of the study to come: an analysis folder in, guesses out."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection
from pyarrow.dataset import dataset

from descan.compare.compare_options import CompareOptions
from descan.compare.database import open_comparison, read_sql, run_script
from descan.compare.misreading import load_counted_readings
from descan.compare.paired import Side
from descan.compare.power.guesses import Guesses
from descan.compare.power.readings import Misreading, fit_misreading
from descan.corpus.readings import choices_of
from descan.emotions import CategorySet
from descan.errors import InputError, OptionError, quote
from descan.records import Mode, Verdict

_SIDE = "SELECT *, is_right AS right_a, is_right AS value FROM trials WHERE model = ? AND mode = ?"

_PAIR = """
    SELECT item_id, unit, repeat, of_a.is_right AS right_a, of_a.is_right - of_b.is_right AS value
    FROM of_a FULL JOIN (FROM trials WHERE model = ? AND mode = ?) AS of_b USING (item_id, unit, repeat)
"""

_SUMMARY = """
    WITH known AS (FROM {values} WHERE value IS NOT NULL),
    moments AS (SELECT avg(value) AS mean, var_pop(value) AS variance FROM known),
    by_item AS (
        SELECT
            unit, item_id, count(*) AS n, avg(value) - any_value(mean) AS item_mean,
            sum(value - mean) ^ 2 - sum((value - mean) ^ 2) AS products
        FROM known CROSS JOIN moments
        GROUP BY ALL
    ),
    by_unit AS (
        SELECT unit, count(*) AS n, sum(item_mean) ^ 2 - sum(item_mean ^ 2) AS products FROM by_item GROUP BY ALL
    )
    SELECT
        (SELECT avg(right_a) FROM known),
        (SELECT avg(abs(value)) FROM known),
        (SELECT avg((value IS NULL)::INTEGER) FROM {values}),
        (SELECT sum(products) / nullif(sum(n * (n - 1)), 0) / nullif(any_value(variance), 0) FROM by_unit, moments),
        (SELECT sum(products) / nullif(sum(n * (n - 1)), 0) / nullif(any_value(variance), 0) FROM by_item, moments),
        (SELECT sum(n * n) / sum(n) FROM by_unit),
        (SELECT avg(n) FROM by_item),
        (SELECT count(*) FROM by_item),
        (SELECT count(*) FROM by_unit)
"""
"""Correlations are over all pairs: of items of a group, by the means of their repeats, and of repeats of an item."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a pilot measured of one side, or of the difference of two.

    Attributes:
        guesses: For the study to come.
        n_items: Items with a value.
        n_groups: Their groups.
        has_pairs: Whether any group has two of the items, so that their correlation is known.
        has_repeats: Whether any item has two repeats.
    """

    guesses: Guesses
    n_items: int
    n_groups: int
    has_pairs: bool
    has_repeats: bool


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a pilot study says.

    Attributes:
        a: The model and mode whose accuracy is measured.
        b: What it is compared with; None if there is nothing.
        share: Of a alone.
        pair: Of the difference of a and b; None without b.
    """

    a: Side
    b: Side | None
    share: Measured
    pair: Measured | None


def read_pilot(
    folder: Path,
    options: CompareOptions,
    *,
    model: str | None = None,
    other: str | None = None,
    mode: str | None = None,
) -> Pilot:
    """Measure what a study needs from an analysis.

    Args:
        folder: Of the analysis.
        options: How it was compared.
        model: The model; by default the one whose accuracy is nearest to one half, which needs most items.
        other: The model that it is compared with; by default it is compared with itself in another mode: its
            descriptions with its labels.
        mode: The mode of the answers; by default that of the label, or descriptions where there are no labels.

    Raises:
        OptionError: If the analysis has no such model or mode.
        InputError: If it has no answer to an item with gold.
    """
    with open_comparison(folder, options) as connection:
        for script in ("rules", "pairs"):
            run_script(connection, script)
        connection.execute(f"CREATE TABLE trials AS {read_sql('trials')}")
        accuracies = _read_accuracies(connection, folder)
        a = _choose_side(accuracies, str(options.label_mode), model, mode)
        b = _choose_other(accuracies, str(options.label_mode), a, other)
        connection.execute(f"CREATE TABLE of_a AS {_SIDE}", [*a])
        share = _measure(connection, "of_a", is_pair=False)
        if b is None:
            return Pilot(a, None, share, None)
        connection.execute(f"CREATE TABLE of_pair AS {_PAIR}", [*b])
        [(n_pairs,)] = connection.execute("SELECT count(value) FROM of_pair").fetchall()
        return (
            Pilot(a, b, share, _measure(connection, "of_pair", is_pair=True))
            if n_pairs
            else Pilot(a, None, share, None)
        )


def read_misreading(
    folder: Path, categories: CategorySet, model: str, stated: float | None
) -> tuple[Misreading, int, float]:
    """Say what people would read in a model's descriptions, and how descan misreads them, from an analysis.

    Args:
        folder: Of the analysis.
        categories: Its category set.
        model: The model.
        stated: The share of descriptions that descan misreads; None to take the readings that the analysis rests on.

    Returns:
        What is assumed, the number of items with gold, and the share of these that have no verdict.

    Raises:
        OptionError: If there are no readings and nothing is stated.
        InputError: If the model has no verdict.
    """
    choices = choices_of(categories)
    confusion = load_counted_readings(folder / "tables" / "misreading.csv", choices) if stated is None else stated
    if confusion is None:
        raise OptionError("misreading", "must be given: the pilot has no human readings, nor are there any for it")
    path = folder / "verdicts.parquet"
    of_model = (pc.field("model") == model) & pc.field("gold").is_valid()
    columns = {name: pc.field(name) for name in ("gold", "label", "described", "verdict")}
    verdicts = dataset(path)
    weight = pc.field("weight") if "weight" in verdicts.schema.names else pc.scalar(1.0)  # Older ones have no repeats.
    rows = verdicts.to_table(columns | {"weight": weight}, filter=of_model)
    counted = rows.group_by([*columns]).aggregate([("weight", "sum")]).to_pylist()
    n_items = round(float(sum(row["weight_sum"] for row in counted)))
    described = np.zeros((len(categories), 2, len(choices)))
    for row in counted:
        if row["verdict"] != Verdict.UNSCORED:
            is_right = int(row["label"] == row["gold"])
            place = choices.index(row["gold"]), is_right, choices.index(row["described"])
            described[place] += row["weight_sum"]
    n_scored = round(float(described.sum()), 6)
    if not n_scored:
        raise InputError(path, f"has no verdict of {quote(model)}; use another model or pilot")
    return fit_misreading(described, confusion, choices), n_items, 1 - n_scored / n_items


def _read_accuracies(connection: DuckDBPyConnection, folder: Path) -> dict[Side, float]:
    query = "SELECT model, mode, avg(is_right) FROM trials GROUP BY ALL HAVING count(is_right) > 0 ORDER BY ALL"
    found = {Side(model, mode): accuracy for model, mode, accuracy in connection.execute(query).fetchall()}
    if not found:
        raise InputError(folder, "has no answer with a category to an item with gold; use another pilot")
    return found


def _choose_side(accuracies: dict[Side, float], label_mode: str, model: str | None, mode: str | None) -> Side:
    modes = {side.mode for side in accuracies}
    chosen = mode or (label_mode if label_mode in modes else str(Mode.DESCRIBE))
    if chosen not in modes:
        raise OptionError("mode", f"{quote(chosen)} has no answers in the pilot; use one of {', '.join(sorted(modes))}")
    sides = [side for side in accuracies if side.mode == chosen]
    if model is not None:
        return _find_model(sides, "model", model)
    return min(sides, key=lambda side: (abs(accuracies[side] - 0.5), side))


def _choose_other(accuracies: dict[Side, float], label_mode: str, a: Side, other: str | None) -> Side | None:
    if other is not None:
        return _find_model([side for side in accuracies if side.mode == a.mode and side != a], "other_model", other)
    mode = label_mode if a.mode == Mode.DESCRIBE else str(Mode.DESCRIBE)
    return next((side for side in accuracies if side == Side(a.model, mode)), None)


def _find_model(sides: list[Side], option: str, model: str) -> Side:
    for side in sides:
        if side.model == model:
            return side
    models = ", ".join(quote(side.model) for side in sides)
    raise OptionError(option, f"{quote(model)} is not in the pilot; it has {models or 'no other'}")


def _measure(connection: DuckDBPyConnection, values: str, *, is_pair: bool) -> Measured:
    """Return what a table with any known value says."""
    [row] = connection.execute(_SUMMARY.format(values=values)).fetchall()
    accuracy, discordance, missing, icc, of_repeats, group_size, repeats, n_items, n_groups = (
        np.nan if value is None else float(value) for value in row
    )
    has_pairs, has_repeats = bool(n_items > n_groups), bool(repeats > 1)
    of_repeats = min(max(of_repeats, 0.0), 1.0) if of_repeats == of_repeats else 1.0
    icc = min(max(icc, 0.0), of_repeats) if icc == icc else 0.0
    guesses = Guesses(
        accuracy=accuracy,
        discordance=discordance if is_pair else None,
        group_size=max(1, round(group_size)),
        icc=icc,
        missing=min(missing, 0.99),
        repeats=max(1, round(repeats)),
        repeat_correlation=of_repeats,
    )
    return Measured(guesses, int(n_items), int(n_groups), has_pairs, has_repeats)
