"""The command line in this process, and a small corpus for it."""

import json
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.command_line import Outcome, run_descan

ANSWER = {"item_id": "a", "model": "m", "mode": "describe", "text": "She is smiling; her brows are raised."}
LABEL = {"item_id": "a", "model": "m", "mode": "classify", "text": "Happy"}


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, with something to read from standard input."""

    def call(*arguments: object, stdin: bytes | BinaryIO = b"") -> Outcome:
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(stdin) if isinstance(stdin, bytes) else stdin))
        return run_descan(capsys, *arguments)

    return call


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus", [ANSWER, LABEL])


def write_corpus(folder: Path, answers: list[dict[str, Any]], items: str = "item_id,gold\na,Happy\n") -> Path:
    folder.mkdir()
    (folder / "corpus.toml").write_text('name = "small"\n')
    (folder / "items.csv").write_text(items)
    (folder / "answers.jsonl").write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    return folder


def append(path: Path, content: bytes) -> None:
    path.write_bytes(path.read_bytes() + content)


def line(**changed: object) -> bytes:
    return json.dumps({**ANSWER, **changed}).encode() + b"\n"
