"""The simulation of repeats, with few studies; `python -m benchmarks.simulation` has many."""

import pytest

from benchmarks.simulation.repeats import describe_excess, describe_shares


def _rows(lines: list[str]) -> dict[str, list[float]]:
    return {name: list(map(float, values)) for name, *values in (line.split(" | ") for line in lines[1:])}


def test_the_mean_over_repeats_is_unbiased_and_the_majority_is_not() -> None:
    truth, majority, mean, coverage, _ = _rows(list(describe_shares(100)))["unsteady, two repeats"]
    assert truth == 0.35
    # Both of two answers are right in 0.35 ** 2 = 0.1225. Standard error of the mean: sqrt(0.2275 / 40,000) = 0.0024.
    assert majority == pytest.approx(0.1225, abs=0.007)
    assert mean == pytest.approx(0.35, abs=0.009)
    assert coverage > 0.87


def test_an_unsteady_model_is_credited_with_no_mechanism() -> None:
    rows = _rows(list(describe_excess(20)))
    for name, (excess, estimate, _, _, claimed) in rows.items():
        assert estimate == pytest.approx(excess, abs=0.03)
        assert claimed <= 0.25 or name == "descriptions better"
    assert rows["descriptions better"][-1] > 0.8
