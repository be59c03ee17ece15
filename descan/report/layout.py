"""Places on a plane for vectors that are alike or not, by UMAP; kept on disk."""

import hashlib
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from descan.report.kept import kept

FloatMatrix = NDArray[np.float32]

MIN_DISTINCT = 15
"""Fewer different vectors have no neighbourhoods to show."""

N_NEIGHBORS = 10
MIN_DIST = 0.25
"""Of twelve settings (10 to 60 neighbours, distance 0.1 to 0.5) for 1,426 terms and phrases and 2,564 descriptions of
afew-qwen, ten neighbours keep most of what is near: trustworthiness 0.94 for terms, 0.93 for descriptions, and of the
ten nearest of a term 56 % have its category or action, as in 384 dimensions (57 %). A distance of 0.1 keeps 0.01 more,
but its points lie on one another."""

_LIBRARIES = ("umap-learn", "pynndescent", "numba", "numpy", "scipy", "scikit-learn")


def lay_out(vectors: FloatMatrix, seed: int, cache_folder: Path) -> FloatMatrix:
    """Give every vector a place, equal vectors the same one.

    UMAP (McInnes, Healy & Melville 2018) by cosine, from the first principal components, which always exist, keep the
    large shape (Kobak & Linderman 2021) and are the same on every run. Same vectors, seed and libraries, same places.

    Args:
        vectors: Shape: (n_vectors, n_dims); at least `MIN_DISTINCT` of them different and none without length.
        seed: Of the random numbers.
        cache_folder: Where places are kept, by digest of all that they depend on.

    Returns:
        Places. Shape: (n_vectors, 2).
    """
    distinct, position = np.unique(vectors, axis=0, return_inverse=True)
    path = cache_folder / f"map-{_digest(distinct, seed)[:32]}.bin"
    content = kept(path, lambda: _umap(distinct, seed).astype("<f4").tobytes())
    places = np.frombuffer(content, dtype="<f4").astype(np.float32).reshape(len(distinct), 2)
    every: FloatMatrix = places[position.reshape(-1)]
    return every


def _umap(vectors: FloatMatrix, seed: int) -> FloatMatrix:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap import UMAP

        reducer = UMAP(
            n_neighbors=min(N_NEIGHBORS, len(vectors) - 1),
            min_dist=MIN_DIST,
            metric="cosine",
            init="pca",
            random_state=seed % 2**32,
            n_jobs=1,
        )
        places = np.asarray(reducer.fit_transform(vectors), dtype=np.float32)
    centred: FloatMatrix = np.round(places - places.mean(axis=0), 3)
    return centred


def _digest(vectors: FloatMatrix, seed: int) -> str:
    libraries = " ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    digest = hashlib.sha256(f"{libraries} {N_NEIGHBORS} {MIN_DIST} {seed} {vectors.shape}".encode())
    digest.update(np.ascontiguousarray(vectors, dtype="<f4").tobytes())
    return digest.hexdigest()
