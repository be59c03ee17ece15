"""Output that nobody reads, output that cannot be written, and signals while descan starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DESCAN = str(Path(sys.executable).with_name("descan"))
MODULE = (sys.executable, "-m", "descan")


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    quoted = f"set -o pipefail; {command.replace('DESCAN', DESCAN)}"
    environment = {**os.environ, **environment}
    return subprocess.run(["bash", "-c", quoted], capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_ends_early_does_not_fail_the_command(unbuffered: str) -> None:
    done = shell("DESCAN analyze --help | true", PYTHONUNBUFFERED=unbuffered)
    assert (done.returncode, done.stderr) == (0, "")


def test_problems_may_go_to_a_reader_that_ended_early() -> None:
    assert shell("DESCAN analyze nowhere --out nowhere 2>&1 | true").returncode == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_one_line(unbuffered: str) -> None:
    done = shell("DESCAN --help >/dev/full", PYTHONUNBUFFERED=unbuffered)
    problem = "standard output: cannot be used: the disk is full; make room, or use another disk"
    assert (done.returncode, done.stderr) == (1, f"descan: {problem}\n")


@pytest.mark.parametrize("closing", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_do_not_fail_the_command(closing: str) -> None:
    done = shell(f"DESCAN --version {closing}")
    assert (done.returncode, done.stderr) == (0, "")
