"""The command line against a server of ours, in this process."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.collect.collectors import draw_pictures, server_environment
from tests.command_line import Outcome, run_descan
from tests.vlm_server import VlmServer

_OF_PROVIDERS = ("OPENAI_", "GEMINI_", "GOOGLE_")
"""How variables begin that the providers' packages, or descan, read."""

Collect = Callable[..., Outcome]


@pytest.fixture(scope="session", autouse=True)
def no_accounts() -> Iterator[None]:
    """Take what the environment says of the user's accounts and servers away: tests name their own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(_OF_PROVIDERS)]:
            patch.delenv(name)
        yield


@pytest.fixture
def collect(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Collect:
    """Run `descan collect`, against a server if one is given; there are no keys but its own."""

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
