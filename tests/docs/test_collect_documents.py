"""The commands of the documents on collecting, and on judges, are run against a server that plays all models."""

import re
import shlex
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.collect.collectors import LISTED, draw_pictures, server_environment
from tests.collect.test_video import write_clip
from tests.command_line import run_descan
from tests.docs.snippets import DOCS, PROJECT, read_blocks
from tests.vlm_server import VlmServer

pytestmark = pytest.mark.slow

_ADDRESSES = re.compile(r"https?://(?:localhost:\d+|api\.anthropic\.com)/v1")
"""Of the servers that the documents name."""

_ENDS = (0, 3)
"""Exit codes: done, or in batches."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[VlmServer]:
    with VlmServer() as playing:
        for name, value in {**server_environment(playing), "ANTHROPIC_API_KEY": "sk-ant-test-0123456789abcdef"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("COLUMNS", "120")
        yield playing


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with what the documents take as given."""
    draw_pictures(tmp_path / "faces", 7)
    (tmp_path / "corpora").mkdir()
    shutil.copytree(PROJECT / "corpora" / "faces", tmp_path / "corpora" / "faces")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _commands(document: str) -> list[str]:
    found = []
    for block in read_blocks(DOCS / document):
        lines = block.text.replace("\\\n", " ").splitlines()
        stripped = [line.removeprefix("$ ") for line in lines]
        found += [line for line in stripped if line.startswith(("descan collect ", "descan judge "))]
    return found


def _run(command: str, server: VlmServer, capsys: pytest.CaptureFixture[str]) -> str:
    # Under another name the server is not that of OpenAI, whose key it would get.
    other = server.openai_base_url.replace("127.0.0.1", "localhost")
    words = shlex.split(_ADDRESSES.sub(other, command).replace(" --wait", ""))  # Which looks every few minutes.
    outcome = run_descan(capsys, *words[1:], *_list_prices(words))
    assert outcome.code in _ENDS, (command, outcome.out, outcome.err)
    return outcome.out


def _list_prices(words: list[str]) -> Iterator[str]:
    """Yield what makes the server stand for the providers' own, where the command names no other address."""
    elsewhere = [word.rpartition("base_url=")[0] for word in words if "base_url=" in word]
    for option, model in pairwise(words):
        name = model.partition(":")[2]
        if option == "--model" and not any(prefix in ("", f"{name}.") for prefix in elsewhere):
            yield from ("--set", f"{name}.list_price=true")


@pytest.mark.parametrize("document", ["collect.md", "collect-situations.md"])
def test_every_command_of_a_document_on_collecting_runs(
    document: str, server: VlmServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for category in ("Happy", "Sad"):
        (folder / "CAER" / "test" / category).mkdir(parents=True)
        write_clip(folder / "CAER" / "test" / category / "clip.mp4", range(16))
    commands = _commands(document)
    assert len(commands) >= 3
    for command in commands:
        _run(command, server, capsys)
    assert server.counts.n_requests > 0


@pytest.mark.usefixtures("folder")
def test_the_plan_and_the_check_are_as_shown(server: VlmServer, capsys: pytest.CaptureFixture[str]) -> None:
    for block in read_blocks(DOCS / "collect-situations.md"):
        if not block.text.startswith("$ descan collect"):
            continue
        command, _, shown = block.text.replace("\\\n", " ").partition("\n")
        printed = _squeeze(_run(command.removeprefix("$ "), server, capsys))
        for line in filter(None, map(_squeeze, shown.splitlines())):
            assert line == "..." or line in printed, (line, printed)


def test_every_command_of_the_document_on_judges_runs(
    server: VlmServer, folder: Path, sample: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(sample[0], folder / "out" / "sample")
    commands = _commands("judges.md")
    assert len(commands) == 2
    for command in commands:
        _run(command, server, capsys)
    assert (folder / "out" / "sample-judges" / "readings.csv").is_file()


@pytest.mark.usefixtures("server")
def test_the_run_file_of_the_document_is_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [text] = [block.text for block in read_blocks(DOCS / "collect.md") if block.text.startswith("source = ")]
    (folder / "study").mkdir()
    (folder / "study" / "run.toml").write_text(text, "utf-8")
    (folder / "study" / "prompts").mkdir()
    (folder / "study" / "prompts" / "describe.md").write_text("Describe the face.", "utf-8")
    draw_pictures(folder / "CAER-S" / "test", 14)
    outcome = run_descan(capsys, "collect", "--run", "study/run.toml", "--dry-run", *LISTED)
    assert outcome.code == 0, outcome
    assert "gpt-4o low" in outcome.out
    assert "gemini-3.8-flash" in outcome.out


def _squeeze(text: str) -> str:
    return re.sub(r"[\s─]+", " ", text).strip()
