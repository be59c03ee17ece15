"""Output that nobody reads, output that cannot be written, and signals while descan starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DESCAN = str(Path(sys.executable).with_name("descan"))


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command_line = f"set -o pipefail; {command.replace('DESCAN', DESCAN)}"
    environment = {**os.environ, **environment}
    return subprocess.run(["bash", "-c", command_line], capture_output=True, text=True, check=False, env=environment)


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


@pytest.mark.parametrize("module", ["descan.interruption", "descan.cli.app", "typer", "descan.cli.report"])
def test_ctrl_c_while_descan_starts_is_one_line(module: str) -> None:
    code = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from descan.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "descan: interrupted; nothing half-written is left\n"


def test_nothing_is_imported_before_ctrl_c_is_one_line() -> None:
    code = "import sys; before = set(sys.modules); import descan.cli; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["descan", "descan.cli"]
