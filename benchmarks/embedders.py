"""How well do other embedders than the default one tell the category of a term that the lexicon lacks, and how fast?

All of them are asked for the same terms, the single words of the lexicon: the fallback is asked about nothing else. As
in `calibrate_embedding`, every term is taken out with its family and gets its category from the rest. What an embedder
gives one of the seven is then ranked by its share of the vote; the curve says how many of the first ones are right.
Each embedder runs in a process of its own. Run:

    python -m benchmarks.embedders
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibrate_embedding import without_family
from benchmarks.packaged_embedders import EMBEDDERS, FOLDER, SETUP
from benchmarks.texts import ROOT
from descan.categorize.similarity import CALIBRATED, Anchors, Limits, similarities, vote
from descan.embedding import DEFAULT_EMBEDDER, Embedder
from descan.emotions import OTHER
from descan.lexicon import load_category_set, load_lexicon

COVERAGES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
"""Shares of all terms that are given one of the seven."""

N_FEW = 35
"""So many terms that the lexicon lacks are in 2,565 descriptions of film clips."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One embedder.

    Attributes:
        accuracies: Right among the terms that are given one of the seven, for each of `COVERAGES`; None where it gives
            fewer terms one of the seven.
        few_s: Seconds on the clock for the first `N_FEW` terms, the loading of the model included.
        terms_per_s: Terms a second, all of them at once, the loading included.
        peak_mb: Most memory of the process.
        n_dims: Dimensions of a vector.
    """

    accuracies: tuple[float | None, ...]
    few_s: float
    terms_per_s: float
    peak_mb: float
    n_dims: int


def describe_embedders() -> str:
    """Measure each embedder that is available and return a table."""
    n_neighbours = CALIBRATED.n_neighbours
    lines = [f"{len(_single_words()):,} lexicon terms of one word, each without its family, {n_neighbours} neighbours"]
    lines.append("right among the terms given one of the seven, by the share of all terms that is given one")
    lines.append(f"{'':28}" + "".join(f"{f'{share:.0%}':>8}" for share in COVERAGES))
    names = list(EMBEDDERS) if FOLDER.is_dir() else [DEFAULT_EMBEDDER]
    measured = {name: _measure_apart(name) for name in names}
    for name, found in measured.items():
        lines.append(f"{name:28}" + "".join(f"{_short(accuracy):>8}" for accuracy in found.accuracies))
    lines.append(f"\n{'':28}{'dims':>8}{f'{N_FEW} terms':>12}{'terms a second':>16}{'peak':>10}")
    for name, found in measured.items():
        cells = f"{found.few_s:>10.2f} s{found.terms_per_s:>16,.0f}{found.peak_mb:>7,.0f} MB"
        lines.append(f"{name:28}{found.n_dims:>8}{cells}")
    return "\n".join(lines + ([] if FOLDER.is_dir() else [f"not run: the others; get them with '{SETUP}'"]))


def accuracy_by_coverage(
    similarity: NDArray[np.float64], anchors: Anchors, coverages: Sequence[float]
) -> list[float | None]:
    """Return how many of the terms that are given one of the seven are right, the surest first.

    Args:
        similarity: Cosine of each anchor with each, -1 where one may not vote on the other. Shape: (n_terms, n_terms).
        anchors: The terms.
        coverages: Shares of all terms that are given one of the seven.

    Returns:
        Shares of 0 to 1, None for a coverage that is not reached. Length: n_coverages.
    """
    nearest = [vote(row, anchors, Limits(CALIBRATED.n_neighbours, 0.0, -1.0)) for row in similarity]
    given = np.array([near.category != OTHER for near in nearest])
    right = np.array([near.category == true for near, true in zip(nearest, anchors.categories, strict=True)])
    shares = np.array([near.share for near in nearest])
    surest = np.argsort(-shares[given], kind="stable")
    shares_right = np.cumsum(right[given][surest]) / np.arange(1, len(surest) + 1)
    counts = [round(coverage * len(anchors.terms)) for coverage in coverages]
    return [float(shares_right[count - 1]) if 0 < count <= len(surest) else None for count in counts]


def measure(embedder: Embedder) -> Measurement:
    """Measure one embedder in this process."""
    categories = _single_words()
    terms = tuple(categories)
    start = time.perf_counter()
    embedder.embed(terms[:: len(terms) // N_FEW][:N_FEW])
    few_s = time.perf_counter() - start
    start = time.perf_counter()
    vectors = embedder.embed(terms)
    all_s = time.perf_counter() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    anchors = Anchors(terms, tuple(categories.values()), vectors, (*load_category_set().names, OTHER))
    similarity = without_family(similarities(vectors, vectors), terms)
    accuracies = accuracy_by_coverage(similarity, anchors, COVERAGES)
    return Measurement(tuple(accuracies), few_s, len(terms) / all_s, peak_mb, vectors.shape[1])


def _single_words() -> dict[str, str]:
    entries = load_lexicon().terms
    return {term: str(entries[term].category) for term in sorted(entries) if " " not in term}


def _measure_apart(name: str) -> Measurement:
    command = [sys.executable, "-m", "benchmarks.embedders", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Measurement(**json.loads(done.stdout.splitlines()[-1]))


def _short(accuracy: float | None) -> str:
    return "–" if accuracy is None else f"{accuracy:.3f}"


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(asdict(measure(EMBEDDERS[sys.argv[1]]()))))
    else:
        print(describe_embedders())
