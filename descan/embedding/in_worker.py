"""An embedder in a worker process."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from descan.embedding.embedder import Embedder, FloatMatrix, WrappingEmbedder
from descan.execution import local_workers
from descan.storage.scratch import scratch_folder


class WorkerEmbedder(WrappingEmbedder):
    """Embeds in a process that ends with the call: it computes in one thread and gives a model's memory back."""

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Return a unit vector for each term. Shape: (n_terms, n_dims), or (0, 0) for no term.

        Raises:
            SetupError: If the model cannot be loaded.
            WorkerError: If the process ended before it was done.
        """
        if not terms:
            return np.empty((0, 0), dtype=np.float32)
        with scratch_folder() as scratch:
            # Otherwise torch creates a folder beside it and leaves it there.
            environment = {"TORCHINDUCTOR_CACHE_DIR": str(scratch), "TOKENIZERS_PARALLELISM": "false"}
            with local_workers(1, environment) as workers:
                [vectors] = workers.map(partial(_embed, self._embedder), [_Terms(tuple(terms))])
                return vectors


class _Terms(NamedTuple):
    terms: tuple[str, ...]

    def __str__(self) -> str:
        return f"the vectors of {len(self.terms)} terms"


def _embed(embedder: Embedder, task: _Terms) -> FloatMatrix:
    return embedder.embed(task.terms)
