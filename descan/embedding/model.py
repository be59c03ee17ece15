"""Terms as unit vectors, by a sentence-transformers model in a folder."""

import gc
import hashlib
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from descan.errors import SetupError
from descan.light_imports import import_sentence_transformers

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

FloatMatrix = NDArray[np.float32]

GRID = 2.0**-16
"""Components of a vector are multiples of this.

The model computes in float64, whose noise (1e-15) hardly ever reaches the next multiple, so a term has one vector
whatever stands beside it in a batch and whatever the number of threads. Products of two such components add up in
float64 without rounding, so a similarity is exact too.
"""

_BATCH_SIZE = 64


class Embedder(Protocol):
    """Anything that gives a term a vector that depends on nothing but the term."""

    @property
    def name(self) -> str:
        """What the user called it."""

    @property
    def identity(self) -> str:
        """Changes whenever a vector may."""

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Give each term its unit vector. Shape: (n_terms, n_dims), or (0, 0) for no term."""


class EmbedderBefore:
    """What stands before an embedder, and is called and identified as that."""

    def __init__(self, embedder: Embedder) -> None:
        """Stand before an embedder."""
        self._embedder = embedder

    @property
    def name(self) -> str:
        """What the user called the embedder."""
        return self._embedder.name

    @property
    def identity(self) -> str:
        """The embedder's own identity."""
        return self._embedder.identity


class SentenceEmbedder:
    """A sentence-transformers model in a folder, computing on the CPU in float64 (see `GRID`)."""

    def __init__(self, name: str, folder: Path) -> None:
        """Remember where the model is; nothing is loaded yet."""
        self.name = name
        self._folder = folder

    @property
    def identity(self) -> str:
        """Digest of the model's files and of the libraries that turn a term into a vector."""
        libraries = f"{GRID} {version('sentence-transformers')} {version('transformers')}"
        return hashlib.sha256((libraries + self._files).encode()).hexdigest()

    @property
    def files_digest(self) -> str:
        """Digest of the model's files alone."""
        return hashlib.sha256(self._files.encode()).hexdigest()

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Give each term its unit vector. Shape: (n_terms, n_dims), or (0, 0) for no term.

        Raises:
            SetupError: If the folder's model cannot be loaded.
        """
        if not terms:
            return np.empty((0, 0), dtype=np.float32)
        with _quiet(), _one_thread():
            vectors = np.asarray(self._model.encode(list(terms), batch_size=_BATCH_SIZE, show_progress_bar=False))
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        on_grid: FloatMatrix = (np.rint(unit / GRID) * GRID + 0.0).astype(np.float32)  # No zero is negative.
        return on_grid

    @cached_property
    def _files(self) -> str:
        """Names and digests of the model's files, one a line."""
        listed = ""
        for path in sorted(path for path in self._folder.rglob("*") if path.is_file()):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            listed += f"\n{path.relative_to(self._folder).as_posix()} {content}"
        return listed

    @cached_property
    def _model(self) -> "SentenceTransformer":
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True).double()
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            reason = str(error).partition("\n")[0]
            raise SetupError(f"embedder {self.name!r} cannot be loaded: {reason}; download or copy it again") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the model's libraries from writing progress and advice, and from threads that a later fork would break."""
    import_libraries()
    from transformers.utils import logging as transformers_logging

    had_bars = transformers_logging.is_progress_bar_enabled()
    verbosity = transformers_logging.get_verbosity()
    parallelism = os.environ.get("TOKENIZERS_PARALLELISM")
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if had_bars:
            transformers_logging.enable_progress_bar()
        transformers_logging.set_verbosity(verbosity)
        if parallelism is None:
            del os.environ["TOKENIZERS_PARALLELISM"]
        else:
            os.environ["TOKENIZERS_PARALLELISM"] = parallelism


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute in one thread: two took three times its CPU time for short texts, and no less time on a busy machine."""
    import torch

    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)


@lru_cache
def import_libraries(*, has_scikit_learn: bool = True) -> None:
    """Import them without collecting garbage, and keep what is there out of later collections.

    They make half a million objects that stay; walking those again and again took a quarter of the time to the first
    vector.

    Args:
        has_scikit_learn: As sentence-transformers imports it; without, in a process of our own, that takes less time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if not has_scikit_learn:
                import_sentence_transformers()
            import sentence_transformers  # noqa: F401
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
