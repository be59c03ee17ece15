"""Draws of groups with replacement: the luck behind every bootstrap interval."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

IntVector = NDArray[np.int64]
FloatMatrix = NDArray[np.float64]

MAX_KEPT = 50_000_000
"""Draws of a number of groups that are kept for the next statistic over as many: up to 100 MB."""

MAX_KEPT_TOGETHER = 100_000_000
"""Draws of all numbers of groups that are kept: room for a corpus and its gold categories, up to 200 MB."""

_CHUNK_CELLS = 2_000_000
"""Draws that are in memory at a time: 16 MB for each array of them."""

_CACHED_CELLS = 1 << 17
"""Draws that are counted at a time, few enough for a processor's cache."""

_DRAWS_PER_TYPE = 10
"""Drawing n groups one by one costs less than a multinomial over T types while n < 10 T (measured)."""

_KEPT: dict[tuple[int, int, int], NDArray[np.unsignedinteger]] = {}


def draw_types(multiplicity: IntVector, n_resamples: int, seed: int) -> Iterator[FloatMatrix]:
    """Draw as many groups as there are, again and again, and count the draws of each type of group.

    What is drawn depends on the arguments alone, so the same types have the same draws wherever they occur.

    Args:
        multiplicity: Number of groups of each type, in an order that the types themselves give. Shape: (n_types,).
        n_resamples: How often all groups are drawn.
        seed: Of the random numbers.

    Yields:
        Shape: (n_types, n_in_chunk).
    """
    n_groups, n_types = int(multiplicity.sum()), len(multiplicity)
    ends = np.concatenate([[0], np.cumsum(multiplicity)])
    if n_groups * n_resamples <= MAX_KEPT:
        cumulated = _kept(n_groups, n_resamples, seed)
        for start, end in _chunks(n_resamples, n_types):
            yield np.diff(cumulated[ends, start:end].astype(np.float64), axis=0)
        return
    generator = np.random.default_rng(seed)
    for start, end in _chunks(n_resamples, n_types):
        if n_groups < _DRAWS_PER_TYPE * n_types:
            yield np.diff(_cumulated(n_groups, end - start, generator)[ends].astype(np.float64), axis=0)
        else:
            drawn = generator.multinomial(n_groups, multiplicity / n_groups, size=end - start)
            yield np.ascontiguousarray(drawn.T, dtype=np.float64)


def forget_draws() -> None:
    """Free the memory of the draws that are kept for the next statistic."""
    _KEPT.clear()


def _kept(n_groups: int, n_resamples: int, seed: int) -> NDArray[np.unsignedinteger]:
    """Give the draws of so many groups; those that were needed longest ago make room for new ones."""
    arguments = (n_groups, n_resamples, seed)
    if arguments not in _KEPT:
        while _KEPT and sum(draws.size for draws in _KEPT.values()) > MAX_KEPT_TOGETHER - n_groups * n_resamples:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[arguments] = _cumulated(n_groups, n_resamples, np.random.default_rng(seed))
    _KEPT[arguments] = _KEPT.pop(arguments)
    return _KEPT[arguments]


def _cumulated(n_groups: int, n_resamples: int, generator: np.random.Generator) -> NDArray[np.unsignedinteger]:
    """Give how many of the draws of a resample fell on the first 0, 1, ... groups. Shape: (n_groups + 1, n_resamples).

    The draws of neighbours together are a difference of two rows, however many they are.
    """
    found = np.zeros((n_groups + 1, n_resamples), dtype=np.min_scalar_type(n_groups))
    n_chunk = max(1, _CACHED_CELLS // n_groups)
    narrow = np.uint16 if n_groups <= np.iinfo(np.uint16).max else np.int64
    for start in range(0, n_resamples, n_chunk):
        n_drawn = min(n_chunk, n_resamples - start)
        drawn = generator.integers(n_groups, size=(n_drawn, n_groups), dtype=narrow).astype(np.int64)
        drawn += np.arange(n_drawn)[:, np.newaxis] * n_groups
        counts = np.bincount(drawn.ravel(), minlength=n_drawn * n_groups).reshape(n_drawn, n_groups)
        found[1:, start : start + n_drawn] = np.cumsum(counts, axis=1).T
    return found


def _chunks(n_resamples: int, n_wide: int) -> Iterator[tuple[int, int]]:
    n_chunk = max(1, _CHUNK_CELLS // max(n_wide, 1))
    for start in range(0, n_resamples, n_chunk):
        yield start, min(start + n_chunk, n_resamples)
