"""Vectors that are kept on disk, so that a term is embedded once on a machine."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock

from descan.embedding.model import Embedder, EmbedderBefore, FloatMatrix
from descan.storage.atomic import replace_file

_LOCK_TIMEOUT_S = 60

_logger = logging.getLogger(__name__)


class CachedEmbedder(EmbedderBefore):
    """An embedder whose vectors are kept on disk; it is asked only for terms that it never embedded before.

    Programs may share the folder: what each adds is kept, a file is never half written, and one that cannot be read
    is replaced.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        """Put a cache in `folder`, made when first written, before `embedder`."""
        super().__init__(embedder)
        self._folder = folder

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Give each term its unit vector. Shape: (n_terms, n_dims), or (0, 0) for no term."""
        if not terms:
            return np.empty((0, 0), dtype=np.float32)
        new = sorted(set(terms) - self._vectors.keys())
        if new:
            self._vectors.update(zip(new, self._embedder.embed(new), strict=True))
            self._keep()
        return np.stack([self._vectors[term] for term in terms])

    @property
    def path(self) -> Path:
        """The file of this embedder's vectors."""
        return self._folder / f"vectors-{self.identity[:16]}.parquet"

    @cached_property
    def _vectors(self) -> dict[str, FloatMatrix]:
        return _read_vectors(self.path, self.identity)

    def _keep(self) -> None:
        """Add this program's vectors to those that others have kept meanwhile; readers need no lock."""
        path = self.path
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock"), timeout=_LOCK_TIMEOUT_S):
                _write_vectors(path, self.identity, _read_vectors(path, self.identity) | self._vectors)
        except OSError as error:
            _logger.warning("vectors are not kept for the next run: %s", error)


def _read_vectors(path: Path, identity: str) -> dict[str, FloatMatrix]:
    """Read the vectors of one embedder; none where the file is missing, damaged or of another one."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            if (file.schema_arrow.metadata or {}).get(b"identity") != identity.encode():
                return {}
            table = file.read()
    except (OSError, pa.ArrowException):
        return {}
    terms = table["term"].to_pylist()
    vectors = table["vector"].combine_chunks().values.to_numpy().reshape(len(terms), -1)
    return dict(zip(terms, vectors, strict=True))


def _write_vectors(path: Path, identity: str, vectors: Mapping[str, FloatMatrix]) -> None:
    terms = sorted(vectors)
    columns = {"term": pa.array(terms), "vector": _vector_column([vectors[term] for term in terms])}
    table = pa.table(columns).replace_schema_metadata({"identity": identity})
    with replace_file(path) as partial:
        pq.write_table(table, partial, write_page_checksum=True)


def _vector_column(vectors: Iterable[FloatMatrix]) -> pa.FixedSizeListArray:
    matrix = np.stack(list(vectors))
    return pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])
