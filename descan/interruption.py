"""End a command on Ctrl-C and other signals: one line, an exit code of 128 and the number, nothing left behind.

A signal raises KeyboardInterrupt in the main thread, so that every `with` block cleans up after itself. Compiled code
may keep that thread busy, or an exception handler may swallow the error; then a second thread ends the process. In both
cases what is registered with `clean_up_on_exit` is called at the end.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK") if hasattr(signal, name)
]

_GRACE_S = 1.0
"""The main thread gets this long to end by itself."""

_cleanups: dict[object, Callable[[], object]] = {}
_received: list[int] = []
_is_ending = threading.Lock()


@contextmanager
def clean_up_on_exit(clean_up: Callable[[], object]) -> Iterator[None]:
    """Call a function at the end of the block, whether it is left or a signal ends the process.

    Args:
        clean_up: Raises no error. It may be called from another thread while the block goes on, and twice.
    """
    key = object()
    _cleanups[key] = clean_up
    try:
        yield
    finally:
        clean_up()
        if not _received:
            del _cleanups[key]


@contextmanager
def exit_on_signals() -> Iterator[None]:
    """End the process cleanly if a signal comes during the block, which is all that a command does.

    Signals that are ignored stay so: SIGHUP under `nohup`, SIGINT in a background job of a shell.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    found = {number: signal.getsignal(number) for number in _SIGNALS}
    receiver, sender = os.pipe()
    os.set_blocking(sender, False)
    threading.Thread(target=_watch, args=(receiver,), daemon=True).start()
    before = signal.set_wakeup_fd(sender, warn_on_full_buffer=False)
    try:
        for number, handler in found.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, _interrupt)
        yield
    finally:
        end_if_interrupted()
        for number, handler in found.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        os.close(sender)


def end_if_interrupted() -> None:
    """End the process if a signal came: whatever error there is now, the signal was its cause."""
    if _received:
        _end(_received[0])


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (the system passes both)
    if not _received:
        _received.append(number)
        sys.unraisablehook = threading.excepthook = _say_nothing
        raise KeyboardInterrupt


def _say_nothing(problem: object) -> None:
    """Print no traceback for an error in a thread or a destructor."""


def _watch(receiver: int) -> None:
    """End the process soon after a signal, whatever the main thread does."""
    while number := os.read(receiver, 1):
        if signal.getsignal(number[0]) is _interrupt:
            time.sleep(_GRACE_S)
            _end(number[0])
    os.close(receiver)


def _end(number: int) -> None:
    """Clean up and end the process, without the notices that libraries print at a regular end."""
    _is_ending.acquire()  # Never released: the process ends here.
    for clean_up in reversed(list(_cleanups.values())):
        clean_up()
    cause = "interrupted" if number == signal.SIGINT else f"ended by {signal.Signals(number).name}"
    with suppress(OSError, ValueError, AttributeError):
        # A progress bar may have hidden the cursor.
        start = "\r\x1b[K\x1b[?25h" if sys.stderr.isatty() else ""
        # The main thread may hold the lock of `sys.stderr`.
        os.write(sys.stderr.fileno(), f"{start}descan: {cause}; nothing half-written is left\n".encode())
    os._exit(128 + number)
