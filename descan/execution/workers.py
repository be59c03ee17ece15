"""The interface of workers, wherever they run."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


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
