"""Two analyses in, what changed out: tables for people, and the rows behind them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import clear_draws
from descan.compare.changes.database import fetch_column, fetch_row, find_sides, open_sides
from descan.compare.changes.measures import DIFFERENCE_COLUMNS, TEST_COLUMNS, measure_changes
from descan.compare.changes.models import ModelPairs
from descan.compare.changes.options import ChangeOptions
from descan.compare.database import read_sql
from descan.emotions import CategorySet
from descan.errors import InputError, quote
from descan.lexicon import run_category_set
from descan.storage.parquet_database import Record, run_with_enough_memory
from descan.storage.publishing import RUN_FILE
from descan.storage.safe_csv import Cell, write_csv
from descan.storage.schemas import FLIPS

FLIPS_FILE = "flips.parquet"

_N_NAMED = 5
"""Items that are named of those left out; left_out.csv has all."""

_ROWS = 10_000

_KEPT = ("models", "transitions", "mentions")
"""Queries whose rows are few."""

_WRITTEN = ("flips", "left_out", "reread")
"""Queries with up to a row for each answer."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed from A to B.

    Attributes:
        models: Which models are compared.
        tables: Name -> rows as values, of the tables whose size does not grow with the number of items: `models`,
            `transitions`, `differences`, `tests` and `mentions`. The folder has these and the others as CSV.
        columns: Name of a table -> its columns.
        left_out: What is not compared: counts, and the first items by name.
    """

    models: ModelPairs
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    columns: Mapping[str, Sequence[str]]
    left_out: Mapping[str, Any]


def find_changes(
    a: Path, b: Path, runs: Mapping[str, Mapping[str, Any]], folder: Path, options: ChangeOptions
) -> Changes:
    """Compare two analyses, and write `tables/*.csv` and `flips.parquet` into a folder.

    Args:
        a: The folder of an analysis.
        b: That of another, or the same.
        runs: What their `run.json` hold, for `a` and `b`.
        folder: Where the files go.
        options: How to compare.

    Raises:
        InputError: If a file of an analysis is missing, damaged or lacks a column, or nothing is in both.
        SetupError: If there is too little memory.
    """
    records = find_sides(a, b)
    return run_with_enough_memory(partial(_find_changes, records, (a, b), runs, folder, options))


def _find_changes(
    records: Mapping[str, Record],
    folders: tuple[Path, Path],
    runs: Mapping[str, Mapping[str, Any]],
    folder: Path,
    options: ChangeOptions,
    memory_factor: int,
) -> Changes:
    chosen = {side: run.get("options", {}) for side, run in runs.items()}
    categories = _all_categories(folders, runs)
    sides = open_sides(records, categories, chosen, options.model_map, options.threads, memory_factor)
    with sides as (connection, models):
        _check_common(connection, folders)
        (folder / "tables").mkdir(exist_ok=True)
        tables: dict[str, Sequence[Mapping[str, Any]]] = {}
        columns: dict[str, Sequence[str]] = {}
        for name in _KEPT:
            columns[name], found = _run(connection, name)
            tables[name] = [dict(zip(columns[name], row, strict=True)) for row in found]
        for name in _WRITTEN:
            columns[name], found = _run(connection, name)
            write_csv(folder / "tables" / f"{name}.csv", columns[name], found)
        _write_flips(connection, folder / FLIPS_FILE)
        tables["differences"], tables["tests"] = measure_changes(
            connection, models, categories, chosen, options.resampling, options.margin
        )
        columns |= {"differences": DIFFERENCE_COLUMNS, "tests": TEST_COLUMNS}
        for name, rows in tables.items():
            write_csv(folder / "tables" / f"{name}.csv", columns[name], _cells(rows, columns[name]))
        left_out = _count_left_out(connection)
    clear_draws()
    return Changes(models, tables, columns, left_out)


def _all_categories(folders: Sequence[Path], runs: Mapping[str, Mapping[str, Any]]) -> CategorySet:
    """Return the categories of A, and then those that only B has.

    Args:
        folders: That of A and that of B.
        runs: What their `run.json` hold, for `a` and `b`.

    Raises:
        InputError: If what one says of its category set is not allowed.
    """
    a, b = (run_category_set(runs[side], folder / RUN_FILE) for side, folder in zip("ab", folders, strict=True))
    only_b = (category for category in b.categories if category.name not in a.names)
    return CategorySet(a.name, (*a.categories, *only_b), neutral=a.neutral or b.neutral)


def _check_common(connection: DuckDBPyConnection, folders: tuple[Path, Path]) -> None:
    """Refuse analyses that have no item in common with the same gold."""
    [n_compared] = fetch_row(connection, "SELECT count(*) FROM compared")
    if n_compared:
        return
    gold = "SELECT item_id, gold_a, gold_b FROM sides WHERE left_out = 'gold_differs' ORDER BY pair LIMIT 1"
    for item_id, gold_a, gold_b in connection.execute(gold).fetchall():
        problem = f"gold of every item differs from that in {folders[1]}: item {quote(item_id)} is {gold_a} in A"
        raise InputError(folders[0], f"{problem} and {gold_b} in B; analyze both with the same gold")
    firsts = ", ".join(f"arg_min(item_id, pair) FILTER (left_out = 'only_in_{side}')" for side in "ab")
    a, b = (
        "none" if item_id is None else quote(item_id)
        for item_id in fetch_row(connection, f"SELECT {firsts} FROM sides")
    )
    problem = f"has no item in common with {folders[1]}: the first of A is {a}, the first of B {b}"
    raise InputError(folders[0], f"{problem}; the same items need the same item_id in both")


def _run(connection: DuckDBPyConnection, name: str) -> tuple[Sequence[str], Iterator[Sequence[Cell]]]:
    result = connection.execute(read_sql(f"changes/{name}"))
    columns = [column[0] for column in result.description or ()]
    return columns, _fetch(result)


def _fetch(result: DuckDBPyConnection) -> Iterator[Sequence[Cell]]:
    while rows := result.fetchmany(_ROWS):
        yield from rows


def _cells(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[Sequence[Cell]]:
    return ([row[name] for name in columns] for row in rows)


def _write_flips(connection: DuckDBPyConnection, path: Path) -> None:
    """Write in blocks of equal size, so that the bytes do not depend on how DuckDB split its work."""
    reader = connection.sql(read_sql("changes/flips")).to_arrow_reader(_ROWS)
    with pq.ParquetWriter(path, FLIPS, compression="zstd") as writer:
        waiting = pa.Table.from_batches([], FLIPS)
        for batch in reader:
            waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch]).cast(FLIPS)])
            n_whole = len(waiting) - len(waiting) % _ROWS
            writer.write_table(waiting.slice(0, n_whole).combine_chunks(), row_group_size=_ROWS)
            waiting = waiting.slice(n_whole)
        writer.write_table(waiting.combine_chunks(), row_group_size=_ROWS)


def _count_left_out(connection: DuckDBPyConnection) -> dict[str, Any]:
    counts: dict[str, Any] = {}
    for reason, side in (("only_in_a", "b"), ("only_in_b", "a")):
        # An item that the other analysis does not have at all, with no matter which model.
        items = f"""
            FROM (
                SELECT item_id, min(pair) AS pair FROM sides
                WHERE left_out = '{reason}' AND item_id NOT IN (SELECT item_id FROM {side}_verdicts)
                GROUP BY item_id
            )
        """
        counts[f"items_{reason}"] = _named(connection, items)
    differing = "FROM (SELECT item_id, min(pair) AS pair FROM sides WHERE left_out = 'gold_differs' GROUP BY item_id)"
    counts["items_gold_differs"] = _named(connection, differing)
    groups = "FROM (SELECT item_id, item_id AS pair FROM item_groups WHERE group_a <> group_b)"
    counts["items_group_differs"] = _named(connection, groups)
    return counts


def _named(connection: DuckDBPyConnection, items: str) -> dict[str, Any]:
    [n] = fetch_row(connection, f"SELECT count(*) {items}")
    return {"n": n, "first": fetch_column(connection, f"SELECT item_id {items} ORDER BY pair LIMIT {_N_NAMED}")}
