"""The document for those who have data: its files, its commands, and what these print."""

import re
import shlex
from pathlib import Path

import openpyxl
import pytest

from tests.command_line import run_descan

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "data.md"
ENCODINGS = {None: "utf-8", "Windows-1252": "cp1252"}
CUT = "..."


def write_file(path: Path, lines: list[str], encoding: str) -> None:
    path.parent.mkdir(exist_ok=True)
    if path.suffix != ".xlsx":
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append([int(cell) if cell.isdigit() else cell for cell in line.split(" | ")])
    book.save(path)


def test_every_command_prints_what_the_document_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    n_commands = 0
    for before, block in re.findall(
        r"^(.+)\n\n((?:(?:    .*)?\n)+)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE
    ):
        lines = [line.removeprefix("    ") for line in block.strip("\n").splitlines()]
        named = re.fullmatch(r"`(\S+)`(?: \((.+)\))?:", before)
        if named is not None:
            write_file(tmp_path / named[1], lines, ENCODINGS[named[2]])
        elif lines and lines[0].startswith("descan analyze "):
            end = lines.index("")
            command = shlex.split(" ".join(line.removesuffix("\\") for line in lines[:end]))
            outcome = run_descan(capsys, *command[1:], "--no-report", "--embedder", "none")
            printed = [line.rstrip() for line in (outcome.out or outcome.err).splitlines()]
            shown = lines[end + 1 :]
            assert shown[-1] == CUT or shown == printed
            assert [line for line in shown if line != CUT] == printed[: len(shown) - (shown[-1] == CUT)]
            n_commands += 1
    assert n_commands == 11
