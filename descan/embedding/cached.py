"""Vectors that are kept on disk, so that a machine embeds a term once."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa

from descan.embedding.embedder import Embedder, FloatMatrix, WrappingEmbedder
from descan.storage.arrow import decode_table, encode_table
from descan.storage.cache import Cache

_KIND = "vectors"
_SCHEMA = pa.schema([("term", pa.string()), ("vector", pa.binary())])
"""A vector is its components as little-endian float32."""


class CachedEmbedder(WrappingEmbedder):
    """An embedder that is asked only for terms whose vectors are not cached.

    Programs may share the cache: the vectors that each of them adds are kept.
    """

    def __init__(self, embedder: Embedder, cache: Cache) -> None:
        """Wrap an embedder in a cache; the cache is loaded when a term is first embedded."""
        super().__init__(embedder)
        self._cache = cache

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Return the unit vector of each term. Shape: (n_terms, n_dims), or (0, 0) for no term."""
        if not terms:
            return np.empty((0, 0), dtype=np.float32)
        new = sorted(set(terms) - self._vectors.keys())
        if new:
            added = dict(zip(new, self._embedder.embed(new), strict=True))
            self._vectors = _merge(self._vectors, added)
            self._cache.update(_KIND, self.identity, lambda content: _encode(_merge(_decode(content), added)))
            return self.embed(terms)  # Again, because what was cached may have had other dimensions.
        return np.stack([self._vectors[term] for term in terms])

    @cached_property
    def _vectors(self) -> dict[str, FloatMatrix]:
        return _decode(self._cache.load(_KIND, self.identity))


def _merge(cached: Mapping[str, FloatMatrix], added: Mapping[str, FloatMatrix]) -> dict[str, FloatMatrix]:
    """Add new vectors to cached ones, and drop cached ones of other dimensions."""
    [n_dims] = {len(vector) for vector in added.values()}
    return {term: vector for term, vector in cached.items() if len(vector) == n_dims} | dict(added)


def _encode(vectors: Mapping[str, FloatMatrix]) -> bytes:
    terms = sorted(vectors)
    columns = [terms, [vectors[term].astype("<f4").tobytes() for term in terms]]
    return encode_table(pa.table(columns, schema=_SCHEMA))


def _decode(content: bytes | None) -> dict[str, FloatMatrix]:
    """Return the vectors in an entry, or none of them if it is missing or not what `_encode` returns."""
    if content is None:
        return {}
    try:
        terms, vectors = (column.to_pylist() for column in decode_table(content, _SCHEMA).columns)
        matrix = np.stack([np.frombuffer(vector, "<f4") for vector in vectors]).astype(np.float32)
    except (ValueError, TypeError):  # Damaged, of different lengths, or null.
        return {}
    return dict(zip(terms, matrix, strict=True)) if np.isfinite(matrix).all() else {}
