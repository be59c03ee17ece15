"""What an embedder is, and the grid that its vectors lie on."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatMatrix = NDArray[np.float32]

GRID = 2.0**-16
"""Components of a vector are multiples of this.

Models compute in float64, whose noise (1e-15) hardly ever reaches the next multiple, so a term has one vector whatever
stands beside it in a batch, and whatever the number of threads. Products of two such components add up in float64
without rounding, so a similarity is exact too.
"""


class Embedder(Protocol):
    """Anything that returns vectors of terms, where a vector depends on nothing but its term."""

    @property
    def name(self) -> str:
        """What the user called it."""

    @property
    def identity(self) -> str:
        """Changes whenever a vector may."""

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Return a unit vector for each term. Shape: (n_terms, n_dims), or (0, 0) for no term."""


class WrappingEmbedder:
    """The base of embedders that ask another one, and share its name and identity."""

    def __init__(self, embedder: Embedder) -> None:
        """Wrap an embedder."""
        self._embedder = embedder

    @property
    def name(self) -> str:
        """What the user called the embedder."""
        return self._embedder.name

    @property
    def identity(self) -> str:
        """The identity of the wrapped embedder."""
        return self._embedder.identity


def unit_vectors(vectors: NDArray[np.float64]) -> FloatMatrix:
    """Scale vectors to unit length and round them to the grid."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    on_grid: FloatMatrix = (np.rint(unit / GRID) * GRID + 0.0).astype(np.float32)  # No zero is negative.
    return on_grid


def list_files(folder: Path) -> str:
    """Return names and digests of all files in a folder, one a line."""
    listed = ""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        listed += f"\n{path.relative_to(folder).as_posix()} {content}"
    return listed
