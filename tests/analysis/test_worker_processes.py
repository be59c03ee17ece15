"""What goes wrong in a worker process is told as if there were none, and none is left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.analysis.corpora import bytes_of, write_large_corpus
from tests.command_line import run_descan
from tests.execution.processes import PATIENCE_S

pytestmark = pytest.mark.slow

DESCAN = str(Path(sys.executable).with_name("descan"))
QUICK = ("--no-report", "--no-cache", "--embedder", "none", "--resamples", "100")
N_ITEMS = 30_000
"""So many that an analysis is under way when a test interferes."""

N_READ = 20_000
"""Bytes that some blocks of them leave."""

N_SMALL = 1_500


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_large_corpus(tmp_path_factory.mktemp("large") / "corpus", N_ITEMS)


@contextmanager
def analyzing(corpus: Path, out: Path) -> Iterator[psutil.Popen]:
    """Analyze with two worker processes, as a terminal would; both are under way when the block begins."""
    command = [DESCAN, "analyze", str(corpus), "--out", str(out), "--jobs", "2", *QUICK]
    process = psutil.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        until = time.monotonic() + PATIENCE_S
        while len(workers_of(process)) < 2 or n_read(out) < N_READ:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()


def workers_of(process: psutil.Popen) -> list[psutil.Process]:
    found = []
    for child in process.children():
        with suppress(psutil.NoSuchProcess):  # It may just have ended.
            if "descan.execution.worker_program" in " ".join(child.cmdline()):
                found.append(child)
    return found


def n_read(out: Path) -> int:
    """Return the bytes of what waits for the second pass."""
    return sum(path.stat().st_size for path in out.glob(".partial-*/.scratch-*/*"))


def assert_ended(processes: list[psutil.Process]) -> None:
    until = time.monotonic() + PATIENCE_S
    while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_bad_line_is_told_alike_whoever_reads_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus, out = write_large_corpus(tmp_path / "corpus", N_SMALL), tmp_path / "out"
    earlier = write_large_corpus(tmp_path / "earlier", 2)
    assert run_descan(capsys, "analyze", earlier, "--out", out, *QUICK).code == 0
    before = bytes_of(out)
    lines = (corpus / "answers.jsonl").read_text().splitlines(keepends=True)
    lines[2_100] = json.dumps({"item_id": "i1", "mode": "guess", "model": "m", "text": ""}) + "\n"
    lines[2_500] = "{broken\n"
    (corpus / "answers.jsonl").write_text("".join(lines))
    one, two = (
        run_descan(capsys, "analyze", corpus, "--out", folder, "--jobs", n_jobs, *QUICK)
        for n_jobs, folder in ((1, tmp_path / "new"), (2, out))
    )
    assert one == two
    assert one.err.startswith(f"descan: {corpus}/answers.jsonl:2101: mode 'guess' is unknown; use one of")
    assert (one.code, one.out, one.err.count("\n")) == (1, "", 1)
    assert bytes_of(out) == before
    assert {path.name for path in tmp_path.iterdir()} == {"corpus", "earlier", "out"}


def test_an_answer_that_occurs_twice_is_told_alike_whoever_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_large_corpus(tmp_path / "corpus", N_SMALL)
    lines = (corpus / "answers.jsonl").read_text().splitlines(keepends=True)
    (corpus / "answers.jsonl").write_text("".join([*lines, lines[7]]))
    one, two = (
        run_descan(capsys, "analyze", corpus, "--out", tmp_path / "out", "--jobs", n_jobs, *QUICK) for n_jobs in (1, 2)
    )
    assert one == two
    assert one.err.startswith(f"descan: {corpus}/answers.jsonl:{len(lines) + 1}: answer item_id 'i3'")
    assert (one.code, one.err.count("\n")) == (1, 1)


def test_a_worker_that_is_killed_is_told_with_its_block(large: Path, tmp_path: Path) -> None:
    with analyzing(large, tmp_path / "out") as process:
        others = process.children(recursive=True)
        workers_of(process)[0].kill()
        _, err = process.communicate(timeout=PATIENCE_S)
    place = f"{large}/answers.jsonl, lines "
    assert err.startswith(f"descan: a worker process ended (SIGKILL) while it worked on {place}"), err
    first, last = err.split(place)[1].split(";")[0].split("-")
    assert int(last) - int(first) == 999
    assert err.endswith("; if memory was short, run again with fewer --jobs\n")
    assert (process.returncode, err.count("\n")) == (1, 1)
    assert_ended(others)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_is_one_line_and_leaves_no_process(large: Path, tmp_path: Path) -> None:
    with analyzing(large, tmp_path / "out") as process:
        others = process.children(recursive=True)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert err == "descan: interrupted; nothing half-written is left\n"
    assert process.returncode == 130
    assert_ended(others)
    assert list(tmp_path.iterdir()) == []


def test_workers_end_with_an_analysis_that_is_killed(large: Path, tmp_path: Path) -> None:
    with analyzing(large, tmp_path / "out") as process:
        others = process.children(recursive=True)
        process.kill()
        assert_ended(others)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--jobs", "0"), "--jobs must be 1 to 256, not 0"),
        (("--jobs", "-3"), "--jobs must be 1 to 256, not -3"),
        (("--jobs", "1000000"), "--jobs must be 1 to 256, not 1000000"),
        (
            ("--no-workers", "--scheduler", "tcp://127.0.0.1:8786"),
            "--workers cannot be off on a cluster, whose workers read; name no scheduler",
        ),
        (("--jobs", "2", "--no-workers"), "--jobs is for workers; leave it out, because this process reads alone"),
        (("--shared", "x"), "--shared is for the workers of a cluster; name its scheduler too"),
        (
            ("--jobs", "2", "--scheduler", "tcp://127.0.0.1:8786"),
            "--jobs is for this machine; leave it out, because the workers of the cluster read",
        ),
    ],
)
def test_options_that_do_not_fit_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], message: str
) -> None:
    corpus = write_large_corpus(tmp_path / "corpus", 2)
    outcome = run_descan(capsys, "analyze", corpus, "--out", tmp_path / "out", *options)
    assert outcome == (1, "", f"descan: {message}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]
