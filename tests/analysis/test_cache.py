"""What was found once is not looked for again, and a cache changes no result, whatever happens to it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from descan.analysis import analyze, block_cache
from descan.analysis.block_cache import extract_texts, parse_labels
from descan.analysis.extraction_tables import SCHEMA
from descan.corpus import read_corpus
from descan.lexicon import load_category_set
from descan.storage.arrow import decode_table, encode_table
from descan.storage.cache import Cache
from tests.analysis.corpora import BARE, answers_of, bytes_of, write_items, write_lines
from tests.command_line import run_descan

BASIC7 = load_category_set()

pytestmark = pytest.mark.slow

BLOCK = replace(BARE, n_jobs=1, block_answers=10)
N_ITEMS = 100
N_BLOCKS = 2 * N_ITEMS // 10
"""Two answers an item, ten a block."""

PROJECT = Path(__file__).parents[2]
DESCAN = str(Path(sys.executable).with_name("descan"))
QUICK = ("--no-report", "--resamples", "100", "--embedder", "none")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DESCAN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "corpus"
    folder.mkdir()
    write_items(folder, N_ITEMS)
    write_lines(folder / "answers.jsonl", answers_of("one", N_ITEMS))
    return folder


@pytest.fixture(scope="module")
def uncached(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("uncached")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESCAN_CACHE_DIR", str(folder / "cache"))
        found = written(corpus, folder / "out", has_cache=False)
    assert not (folder / "cache").exists()
    return found


@pytest.fixture(scope="module")
def cache_of_a_run(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESCAN_CACHE_DIR", str(folder / "cache"))
        written(corpus, folder / "out")
    return folder / "cache"


@pytest.fixture
def filled_cache(cache: Path, cache_of_a_run: Path) -> Path:
    """The cache, as an analysis of the corpus has left it."""
    return shutil.copytree(cache_of_a_run, cache)


def written(
    corpus: Path, out: Path, *, has_cache: bool = True, on_progress: Callable[[int], None] | None = None
) -> dict[str, bytes]:
    analyze(read_corpus(corpus), out, replace(BLOCK, has_cache=has_cache), on_progress)
    return bytes_of(out)


def entries(cache: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(cache.rglob("*.entry"))}


def make_old(cache: Path) -> dict[Path, int]:
    """Pretend that no entry was used for an hour, and return what shows that an entry is written again."""
    for path in entries(cache):
        os.utime(path, (time.time() - 3600,) * 2)
    return {path: path.stat().st_ino for path in entries(cache)}


def used(cache: Path) -> set[Path]:
    return {path for path in entries(cache) if path.stat().st_mtime > time.time() - 1800}


def test_only_what_is_new_is_extracted(filled_cache: Path, corpus: Path, tmp_path: Path) -> None:
    before = make_old(filled_cache)
    assert N_BLOCKS < len(before) <= 2 * N_BLOCKS  # The mentions and the labels of each block; some are alike.
    longer = shutil.copytree(corpus, tmp_path / "corpus")
    write_lines(tmp_path / "more.jsonl", answers_of("two", 5))
    with (longer / "answers.jsonl").open("a") as file:
        file.write((tmp_path / "more.jsonl").read_text())
    found = written(longer, tmp_path / "out")
    assert used(filled_cache) >= before.keys()
    assert {path: path.stat().st_ino for path in before} == before
    assert len(entries(filled_cache)) == len(before) + 2
    assert found == written(longer, tmp_path / "uncached", has_cache=False)


def test_an_analysis_without_a_cache_neither_uses_nor_changes_one(
    filled_cache: Path, corpus: Path, tmp_path: Path, uncached: dict[str, bytes]
) -> None:
    before = make_old(filled_cache)
    assert written(corpus, tmp_path / "out", has_cache=False) == uncached
    assert not used(filled_cache)
    assert make_old(filled_cache) == before


def test_no_cache_on_the_command_line_leaves_nothing(
    cache: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_descan(capsys, "analyze", corpus, "--out", tmp_path / "out", *QUICK, "--no-cache").code == 0
    assert not list(cache.rglob("*.entry"))


def flip(paths: list[Path]) -> None:
    """Flip one bit of each file, each at another place."""
    for number, path in enumerate(paths):
        content = bytearray(path.read_bytes())
        content[len(content) * number // len(paths)] ^= 1 << number % 8
        path.write_bytes(content)


def cut(paths: list[Path]) -> None:
    for number, path in enumerate(paths):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * number // len(paths)])


def exchange(paths: list[Path]) -> None:
    """Give each file the content of another one of its kind or the other kind."""
    contents = [path.read_bytes() for path in paths]
    for number, path in enumerate(paths):
        path.write_bytes(contents[number - 1])


def occupy(paths: list[Path]) -> None:
    for path in paths:
        path.unlink()
        (path / "folder").mkdir(parents=True)


def clear(paths: list[Path]) -> None:
    for path in paths:
        shutil.rmtree(path.parent, ignore_errors=True)


DAMAGES = pytest.mark.parametrize("damage", [flip, cut, exchange, occupy, clear])


@DAMAGES
def test_damaged_and_foreign_entries_change_no_result_and_are_replaced(
    filled_cache: Path, corpus: Path, tmp_path: Path, uncached: dict[str, bytes], damage: Callable[[list[Path]], None]
) -> None:
    sound = entries(filled_cache)
    damage(list(sound))
    assert written(corpus, tmp_path / "out") == uncached
    assert entries(filled_cache) == sound


@DAMAGES
def test_damage_between_the_passes_changes_no_result(
    cache: Path, corpus: Path, tmp_path: Path, uncached: dict[str, bytes], damage: Callable[[list[Path]], None]
) -> None:
    n_calls = 0

    def spoil(_: int) -> None:
        nonlocal n_calls
        n_calls += 1
        damage([path for path in cache.rglob("*.entry") if path.is_file()])

    assert written(corpus, tmp_path / "out", on_progress=spoil) == uncached
    assert n_calls == N_BLOCKS


class RecordingCache(Cache):
    """Remembers the key of what was saved last."""

    key = ""

    def save(self, kind: str, key: str, content: bytes) -> None:
        self.key = key
        super().save(kind, key, content)


TEXTS = ["She is sad, her brows are raised, and she feels zorbly.", "No smile."]


def forged(table: pa.Table, column: str, value: int) -> pa.Table:
    """Return extractions in which one number of every mention is another."""
    rows = table.to_pylist()
    for row in rows:
        for mention in row["mentions"]:
            mention[column] = value
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@pytest.mark.parametrize(
    "forge",
    [
        *(
            pytest.param(lambda table, column=column, value=value: forged(table, column, value), id=f"{column} {value}")
            for column in ("name", "entry", "degree", "side")
            for value in (-1, 100_000 if column in ("name", "entry") else 3)
        ),
        pytest.param(lambda table: forged(table, "end", -1), id="an end before its start"),
        pytest.param(lambda table: table.slice(1), id="fewer texts"),
        pytest.param(lambda table: table.drop_columns(["named"]), id="fewer columns"),
        pytest.param(lambda _: pa.Table.from_pylist([{}, {}], schema=SCHEMA), id="nulls"),
        pytest.param(lambda _: pa.table({"a": [1, 2]}), id="other columns"),
    ],
)
def test_a_sound_entry_that_holds_no_extraction_of_these_texts_is_replaced(
    tmp_path: Path, forge: Callable[[pa.Table], pa.Table]
) -> None:
    cache = RecordingCache(tmp_path)
    expected = extract_texts(TEXTS, "en", cache)
    cache.save("extractions", cache.key, encode_table(forge(expected)))
    assert extract_texts(TEXTS, "en", cache) == expected
    content = cache.load("extractions", cache.key)
    assert content is not None
    assert decode_table(content, SCHEMA) == expected


def test_long_texts_are_extracted_from_in_portions_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [*TEXTS, "", "She smiles. " * 50, *TEXTS]
    whole, divided = RecordingCache(tmp_path / "whole"), RecordingCache(tmp_path / "divided")
    expected = extract_texts(texts, "en", whole)
    monkeypatch.setattr(block_cache, "_PORTION_CHARACTERS", 30)
    assert extract_texts(texts, "en", divided) == expected
    assert divided.load("extractions", divided.key) == whole.load("extractions", whole.key)


def test_a_sound_entry_that_holds_no_labels_of_these_texts_is_replaced(tmp_path: Path) -> None:
    cache = RecordingCache(tmp_path)
    expected = parse_labels(["Happy", "Glum"], "en", (), BASIC7, cache)
    for content in (b"", encode_table(pa.table({"label": ["Anger"]})), encode_table(SCHEMA.empty_table())):
        cache.save("labels", cache.key, content)
        assert parse_labels(["Happy", "Glum"], "en", (), BASIC7, cache) == expected
    assert parse_labels(["Happy", "Glum"], "en", (("glum", "Sad"),), BASIC7, cache) != expected


def test_a_place_that_cannot_be_written_is_one_warning_of_all_processes(
    cache: Path, corpus: Path, tmp_path: Path, uncached: dict[str, bytes]
) -> None:
    cache.write_text("a file")
    command = [DESCAN, "analyze", str(corpus), "--out", str(tmp_path / "out"), *QUICK, "--jobs", "2"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert [line for line in done.stderr.splitlines() if str(cache) in line] == [
        f"descan: results are not cached for the next run: {cache}: Not a directory; "
        "make room there, or set DESCAN_CACHE_DIR to another folder"
    ]
    records = {name: content for name, content in bytes_of(tmp_path / "out").items() if name.endswith(".parquet")}
    assert records == {name: content for name, content in uncached.items() if name.endswith(".parquet")}
    assert cache.read_text() == "a file"


def test_two_analyses_at_the_same_time_may_share_a_cache(cache: Path, corpus: Path, tmp_path: Path) -> None:
    outs = [tmp_path / f"out {n}" for n in range(2)]
    with running([[DESCAN, "analyze", str(corpus), "--out", str(out), *QUICK] for out in outs]) as ended:
        assert ended == [0, 0]
    first, *others = map(bytes_of, outs)
    assert others == [first]
    assert not list(cache.rglob("*.part"))


SAVE_LABELS = """
import sys
from pathlib import Path
from descan.analysis.block_cache import parse_labels
from descan.lexicon import load_category_set
from descan.storage.cache import Cache
parse_labels(["sad"], "en", (), load_category_set(), Cache(Path(sys.argv[1])))
"""


@pytest.mark.parametrize(
    ("changed", "is_other"),
    [
        pytest.param(None, False, id="nothing"),
        pytest.param("lexicons/en/assertions.yaml", True, id="a lexicon"),
        pytest.param("lexicons/en/labels.yaml", True, id="spellings of labels"),
        pytest.param("descan/extract/components.py", True, id="code that extracts"),
        pytest.param("descan/emotions.py", True, id="code that it uses"),
        pytest.param("descan/report/page.py", False, id="code of another stage"),
    ],
)
def test_what_another_lexicon_or_other_code_made_is_not_used(
    tmp_path: Path, changed: str | None, is_other: bool
) -> None:
    for name in ("descan", "lexicons"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    if changed is not None:
        with (tmp_path / changed).open("a") as file:
            file.write("\n# Changed.\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", SAVE_LABELS, "theirs"], env=environment, cwd=tmp_path, check=True)
    parse_labels(["sad"], "en", (), BASIC7, Cache(tmp_path / "ours"))
    ours, theirs = ([path.name for path in entries(tmp_path / name)] for name in ("ours", "theirs"))
    assert len(ours) == len(theirs) == 1
    assert (ours != theirs) is is_other


@contextmanager
def running(commands: list[list[str]]) -> Iterator[list[int]]:
    """Start programs at the same time and return their exit codes."""
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    try:
        yield [process.wait() for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
