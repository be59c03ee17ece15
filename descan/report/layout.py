"""Places on a plane for vectors that are alike or not, by UMAP; kept on disk."""

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from descan.execution import Workers, local_workers
from descan.storage.results_kept import kept

FloatMatrix = NDArray[np.float32]

MIN_DISTINCT = 15
"""Fewer different vectors have no neighbourhoods to show."""

N_NEIGHBORS = 10
MIN_DIST = 0.25
"""Of twelve settings (10 to 60 neighbours, distance 0.1 to 0.5) for 1,426 terms and phrases and 2,564 descriptions of
afew-qwen, ten neighbours keep most of what is near: trustworthiness 0.94 for terms, 0.93 for descriptions, and of the
ten nearest of a term 56 % have its category or action, as in 384 dimensions (57 %). A distance of 0.1 keeps 0.01 more,
but its points lie on one another."""

_FILES = "map-*.bin"

_LIBRARIES = ("umap-learn", "numba", "numpy", "scipy", "scikit-learn")

_BLOCK_VALUES = 10_000_000
"""Similarities that are in memory at a time."""


@contextmanager
def opened_layouter(cache_folder: Path) -> Iterator["Layouter"]:
    """Give what lays maps out; `cache_folder` is where places are kept, by digest of all that they depend on."""
    layouter = Layouter(cache_folder)
    try:
        yield layouter
    finally:
        layouter.end()


class Layouter:
    """Lays out in a process of its own: UMAP's libraries and compiled code take 300 MB, which it gives back."""

    def __init__(self, cache_folder: Path) -> None:
        """Start no process yet."""
        self._folder = cache_folder
        self._stack = ExitStack()
        self._workers: Workers | None = None

    def begin(self) -> None:
        """Start the process, which imports its libraries while this one goes on, where no map was laid out before."""
        if not any(self._folder.glob(_FILES)):
            self._started()

    def end(self) -> None:
        """End the process, if there is one; another starts when it is needed."""
        self._workers = None
        self._stack.close()

    def lay_out(self, vectors: FloatMatrix, seed: int) -> FloatMatrix:
        """Give every vector a place, equal vectors the same one.

        UMAP (McInnes, Healy & Melville 2018) by cosine, from the first principal components, which always exist, keep
        the large shape (Kobak & Linderman 2021) and are the same on every run. Same vectors, seed and libraries, same
        places.

        Args:
            vectors: Shape: (n_vectors, n_dims); at least `MIN_DISTINCT` of them different and none without length.
            seed: Of the random numbers.

        Returns:
            Places. Shape: (n_vectors, 2).
        """
        distinct, position = np.unique(vectors, axis=0, return_inverse=True)
        path = self._folder / _FILES.replace("*", _digest(distinct, seed)[:32])
        content = kept(path, lambda: self._laid_out(distinct, seed).astype("<f4").tobytes())
        places = np.frombuffer(content, dtype="<f4").astype(np.float32).reshape(len(distinct), 2)
        every: FloatMatrix = places[position.reshape(-1)]
        return every

    def _laid_out(self, vectors: FloatMatrix, seed: int) -> FloatMatrix:
        [places] = self._started().map(partial(_umap, seed), [_Vectors(vectors)])
        return places

    def _started(self) -> Workers:
        if self._workers is None:
            self._workers = self._stack.enter_context(local_workers(1, prepare=_import_umap, is_apart=True))
        return self._workers


class _Vectors(NamedTuple):
    vectors: FloatMatrix

    def __str__(self) -> str:
        return f"the places of {len(self.vectors)} vectors"


def _import_umap() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import umap  # noqa: F401


def _umap(seed: int, task: _Vectors) -> FloatMatrix:
    vectors = task.vectors
    n_neighbors = min(N_NEIGHBORS, len(vectors) - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap import UMAP

        _keep_compiled()
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
    """Give the nearest vectors by cosine, without approximation: for so few that takes less than compiling a search.

    Args:
        vectors: None without length. Shape: (n_vectors, n_dims).
        n_neighbors: Of each vector, itself included, at most n_vectors.

    Returns:
        Their rows and their distances (0..2), the nearest first: the vector itself, then of equally near ones those
        of lower rows. Shape of both: (n_vectors, n_neighbors).
    """
    n_vectors = len(vectors)
    unit = vectors / np.linalg.norm(vectors.astype(float), axis=1, keepdims=True)
    rows = np.empty((n_vectors, n_neighbors), dtype=np.int32)
    distances = np.empty((n_vectors, n_neighbors), dtype=np.float32)
    size = max(1, _BLOCK_VALUES // n_vectors)
    for start in range(0, n_vectors, size):
        # Rounded, so that what is equally near is so whatever the order of the sum.
        block = np.round(1 - unit[start : start + size] @ unit.T, 9)
        block[np.arange(len(block)), np.arange(start, start + len(block))] = -1
        farthest = np.partition(block, n_neighbors - 1, axis=1)[:, n_neighbors - 1 : n_neighbors]
        for place, row in enumerate(block):
            candidates = np.flatnonzero(row <= farthest[place])
            nearest = candidates[np.argsort(row[candidates], kind="stable")[:n_neighbors]]
            rows[start + place], distances[start + place] = nearest, np.maximum(row[nearest], 0)
    return rows, distances


def _keep_compiled() -> None:
    """Have numba keep what it compiles for a layout, as it does for some functions of UMAP: it takes seconds."""
    from numba.core.dispatcher import Dispatcher
    from umap import layouts, umap_

    for function in (*vars(umap_).values(), *vars(layouts).values()):
        if isinstance(function, Dispatcher):
            function.enable_caching()


def _digest(vectors: FloatMatrix, seed: int) -> str:
    libraries = " ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    digest = hashlib.sha256(f"{libraries} {N_NEIGHBORS} {MIN_DIST} {seed} {vectors.shape}".encode())
    digest.update(np.ascontiguousarray(vectors, dtype="<f4").tobytes())
    return digest.hexdigest()
