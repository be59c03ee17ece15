"""How often a witness errs, and what descriptions would show beside a witness who never does."""

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, FloatVector
from descan.compare.compare_options import CompareOptions
from descan.compare.intervals import divide
from descan.corpus.formats import stream_rows
from descan.corpus.values import parse_name
from descan.errors import InputError, quote
from descan.lexicon.files import lexicon_path

_COLUMNS = ("witness", "action", "sensitivity", "specificity", "n_present", "n_absent")
PRIOR = 0.5
"""Added to each count of right and wrong, after Jeffreys."""


PUBLISHED = "published"
"""Instead of a file of errors: those that descan ships, with their source."""

DEPENDENCE = 0.2
"""How far a sensitivity band goes: the share of the greatest dependence that error rates allow, in either direction."""

_N_STEPS = 50


class TellingError(NamedTuple):
    """How a witness tells one action of faces, or descan's reading tells it of texts, beside those who know.

    Attributes:
        sensitivity: The share of faces (or texts) that show it of which is said so.
        specificity: The share of those that do not show it of which is said that.
        n_present: Faces behind the sensitivity.
        n_absent: Faces behind the specificity.
    """

    sensitivity: float
    specificity: float
    n_present: float
    n_absent: float


TellingErrors = Mapping[tuple[str, str], TellingError]
"""By witness and action."""


def known_errors(connection: DuckDBPyConnection, options: CompareOptions) -> dict[tuple[str, str], TellingError]:
    """Return what is known of each witness and action: from the coder, and before that from the file.

    Args:
        connection: A database in which witnesses.sql has run.
        options: How to compare.

    Raises:
        InputError: If the file is not what is allowed, or the coder is no witness.
    """
    of_coder = {} if options.coder is None else estimate_errors(connection, options.coder)
    return of_coder | ({} if options.witness_errors is None else load_witness_errors(options.witness_errors))


def load_witness_errors(path: Path) -> dict[tuple[str, str], TellingError]:
    """Load how often witnesses err: `witness, action, sensitivity, specificity, n_present, n_absent`.

    Args:
        path: Of a table; `published` for the errors that descan ships (lexicons/witness_errors.csv).

    Raises:
        InputError: If a column is missing, a value is not allowed, or a pair occurs twice.
    """
    path = find_witness_errors(path)
    found: dict[tuple[str, str], TellingError] = {}
    for row in stream_rows(path, None, also=_COLUMNS):
        missing = [name for name in _COLUMNS if name not in row.cells]
        if missing:
            raise InputError(path, f"no column {', '.join(missing)}; use {', '.join(_COLUMNS)}", 1)
        key = parse_name(row.cells, "witness", path, row.line), parse_name(row.cells, "action", path, row.line)
        shares = [_parse(row.cells, name, path, row.line, 1.0) for name in ("sensitivity", "specificity")]
        counts = [_parse(row.cells, name, path, row.line, math.inf) for name in ("n_present", "n_absent")]
        if key in found:
            raise InputError(path, f"{quote(key[0])} and {quote(key[1])} occur twice; give them once", row.line)
        found[key] = TellingError(*shares, *counts)
    return found


def find_witness_errors(path: Path) -> Path:
    """Return the path of a file of errors; of `published` that of the one that comes with descan."""
    return lexicon_path("witness_errors.csv") if str(path) == PUBLISHED else path


def estimate_errors(connection: DuckDBPyConnection, coder: str) -> dict[tuple[str, str], TellingError]:
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
            found[key] = TellingError(*shares, n_present, n_absent)
    return found


def draw_errors(error: TellingError, n: int, generator: np.random.Generator) -> tuple[FloatVector, FloatVector]:
    """Draw sensitivities and specificities from what is known of them (beta, with the prior of Jeffreys).

    Returns:
        Shape of each: (n,).
    """
    return tuple(  # type: ignore[return-value]
        generator.beta(share * size + PRIOR, (1 - share) * size + PRIOR, n)
        for share, size in ((error.sensitivity, error.n_present), (error.specificity, error.n_absent))
    )


def correct_rates(
    counts: FloatMatrix, sensitivity: FloatVector, specificity: FloatVector, dependence: float = 0.0
) -> FloatMatrix:
    """Return sensitivity and hallucination of descriptions as they would be beside a witness who never errs.

    Without dependence the witness errs independently of what the text says, given what the face shows (Rogan & Gladen
    1978, applied to the items of which the text says the action, and to all). With it both err together: their
    covariance, given the face, is that share of the greatest one that their rates allow; below 0, of the least one
    (Vacek 1985).

    Args:
        counts: Of items seen and said, seen, said and not seen, and all. Shape: (n, 4).
        sensitivity: Of the witness. Shape: (n,).
        specificity: Of the witness. Shape: (n,).
        dependence: From -1 to 1.

    Returns:
        NaN where the witness tells nothing, or what is corrected does not occur. Shape: (n, 2).
    """
    seen_and_said, seen, only_said, n_items = counts.T
    said = seen_and_said + only_said
    informedness = sensitivity + specificity - 1
    told = np.where(informedness > 0, informedness, np.nan)
    shown = np.clip(divide(seen - (1 - specificity) * n_items, told), 0, n_items)
    absent = n_items - shown

    def rates(joint: FloatVector) -> tuple[FloatVector, FloatVector]:
        shown_and_said = np.clip(divide(joint - (1 - specificity) * said, told), 0, said)
        of_shown, of_absent = divide(shown_and_said, shown), divide(said - shown_and_said, absent)
        return np.clip(of_shown, 0, 1), np.clip(of_absent, 0, 1)

    found = rates(seen_and_said)
    for _ in range(_N_STEPS if dependence else 0):
        together = [
            np.nan_to_num(_covariance(of_witness, of_text, dependence) * n)
            for of_witness, of_text, n in zip((sensitivity, 1 - specificity), found, (shown, absent), strict=True)
        ]
        found = rates(seen_and_said - together[0] - together[1])
    return np.column_stack(found)


def correct_reading(rates: FloatMatrix, sensitivity: FloatVector, specificity: FloatVector) -> FloatMatrix:
    """Return rates of what descan reads as they would be if it read as people do (Rogan & Gladen 1978).

    descan is taken to misread independently of the face and the witness, given what the text says.

    Args:
        rates: Shares of texts that descan reads the action in. Shape: (n, n_rates).
        sensitivity: Of the reading. Shape: (n,).
        specificity: Of the reading. Shape: (n,).

    Returns:
        NaN where the reading tells nothing. Shape: (n, n_rates).
    """
    informedness = sensitivity + specificity - 1
    told = np.where(informedness > 0, informedness, np.nan)
    return np.clip((rates - (1 - specificity)[:, np.newaxis]) / told[:, np.newaxis], 0, 1)


def _covariance(share_a: FloatVector, share_b: FloatVector, dependence: float) -> FloatVector:
    """Return the covariance of two events with these shares, as a share of the greatest or of the least one."""
    both = share_a * share_b
    if dependence >= 0:
        return np.asarray(dependence * (np.minimum(share_a, share_b) - both))
    return np.asarray(dependence * (both - np.maximum(share_a + share_b - 1, 0)))


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
