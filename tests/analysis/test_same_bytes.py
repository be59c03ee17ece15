"""Nothing but the input decides the bytes of an analysis: not the number of processes, the blocks, or the cache."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.corpus import read_corpus
from descan.errors import InputError
from tests.analysis.corpora import BARE, bytes_of, write_mixed_corpus

pytestmark = pytest.mark.slow

Analyze = Callable[[AnalyzeOptions], dict[str, bytes]]

PLAIN = replace(BARE, n_jobs=1, has_cache=False)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mixed_corpus(tmp_path_factory.mktemp("mixed") / "corpus")


@pytest.fixture(scope="module")
def plain(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one process writes that keeps nothing and reads all answers of a file at once."""
    out = tmp_path_factory.mktemp("plain") / "out"
    run = analyze(read_corpus(corpus), out, PLAIN).run
    assert {"unknown_item", "describe_refused", "describe_empty", "describe_failed"} <= run["left_out"].keys()
    assert run["counts"]["mentions"] > 250
    return bytes_of(out)


@pytest.fixture
def written(corpus: Path, tmp_path: Path) -> Analyze:
    def written(options: AnalyzeOptions) -> dict[str, bytes]:
        analyze(read_corpus(corpus), tmp_path / "out", options)
        return bytes_of(tmp_path / "out")

    return written


@pytest.mark.parametrize(("n_jobs", "block_answers"), [(1, 1), (1, 7), (2, 7), (3, 1)])
def test_any_number_of_processes_and_any_size_of_blocks_write_the_same_bytes(
    plain: dict[str, bytes], written: Analyze, n_jobs: int, block_answers: int
) -> None:
    assert written(replace(PLAIN, n_jobs=n_jobs, block_answers=block_answers)) == plain


def test_a_cache_changes_no_byte_when_it_is_filled_nor_when_it_is_used(
    plain: dict[str, bytes], written: Analyze, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESCAN_CACHE_DIR", str(tmp_path / "cache"))
    options = replace(BARE, block_answers=7)
    assert written(replace(options, n_jobs=2)) == plain
    assert list(tmp_path.glob("cache/**/*.entry"))
    assert written(replace(options, n_jobs=1)) == plain


def test_the_default_number_of_processes_and_size_of_blocks_write_the_same_bytes(
    plain: dict[str, bytes], written: Analyze
) -> None:
    assert written(BARE) == plain


def test_embedded_terms_have_the_same_bytes_from_any_process(corpus: Path, tmp_path: Path) -> None:
    options = AnalyzeOptions(compare=BARE.compare, report=None, n_jobs=1, has_cache=False)
    analyze(read_corpus(corpus), tmp_path / "one", options)
    run = analyze(read_corpus(corpus), tmp_path / "two", replace(options, n_jobs=2, block_answers=7)).run
    assert run["embedder"]["used"]
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_jobs": 0}, "n_jobs must be 1 to 256, not 0"),
        ({"block_answers": -1}, "block_answers must be 1 to 100000, not -1"),
        ({"block_answers": 100_001}, "block_answers must be 1 to 100000, not 100001"),
    ],
)
def test_a_number_of_processes_or_answers_that_is_not_allowed_is_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}$"):
        AnalyzeOptions(**options)  # type: ignore[arg-type]
