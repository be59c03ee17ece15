"""The interface of workers, and what all kinds of them do."""

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
UnderWay = TypeVar("UnderWay")

TASKS_PER_WORKER = 3
"""Tasks that run, wait, or have results not taken yet: enough that a slow task keeps no other worker waiting."""


class Workers(Protocol):
    """Something that runs one function over many tasks, for one thread at a time."""

    @property
    def n_jobs(self) -> int:
        """How many tasks run at the same time."""
        ...

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the result of each task, in the order of the tasks.

        Tasks are read as they are needed: only a few for each worker are running or have results that wait to be
        taken. An error of the function, or of the tasks themselves, is raised in place of its result.

        Args:
            function: Importable from a module by its name, or a `functools.partial` of such a function. It is sent to
                each worker once, so what all tasks share belongs in the partial.
            tasks: Picklable, as the results must be. `str(task)` names the task in the error if its worker ends.

        Raises:
            WorkerError: If a worker ended before it finished its task; the message names the task.
        """
        ...


def run_in_order(
    tasks: Iterable[Task],
    begin: Callable[[Task], UnderWay],
    finish: Callable[[UnderWay], Result],
    limits: Iterable[int],
) -> Iterator[Result]:
    """Yield the results of tasks in order, while later tasks run ahead.

    Args:
        tasks: An error of theirs is raised after the results before it.
        begin: Begins a task elsewhere.
        finish: Waits for the result of a task that was begun.
        limits: Before each result, how many tasks may be under way; endless.
    """
    waiting, under_way = iter(tasks), deque[UnderWay]()
    fault: Exception | None = None
    for limit in limits:
        while fault is None and len(under_way) < limit:
            try:
                under_way.append(begin(next(waiting)))
            except Exception as error:  # noqa: BLE001 (raised when the results before it are taken)
                fault = error
        if not under_way:
            break
        yield finish(under_way.popleft())
    if fault is not None and not isinstance(fault, StopIteration):
        raise fault


@lru_cache(maxsize=1)
def load_function(pickled: bytes) -> Callable[[object], object]:
    """Unpickle a function, once in a process for all tasks."""
    loaded: Callable[[object], object] = pickle.loads(pickled)
    return loaded
