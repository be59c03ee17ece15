"""Paths of the lexicon files, and one digest of them."""

import hashlib
from pathlib import Path

from descan.errors import SetupError

_PACKAGE = Path(__file__).resolve().parent.parent


def lexicon_path(*parts: str) -> Path:
    """Return the path of a lexicon file or folder, in an installed package as in a checkout.

    Raises:
        SetupError: If the lexicons are not where the package or the checkout has them.
    """
    for folder in (_PACKAGE / "lexicons", _PACKAGE.parent / "lexicons"):
        if folder.is_dir():
            return folder.joinpath(*parts)
    raise SetupError("the lexicons folder is missing; install descan again: pip install --force-reinstall descan")


def lexicon_digest(language: str) -> str:
    """Return the SHA-256 of all lexicon files that an analysis in this language reads."""
    digest = hashlib.sha256()
    shared = [path for path in lexicon_path().glob("*.yaml") if path.is_file()]
    own = [path for path in lexicon_path(language).iterdir() if path.is_file()]
    for path in sorted(shared) + sorted(own):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
