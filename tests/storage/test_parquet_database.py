"""Queries get more memory where they end for want of it."""

from pathlib import Path

import duckdb
import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions, compare
from descan.corpus import read_corpus
from descan.errors import SetupError
from descan.storage.parquet_database import run_with_enough_memory


def collected(limit_mb: float, n_rows: int) -> int:
    with duckdb.connect(config={"memory_limit": f"{limit_mb}MB", "threads": 1}) as connection:
        [(size,)] = connection.execute(f"SELECT len(list(i)) FROM range({n_rows}) numbers(i)").fetchall()
    return int(size)


def test_work_begins_again_with_twice_the_memory_until_it_is_enough() -> None:
    tried = []

    def work(times: int) -> int:
        tried.append(times)
        return collected(times * 10, 1_000_000)

    assert run_with_enough_memory(work) == 1_000_000
    assert tried in ([1, 2], [1, 2, 4])


def test_work_that_never_has_enough_says_so_in_one_line() -> None:
    with pytest.raises(SetupError) as caught:
        run_with_enough_memory(lambda times: collected(times * 2, 20_000_000))
    assert str(caught.value).startswith("DuckDB has too little memory: Out of Memory Error: ")
    assert str(caught.value).endswith("; use a machine with more")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_comparison_with_too_little_memory_at_first_gives_the_same_bytes(sample_corpus: Path, tmp_path: Path) -> None:
    analyze(read_corpus(sample_corpus), tmp_path / "out", AnalyzeOptions(report=None))
    tables = {path.name: path.read_bytes() for path in (tmp_path / "out" / "tables").iterdir()}
    compare(tmp_path / "out", CompareOptions(memory_gb=0.006))
    assert {path.name: path.read_bytes() for path in (tmp_path / "out" / "tables").iterdir()} == tables
