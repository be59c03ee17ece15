"""An embedder in a process of its own."""

import weakref
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from descan.embedding.model import EmbedderBefore, FloatMatrix, SentenceEmbedder, import_libraries
from descan.execution import Workers, local_workers


class ApartEmbedder(EmbedderBefore):
    """Computes in a process of its own, which starts with the first term and ends with this object or with the task.

    A model and its libraries take some 600 MB and threads, which are then not in this process for good.
    """

    def __init__(self, embedder: SentenceEmbedder, folder: Path, *, stays: bool = True) -> None:
        """Put a process before an embedder; none is started yet.

        Args:
            embedder: Is itself never asked for a vector.
            folder: That of its model.
            stays: Keep the process for the next terms, which costs memory; starting it again costs seconds.
        """
        super().__init__(embedder)
        self._folder = folder
        self._stays = stays

    def begin(self) -> None:
        """Start the process, which imports its libraries while this one goes on."""
        self._process  # noqa: B018 (made when first asked for)

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Give each term its unit vector. Shape: (n_terms, n_dims), or (0, 0) for no term.

        Raises:
            SetupError: If the model cannot be loaded.
            WorkerError: If the process ended before it was done.
        """
        if not terms:
            return np.empty((0, 0), dtype=np.float32)
        if self._stays:
            return self._embed(self._process, terms)
        with _process() as process:
            return self._embed(process, terms)

    def _embed(self, process: Workers, terms: Sequence[str]) -> FloatMatrix:
        [vectors] = process.map(partial(_embed, self.name, self._folder), [_Terms(tuple(terms))])
        return vectors

    @cached_property
    def _process(self) -> Workers:
        stack = ExitStack()
        weakref.finalize(self, stack.close)
        return stack.enter_context(_process())


def _process() -> AbstractContextManager[Workers]:
    return local_workers(1, prepare=partial(import_libraries, has_scikit_learn=False), is_apart=True)


class _Terms(NamedTuple):
    terms: tuple[str, ...]

    def __str__(self) -> str:
        return f"the vectors of {len(self.terms)} terms"


def _embed(name: str, folder: Path, task: _Terms) -> FloatMatrix:
    return _loaded(name, folder).embed(task.terms)


@lru_cache(maxsize=1)
def _loaded(name: str, folder: Path) -> SentenceEmbedder:
    """Give the embedder that the process keeps from task to task."""
    return SentenceEmbedder(name, folder)
