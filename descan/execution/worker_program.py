"""The program of a worker process: answer each request of the parent, and end with it."""

import os
import pickle
import signal
import threading
import traceback
from queue import SimpleQueue
from typing import BinaryIO

from descan.errors import DescanError, WorkerError
from descan.execution.workers import load_function


def main() -> None:
    """Serve the parent at the other ends of standard input and output until it closes them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, replies = _take_standard_streams()
    received = SimpleQueue[tuple[bytes | None, bytes]]()
    threading.Thread(target=_receive, args=(requests, received), daemon=True).start()
    function = b""
    while True:
        sent, task = received.get()
        function = sent or function
        try:
            pickle.dump(_answer(function, task), replies)
            replies.flush()
        except OSError:
            os._exit(1)


def _take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    # Functions must not print between the messages, nor read them.
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _receive(requests: BinaryIO, received: "SimpleQueue[tuple[bytes | None, bytes]]") -> None:
    # In a thread, so that the process also ends with its parent while it works on a task.
    try:
        while True:
            received.put(pickle.load(requests))
    except (EOFError, OSError, pickle.UnpicklingError):
        os._exit(1)


def _answer(function: bytes, task: bytes) -> bytes:
    """Return the pickled result, error and traceback."""
    try:
        return pickle.dumps((load_function(function)(pickle.loads(task)), None, ""))
    except Exception as error:  # noqa: BLE001 (raised again in the parent)
        return _dump_error(error)


def _dump_error(error: Exception) -> bytes:
    # The line of a `DescanError` says everything; other errors need their traceback.
    story = "" if isinstance(error, DescanError) else "".join(traceback.format_exception(error)).rstrip()
    try:
        data = pickle.dumps((None, error, story))
        pickle.loads(data)
    except Exception:  # noqa: BLE001 (pickling an exception can fail in any way)
        return pickle.dumps((None, WorkerError(f"{type(error).__name__} in a worker process: {error}"), story))
    return data
