"""Do the time and the memory of an analysis grow with the answers, and how fast?

Corpora of 1,000 to 1,000,000 answers (see `repetition`) are analyzed by the command, in a process of its own that
finds nothing in its cache: once as by default and once without the report. Seconds pass by the clock; CPU seconds are
those of all its processes; the peak is the most memory that they held together at one moment, looked at five times a
second, where pages that some of them share count once (PSS; outside Linux what each has for itself, USS). Run:

    python -m benchmarks.scale [--jobs N] [SIZE ...]
"""

import argparse
import math
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil  # type: ignore[import-untyped]

from benchmarks.repetition import repeat_corpus
from benchmarks.texts import corpus_folder

SIZES = (1_000, 10_000, 100_000, 1_000_000)

WAYS = {"by default": (), "--no-report": ("--no-report",)}

_LOOK_S = 0.2
_COLUMNS = ("answers", "seconds", "CPU s", "µs/answer", "slope", "peak MB", "× before")


@dataclass(frozen=True, slots=True)
class Run:
    """One analysis.

    Attributes:
        seconds: By the clock.
        cpu_s: User and system time of all processes.
        peak_mb: Most memory of all processes at one moment.
    """

    n_answers: int
    seconds: float
    cpu_s: float
    peak_mb: float


def describe_scale(sizes: Sequence[int] = SIZES, jobs: int | None = None) -> str:
    """Analyze corpora of each size and return a table of each way, saying on standard error what is under way."""
    options = () if jobs is None else ("--jobs", str(jobs))
    runs: dict[str, list[Run]] = {way: [] for way in WAYS}
    with TemporaryDirectory(prefix="descan-scale-") as kept:
        for size in sorted(sizes):
            corpus = Path(kept) / f"{size}"
            _say(f"{size:,} answers: writing them")
            repeat_corpus(corpus_folder(), corpus, size)
            for way, more in WAYS.items():
                _say(f"{size:,} answers: analyzing {way}")
                runs[way].append(analyze_apart(corpus, size, (*options, *more)))
            shutil.rmtree(corpus)
    with_jobs = "" if jobs is None else f", --jobs {jobs}"
    lines = [f"descan analyze of {corpus_folder().name}, repeated with edits{with_jobs}; {os.cpu_count()} cores"]
    for way, of_way in runs.items():
        lines += ["", f"{way:12}" + "".join(f"{column:>12}" for column in _COLUMNS), *_rows(of_way)]
    return "\n".join(lines)


def analyze_apart(corpus: Path, n_answers: int, options: Sequence[str]) -> Run:
    """Analyze a corpus by the command and watch its processes.

    Args:
        corpus: Its folder.
        n_answers: How many answers it has.
        options: Of the command.

    Raises:
        RuntimeError: If the command fails.
    """
    with TemporaryDirectory(prefix="descan-scale-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "descan", "analyze", str(corpus), "--out", str(folder / "out"), *options]
        environment = os.environ | {"DESCAN_CACHE_DIR": str(folder / "cache")}
        before, begin = _children_cpu_s(), time.perf_counter()
        with (folder / "messages").open("w+b") as messages:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=messages)
            peak_mb = _watch(process)
            seconds = time.perf_counter() - begin
            if process.returncode:
                messages.seek(0)
                raise RuntimeError(f"{' '.join(command)}\n{messages.read().decode()}")
        return Run(n_answers, seconds, _children_cpu_s() - before, peak_mb)


def slope(before: Run, after: Run) -> float:
    """Return the power of the number of answers that the CPU time grows with; 1 is in proportion."""
    return math.log(after.cpu_s / before.cpu_s) / math.log(after.n_answers / before.n_answers)


def _rows(runs: Sequence[Run]) -> Iterator[str]:
    befores = (None, *runs)
    for before, run in zip(befores, runs, strict=False):
        grown = f"{'–':>12}" if before is None else f"{slope(before, run):>12.2f}"
        held = f"{'–':>12}" if before is None else f"{run.peak_mb / before.peak_mb:>12.2f}"
        yield (
            f"{'':12}{run.n_answers:>12,}{run.seconds:>12.1f}{run.cpu_s:>12.1f}"
            f"{run.cpu_s / run.n_answers * 1e6:>12,.0f}{grown}{run.peak_mb:>12,.0f}{held}"
        )
    for before, run in list(pairwise(runs))[-1:]:
        n_more = run.n_answers - before.n_answers
        yield (
            f"{'':12}from {before.n_answers:,} to {run.n_answers:,}: "
            f"{(run.cpu_s - before.cpu_s) / n_more * 1e6:,.0f} CPU microseconds an answer more, "
            f"{(run.peak_mb - before.peak_mb) / n_more * 1e6:,.0f} MB a million more"
        )


def _watch(process: "subprocess.Popen[bytes]") -> float:
    """Wait for a process and give the most megabytes that it and its descendants held together."""
    root, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        peak = max(peak, _held_bytes(root))
        time.sleep(_LOOK_S)
    return peak / 1e6


def _held_bytes(root: psutil.Process) -> int:
    try:
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    return sum(_own_bytes(process) for process in family)


def _own_bytes(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
    except psutil.NoSuchProcess:  # It has ended meanwhile.
        return 0
    return int(getattr(memory, "pss", memory.uss))


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _say(what: str) -> None:
    print(f"scale: {what}", file=sys.stderr, flush=True)


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="Time and memory by size.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE", help="number of answers")
    parser.add_argument("--jobs", type=int, help="worker processes of each analysis")
    arguments = parser.parse_args()
    print(describe_scale(arguments.sizes, arguments.jobs))


if __name__ == "__main__":
    _main()
