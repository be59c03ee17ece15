"""Sensitivity and hallucination of descriptions, corrected for the errors of the witness and of descan's reading."""

from typing import NamedTuple

import numpy as np

from descan.compare.bootstrap import FloatMatrix, FloatVector, GroupCounts, percentile_intervals, resample_totals
from descan.compare.compare_options import CompareOptions
from descan.compare.intervals import divide
from descan.compare.witness_errors import DEPENDENCE, TellingError, correct_rates, correct_reading, draw_errors
from descan.storage.safe_csv import Cell

_RATES = ("sensitivity", "hallucination")
_DRAWS = 2
"""Of the random numbers of errors, so that these are not those of the resamples."""


class KnownErrors(NamedTuple):
    """What is known of who tells an action; None where nothing is.

    Attributes:
        witness: How the witness tells it of faces.
        reading: How descan tells it of texts.
    """

    witness: TellingError | None
    reading: TellingError | None


def estimate_rates(groups: GroupCounts, known: KnownErrors, options: CompareOptions) -> dict[str, Cell]:
    """Return the difference of both rates with its test, and the corrected rates where errors are known.

    Args:
        groups: Cells: seen and said, seen, said and not seen, all.
        known: What is corrected for; without either there are no corrected rates.
        options: How to compare.
    """
    generator = np.random.default_rng([options.seed, _DRAWS])
    values = _statistics(groups.totals[np.newaxis], known, None)
    drawn = np.concatenate(
        [values[:0], *(_statistics(totals, known, generator) for totals in resample_totals(groups, options.resampling))]
    )
    n_groups = np.full(values.shape[1], groups.n_groups)
    found = percentile_intervals(values[0], drawn, options.confidence, n_groups)
    names = ("difference", *(f"corrected_{rate}" for rate in _RATES))
    ends = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    row: dict[str, Cell] = dict(zip(ends, found.columns(0, 1, 2), strict=True))
    row["p"] = float(found.p[0])
    for who, counted, error in (("witness", "n_errors", known.witness), ("reading", "n_marks", known.reading)):
        if error is not None:
            row |= {f"{who}_sensitivity": error.sensitivity, f"{who}_specificity": error.specificity}
            row[counted] = round(error.n_present + error.n_absent)
    return row | _band(groups.totals[np.newaxis], known)


def _statistics(totals: FloatMatrix, known: KnownErrors, generator: np.random.Generator | None) -> FloatMatrix:
    """Return the difference and both corrected rates. Shape: (n, 4) to (n, 3)."""
    seen_and_said, seen, only_said, n_items = totals.T
    difference = divide(seen_and_said, seen) - divide(only_said, n_items - seen)
    return np.column_stack([difference, _correct(totals, known, generator)])


def _correct(
    totals: FloatMatrix, known: KnownErrors, generator: np.random.Generator | None, dependence: float = 0.0
) -> FloatMatrix:
    """Return both corrected rates, with errors that are drawn where there is a generator. Shape: (n, 4) to (n, 2)."""
    n = len(totals)
    if known == (None, None):
        return np.full((n, len(_RATES)), np.nan)
    of_witness = (np.ones(n), np.ones(n)) if known.witness is None else _errors(known.witness, n, generator)
    rates = correct_rates(totals, *of_witness, dependence)
    return rates if known.reading is None else correct_reading(rates, *_errors(known.reading, n, generator))


def _errors(error: TellingError, n: int, generator: np.random.Generator | None) -> tuple[FloatVector, FloatVector]:
    if generator is None:
        return np.full(n, error.sensitivity), np.full(n, error.specificity)
    return draw_errors(error, n, generator)


def _band(totals: FloatMatrix, known: KnownErrors) -> dict[str, Cell]:
    """Return the ends of both corrected rates where witness and text are dependent, given the face."""
    if known.witness is None:
        return {}
    ends = np.stack([_correct(totals, known, None, share)[0] for share in (-DEPENDENCE, 0, DEPENDENCE)])
    return {
        f"corrected_{rate}_{name}": float(end)
        for rate, column in zip(_RATES, ends.T, strict=True)
        for name, end in (("least", column.min()), ("most", column.max()))
    }
