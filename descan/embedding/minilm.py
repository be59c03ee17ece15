"""The default model, all-MiniLM-L6-v2, computed with NumPy.

It is a BERT encoder (Devlin et al. 2019) of six layers with mean pooling (Reimers & Gurevych 2019). For the same
vectors torch and sentence-transformers take 600 MB and many seconds to start; here they take 200 MB and none.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from descan.embedding.embedder import GRID, FloatMatrix, list_files, unit_vectors
from descan.errors import SetupError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Array = NDArray[np.float64]

_WORDS = "embeddings.word_embeddings.weight"
_MAX_TOKENS = 256
_BATCH_SIZE = 256


class MiniLmEmbedder:
    """The model in a folder; its weights are in memory only while terms are embedded."""

    def __init__(self, name: str, folder: Path) -> None:
        """Remember where the model is; nothing is loaded yet."""
        self.name = name
        self._folder = folder

    @property
    def identity(self) -> str:
        """Digest of the model's files."""
        return hashlib.sha256(f"{GRID} {self.files_digest}".encode()).hexdigest()

    @cached_property
    def files_digest(self) -> str:
        """Digest of the model's files."""
        return hashlib.sha256(list_files(self._folder).encode()).hexdigest()

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Return a unit vector for each term. Shape: (n_terms, n_dims), or (0, 0) for no term.

        Raises:
            SetupError: If the model's files cannot be loaded.
        """
        if not terms:
            return np.empty((0, 0), dtype=np.float32)
        tokenizer, encoder = self._load()
        rows_by_length = defaultdict(list)
        tokens = [encoding.ids for encoding in tokenizer.encode_batch(list(terms))]
        for row, ids in enumerate(tokens):
            rows_by_length[len(ids)].append(row)
        vectors = np.empty((len(terms), encoder.n_dims))
        # Terms of one length need no padding, and so no mask.
        for rows in rows_by_length.values():
            for start in range(0, len(rows), _BATCH_SIZE):
                batch = rows[start : start + _BATCH_SIZE]
                vectors[batch] = encoder.encode(np.array([tokens[row] for row in batch])).mean(axis=1)
        return unit_vectors(vectors)

    def _load(self) -> "tuple[Tokenizer, _Encoder]":
        from safetensors import SafetensorError, safe_open
        from tokenizers import Tokenizer

        try:
            config = json.loads((self._folder / "config.json").read_text(encoding="utf-8"))
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            with safe_open(self._folder / "model.safetensors", "numpy") as weights:
                encoder = _Encoder(
                    {
                        name: weights.get_tensor(name).astype(_precision(name))
                        for name in weights.keys()  # noqa: SIM118 (no dict)
                    },
                    n_layers=config["num_hidden_layers"],
                    n_heads=config["num_attention_heads"],
                    epsilon=config["layer_norm_eps"],
                )
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            reason = str(error).partition("\n")[0]
            raise SetupError(f"embedder {self.name!r} cannot be loaded: {reason}; install descan again") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(_MAX_TOKENS)
        return tokenizer, encoder


def _precision(name: str) -> type[np.floating[Any]]:
    # Every computation is in float64; words are only looked up, and most of the weights are theirs.
    return np.float32 if name == _WORDS else np.float64


class _Encoder:
    def __init__(self, weights: Mapping[str, NDArray[Any]], *, n_layers: int, n_heads: int, epsilon: float) -> None:
        self._weights = weights
        self._n_layers = n_layers
        self._n_heads = n_heads
        self._epsilon = epsilon

    @property
    def n_dims(self) -> int:
        return int(self._weights[_WORDS].shape[1])

    def encode(self, tokens: NDArray[np.int64]) -> Array:
        """Return a vector for each token. Shape: (n_terms, n_tokens, n_dims), tokens: (n_terms, n_tokens)."""
        places = self._weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        hidden = self._normalize(self._weights[_WORDS][tokens] + kind + places, "embeddings.LayerNorm")
        for layer in range(self._n_layers):
            name = f"encoder.layer.{layer}"
            attended = self._linear(self._attend(hidden, f"{name}.attention.self"), f"{name}.attention.output.dense")
            hidden = self._normalize(hidden + attended, f"{name}.attention.output.LayerNorm")
            inner = _gelu(self._linear(hidden, f"{name}.intermediate.dense"))
            hidden = self._normalize(hidden + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return hidden

    def _attend(self, hidden: Array, name: str) -> Array:
        n_terms, n_tokens, n_dims = hidden.shape
        query, key, value = (
            self._linear(hidden, f"{name}.{part}").reshape(n_terms, n_tokens, self._n_heads, -1).swapaxes(1, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(2, 3) / np.sqrt(n_dims / self._n_heads)
        shares = np.exp(scores - scores.max(axis=3, keepdims=True))
        shares /= shares.sum(axis=3, keepdims=True)
        attended: Array = (shares @ value).swapaxes(1, 2).reshape(n_terms, n_tokens, n_dims)
        return attended

    def _linear(self, values: Array, name: str) -> Array:
        mapped: Array = values @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return mapped

    def _normalize(self, values: Array, name: str) -> Array:
        centred = values - values.mean(axis=-1, keepdims=True)
        scale = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + self._epsilon)
        normal: Array = centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return normal


def _gelu(values: Array) -> Array:
    from scipy.special import erf

    activated: Array = values * (erf(values / np.sqrt(2)) + 1) / 2
    return activated
