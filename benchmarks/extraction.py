"""How fast are descriptions read, against nothing but spaCy's tokenizer over the same texts?

Every measurement is a fresh process, so that "cold" is a tokenizer that has not seen the texts and "warm" one that has
them all in its cache; the two bound what reading can cost at least. Time is the process's own on the CPU, for what else
the machine does to count least. Compare the ratios of one run: seconds alone say more about the machine.
"""

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from statistics import median

import spacy

from benchmarks.texts import ROOT, corpus_folder, description_texts
from descan.categorize.readings import Reader
from descan.categorize.term_categories import TermCategorizer, TermTable
from descan.extract import load_extractor
from descan.lexicon import load_category_set, load_lexicon

N_REPEATS = 5

_BLOCK = 500
"""Descriptions that are read at once; a block of an analysis has about so many."""

_MUCH = 1_000_000_000
"""Characters to announce, so that machine code is measured."""


_FIRST = ("She smiles.", "I'm sorry, I can't help with identifying people.")
"""Descriptions that leave nothing to be compiled later; the second one declines."""


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU microseconds a text.

    Attributes:
        cold: The bare tokenizer, over texts that are new to it.
        reading: Everything up to categories and readings, in columns, over texts that are new to it.
        warm: The bare tokenizer, over the same texts again.
        warm_reading: Everything, over the same texts again.
    """

    cold: float
    reading: float
    warm: float
    warm_reading: float


def describe_extraction(n_repeats: int = N_REPEATS) -> str:
    """Measure several times and return the best and the median as a table."""
    timings = [measure_apart() for _ in range(n_repeats)]
    rows: Sequence[tuple[str, Callable[[Timing], float], Callable[[Iterable[float]], float]]] = (
        ("tokenizer, cold: microseconds a text", lambda timing: timing.cold, min),
        ("tokenizer, warm: microseconds a text", lambda timing: timing.warm, min),
        ("reading, cold: microseconds a text", lambda timing: timing.reading, min),
        ("reading, warm: microseconds a text", lambda timing: timing.warm_reading, min),
        ("cold: rate of reading / rate of the tokenizer", lambda timing: timing.cold / timing.reading, max),
        ("warm: rate of reading / rate of the tokenizer", lambda timing: timing.warm / timing.warm_reading, max),
    )
    n_texts = len(description_texts())
    lines = [f"{n_texts:,} descriptions of {corpus_folder().name}, {n_repeats} fresh processes, CPU time"]
    lines.append(f"{'':50}{'best':>10}{'median':>10}")
    for name, value_of, best_of in rows:
        values = [value_of(timing) for timing in timings]
        lines.append(f"{name:50}{best_of(values):>10.3g}{median(values):>10.3g}")
    return "\n".join(lines)


def measure_apart() -> Timing:
    """Measure once, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.extraction"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Timing(**json.loads(done.stdout))


def read_descriptions(texts: Sequence[str]) -> None:
    """Run what is measured as descan's reading: tokens, mentions, assertion, categories and readings."""
    extractor, table, reader, categorizer = load_extractor(), _table(), _reader(), _categorizer()
    extractor.prepare(_MUCH)
    for start in range(0, len(texts), _BLOCK):
        extractions = extractor.extract(texts[start : start + _BLOCK])
        categories = categorizer.categories(table.terms(extractions.mentions))
        reader.read_columns(extractions, table.categorize(extractions, categories))


@lru_cache
def _table() -> TermTable:
    return TermTable(load_lexicon(), load_category_set())


@lru_cache
def _categorizer() -> TermCategorizer:
    return TermCategorizer(load_lexicon(), None)


@lru_cache
def _reader() -> Reader:
    return Reader(load_lexicon())


def time_a_text(work: Callable[[], object], n_texts: int) -> float:
    """Return the CPU microseconds that the work takes, in all threads, over the number of texts."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) / n_texts * 1e6


def _measure(texts: Sequence[str]) -> Timing:
    tokenizer = spacy.blank("en").tokenizer
    read_descriptions(_FIRST)
    gc.collect()  # Now, so that no measurement has to: a pass over the compiled lexicon takes 0.2 s.
    return Timing(
        cold=time_a_text(lambda: _tokenize(tokenizer, texts), len(texts)),
        reading=time_a_text(lambda: read_descriptions(texts), len(texts)),
        warm=time_a_text(lambda: _tokenize(tokenizer, texts), len(texts)),
        warm_reading=time_a_text(lambda: read_descriptions(texts), len(texts)),
    )


def _tokenize(tokenizer: Callable[[str], object], texts: Iterable[str]) -> None:
    for text in texts:
        tokenizer(text)


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(description_texts()))))
