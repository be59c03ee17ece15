"""How a run, or one model of it, ends early: what is being sent is awaited, what merely waits is not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from descan.collect.providers.protocol import CallError, FaultScope


class Halt:
    """Knows the tasks that ask, and which of them are sending or saving something."""

    def __init__(self) -> None:
        """Start with nobody at work."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: set[asyncio.Task[None]] = set()
        self.is_called = False

    def call(self) -> None:
        """Let nobody begin anything; wake those that wait."""
        self.is_called = True
        for task in self._tasks - self._busy:
            task.cancel()

    def call_at_once(self) -> None:
        """End everybody."""
        self.is_called = True
        for task in self._tasks:
            task.cancel()

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Count the current task in, as one that waits."""
        task = _current_task()
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)
            self._busy.discard(task)

    def begin_sending(self) -> None:
        """Say that the current task must be awaited from now on.

        Raises:
            CancelledError: If nobody may begin anything.
        """
        if self.is_called:
            raise asyncio.CancelledError
        self._busy.add(_current_task())

    def end_sending(self, fault: CallError | None) -> None:
        """Say that a request of the current task has ended; it stays busy, for its end is to be saved.

        After a fault that another attempt could mend the task only waits; it is ended if nobody may go on.

        Args:
            fault: How the request ended, or None.
        """
        task = _current_task()
        if fault is not None and fault.scope is FaultScope.ATTEMPT:
            self._busy.discard(task)
            if self.is_called:
                task.cancel()

    def rest(self) -> None:
        """Say that the current task has saved what it had and only waits now."""
        self._busy.discard(_current_task())


def _current_task() -> asyncio.Task[None]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("only a task can be halted")
    return task
