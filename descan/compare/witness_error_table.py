"""`witness_errors.csv`: how often each witness errs about each action, and how that is known."""

from collections.abc import Iterator

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix
from descan.compare.compare_options import CompareOptions
from descan.compare.latent_witnesses import latent_errors
from descan.compare.witness_errors import PRIOR, TellingError, estimate_errors, load_witness_errors
from descan.storage.safe_csv import Cell

WITNESS_ERROR_COLUMNS = (
    *("witness", "action", "sensitivity", "sensitivity_low", "sensitivity_high"),
    *("specificity", "specificity_low", "specificity_high", "n_present", "n_absent", "source"),
)
"""`source` is file, coder or latent: by the agreement of all witnesses, which corrects nothing by itself.

The table is one that `--witness-errors` takes. `n_present` and `n_absent` are faces with and without the action; where
the source is latent, so many faces as would tell the rate as surely.
"""


def witness_error_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `witness_errors.csv`, of witnesses of this corpus and actions of the inventory.

    Args:
        connection: A database in which witnesses.sql has run.
        options: How to compare.

    Raises:
        InputError: If the file of errors is not what is allowed, or the coder is no witness.
    """
    from_file = {} if options.witness_errors is None else load_witness_errors(options.witness_errors)
    of_coder = {} if options.coder is None else estimate_errors(connection, options.coder)
    sources = dict.fromkeys(of_coder, "coder") | dict.fromkeys(from_file, "file")
    errors = of_coder | from_file
    ends = {key: _beta_ends(error, options.confidence) for key, error in errors.items()}
    if options.coder is None:
        for witness, action, error, of_latent in latent_errors(connection, options):
            if (witness, action) not in errors:
                key = witness, action
                errors[key], ends[key], sources[key] = error, of_latent, "latent"
    query = """
        SELECT DISTINCT witness, action, number FROM told_actions JOIN witness_actions USING (number)
        ORDER BY witness, number
    """
    for witness, action, _ in connection.execute(query).fetchall():
        if (witness, action) in errors:
            error = errors[witness, action]
            (low, high), (other_low, other_high) = ends[witness, action].tolist()
            sizes = round(error.n_present, 1), round(error.n_absent, 1)
            rates = (error.sensitivity, low, high, error.specificity, other_low, other_high)
            yield witness, action, *rates, *sizes, sources[witness, action]


def _beta_ends(error: TellingError, confidence: float) -> FloatMatrix:
    """Return Jeffreys' interval of both rates. Shape: (2, 2)."""
    from scipy.stats import beta

    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    pairs = ((error.sensitivity, error.n_present), (error.specificity, error.n_absent))
    return np.array([beta.ppf(tails, share * n + PRIOR, (1 - share) * n + PRIOR) for share, n in pairs])
