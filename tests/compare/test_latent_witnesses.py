"""How often witnesses err where nobody knows the truth."""

from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from descan.compare import CompareOptions
from descan.compare.bootstrap import FloatMatrix
from descan.compare.latent_witnesses import fit_rates

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

_PRESENT = 2


def expected_counts(
    n_items: float, prevalences: tuple[float, ...], sensitivity: tuple[float, ...], specificity: tuple[float, ...]
) -> FloatMatrix:
    """Return how many items of each gold have each pattern of what all witnesses tell."""
    counts = np.zeros((len(prevalences), *[3] * len(sensitivity)))
    for place, prevalence in enumerate(prevalences):
        for told in product((1, 2), repeat=len(sensitivity)):
            seen = np.array(told) == _PRESENT
            shown = np.where(seen, sensitivity, 1 - np.array(sensitivity)).prod()
            absent = np.where(seen, 1 - np.array(specificity), specificity).prod()
            counts[(place, *told)] = n_items * (prevalence * shown + (1 - prevalence) * absent)
    return counts.reshape(1, -1)


def test_two_tests_in_two_populations_have_the_rates_that_hui_and_walter_published() -> None:
    # Hui & Walter (1980), table 1: two tests for tuberculosis, both positive, the first, the second, and neither.
    counts = np.zeros((2, 3, 3))
    for place, (both, first, second, neither) in enumerate([(14, 4, 9, 528), (887, 31, 37, 367)]):
        counts[place, 1:, 1:] = [[neither, second], [first, both]]
    found = 1 - fit_rates(counts.reshape(1, -1), 2, 2)[0]
    assert found == pytest.approx([0.0339, 0.0312, 0.0067, 0.0159], abs=0.001)


def test_three_witnesses_need_no_second_population() -> None:
    sensitivity, specificity = (0.9, 0.75, 0.6), (0.95, 0.9, 0.85)
    counts = expected_counts(1e6, (0.3,), sensitivity, specificity)
    assert fit_rates(counts, 1, 3)[0] == pytest.approx([*sensitivity, *specificity], abs=2e-3)


def test_what_a_witness_does_not_tell_counts_for_the_others_alone() -> None:
    sensitivity, specificity = (0.9, 0.75, 0.6), (0.95, 0.9, 0.85)
    counts = expected_counts(1e6, (0.3,), sensitivity, specificity).reshape(3, 3, 3)
    # Of half of the items the third witness tells nothing.
    untold = np.zeros_like(counts)
    untold[:, :, 0] = counts.sum(axis=2)
    found = fit_rates(((counts + untold) / 2).reshape(1, -1), 1, 3)[0]
    assert found == pytest.approx([*sensitivity, *specificity], abs=2e-3)


def test_witnesses_who_always_agree_never_err_and_nothing_tells_nothing() -> None:
    counts = np.zeros((1, 27))
    counts[0, [13, 26]] = 700, 300  # All say that it is not there, or that it is.
    assert fit_rates(counts, 1, 3)[0] == pytest.approx(np.ones(6), abs=2e-3)
    assert fit_rates(np.zeros((1, 27)), 1, 3).shape == (1, 6)


@pytest.fixture
def two_sensors(analysis: "Analysis") -> "Analysis":
    generator = np.random.default_rng(3)
    for number in range(600):
        name, gold = str(number), "Happy" if number % 2 else "Sad"
        is_shown = generator.random() < (0.8 if gold == "Happy" else 0.1)
        analysis.item(name, gold)
        analysis.describe(name, gold)
        for witness, sensitivity, specificity in (("a", 0.85, 0.95), ("b", 0.7, 0.9)):
            is_seen = generator.random() < (sensitivity if is_shown else 1 - specificity)
            analysis.witness(name, 12, int(is_seen), name=witness)
        analysis.witness(name, 4, number % 3 == 0, name="alone")
    return analysis


def test_two_witnesses_are_told_apart_by_golds_and_the_table_is_one_to_correct_by(two_sensors: "Analysis") -> None:
    two_sensors.compare(CompareOptions(n_resamples=200))
    rows = two_sensors.table("witness_errors")
    assert {(row["witness"], row["action"], row["source"]) for row in rows} == {
        ("a", "smile", "latent"),
        ("b", "smile", "latent"),
    }
    for row, truth in zip(rows, [(0.85, 0.95), (0.7, 0.9)], strict=True):
        for rate, true_rate in zip(("sensitivity", "specificity"), truth, strict=True):
            assert float(row[f"{rate}_low"]) < true_rate < float(row[f"{rate}_high"])
        assert 1 <= float(row["n_present"]) <= 600
    [row] = two_sensors.table("actions_witnessed", action="smile", witness="a")
    assert row["corrected_sensitivity"] == ""  # It corrects nothing unless it is asked to.
    path = two_sensors.folder / "tables" / "witness_errors.csv"
    kept = Path(path.with_name("kept.csv"))
    kept.write_bytes(path.read_bytes())
    two_sensors.compare(CompareOptions(n_resamples=200, witness_errors=kept))
    [row] = two_sensors.table("actions_witnessed", action="smile", witness="a")
    assert row["corrected_sensitivity"] != ""
    assert {row["source"] for row in two_sensors.table("witness_errors")} == {"file"}


def test_two_witnesses_of_one_gold_tell_nothing_of_their_errors(analysis: "Analysis") -> None:
    for number in range(60):
        analysis.item(str(number), "Happy")
        analysis.describe(str(number), "Happy")
        for witness, is_seen in (("a", number < 20), ("b", number < 25)):
            analysis.witness(str(number), 12, int(is_seen), name=witness)
    analysis.compare(CompareOptions(n_resamples=100))
    assert analysis.table("witness_errors") == []
    analysis.compare(CompareOptions(n_resamples=100, coder="b"))
    # b sees it on 25 faces, a on 20 of these.
    [row] = analysis.table("witness_errors")
    assert (row["witness"], row["source"], row["sensitivity"], row["n_present"]) == ("a", "coder", "0.8", "25")
