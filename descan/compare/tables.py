"""The tables for people: one CSV file per query of `sql/tables/`, and the scores."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from descan.compare.cells import Cell, write_csv
from descan.compare.database import read_sql
from descan.compare.diagnostics import write_diagnostics
from descan.compare.options import CompareOptions, Support
from descan.compare.paired import DIFFERENCE_COLUMNS, TEST_COLUMNS, paired_rows
from descan.compare.repeats import REPEAT_COLUMNS, repeat_rows
from descan.compare.scores import N_CELLS, SCORE_TABLE_COLUMNS, Sample, score_rows
from descan.compare.strata import read_strata

_FETCH_ROWS = 10_000

_QUERIES = (
    "actions",
    "actions_by_gold",
    "regions",
    "regions_by_gold",
    "terms",
    "categories",
    "confusion_described",
    "confusion_label",
    "unscored",
    "support",
    "detail",
    "answers",
)


def write_tables(connection: DuckDBPyConnection, folder: Path, options: CompareOptions) -> None:
    """Write every table into the folder, which is made if need be.

    Args:
        connection: A database in which rules.sql, pairs.sql and counts.sql have run.
        folder: Where `NAME.csv` goes.
        options: `support` says which rule `verdicts.csv` and `verdict_details.csv` follow.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in _QUERIES:
        _write_query(connection, folder / f"{name}.csv", name, None)
    _write_query(connection, folder / "verdicts.csv", "verdicts", options.support)
    _write_query(connection, folder / "verdict_details.csv", "verdict_details", options.support)
    for support in Support:
        _write_query(connection, folder / f"verdicts_{support}.csv", "verdicts", support)
    write_diagnostics(connection, folder, options)
    write_csv(folder / "scores.csv", SCORE_TABLE_COLUMNS, score_rows(_samples(connection), options.resampling))
    tests, differences = paired_rows(connection, options)
    write_csv(folder / "tests.csv", TEST_COLUMNS, tests)
    write_csv(folder / "differences.csv", DIFFERENCE_COLUMNS, differences)
    write_csv(folder / "repeats.csv", REPEAT_COLUMNS, repeat_rows(connection, options))


def _write_query(connection: DuckDBPyConnection, path: Path, query: str, support: Support | None) -> None:
    parameters = {} if support is None else {"support": str(support)}
    result = connection.execute(read_sql(f"tables/{query}"), parameters)
    columns = [column[0] for column in result.description or ()]
    write_csv(path, columns, _fetched(result))


def _fetched(result: DuckDBPyConnection) -> Iterable[Sequence[Cell]]:
    while rows := result.fetchmany(_FETCH_ROWS):
        yield from rows


def _samples(connection: DuckDBPyConnection) -> Iterator[Sample]:
    query = """
        SELECT model, mode, unit, (place(gold) - 1) * 8 + least(place(predicted), 8) - 1 AS cell, count(*) AS n
        FROM predictions
        GROUP BY model, mode, unit, cell
        ORDER BY model, mode <> 'describe', mode, unit
    """
    for stratum in read_strata(connection, query, N_CELLS):
        model, mode = stratum.key
        yield Sample(model, mode, stratum.groups)
