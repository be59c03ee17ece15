"""How a run, or one model of it, ends early: requests in flight are awaited, everything that only waits is not."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

from descan.collect.providers.protocol import CallError, FaultScope

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Halt:
    """Knows the tasks that ask, and which of them are sending or saving something."""

    def __init__(self) -> None:
        """Start without tasks."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: set[asyncio.Task[None]] = set()
        self.is_called = False

    def call(self) -> None:
        """Stop tasks from starting anything, and end those that only wait."""
        self.is_called = True
        for task in self._tasks - self._busy:
            task.cancel()

    def call_at_once(self) -> None:
        """End all tasks."""
        self.is_called = True
        for task in self._tasks:
            task.cancel()

    @contextmanager
    def join(self) -> Iterator[None]:
        """Register the current task, as one that waits."""
        task = _current_task()
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)
            self._busy.discard(task)

    def begin_sending(self) -> None:
        """Mark the current task as one that must be awaited from now on.

        Raises:
            CancelledError: If no task may begin anything.
        """
        if self.is_called:
            raise asyncio.CancelledError
        self._busy.add(_current_task())

    def end_sending(self, fault: CallError | None) -> None:
        """Note that a request of the current task has ended; the task stays busy until its result is saved.

        After a fault that another attempt could mend the task only waits; it is ended if no task may go on.

        Args:
            fault: How the request ended, or None.
        """
        task = _current_task()
        if fault is not None and fault.scope is FaultScope.ATTEMPT:
            self._busy.discard(task)
            if self.is_called:
                task.cancel()

    def rest(self) -> None:
        """Note that the current task has saved what it had and only waits now."""
        self._busy.discard(_current_task())


class EndingSignals:
    """Calls one function at the first Ctrl-C, SIGTERM or SIGHUP, and another at each further one.

    Attributes:
        first: Number of the first signal, or 0.
    """

    def __init__(self, on_first: Callable[[], None], on_further: Callable[[], None]) -> None:
        """Prepare; `with` takes the signals, inside a running loop."""
        self._on_first, self._on_further = on_first, on_further
        self._loop = asyncio.get_running_loop()
        self.first = 0

    def __enter__(self) -> Self:
        """Replace the handlers of the signals."""
        # A signal that is ignored stays so: `nohup` means that a lost connection does not end the run.
        taken = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._wake) for number in taken}
        return self

    def __exit__(self, *error: object) -> None:
        """Restore the handlers."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _wake(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (the system passes both)
        self._loop.call_soon_threadsafe(self._handle, number)

    def _handle(self, number: int) -> None:
        if self.first:
            self._on_further()
        else:
            self.first = number
            self._on_first()


def _current_task() -> asyncio.Task[None]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("only a task can be halted")
    return task
