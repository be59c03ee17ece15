"""Other rules of correction, for comparison: each on the same study, with intervals from the same kind of resamples."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulation.instrument import LABELS, NO_LABEL, READS
from benchmarks.simulation.study import Study
from descan.compare.bootstrap import percentile_intervals
from descan.compare.misclassification import fit_mixtures
from descan.compare.misreading import draw_probabilities, reading_probabilities

Floats = NDArray[np.float64]

_N_RESAMPLES = 500
_N_READS = len(READS)
_N_GOLDS = _N_READS - 1
_GOLDS = np.repeat(np.arange(_N_GOLDS), 2)


def other_corrections(study: Study, rng: np.random.Generator) -> Iterator[tuple[str, str, Floats]]:
    """Yield of each rule and describer the verdict shares with both ends of their intervals. Shape: (4, 3).

    - `inverted`: the matrix method of Barron (1977), whose sums are clipped to what there can be.
    - `bounded`: maximum likelihood in each mixture, with supporting descriptions between none and all of each.
    """
    n_groups = int(study.groups.max()) + 1
    drawn = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=_N_RESAMPLES)
    weights = np.vstack([np.ones(n_groups), drawn])
    model, item = np.divmod(study.human, len(study.golds))
    pairs = _N_READS * study.meant.flat[study.human] + study.read.flat[study.human]
    human = weights @ _count(study, item, pairs, _N_READS**2)
    counts = human.reshape(-1, _N_READS, _N_READS)
    probabilities = np.concatenate([reading_probabilities(counts[:1]), draw_probabilities(counts[1:], rng)])
    for place, describer in enumerate(study.describers):
        is_read = np.isin(np.arange(len(study.golds)), item[model == place])
        scored = np.flatnonzero(study.labels[place] < LABELS.index(NO_LABEL))
        state = np.where(is_read, _N_READS + study.meant[place], study.read[place])
        cells = 2 * _N_READS * (2 * study.golds + (study.labels[place] == study.golds)) + state
        totals = weights @ _count(study, scored, cells[scored], len(_GOLDS) * 2 * _N_READS)
        described, read = np.split(totals.reshape(len(weights), len(_GOLDS), -1), 2, axis=2)
        for rule, supporting in (
            ("inverted", _inverted(described, read, probabilities)),
            ("bounded", _bounded(described, read, probabilities)),
        ):
            shares = _verdict_shares(supporting, (described + read).sum(axis=2))
            found = percentile_intervals(shares[0], shares[1:], 0.95, np.full(4, n_groups))
            yield rule, describer, np.column_stack([found.values, found.low, found.high])


def _inverted(described: Floats, read: Floats, probabilities: Floats) -> Floats:
    inverse = np.linalg.inv(probabilities)
    of_gold = np.swapaxes(inverse[:, :, _GOLDS], 1, 2)
    return np.asarray((described * of_gold).sum(axis=2) + _of_gold(read))


def _bounded(described: Floats, read: Floats, probabilities: Floats) -> Floats:
    return np.asarray(_of_gold(fit_mixtures(described, read, probabilities)) * (described + read).sum(axis=2))


def _of_gold(counts: Floats) -> Floats:
    return np.asarray(counts[:, np.arange(len(_GOLDS)), _GOLDS])


def _verdict_shares(supporting: Floats, n_items: Floats) -> Floats:
    n = n_items.reshape(-1, _N_GOLDS, 2).sum(axis=1)
    found = np.clip(supporting.reshape(-1, _N_GOLDS, 2).sum(axis=1), 0, n)
    missing = n - found
    verdicts = np.column_stack([found[:, 1], missing[:, 1], found[:, 0], missing[:, 0]])
    return np.asarray(verdicts / n.sum(axis=1, keepdims=True))


def _count(study: Study, items: NDArray[np.int64], cells: NDArray[np.int64], n_cells: int) -> Floats:
    counts = np.zeros((int(study.groups.max()) + 1, n_cells))
    np.add.at(counts, (study.groups[items], cells), 1)
    return counts
