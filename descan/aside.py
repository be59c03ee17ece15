"""Work in a thread beside this one."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


def aside(work: Callable[[], Result]) -> "Future[Result]":
    """Begin work whose result, or error, is asked for later.

    Nobody waits for a thread whose result is not asked for any more, as the end of an executor would: Ctrl-C ends the
    program at once. In a program that goes on, so does the work.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 (raised where the result is asked for)
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future
