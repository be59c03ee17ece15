"""The program of a worker process: answer each message of the parent, and end with it."""

import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, BinaryIO

from descan.errors import DescanError, WorkerError
from descan.execution.messages import Kind, Message, Pickled, dump, load, read_message, write_message


def main() -> None:
    """Serve the parent at the other ends of standard input and output until it closes them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, replies = _take_standard_streams()
    received: SimpleQueue[Message] = SimpleQueue()
    threading.Thread(target=_receive, args=(requests, received), daemon=True).start()
    worker = _Worker()
    while True:
        reply = worker.answer(received.get())
        try:
            write_message(replies, reply)
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


def _receive(requests: BinaryIO, received: "SimpleQueue[Message]") -> None:
    # In a thread, so that the process also ends with its parent while it works on a task.
    try:
        while True:
            received.put(read_message(requests))
    except (EOFError, OSError):
        os._exit(1)


class _Worker:
    """Keeps the function from message to message."""

    def __init__(self) -> None:
        self._function: Callable[[Any], Any] | None = None

    def answer(self, message: Message) -> Message:
        try:
            return Message(Kind.RESULT, dump(self._run(message)))
        except Exception as error:  # noqa: BLE001 (raised again in the parent)
            return Message(Kind.ERROR, Pickled(_dump_error(error)))

    def _run(self, message: Message) -> object:
        content: Any = load(message.payload)
        if message.kind is Kind.FUNCTION:
            self._function = content
        elif self._function is not None:
            return self._function(content)
        return None


def _dump_error(error: Exception) -> bytes:
    # The line of a `DescanError` says everything; other errors need their traceback.
    story = "" if isinstance(error, DescanError) else "".join(traceback.format_exception(error)).rstrip()
    try:
        data = pickle.dumps((error, story))
        pickle.loads(data)
    except Exception:  # noqa: BLE001 (pickling an exception can fail in any way)
        return pickle.dumps((WorkerError(f"{type(error).__name__} in a worker process: {error}"), story))
    return data
