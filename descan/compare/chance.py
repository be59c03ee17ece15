"""Support by chance: how often a description supports gold when descriptions are shuffled among items.

The shuffle moves whole groups: every group of items gets the descriptions of a group drawn without replacement, in
random order. So descriptions of near-identical frames stay together, and the spread of the shuffled shares is that
of groups, not of items. A group that gets more descriptions than it has items takes a random part of them; one
that gets fewer takes some more than once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import (
    FloatMatrix,
    FloatVector,
    Intervals,
    IntVector,
    Resampling,
    count_groups,
    resample,
)
from descan.compare.intervals import divide
from descan.compare.strata import fetch_runs

N_RULES = 4
"""Rules of support, as in chance.sql."""

MAX_PERMUTATIONS = 1_000
"""A shuffle goes over all items, unlike a resample."""

POPULATIONS = ("all", "wrong_label")
"""Whose descriptions are shuffled: those of all items, or of those whose label is wrong."""

_COUNTS = ("rule", "n_items", "n_groups", "n_supporting", "n_permutations")
_SHARES = (
    *("share", "chance_share", "chance_low", "chance_high", "p"),
    *("difference", "difference_low", "difference_high"),
    *("seen_beyond_chance", "seen_beyond_chance_low", "seen_beyond_chance_high"),
    *("adjusted_low", "adjusted_high"),
)
_SCHEMA = pa.schema(
    [("model", pa.string()), ("population", pa.string())]
    + [(name, pa.int64()) for name in _COUNTS]
    + [(name, pa.list_(pa.float64()) if name.startswith("adjusted") else pa.float64()) for name in _SHARES]
)


@dataclass(frozen=True, slots=True)
class Claims:
    """The described items of one model. Each array has shape (n_items,).

    Attributes:
        units: What is resampled or shuffled as a whole.
        golds: Place of gold, from 0.
        claimed: Bit rule * n_categories + place is set where the description supports the category of that place.
        is_wrong: 1 where the label is not gold, 0 where it is or where there is none.
        n_categories: Number of categories.
    """

    units: IntVector
    golds: IntVector
    claimed: IntVector
    is_wrong: IntVector
    n_categories: int

    def of_wrong_labels(self) -> "Claims":
        """Return the items whose label is wrong."""
        chosen = self.is_wrong == 1
        columns = (self.units[chosen], self.golds[chosen], self.claimed[chosen], self.is_wrong[chosen])
        return Claims(*columns, self.n_categories)


def create_chance(connection: DuckDBPyConnection, n_categories: int, resampling: Resampling) -> None:
    """Create the table `chance`: the shuffled shares and what is seen beyond chance.

    It has a row for each model, population and rule of support. The chance share is the mean over all shuffles where
    groups are of one size, and otherwise that of the shuffles that were made. `adjusted_low` and `adjusted_high` are
    lists of the ends of the difference where 1, 2, ... models are to hold together.
    """
    [(n_models,)] = connection.execute("SELECT count(DISTINCT model) FROM claims").fetchall()
    rows: list[dict[str, object]] = []
    for model, claims in _read_claims(connection, n_categories):
        for population, chosen in zip(POPULATIONS, (claims, claims.of_wrong_labels()), strict=True):
            if len(chosen.units):
                described = {"model": model, "population": population}
                rows += [described | row for row in _chance_rows(chosen, resampling, n_models)]
    connection.from_arrow(pa.Table.from_pylist(rows, schema=_SCHEMA)).create("chance")


def _chance_rows(claims: Claims, resampling: Resampling, n_models: int) -> Iterator[dict[str, object]]:
    shuffled = shuffled_shares(claims, resampling)
    observed = _support_shares(claims, claims.claimed)
    sizes = np.diff(_starts(claims.units), append=len(claims.units))
    are_alike = sizes.min() == sizes.max()
    tail = (1 - resampling.confidence) / 2
    low, high = np.quantile(shuffled, [tail, 1 - tail], axis=0)
    p = (1 + (shuffled >= observed - 1e-12).sum(axis=0)) / (1 + len(shuffled))
    for rule in range(N_RULES):
        found = seen_beyond_chance(claims, rule, resampling, n_models)
        counts = (rule, len(claims.units), len(sizes), round(observed[rule] * len(claims.units)), len(shuffled))
        difference = found.values[0] if are_alike else observed[rule] - shuffled[:, rule].mean()
        shares = (observed[rule], observed[rule] - difference, low[rule], high[rule], p[rule])
        values = (*shares, difference, *found.columns(0)[1:], *found.columns(1), *found.of_tests[:, :, 0])
        yield dict(zip((*_COUNTS, *_SHARES), (*counts, *values), strict=True))


def shuffled_shares(claims: Claims, resampling: Resampling) -> FloatMatrix:
    """Return the share of items whose description supports gold, in each shuffle and by each rule.

    Args:
        claims: Sorted by unit.
        resampling: `n_resamples` shuffles are made, but at most `MAX_PERMUTATIONS`.

    Returns:
        Shape: (n_permutations, n_rules).
    """
    generator = np.random.default_rng(resampling.seed)
    starts = _starts(claims.units)
    sizes = np.diff(starts, append=len(claims.units))
    groups = np.repeat(np.arange(len(sizes)), sizes)
    places = np.arange(len(groups)) - starts[groups]
    n_permutations = min(resampling.n_resamples, MAX_PERMUTATIONS)
    shares = np.empty((n_permutations, N_RULES))
    for index in range(n_permutations):
        taken = generator.permutation(len(sizes))
        if len(sizes) < len(groups):
            donors = taken[groups]
            taken = _shuffled_within(groups, generator)[starts[donors] + places % sizes[donors]]
        shares[index] = _support_shares(claims, claims.claimed[taken])
    return shares


def seen_beyond_chance(claims: Claims, rule: int, resampling: Resampling, n_tests: int = 1) -> Intervals:
    """Return support - chance, and (support - chance) / (1 - chance), with bootstrap intervals.

    0 is a describer whose descriptions have nothing to do with gold; of the second 1 is one that always supports it.
    Cohen (1960) corrects agreement for chance in the same way: where every description supports one category, the
    second is Cohen's kappa. It is undefined where chance is 1.

    Args:
        claims: Sorted by unit.
        rule: One of the rules of support, 0 to 3.
        resampling: How intervals are made.
        n_tests: Up to how many differences are to hold together.
    """
    n = claims.n_categories
    items = np.zeros((len(claims.golds), 2 * n + 1), dtype=np.uint8)
    items[np.arange(len(items)), claims.golds] = 1
    bits = claims.claimed >> (rule * n)
    items[:, n : 2 * n] = (bits[:, np.newaxis] >> np.arange(n)) & 1
    items[:, 2 * n] = (bits >> claims.golds) & 1
    counts = np.add.reduceat(items, _starts(claims.units), dtype=np.int64)
    groups, cells = np.nonzero(counts)
    sample = count_groups(groups, cells, items.shape[1], counts[groups, cells])
    return resample(sample, _beyond_chance, resampling, n_tests)


def _read_claims(connection: DuckDBPyConnection, n_categories: int) -> Iterator[tuple[str, Claims]]:
    """Return the claims of one model after the other."""
    query = """
        SELECT model, unit, position - 1 AS gold, claimed, is_wrong::INTEGER FROM claims JOIN emotions ON emotion = gold
        ORDER BY model, unit, pair
    """
    for (model,), runs in groupby(fetch_runs(connection, query, n_integers=4), key=lambda run: run[0]):
        units, golds, claimed, is_wrong = np.hstack([rows for _, rows in runs])
        yield model, Claims(units, golds, claimed, is_wrong, n_categories)


def _starts(units: IntVector) -> IntVector:
    """Return the places where a unit begins."""
    return np.flatnonzero(np.diff(units, prepend=-1))


def _beyond_chance(totals: FloatMatrix) -> FloatMatrix:
    n_categories = totals.shape[1] // 2
    golds, claims, hits = totals[:, :n_categories], totals[:, n_categories:-1], totals[:, -1]
    n = golds.sum(axis=1)
    expected = divide((golds * claims).sum(axis=1), n)
    return np.column_stack([divide(hits - expected, n), divide(hits - expected, n - expected)])


def _shuffled_within(groups: IntVector, generator: np.random.Generator) -> IntVector:
    """Return an order of the items that keeps groups where they are and shuffles inside each."""
    order = generator.permutation(len(groups))
    narrow = groups.astype(np.uint16) if groups[-1] <= np.iinfo(np.uint16).max else groups
    return order[np.argsort(narrow[order], kind="stable")]


def _support_shares(claims: Claims, claimed: IntVector) -> FloatVector:
    supports, n = claimed >> claims.golds, claims.n_categories
    return np.array([np.count_nonzero(supports & (1 << (rule * n))) for rule in range(N_RULES)]) / len(claimed)
