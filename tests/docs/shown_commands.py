"""The commands that a document shows after `$`, and what it says that they print."""

import re
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parents[2] / "docs"


class Shown(NamedTuple):
    command: str
    output: str


def shown_commands(document: str) -> list[Shown]:
    """Return the commands of a document in `docs/` that are shown with their output, in order."""
    text = (DOCS / document).read_text(encoding="utf-8")
    blocks = re.findall(r"(?:^(?:    .*)?\n)+", text, re.MULTILINE)
    shown = []
    for block in blocks:
        lines = [line.removeprefix("    ").rstrip() for line in block.splitlines()]
        for part in "\n".join(lines).split("\n$ ")[1:]:
            command, _, output = part.partition("\n")
            shown.append(Shown(command, output.strip("\n")))
    return shown


def printed(text: str) -> str:
    """Return what a command printed as a document shows it: without spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
