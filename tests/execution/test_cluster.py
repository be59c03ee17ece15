import re
import socket
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from descan.errors import InputError, SetupError, WorkerError
from descan.execution import cluster_workers
from tests.execution.dask_cluster import DaskCluster, running_cluster
from tests.execution.tasks import (
    Lines,
    byte_at,
    count_busy,
    die_by_signal,
    die_once,
    refuse_odd,
    square,
    tell_and_hang,
    wait_for,
)

pytestmark = pytest.mark.slow


def test_tasks_of_any_type_are_sent_and_nothing_is_printed(
    cluster: DaskCluster, capfd: pytest.CaptureFixture[str]
) -> None:
    with cluster_workers(cluster.address) as workers:
        assert list(workers.map(str, [Lines(1), "x", (1, "y")])) == ["answers.jsonl, lines 1-1000", "x", "(1, 'y')"]
    assert capfd.readouterr() == ("", "")


def test_the_scheme_of_the_address_may_be_left_out(cluster: DaskCluster) -> None:
    with cluster_workers(cluster.address.removeprefix("tcp://")) as workers:
        assert list(workers.map(square, [3])) == [9]


def test_tasks_may_share_many_megabytes(cluster: DaskCluster) -> None:
    with cluster_workers(cluster.address) as workers:
        assert list(workers.map(partial(byte_at, bytes(12_000_000)), [0, 5])) == [0, 0]


def test_the_error_of_the_earliest_task_wins(cluster: DaskCluster) -> None:
    with cluster_workers(cluster.address) as workers, pytest.raises(InputError, match="1 is odd"):
        list(workers.map(refuse_odd, [0, 1, 3, 5]))


def test_the_tasks_of_a_killed_worker_are_done_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with running_cluster(tmp_path) as cluster, cluster_workers(cluster.address) as workers:
        assert list(workers.map(partial(die_once, tmp_path), range(40))) == list(range(40))
        assert workers.n_jobs == 1
        cluster.start_worker()
        results = workers.map(square, range(40))
        taken = [next(results) for _ in range(10)]
        cluster.workers[-1].kill()
        assert taken + list(results) == [number * number for number in range(40)]
    assert capfd.readouterr() == ("", "")


def test_a_worker_of_two_threads_does_one_task_at_a_time(tmp_path: Path) -> None:
    with running_cluster(tmp_path, n_workers=0) as cluster:
        cluster.start_worker(n_threads=2)
        with cluster_workers(cluster.address) as workers:
            assert workers.n_jobs == 2
            assert set(workers.map(count_busy, range(20))) == {1}


def test_a_task_that_ends_every_worker_is_told(tmp_path: Path) -> None:
    never_again = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with running_cluster(tmp_path, n_workers=1, environment=never_again) as cluster:
        place = re.escape(cluster.address)
        told = rf"^several workers of {place} ended while they worked on answers\.jsonl, lines 2001-3000; if memory was"
        with cluster_workers(cluster.address) as workers, pytest.raises(WorkerError, match=told):
            list(workers.map(die_by_signal, [Lines(2001)]))


def test_a_cluster_that_is_lost_is_told(tmp_path: Path) -> None:
    with running_cluster(tmp_path, n_workers=0) as cluster:
        place = re.escape(cluster.address)
        with (
            pytest.raises(SetupError, match=f"^the scheduler at {place} has no worker; start some with `dask worker"),
            cluster_workers(cluster.address, patience_s=2),
        ):
            pass
        worker = cluster.start_worker()
        with cluster_workers(cluster.address, patience_s=2) as workers:
            worker.kill()
            with pytest.raises(WorkerError, match=f"^{place} lost its last worker before lines was done$"):
                list(workers.map(str, ["lines"]))
        cluster.start_worker()
        with cluster_workers(cluster.address, patience_s=2) as workers:
            tasks = iter([0])
            results = workers.map(partial(tell_and_hang, tmp_path), _then(tasks, cluster, tmp_path))
            with pytest.raises(WorkerError, match=f"^the scheduler at {place} was lost"):
                next(results)


def _then(tasks: Iterator[int], cluster: DaskCluster, folder: Path) -> Iterator[int]:
    """Return the tasks, and kill the scheduler while the first is under way."""
    yield from tasks
    wait_for(folder / "0.pid")
    cluster.scheduler.kill()


def test_a_worker_with_another_version_of_descan_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "descan-9.9.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: descan\nVersion: 9.9\n")
    with (
        running_cluster(tmp_path, n_workers=1, environment={"PYTHONPATH": str(tmp_path)}) as cluster,
        pytest.raises(SetupError, match=r"^worker tcp://\S+ has descan 9\.9, here is .*; install the same there"),
        cluster_workers(cluster.address),
    ):
        pass


def test_no_scheduler_is_told_with_what_to_start(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with (
            pytest.raises(SetupError, match=f"^no Dask scheduler answers at {address}; start one with `dask sched"),
            cluster_workers(address, patience_s=0.2),
        ):
            pass
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "address", ["", "somewhere", "tcp://:8786", "tcp://host", "host:port", "http://host:80", "a:0"]
)
def test_an_address_that_is_none_is_told(address: str) -> None:
    with (
        pytest.raises(
            InputError, match=f"^'{address}' is not the address of a Dask scheduler; use one such as tcp://HOST"
        ),
        cluster_workers(address),
    ):
        pass


def test_missing_dask_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(SetupError, match=r"^Dask is not installed; install it with `pip install 'descan\[cluster\]'`$"),
        cluster_workers("tcp://127.0.0.1:8786"),
    ):
        pass
