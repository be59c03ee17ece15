"""Where being right varies: between groups, items, prompts, and repeats of one prompt to one item."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatMatrix, FloatVector, GroupCounts, Resampling, resample, sum_groups
from descan.compare.database import read_sql
from descan.compare.intervals import divide, share_intervals
from descan.compare.strata import Key, fetch_runs
from descan.corpus.prompts import MAX_PROMPTS
from descan.storage.safe_csv import Cell

VARIANCE_COLUMNS = (
    *("model", "mode", "component", "includes", "variance", "variance_low", "variance_high"),
    *("share", "share_low", "share_high", "n_prompts", "n_answers", "n_items", "n_groups"),
)
"""Of `variance.csv`. `includes` names components that these answers cannot tell from this one."""

PROMPT_COLUMNS = (
    *("model", "mode", "prompt", "n_answers", "n_items", "accuracy", "accuracy_low", "accuracy_high"),
    *("difference", "difference_low", "difference_high", "n_groups"),
)
"""Of `prompts.csv`. `difference` is to the mean of the other prompts, on the items that have answers to both."""

COMPONENTS = ("group", "item", "prompt", "item_prompt", "repeat")

MAX_ITEMS = 50_000
"""Of more items, whole groups are drawn by a hash of them: more would change no digit that matters."""


@dataclass(frozen=True, slots=True)
class Tried:
    """The answers of one model in one mode: an entry for each item and prompt, sorted by group.

    Attributes:
        units: The group of the item. Shape of all: (n_entries,).
        items: The item.
        prompts: The place of the prompt, from 0.
        n: Its answers with a category, 1 or more.
        n_right: How many of them are right.
        n_prompts: Number of prompts.
    """

    units: NDArray[np.int64]
    items: NDArray[np.int64]
    prompts: NDArray[np.int64]
    n: NDArray[np.int64]
    n_right: NDArray[np.int64]
    n_prompts: int


def prompt_tables(
    connection: DuckDBPyConnection, resampling: Resampling
) -> tuple[list[Sequence[Cell]], list[Sequence[Cell]]]:
    """Return the rows of `variance.csv`, of modes with several prompts or repeats, and of `prompts.csv`."""
    names = _read_prompts(connection)
    variances: list[Sequence[Cell]] = []
    prompts: list[Sequence[Cell]] = []
    for (model, mode), tried in _read_tried(connection, names):
        if tried.n_prompts > 1 or tried.n.max() > 1:
            variances += ((model, mode, *row) for row in _variance_rows(tried, resampling))
        if tried.n_prompts > 1:
            rows = _prompt_rows(tried, names[model, mode], resampling)
            prompts += ((model, mode, *row) for row in rows)
    return variances, prompts


def find_components(totals: FloatMatrix, n_prompts: int) -> FloatMatrix:
    """Return the components of variance by the method of moments, from half the squared differences of pairs.

    Two answers of one item and prompt differ by the repeat; those of one item and two prompts by prompt and item x
    prompt, too; those of two items of a group and one prompt by item and item x prompt; and so on. The mean of half
    the squared differences of a kind of pairs is the sum of what they differ by (symmetric sums: Koch 1968; Searle,
    Casella & McCulloch 1992). Estimates may be below 0. What no pair tells apart is NaN, and is in the component that
    `_includes` names.

    Args:
        totals: Sums of `sum_pairs`. Shape: (n, 2 * n_prompts + 12).
        n_prompts: Number of prompts.

    Returns:
        By `COMPONENTS`, and then each as a share of all. Shape: (n, 10).
    """
    n, s = totals[:, :n_prompts], totals[:, n_prompts : 2 * n_prompts]
    ns, ss, nn, ns_other, ss_other, nn_other, *of_pairs = totals[:, 2 * n_prompts :].T
    repeats, prompts, items = (divide(above, below) for above, below in zip(of_pairs[::2], of_pairs[1::2], strict=True))
    n_all, s_all = n.sum(axis=1), s.sum(axis=1)
    groups = divide((n * s).sum(axis=1) - ns - (s**2).sum(axis=1) + ss, (n**2).sum(axis=1) - nn)
    n_pairs = n_all**2 - (n**2).sum(axis=1) - nn_other
    means = n_all * s_all - (n * s).sum(axis=1) - ns_other
    apart = divide(means - (s_all**2 - (s**2).sum(axis=1) - ss_other), n_pairs)
    prompt = apart - groups
    repeat = repeats
    item_prompt = prompts - prompt - np.nan_to_num(repeat)
    below_item = np.nan_to_num(repeat) + np.nan_to_num(item_prompt)
    if n_prompts == 1:
        prompt = item_prompt = np.full(len(totals), np.nan)
        below_item = np.nan_to_num(repeat)
    has_pairs = ~np.isnan(items)
    item = np.where(has_pairs, items, groups) - below_item
    group = np.where(has_pairs, groups - items, np.nan)
    parts = np.column_stack([group, item, prompt, item_prompt, repeat])
    return np.hstack([parts, divide(parts, np.nansum(parts, axis=1, keepdims=True))])


def sum_pairs(tried: Tried) -> GroupCounts:
    """Return what `find_components` needs of each group. Prompts weigh the same, however many answers each has.

    Returns:
        Cells, all of weights: by prompt the number n of items, and the sum s of their shares of right answers; over all
        prompts the sums of n s, s² and n² and, of two different prompts, of n s, s s and n n; then half the squared
        differences and the number of pairs of repeats, of prompts of an item, and of items of the group by prompt.
    """
    places, n_groups = _number(tried.units)
    of_items, n_items = _number(tried.items)
    group_of_item = np.zeros(n_items, dtype=np.int64)
    group_of_item[of_items] = places
    n_of_prompts = np.bincount(tried.prompts, minlength=tried.n_prompts)
    weights = (n_of_prompts.max() / n_of_prompts)[tried.prompts]
    shares = tried.n_right / tried.n
    sums = [weights, weights * shares, weights**2, weights**2 * shares, weights**2 * shares**2]

    def by_prompt(values: FloatVector) -> FloatMatrix:
        found = np.zeros((n_groups, tried.n_prompts))
        np.add.at(found, (places, tried.prompts), values)
        return found

    def by_group(values: FloatVector) -> FloatVector:
        return np.bincount(places, values, n_groups).astype(np.float64)

    n, s = (by_prompt(values) for values in sums[:2])
    of_prompts = [part.sum(axis=1) for part in _pair_up(*(by_prompt(values) for values in sums))]
    of_items_too = [
        np.bincount(group_of_item, part, n_groups)
        for part in _pair_up(*(np.bincount(of_items, values, n_items).astype(np.float64) for values in sums))
    ]
    n_all, s_all = n.sum(axis=1), s.sum(axis=1)
    ns, ss, nn = (n * s).sum(axis=1), (s**2).sum(axis=1), (n**2).sum(axis=1)
    of_repeats = weights * tried.n * shares * (1 - shares) / np.maximum(tried.n - 1, 1)
    cells = [
        *(ns, ss, nn, n_all * s_all - ns, s_all**2 - ss, n_all**2 - nn),
        *(by_group(np.where(tried.n > 1, values, 0)) for values in (of_repeats, weights)),
        *of_items_too,
        *of_prompts,
    ]
    return _sum_cells(np.column_stack([n, s, *cells]))


def _pair_up(
    w: FloatMatrix, wy: FloatMatrix, ww: FloatMatrix, wwy: FloatMatrix, wwyy: FloatMatrix
) -> list[FloatMatrix]:
    """Return half the squared differences of all pairs of shares y, and the pairs, each in both orders, weighted.

    Args:
        w: Sum of the weights of the shares that are paired.
        wy: Of weight times share, and so on.
        ww: Of squared weights.
        wwy: Of squared weight times share.
        wwyy: Of both squared.
    """
    # The shares are means of answers that are 0 or 1: half of (y - y')² is y / 2 + y' / 2 - y y' for two answers.
    return [w * wy - wwy - (wy**2 - wwyy), w**2 - ww]


def _variance_rows(tried: Tried, resampling: Resampling) -> Iterator[Sequence[Cell]]:
    groups = sum_pairs(tried)
    found = resample(groups, partial(find_components, n_prompts=tried.n_prompts), resampling)
    counts = (tried.n_prompts, int(tried.n.sum()), len(np.unique(tried.items)), groups.n_groups)
    for place, name in enumerate(COMPONENTS):
        if not np.isnan(found.values[place]):
            columns = found.columns(place, len(COMPONENTS) + place)
            yield name, _includes(name, found.values[: len(COMPONENTS)], tried.n_prompts), *columns, *counts


def _includes(name: str, values: FloatVector, n_prompts: int) -> str:
    """Name the components that are in another one, because no pair of answers tells them apart."""
    is_known = dict(zip(COMPONENTS, ~np.isnan(values), strict=True))
    lowest = "item_prompt" if n_prompts > 1 else "item"
    found = []
    if name == "item" and not is_known["group"]:
        found.append("group")
    if name == "item" and n_prompts == 1:
        found.append("item_prompt")
    if name == lowest and not is_known["repeat"]:
        found.append("repeat")
    return ", ".join(found)


def _prompt_rows(tried: Tried, names: Sequence[str], resampling: Resampling) -> Iterator[Sequence[Cell]]:
    n = tried.n_prompts
    places, n_groups = _number(tried.units)
    of_items, n_items = _number(tried.items)
    shares = tried.n_right / tried.n
    k, t = (np.bincount(of_items, values, n_items)[of_items] for values in (np.ones_like(shares), shares))
    has_others = k > 1
    differences = np.where(has_others, shares - (t - shares) / np.maximum(k - 1, 1), 0)
    cells = np.zeros((n_groups, 4 * n))
    for part, values in enumerate((shares, 1 - shares, differences, has_others)):
        np.add.at(cells, (places, part * n + tried.prompts), values)
    groups = _sum_cells(cells)
    # A denominator for each prompt, each with one numerator: its own.
    shares_of = [
        share_intervals(
            [groups], np.eye(4 * n)[[p]], (np.eye(4 * n)[[p]] + np.eye(4 * n)[[n + p]]), resampling.confidence
        )
        for p in range(n)
    ]
    found = resample(groups, lambda totals: divide(totals[:, 2 * n : 3 * n], totals[:, 3 * n :]), resampling)
    for place, ([accuracy], name) in enumerate(zip(shares_of, names, strict=True)):
        is_mine = tried.prompts == place
        share = (float(part[0]) for part in (accuracy.values, accuracy.low, accuracy.high))
        counts = (int(tried.n[is_mine].sum()), int(is_mine.sum()))
        yield name, *counts, *share, *found.columns(place), int(accuracy.n_groups[0])


def _read_prompts(connection: DuckDBPyConnection) -> dict[Key, list[str]]:
    """Return the prompts of each model and mode, sorted; one without a name where it has too many."""
    query = "SELECT model, mode, list(DISTINCT coalesce(prompt, '')) FROM answers GROUP BY model, mode"
    found = connection.execute(query).fetchall()
    return {(model, mode): sorted(names) if len(names) <= MAX_PROMPTS else [""] for model, mode, names in found}


def _read_tried(connection: DuckDBPyConnection, names: Mapping[Key, Sequence[str]]) -> Iterator[tuple[Key, Tried]]:
    connection.execute(f"CREATE TABLE IF NOT EXISTS trials AS {read_sql('trials')}")
    runs = fetch_runs(connection, read_sql("variance"), {"max_prompts": MAX_PROMPTS, "max_items": MAX_ITEMS}, 5)
    for key, found in groupby(runs, key=lambda run: run[0]):
        units, items, prompts, n, n_right = np.hstack([rows for _, rows in found])
        yield key, Tried(units, items, prompts, n, n_right, len(names[key]))


def _number(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Number what is the same from 0, and return how many numbers there are."""
    known, places = np.unique(values, return_inverse=True)
    return places, len(known)


def _sum_cells(cells: FloatMatrix) -> GroupCounts:
    """Return groups with these cells. Shape: (n_groups, n_cells)."""
    groups, places = np.indices(cells.shape).reshape(2, -1)
    return sum_groups(groups, places, cells.shape[1], cells.ravel())
