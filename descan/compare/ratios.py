"""How many times as long, as dear or as wordy one model is as another, on the same items."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations, groupby

import numpy as np
from duckdb import DuckDBPyConnection
from scipy import sparse

from descan.compare.bootstrap import (
    FloatMatrix,
    FloatVector,
    GroupCounts,
    IntVector,
    Resampling,
    percentile_intervals,
    resample_totals,
)
from descan.compare.database import read_sql
from descan.compare.intervals import divide
from descan.compare.paired import MAX_PAIRED_MODELS
from descan.storage.safe_csv import Cell

MEASURES = ("latency_s", "usd_per_1000", "input_tokens", "output_tokens")
"""What is compared: seconds of good answers, US dollars of a thousand, tokens in, tokens out with those of thinking."""

RATIO_COLUMNS = (
    *("measure", "mode", "model_a", "model_b", "n_items", "n_groups", "mean_a", "mean_b"),
    *("ratio", "ratio_low", "ratio_high", "typical_ratio", "typical_ratio_low", "typical_ratio_high"),
)
"""Of `ratios.csv`. `ratio` is `mean_a` by `mean_b`, which is what the whole costs or takes; `typical_ratio` is the
geometric mean of the ratios of single items, which few very long answers move little."""

MAX_BLOCKS = 2_000
"""Of more groups some are drawn together, as one: their sums are as independent, and the draws cost less."""

_N_CELLS = 4
"""Of a pair: items, amounts of a, those of b, logarithms of their ratios."""


def ratio_rows(connection: DuckDBPyConnection, resampling: Resampling) -> Iterator[Sequence[Cell]]:
    """Yield the rows of `ratios.csv`, for each measure and mode that two models have on the same items.

    Whole groups are drawn, of all pairs of a mode at once. With more than `MAX_PAIRED_MODELS` models none is compared
    with another.
    """
    for measure in MEASURES:
        rows = connection.execute(read_sql("amounts"), {"measure": measure}).fetchall()
        for mode, of_mode in groupby(rows, key=lambda row: row[0]):
            models, amounts, units = _spread([row[1:] for row in of_mode])
            if 1 < len(models) <= MAX_PAIRED_MODELS:
                for row in _compare(models, amounts, units, resampling):
                    yield measure, mode, *row


def _spread(rows: Sequence[tuple[str, int, int, float]]) -> tuple[list[str], FloatMatrix, IntVector]:
    """Return the models, what each item took of each (NaN if unknown), and the group of each item.

    Args:
        rows: Model, item, group and amount.

    Returns:
        The matrix has shape (n_items, n_models), the vector (n_items,).
    """
    names, items, groups, amounts = zip(*rows, strict=True)
    models = list(dict.fromkeys(names))
    places = {model: place for place, model in enumerate(models)}
    found, rank = np.unique(np.array(items), return_inverse=True)
    spread = np.full((len(found), len(models)), np.nan)
    spread[rank, [places[name] for name in names]] = amounts
    units = np.zeros(len(found), dtype=np.int64)
    units[rank] = groups
    return models, spread, units


def _compare(
    models: Sequence[str], amounts: FloatMatrix, units: IntVector, resampling: Resampling
) -> Iterator[Sequence[Cell]]:
    """Yield the cells of each pair of models, from `model_a` on."""
    _, blocks = np.unique(np.unique(units, return_inverse=True)[1] % MAX_BLOCKS, return_inverse=True)
    pairs = list(combinations(range(len(models)), 2))
    cells = np.concatenate([_sum_pair(amounts[:, a], amounts[:, b], blocks) for a, b in pairs])
    groups = GroupCounts(sparse.csc_array(cells), np.ones(cells.shape[1], dtype=np.int64))
    n_groups = [_count_groups(amounts[:, a], amounts[:, b], units) for a, b in pairs]
    values = _ratios(groups.totals[np.newaxis])
    drawn = np.concatenate([_ratios(totals) for totals in resample_totals(groups, resampling)])
    of_each = np.repeat(n_groups, 2)
    found = percentile_intervals(values[0], drawn, resampling.confidence, of_each)
    totals = groups.totals.reshape(-1, _N_CELLS)
    for place, (a, b) in enumerate(pairs):
        n_items, sum_a, sum_b, _ = totals[place]
        if n_items:
            means = float(sum_a / n_items), float(sum_b / n_items)
            intervals = found.columns(2 * place, 2 * place + 1)
            yield models[a], models[b], int(n_items), n_groups[place], *means, *intervals


def _sum_pair(a: FloatVector, b: FloatVector, blocks: IntVector) -> FloatMatrix:
    """Add up the cells of a pair by block, over the items that both have. Shape: (4, n_blocks)."""
    both = ~(np.isnan(a) | np.isnan(b))
    add = partial(np.bincount, blocks[both], minlength=int(blocks.max()) + 1)
    a, b = a[both], b[both]
    return np.stack([add(weights=weights) for weights in (np.ones_like(a), a, b, np.log(a / b))])


def _count_groups(a: FloatVector, b: FloatVector, units: IntVector) -> int:
    return len(np.unique(units[~(np.isnan(a) | np.isnan(b))]))


def _ratios(totals: FloatMatrix) -> FloatMatrix:
    """Return both ratios of each pair. Shape: (n, 4 * n_pairs) to (n, 2 * n_pairs)."""
    n, a, b, logarithms = totals.reshape(len(totals), -1, _N_CELLS).transpose(2, 0, 1)
    both = np.stack([divide(a, b), np.exp(divide(logarithms, n))], axis=2)
    return both.reshape(len(totals), -1)
