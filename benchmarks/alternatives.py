"""What does reading descriptions cost beside what a user would do instead, on the same texts?

Every measurement is a fresh process, and a round measures each way once, so that a ratio compares neighbours. The
slow ways read texts from all over the corpus instead of all; time is the CPU's, in all threads, over the number of
texts, without the loading of models and the compiling of rules. What the time buys says `agreement`.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from benchmarks.agreement import describe_agreement
from benchmarks.context import SETUP, MarkedText, is_installed, mark, run_context
from benchmarks.expressions import compile_expressions, find_actions
from benchmarks.extraction import measure_apart, time_a_text
from benchmarks.texts import ROOT, corpus_folder, description_texts, spread
from descan.extract import extract_all
from descan.lexicon import load_lexicon

N_ROUNDS = 3
N_TEXTS = 300
"""Of the slow ways."""

READING = "descan's reading"
CONTEXT = "medspaCy's ConText alone, on descan's mentions"

_COLUMNS = "".join(f"{column:>16}" for column in ("texts", "best", "median", "times reading"))


def describe_alternatives(n_rounds: int = N_ROUNDS, n_texts: int = N_TEXTS) -> str:
    """Measure each way several times and return a table, then what each way finds."""
    rounds = [_measure_round(n_texts) for _ in range(n_rounds)]
    name = corpus_folder().name
    lines = [f"descriptions of {name}, {n_rounds} rounds of fresh processes; CPU microseconds a text"]
    lines.append(f"{'':50}{_COLUMNS}")
    n_all = len(description_texts())
    for way in rounds[0]:
        costs = [costs[way] for costs in rounds]
        times = median(costs[way] / costs[READING] for costs in rounds)
        n_read = min(n_texts, n_all) if way in _SLOW or way == CONTEXT else n_all
        lines.append(f"{way:50}{n_read:>16,}{min(costs):>16,.0f}{median(costs):>16,.0f}{_short(times):>16}")
    lines += [f"not run: {part}" for part in missing_parts()]
    return "\n".join(lines) + "\n\n" + describe_agreement()


def missing_parts() -> list[str]:
    """Say what cannot be run on this machine, and how to mend it."""
    return [] if is_installed() else [f"medspaCy's ConText; {SETUP}"]


def _measure_round(n_texts: int) -> Mapping[str, float]:
    floor = measure_apart()
    costs = {"bare tokenizer, warm": floor.warm, "bare tokenizer, cold": floor.cold, READING: floor.reading}
    if is_installed():
        costs[CONTEXT] = run_context(_mentions(n_texts))["microseconds"]
    return costs | {way: _measure_apart(way, n_texts) for way in _SLOW}


def _short(times: float) -> str:
    return f"{times:.2f}" if times < 10 else f"{times:,.0f}"


def _mentions(n_texts: int) -> list[MarkedText]:
    texts = spread(description_texts(), n_texts)
    return [mark(text, extraction.mentions) for text, extraction in zip(texts, extract_all(texts), strict=True)]


def _measure_apart(way: str, n_texts: int) -> float:
    command = [sys.executable, "-m", "benchmarks.alternatives", way, str(n_texts)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def _time_expressions(texts: Sequence[str]) -> float:
    expressions = compile_expressions(load_lexicon())
    return time_a_text(lambda: [list(find_actions(text, expressions)) for text in texts], len(texts))


def _time_sentences(texts: Sequence[str]) -> float:
    from benchmarks.sentences import SentenceLabeler

    labeler = SentenceLabeler()
    return time_a_text(lambda: list(labeler.label(texts)), len(texts))


_SLOW: Mapping[str, Callable[[Sequence[str]], float]] = {
    "regular expressions, one an action": _time_expressions,
    "each sentence by all-MiniLM-L6-v2": _time_sentences,
}


if __name__ == "__main__":
    print(json.dumps(_SLOW[sys.argv[1]](spread(description_texts(), int(sys.argv[2])))))
