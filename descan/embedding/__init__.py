"""Terms as unit vectors, by a model that is on this machine, cached on disk."""

from descan.embedding.cached import CachedEmbedder
from descan.embedding.embedder import GRID, Embedder, FloatMatrix
from descan.embedding.finding import DEFAULT_EMBEDDER, NO_EMBEDDER, load_embedder, model_folder
from descan.embedding.in_worker import WorkerEmbedder
from descan.embedding.minilm import MiniLmEmbedder
from descan.embedding.packaged import PackagedVectors, write_packaged_vectors
from descan.embedding.sentence_embedder import SentenceEmbedder

__all__ = [
    "DEFAULT_EMBEDDER",
    "GRID",
    "NO_EMBEDDER",
    "CachedEmbedder",
    "Embedder",
    "FloatMatrix",
    "MiniLmEmbedder",
    "PackagedVectors",
    "SentenceEmbedder",
    "WorkerEmbedder",
    "load_embedder",
    "model_folder",
    "write_packaged_vectors",
]
