"""The document on own words: its folder, its commands, and what these print."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.command_line import run_descan
from tests.docs.shown_commands import DOCS, printed, shown_commands

pytestmark = pytest.mark.slow

WRONG = {
    "emotions.csv": "term,pos,category,forms\nzorbed,adj,Joy,\nzurbed,adj,Sad,cross\n",
    "remove.yaml": "emotions: [livd]\n",
}
"""The folder of which the document shows what is wrong with it."""


def test_every_command_prints_what_the_document_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    shutil.copytree(DOCS / "own_words", "own_words")
    Path("words").mkdir()
    for name, content in WRONG.items():
        Path("words", name).write_text(content)
    shown = shown_commands("own-words.md")
    assert len(shown) == 6
    for command, output in shown:
        outcome = run_descan(capsys, *shlex.split(command)[1:])
        assert without_installed_lines(printed(outcome.out + outcome.err)) == without_installed_lines(output), command


def without_installed_lines(text: str) -> str:
    return re.sub(r"(lexicons/\S+):\d+", r"\1:N", text)


def test_the_files_that_the_document_shows_are_those_of_the_folder_and_its_snippets_are_sound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (DOCS / "own-words.md").read_text(encoding="utf-8")
    for path in (DOCS / "own_words").iterdir():
        assert "".join(f"    {line}\n" for line in path.read_text(encoding="utf-8").splitlines()) in text
    for heading, name in (("### Removing", "remove.yaml"), ("### A new action", "actions.yaml")):
        snippet = text.partition(heading)[2].partition("\n\n")[2].lstrip("\n")
        lines = re.search(r"(?:^(?:    .*)?\n)+", snippet, re.MULTILINE)
        assert lines is not None
        (tmp_path / name).write_text(re.sub("^    ", "", lines[0], flags=re.MULTILINE))
    units = text.partition("say it in `action_units.yaml`:\n\n")[2].partition("\n\n")[0]
    (tmp_path / "action_units.yaml").write_text(re.sub("^    ", "", units, flags=re.MULTILINE))
    outcome = run_descan(capsys, "lexicon", "check", tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.count("nothing wrong") == 3
