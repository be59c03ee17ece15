"""Any sentence-transformers model in a folder."""

import hashlib
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from descan.embedding.embedder import GRID, FloatMatrix, list_files, unit_vectors
from descan.errors import SetupError

_BATCH_SIZE = 64


class SentenceEmbedder:
    """A model that computes on the CPU in float64 (see `GRID`)."""

    def __init__(self, name: str, folder: Path) -> None:
        """Remember where the model is; nothing is loaded yet."""
        self.name = name
        self._folder = folder

    @property
    def identity(self) -> str:
        """Digest of the model's files and of the libraries that turn a term into a vector."""
        libraries = f"{GRID} {version('sentence-transformers')} {version('transformers')}"
        return hashlib.sha256((libraries + list_files(self._folder)).encode()).hexdigest()

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Return a unit vector for each term. Shape: (n_terms, n_dims), or (0, 0) for no term.

        Raises:
            SetupError: If the folder's model cannot be loaded.
        """
        if not terms:
            return np.empty((0, 0), dtype=np.float32)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from safetensors import SafetensorError
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()
            logging.set_verbosity_error()
            try:
                model = SentenceTransformer(str(self._folder), device="cpu", local_files_only=True).double()
            except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
                reason = str(error).partition("\n")[0]
                raise SetupError(
                    f"embedder {self.name!r} cannot be loaded: {reason}; download or copy it again"
                ) from error
            vectors = model.encode(list(terms), batch_size=_BATCH_SIZE, show_progress_bar=False)
        return unit_vectors(np.asarray(vectors))
