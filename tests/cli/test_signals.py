"""A signal ends a command with one line and its own exit code, and leaves nothing, whenever it comes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LINES = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "ended by SIGTERM",
    signal.SIGHUP: "ended by SIGHUP",
    signal.SIGQUIT: "ended by SIGQUIT",
}
DELAYS_S = {signal.SIGINT: (0, 0.1, 0.7, 1.9), signal.SIGTERM: (0, 1.1), signal.SIGHUP: (1.3,), signal.SIGQUIT: (0.9,)}


def write_corpus(folder: Path) -> Path:
    folder.mkdir()
    (folder / "corpus.toml").write_text('name = "small"\n')
    (folder / "items.csv").write_text("item_id,gold\na,Happy\n")
    with (folder / "answers.jsonl").open("w") as file:
        for repeat in range(20_000):
            row = {"item_id": "a", "model": "m", "mode": "describe", "repeat": repeat}
            print(json.dumps({**row, "text": f"She smiles {repeat}; her brows are raised, no frown."}), file=file)
    return folder


@pytest.mark.parametrize(("number", "delay_s"), [(number, s) for number, all_s in DELAYS_S.items() for s in all_s])
def test_a_signal_is_one_line_and_leaves_nothing(tmp_path: Path, number: signal.Signals, delay_s: float) -> None:
    corpus, temporary = write_corpus(tmp_path / "corpus"), tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-m", "descan", "analyze", str(corpus), "--out", str(tmp_path / "out"), "--no-report"]
    process = subprocess.Popen(
        [*command, "--jobs", "2", "--embedder", "none", "--no-cache"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    while not has_handler(process.pid, number):
        assert process.poll() is None
    time.sleep(delay_s)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (128 + number, f"descan: {LINES[number]}; nothing half-written is left\n")
    assert {path.name for path in tmp_path.iterdir()} == {"corpus", "temporary"}
    assert list(temporary.iterdir()) == []


def has_handler(process: int, number: int) -> bool:
    """Return whether a process handles a signal; before that, Python itself is still starting."""
    status = Path(f"/proc/{process}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    # Python itself handles SIGINT from the beginning; SIGTERM is handled as soon as descan is there.
    needed = signal.SIGTERM if number == signal.SIGINT else number
    return bool(caught >> (needed - 1) & 1)
