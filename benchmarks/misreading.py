"""How often is a description that a person reads as one category read as another by descan?

Counts it over annotated descriptions and writes it into the lexicon, whose lines with # stay. Run after a change of
lexicon, rules or weights:

    python -m benchmarks.misreading GOLD.jsonl
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from descan.categorize.readings import Reader
from descan.categorize.term_categories import TermCategorizer
from descan.compare.misreading import choices_of
from descan.extract import extract_all
from descan.lexicon import lexicon_path, load_category_set, load_lexicon

_LANGUAGE = "en"

CHOICES = choices_of(load_category_set())


def main(gold: str) -> None:
    """Measure and write."""
    path = lexicon_path(_LANGUAGE, "misreading.csv")
    comments = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    counts = measure(Path(gold))
    rows = [
        f"{CHOICES[human]},{CHOICES[described]},{counts[human, described]}" for human, described in np.argwhere(counts)
    ]
    path.write_text("\n".join([*comments, "human,described,n", *rows, ""]), encoding="utf-8")
    print(f"{path}: {np.trace(counts)} of {counts.sum()} read as by a person")


def measure(gold: Path) -> NDArray[np.int64]:
    """Count descriptions by human reading, first choice, and described category, both in the order of `CHOICES`.

    Args:
        gold: JSON Lines with `text` and `described`.

    Returns:
        Shape: (8, 8).
    """
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    lexicon = load_lexicon(_LANGUAGE)
    extractions = list(extract_all((row["text"] for row in rows), _LANGUAGE))
    reader = Reader(lexicon)
    counts = np.zeros((len(CHOICES), len(CHOICES)), dtype=np.int64)
    for row, extraction in zip(rows, TermCategorizer(lexicon, None).categorize(extractions), strict=True):
        counts[CHOICES.index(row["described"]), CHOICES.index(reader.read(extraction).described)] += 1
    return counts


if __name__ == "__main__":
    main(*sys.argv[1:])
