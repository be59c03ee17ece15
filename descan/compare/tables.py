"""The tables for people: `tables/NAME.csv`, one for each query of `sql/tables/` and each statistic.

The functions that give the rows of a statistic take the database in which the scripts of `sql/` have run.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from descan.compare.agreement import AGREEMENT_COLUMNS, REPEAT_COLUMNS, agreement_rows, repeat_rows
from descan.compare.annotators import (
    ANNOTATOR_COLUMNS,
    ANNOTATOR_SCORE_COLUMNS,
    SEEING_FAILURE_COLUMNS,
    annotator_rows,
    annotator_score_rows,
    seeing_failure_rows,
)
from descan.compare.calibration import CALIBRATION_COLUMNS, THRESHOLD_COLUMNS, calibration_rows, threshold_rows
from descan.compare.chain import CHAIN_COLUMNS, chain_rows
from descan.compare.compare_options import CompareOptions, Support
from descan.compare.contrasts import CONTRAST_COLUMNS, contrast_rows
from descan.compare.correction import (
    ESTIMATED_MODE_COLUMNS,
    ESTIMATED_VERDICT_COLUMNS,
    MISREADING_COLUMNS,
    estimate_readings,
    misreading_rows,
    mode_rows,
    verdict_rows,
)
from descan.compare.database import has_witnesses, read_sql, run_script
from descan.compare.decided import DECIDED_FILE, SAID_OR_SEEN_COLUMNS, said_or_seen_rows
from descan.compare.decided_calibration import (
    DECIDED_CALIBRATION_COLUMNS,
    NEUTRAL_THRESHOLD_COLUMNS,
    RELIABILITY_COLUMNS,
    decided_calibration_rows,
    neutral_threshold_rows,
    reliability_rows,
)
from descan.compare.discordance import DISCORDANCE_COLUMNS, discordance_rows
from descan.compare.judges import JUDGE_COLUMNS, READER_BIAS_COLUMNS, judge_rows, reader_bias_rows
from descan.compare.languages import LANGUAGE_COLUMNS, LANGUAGE_TEST_COLUMNS, language_rows, language_test_rows
from descan.compare.misreading import find_confusions
from descan.compare.misreading_tests import MISREADING_TEST_COLUMNS, misreading_test_rows
from descan.compare.missing import MISSING_COLUMNS, missing_rows
from descan.compare.mixed_model import MIXED_MODEL_COLUMNS, mixed_model_rows
from descan.compare.neutral import (
    NEUTRAL_COLUMNS,
    SOURCE_COLUMNS,
    STAGE_COLUMNS,
    neutral_rows,
    neutral_source_rows,
    stage_rows,
)
from descan.compare.paired import DIFFERENCE_COLUMNS, TEST_COLUMNS, paired_rows
from descan.compare.ratios import RATIO_COLUMNS, ratio_rows
from descan.compare.reader_differences import READER_DIFFERENCE_COLUMNS, reader_difference_rows
from descan.compare.reader_readings import write_readers
from descan.compare.reader_support import READER_SUPPORT_COLUMNS, reader_support_rows
from descan.compare.reader_verdicts import READER_VERDICT_COLUMNS, reader_verdict_rows
from descan.compare.readers import READER_COLUMNS, READER_CONFUSION_COLUMNS, reader_tables
from descan.compare.scores import SCORE_TABLE_COLUMNS, n_cells, score_rows
from descan.compare.sensitivity import SENSITIVITY_COLUMNS, VERDICT_COLUMNS, sensitivity_rows, uncontested_rows
from descan.compare.strata import count_strata
from descan.compare.variance import PROMPT_COLUMNS, VARIANCE_COLUMNS, prompt_tables
from descan.compare.witness_error_table import WITNESS_ERROR_COLUMNS, witness_error_rows
from descan.compare.witnessed_tables import (
    CAUSE_COLUMNS,
    WITNESS_AGREEMENT_COLUMNS,
    WITNESSED_BY_GOLD_COLUMNS,
    WITNESSED_COLUMNS,
    WITNESSED_TEST_COLUMNS,
    cause_rows,
    witness_agreement_rows,
    witnessed_rows,
    witnessed_test_rows,
)
from descan.storage.safe_csv import Cell, write_csv

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
    "off_list",
    "support",
    "detail",
    "answers",
    "latency",
    "cost",
)


OPTIONAL_TABLES = (
    *("actions_witnessed", "actions_witnessed_by_gold", "causes_witnessed"),
    *("witness_agreement", "witness_errors", "witnessed_tests", "mixed_model"),
    *("said_or_seen", "calibration_decided", "reliability", "neutral_threshold"),
)
"""Tables that not every analysis has."""


def write_tables(connection: DuckDBPyConnection, folder: Path, options: CompareOptions) -> list[Sequence[Cell]]:
    """Write every table but those of `write_reading_tables` into the folder.

    Args:
        connection: A database in which the scripts up to shares.sql have run.
        folder: Where `NAME.csv` goes.
        options: How to compare.

    Returns:
        The rows of `tests.csv`.
    """
    run_script(connection, "annotators")
    run_script(connection, "contested")
    run_script(connection, "discordance")
    for name in (*_QUERIES, "contested"):
        _write_query(connection, folder / f"{name}.csv", name)
    for name in ("verdicts", "verdict_details"):
        _write_query(connection, folder / f"{name}.csv", name, options.support)
    for support in Support:
        _write_query(connection, folder / f"verdicts_{support}.csv", "verdicts", support)
    for name, (columns, rows) in _statistics(connection, options).items():
        write_csv(folder / f"{name}.csv", columns, rows)
    tests, differences = paired_rows(connection, options)
    write_csv(folder / "tests.csv", TEST_COLUMNS, tests)
    write_csv(folder / "differences.csv", DIFFERENCE_COLUMNS, differences)
    variances, prompts = prompt_tables(connection, options.resampling)
    write_csv(folder / "variance.csv", VARIANCE_COLUMNS, variances)
    write_csv(folder / "prompts.csv", PROMPT_COLUMNS, prompts)
    if has_witnesses(folder.parent):
        witnessed, by_gold = witnessed_rows(connection, options)
        write_csv(folder / "actions_witnessed.csv", WITNESSED_COLUMNS, witnessed)
        write_csv(folder / "actions_witnessed_by_gold.csv", WITNESSED_BY_GOLD_COLUMNS, by_gold)
        write_csv(folder / "causes_witnessed.csv", CAUSE_COLUMNS, cause_rows(connection, options))
        agreement = witness_agreement_rows(connection, options)
        write_csv(folder / "witness_agreement.csv", WITNESS_AGREEMENT_COLUMNS, agreement)
        errors = witness_error_rows(connection, options)
        write_csv(folder / "witness_errors.csv", WITNESS_ERROR_COLUMNS, errors)
        write_csv(folder / "witnessed_tests.csv", WITNESSED_TEST_COLUMNS, witnessed_test_rows(connection, options))
    if (folder.parent / DECIDED_FILE).exists():
        write_csv(folder / "said_or_seen.csv", SAID_OR_SEEN_COLUMNS, said_or_seen_rows(connection, options))
        calibration = decided_calibration_rows(connection, options)
        write_csv(folder / "calibration_decided.csv", DECIDED_CALIBRATION_COLUMNS, calibration)
        write_csv(folder / "reliability.csv", RELIABILITY_COLUMNS, reliability_rows(connection, options))
        thresholds = neutral_threshold_rows(connection, options)
        write_csv(folder / "neutral_threshold.csv", NEUTRAL_THRESHOLD_COLUMNS, thresholds)
    if options.mixed_model:
        rows = mixed_model_rows(connection, options.confidence)
        write_csv(folder / "mixed_model.csv", MIXED_MODEL_COLUMNS, rows)
    return tests


def write_reading_tables(
    connection: DuckDBPyConnection, folder: Path, options: CompareOptions, tests: Sequence[Sequence[Cell]]
) -> None:
    """Write the tables that tell how well descan reads, also beside people and judges, into the folder.

    Args:
        connection: A database in which the scripts up to shares.sql have run, with the readings that descan made.
        folder: Where `NAME.csv` goes.
        options: How to compare.
        tests: The rows of `tests.csv` by the same readings.
    """
    run_script(connection, "all_readings")
    if options.human_readings:
        write_readers(connection, folder.parent / "readers.parquet")
    for name, (columns, rows) in _reading_statistics(connection, options, tests).items():
        write_csv(folder / f"{name}.csv", columns, rows)


def _statistics(
    connection: DuckDBPyConnection, options: CompareOptions
) -> dict[str, tuple[Sequence[str], Iterable[Sequence[Cell]]]]:
    """Return the columns and the rows of each table that needs more than a query."""
    resampling, categories = options.resampling, options.categories
    predicted = count_strata(connection, read_sql("strata/scores"), n_cells(categories))
    return {
        "scores": (SCORE_TABLE_COLUMNS, score_rows(predicted, categories, resampling)),
        "missing": (MISSING_COLUMNS, missing_rows(connection, categories, resampling)),
        "repeats": (REPEAT_COLUMNS, repeat_rows(connection, resampling)),
        "neutral": (NEUTRAL_COLUMNS, neutral_rows(connection, categories, resampling)),
        "neutral_sources": (SOURCE_COLUMNS, neutral_source_rows(connection, categories, resampling)),
        "two_stage": (STAGE_COLUMNS, stage_rows(connection, categories, resampling)),
        "contrasts": (CONTRAST_COLUMNS, contrast_rows(connection, options)),
        "discordance": (DISCORDANCE_COLUMNS, discordance_rows(connection, options)),
        "languages": (LANGUAGE_COLUMNS, language_rows(connection, options)),
        "language_tests": (LANGUAGE_TEST_COLUMNS, language_test_rows(connection, options)),
        "chain": (CHAIN_COLUMNS, chain_rows(connection, categories, resampling)),
        "annotators": (ANNOTATOR_COLUMNS, annotator_rows(connection, categories, resampling)),
        "scores_annotators": (ANNOTATOR_SCORE_COLUMNS, annotator_score_rows(connection, categories, resampling)),
        "seeing_failures": (SEEING_FAILURE_COLUMNS, seeing_failure_rows(connection, options)),
        "ratios": (RATIO_COLUMNS, ratio_rows(connection, resampling)),
        "agreement": (AGREEMENT_COLUMNS, agreement_rows(connection, len(categories), resampling)),
        "verdicts_uncontested": (VERDICT_COLUMNS, uncontested_rows(connection, options)),
        "sensitivity": (SENSITIVITY_COLUMNS, sensitivity_rows(connection, options)),
    }


def _reading_statistics(
    connection: DuckDBPyConnection, options: CompareOptions, tests: Sequence[Sequence[Cell]]
) -> dict[str, tuple[Sequence[str], Iterable[Sequence[Cell]]]]:
    """Return the columns and the rows of each table that tells how well descan reads."""
    confusions = find_confusions(connection, options.language, options.categories)
    estimates = estimate_readings(connection, confusions, options)
    readers, reader_confusions = reader_tables(connection, options)
    of_tests = [dict(zip(TEST_COLUMNS, row, strict=True)) for row in tests]
    return {
        "calibration": (CALIBRATION_COLUMNS, calibration_rows(connection, options)),
        "thresholds": (THRESHOLD_COLUMNS, threshold_rows(connection, options)),
        "misreading": (MISREADING_COLUMNS, misreading_rows(confusions, options.resampling)),
        "misreading_tests": (MISREADING_TEST_COLUMNS, misreading_test_rows(connection, options)),
        "misreading_verdicts": (ESTIMATED_VERDICT_COLUMNS, verdict_rows(estimates, confusions, options)),
        "readers": (READER_COLUMNS, readers),
        "confusion_readers": (READER_CONFUSION_COLUMNS, reader_confusions),
        "judges": (JUDGE_COLUMNS, judge_rows(connection, options)),
        "reader_biases": (READER_BIAS_COLUMNS, reader_bias_rows(connection, options)),
        "verdicts_readers": (READER_VERDICT_COLUMNS, reader_verdict_rows(connection, estimates, confusions, options)),
        "differences_readers": (READER_DIFFERENCE_COLUMNS, reader_difference_rows(connection, options)),
        "support_readers": (READER_SUPPORT_COLUMNS, reader_support_rows(connection, options)),
        "misreading_modes": (ESTIMATED_MODE_COLUMNS, mode_rows(estimates, confusions, of_tests, options.margin)),
    }


def _write_query(connection: DuckDBPyConnection, path: Path, query: str, support: Support | None = None) -> None:
    parameters = {} if support is None else {"support": str(support)}
    result = connection.execute(read_sql(f"tables/{query}"), parameters)
    columns = [column[0] for column in result.description or ()]
    write_csv(path, columns, _fetch(result))


def _fetch(result: DuckDBPyConnection) -> Iterator[Sequence[Cell]]:
    while rows := result.fetchmany(_FETCH_ROWS):
        yield from rows
