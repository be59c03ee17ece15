"""`descan docs`."""

import re
from pathlib import Path
from typing import Annotated

import typer

from descan.errors import InputError, quote

_SUFFIX = ".md"
_DOCSTRINGS = re.compile(r"^```\{eval-rst\}\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_DOCSTRING = re.compile(r"^\.\. auto\w+:: ([\w.]+).*(?:\n +:.*)*", re.MULTILINE)
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def docs_command(
    name: Annotated[str | None, typer.Argument(help="The document to print; default: list all of them.")] = None,
) -> None:
    """Print the documentation of this version: the list of documents, or one of them as Markdown."""
    from descan.storage.shipped import shipped_folder

    paths = {path.stem: path for path in sorted(shipped_folder("docs").glob(f"*{_SUFFIX}"))}
    if name is None:
        width = max(map(len, paths))
        for stem, path in paths.items():
            typer.echo(f"{stem:{width}}  {_title(path)}")
        return
    if (stem := Path(name).name.removesuffix(_SUFFIX)) not in paths:
        raise InputError(None, f"there is no document {quote(name)}; use one of {', '.join(paths)}")
    typer.echo(_in_terminal(paths[stem].read_text(encoding="utf-8")), nl=False)


def _in_terminal(text: str) -> str:
    """Return a document with the command that prints a docstring in the place of what the site shows there."""
    return _DOCSTRINGS.sub(lambda found: _DOCSTRING.sub(r"    python -m pydoc \1", found[1]), text)


def _title(path: Path) -> str:
    found = _TITLE.search(path.read_text(encoding="utf-8"))
    return found[1] if found else path.stem
