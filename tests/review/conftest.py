"""Analyses of invented pairs, a running `descan review`, and a browser."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.report.analyses import Pair, write_records
from tests.report.conftest import browser

__all__ = ["browser"]

CATEGORIES = ("Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")
VERDICTS = ("right", "lucky", "labeling_failure", "seeing_failure")


def write_analysis(folder: Path, pairs: Iterable[Pair]) -> Path:
    """Write what `descan review` reads of an analysis."""
    write_records(folder, pairs)
    run = {"descan": "0.1.0", "corpus": {"name": "faces"}, "options": {"label_mode": "classify"}}
    (folder / "run.json").write_text(json.dumps(run), "utf-8")
    return folder


def make_pairs(n: int, models: Iterable[str] = ("a", "b")) -> list[Pair]:
    """Return pairs of every verdict and gold, each with a text of its own."""
    return [
        Pair(
            f"{model}-{number}",
            model,
            gold=CATEGORIES[number % 7],
            label=CATEGORIES[(number + (number % 4 > 1)) % 7],
            described=CATEGORIES[(number + number % 4 % 2) % 7],
            verdict=VERDICTS[number % 4],
            text=f"Text {number} of {model}: a [smile|smile].",
        )
        for model in models
        for number in range(n)
    ]


@dataclass
class Server:
    """A running `descan review`."""

    cases: str
    marking: str
    readings: Path
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def read_of(self, reader: str) -> list[dict[str, object]]:
        """Return those of one reader."""
        return [reading for reading in self.read() if reading["reader"] == reader]

    def read(self) -> list[dict[str, object]]:
        """Return the readings that are on the disk."""
        if not self.readings.exists():
            return []
        return [json.loads(line) for line in self.readings.read_text("utf-8").splitlines()]


StartServer = Callable[..., Server]


@pytest.fixture(scope="module")
def start_server() -> Iterator[StartServer]:
    # Each takes seconds to start, so tests of a module share those that they do not end.
    servers: list[subprocess.Popen[str]] = []

    def start(analysis: Path, *options: str) -> Server:
        command = [sys.executable, "-m", "descan", "review", str(analysis), *options]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        servers.append(process)
        assert process.stdout
        told = ""
        for line in process.stdout:
            told += line
            if "until Ctrl-C" in line:
                break
        found = re.findall(r"http://127\.0\.0\.1:\d+/[\w-]{20,}/", told)
        assert len(found) == 2, told
        cases, marking = found
        return Server(cases, marking, Path(f"{analysis}-readings.jsonl"), process)

    yield start
    for process in servers:
        process.terminate()
        process.wait()
        assert process.stdout
        process.stdout.close()
