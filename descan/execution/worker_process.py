"""One worker process, seen from its parent."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast

_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from descan.execution.worker_program import main; main()"

_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
"""Numerical libraries round differently with another number of threads, which is that of the processors by default."""


class ProcessEndedError(Exception):
    """The process has ended; `str` says how."""


class WorkerProcess:
    """A process that runs one task after another; for use by one thread at a time."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Wrap a process whose standard input and output are pipes."""
        self._process = process
        self._requests = cast(BinaryIO, process.stdin)
        self._replies = cast(BinaryIO, process.stdout)
        self._function: bytes | None = None

    def run(self, function: bytes, task: bytes) -> object:
        """Return the result of a function, or raise its error with a note of where in the process it was.

        Args:
            function: Pickled; it is sent only if it is another object than the one before.
            task: Pickled.

        Raises:
            ProcessEndedError: If the process has ended.
        """
        try:
            pickle.dump((None if function is self._function else function, task), self._requests)
            self._requests.flush()
            self._function = function
            reply: bytes = pickle.load(self._replies)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise ProcessEndedError(_describe_end(self._process.wait())) from error
        result, fault, story = pickle.loads(reply)
        if fault is None:
            return result
        if story:
            fault.add_note(f"In the worker process:\n{story}")
        raise fault

    def kill(self) -> None:
        """End the process, from any thread; `run` then raises."""
        self._process.kill()


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
