"""Workers of this machine."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from typing import Any, NamedTuple, cast

from descan.errors import WorkerError
from descan.execution.frames import Frame, Kind, Pickled, pickled, unpickled
from descan.execution.model import Result, Task, Workers
from descan.execution.process import ProcessEndedError, WorkerProcess, worker_process

_TASKS_PER_WORKER = 3
"""Tasks that are under way, next or done but not taken yet: enough that a slow one keeps no other worker waiting."""


@contextmanager
def local_workers(
    n_jobs: int, *, prepare: Callable[[], None] | None = None, is_apart: bool = False
) -> Iterator[Workers]:
    """Do the work in this process, or in several others.

    Args:
        n_jobs: Number of processes; with 1 none is started, unless it is to be apart.
        prepare: What each process that is started does first, before it imports what functions and tasks need;
            importable by its name from a module that imports little.
        is_apart: Never work in this process, whose memory is then not taken.

    Raises:
        ValueError: If there is to be no worker at all.
    """
    if n_jobs < 1:
        raise ValueError(f"n_jobs is {n_jobs}; at least 1 is needed")
    if n_jobs == 1 and not is_apart:
        yield _ThisProcess()
        return
    preparation = None if prepare is None else pickled(prepare)
    with ExitStack() as stack:
        processes = [stack.enter_context(worker_process(preparation)) for _ in range(n_jobs)]
        pool = _Processes(processes)
        stack.callback(pool.end)
        yield pool


class _ThisProcess:
    n_jobs = 1

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        return map(function, tasks)


class _Processes:
    """Each process has a thread here, which takes jobs from a common queue and waits for their outcomes."""

    def __init__(self, processes: list[WorkerProcess]) -> None:
        self.n_jobs = len(processes)
        self._processes = processes
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._run: _Run | None = None
        self._has_ended = False
        self._threads = [
            threading.Thread(target=_serve, args=(process, self._jobs), daemon=True) for process in processes
        ]
        for thread in self._threads:
            thread.start()

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        run = _Run(pickled(function), iter(tasks), _TASKS_PER_WORKER * self.n_jobs)
        self._begin(run)
        run.is_over = self._has_ended
        return cast(Iterator[Result], self._results(run))

    def end(self) -> None:
        self._has_ended = True
        self._begin(None)
        for process in self._processes:
            process.kill()
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _begin(self, run: "_Run | None") -> None:
        if self._run is not None:
            self._run.is_over = True
        self._run = run

    def _results(self, run: "_Run") -> Iterator[object]:
        try:
            while not run.is_over:
                run.send(self._jobs)
                if run.has_given_all:
                    return
                yield _content(self._next_outcome(run))
        finally:
            run.is_over = True
        raise ValueError("the workers ended, or began with other tasks, before the results were taken")

    def _next_outcome(self, run: "_Run") -> "Frame | Exception":
        try:
            return run.take()
        except WorkerError:
            self.end()
            raise


class _Outcome(NamedTuple):
    place: int
    reply: Frame | WorkerError


class _Job(NamedTuple):
    run: "_Run"
    place: int
    task: object
    payload: Pickled


class _Run:
    """One call of `map`: tasks go out in their order, and outcomes that come back in another wait here for theirs."""

    def __init__(self, function: Pickled, tasks: Iterator[object], n_ahead: int) -> None:
        self.function = function
        self.arrived: SimpleQueue[_Outcome] = SimpleQueue()
        self.is_over = False
        self._tasks = tasks
        self._has_sent_all = False
        self._n_ahead = n_ahead
        self._n_sent = 0
        self._n_taken = 0
        self._waiting: dict[int, Frame | Exception] = {}

    @property
    def has_given_all(self) -> bool:
        return self._has_sent_all and self._n_taken == self._n_sent

    def send(self, jobs: "SimpleQueue[_Job | None]") -> None:
        while not self._has_sent_all and self._n_sent - self._n_taken < self._n_ahead:
            try:
                task = next(self._tasks)
                jobs.put(_Job(self, self._n_sent, task, pickled(task)))
            except StopIteration:
                self._has_sent_all = True
                return
            except Exception as error:  # noqa: BLE001 (raised when the results before it are taken)
                self._waiting[self._n_sent] = error
                self._has_sent_all = True
            self._n_sent += 1

    def take(self) -> Frame | Exception:
        while self._n_taken not in self._waiting:
            place, reply = self.arrived.get()
            if isinstance(reply, WorkerError):
                raise reply
            self._waiting[place] = reply
        self._n_taken += 1
        return self._waiting.pop(self._n_taken - 1)


def _serve(process: WorkerProcess, jobs: "SimpleQueue[_Job | None]") -> None:
    while (job := jobs.get()) is not None:
        if job.run.is_over:
            continue
        try:
            reply = process.run(job.run.function, job.payload)
        except ProcessEndedError as ended:
            job.run.arrived.put(_Outcome(job.place, _worker_error(ended, job.task)))
            return
        job.run.arrived.put(_Outcome(job.place, reply))


def _worker_error(ended: ProcessEndedError, task: object) -> WorkerError:
    advice = "; if memory was short, run again with fewer --jobs" if str(ended) == "SIGKILL" else ""
    return WorkerError(f"a worker process ended ({ended}) while it worked on {task}{advice}")


def _content(outcome: Frame | Exception) -> object:
    if isinstance(outcome, Exception):
        raise outcome
    content: Any = unpickled(outcome.payload)
    if outcome.kind is Kind.RESULT:
        return content
    error, story = content
    if story:
        error.add_note(f"In the worker process:\n{story}")
    raise error
