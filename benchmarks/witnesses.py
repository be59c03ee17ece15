"""How often intervals of rates beside a witness who errs hold the truth: `python -m benchmarks.witnesses`.

Faces show an action or not, a describer says it with known rates, a witness errs with known rates that are themselves
estimated from coded faces, and descan misreads texts with known rates that are estimated from marked texts.
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
    resample,
    resample_totals,
)
from descan.compare.latent_witnesses import fit_rates
from descan.compare.witness_errors import TellingError, correct_rates, correct_reading, draw_errors

PREVALENCE: Final = 0.3
SENSITIVITY, HALLUCINATION = 0.7, 0.08
"""Of the describer."""
WITNESS_SENSITIVITY, WITNESS_SPECIFICITY = 0.75, 0.88
READING_SENSITIVITY, READING_SPECIFICITY = 0.88, 0.97
N_ITEMS, N_CODED, N_MARKED, N_RESAMPLES = 600, 200, 200, 1_000

WITNESS = WITNESS_SENSITIVITY, WITNESS_SPECIFICITY
READING = READING_SENSITIVITY, READING_SPECIFICITY

TRUE_RATES: Final = {
    "sensitivity": SENSITIVITY,
    "hallucination": HALLUCINATION,
    "witness_corrected_sensitivity": SENSITIVITY,
    "witness_corrected_hallucination": HALLUCINATION,
    "corrected_sensitivity": SENSITIVITY,
    "corrected_hallucination": HALLUCINATION,
}

LATENT_PREVALENCES: Final = 0.6, 0.1
"""Of items of one gold, and of another."""
LATENT_WITNESSES: Final = ((0.85, 0.95), (0.7, 0.9), (0.75, 0.88))
N_LATENT_RESAMPLES: Final = 500

_Shares = tuple[FloatVector, FloatVector]


class Interval(NamedTuple):
    """A rate with both ends of its interval."""

    value: float
    low: float
    high: float


def simulate(generator: np.random.Generator, n_items: int = N_ITEMS) -> dict[str, Interval]:
    """Return raw and corrected rates of one study, with their intervals."""
    shown = generator.random(n_items) < PREVALENCE
    said = generator.random(n_items) < np.where(shown, SENSITIVITY, HALLUCINATION)
    seen = _tell(shown, WITNESS, generator)
    read = _tell(said, READING, generator)
    coded = generator.random(N_CODED) < PREVALENCE
    witness = _error(coded, _tell(coded, WITNESS, generator))
    marked = generator.random(N_MARKED) < PREVALENCE * SENSITIVITY + (1 - PREVALENCE) * HALLUCINATION
    reading = _error(marked, _tell(marked, READING, generator))
    places = np.arange(n_items)
    cells = [seen & read, seen, read & ~seen, np.ones(n_items, dtype=bool)]
    groups = count_groups(np.tile(places, 4), np.repeat(np.arange(4), n_items), 4, np.concatenate(cells).astype(int))
    resampling = Resampling(N_RESAMPLES, int(generator.integers(1 << 30)))
    known = [(np.array([one.sensitivity]), np.array([one.specificity])) for one in (witness, reading)]
    values = _rates(groups.totals[np.newaxis], *known)
    drawn = np.concatenate(
        [
            _rates(totals, *(draw_errors(one, len(totals), generator) for one in (witness, reading)))
            for totals in resample_totals(groups, resampling)
        ]
    )
    found = percentile_intervals(values[0], drawn, 0.95, np.full(len(TRUE_RATES), n_items))
    return {name: Interval(*found.columns(place)) for place, name in enumerate(TRUE_RATES)}


def simulate_latent(generator: np.random.Generator, n_items: int, n_witnesses: int) -> list[Interval]:
    """Return the sensitivities and then the specificities of witnesses without a coder, with their intervals."""
    gold = generator.random(n_items) < 0.5
    shown = generator.random(n_items) < np.where(gold, *LATENT_PREVALENCES)
    told = [_tell(shown, rates, generator) for rates in LATENT_WITNESSES[:n_witnesses]]
    cells = gold.astype(int)
    for one in told:
        cells = 3 * cells + 1 + one
    groups = count_groups(np.arange(n_items), cells, 2 * 3**n_witnesses, np.ones(n_items, dtype=int))
    resampling = Resampling(N_LATENT_RESAMPLES, int(generator.integers(1 << 30)))
    found = resample(groups, lambda totals: fit_rates(totals, 2, n_witnesses), resampling)
    return [Interval(*ends) for ends in zip(found.values, found.low, found.high, strict=True)]


def _tell(truth: NDArray[np.bool_], rates: tuple[float, float], generator: np.random.Generator) -> NDArray[np.bool_]:
    sensitivity, specificity = rates
    return generator.random(len(truth)) < np.where(truth, sensitivity, 1 - specificity)


def _error(truth: NDArray[np.bool_], told: NDArray[np.bool_]) -> TellingError:
    n_present, n_absent = float(truth.sum()), float((~truth).sum())
    return TellingError(float(told[truth].mean()), float((~told)[~truth].mean()), n_present, n_absent)


def _rates(totals: FloatMatrix, witness: _Shares, reading: _Shares) -> FloatMatrix:
    """Return raw rates, those corrected for the witness alone, and those corrected for both."""
    raw = np.column_stack([totals[:, 0] / totals[:, 1], totals[:, 2] / (totals[:, 3] - totals[:, 1])])
    corrected = correct_rates(totals, *witness)
    return np.hstack([raw, corrected, correct_reading(corrected, *reading)])


def main() -> None:
    """Print the mean of each rate and how often its interval holds the truth."""
    n_studies = 200
    for n_items, n_witnesses in ((600, 2), (600, 3), (2_000, 2), (2_000, 3)):
        fits = [
            simulate_latent(np.random.default_rng([n_items, n_witnesses, seed]), n_items, n_witnesses)
            for seed in range(n_studies)
        ]
        truths = [rates[place] for place in (0, 1) for rates in LATENT_WITNESSES[:n_witnesses]]
        held = [
            np.mean([fit[place].low <= truth <= fit[place].high for fit in fits]) for place, truth in enumerate(truths)
        ]
        told = ", ".join(f"{share:.3f}" for share in held)
        print(f"{n_items:5} items  {n_witnesses} witnesses without a coder: each rate holds {told}", flush=True)
    for n_items in (200, 600, 2_000):
        studies = [simulate(np.random.default_rng([n_items, seed]), n_items) for seed in range(n_studies)]
        for name, truth in TRUE_RATES.items():
            found = [study[name] for study in studies]
            covered = np.mean([one.low <= truth <= one.high for one in found])
            mean, width = np.mean([one.value for one in found]), np.mean([one.high - one.low for one in found])
            print(f"{n_items:5} items  {name:32} true {truth}  mean {mean:.3f}  width {width:.3f}  holds {covered:.3f}")


if __name__ == "__main__":
    main()
