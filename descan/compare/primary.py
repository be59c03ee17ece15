"""The primary endpoint: one test that is named in advance, stands outside all families and is not corrected."""

from collections.abc import Mapping
from itertools import combinations

from duckdb import DuckDBPyConnection

from descan.compare.compare_options import CompareOptions
from descan.errors import OptionError, quote
from descan.records import Mode
from descan.storage.safe_csv import Cell

PRIMARY = "primary"
"""The family of the primary endpoint, which has no other test."""

_OF_BOTH = ("seen_despite_label", "seeing_minus_labeling", "modes")
_N_NAMED = 8


def check_primary(connection: DuckDBPyConnection, options: CompareOptions) -> None:
    """Refuse the name of a test that is not made.

    Args:
        connection: A database with the table `predictions`.
        options: How to compare.

    Raises:
        OptionError: If there is no such test.
    """
    if options.primary is None:
        return
    rows = connection.execute("SELECT DISTINCT model, mode FROM predictions ORDER BY model").fetchall()
    described, labelled = (
        [model for model, mode in rows if mode == one] for one in (Mode.DESCRIBE, options.label_mode)
    )
    both = [model for model in described if model in labelled]
    allowed = [f"{test}:{model}" for test in _OF_BOTH for model in both]
    allowed += [f"models:{a}:{b}" for a, b in combinations(labelled, 2)]
    allowed += [f"seen:{model}" for model in described]
    if options.primary in allowed or options.primary in [f"models:{b}:{a}" for a, b in combinations(labelled, 2)]:
        return
    named = ", ".join(map(quote, allowed[:_N_NAMED])) or "nothing, for there is no test"
    more = f" and {len(allowed) - _N_NAMED:,} more" if len(allowed) > _N_NAMED else ""
    raise OptionError("primary", f"names no test; use {named}{more}, not {quote(options.primary)}")


def is_primary(row: Mapping[str, Cell], options: CompareOptions) -> bool:
    """Say whether a row of `contrasts.csv` or `differences.csv` is that of the primary endpoint."""
    if options.primary is None:
        return False
    if "contrast" in row:
        return row["support"] == options.support and options.primary == f"{row['contrast']}:{row['model']}"
    if row["statistic"] != "accuracy" or row["mode_b"] != options.label_mode:
        return False
    a, b = row["model_a"], row["model_b"]
    names = (f"modes:{a}",) if row["comparison"] == "modes" else (f"models:{a}:{b}", f"models:{b}:{a}")
    return options.primary in names
