"""Folders of data that come with descan."""

from pathlib import Path

from descan.errors import SetupError

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped_folder(name: str) -> Path:
    """Return the path of a folder, such as `lexicons`, in an installed package as in a checkout.

    Raises:
        SetupError: If it is not where the package or the checkout has it.
    """
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise SetupError(f"the {name} folder is missing; install descan again: pip install --force-reinstall descan")
