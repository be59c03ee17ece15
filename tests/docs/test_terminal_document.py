"""The document on the terminal: the gate, the exit codes, and which commands have which option."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from descan.cli.app import app
from tests.command_line import run_descan
from tests.docs.snippets import DOCS
from tests.docs.test_snippets import list_commands

pytestmark = pytest.mark.slow

TEXT = (DOCS / "terminal.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(sample: tuple[Path, str]) -> Path:
    """The folder with an analysis of the sample corpus in `out/sample`."""
    return sample[0].parents[1]


def test_the_script_of_the_document_goes_on_only_if_the_gate_is_open(folder: Path) -> None:
    script = TEXT.partition("to standard error):\n\n")[2].partition("\n\n")[0]
    gate = script.partition("\n")[2].replace("descan check out/answers ", "descan check out/sample ")
    command = str(Path(sys.executable).with_name("descan"))
    for limit, told in (("0.5", "good enough"), ("0.6", "stopped with 3")):
        lines = gate.replace("descan check", f"{command} check").replace(
            "--min-accuracy 0.5", f"--min-accuracy {limit}"
        )
        done = subprocess.run(["bash", "-c", lines], capture_output=True, text=True, check=True, cwd=folder)
        assert done.stdout == f"{told}\n"
        assert done.stderr.count("\n") == (limit == "0.6")


def test_the_exit_codes_of_the_document_are_those_of_the_commands(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    rows = re.findall(r"^\| (\d+) \| ", TEXT.partition("## Exit codes")[2], re.MULTILINE)
    commands = {
        0: ("check", "out/sample", "--min-accuracy", 0.1),
        1: ("check", "nowhere", "--min-accuracy", 0.1),
        2: ("check", "out/sample", "--no-such-option"),
        3: ("check", "out/sample", "--min-accuracy", 0.99),
    }
    assert [int(code) for code in rows] == list(commands)
    assert {code: run_descan(capsys, *command).code for code, command in commands.items()} == {n: n for n in commands}


def test_the_document_names_every_command_with_json_and_quiet() -> None:
    commands = dict(list_commands(typer.main.get_command(app)))
    for option in ("--quiet", "--json"):
        row = next(line for line in TEXT.splitlines() if line.startswith("| ") and f"`{option}`" in line)
        named = set(re.findall(r"`([a-z][a-z ]+)`", row.split(" | ")[1]))
        assert named == {
            name for name, command in commands.items() if any(option in each.opts for each in command.params)
        }
