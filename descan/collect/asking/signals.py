"""Ctrl-C and its like while a run goes on."""

import asyncio
import signal
from types import FrameType
from typing import Self

from descan.collect.asking.engine import Engine
from descan.collect.display import Display


class EndingSignals:
    """Ends a run in good order at the first Ctrl-C or SIGTERM, and at once at the second.

    Attributes:
        first: Number of the first signal, or 0.
    """

    def __init__(self, engine: Engine, display: Display) -> None:
        """Take no signal yet; `with` does, inside of a running loop.

        Args:
            engine: What is to end.
            display: Tells of it.
        """
        self._engine, self._display = engine, display
        self._loop = asyncio.get_running_loop()
        self.first = 0

    def __enter__(self) -> Self:
        """Take the signals from whoever has them."""
        self._before = {number: signal.signal(number, self._wake) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *error: object) -> None:
        """Give them back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _wake(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (the system gives both)
        self._loop.call_soon_threadsafe(self._take, number)

    def _take(self, number: int) -> None:
        if not self.first:
            self.first = number
            self._display.say_ending()
            self._engine.halt()
        else:
            self._engine.halt_at_once()
