"""The vectors of the lexicons' terms by the default model, which come with descan in `lexicon_vectors.parquet`.

An analysis needs them all as soon as one term is not in the lexicon, and computing them takes half a minute. The file
is made by `python -m benchmarks.lexicon_vectors`, again whenever a lexicon gets new terms. It holds steps of `GRID`,
and says of what model's files the vectors are. It does not say by what versions of the libraries: they compute in
float64, and what noise they differ by is gone on the grid, so the same files give the same vectors.
"""

import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from descan.embedding.embedder import GRID, Embedder, FloatMatrix, WrappingEmbedder
from descan.embedding.minilm import MiniLmEmbedder
from descan.errors import SetupError

PATH = Path(__file__).with_name("lexicon_vectors.parquet")
"""Not among the lexicon's files, whose digest tells analyses apart: that of its terms and of the model do so."""

_MADE_BY = "python -m benchmarks.lexicon_vectors"

_logger = logging.getLogger(__name__)


class PackagedVectors(WrappingEmbedder):
    """An embedder before which the vectors of a file stand; it is asked only for terms that are not in there.

    The file is used only where it was made with the very files of the model.
    """

    def __init__(self, embedder: Embedder, model: MiniLmEmbedder, path: Path = PATH) -> None:
        """Wrap an embedder in a file of vectors, which is read when a term is first embedded.

        Args:
            embedder: Gives the vectors of all other terms.
            model: The model behind `embedder`.
            path: As `write_packaged_vectors` makes it.
        """
        super().__init__(embedder)
        self._model = model
        self._path = path

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Return a unit vector for each term. Shape: (n_terms, n_dims), or (0, 0) for no term.

        Raises:
            SetupError: If the file is missing or damaged, or the model cannot be loaded.
        """
        if not terms:
            return np.empty((0, 0), dtype=np.float32)
        others = sorted(set(terms) - self._vectors.keys())
        embedded = dict(zip(others, self._embedder.embed(others), strict=True))
        return np.stack([embedded[term] if term in embedded else self._vectors[term] for term in terms])

    @cached_property
    def _vectors(self) -> dict[str, FloatMatrix]:
        try:
            with pq.ParquetFile(self._path, page_checksum_verification=True) as file:
                made_of, table = file.schema_arrow.metadata or {}, file.read(["term", "vector"])
        except (OSError, pa.ArrowException) as error:
            reason = str(error).partition("\n")[0]
            raise SetupError(
                f"vectors of the lexicon cannot be read: {reason}; "
                f"install descan again, or make them in its source: {_MADE_BY}"
            ) from error
        if {key: made_of.get(key) for key in _made_of(self._model)} != _made_of(self._model):
            _logger.warning("the lexicon is embedded again, once: its vectors are of another release of %s", self.name)
            return {}
        terms = table["term"].to_pylist()
        steps = table["vector"].combine_chunks().values.to_numpy().reshape(len(terms), -1)
        return dict(zip(terms, steps * np.float32(GRID), strict=True))


def write_packaged_vectors(terms: Sequence[str], model: MiniLmEmbedder, path: Path = PATH) -> None:
    """Embed terms and write their vectors for `PackagedVectors`.

    Raises:
        ValueError: If a component is beyond what the file can hold, half the length of a vector.
    """
    terms = sorted(set(terms))
    steps = np.rint(model.embed(terms) / GRID)
    limits = np.iinfo(np.int16)
    if steps.min() < limits.min or steps.max() > limits.max:
        raise ValueError(f"components reach from {steps.min() * GRID} to {steps.max() * GRID}; use a wider type")
    values = pa.array(steps.astype(np.int16).ravel())
    columns = {"term": pa.array(terms), "vector": pa.FixedSizeListArray.from_arrays(values, steps.shape[1])}
    about = {b"about": f"Vectors of lexicon terms by {model.name}, in steps of the grid; made by {_MADE_BY}".encode()}
    table = pa.table(columns).replace_schema_metadata(about | _made_of(model))
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def _made_of(model: MiniLmEmbedder) -> dict[bytes, bytes]:
    return {b"grid": str(GRID).encode(), b"model_files": model.files_digest.encode()}
