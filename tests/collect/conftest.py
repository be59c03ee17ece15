"""The command line against a server of ours, in this process."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from descan.cli import main
from tests.collect.collectors import draw_pictures, server_environment
from tests.vlm_server import VlmServer


class Outcome(NamedTuple):
    code: object
    out: str
    err: str


Collect = Callable[..., Outcome]


@pytest.fixture
def collect(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Collect:
    """Run `descan collect`, against a server if one is given; there are no keys but its own."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: object, server: VlmServer | None = None) -> Outcome:
        for name, value in server_environment(server).items() if server else ():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setattr(sys, "argv", ["descan", "collect", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as error:
            code = error.code
        return Outcome(code or 0, *capsys.readouterr())

    return call


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Fourteen pictures, two of each class."""
    return draw_pictures(tmp_path / "faces", 14)
