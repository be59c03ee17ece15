"""The document on the terminal: what the gate prints, and the exit codes."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.corpus import read_corpus
from tests.command_line import run_descan
from tests.docs.shown_commands import DOCS, printed, shown_commands

pytestmark = pytest.mark.slow

TEXT = (DOCS / "terminal.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an analysis of the sample corpus in `out/sample`, and the document's file of conditions."""
    folder = tmp_path_factory.mktemp("terminal")
    (folder / "out").mkdir()
    sample = read_corpus(DOCS.parent / "corpora" / "sample")
    analyze(sample, folder / "out" / "sample", AnalyzeOptions(embedder="none", report=None))
    conditions = re.findall(r"^    \[\[conditions\]\]\n(?:(?:    .*)?\n)+", TEXT, re.MULTILINE)
    (folder / "gate.toml").write_text(re.sub("^    ", "", "".join(conditions), flags=re.MULTILINE))
    return folder


def test_the_gate_prints_what_the_document_shows(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    shown = shown_commands("terminal.md")
    assert len(shown) == 3
    for command, output in shown:
        outcome = run_descan(capsys, *shlex.split(command)[1:])
        assert (printed(outcome.out), outcome.err) == (output, ""), command
        assert outcome.code == (3 if "failed:" in output else 0)


def test_the_script_of_the_document_goes_on_only_if_the_gate_is_open(folder: Path) -> None:
    script = TEXT.partition("to standard error):\n\n")[2].partition("\n\n")[0]
    gate = script.partition("\n")[2].replace("descan check out ", "descan check out/sample ")
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
