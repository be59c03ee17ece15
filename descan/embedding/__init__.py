"""Terms as unit vectors, by a sentence-transformers model that is on this machine, cached on disk."""

from descan.embedding.cached import CachedEmbedder
from descan.embedding.finding import (
    DEFAULT_EMBEDDER,
    NO_EMBEDDER,
    load_embedder,
    model_folder,
)
from descan.embedding.model import GRID, Embedder, FloatMatrix, SentenceEmbedder
from descan.embedding.packaged import PackagedVectors, write_packaged_vectors

__all__ = [
    "DEFAULT_EMBEDDER",
    "GRID",
    "NO_EMBEDDER",
    "CachedEmbedder",
    "Embedder",
    "FloatMatrix",
    "PackagedVectors",
    "SentenceEmbedder",
    "load_embedder",
    "model_folder",
    "write_packaged_vectors",
]
