"""What does the work, wherever it is done."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Workers(Protocol):
    """Something that runs one function over many tasks, for one thread at a time."""

    @property
    def n_jobs(self) -> int:
        """How many tasks are done at the same time."""
        ...

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Give the result of each task, in the order of the tasks.

        The tasks are read as they are needed, and only a few for each worker are under way or wait to be taken. An
        error of the function, or of the tasks themselves, is raised where its result would stand.

        Args:
            function: Importable from a module by its name, or a `functools.partial` of such a function: it is sent
                once to each worker, so what all tasks share belongs into the partial.
            tasks: Picklable, as the results must be; `str(task)` names the task where its worker ends.

        Raises:
            WorkerError: If a worker ended with its task undone; its message names the task.
        """
        ...
