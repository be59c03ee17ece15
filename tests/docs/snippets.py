"""The blocks of a document, run from top to bottom in a folder, and what they print beside what the document shows.

What a block is follows from how it is written:

- `$ descan ...`, or lines that begin with a program: commands. What follows them in the block is what they print.
- `>>>`, a fence of Python, or lines that name `descan.` or `study.`: Python, in one namespace for the document.
- below a line such as "`faces.csv`:", "`faces.csv` (Windows-1252):" or "`gate.toml`, with ...:": a file.
- a part of a file in `docs/*/` or `lexicons/`: an excerpt.
- anything else: a part of what the last command printed.

In what is shown, a line `...` stands for any lines.
"""

import ast
import doctest
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import chdir
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from tests.command_line import run_descan

PROJECT = Path(__file__).resolve().parents[2]
DOCS = PROJECT / "docs"

SAMPLE = "descan analyze corpora/sample --out out/sample"
"""Run once for all documents, without the page."""

JOBS = ("--no-workers",)
QUICK = ("--no-report", "--embedder", "none", "--resamples", "100", *JOBS)
"""What is added to other commands that analyze: no document shows what these change but the line `Report: ...`."""

_PROGRAMS = ("descan", "dask", "pdflatex", "for", "echo", "zcat", "cd", "ls", "sed")
_SERVERS = {"dask scheduler": "Scheduler at", "dask worker": "Registered to"}
"""Programs that do not end, and what they say when they are ready."""

_PORT = "8786"
"""Of a server; a free one takes its place."""

_FILE = re.compile(r"`([\w./-]+\.\w+)`(?: \(([\w-]+)\)|, [^`].*)?:")
_ENCODINGS = {None: "utf-8", "Windows-1252": "cp1252"}
_FENCE = re.compile(r" *```(.*)")
_BUILT_BY_SPHINX = "{"
_ANY_LINES = "..."
_CHANGING = (
    (re.compile(r"\b[0-9a-f]{12}\b"), "<digest>"),
    (re.compile(r"(lexicons/\S+):\d+"), r"\1:<line>"),
)
_FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
_PATIENCE_S = 300


class Block(NamedTuple):
    """Indented lines, or lines in a fence, with the paragraph above them.

    Attributes:
        line: Of the first one, 1-based.
        lead: The paragraph on one line.
        language: Of a fence; nothing for indented lines.
        text: Without their common indentation.
    """

    line: int
    lead: str
    language: str
    text: str


class Command(NamedTuple):
    line: str
    shown: str


def read_blocks(document: Path) -> Iterator[Block]:
    """Yield the blocks of a document."""
    lines = document.read_text(encoding="utf-8").splitlines()
    lead: list[str] = []
    place = 0
    while place < len(lines):
        start = place
        fence = _FENCE.fullmatch(lines[place])
        if fence is not None:
            place += 1
            while _FENCE.fullmatch(lines[place]) is None:
                place += 1
            yield Block(start + 1, " ".join(lead), fence[1], textwrap.dedent("\n".join(lines[start + 1 : place])))
        elif lines[place].startswith("    ") and not (place and lines[place - 1]):
            while place < len(lines) and (not lines[place] or lines[place].startswith("    ")):
                place += 1
            text = textwrap.dedent("\n".join(lines[start:place])).strip("\n")
            yield Block(start + 1, " ".join(lead), "", text)
            continue
        elif lines[place]:
            lead = [*(lead if place and lines[place - 1] else []), lines[place]]
        place += 1


def read_commands(block: Block) -> list[Command]:
    """Return the commands of a block with what it shows of each; none if it has none."""
    if block.text.startswith("$ "):
        parts = ("\n" + block.text).split("\n$ ")[1:]
        split = (re.fullmatch(r"((?:.*\\\n)*.*)\n?((?:.*\n?)*)", part) for part in parts)
        return [Command(found[1], found[2].strip("\n")) for found in split if found is not None]
    paragraphs = block.text.split("\n\n")
    commands: list[Command] = []
    while paragraphs and _begins_with_program(paragraphs[0]):
        commands += [Command(line, "") for line in _simple_commands(paragraphs.pop(0))]
    if commands:
        commands[-1] = Command(commands[-1].line, "\n\n".join(paragraphs))
    return commands


def _begins_with_program(text: str) -> bool:
    return re.match(rf"(?:_\w+=\S+ )?(?:{'|'.join(_PROGRAMS)}) ", text) is not None


def _simple_commands(paragraph: str) -> list[str]:
    """Return each command of a paragraph, or the whole if it is a script."""
    lines = paragraph.replace("\\\n", " ").splitlines()
    return lines if all(_begins_with_program(line) and not line.startswith("for ") for line in lines) else [paragraph]


class Runner:
    """Runs the blocks of a document in a folder.

    Attributes:
        printed: What the last command printed.
        namespace: Of Python.
    """

    def __init__(self, folder: Path, sample: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
        self.printed = ""
        self.namespace: dict[str, Any] = {}
        self._folder = folder
        self._sample = sample
        self._capsys = capsys
        self._port = _free_port()
        self._servers: list[subprocess.Popen[bytes]] = []

    def run(self, block: Block) -> None:
        """Run a block; fail if anything is not as the document shows it."""
        file = _FILE.fullmatch(block.lead)
        if block.language.startswith(_BUILT_BY_SPHINX):
            return
        if file is not None:
            _write_file(self._folder / file[1], block.text, _ENCODINGS[file[2]])
        elif commands := read_commands(block):
            for command in commands:
                self._run_command(command)
        elif _is_python(block):
            self._run_python(block)
        elif not _is_excerpt(block.text):
            part = _shown(block.text)
            assert part, "no block of a kind that is run"
            assert f"\n{part}\n" in f"\n{_shown(self.printed)}\n", "neither run, nor in a file, nor printed before it"

    def close(self) -> None:
        """End what is still running."""
        for server in self._servers:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()

    def _run_command(self, command: Command) -> None:
        line = command.line.replace(_PORT, self._port)
        code: object = 0
        if line == SAMPLE:
            self.printed = self._sample[1]
        elif any(line.startswith(server) for server in _SERVERS):
            self._start(line)
        elif line.startswith("descan ") and not re.search(r"[|<>;&~]|-completion", line):
            words = shlex.split(line.replace("\\\n", " "), comments=True)[1:]
            outcome = run_descan(self._capsys, *words, *_quick(words))
            code, self.printed = outcome.code, outcome.out + outcome.err
        else:
            done = self._run_script(line)
            code, self.printed = done.returncode, done.stdout
        if command.shown:
            lines = _shown(command.shown).splitlines()
            pattern = "".join(r"(?:.*\n)*" if line == _ANY_LINES else re.escape(line + "\n") for line in lines)
            assert re.fullmatch(pattern, _shown(self.printed) + "\n"), f"{line}\nprints\n{self.printed}"
        else:
            assert code == 0, f"{line}\nprints\n{self.printed}"

    def _run_script(self, script: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-c", f"{script}\nexit $?"],  # So bash stays, and completion finds the shell that it is for.
            cwd=self._folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_PATIENCE_S,
        )

    def _environment(self) -> dict[str, str]:
        """Return an environment with the folder as home, and a `descan` that adds what makes it quick."""
        programs = self._folder / "bin"
        programs.mkdir(exist_ok=True)
        lines = (
            "#!/bin/sh",
            f'case "$1" in analyze) set -- "$@" {" ".join(QUICK)} ;; esac',
            f'exec "{Path(sys.executable).with_name("descan")}" "$@"',
        )
        (programs / "descan").write_text("".join(f"{line}\n" for line in lines))
        (programs / "descan").chmod(0o755)
        path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        return {**with_project(), "PATH": path, "HOME": str(self._folder)}

    def _start(self, line: str) -> None:
        log = self._folder / f"server-{len(self._servers)}.log"
        with log.open("wb") as file:
            server = subprocess.Popen(
                shlex.split(line, comments=True),
                cwd=self._folder,
                env=self._environment(),
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self._servers.append(server)
        sign = next(sign for program, sign in _SERVERS.items() if line.startswith(program))
        end = time.monotonic() + _PATIENCE_S
        while sign not in log.read_text():
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)

    def _run_python(self, block: Block) -> None:
        with chdir(self._folder):
            if not block.text.startswith(">>> "):
                exec(compile(block.text, f"line {block.line}", "exec"), self.namespace)
                return
            test = doctest.DocTestParser().get_doctest(block.text + "\n", self.namespace, "block", None, block.line)
            told: list[str] = []
            runner = doctest.DocTestRunner(optionflags=_FLAGS)
            failed, _ = runner.run(test, out=told.append, clear_globs=False)
            self.namespace |= test.globs
        assert not failed, "".join(told)


def with_project() -> dict[str, str]:
    """Return an environment whose Python imports from the project."""
    return {**os.environ, "PYTHONPATH": str(PROJECT)}


def _quick(words: list[str]) -> tuple[str, ...]:
    if words[0] != "analyze":
        return ()
    return QUICK[: -len(JOBS)] if {"--jobs", "--scheduler"} & set(words) else QUICK


def _shown(text: str) -> str:
    """Return lines without spaces at their ends, without what differs from run to run, and without the page's line."""
    lines = [line.rstrip() for line in text.splitlines() if not line.startswith("Report: ")]
    shown = "\n".join(lines).strip("\n")
    for pattern, name in _CHANGING:
        shown = pattern.sub(name, shown)
    return shown


def _is_python(block: Block) -> bool:
    if block.language == "python" or block.text.startswith(">>> "):
        return True
    try:
        ast.parse(block.text)
    except SyntaxError:
        return False
    return re.search(r"\b(descan|study)\.\w", block.text) is not None


@cache
def _kept_texts() -> tuple[str, ...]:
    paths = [*DOCS.glob("*/**/*"), *(PROJECT / "lexicons").rglob("*")]
    return tuple(path.read_text(encoding="utf-8") for path in paths if path.is_file() and path.suffix != ".pyc")


def _is_excerpt(text: str) -> bool:
    """Return whether the lines stand in a file that the documents or the lexicons have."""
    return any(f"\n{text}\n" in f"\n{kept}" for kept in _kept_texts())


def _write_file(path: Path, text: str, encoding: str) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    if path.suffix != ".xlsx":
        path.write_text(f"{text}\n", encoding=encoding)
        return
    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append([int(cell) if cell.isdigit() else cell for cell in line.split(" | ")])
    book.save(path)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
