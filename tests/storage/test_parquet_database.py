"""Queries get more memory where they end for want of it."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions, compare
from descan.corpus import read_corpus
from descan.errors import InputError, SetupError
from descan.storage.parquet_database import find_records, open_database, run_with_enough_memory


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
    assert str(caught.value).endswith("make room for temporary files (TMPDIR can name another folder)")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_comparison_with_too_little_memory_at_first_gives_the_same_bytes(sample_corpus: Path, tmp_path: Path) -> None:
    analyze(read_corpus(sample_corpus), tmp_path / "out", AnalyzeOptions(report=None))
    tables = {path.name: path.read_bytes() for path in (tmp_path / "out" / "tables").iterdir()}
    compare(tmp_path / "out", CompareOptions(memory_gb=0.006))
    assert {path.name: path.read_bytes() for path in (tmp_path / "out" / "tables").iterdir()} == tables


def run_in_temporary_folder(folder: Path, script: str) -> list[str]:
    """Make a table that memory does not hold in another process, after a script, and return what is printed."""
    program = (
        "import resource, shutil\n"
        "from pathlib import Path\n"
        "from descan.errors import SetupError\n"
        "from descan.storage.parquet_database import open_database\n"
        "try:\n"
        "    with open_database({}, memory_gb=0.03, threads=1) as connection:\n"
        f"        {script}\n"
        "        connection.execute('CREATE TABLE numbers AS SELECT i, hash(i) FROM range(1000000) numbers(i)')\n"
        "except SetupError as error:\n"
        "    print(error)\n"
    )
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))", id="full"),
        pytest.param("[shutil.rmtree(path) for path in Path({folder!r}).iterdir()]", id="cleaned"),
    ],
)
def test_a_temporary_folder_that_is_full_or_cleaned_in_mid_run_is_one_line(tmp_path: Path, script: str) -> None:
    [line] = run_in_temporary_folder(tmp_path, script.format(folder=str(tmp_path)))
    assert line.startswith(f"{tmp_path}: the folder for temporary files is full or was cleaned: ")
    assert line.endswith("; make room there, or set TMPDIR to another folder")
    assert list(tmp_path.iterdir()) == []


SCHEMA = pa.schema([("item_id", pa.string()), ("n", pa.int32())])


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        pytest.param(pa.array(["1"]), "column n is string, not int32; `descan analyze` writes it", id="a word"),
        pytest.param(pa.array([1.5]), "column n is double, not int32; `descan analyze` writes it", id="a fraction"),
    ],
)
def test_a_record_with_another_type_of_column_is_refused(tmp_path: Path, column: pa.Array, problem: str) -> None:
    pq.write_table(pa.table({"item_id": ["a"], "n": column}), tmp_path / "items.parquet")
    with pytest.raises(InputError) as caught:
        find_records(tmp_path, {"items": SCHEMA})
    assert str(caught.value) == f"{tmp_path / 'items.parquet'}: {problem}"


def test_a_record_with_wider_numbers_is_viewed_with_the_place_of_each_row(tmp_path: Path) -> None:
    pq.write_table(pa.table({"item_id": ["a", "b"], "n": [1, 2]}), tmp_path / "items.parquet")
    with open_database(find_records(tmp_path, {"items": SCHEMA}), memory_gb=0.1) as connection:
        rows = connection.execute("SELECT item_id, n, part, file_row FROM items ORDER BY n").fetchall()
    assert rows == [("a", 1, 0, 0), ("b", 2, 0, 1)]
