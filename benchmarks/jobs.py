"""How much faster do several processes read a corpus than one?

Reading is all that `descan analyze` does before it compares: rows, mentions, labels, categories, readings, and writing
the records. Terms are not embedded and nothing is taken from a cache. Time is the clock's, so the machine must be idle.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.repetition import repeat_corpus
from benchmarks.texts import ROOT, corpus_folder

N_ANSWERS = 200_000


def describe_jobs(n_answers: int = N_ANSWERS, n_jobs: int | None = None) -> str:
    """Read a large corpus with one process and with several, and give a table.

    Args:
        n_answers: Of the corpus.
        n_jobs: How many processes; one for each processor by default.
    """
    n_jobs = n_jobs or os.cpu_count() or 2
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        repeat_corpus(corpus_folder(), corpus, n_answers)
        seconds = {n: _measure_apart(corpus, n) for n in (1, n_jobs)}
    lines = [f"{n_answers:,} answers of {corpus_folder().name}, read with nothing in the cache; seconds on the clock"]
    lines += [f"  --jobs {n:<4}{value:8.1f} s{seconds[1] / value:8.2f} times" for n, value in seconds.items()]
    return "\n".join(lines)


def _measure_apart(corpus: Path, n_jobs: int) -> float:
    command = [sys.executable, "-m", "benchmarks.jobs", str(corpus), str(n_jobs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def _measure(folder: Path, n_jobs: int) -> float:
    from descan.analysis.analyzing import gather
    from descan.analysis.options import AnalyzeOptions
    from descan.categorize.terms import TermCategorizer
    from descan.corpus import read_corpus
    from descan.lexicon import load_lexicon
    from descan.light_imports import import_spacy_alone

    import_spacy_alone()
    corpus, categorizer = read_corpus(folder), TermCategorizer(load_lexicon(), None)
    with tempfile.TemporaryDirectory() as out:
        begin = time.perf_counter()
        gather(corpus, Path(out), AnalyzeOptions(n_jobs=n_jobs, has_cache=False), categorizer)
        return time.perf_counter() - begin


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]))))
    else:
        print(describe_jobs())
