"""How often a family of sign-flip tests finds what is not there: `python -m benchmarks.simulation.families [N]`.

The tests of accuracy alone, without the tables around them, so that thousands of studies take a minute.
"""

import sys
from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulation.design import load_designs
from benchmarks.simulation.instrument import READS, Integers
from benchmarks.simulation.study import Study, draw_study
from descan.compare.hypothesis_tests import exact_sign_flip, holm
from descan.significance import SIGNIFICANT

Flags = NDArray[np.bool_]

N_STUDIES = 4_000
DESIGNS = ("equal", "equal_clustered")
FAMILIES = ("models, labels", "models, descriptions", "describing against labelling")


def describe_families(n_studies: int = N_STUDIES) -> Iterator[str]:
    """Yield a table in Markdown: the share of studies in which any test of a family has p < 0.05 after Holm."""
    yield f"| family | {' | '.join(DESIGNS)} |"
    yield f"|---|{'--:|' * len(DESIGNS)}"
    found = [_rejections(name, n_studies) for name in DESIGNS]
    for family, *shares in zip(FAMILIES, *found, strict=True):
        yield f"| {family} | {' | '.join(f'{share:.4f}' for share in shares)} |"


def _rejections(name: str, n_studies: int) -> list[float]:
    """Return the share of studies that reject anything, for each family."""
    design = load_designs().designs[name]
    rng = np.random.default_rng(11)
    studies = (draw_study(design, rng) for _ in range(n_studies))
    found = [[min(holm(p)) < SIGNIFICANT for p in _family_ps(study)] for study in studies]
    return [sum(of_family) / n_studies for of_family in zip(*found, strict=True)]


def _family_ps(study: Study) -> list[list[float]]:
    labels, described = study.labels == study.golds, study.read == study.golds
    undecided = study.read == READS.index("Undecided")
    models = list(combinations(range(len(labels)), 2))
    nothing = np.zeros_like(undecided[0])
    return [
        [_p(study.groups, labels[a], labels[b], nothing) for a, b in models],
        [_p(study.groups, described[a], described[b], undecided[a] | undecided[b]) for a, b in models],
        [_p(study.groups, described[one], labels[one], undecided[one]) for one in range(len(labels))],
    ]


def _p(groups: Integers, first: Flags, second: Flags, left_out: Flags) -> float:
    differences = np.bincount(groups, (first.astype(float) - second.astype(float)) * ~left_out)
    values, counts = np.unique(differences, return_counts=True)
    return exact_sign_flip(values, counts)[0]


if __name__ == "__main__":
    print("\n".join(describe_families(int(sys.argv[1]) if len(sys.argv) > 1 else N_STUDIES)))
