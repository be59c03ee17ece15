"""A Dask scheduler and its workers, as processes on loopback."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO, cast


class DaskCluster:
    """What a test does with a cluster; every process ends with it."""

    def __init__(self, folder: Path, stack: ExitStack, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._folder = folder
        self._stack = stack
        self.scheduler, self.address = self._start(
            ["dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"], r"Scheduler at: +(tcp:\S+)"
        )
        self.workers: list[subprocess.Popen[str]] = []

    def start_worker(self, n_threads: int = 1) -> "subprocess.Popen[str]":
        """Return once the scheduler knows a new worker, which nobody will start again where it ends."""
        options = [
            *("--host", "127.0.0.1", "--no-nanny", "--no-dashboard", "--memory-limit", "0", "--death-timeout", "20"),
            *("--nthreads", str(n_threads), "--local-directory", str(self._folder)),
        ]
        process, _ = self._start(["dask_worker", self.address, *options], r"Registered to: +(tcp:\S+)")
        self.workers.append(process)
        return process

    def _start(self, arguments: list[str], sign: str) -> "tuple[subprocess.Popen[str], str]":
        program, *options = arguments
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{program}", *options],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self._environment},
        )
        self._stack.callback(_end, process)
        log = cast(TextIO, process.stderr)
        for line in log:
            if found := re.search(sign, line):
                break
        else:
            raise RuntimeError(f"{program} ended with {process.wait()}")
        # Nothing may wait for its log to be read.
        reader = threading.Thread(target=log.read)
        reader.start()
        self._stack.callback(log.close)
        self._stack.callback(reader.join)
        self._stack.callback(process.kill)
        return process, found[1]


@contextmanager
def running_cluster(
    folder: Path, n_workers: int = 2, environment: Mapping[str, str] | None = None
) -> Iterator[DaskCluster]:
    """Start a scheduler and workers of one thread, and end them all."""
    with ExitStack() as stack:
        cluster = DaskCluster(folder, stack, environment or {})
        for _ in range(n_workers):
            cluster.start_worker()
        yield cluster


def _end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()
