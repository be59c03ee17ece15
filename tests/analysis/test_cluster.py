"""On a Dask cluster an analysis gives what it gives on one machine, and leaves nothing behind."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, Worker

from descan.analysis import AnalyzeOptions, Cluster, analyze
from descan.corpus import read_corpus
from descan.errors import InputError
from descan.report.writing import ReportOptions
from tests.analysis.corpora import BARE, rows_of, tables_of, write_large_corpus, write_mixed_corpus
from tests.command_line import run_descan
from tests.execution.dask_cluster import DaskCluster, running_cluster

pytestmark = pytest.mark.slow

DESCAN = str(Path(sys.executable).with_name("descan"))
QUICK = ("--no-map", "--resamples", "200", "--embedder", "none")
RECORDS = ("answers", "labels", "mentions", "readings")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """For tests that leave it as it is."""
    with running_cluster(tmp_path_factory.mktemp("dask")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mixed_corpus(tmp_path_factory.mktemp("mixed") / "corpus")


@pytest.fixture(scope="module")
def alone(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The analysis of one machine, with its page."""
    out = tmp_path_factory.mktemp("alone") / "out"
    analyze(read_corpus(corpus), out, replace(BARE, report=ReportOptions(has_map=False)))
    return out


def on(cluster: DaskCluster, shared: str | None = None, block_answers: int = 40) -> AnalyzeOptions:
    return replace(BARE, cluster=Cluster(cluster.address, shared), block_answers=block_answers)


def parts_of(out: Path) -> dict[str, list[str]]:
    return {name: sorted(path.name for path in (out / f"{name}.parquet").iterdir()) for name in RECORDS}


def assert_same(found: Path, expected: Path) -> None:
    assert rows_of(found) == rows_of(expected)
    ours, theirs = tables_of(found), tables_of(expected)
    names = {name for name in theirs if name.startswith("tables/") or name == "verdicts.parquet"}
    assert len(names) > 10
    assert {name: ours[name] for name in names} == {name: theirs[name] for name in names}
    # What stands in `report` depends on whether a page was written.
    assert _run_without_report(ours) == _run_without_report(theirs)


def _run_without_report(files: Mapping[str, bytes]) -> dict[str, Any]:
    return {name: value for name, value in json.loads(files["run.json"]).items() if name != "report"}


def test_the_command_line_gives_the_same_files_and_page_as_on_one_machine(
    cluster: DaskCluster, corpus: Path, alone: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    out = str(tmp_path / "out")
    where = ("--scheduler", cluster.address, "--shared", shared.as_uri())
    command = [DESCAN, "analyze", corpus.as_uri(), "--out", out, *QUICK, *where]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert_same(tmp_path / "out", alone)
    mentions = rows_of(tmp_path / "out")["mentions.parquet"]
    assert {row["category"] for row in mentions if row["term"] == "worried"} == {"Sad"}  # By the corpus's own words.
    assert tables_of(tmp_path / "out") == tables_of(alone)
    assert list(shared.iterdir()) == []
    assert list((tmp_path / "out").glob(".*")) == []


def test_the_report_is_written_again_from_parts(
    cluster: DaskCluster, corpus: Path, alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    analyze(read_corpus(corpus), out, on(cluster))
    outcome = run_descan(capsys, "report", out, "--corpus", corpus, "--no-map")
    assert (outcome.code, outcome.err) == (0, "")
    assert tables_of(out) == tables_of(alone)


@pytest.mark.parametrize("make", [str, lambda folder: folder.as_uri()], ids=["path", "url"])
def test_a_shared_folder_holds_nothing_afterwards(
    cluster: DaskCluster, corpus: Path, alone: Path, tmp_path: Path, make: Callable[[Path], str]
) -> None:
    analyze(read_corpus(corpus), tmp_path / "out", on(cluster, make(tmp_path / "shared")))
    assert_same(tmp_path / "out", alone)
    assert list((tmp_path / "shared").iterdir()) == []


def test_paths_are_those_of_the_command_though_workers_run_in_another_folder(
    cluster: DaskCluster, corpus: Path, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").symlink_to(corpus)
    monkeypatch.chdir(tmp_path)
    analyze(read_corpus("here"), "out", on(cluster, "shared"))
    assert_same(tmp_path / "out", alone)
    assert list((tmp_path / "shared").iterdir()) == []


def test_a_table_that_is_converted_first_reaches_the_workers(cluster: DaskCluster, tmp_path: Path) -> None:
    table, shared = tmp_path / "table.csv", tmp_path / "shared"
    rows = (f"{n};Sie lächelt, {n}. She smiles.;Freude;Trauer" for n in range(200))
    table.write_text("\n".join(["item_id;text;gold;label", *rows]), encoding="cp1252")
    analyze(read_corpus(table), tmp_path / "alone", BARE)
    for name, folder in (("direct", None), ("by shared", shared.as_uri())):
        analyze(read_corpus(table), tmp_path / name, on(cluster, folder))
        assert_same(tmp_path / name, tmp_path / "alone")
        assert list((tmp_path / name).glob("**/*.jsonl")) == []
    assert list(shared.iterdir()) == []


def test_files_and_parts_take_the_place_of_each_other(
    cluster: DaskCluster, corpus: Path, alone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    analyze(read_corpus(corpus), out, on(cluster, block_answers=20))
    many = parts_of(out)
    assert_same(out, alone)
    analyze(read_corpus(corpus), out, on(cluster, block_answers=90))
    few = parts_of(out)
    assert all(len(few[name]) < len(many[name]) and set(few[name]) < set(many[name]) for name in RECORDS)
    assert_same(out, alone)
    analyze(read_corpus(corpus), out, BARE)
    assert all((out / f"{name}.parquet").is_file() for name in RECORDS)
    assert_same(out, alone)
    analyze(read_corpus(corpus), out, on(cluster, block_answers=90))
    assert parts_of(out) == few
    assert_same(out, alone)


@pytest.mark.parametrize("has_shared", [False, True])
def test_a_bad_line_is_told_and_leaves_nothing(cluster: DaskCluster, tmp_path: Path, has_shared: bool) -> None:
    corpus = write_large_corpus(tmp_path / "corpus", 2_000)
    lines = (corpus / "answers.jsonl").read_text().splitlines(keepends=True)
    lines[150] = "{broken\n"
    (corpus / "answers.jsonl").write_text("".join(lines))
    shared = (tmp_path / "shared").as_uri() if has_shared else None
    with pytest.raises(InputError, match=r"answers\.jsonl:151: not JSON: "):
        analyze(read_corpus(corpus), tmp_path / "out", on(cluster, shared, block_answers=100))
    wait_until_idle(cluster)
    assert [
        path for path in tmp_path.rglob("*") if path.name not in ("corpus", "shared") and path.parent != corpus
    ] == []


@pytest.mark.parametrize("make", [str, lambda folder: folder.as_uri()], ids=["path", "url"])
def test_what_a_killed_run_left_in_the_shared_folder_goes_with_the_next_run(
    cluster: DaskCluster, corpus: Path, tmp_path: Path, make: Callable[[Path], str]
) -> None:
    shared, out = tmp_path / "shared", tmp_path / "out"
    (shared / "descan-of-another").mkdir(parents=True)
    command = [DESCAN, "analyze", str(corpus), "--out", str(out), *QUICK, "--scheduler", cluster.address]
    with subprocess.Popen([*command, "--shared", make(shared)]) as killed:
        while not list(shared.glob("descan-*/*")):
            time.sleep(0.001)
        killed.kill()
    wait_until_idle(cluster)
    assert len(list(shared.iterdir())) == 2
    analyze(read_corpus(corpus), out, on(cluster, make(shared)))
    assert [path.name for path in shared.iterdir()] == ["descan-of-another"]


def test_a_shared_folder_that_cannot_be_made_is_told(cluster: DaskCluster, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").write_text("a file")
    for shared in (str(tmp_path / "shared"), (tmp_path / "shared").as_uri()):
        with pytest.raises(InputError, match=r"shared/descan-\w+: cannot be written: "):
            analyze(read_corpus(corpus), tmp_path / "out", on(cluster, shared))
    assert [path.name for path in tmp_path.iterdir()] == ["shared"]


@pytest.fixture(scope="module")
def shrinking_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """For two tests that kill a worker each."""
    with running_cluster(tmp_path_factory.mktemp("shrinking"), n_workers=3) as cluster:
        yield cluster


def test_what_a_killed_worker_had_is_done_again(
    shrinking_cluster: DaskCluster, corpus: Path, alone: Path, tmp_path: Path
) -> None:
    n_told, worker = 0, shrinking_cluster.workers.pop()

    def kill_one(_: int) -> None:
        nonlocal n_told
        n_told += 1
        if n_told == 5:
            worker.kill()

    analyze(read_corpus(corpus), tmp_path / "out", on(shrinking_cluster, block_answers=10), kill_one)
    assert worker.wait() == -9
    assert n_told > 10
    assert_same(tmp_path / "out", alone)


def test_a_worker_killed_while_descriptions_are_weighed_changes_nothing(
    shrinking_cluster: DaskCluster, corpus: Path, alone: Path, tmp_path: Path
) -> None:
    worker = shrinking_cluster.workers.pop()
    killer = threading.Thread(target=kill_when_mentions_come, args=(tmp_path / "out", worker))
    killer.start()
    analyze(read_corpus(corpus), tmp_path / "out", on(shrinking_cluster, block_answers=4))
    killer.join()
    assert worker.wait() == -9
    assert_same(tmp_path / "out", alone)


def kill_when_mentions_come(out: Path, worker: "subprocess.Popen[str]") -> None:
    while next(out.glob(".partial-*/mentions.parquet/*"), None) is None:
        time.sleep(0.001)
    worker.kill()


def wait_until_idle(cluster: DaskCluster) -> None:
    """Return once no worker has a task under way any more."""
    with Client(cluster.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        while any(client.run(_n_executing).values()):
            time.sleep(0.01)


def _n_executing(dask_worker: Worker) -> int:
    return len(dask_worker.state.executing)


def test_an_address_where_nothing_is_is_told(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run_descan(capsys, "analyze", corpus, "--out", tmp_path / "out", "--scheduler", "nowhere")
    message = "'nowhere' is not the address of a Dask scheduler; use one such as tcp://HOST:8786"
    assert outcome == (1, "", f"descan: {message}\n")
    assert list(tmp_path.iterdir()) == []
