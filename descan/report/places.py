"""Places on a plane for vectors that are alike or not, by UMAP; cached."""

import hashlib
import warnings
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from descan.execution import local_workers
from descan.storage.cache import Cache
from descan.storage.scratch import scratch_folder

FloatMatrix = NDArray[np.float32]

MIN_DISTINCT = 15
"""Fewer different vectors have no neighbourhoods to show."""

N_NEIGHBORS = 10
MIN_DIST = 0.25
"""Of twelve settings (10 to 60 neighbours, distance 0.1 to 0.5) for 1,426 terms and phrases and 2,564 descriptions of
afew-qwen, ten neighbours keep most of what is near: trustworthiness 0.94 for terms, 0.93 for descriptions, and of the
ten nearest of a term 56 % have its category or action, as in 384 dimensions (57 %). A distance of 0.1 keeps 0.01 more,
but its points lie on one another."""

_KIND = "map"
_LIBRARIES = ("umap-learn", "numba", "numpy", "scipy", "scikit-learn")

_BLOCK_VALUES = 10_000_000
"""Similarities that are in memory at a time."""


def lay_out(matrices: Sequence[FloatMatrix], seed: int, cache: Cache) -> list[FloatMatrix]:
    """Return a place for each vector; equal vectors of a matrix have the same one.

    UMAP (McInnes, Healy & Melville 2018) by cosine starts from the first principal components, which always exist,
    keep the large shape (Kobak & Linderman 2021) and are the same on every run. The same vectors, seed and libraries
    have the same places. UMAP and its libraries take 300 MB, in a process that ends with this call.

    Args:
        matrices: Each of the shape (n_vectors, n_dims), with at least `MIN_DISTINCT` different vectors, none of
            length 0.
        seed: Of the random numbers.
        cache: Where places are kept.

    Returns:
        Places, of the shape (n_vectors, 2) for each matrix.

    Raises:
        WorkerError: If the process ended before it was done.
    """
    distinct, rows = zip(*(np.unique(matrix, axis=0, return_inverse=True) for matrix in matrices), strict=True)
    keys = [_key(vectors, seed) for vectors in distinct]
    places: dict[str, FloatMatrix] = {}
    missing: dict[str, _Vectors] = {}
    for key, vectors in zip(keys, distinct, strict=True):
        cached = _decode(cache.load(_KIND, key), len(vectors))
        if cached is None:
            missing[key] = _Vectors(vectors)
        else:
            places[key] = cached
    if missing:
        with scratch_folder() as scratch, local_workers(1) as workers:
            computing = workers.map(partial(_umap, seed, scratch), missing.values())
            for key, computed in zip(missing, computing, strict=True):
                cache.save(_KIND, key, computed.astype("<f4").tobytes())
                places[key] = computed
    return [places[key][row.reshape(-1)] for key, row in zip(keys, rows, strict=True)]


def _key(vectors: FloatMatrix, seed: int) -> str:
    libraries = " ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    content = hashlib.sha256(np.ascontiguousarray(vectors, dtype="<f4").tobytes()).hexdigest()
    return f"{libraries} {N_NEIGHBORS} {MIN_DIST} {seed} {vectors.shape} {content}"


def _decode(content: bytes | None, n_places: int) -> FloatMatrix | None:
    if content is None or len(content) != n_places * 8:
        return None
    places: FloatMatrix = np.frombuffer(content, dtype="<f4").astype(np.float32).reshape(n_places, 2)
    return places if np.isfinite(places).all() else None


class _Vectors(NamedTuple):
    vectors: FloatMatrix

    def __str__(self) -> str:
        return f"the places of {len(self.vectors)} vectors"


def _umap(seed: int, scratch: Path, task: _Vectors) -> FloatMatrix:
    vectors = task.vectors
    n_neighbors = min(N_NEIGHBORS, len(vectors) - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_umap(scratch)
        from umap import UMAP

        reducer = UMAP(
            n_neighbors=n_neighbors,
            min_dist=MIN_DIST,
            metric="cosine",
            init="pca",
            random_state=seed % 2**32,
            n_jobs=1,
            precomputed_knn=(*nearest_neighbors(vectors, n_neighbors), None),
        )
        places = np.asarray(reducer.fit_transform(vectors), dtype=np.float32)
    centred: FloatMatrix = np.round(places - places.mean(axis=0), 3)
    return centred


def nearest_neighbors(vectors: FloatMatrix, n_neighbors: int) -> tuple[NDArray[np.int32], FloatMatrix]:
    """Return the nearest vectors by cosine, without approximation: for so few that is faster than compiling a search.

    Args:
        vectors: None of length 0. Shape: (n_vectors, n_dims).
        n_neighbors: Of each vector, including itself; at most n_vectors.

    Returns:
        Their rows and distances (0..2), nearest first: the vector itself, then the others; of equally near vectors
        the one of the lower row first. Shape of both: (n_vectors, n_neighbors).
    """
    n_vectors = len(vectors)
    unit = vectors / np.linalg.norm(vectors.astype(float), axis=1, keepdims=True)
    rows = np.empty((n_vectors, n_neighbors), dtype=np.int32)
    distances = np.empty((n_vectors, n_neighbors), dtype=np.float32)
    size = max(1, _BLOCK_VALUES // n_vectors)
    for start in range(0, n_vectors, size):
        # Rounded, so that equally near vectors stay so whatever the order of the sum.
        block = np.round(1 - unit[start : start + size] @ unit.T, 9)
        block[np.arange(len(block)), np.arange(start, start + len(block))] = -1
        farthest = np.partition(block, n_neighbors - 1, axis=1)[:, n_neighbors - 1 : n_neighbors]
        for place, row in enumerate(block):
            candidates = np.flatnonzero(row <= farthest[place])
            nearest = candidates[np.argsort(row[candidates], kind="stable")[:n_neighbors]]
            rows[start + place], distances[start + place] = nearest, np.maximum(row[nearest], 0)
    return rows, distances


def import_umap(scratch: Path) -> None:
    """Import UMAP, which numba forbids where it finds no folder for machine code; then it gets one of this run."""
    try:
        import umap  # noqa: F401
    except RuntimeError:
        import numba

        config: Any = numba.config
        config.CACHE_DIR = str(scratch)
    _cache_compiled()


def _cache_compiled() -> None:
    """Make numba cache what it compiles for a layout, as UMAP does for some of its functions: it takes seconds."""
    from numba.core.dispatcher import Dispatcher
    from umap import layouts, umap_

    for function in (*vars(umap_).values(), *vars(layouts).values()):
        if isinstance(function, Dispatcher):
            function.enable_caching()
