"""A DuckDB over the Parquet files of two analyses, with a row for each item and pair of models."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from descan.compare.changes.models import ModelPairs, pair_models
from descan.compare.database import run_script, set_categories
from descan.emotions import CategorySet
from descan.errors import InputError, quote
from descan.records import Verdict
from descan.storage.parquet import parquet_files
from descan.storage.parquet_database import Record, find_records, open_database
from descan.storage.schemas import ANSWERS, ITEMS, LABELS, MENTIONS, READINGS, VERDICTS, VERDICTS_OF_ITEMS

MEMORY_GB = 0.5
"""What queries may hold at first; beyond it they go on in a file."""


def _only(schema: pa.Schema, *names: str) -> pa.Schema:
    return pa.schema([schema.field(name) for name in names])


_KEY = ("item_id", "model", "repeat")

_INPUTS = {
    "items": _only(ITEMS, "item_id", "group"),
    "answers": _only(ANSWERS, *_KEY, "mode", "status", "text"),
    "mentions": _only(
        MENTIONS, *_KEY, "kind", "start", "end", "action", "term", "category", "negated", "hedged", "target"
    ),
    "readings": _only(READINGS, *_KEY, "described"),
    "labels": LABELS,
}
"""Beside the verdicts: what is read, so that an analysis of another version needs no more than that."""

_WITHOUT_REPEATS = "NULL::INTEGER AS repeat, NULL::INTEGER AS label_repeat, 1.0 AS weight"

_IS_NO_SHARE = "weight IS NULL OR isnan(weight) OR weight < 1e-9 OR weight > 1"


def find_sides(a: Path, b: Path) -> dict[str, Record]:
    """Return the records of both analyses: `a_items`, `b_items` and so on.

    Raises:
        InputError: If a file is missing or damaged, or lacks a column.
    """
    return {
        f"{side}_{name}": record
        for side, folder in (("a", a), ("b", b))
        for name, record in find_records(folder, _INPUTS | {"verdicts": _verdicts_schema(folder)}).items()
    }


def _verdicts_schema(folder: Path) -> pa.Schema:
    """Return the columns of the verdicts of an analysis; older ones have one row for each item and model."""
    try:
        found = pq.read_schema(parquet_files(folder / "verdicts.parquet")[0])
    except (OSError, pa.ArrowException):
        return VERDICTS_OF_ITEMS  # find_records says what is wrong with them.
    return VERDICTS if "weight" in found.names else VERDICTS_OF_ITEMS


@contextmanager
def open_sides(
    records: Mapping[str, Record],
    categories: CategorySet,
    options: Mapping[str, Mapping[str, Any]],
    model_map: Mapping[str, str],
    threads: int | None,
    memory_factor: int,
) -> Iterator[tuple[DuckDBPyConnection, ModelPairs]]:
    """Open a database in which pairs.sql and texts.sql have run, with the models that are compared.

    Args:
        records: From `find_sides`.
        categories: All that either has.
        options: For `a` and `b`, what `run.json` has as options.
        model_map: Name in A -> name in B.
        threads: Of DuckDB; one per processor if None.
        memory_factor: Multiplies the memory that DuckDB may use.

    Raises:
        InputError: If no model of A is paired with one of B, or a record has an item twice.
    """
    memory_gb = memory_factor * MEMORY_GB
    with open_database(records, memory_gb=memory_gb, threads=threads, keeps_order=False) as connection:
        for side in "ab":
            more = "" if "weight" in records[f"{side}_verdicts"].columns else f", {_WITHOUT_REPEATS}"
            connection.execute(f"CREATE VIEW {side}_outcomes AS SELECT *{more} FROM {side}_verdicts")
        _check_unique(connection, records)
        _check_weights(connection, records)
        models = pair_models(_models(connection, "a"), _models(connection, "b"), model_map)
        for side, chosen in options.items():
            connection.execute(f"SET VARIABLE label_mode_{side} = ?", [str(chosen.get("label_mode", "classify"))])
            connection.execute(f"SET VARIABLE support_{side} = ?", [str(chosen.get("support", "strict"))])
        for side, names in zip("ab", zip(*models.pairs, strict=True), strict=True):
            connection.execute(f"SET VARIABLE models_{side} = ?", [list(names)])
        set_categories(connection, categories)
        connection.execute("SET VARIABLE verdicts = ?", [[*map(str, Verdict)]])
        for script in ("rules", "changes/pairs", "changes/texts"):
            run_script(connection, script)
        yield connection, models


def _check_unique(connection: DuckDBPyConnection, records: Mapping[str, Record]) -> None:
    """Refuse a record in which an item, or a pair of item and model, is there twice."""
    for side in "ab":
        columns = records[f"{side}_verdicts"].columns
        of_verdicts = ", ".join(name for name in ("item_id", "model", "repeat", "label_repeat") if name in columns)
        for name, key in (("items", "item_id"), ("verdicts", of_verdicts)):
            query = f"SELECT min(item_id) FROM {side}_{name} GROUP BY {key} HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
            for item_id in fetch_column(connection, query):
                problem = f"item {quote(item_id)} is there twice with the same {key}; `descan analyze` writes it once"
                raise InputError(records[f"{side}_{name}"].paths[0], problem)


def _check_weights(connection: DuckDBPyConnection, records: Mapping[str, Record]) -> None:
    for side in "ab":
        # A filter of the rows would not see NaN, which the statistics of a Parquet file leave out.
        query = f"SELECT min(item_id) FILTER ({_IS_NO_SHARE}) FROM {side}_outcomes"
        [item_id] = fetch_row(connection, query)
        if item_id is not None:
            problem = f"weight of item {quote(item_id)} is not 1 divided by a number of answers"
            raise InputError(records[f"{side}_verdicts"].paths[0], f"{problem}; `descan analyze` writes it")


def fetch_row(connection: DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """Return the only row of a query."""
    [row] = connection.execute(query).fetchall()
    return tuple(row)


def fetch_column(connection: DuckDBPyConnection, query: str) -> list[Any]:
    """Return the only column of a query."""
    return [value for (value,) in connection.execute(query).fetchall()]


def _models(connection: duckdb.DuckDBPyConnection, side: str) -> list[str]:
    return fetch_column(connection, f"SELECT DISTINCT model FROM {side}_verdicts ORDER BY model")
