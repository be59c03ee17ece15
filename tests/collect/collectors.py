"""`descan collect` in processes of their own, that can be killed, and small pictures to ask about."""

import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from PIL import Image

from tests.vlm_server import VlmServer

CLASSES = ("Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")
MODELS = ("--model", "openai:gpt-4o-2024-11-20", "--model", "gemini:gemini-2.5-flash")
LISTED = ("--set", "list_price=true")
"""The server of the tests stands for the providers' own, so that answers have a price."""

_PRELOADED = [
    "PIL.PngImagePlugin",
    "anyio._backends._asyncio",
    "descan.cli.app",
    "descan.collect.collecting",
    "descan.collect.providers.gemini",
    "descan.collect.providers.openai",
    "genai_prices",
    "google.auth.aio",
    "httpcore2._async",
    "openai.resources.chat",
    "openai.resources.responses",
    "rich.live",
    "truststore",
]
"""What a collector imports once it runs."""


def draw_pictures(folder: Path, n: int) -> Path:
    """Draw pictures, each of another colour, into class folders."""
    for number in range(n):
        place = folder / CLASSES[number % len(CLASSES)]
        place.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (24, 24), (number % 256, number // 256, 77)).save(place / f"{number:04d}.png")
    return folder


def server_environment(server: VlmServer) -> dict[str, str]:
    """Return the environment in which the SDKs find the server."""
    return {
        "OPENAI_BASE_URL": server.openai_base_url,
        "OPENAI_API_KEY": "sk-test-0123456789abcdef0123",
        "GOOGLE_GEMINI_BASE_URL": server.gemini_base_url,
        "GEMINI_API_KEY": "AIzaTest0123456789abcdef0123456789abcde",
    }


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Load a JSON Lines file; return nothing if there is none."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def key_of(cells: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what an answer answers."""
    return cells["item_id"], cells["model"], cells["mode"], cells["repeat"]


class Collectors:
    """Starts collectors from a process that has imported everything, so that each is up at once."""

    def __init__(self, environment: Mapping[str, str], log: Path, command: str = "collect") -> None:
        self._context: ForkServerContext = get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)
        self._environment, self._log, self._command = dict(environment), log, command

    def start(self, *arguments: object) -> BaseProcess:
        process = self._context.Process(
            target=_collect, args=([self._command, *map(str, arguments)], self._environment, self._log)
        )
        process.start()
        return process

    def run(self, *arguments: object) -> int | None:
        """Run a collector to its end and return its exit code."""
        process = self.start(*arguments)
        process.join()
        return process.exitcode

    @contextmanager
    def running(self, *arguments: object) -> Iterator[BaseProcess]:
        """Kill the collector at the end of the block, whatever it is doing."""
        process = self.start(*arguments)
        try:
            yield process
        finally:
            process.kill()
            process.join()


def _collect(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    from descan.cli import main

    os.environ.update(environment)
    sys.argv = ["descan", *arguments]
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # Ignored where the tests run under nohup.
    with log.open("a", buffering=1) as file:
        sys.stdout = sys.stderr = file
        main()
