"""How often is a description that a person reads as one category read as another by descan?

Counts it over annotated descriptions and writes it into the lexicon, whose lines with # stay. Run after a change of
lexicon, rules or weights:

    python -m benchmarks.misreading en GOLD.jsonl
    python -m benchmarks.misreading ja corpora/japanese/gold.jsonl corpora/japanese/gold2.jsonl
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from descan.categorize.readings import Reader
from descan.categorize.term_categories import TermCategorizer
from descan.corpus.readings import choices_of
from descan.extract import extract_all
from descan.lexicon import lexicon_path, load_category_set, load_lexicon
from descan.records import DEFAULT_LANGUAGE

CHOICES = choices_of(load_category_set())


def main(language: str, *golds: str) -> None:
    """Measure and write."""
    path = lexicon_path(language, "misreading.csv")
    comments = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    counts = sum((measure(Path(gold), language) for gold in golds), np.zeros((len(CHOICES),) * 2, dtype=np.int64))
    rows = [
        f"{CHOICES[human]},{CHOICES[described]},{counts[human, described]}" for human, described in np.argwhere(counts)
    ]
    path.write_text("\n".join([*comments, "human,described,n", *rows, ""]), encoding="utf-8")
    print(f"{path}: {np.trace(counts)} of {counts.sum()} read as by a person")


def measure(gold: Path, language: str = DEFAULT_LANGUAGE) -> NDArray[np.int64]:
    """Count descriptions by human reading, first choice, and described category, both in the order of `CHOICES`.

    Args:
        gold: JSON Lines with `text` and `described`.
        language: Of the descriptions.

    Returns:
        Shape: (8, 8).
    """
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    lexicon = load_lexicon(language)
    extractions = list(extract_all((row["text"] for row in rows), language))
    reader = Reader(lexicon)
    counts = np.zeros((len(CHOICES), len(CHOICES)), dtype=np.int64)
    for row, extraction in zip(rows, TermCategorizer(lexicon, None).categorize(extractions), strict=True):
        if not extraction.refused:
            counts[CHOICES.index(row["described"]), CHOICES.index(reader.read(extraction).described)] += 1
    return counts


if __name__ == "__main__":
    main(*sys.argv[1:])
