"""How often intervals of rates beside a witness who errs hold the truth: `python -m benchmarks.witnesses`.

Faces show an action or not, a describer says it with known rates, and a witness errs with known rates that are
themselves estimated from coded faces.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from descan.compare.bootstrap import (
    FloatMatrix,
    FloatVector,
    Resampling,
    count_groups,
    percentile_intervals,
    resample_totals,
)
from descan.compare.witness_errors import WitnessError, correct_rates, draw_errors

PREVALENCE: Final = 0.3
SENSITIVITY, HALLUCINATION = 0.7, 0.08
"""Of the describer."""
WITNESS_SENSITIVITY, WITNESS_SPECIFICITY = 0.75, 0.88
N_ITEMS, N_CODED, N_RESAMPLES = 600, 200, 1_000

TRUE_RATES: Final = {
    "sensitivity": SENSITIVITY,
    "hallucination": HALLUCINATION,
    "corrected_sensitivity": SENSITIVITY,
    "corrected_hallucination": HALLUCINATION,
}


class Interval(NamedTuple):
    """A rate with both ends of its interval."""

    value: float
    low: float
    high: float


def simulate(generator: np.random.Generator, n_items: int = N_ITEMS) -> dict[str, Interval]:
    """Return raw and corrected rates of one study, with their intervals."""
    shown = generator.random(n_items) < PREVALENCE
    said = generator.random(n_items) < np.where(shown, SENSITIVITY, HALLUCINATION)
    seen = _witness(shown, generator)
    coded = generator.random(N_CODED) < PREVALENCE
    seen_coded = _witness(coded, generator)
    error = WitnessError(
        float(seen_coded[coded].mean()), float((~seen_coded)[~coded].mean()), float(coded.sum()), float((~coded).sum())
    )
    places = np.arange(n_items)
    cells = [seen & said, seen, said & ~seen, np.ones(n_items, dtype=bool)]
    groups = count_groups(np.tile(places, 4), np.repeat(np.arange(4), n_items), 4, np.concatenate(cells).astype(int))
    resampling = Resampling(N_RESAMPLES, int(generator.integers(1 << 30)))
    values = _rates(groups.totals[np.newaxis], np.array([error.sensitivity]), np.array([error.specificity]))
    drawn = np.concatenate(
        [_rates(totals, *draw_errors(error, len(totals), generator)) for totals in resample_totals(groups, resampling)]
    )
    found = percentile_intervals(values[0], drawn, 0.95, np.full(4, n_items))
    return {name: Interval(*found.columns(place)) for place, name in enumerate(TRUE_RATES)}


def _witness(shown: NDArray[np.bool_], generator: np.random.Generator) -> NDArray[np.bool_]:
    return generator.random(len(shown)) < np.where(shown, WITNESS_SENSITIVITY, 1 - WITNESS_SPECIFICITY)


def _rates(totals: FloatMatrix, sensitivity: FloatVector, specificity: FloatVector) -> FloatMatrix:
    raw = np.column_stack([totals[:, 0] / totals[:, 1], totals[:, 2] / (totals[:, 3] - totals[:, 1])])
    return np.hstack([raw, correct_rates(totals, sensitivity, specificity)])


def main() -> None:
    """Print the mean of each rate and how often its interval holds the truth."""
    n_studies = 200
    for n_items in (200, 600, 2_000):
        studies = [simulate(np.random.default_rng([n_items, seed]), n_items) for seed in range(n_studies)]
        for name, truth in TRUE_RATES.items():
            found = [study[name] for study in studies]
            covered = np.mean([one.low <= truth <= one.high for one in found])
            mean, width = np.mean([one.value for one in found]), np.mean([one.high - one.low for one in found])
            print(f"{n_items:5} items  {name:24} true {truth}  mean {mean:.3f}  width {width:.3f}  holds {covered:.3f}")


if __name__ == "__main__":
    main()
