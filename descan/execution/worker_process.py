"""One worker process, seen from its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast

from descan.execution.messages import Kind, Message, Pickled, read_message, write_message

_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from descan.execution.worker_program import main; main()"

_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
"""Numerical libraries round differently with another number of threads, which is that of the processors by default."""


class ProcessEndedError(Exception):
    """The process has ended; `str` says how."""


class WorkerProcess:
    """A process that runs one task after another; for use by one thread."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Take a process whose standard input and output are pipes."""
        self._process = process
        self._requests = cast(BinaryIO, process.stdin)
        self._replies = cast(BinaryIO, process.stdout)
        self._function: Pickled | None = None

    def run(self, function: Pickled, task: Pickled) -> Message:
        """Return the pickled result, or the error pickled with its traceback.

        Raises:
            ProcessEndedError: If the process has ended.
        """
        try:
            if function is not self._function:
                reply = self._ask(Kind.FUNCTION, function)
                if reply.kind is Kind.ERROR:
                    return reply
                self._function = function
            return self._ask(Kind.TASK, task)
        except (EOFError, OSError) as error:
            raise ProcessEndedError(_describe_end(self._process.wait())) from error

    def kill(self) -> None:
        """End the process, from any thread; `run` then raises."""
        self._process.kill()

    def _ask(self, kind: Kind, payload: Pickled) -> Message:
        write_message(self._requests, Message(kind, payload))
        return read_message(self._replies)


@contextmanager
def worker_process(environment: Mapping[str, str] | None = None) -> Iterator[WorkerProcess]:
    """Start a process, and leave none behind.

    It is a fresh interpreter that does not import the parent's `__main__`, so a script needs no guard and a notebook
    no file. Signals of the keyboard go to the parent alone, which ends its workers. Libraries compute in one thread.

    Args:
        environment: Variables of the process beside those of this one.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **_ONE_THREAD, **(environment or {})},
        process_group=0 if os.name == "posix" else None,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    try:
        yield WorkerProcess(process)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            # Nobody reads what was not sent yet.
            with suppress(OSError):
                cast(BinaryIO, stream).close()


def _describe_end(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
