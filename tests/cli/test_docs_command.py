"""`descan docs`: the documentation that comes with descan, and messages that name it."""

import pydoc
import re
from pathlib import Path

import descan
from tests.cli.conftest import Run

PROJECT = Path(__file__).resolve().parents[2]


def test_every_document_is_listed_with_its_title_and_printed(run: Run) -> None:
    listed = dict(line.split(maxsplit=1) for line in run("docs").out.splitlines())
    assert listed.keys() == {path.stem for path in (PROJECT / "docs").glob("*.md")}
    assert listed["own-words"] == "Own words"
    for name in ("own-words", "own-words.md", "docs/own-words.md"):
        assert run("docs", name) == (0, (PROJECT / "docs/own-words.md").read_text(encoding="utf-8"), "")


def test_the_reference_says_which_command_prints_each_docstring(run: Run) -> None:
    printed = run("docs", "reference").out
    assert "eval-rst" not in printed
    assert "## Check\n\n    python -m pydoc descan.check\n    python -m pydoc descan.Condition\n" in printed
    named = re.findall(r"^    python -m pydoc (.+)$", printed, re.MULTILINE)
    assert {f"descan.{name}" for name in descan.__all__ if name != "__version__"} <= set(named)
    assert [name for name in named if not getattr(pydoc.locate(name), "__doc__", "")] == []


def test_an_unknown_document_is_one_line_with_those_that_there_are(run: Run) -> None:
    outcome = run("docs", "nix")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("descan: there is no document 'nix'; use one of afew-qwen, ")


def test_messages_name_documents_by_the_command_that_prints_them() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in (PROJECT / "descan").rglob("*.py")}
    named = {name for text in texts.values() for name in re.findall(r"descan docs ([a-z-]+)", text)}
    assert {"own-words", "collect"} <= named
    assert named <= {path.stem for path in (PROJECT / "docs").glob("*.md")}
