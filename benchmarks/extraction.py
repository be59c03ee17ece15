"""How fast are descriptions read, against nothing but spaCy's tokenizer over the same texts?

Every measurement is a fresh process, so that "cold" is a tokenizer that has not seen the texts and "warm" one that has
them all in its cache; the two bound what reading can cost at least. Compare the ratios of one run: seconds alone say
more about the machine and what else it does.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import spacy

from descan.extract import extract_all
from descan.records import Mode, Status

N_REPEATS = 5

_ROOT = Path(__file__).parents[1]
_CORPORA = (_ROOT.parent / "shared" / "corpora" / "afew-qwen", _ROOT / "corpora" / "sample")


@dataclass(frozen=True, slots=True)
class Timing:
    """Microseconds a text.

    Attributes:
        cold: The bare tokenizer, over texts that are new to it.
        extraction: Tokenizing and extraction, over texts that are new to both.
        warm: The bare tokenizer, over the same texts again.
    """

    cold: float
    extraction: float
    warm: float


def describe_extraction(n_repeats: int = N_REPEATS) -> str:
    """Measure several times and give the best and the median as a table."""
    corpus = next(corpus for corpus in _CORPORA if corpus.is_dir())
    timings = [_measure_apart(corpus) for _ in range(n_repeats)]
    rows: Sequence[tuple[str, Callable[[Timing], float], Callable[[Iterable[float]], float]]] = (
        ("tokenizer, cold: microseconds a text", lambda timing: timing.cold, min),
        ("tokenizer, warm: microseconds a text", lambda timing: timing.warm, min),
        ("extraction: microseconds a text", lambda timing: timing.extraction, min),
        ("rate of extraction / rate of the cold tokenizer", lambda timing: timing.cold / timing.extraction, max),
        ("rate of extraction / rate of the warm tokenizer", lambda timing: timing.warm / timing.extraction, max),
    )
    lines = [f"{len(_texts(corpus))} descriptions of {corpus.name}, {n_repeats} fresh processes"]
    lines.append(f"{'':50}{'best':>10}{'median':>10}")
    for name, value_of, best_of in rows:
        values = [value_of(timing) for timing in timings]
        lines.append(f"{name:50}{best_of(values):>10.3g}{median(values):>10.3g}")
    return "\n".join(lines)


def _measure_apart(corpus: Path) -> Timing:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.extraction", str(corpus)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    return Timing(**json.loads(done.stdout))


def _measure(corpus: Path) -> Timing:
    texts = _texts(corpus)
    tokenizer = spacy.blank("en").tokenizer
    list(extract_all(["She smiles."]))
    return Timing(
        cold=_time_a_text(map(tokenizer, texts), len(texts)),
        extraction=_time_a_text(extract_all(texts), len(texts)),
        warm=_time_a_text(map(tokenizer, texts), len(texts)),
    )


def _time_a_text(results: Iterable[object], n_texts: int) -> float:
    begin = time.perf_counter()
    for _ in results:
        pass
    return (time.perf_counter() - begin) / n_texts * 1e6


def _texts(corpus: Path) -> list[str]:
    lines = (corpus / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    answers = [json.loads(line) for line in lines]
    return [
        answer["text"]
        for answer in answers
        if answer["mode"] == Mode.DESCRIBE and answer.get("status", Status.OK) == Status.OK
    ]


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(Path(sys.argv[1])))))
