"""Support by chance: how often a description supports gold when descriptions are shuffled among items.

The shuffle moves whole groups: every group of items gets the descriptions of a group drawn without replacement, in
random order. So descriptions of near-identical frames stay together, and the spread of the shuffled shares is that
of groups, not of items. A group that gets more descriptions than it has items takes a random part of them; one
that gets fewer takes some more than once. So each item gets the description of a random item of a random group, and
the mean over all shuffles is known without making them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

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

_MEAN_STEPS = 1_000_000
"""A group's share of descriptions is counted in whole steps, so that sums do not depend on their order."""

_COUNTS = ("rule", "n_items", "n_groups", "n_supporting", "n_permutations")
_ITEM_COUNTS = ("n_items", "n_supporting")
_SHARES = (
    *("share", "chance_share", "chance_low", "chance_high", "p"),
    *("difference", "difference_low", "difference_high"),
    *("seen_beyond_chance", "seen_beyond_chance_low", "seen_beyond_chance_high"),
    *("adjusted_low", "adjusted_high"),
)
_SCHEMA = pa.schema(
    [("model", pa.string()), ("population", pa.string())]
    + [(name, pa.decimal128(18, 6) if name in _ITEM_COUNTS else pa.int64()) for name in _COUNTS]
    + [(name, pa.list_(pa.float64()) if name.startswith("adjusted") else pa.float64()) for name in _SHARES]
)


@dataclass(frozen=True, slots=True)
class Claims:
    """The described items of one model. Arrays have shape (n_items,) if nothing else is said.

    What an item weighs, and what each of its descriptions has of that, are counted in steps, of which 1 has `n_steps`.

    Attributes:
        units: What is resampled or shuffled as a whole.
        golds: Place of gold, from 0.
        weights: Steps that the item weighs.
        wrong: Steps that the labels that are not gold have among the labels of the item.
        claimed: Bit rule * n_categories + place is set where the description supports the category of that place. A row
            for each repeat. Shape: (n_repeats, n_items).
        parts: Steps of each description; 0 where the item has fewer. Shape: (n_repeats, n_items).
        n_steps: Steps of one item, and of all descriptions of an item.
        n_categories: Number of categories.
    """

    units: IntVector
    golds: IntVector
    weights: IntVector
    wrong: IntVector
    claimed: IntVector
    parts: IntVector
    n_steps: int
    n_categories: int

    @property
    def n_items(self) -> float:
        """Number of items; one that counts in part is less than one."""
        return float(self.weights.sum() / self.n_steps)

    def of_wrong_labels(self) -> "Claims":
        """Return the items whose label is wrong, each in so far as it is."""
        chosen = self.wrong > 0
        columns = (self.units[chosen], self.golds[chosen], self.wrong[chosen], self.wrong[chosen])
        return Claims(*columns, self.claimed[:, chosen], self.parts[:, chosen], self.n_steps, self.n_categories)


def create_chance(connection: DuckDBPyConnection, n_categories: int, resampling: Resampling) -> None:
    """Create the table `chance`: the shuffled shares and what is seen beyond chance.

    It has a row for each model, population and rule of support. The chance share is the mean over all shuffles.
    `adjusted_low` and `adjusted_high` are lists of the ends of the difference where 1, 2, ... models are to hold
    together.
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
    observed = _support_shares(claims)
    n_groups = len(_starts(claims.units))
    tail = (1 - resampling.confidence) / 2
    low, high = np.quantile(shuffled, [tail, 1 - tail], axis=0)
    p = (1 + (shuffled >= observed - 1e-12).sum(axis=0)) / (1 + len(shuffled))
    for rule in range(N_RULES):
        found = seen_beyond_chance(claims, rule, resampling, n_models)
        n_items, n_supporting = (Decimal(f"{n:.6f}") for n in (claims.n_items, observed[rule] * claims.n_items))
        counts = (rule, n_items, n_groups, n_supporting, len(shuffled))
        shares = (observed[rule], observed[rule] - found.values[0], low[rule], high[rule], p[rule])
        values = (*shares, *found.columns(0, 1), *found.of_tests[:, :, 0])
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
        shares[index] = _support_shares(claims, taken)
    return shares


def seen_beyond_chance(claims: Claims, rule: int, resampling: Resampling, n_tests: int = 1) -> Intervals:
    """Return support - chance, and the share of what chance leaves that is seen, with bootstrap intervals.

    Of both, 0 is a describer whose descriptions have nothing to do with gold. For chance, the first takes the mean over
    all shuffles. The second is (support - chance) / (1 - chance) with the chance of single items, after Cohen (1960):
    where every description supports one category it is Cohen's kappa, 1 is a describer that always supports gold, and
    it is undefined where that chance is 1.

    Args:
        claims: Sorted by unit.
        rule: One of the rules of support, 0 to 3.
        resampling: How intervals are made.
        n_tests: Up to how many differences are to hold together.
    """
    n, n_steps = claims.n_categories, claims.n_steps
    places = np.arange(len(claims.golds))
    items = np.zeros((len(places), 2 * n + 1), dtype=np.min_scalar_type(n_steps * n_steps))
    items[places, claims.golds] = claims.weights * n_steps
    for claimed, parts in zip(claims.claimed, claims.parts, strict=True):
        bits, weights = claimed >> (rule * n), claims.weights * parts
        items[:, n : 2 * n] += (((bits[:, np.newaxis] >> np.arange(n)) & 1) * weights[:, np.newaxis]).astype(
            items.dtype
        )
        items[:, 2 * n] += (((bits >> claims.golds) & 1) * weights).astype(items.dtype)
    starts = _starts(claims.units)
    sums = np.add.reduceat(items, starts, dtype=np.int64)
    means = _MEAN_STEPS * sums / np.diff(starts, append=len(items))[:, np.newaxis]
    weights = means[:, :n].sum(axis=1, keepdims=True)
    counts = np.hstack([sums, np.rint(means[:, n : 2 * n]).astype(np.int64), np.rint(weights).astype(np.int64)])
    groups, cells = np.nonzero(counts)
    sample = count_groups(groups, cells, counts.shape[1], counts[groups, cells], n_steps * n_steps)
    return resample(sample, _beyond_chance, resampling, n_tests)


def _read_claims(connection: DuckDBPyConnection, n_categories: int) -> Iterator[tuple[str, Claims]]:
    """Return the claims of one model after the other."""
    query = """
        SELECT model, unit, position - 1 AS gold, steps_wrong, nth, n_descriptions, claimed
        FROM claims JOIN emotions ON emotion = gold
        ORDER BY model, unit, pair
    """
    [(n_steps,)] = connection.execute("SELECT getvariable('steps')").fetchall()
    for (model,), runs in groupby(fetch_runs(connection, query, n_integers=6), key=lambda run: run[0]):
        yield model, gather_claims(np.hstack([rows for _, rows in runs]), n_steps, n_categories)


def gather_claims(rows: NDArray[np.int64], n_steps: int, n_categories: int) -> Claims:
    """Return the claims of descriptions whose items follow each other; the columns are those of the query."""
    *of_item, nth, n_repeats, claimed = rows
    firsts = nth == 0
    items = np.cumsum(firsts) - 1
    by_repeat, parts = np.zeros((2, int(n_repeats.max()), int(firsts.sum())), dtype=np.int64)
    by_repeat[nth, items] = claimed
    parts[nth, items] = np.rint(n_steps / n_repeats)
    units, golds, wrong = (column[firsts] for column in of_item)
    return Claims(units, golds, np.full(len(units), n_steps), wrong, by_repeat, parts, n_steps, n_categories)


def _starts(units: IntVector) -> IntVector:
    """Return the places where a unit begins."""
    return np.flatnonzero(np.diff(units, prepend=-1))


def _beyond_chance(totals: FloatMatrix) -> FloatMatrix:
    """Return both values of `seen_beyond_chance`.

    Args:
        totals: Of each category the items with that gold, then the descriptions that support it; the items whose
            description supports gold; of each category the sum over groups of the share of descriptions that support
            it, then the number of groups, both times `_MEAN_STEPS`. Shape: (n, 3 n_categories + 2).
    """
    n_categories = (totals.shape[1] - 2) // 3
    golds, claims, hits, shares = np.split(totals[:, :-1], np.cumsum([n_categories, n_categories, 1]), axis=1)
    n = golds.sum(axis=1)
    shuffled = divide((golds * shares).sum(axis=1), totals[:, -1])
    expected = divide((golds * claims).sum(axis=1), n)
    return np.column_stack([divide(hits[:, 0] - shuffled, n), divide(hits[:, 0] - expected, n - expected)])


def _shuffled_within(groups: IntVector, generator: np.random.Generator) -> IntVector:
    """Return an order of the items that keeps groups where they are and shuffles inside each."""
    order = generator.permutation(len(groups))
    narrow = groups.astype(np.uint16) if groups[-1] <= np.iinfo(np.uint16).max else groups
    return order[np.argsort(narrow[order], kind="stable")]


def _support_shares(claims: Claims, taken: IntVector | None = None) -> FloatVector:
    """Return the share of items whose descriptions support gold, by each rule. Shape: (N_RULES,).

    Args:
        claims: The items.
        taken: The item whose descriptions each item gets, which weigh as much there as they did here; its own if None.
    """
    if taken is None:
        claimed, parts, weights = claims.claimed, claims.parts, claims.weights
    else:
        claimed, parts = claims.claimed[:, taken], claims.parts[:, taken]
        weights = claims.weights * claims.weights[taken]
    supports = claimed >> claims.golds
    steps = parts * weights
    hits = [steps[supports & (1 << (rule * claims.n_categories)) != 0].sum() for rule in range(N_RULES)]
    return np.array(hits, dtype=np.float64) / float(weights.sum() * claims.n_steps)
