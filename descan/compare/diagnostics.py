"""The tables that ask what the verdicts rest on: Neutral, evidence, gold, the extractor's own error and the rules."""

from pathlib import Path

from duckdb import DuckDBPyConnection

from descan.compare.agreement import AGREEMENT_COLUMNS, agreement_rows
from descan.compare.cells import write_csv
from descan.compare.chain import CHAIN_COLUMNS, chain_rows
from descan.compare.correction import CORRECTED_COLUMNS, MISREADING_COLUMNS, corrected_rows, misreading_rows
from descan.compare.database import read_sql, run_script
from descan.compare.human_readings import load_human_readings
from descan.compare.misreading import find_confusion
from descan.compare.neutral import (
    NEUTRAL_COLUMNS,
    SOURCE_COLUMNS,
    STAGE_COLUMNS,
    neutral_rows,
    neutral_source_rows,
    stage_rows,
)
from descan.compare.options import CompareOptions
from descan.compare.other_verdicts import SENSITIVITY_COLUMNS, VERDICT_COLUMNS, sensitivity_rows, uncontested_rows


def write_diagnostics(connection: DuckDBPyConnection, folder: Path, options: CompareOptions) -> None:
    """Write `NAME.csv` of each of these tables into the folder.

    Args:
        connection: A database in which rules.sql, pairs.sql and counts.sql have run.
        folder: An existing folder.
        options: How to compare, and where human readings are.

    Raises:
        InputError: If the human readings are not what is allowed.
    """
    load_human_readings(connection, options.human_readings)
    run_script(connection, "contested")
    confusion = find_confusion(connection, options.language)
    resampling = options.resampling
    tables = {
        "neutral": (NEUTRAL_COLUMNS, neutral_rows(connection, resampling)),
        "neutral_sources": (SOURCE_COLUMNS, neutral_source_rows(connection, resampling)),
        "two_stage": (STAGE_COLUMNS, stage_rows(connection, resampling)),
        "chain": (CHAIN_COLUMNS, chain_rows(connection, resampling)),
        "agreement": (AGREEMENT_COLUMNS, agreement_rows(connection, resampling)),
        "misreading": (MISREADING_COLUMNS, misreading_rows(confusion, resampling)),
        "verdicts_corrected": (CORRECTED_COLUMNS, corrected_rows(connection, confusion, resampling)),
        "verdicts_uncontested": (VERDICT_COLUMNS, uncontested_rows(connection, options)),
        "sensitivity": (SENSITIVITY_COLUMNS, sensitivity_rows(connection, options)),
    }
    for name, (columns, rows) in tables.items():
        write_csv(folder / f"{name}.csv", columns, rows)
    _write_contested(connection, folder / "contested.csv")


def _write_contested(connection: DuckDBPyConnection, path: Path) -> None:
    result = connection.execute(read_sql("tables/contested"))
    write_csv(path, [column[0] for column in result.description or ()], result.fetchall())
