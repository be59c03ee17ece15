"""Workers of this machine."""

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import repeat
from queue import SimpleQueue
from typing import cast

from descan.errors import WorkerError
from descan.execution.worker_process import ProcessEndedError, WorkerProcess, worker_process
from descan.execution.workers import TASKS_PER_WORKER, Result, Task, Workers, run_in_order


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
        pool = _Processes([stack.enter_context(worker_process(environment)) for _ in range(n_jobs)])
        stack.callback(pool.end)
        yield pool


class _Processes:
    """As many threads as processes: each sends a task to an idle process and waits for the reply."""

    def __init__(self, processes: list[WorkerProcess]) -> None:
        self.n_jobs = len(processes)
        self._processes = processes
        self._idle = SimpleQueue[WorkerProcess]()
        for process in processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(self.n_jobs)
        self._n_calls = 0
        self._has_ended = False
        self._fault: WorkerError | None = None

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        self._n_calls += 1
        begin = partial(self._begin, self._n_calls, pickle.dumps(function))
        results = run_in_order(tasks, begin, self._finish, repeat(TASKS_PER_WORKER * self.n_jobs))
        return cast(Iterator[Result], results)

    def end(self) -> None:
        self._has_ended = True
        self._kill()
        self._threads.shutdown(cancel_futures=True)

    def _begin(self, call: int, function: bytes, task: object) -> "tuple[int, Future[object]]":
        self._check(call)
        return call, self._threads.submit(self._run, call, function, pickle.dumps(task), task)

    def _finish(self, under_way: "tuple[int, Future[object]]") -> object:
        call, future = under_way
        self._check(call)
        try:
            return future.result()
        except WorkerError as error:
            if error is self._fault:
                self._has_ended = True
            raise

    def _check(self, call: int) -> None:
        if self._has_ended or call != self._n_calls:
            raise ValueError("the workers ended, or began with other tasks, before the results were taken")

    def _run(self, call: int, function: bytes, pickled: bytes, task: object) -> object:
        self._check(call)
        process = self._idle.get()
        try:
            return process.run(function, pickled)
        except ProcessEndedError as ended:
            if self._fault is None:
                self._fault = _worker_error(ended, task, self.n_jobs)
                self._kill()  # So that it is reported at once, however long the other tasks take.
            raise self._fault from None
        finally:
            self._idle.put(process)

    def _kill(self) -> None:
        for process in self._processes:
            process.kill()


def _worker_error(ended: ProcessEndedError, task: object, n_jobs: int) -> WorkerError:
    advice = "run again with fewer --jobs" if n_jobs > 1 else "run again with more"
    problem = f"; if memory was short, {advice}" if str(ended) == "SIGKILL" else ""
    return WorkerError(f"a worker process ended ({ended}) while it worked on {task}{problem}")
