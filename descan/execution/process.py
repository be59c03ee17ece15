"""One worker process, seen from its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast

from descan.execution.frames import Frame, Kind, Pickled, read_frame, write_frame

_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from descan.execution.child import main; main()"


class ProcessEndedError(Exception):
    """The process is gone; `str` says by what."""


class WorkerProcess:
    """A process that does one task after another; to be used by one thread."""

    def __init__(self, process: "subprocess.Popen[bytes]", preparation: Pickled | None) -> None:
        """Take a process whose standard input and output are pipes, and tell it how to begin."""
        self._process = process
        self._requests = cast(BinaryIO, process.stdin)
        self._replies = cast(BinaryIO, process.stdout)
        self._is_preparing = preparation is not None
        self._fault: Frame | None = None
        self._function: Pickled | None = None
        if preparation is not None:
            # A process that is gone already says so where its first task is.
            with suppress(OSError):
                write_frame(self._requests, Frame(Kind.PREPARE, preparation))

    def run(self, function: Pickled, task: Pickled) -> Frame:
        """Give the pickled result of a pickled function, or the error, which is pickled with its story.

        Raises:
            ProcessEndedError: If the process is gone.
        """
        try:
            return self._fault_of_preparation() or self._fault_of_function(function) or self._ask(Kind.TASK, task)
        except (EOFError, OSError) as error:
            raise ProcessEndedError(_reason(self._process.wait())) from error

    def kill(self) -> None:
        """End the process, from any thread; `run` then raises."""
        self._process.kill()

    def _fault_of_preparation(self) -> Frame | None:
        if self._is_preparing:
            self._is_preparing = False
            self._fault = _fault(read_frame(self._replies))
        return self._fault

    def _fault_of_function(self, function: Pickled) -> Frame | None:
        if function is self._function:
            return None
        fault = _fault(self._ask(Kind.FUNCTION, function))
        if fault is None:
            self._function = function
        return fault

    def _ask(self, kind: Kind, payload: Pickled) -> Frame:
        write_frame(self._requests, Frame(kind, payload))
        return read_frame(self._replies)


@contextmanager
def worker_process(preparation: Pickled | None) -> Iterator[WorkerProcess]:
    """Start a process, and leave none behind.

    It is a fresh interpreter, which does not import the parent's `__main__`: a script needs no guard, and a notebook
    no file. Signals of the keyboard go to the parent alone, which ends its workers.

    Args:
        preparation: A pickled function without arguments that the process runs first.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0 if os.name == "posix" else None,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    try:
        yield WorkerProcess(process, preparation)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            # What was not sent yet is for nobody.
            with suppress(OSError):
                cast(BinaryIO, stream).close()


def _fault(reply: Frame) -> Frame | None:
    return reply if reply.kind is Kind.ERROR else None


def _reason(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
