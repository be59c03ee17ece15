"""The command line against a server of ours, in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.collect.collectors import draw_pictures, server_environment
from tests.command_line import Outcome, run_descan
from tests.vlm_server import VlmServer

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
        return run_descan(capsys, "collect", *arguments)

    return call


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Fourteen pictures, two of each class."""
    return draw_pictures(tmp_path / "faces", 14)
