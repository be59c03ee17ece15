"""A corpus behind a URL is analyzed as one in a folder."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from upath import UPath

from descan.analysis import analyze
from descan.corpus import read_corpus
from tests.analysis.corpora import BARE, bytes_of, write_mixed_corpus

pytestmark = pytest.mark.slow

DESCAN = str(Path(sys.executable).with_name("descan"))
QUICK = ("--no-map", "--resamples", "200", "--embedder", "none")


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


def written(source: object, out: Path) -> dict[str, bytes]:
    command = [DESCAN, "analyze", str(source), "--out", str(out), *QUICK]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return bytes_of(out)


def test_a_folder_by_its_url_gives_the_same_bytes(corpus: Path, tmp_path: Path) -> None:
    assert written(corpus.as_uri(), tmp_path / "url") == written(corpus, tmp_path / "path")


def test_a_bare_file_by_its_url_gives_the_same_bytes(bare: Path, tmp_path: Path) -> None:
    found = written(bare.as_uri(), tmp_path / "url")
    assert found == written(bare, tmp_path / "path")
    assert json.loads(found["run.json"])["counts"]["descriptions"] == 2


def test_a_folder_in_another_file_system_gives_the_same_bytes(in_memory: str, corpus: Path, tmp_path: Path) -> None:
    analyze(read_corpus(in_memory), tmp_path / "url", BARE)
    analyze(read_corpus(corpus), tmp_path / "path", BARE)
    assert bytes_of(tmp_path / "url") == bytes_of(tmp_path / "path")


def test_a_url_that_leads_nowhere_is_one_line(tmp_path: Path) -> None:
    url = (tmp_path / "none").as_uri()
    done = subprocess.run(
        [DESCAN, "analyze", url, "--out", str(tmp_path / "out")], capture_output=True, text=True, check=False
    )
    assert done.stderr == f"descan: {url}: does not exist; use a corpus folder or a file of answers\n"
    assert done.returncode == 1
    assert list(tmp_path.iterdir()) == []
