"""A corpus behind a URL is analyzed as one in a folder."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from upath import UPath

from descan.analysis import analyze
from descan.corpus import read_corpus
from tests.analysis.corpora import BARE, bytes_of, write_mixed_corpus
from tests.command_line import run_descan

pytestmark = pytest.mark.slow

QUICK = ("--no-map", "--resamples", "200", "--embedder", "none", "--no-workers")

Write = Callable[..., dict[str, bytes]]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mixed_corpus(tmp_path_factory.mktemp("mixed") / "corpus")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    path = tmp_path / "bare.csv"
    path.write_text("text,gold,label\nShe smiles.,Happy,Happy\nNo smile; he seems sad.,Sad,Angry\n")
    return path


@pytest.fixture
def in_memory(corpus: Path) -> Iterator[str]:
    store = UPath("memory://analysis/corpus")
    for path in corpus.rglob("*.*"):
        place = store / path.relative_to(corpus).as_posix()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    yield str(store)
    store.rmdir(recursive=True)


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Write:
    def written(source: object, out: Path, *options: str) -> dict[str, bytes]:
        outcome = run_descan(capsys, "analyze", source, "--out", out, *QUICK, *options)
        assert (outcome.code, outcome.err) == (0, "")
        return bytes_of(out)

    return written


def test_a_folder_by_its_url_gives_the_same_bytes(written: Write, corpus: Path, tmp_path: Path) -> None:
    found = written(corpus.as_uri(), tmp_path / "url")
    assert found == written(corpus, tmp_path / "path")
    assert "report.html" in found


def test_a_bare_file_by_its_url_gives_the_same_bytes(written: Write, bare: Path, tmp_path: Path) -> None:
    found = written(bare.as_uri(), tmp_path / "url", "--no-report")
    assert found == written(bare, tmp_path / "path", "--no-report")
    assert json.loads(found["run.json"])["counts"]["descriptions"] == 2


def test_a_folder_in_another_file_system_gives_the_same_bytes(in_memory: str, corpus: Path, tmp_path: Path) -> None:
    analyze(read_corpus(in_memory), tmp_path / "url", BARE)
    analyze(read_corpus(corpus), tmp_path / "path", BARE)
    assert bytes_of(tmp_path / "url") == bytes_of(tmp_path / "path")


def test_a_url_that_leads_nowhere_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = (tmp_path / "none").as_uri()
    outcome = run_descan(capsys, "analyze", url, "--out", tmp_path / "out")
    assert outcome == (1, "", f"descan: {url}: does not exist; use a corpus folder or a file of answers\n")
    assert list(tmp_path.iterdir()) == []
