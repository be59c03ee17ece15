"""Workers of a Dask cluster."""

import logging
import pickle
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit

from descan.errors import InputError, SetupError, WorkerError
from descan.execution.workers import TASKS_PER_WORKER, Result, Task, Workers, load_function, run_in_order

if TYPE_CHECKING:
    from distributed import Client, Future

_CHECK_S = 2.0
"""How often a wait for a result checks that there is still a worker."""

_RECOUNT = 64
"""Results between two counts of the cluster's threads: it may grow."""

_SCHEMES = ("tcp", "tls", "ucx", "ws", "wss")

_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def cluster_workers(address: str, *, patience_s: float = 30) -> Iterator[Workers]:
    """Run tasks on a Dask cluster.

    A worker process runs one task at a time, however many threads it has, so give each one thread. If a worker is
    lost, another one runs its tasks again.

    Args:
        address: The scheduler's, such as `tcp://10.0.0.1:8786`.
        patience_s: How long to wait for the scheduler, for its first worker, and for another where all are lost.

    Raises:
        InputError: If the address is malformed.
        SetupError: If Dask is not installed here, nothing answers at the address, or no worker has this version of
            descan.
    """
    _check_address(address)
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise SetupError("Dask is not installed; install it with `pip install 'descan[cluster]'`") from error
    with _quiet(logging.getLogger("distributed.client")):
        try:
            client = Client(  # type: ignore[no-untyped-call]
                address, timeout=patience_s, set_as_default=False, name="descan"
            )
        except OSError:
            raise SetupError(
                f"no Dask scheduler answers at {address}; start one with `dask scheduler`, "
                f"and workers with `dask worker {address} --nthreads 1`"
            ) from None
        try:
            _check_workers(client, address, patience_s)
            yield _Cluster(client, address, patience_s)
        finally:
            client.close()  # type: ignore[no-untyped-call]


class _Cluster:
    def __init__(self, client: "Client", address: str, patience_s: float) -> None:
        self._client = client
        self._address = address
        self._patience_s = patience_s

    @property
    def n_jobs(self) -> int:
        try:
            n_threads: dict[str, int] = self._client.nthreads()  # type: ignore[no-untyped-call]
        except OSError as error:
            raise WorkerError(f"the scheduler at {self._address} was lost") from error
        return sum(n_threads.values())

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        import dask

        # A task of its own: the scheduler can run it again, so it outlives every worker that holds it.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"}):
            shared = self._client.submit(bytes, pickle.dumps(function), pure=False)
        return cast(Iterator[Result], run_in_order(tasks, partial(self._begin, shared), self._finish, self._limits()))

    def _limits(self) -> Iterator[int]:
        while True:
            yield from repeat(max(1, TASKS_PER_WORKER * self.n_jobs), _RECOUNT)

    def _begin(self, shared: "Future[bytes]", task: object) -> "_UnderWay":
        # As bytes, because Dask looks for futures and names of its own inside tuples and strings.
        payload = pickle.dumps(task)
        return _UnderWay(task, self._client.submit(_run, shared, payload, pure=False))

    def _finish(self, under_way: "_UnderWay") -> object:
        from distributed import KilledWorker

        task, future = under_way
        try:
            self._await(under_way)
            return future.result()
        except KilledWorker:
            raise WorkerError(
                f"several workers of {self._address} ended while they worked on {task}; "
                "if memory was short, give them more, or start fewer on a machine"
            ) from None
        except CancelledError:
            raise WorkerError(f"the scheduler at {self._address} was lost before {task} was done") from None

    def _await(self, under_way: "_UnderWay") -> None:
        from distributed import wait

        last_seen = time.monotonic()
        with self._client.as_current():
            while True:
                try:
                    wait([under_way.future], timeout=_CHECK_S)  # type: ignore[no-untyped-call]
                    return
                except TimeoutError:
                    if self.n_jobs:
                        last_seen = time.monotonic()
                    elif time.monotonic() - last_seen > self._patience_s:
                        raise WorkerError(
                            f"{self._address} lost its last worker before {under_way.task} was done"
                        ) from None


class _UnderWay(NamedTuple):
    task: object
    future: "Future[object]"


def _run(function: bytes, task: bytes) -> object:
    with _ONE_AT_A_TIME:
        result: object = load_function(function)(pickle.loads(task))
        return result


def _check_address(address: str) -> None:
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    try:
        has_port = bool(parts.hostname and parts.port)
    except ValueError:
        has_port = False
    if not has_port or parts.scheme not in _SCHEMES:
        raise InputError(None, f"'{address}' is not the address of a Dask scheduler; use one such as tcp://HOST:8786")


def _check_workers(client: "Client", address: str, patience_s: float) -> None:
    try:
        client.wait_for_workers(1, timeout=patience_s)
    except TimeoutError:
        raise SetupError(
            f"the scheduler at {address} has no worker; start some with `dask worker {address} --nthreads 1`"
        ) from None
    ours = version("descan")
    versions = cast("dict[str, Any]", client.get_versions(packages=["descan"]))
    for worker, found in versions["workers"].items():
        theirs = found["packages"].get("descan") if found else None
        if theirs is None:
            raise SetupError(f"worker {worker} has no descan; install it there with `pip install descan=={ours}`")
        if theirs != ours:
            raise SetupError(
                f"worker {worker} has descan {theirs}, here is {ours}; "
                f"install the same there with `pip install descan=={ours}`"
            )


@contextmanager
def _quiet(log: logging.Logger) -> Iterator[None]:
    # Dask recovers from what the client warns about (a lost worker or scheduler), or an error of ours says it.
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
