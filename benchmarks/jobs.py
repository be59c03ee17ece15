"""How much faster do several processes read a corpus than one?

Reading is all that `descan analyze` does before it compares: rows, mentions, labels, categories, readings, and writing
the records. Terms are not embedded and nothing is taken from a cache. Time is the clock's, so the machine must be idle.
How much faster it can be at all says a loop that counts, in one process and in as many at once: processors that share
a core, or a host, are slower together than alone.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.repetition import repeat_corpus
from benchmarks.texts import ROOT, corpus_folder

N_ANSWERS = 400_000
N_ROUNDS = 3

_COUNTING = "for _ in range(20_000_000): pass"


def describe_jobs(n_answers: int = N_ANSWERS, n_jobs: int | None = None, n_rounds: int = N_ROUNDS) -> str:
    """Read a large corpus with one process and with several, and return a table.

    Args:
        n_answers: Of the corpus.
        n_jobs: How many processes; one for each processor by default.
        n_rounds: How often each is measured, in turns.
    """
    n_jobs = n_jobs or os.cpu_count() or 2
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        repeat_corpus(corpus_folder(), corpus, n_answers)
        rounds = [
            _Round(_measure_apart(corpus, 1), _measure_apart(corpus, n_jobs), _most(n_jobs)) for _ in range(n_rounds)
        ]
    lines = [
        f"{n_answers:,} answers of {corpus_folder().name}, read with nothing in the cache; {n_rounds} rounds",
        f"{'':<34}{'best':>10}{'median':>10}",
    ]
    for name, form, pick, values in (
        ("--jobs 1: seconds on the clock", ".1f", min, [each.one_s for each in rounds]),
        (f"--jobs {n_jobs}: seconds on the clock", ".1f", min, [each.several_s for each in rounds]),
        ("times as fast, in the same round", ".2f", max, [each.one_s / each.several_s for each in rounds]),
        ("the same of a loop that counts", ".2f", max, [each.most for each in rounds]),
    ):
        lines.append(f"{name:<34}{pick(values):>10{form}}{median(values):>10{form}}")
    return "\n".join(lines)


class _Round(NamedTuple):
    one_s: float
    several_s: float
    most: float


def _most(n_jobs: int) -> float:
    """Return how many times as fast as one several processes are that have nothing in common."""
    return n_jobs * _count_at_once(1) / _count_at_once(n_jobs)


def _count_at_once(n_processes: int) -> float:
    begin = time.perf_counter()
    processes = [subprocess.Popen([sys.executable, "-S", "-c", _COUNTING]) for _ in range(n_processes)]
    for process in processes:
        process.wait()
    return time.perf_counter() - begin


def _measure_apart(corpus: Path, n_jobs: int) -> float:
    command = [sys.executable, "-m", "benchmarks.jobs", str(corpus), str(n_jobs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def _measure(folder: Path, n_jobs: int) -> float:
    from descan.analysis.gathering import Categorizers, gather
    from descan.analysis.options import AnalyzeOptions
    from descan.categorize.term_categories import TermsBy
    from descan.corpus import read_corpus
    from descan.lexicon import load_category_set

    corpus, categorizers = read_corpus(folder), Categorizers(None, TermsBy.LEXICON, load_category_set())
    options = AnalyzeOptions(n_jobs=n_jobs, has_cache=False)
    with tempfile.TemporaryDirectory() as out:
        begin = time.perf_counter()
        gather(corpus, Path(out), options, categorizers)
        return time.perf_counter() - begin


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]))))
    else:
        print(describe_jobs())
