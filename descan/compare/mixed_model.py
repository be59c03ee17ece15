"""A mixed logistic model: correct ~ mode x model + (1 | item) + (1 | group)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import NamedTuple

import numpy as np
from duckdb import DuckDBPyConnection
from scipy import optimize, special

from descan.compare.bootstrap import FloatMatrix, FloatVector
from descan.compare.database import read_sql
from descan.compare.paired import MAX_PAIRED_MODELS, Side, mode_pairs, model_pairs
from descan.records import Mode
from descan.significance import MIN_GROUPS
from descan.storage.safe_csv import Cell

MAX_ITEMS = 5_000
"""Of more items, whole groups are drawn: more would take minutes and change no digit that matters."""

MIXED_MODEL_COLUMNS = (
    *("comparison", "model_a", "mode_a", "model_b", "mode_b"),
    *("odds_ratio", "odds_ratio_low", "odds_ratio_high", "difference", "difference_low", "difference_high"),
    *("sd_item", "sd_group", "n_answers", "n_items", "n_groups"),
)
"""Of `mixed_model.csv`."""

_N_GROUP_NODES, _N_ITEM_NODES, _N_MARGINAL_NODES = 41, 21, 81
_SPAN = 5.0
"""Nodes of integration go so many standard deviations to each side; twice as many change no third digit."""

_STEP = 1e-4
_MIN_SD = 0.05
"""A smaller standard deviation counts as none: its own error has no normal distribution."""


class Effect(NamedTuple):
    """An estimate with its interval; the interval is NaN with fewer than `MIN_GROUPS` groups."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Patterns:
    """Answers, counted. An item's pattern is how often it was answered and how often right on each side.

    Attributes:
        n_right: Right answers of each pattern. Shape: (n_patterns, n_sides).
        n: Answers of each pattern. Shape: (n_patterns, n_sides).
        of_groups: Items of each pattern in each type of group. Shape: (n_patterns, n_types).
        multiplicity: Number of groups of each type. Shape: (n_types,).
    """

    n_right: FloatMatrix
    n: FloatMatrix
    of_groups: FloatMatrix
    multiplicity: FloatVector

    @property
    def n_items(self) -> FloatVector:
        """Items of each pattern. Shape: (n_patterns,)."""
        return np.asarray(self.of_groups @ self.multiplicity)

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return int(self.multiplicity.sum())


@dataclass(frozen=True, slots=True)
class MixedModel:
    """A fitted model.

    Attributes:
        parameters: Log odds of each side for an average item, then the standard deviations of groups and of items.
            Shape: (n_sides + 2,).
        covariance: Of the parameters, robust to what groups have in common beside the model. Shape: (n, n) for n
            parameters.
        n_groups: Independent groups.
    """

    parameters: FloatVector
    covariance: FloatMatrix
    n_groups: int

    @property
    def sd_group(self) -> float:
        """Standard deviation of groups, in log odds; 0 where no group has two items."""
        return float(abs(self.parameters[-2]))

    @property
    def sd_item(self) -> float:
        """Standard deviation of items in a group, in log odds; 0 where no item has two answers."""
        return float(abs(self.parameters[-1]))

    def odds_ratio(self, weights: FloatVector, confidence: float) -> Effect:
        """Return the odds ratio of sides for one and the same item.

        Args:
            weights: 1 for a, -1 for b, 0 for others; of a ratio of ratios two of each. Shape: (n_sides,).
            confidence: Of the interval.
        """
        gradient = np.append(weights, [0.0, 0.0])
        return Effect(*np.exp(self._interval(float(gradient @ self.parameters), gradient, confidence)))

    def difference(self, weights: FloatVector, confidence: float) -> Effect:
        """Return the difference in accuracy over all items: the mean over the distribution of groups and items.

        Args:
            weights: As of `odds_ratio`.
            confidence: Of the interval, by the delta method.
        """
        sds = self.parameters[-2:]
        sd = float(np.hypot(*sds))
        z, log_shares = _nodes(_N_MARGINAL_NODES, is_used=True)
        shares = np.exp(log_shares)
        p = special.expit(self.parameters[:-2, np.newaxis] + sd * z)
        by_log_odds, by_sd = (p * (1 - p)) @ shares, (p * (1 - p) * z) @ shares
        of_sds = (weights @ by_sd) * sds / sd if sd else np.zeros(2)
        gradient = np.append(weights * by_log_odds, of_sds)
        return Effect(*self._interval(float(weights @ (p @ shares)), gradient, confidence))

    def _interval(self, value: float, gradient: FloatVector, confidence: float) -> FloatVector:
        if self.n_groups < MIN_GROUPS:
            return np.array([value, np.nan, np.nan])
        t = special.stdtrit(self.n_groups - 1, (1 + confidence) / 2)
        half = t * np.sqrt(max(float(gradient @ self.covariance @ gradient), 0.0))
        return np.array([value, value - half, value + half])


def mixed_model_rows(connection: DuckDBPyConnection, confidence: float) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `mixed_model.csv`: models in pairs, modes in pairs, and how much modes differ by model.

    A side that is always or never right has no odds, and is left out; with more than `MAX_PAIRED_MODELS` models there
    are no rows.

    Args:
        connection: A database in which pairs.sql has run.
        confidence: Of the intervals.
    """
    connection.execute(f"CREATE TABLE IF NOT EXISTS trials AS {read_sql('trials')}")
    query = """
        SELECT model, mode FROM trials GROUP BY model, mode HAVING avg(is_right) > 0 AND avg(is_right) < 1
        ORDER BY mode <> 'describe', mode, model
    """
    sides = [Side(*row) for row in connection.execute(query).fetchall()]
    if len(sides) < 2 or len({side.model for side in sides}) > MAX_PAIRED_MODELS:
        return
    patterns = _count_patterns(connection, sides)
    fitted = fit_mixed_model(patterns)
    n_answers = int(patterns.n.sum(axis=1) @ patterns.n_items)
    counts = (fitted.sd_item, fitted.sd_group, n_answers, int(patterns.n_items.sum()), patterns.n_groups)
    for kind, a, b, weights in _comparisons(sides):
        effects = (*fitted.odds_ratio(weights, confidence), *fitted.difference(weights, confidence))
        yield kind, *a, *b, *effects, *counts


def fit_mixed_model(patterns: Patterns) -> MixedModel:
    """Fit the model by maximum likelihood, with the effects of groups and items integrated out numerically.

    Items with one pattern, and sums over the nodes of an effect, are computed once, so that the likelihood is exact to
    the digits shown and the work does not grow with the answers (Stroup 2012, Generalized Linear Mixed Models, ch. 14;
    the sandwich covariance is that of Liang & Zeger 1986, Biometrika 73, 13-22, by groups). Variational or joint
    approximations, as in statsmodels' BinomialBayesMixedGLM, gave intervals half as wide.
    """
    n_sides = patterns.n.shape[1]
    n_in_group = patterns.of_groups.sum(axis=0)
    has_effects = np.array([n_in_group.max() > 1, patterns.n.sum(axis=1).max() > 1])
    likelihood = _Likelihood(patterns, *has_effects.tolist())
    shares = (patterns.n_items @ patterns.n_right + 0.5) / (patterns.n_items @ patterns.n + 1)
    start = np.append(special.logit(shares), np.where(has_effects, [0.5, 1.0], 0.0))
    found = optimize.minimize(likelihood.minus_log, start, jac=True, method="BFGS", options={"gtol": 1e-3})
    parameters = np.asarray(found.x, dtype=np.float64)
    is_free = np.append(np.ones(n_sides, dtype=bool), has_effects & (np.abs(parameters[-2:]) > _MIN_SD))
    steps = _STEP * np.eye(len(parameters))[is_free]
    hessian = np.array(
        [
            (likelihood.minus_log(parameters + step)[1] - likelihood.minus_log(parameters - step)[1])[is_free]
            / (2 * _STEP)
            for step in steps
        ]
    )
    inverse = np.linalg.inv((hessian + hessian.T) / 2)
    _, scores = likelihood.scores(parameters)
    n_groups, scores = patterns.n_groups, scores[:, is_free]
    spread = scores.T @ (patterns.multiplicity[:, np.newaxis] * scores)
    sandwich = inverse @ spread @ inverse * n_groups / max(n_groups - 1, 1)
    covariance = np.zeros((len(parameters), len(parameters)))
    covariance[np.ix_(is_free, is_free)] = sandwich
    return MixedModel(parameters, covariance, n_groups)


class _Likelihood:
    """The likelihood of patterns, and its derivatives."""

    def __init__(self, patterns: Patterns, has_group_effect: bool, has_item_effect: bool) -> None:
        self._patterns = patterns
        self._of_groups = patterns.of_groups
        self._group_nodes, self._group_shares = _nodes(_N_GROUP_NODES, is_used=has_group_effect)
        self._item_nodes, self._item_shares = _nodes(_N_ITEM_NODES, is_used=has_item_effect)

    def minus_log(self, parameters: FloatVector) -> tuple[float, FloatVector]:
        """Return the negative logarithm of the likelihood and its gradient."""
        logs, scores = self.scores(parameters)
        multiplicity = self._patterns.multiplicity
        return -float(multiplicity @ logs), -multiplicity @ scores

    def scores(self, parameters: FloatVector) -> tuple[FloatVector, FloatMatrix]:
        """Return the log likelihood of each type of group, and its derivatives.

        Returns:
            Shapes: (n_types,) and (n_types, n_parameters).
        """
        n_right, n = self._patterns.n_right, self._patterns.n
        log_odds, (sd_group, sd_item) = parameters[:-2], parameters[-2:]
        k, j = self._group_nodes, self._item_nodes
        eta = log_odds[:, np.newaxis, np.newaxis] + sd_group * k[:, np.newaxis] + sd_item * j
        flat = eta.reshape(len(log_odds), -1)
        given_both = -n_right @ np.logaddexp(0, -flat) - (n - n_right) @ np.logaddexp(0, flat)
        given_both = given_both.reshape(-1, len(k), len(j)) + self._item_shares
        given_group = special.logsumexp(given_both, axis=2)
        of_items = np.exp(given_both - given_group[..., np.newaxis])
        of_nodes = self._of_groups.T @ given_group + self._group_shares
        logs = special.logsumexp(of_nodes, axis=1)
        of_nodes = np.exp(of_nodes - logs[:, np.newaxis])
        p = special.expit(eta)
        residuals = n_right[:, np.newaxis] - n[:, np.newaxis] * np.einsum("pkj,ckj->pkc", of_items, p, optimize=True)
        by_side = np.einsum("pg,gk,pkc->gc", self._of_groups, of_nodes, residuals, optimize=True)
        of_group = np.einsum("pg,gk,pk->g", self._of_groups, of_nodes, residuals.sum(axis=2) * k, optimize=True)
        expected = (n @ p.reshape(flat.shape)).reshape(-1, len(k), len(j))
        of_item = ((n_right.sum(axis=1)[:, np.newaxis, np.newaxis] - expected) * of_items) @ j
        of_item = np.einsum("pg,gk,pk->g", self._of_groups, of_nodes, of_item, optimize=True)
        return logs, np.column_stack([by_side, of_group, of_item])


def _nodes(n: int, *, is_used: bool) -> tuple[FloatVector, FloatVector]:
    """Return the nodes of a standard normal effect and the logarithms of their shares; one node for no effect.

    Equal steps (the trapezoid rule) are exact to many digits for smooth functions that end in zeros.
    """
    if not is_used:
        return np.zeros(1), np.zeros(1)
    z = np.linspace(-_SPAN, _SPAN, n)
    return z, -(z**2) / 2 - special.logsumexp(-(z**2) / 2)


def _count_patterns(connection: DuckDBPyConnection, sides: Sequence[Side]) -> Patterns:
    models, modes = ([side[place] for side in sides] for place in (0, 1))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE sides AS SELECT unnest(?::VARCHAR[]) AS model, unnest(?::VARCHAR[]) AS mode, "
        "unnest(range(?)) AS side",
        [models, modes, len(sides)],
    )
    rows = connection.execute(read_sql("strata/patterns"), {"max_items": MAX_ITEMS}).fetchall()
    found = [(unit, tuple(tuple(side.values()) for side in pattern), n) for unit, pattern, n in rows]
    places = {pattern: place for place, pattern in enumerate(dict.fromkeys(pattern for _, pattern, _ in found))}
    n, n_right = np.zeros((2, len(places), len(sides)))
    for pattern, place in places.items():
        for side, n_answers, n_of_right in pattern:
            n[place, side], n_right[place, side] = n_answers, n_of_right
    types = Counter(
        tuple((places[pattern], n_items) for _, pattern, n_items in of_unit)
        for _, of_unit in groupby(found, key=lambda row: row[0])
    )
    of_groups = np.zeros((len(places), len(types)))
    for column, entries in enumerate(types):
        for place, n_items in entries:
            of_groups[place, column] = n_items
    return Patterns(n_right, n, of_groups, np.array(list(types.values()), dtype=np.float64))


def _comparisons(sides: Sequence[Side]) -> Iterator[tuple[str, Side, Side, FloatVector]]:
    place = dict(zip(sides, np.eye(len(sides)), strict=True))
    for kind, pairs in (("models", model_pairs(sides)), ("modes", mode_pairs(sides))):
        for a, b in pairs:
            yield kind, a, b, place[a] - place[b]
    for (a, b), (c, d) in combinations(mode_pairs(sides), 2):
        if b.mode == d.mode and a.mode == Mode.DESCRIBE:
            modes = f"{a.mode} - {b.mode}"
            yield "interaction", Side(a.model, modes), Side(c.model, modes), place[a] - place[b] - place[c] + place[d]
