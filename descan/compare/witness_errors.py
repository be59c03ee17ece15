"""How often a witness errs, and what descriptions would show beside a witness who never does."""

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, FloatVector
from descan.compare.intervals import divide
from descan.corpus.formats import stream_rows
from descan.corpus.values import parse_name
from descan.errors import InputError, quote

_COLUMNS = ("witness", "action", "sensitivity", "specificity", "n_present", "n_absent")
_PRIOR = 0.5
"""Added to each count of right and wrong, after Jeffreys."""


class WitnessError(NamedTuple):
    """How a witness tells one action, beside those who know.

    Attributes:
        sensitivity: The share of faces that show it of which the witness says so.
        specificity: The share of faces that do not show it of which the witness says that.
        n_present: Faces behind the sensitivity.
        n_absent: Faces behind the specificity.
    """

    sensitivity: float
    specificity: float
    n_present: float
    n_absent: float


WitnessErrors = Mapping[tuple[str, str], WitnessError]
"""By witness and action."""


def load_witness_errors(path: Path) -> dict[tuple[str, str], WitnessError]:
    """Load how often witnesses err: `witness, action, sensitivity, specificity, n_present, n_absent`.

    Raises:
        InputError: If a column is missing, a value is not allowed, or a pair occurs twice.
    """
    found: dict[tuple[str, str], WitnessError] = {}
    for row in stream_rows(path, None, also=_COLUMNS):
        missing = [name for name in _COLUMNS if name not in row.cells]
        if missing:
            raise InputError(path, f"no column {', '.join(missing)}; use {', '.join(_COLUMNS)}", 1)
        key = parse_name(row.cells, "witness", path, row.line), parse_name(row.cells, "action", path, row.line)
        shares = [_parse(row.cells, name, path, row.line, 1.0) for name in ("sensitivity", "specificity")]
        counts = [_parse(row.cells, name, path, row.line, math.inf) for name in ("n_present", "n_absent")]
        if key in found:
            raise InputError(path, f"{quote(key[0])} and {quote(key[1])} occur twice; give them once", row.line)
        found[key] = WitnessError(*shares, *counts)
    return found


def estimate_errors(connection: DuckDBPyConnection, coder: str) -> dict[tuple[str, str], WitnessError]:
    """Return how often each other witness errs beside a coder, on the items that both tell of.

    Args:
        connection: A database in which witnesses.sql has run.
        coder: The witness who counts as the truth.

    Raises:
        InputError: If there is no such witness.
    """
    witnesses = [
        name for (name,) in connection.execute("SELECT DISTINCT witness FROM told_units ORDER BY 1").fetchall()
    ]
    if coder not in witnesses:
        raise InputError("witnesses", f"coder {quote(coder)} is unknown; use one of {', '.join(map(quote, witnesses))}")
    query = """
        SELECT other.witness, action, coded.present, other.present, count(*)
        FROM told_actions AS coded
        JOIN told_actions AS other USING (item_id, number)
        JOIN witness_actions USING (number)
        WHERE coded.witness = $coder AND other.witness <> $coder
        GROUP BY ALL
    """
    counts: dict[tuple[str, str], Counter[tuple[bool, bool]]] = {}
    for witness, action, is_shown, is_seen, n in connection.execute(query, {"coder": coder}).fetchall():
        counts.setdefault((witness, action), Counter())[is_shown, is_seen] += n
    found = {}
    for key, of_pair in counts.items():
        n_present, n_absent = (of_pair[shown, True] + of_pair[shown, False] for shown in (True, False))
        if n_present and n_absent:
            shares = of_pair[True, True] / n_present, of_pair[False, False] / n_absent
            found[key] = WitnessError(*shares, n_present, n_absent)
    return found


def draw_errors(error: WitnessError, n: int, generator: np.random.Generator) -> tuple[FloatVector, FloatVector]:
    """Draw sensitivities and specificities from what is known of them (beta, with the prior of Jeffreys).

    Returns:
        Shape of each: (n,).
    """
    return tuple(  # type: ignore[return-value]
        generator.beta(share * size + _PRIOR, (1 - share) * size + _PRIOR, n)
        for share, size in ((error.sensitivity, error.n_present), (error.specificity, error.n_absent))
    )


def correct_rates(counts: FloatMatrix, sensitivity: FloatVector, specificity: FloatVector) -> FloatMatrix:
    """Return sensitivity and hallucination of descriptions as they would be beside a witness who never errs.

    The witness is taken to err independently of what the text says, given what the face shows (Rogan & Gladen 1978,
    applied to the items of which the text says the action, and to all).

    Args:
        counts: Of items seen and said, seen, said and not seen, and all. Shape: (n, 4).
        sensitivity: Of the witness. Shape: (n,).
        specificity: Of the witness. Shape: (n,).

    Returns:
        NaN where the witness tells nothing, or what is corrected does not occur. Shape: (n, 2).
    """
    seen_and_said, seen, only_said, n_items = counts.T
    said = seen_and_said + only_said
    informedness = sensitivity + specificity - 1
    told = np.where(informedness > 0, informedness, np.nan)
    shown = np.clip(divide(seen - (1 - specificity) * n_items, told), 0, n_items)
    shown_and_said = np.clip(divide(seen_and_said - (1 - specificity) * said, told), 0, said)
    rates = divide(shown_and_said, shown), divide(said - shown_and_said, n_items - shown)
    return np.clip(np.column_stack(rates), 0, 1)


def _parse(cells: Mapping[str, object], name: str, path: Path, line: int, most: float) -> float:
    value = cells.get(name)
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not 0 <= number <= most or math.isinf(number):
        allowed = "a number from 0 to 1" if most == 1 else "a number of faces, 0 or more"
        raise InputError(path, f"{name} {quote(value)} is not allowed; use {allowed}", line)
    return number
