"""How often witnesses err where nobody knows the truth: from where they agree and where they do not."""

from collections.abc import Iterator
from itertools import product

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatMatrix, FloatVector, Resampling, resample
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.intervals import divide
from descan.compare.strata import Stratum, count_strata
from descan.compare.witness_errors import PRIOR, TellingError

MAX_WITNESSES = 6
"""Of more, the first by name count: patterns grow by three times with each."""

_MOST_RESAMPLES = 500
_UNKNOWN, _ABSENT, _PRESENT = range(3)
_MIN_ITEMS = 50
"""Of which two witnesses or more tell the action; with fewer no rate can be told from another."""

_MIN_WITNESSES = 3
"""With fewer, prevalence must differ between golds, or nothing can be told."""

_FIRST_SENSITIVITY, _FIRST_SPECIFICITY, _FIRST_PREVALENCE = 0.8, 0.9, 0.3
_MAX_STEPS = 500
_CONVERGED = 1e-7


def latent_errors(
    connection: DuckDBPyConnection, options: CompareOptions
) -> Iterator[tuple[str, str, TellingError, FloatMatrix]]:
    """Yield how often each witness errs about each action, by a model of latent classes.

    A face shows an action or not, and each witness errs about that with rates of its own, independently of the others
    and alike in every gold category (Dawid & Skene 1979, fitted by EM). How often an action is shown may differ by
    gold, so that two witnesses are enough where there are two golds or more (Hui & Walter 1980).

    Args:
        connection: A database in which witnesses.sql has run.
        options: How to compare.

    Yields:
        Witness, action, its rates with as many faces as would tell them as surely, and the intervals of both rates.
        Shape: (2, 2).
    """
    query = "SELECT witness FROM told_units GROUP BY 1 ORDER BY 1"
    witnesses = [name for (name,) in connection.execute(query).fetchall()][:MAX_WITNESSES]
    if len(witnesses) < 2:
        return
    n_strata = len(options.categories) + 1
    parameters = {"witnesses": witnesses}
    cells = n_strata * 3 ** len(witnesses)
    for stratum in count_strata(connection, read_sql("strata/latent_witnesses"), cells, parameters):
        for place, error, ends in _fit(stratum, n_strata, len(witnesses), options.resampling):
            yield witnesses[place], stratum.key[0], error, ends


def fit_rates(totals: FloatMatrix, n_strata: int, n_witnesses: int) -> FloatMatrix:
    """Fit the model to counts of patterns.

    Args:
        totals: Counts by gold and by what the witnesses tell, 0 (unknown), 1 (absent) or 2 (present), the first one's
            the most significant digit. Shape: (n, n_strata * 3 ** n_witnesses).
        n_strata: Golds, and none.
        n_witnesses: All of which tell some or none of the items.

    Returns:
        The sensitivities of all witnesses, then their specificities; NaN where a witness would do worse than chance.
        Shape: (n, 2 * n_witnesses).
    """
    states = np.array(list(product(range(3), repeat=n_witnesses)))
    counts = totals.reshape(len(totals), n_strata, len(states))
    is_used = counts.any(axis=(0, 1))
    counts, states = counts[:, :, is_used], states[is_used]
    is_seen, is_not = (states == _PRESENT).astype(float), (states == _ABSENT).astype(float)
    sensitivity = np.full((len(totals), n_witnesses), _FIRST_SENSITIVITY)
    specificity = np.full((len(totals), n_witnesses), _FIRST_SPECIFICITY)
    prevalence = np.full((len(totals), n_strata, 1), _FIRST_PREVALENCE)
    for _ in range(_MAX_STEPS):
        of_shown = np.exp(np.log(sensitivity) @ is_seen.T + np.log(1 - sensitivity) @ is_not.T)[:, np.newaxis]
        of_absent = np.exp(np.log(1 - specificity) @ is_seen.T + np.log(specificity) @ is_not.T)[:, np.newaxis]
        shown = prevalence * of_shown
        share = shown / (shown + (1 - prevalence) * of_absent)
        n_shown, n_absent = counts * share, counts * (1 - share)
        prevalence = (n_shown.sum(axis=2, keepdims=True) + PRIOR) / (counts.sum(axis=2, keepdims=True) + 2 * PRIOR)
        before = sensitivity, specificity
        sensitivity = _share(n_shown.sum(axis=1), is_seen, is_not)
        specificity = _share(n_absent.sum(axis=1), is_not, is_seen)
        if max(np.abs(sensitivity - before[0]).max(), np.abs(specificity - before[1]).max()) < _CONVERGED:
            break
    is_told = sensitivity + specificity > 1
    return np.where(np.hstack([is_told, is_told]), np.hstack([sensitivity, specificity]), np.nan)


def _share(counts: FloatMatrix, is_right: FloatMatrix, is_wrong: FloatMatrix) -> FloatMatrix:
    """Return how often each witness is right. Shape: (n, n_patterns) to (n, n_witnesses)."""
    n_right, n_wrong = counts @ is_right + PRIOR, counts @ is_wrong + PRIOR
    return np.asarray(n_right / (n_right + n_wrong))


def _fit(
    stratum: Stratum, n_strata: int, n_witnesses: int, resampling: Resampling
) -> Iterator[tuple[int, TellingError, FloatMatrix]]:
    """Yield each witness's place, rates and intervals, if the model can be told from the counts."""
    states = np.array(list(product(range(3), repeat=n_witnesses)))
    counts = stratum.groups.totals.reshape(n_strata, len(states))
    is_told = (counts.sum(axis=0)[:, np.newaxis] * (states != _UNKNOWN)).any(axis=0)
    if counts[:, (states != _UNKNOWN).sum(axis=1) > 1].sum() < _MIN_ITEMS:
        return
    if is_told.sum() < 2 or (is_told.sum() < _MIN_WITNESSES and _n_prevalences(counts, states, is_told) < 2):
        return
    fewer = Resampling(min(resampling.n_resamples, _MOST_RESAMPLES), resampling.seed, resampling.confidence)
    found = resample(stratum.groups, lambda totals: fit_rates(totals, n_strata, n_witnesses), fewer)
    n_told = (counts.sum(axis=0)[:, np.newaxis] * (states != _UNKNOWN)).sum(axis=0)
    for place in np.flatnonzero(is_told & ~np.isnan(found.values[:n_witnesses])).tolist():
        both = [place, place + n_witnesses]
        rates, ends = found.values[both], np.column_stack([found.low[both], found.high[both]])
        sizes = _effective(rates, ends, float(n_told[place]), resampling.confidence)
        yield place, TellingError(float(rates[0]), float(rates[1]), *sizes.tolist()), ends


def _n_prevalences(counts: FloatMatrix, states: NDArray[np.int64], is_told: NDArray[np.bool_]) -> int:
    """Return how many golds have items of which all told witnesses tell, and are seen by one of them more or less."""
    is_whole = (states[:, is_told] != _UNKNOWN).all(axis=1)
    seen = counts[:, is_whole] @ (states[is_whole][:, is_told] == _PRESENT).any(axis=1)
    return len(np.unique(np.round(divide(seen, counts[:, is_whole].sum(axis=1))[counts[:, is_whole].any(axis=1)], 9)))


def _effective(rates: FloatVector, ends: FloatMatrix, n_items: float, confidence: float) -> FloatVector:
    """Return of how many known faces a rate would have an interval as wide; 1 to all of them."""
    from scipy.stats import norm

    width = (ends[:, 1] - ends[:, 0]) / (2 * norm.ppf((1 + confidence) / 2))
    inner = np.clip(rates, 1 / (n_items + 2), 1 - 1 / (n_items + 2))
    size = divide(inner * (1 - inner), width**2)
    return np.clip(np.nan_to_num(size, nan=1), 1, max(n_items, 1))
