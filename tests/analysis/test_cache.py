"""What was extracted once is not extracted again, and never instead of something else."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc

from descan.analysis import analyze
from descan.corpus import read_corpus
from tests.analysis.corpora import BARE, answers_of, bytes_of, write_items, write_lines

pytestmark = pytest.mark.slow

BLOCK = replace(BARE, n_jobs=1, block_answers=50)
N_ITEMS = 100
"""Two answers each: four blocks."""

PROJECT = Path(__file__).parents[2]
DESCAN = str(Path(sys.executable).with_name("descan"))
QUICK = ("--no-report", "--resamples", "100", "--embedder", "none")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DESCAN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "extractions"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    write_items(folder, N_ITEMS)
    write_lines(folder / "answers.jsonl", answers_of("one", N_ITEMS))
    return folder


@pytest.fixture
def uncached(corpus: Path, tmp_path: Path) -> dict[str, bytes]:
    return written(corpus, tmp_path / "uncached", has_cache=False)


def written(corpus: Path, out: Path, *, has_cache: bool = True) -> dict[str, bytes]:
    analyze(read_corpus(corpus), out, replace(BLOCK, has_cache=has_cache))
    return bytes_of(out)


def kept_in(cache: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in cache.rglob("*") if path.is_file()}


def rewrite(path: Path, table: pa.Table) -> None:
    with ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)


def words_marked(cache: Path) -> None:
    """Say in every table kept that each description has 7,777 words."""
    n_marked = 0
    for path in kept_in(cache):
        table = ipc.open_file(pa.BufferReader(path.read_bytes())).read_all()
        if "n_words" in table.column_names:
            place = table.schema.get_field_index("n_words")
            marks = pa.array([7_777] * len(table), table.schema.field(place).type)
            rewrite(path, table.set_column(place, table.schema.field(place), marks))
            n_marked += 1
    assert n_marked


def n_words(out: Path) -> list[int]:
    words: list[int] = pq.read_table(out / "readings.parquet")["n_words"].to_pylist()
    return words


def test_only_what_is_new_is_extracted(cache: Path, corpus: Path, tmp_path: Path) -> None:
    written(corpus, tmp_path / "out")
    before = kept_in(cache)
    assert len(before) == 2 * N_ITEMS * 2 // 50  # The mentions and the labels of each block.
    with (corpus / "answers.jsonl").open("a") as file:
        write_lines(tmp_path / "more.jsonl", answers_of("two", 20))
        file.write((tmp_path / "more.jsonl").read_text())
    found = written(corpus, tmp_path / "out")
    after = kept_in(cache)
    assert len(after) == len(before) + 2
    assert {path: after[path] for path in before} == before
    assert found == written(corpus, tmp_path / "uncached", has_cache=False)


def test_what_is_kept_is_taken_from_there(cache: Path, corpus: Path, tmp_path: Path) -> None:
    written(corpus, tmp_path / "out")
    words_marked(cache)
    marked = n_words_of(corpus, tmp_path / "out")
    assert set(marked) == {7_777}
    write_lines(tmp_path / "more.jsonl", answers_of("two", 20))
    with (corpus / "answers.jsonl").open("a") as file:
        file.write((tmp_path / "more.jsonl").read_text())
    longer = n_words_of(corpus, tmp_path / "out")
    assert longer[: len(marked)] == marked
    assert len(longer) > len(marked)
    assert max(longer[len(marked) :]) < 100


def n_words_of(corpus: Path, out: Path) -> list[int]:
    written(corpus, out)
    return n_words(out)


def test_an_analysis_without_a_cache_neither_uses_nor_leaves_one(
    cache: Path, corpus: Path, tmp_path: Path, uncached: dict[str, bytes]
) -> None:
    assert not cache.parent.exists()
    written(corpus, tmp_path / "out")
    words_marked(cache)
    before = kept_in(cache)
    assert written(corpus, tmp_path / "out", has_cache=False) == uncached
    assert kept_in(cache) == before


def test_no_cache_on_the_command_line_leaves_nothing(cache: Path, corpus: Path, tmp_path: Path) -> None:
    command = [DESCAN, "analyze", str(corpus), "--out", str(tmp_path / "out"), *QUICK, "--no-cache"]
    subprocess.run(command, check=True, capture_output=True)
    assert not cache.parent.exists()


def test_damaged_files_are_made_again(cache: Path, corpus: Path, tmp_path: Path, uncached: dict[str, bytes]) -> None:
    written(corpus, tmp_path / "out")
    sound = kept_in(cache)
    for number, path in enumerate(sorted(sound)):
        path.write_bytes((b"", b"ARROW1", sound[path][:-1], sound[path][: len(sound[path]) // 2])[number % 4])
    assert written(corpus, tmp_path / "out") == uncached
    assert kept_in(cache) == sound


def test_a_place_that_cannot_be_written_is_one_warning(
    cache: Path, corpus: Path, tmp_path: Path, uncached: dict[str, bytes]
) -> None:
    cache.parent.mkdir()
    cache.write_text("a file")
    command = [DESCAN, "analyze", str(corpus), "--out", str(tmp_path / "out"), *QUICK]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1].endswith(
        f"what is extracted is not kept for the next run: {cache}: File exists"
    )
    assert done.stderr.count("\n") == 1
    records = {name: content for name, content in bytes_of(tmp_path / "out").items() if name.endswith(".parquet")}
    assert records == {name: content for name, content in uncached.items() if name.endswith(".parquet")}
    assert cache.read_text() == "a file"


def test_two_analyses_at_the_same_time_may_share_a_cache(cache: Path, corpus: Path, tmp_path: Path) -> None:
    outs = [tmp_path / f"out {n}" for n in range(2)]
    with running([[DESCAN, "analyze", str(corpus), "--out", str(out), *QUICK] for out in outs]) as ended:
        assert ended == [0, 0]
    first, *others = map(bytes_of, outs)
    assert others == [first]
    assert {path.suffix for path in kept_in(cache)} == {".arrow"}


@pytest.mark.parametrize(
    ("changed", "n_new"),
    [
        pytest.param(None, 0, id="nothing"),
        pytest.param("lexicons/en/assertions.yaml", 2, id="a lexicon"),
        pytest.param("descan/extract/engine/roles.py", 2, id="code"),
    ],
)
def test_what_another_lexicon_or_other_code_made_is_not_used(
    cache: Path, tmp_path: Path, changed: str | None, n_new: int
) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    write_items(folder, 5)
    write_lines(folder / "answers.jsonl", answers_of("one", 5))
    written(folder, tmp_path / "out")
    before = kept_in(cache)
    other = copy_of_descan(tmp_path / "other")
    if changed is not None:
        with (other / changed).open("a") as file:
            file.write("\n# Changed.\n")
    script = "import sys; from descan.cli import main; main()"
    subprocess.run(
        [sys.executable, "-c", script, "analyze", str(folder), "--out", str(tmp_path / "out"), *QUICK],
        env={**os.environ, "PYTHONPATH": str(other), "NUMBA_DISABLE_JIT": "1"},
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    after = kept_in(cache)
    assert {path: after[path] for path in before} == before
    assert len(after) - len(before) == n_new


def copy_of_descan(folder: Path) -> Path:
    for name in ("descan", "lexicons"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@contextmanager
def running(commands: list[list[str]]) -> Iterator[list[int]]:
    """Start programs at the same time and give their exit codes."""
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    try:
        yield [process.wait() for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
