"""Workers of this machine."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from typing import Any, NamedTuple, cast

from descan.errors import WorkerError
from descan.execution.messages import Kind, Message, Pickled, dump, load
from descan.execution.worker_process import ProcessEndedError, WorkerProcess, worker_process
from descan.execution.workers import Result, Task, Workers

_TASKS_PER_WORKER = 3
"""Tasks that run, wait, or have results not taken yet: enough that a slow task keeps no other worker waiting."""


class ThisProcess:
    """Workers without processes: each task runs here when its result is taken."""

    n_jobs = 1

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the result of each task, as `Workers.map` does."""
        return map(function, tasks)


@contextmanager
def local_workers(n_jobs: int, environment: Mapping[str, str] | None = None) -> Iterator[Workers]:
    """Start worker processes, which give their memory back when the block ends.

    Args:
        n_jobs: Number of processes.
        environment: Variables of the processes beside those of this one.

    Raises:
        ValueError: If `n_jobs` is less than 1.
    """
    if n_jobs < 1:
        raise ValueError(f"n_jobs is {n_jobs}; at least 1 is needed")
    with ExitStack() as stack:
        processes = [stack.enter_context(worker_process(environment)) for _ in range(n_jobs)]
        pool = _Processes(processes)
        stack.callback(pool.end)
        yield pool


class _Processes:
    """Each process has a thread here, which takes jobs from a common queue and waits for their replies."""

    def __init__(self, processes: list[WorkerProcess]) -> None:
        self.n_jobs = len(processes)
        self._processes = processes
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._run: _Run | None = None
        self._has_ended = False
        self._threads = [
            threading.Thread(target=_serve, args=(process, self._jobs, self.n_jobs), daemon=True)
            for process in processes
        ]
        for thread in self._threads:
            thread.start()

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        run = _Run(dump(function), iter(tasks), _TASKS_PER_WORKER * self.n_jobs)
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
                if run.is_complete:
                    return
                yield _unpack(self._take(run))
        finally:
            run.is_over = True
        raise ValueError("the workers ended, or began with other tasks, before the results were taken")

    def _take(self, run: "_Run") -> "Message | Exception":
        try:
            return run.take()
        except WorkerError:
            self.end()
            raise


class _Outcome(NamedTuple):
    number: int
    reply: Message | WorkerError


class _Job(NamedTuple):
    run: "_Run"
    number: int
    task: object
    payload: Pickled


class _Run:
    """One call of `map`: tasks are sent in order, and outcomes that come back in another order wait here."""

    def __init__(self, function: Pickled, tasks: Iterator[object], n_ahead: int) -> None:
        self.function = function
        self.outcomes: SimpleQueue[_Outcome] = SimpleQueue()
        self.is_over = False
        self._tasks = tasks
        self._has_sent_all = False
        self._n_ahead = n_ahead
        self._n_sent = 0
        self._n_taken = 0
        self._waiting: dict[int, Message | Exception] = {}

    @property
    def is_complete(self) -> bool:
        return self._has_sent_all and self._n_taken == self._n_sent

    def send(self, jobs: "SimpleQueue[_Job | None]") -> None:
        while not self._has_sent_all and self._n_sent - self._n_taken < self._n_ahead:
            try:
                task = next(self._tasks)
                jobs.put(_Job(self, self._n_sent, task, dump(task)))
            except StopIteration:
                self._has_sent_all = True
                return
            except Exception as error:  # noqa: BLE001 (raised when the results before it are taken)
                self._waiting[self._n_sent] = error
                self._has_sent_all = True
            self._n_sent += 1

    def take(self) -> Message | Exception:
        while self._n_taken not in self._waiting:
            number, reply = self.outcomes.get()
            if isinstance(reply, WorkerError):
                raise reply
            self._waiting[number] = reply
        self._n_taken += 1
        return self._waiting.pop(self._n_taken - 1)


def _serve(process: WorkerProcess, jobs: "SimpleQueue[_Job | None]", n_jobs: int) -> None:
    while (job := jobs.get()) is not None:
        if job.run.is_over:
            continue
        try:
            reply = process.run(job.run.function, job.payload)
        except ProcessEndedError as ended:
            job.run.outcomes.put(_Outcome(job.number, _worker_error(ended, job.task, n_jobs)))
            return
        job.run.outcomes.put(_Outcome(job.number, reply))


def _worker_error(ended: ProcessEndedError, task: object, n_jobs: int) -> WorkerError:
    advice = "run again with fewer --jobs" if n_jobs > 1 else "run again with more"
    problem = f"; if memory was short, {advice}" if str(ended) == "SIGKILL" else ""
    return WorkerError(f"a worker process ended ({ended}) while it worked on {task}{problem}")


def _unpack(outcome: Message | Exception) -> object:
    if isinstance(outcome, Exception):
        raise outcome
    content: Any = load(outcome.payload)
    if outcome.kind is Kind.RESULT:
        return content
    error, story = content
    if story:
        error.add_note(f"In the worker process:\n{story}")
    raise error
