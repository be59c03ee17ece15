"""How often a judge is said to favour a model: `python -m benchmarks.simulation.biases [N]`.

Studies of three models, some of whose descriptions people and a judge have read. The judge errs in all of them alike,
or also reads gold in more of the first model's descriptions than people do.
"""

import sys
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from descan.compare.bootstrap import Resampling, clear_draws
from descan.compare.families import Conclusion, decide
from descan.compare.judges import ReadByBoth, compare_biases, weigh_measures

N_STUDIES = 400
MODELS = ("a", "b", "c")
RESAMPLING = Resampling(n_resamples=1_000)
MARGIN = 0.05

_SUPPORTING = 0.6
_ADDED, _MISSED = 0.15, 0.1
_LABEL_RIGHT = 0.5
_ALIKE = 0.5
"""Items that take the outcome of their group."""


class Design(NamedTuple):
    """A design of studies.

    Attributes:
        n_read: Descriptions of each model that people and the judge have read.
        group_size: Items in a group, which are alike.
        favour: Of the first model's descriptions in which people do not read gold, the share in which the judge does
            for the model's sake.
    """

    n_read: int
    group_size: int
    favour: float


def describe_biases(n_studies: int = N_STUDIES) -> Iterator[str]:
    """Yield a table in Markdown: how often the test says of the first model, and of any, that its bias differs."""
    yield "| favour | texts of a model | items in a group | first model | any model | bias in the interval |"
    yield "|--:|--:|--:|--:|--:|--:|"
    for favour, n_read, size in product((0.0, 0.2, 0.4), (60, 120), (1, 4)):
        shares = measure_biases(Design(n_read, size, favour), n_studies)
        yield f"| {favour:.0%} | {n_read} | {size} | {' | '.join(f'{share:.3f}' for share in shares)} |"


def measure_biases(design: Design, n_studies: int, seed: int = 7) -> tuple[float, float, float]:
    """Return how often the first model's bias is said to differ, how often any, and how often its interval holds."""
    rng = np.random.default_rng(seed)
    n_first = n_any = n_held = 0
    truth = (1 - _SUPPORTING) * (_ADDED + (1 - _ADDED) * design.favour) - _SUPPORTING * _MISSED
    for _ in range(n_studies):
        found = list(compare_biases(_draw(design, rng), MODELS, "judge", RESAMPLING))
        differs = [one.decision.startswith(Conclusion.DIFFERS) for one in decide([test for *_, test in found], MARGIN)]
        n_first += differs[0]
        n_any += any(differs)
        _, low, high = found[0][1].columns(1)
        n_held += low <= truth <= high
        clear_draws()
    return n_first / n_studies, n_any / n_studies, n_held / n_studies


def _draw(design: Design, rng: np.random.Generator) -> ReadByBoth:
    """Draw the same items for all models; what a description says is alike within a group, and the errors are not."""
    n_items = design.n_read
    units = np.tile(np.arange(n_items) // design.group_size, len(MODELS))
    models = np.repeat(np.array(MODELS), n_items)
    n_groups = int(units.max()) + 1
    of_group = rng.random((len(MODELS), n_groups)) < _SUPPORTING
    places = np.repeat(np.arange(len(MODELS)), n_items)
    own = rng.random(len(units)) < _SUPPORTING
    people = np.where(rng.random(len(units)) < _ALIKE, of_group[places, units], own)
    chances = rng.random(len(units))
    judge = np.where(people, chances >= _MISSED, chances < _ADDED)
    judge |= ~people & (models == MODELS[0]) & (rng.random(len(units)) < design.favour)
    is_right = (rng.random(len(units)) < _LABEL_RIGHT).astype(np.float64)
    supports = [judge.astype(np.float64), people.astype(np.float64)]
    agreement = (judge == people).astype(np.float64)
    cells = weigh_measures(np.ones(len(units)), is_right, 1 - is_right, agreement, supports)
    return ReadByBoth("judge", models, units, cells)


if __name__ == "__main__":
    print("\n".join(describe_biases(int(sys.argv[1]) if len(sys.argv) > 1 else N_STUDIES)))
