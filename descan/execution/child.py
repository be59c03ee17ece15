"""What a worker process does: answer each message of its parent, and end with it."""

import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, BinaryIO

from descan.errors import DescanError, WorkerError
from descan.execution.frames import Frame, Kind, Pickled, pickled, read_frame, unpickled, write_frame


def main() -> None:
    """Serve the parent at the other ends of standard input and output until it closes them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, replies = _take_standard_streams()
    arrived: SimpleQueue[Frame] = SimpleQueue()
    threading.Thread(target=_receive, args=(requests, arrived), daemon=True).start()
    worker = _Worker()
    while True:
        reply = worker.answer(arrived.get())
        try:
            write_frame(replies, reply)
        except OSError:
            os._exit(1)


def _take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    # What functions print must not come between the messages, nor must they read them.
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _receive(requests: BinaryIO, arrived: "SimpleQueue[Frame]") -> None:
    # In a thread of its own, so that the end of the parent ends a task that is under way too.
    try:
        while True:
            arrived.put(read_frame(requests))
    except (EOFError, OSError):
        os._exit(1)


class _Worker:
    """Keeps the function from message to message."""

    def __init__(self) -> None:
        self._function: Callable[[Any], Any] | None = None

    def answer(self, frame: Frame) -> Frame:
        try:
            return Frame(Kind.RESULT, pickled(self._do(frame)))
        except Exception as error:  # noqa: BLE001 (raised again in the parent)
            return Frame(Kind.ERROR, Pickled(_pickled(error)))

    def _do(self, frame: Frame) -> object:
        content: Any = unpickled(frame.payload)
        if frame.kind is Kind.PREPARE:
            content()
        elif frame.kind is Kind.FUNCTION:
            self._function = content
        elif self._function is not None:
            return self._function(content)
        return None


def _pickled(error: Exception) -> bytes:
    # An error of our tree says all in its line.
    story = "" if isinstance(error, DescanError) else "".join(traceback.format_exception(error)).rstrip()
    try:
        data = pickle.dumps((error, story))
        pickle.loads(data)
    except Exception:  # noqa: BLE001 (an exception may break in any way where it is no plain one)
        return pickle.dumps((WorkerError(f"{type(error).__name__} in a worker process: {error}"), story))
    return data
