"""Killed at any instant, a collector loses nothing that came back, and buys no answer twice.

`N_KILLS=60 pytest tests/collect/test_kill.py` kills as often as docs/collect.md says.
"""

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from descan.collect.result import PENDING
from tests.collect.collectors import MODELS, Collectors, draw_pictures, key_of, read_lines, server_environment
from tests.vlm_server import BatchCourse, VlmServer

pytestmark = pytest.mark.slow

N_KILLS = int(os.environ.get("N_KILLS", "12"))
N_ITEMS = 50
N_ANSWERS = N_ITEMS * 2 * 2
"""Of two models in two modes."""

CONCURRENCY = 4
N_AT_ONCE = 2 * CONCURRENCY
"""Requests that a collector can have under way: what came back counts until it is safe."""

LATENCY_S = 0.1
LONGEST_S = 0.15
"""After the first request of a run, until it is killed."""

N_BATCH = 70
N_BATCH_KILLS = 14
LONGEST_BATCH_S = 1.0
"""After the start of a run that submits or fetches, until it is killed; some come to their end."""


def test_a_run_survives_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(3)
    source, out = draw_pictures(tmp_path / "faces", N_ITEMS), tmp_path / "corpus"
    with VlmServer(latency_s=LATENCY_S) as server:
        collectors = Collectors(server_environment(server), tmp_path / "log")
        arguments = (source, "--out", out, *MODELS, "--concurrency", CONCURRENCY)
        wasted: list[int] = []
        while len(wasted) < N_KILLS:
            n_sent, n_lost = server.counts.n_requests, server.counts.n_paid - n_safe(out)
            with collectors.running(*arguments) as process:
                is_early = len(wasted) % 5 == 0
                while server.counts.n_requests == n_sent and process.is_alive() and not is_early:
                    time.sleep(0.001)
                time.sleep(chance.uniform(0, LONGEST_S))
            assert process.exitcode == -9, (tmp_path / "log").read_text()[-2000:]
            wait_until_idle(server)
            wasted.append(server.counts.n_paid - n_safe(out) - n_lost)
            assert wasted[-1] <= N_AT_ONCE
        n_before = len(read_lines(out / "answers.jsonl"))
        assert collectors.run(*arguments) == 0, (tmp_path / "log").read_text()[-2000:]
        n_paid = server.counts.n_paid
        assert not server.violations
        n_most = max(server.counts.paid_by_item.values())
    answers = read_lines(out / "answers.jsonl")
    assert Counter(map(key_of, answers)).most_common(1)[0][1] == 1
    assert len(answers) == N_ANSWERS
    assert n_paid <= N_ANSWERS + sum(wasted)
    with capsys.disabled():
        print(f"\n{N_KILLS} kills, {n_before} answers before the last run: {n_paid} paid for {N_ANSWERS} answers, ")
        print(f"{sum(wasted)} in flight at the kills, at most {max(wasted)} at one of them; one answer {n_most} times")


def test_batches_survive_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(5)
    source, out = draw_pictures(tmp_path / "faces", N_BATCH), tmp_path / "corpus"
    with VlmServer(course=BatchCourse(n_polls=0)) as server:
        collectors = Collectors(server_environment(server), tmp_path / "log")
        arguments = (source, "--out", out, *MODELS[:2], "--batch")
        n_fetched = []
        for mode in ("classify", "describe"):
            for _ in range(N_BATCH_KILLS // 2):
                with collectors.running(*arguments, "--mode", mode) as process:
                    process.join(chance.uniform(0, LONGEST_BATCH_S))
                n_fetched.append(n_safe(out))
            while (code := collectors.run(*arguments, "--mode", mode)) == PENDING:
                pass
            assert code == 0, (tmp_path / "log").read_text()[-2000:]
        n_paid = server.counts.n_paid
        assert not server.violations
    answers = read_lines(out / "answers.jsonl")
    assert len({key_of(cells) for cells in answers}) == len(answers) == 2 * N_BATCH
    assert n_paid == 2 * N_BATCH
    with capsys.disabled():
        print(f"\n{N_BATCH_KILLS} kills around two batches (answers fetched by then: {n_fetched}): ")
        print(f"{n_paid} paid for {len(answers)} answers")


def n_safe(out: Path) -> int:
    """Count the whole lines of answers."""
    path = out / "answers.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def wait_until_idle(server: VlmServer) -> None:
    while server.counts.n_in_flight:
        time.sleep(0.001)
