"""Simulated studies with known truth; `python -m benchmarks.simulation` runs many more."""

import numpy as np
import pytest

from benchmarks.simulation.design import load_designs
from benchmarks.simulation.instrument import LABELS, NO_LABEL, READS, Integers, load_instrument
from benchmarks.simulation.population import beyond_chance, category_shares, population, scores, verdict_shares
from benchmarks.simulation.study import Study, draw_study

DESIGNS = load_designs().designs
DESCRIBERS = load_designs().describers


def test_every_template_is_read_as_it_is_meant() -> None:
    instrument = load_instrument()
    meant = [READS[place] for place in instrument.meant]
    read = instrument.readings["described"].to_pylist()
    wrong = [row for row in zip(instrument.texts, meant, read, strict=True) if row[1] != row[2]]
    assert wrong == []
    assert set(meant) == set(READS)


def test_every_label_template_gives_the_label_that_is_meant() -> None:
    instrument = load_instrument()
    meant = [LABELS[place] for place in instrument.label_meant]
    assert [label or NO_LABEL for label in instrument.labels["label"].to_pylist()] == meant


@pytest.mark.parametrize("name", DESIGNS)
def test_studies_have_the_shares_of_their_population(name: str) -> None:
    # 200,000 items, drawn one by one: a share is then within 5 * sqrt(0.25 / 200,000) = 0.0056 of the truth.
    design = DESIGNS[name].model_copy(update={"n_items": 200_000, "group_size": 1})
    study = draw_study(design, np.random.default_rng(1))
    for model, describer in enumerate(design.describers):
        for is_misread, described in ((False, study.meant), (True, study.read)):
            truth = verdict_shares(population(DESCRIBERS[describer], design, is_misread=is_misread))
            assert _verdict_shares(study, model, described[model]) == pytest.approx(truth, abs=0.006)


def test_a_common_draw_makes_items_of_a_group_alike_and_changes_no_share() -> None:
    design = DESIGNS["clustered"].model_copy(update={"n_items": 200_000})
    study = draw_study(design, np.random.default_rng(2))
    truth = verdict_shares(population(DESCRIBERS["careful"], design, is_misread=False))
    # The design effect of groups of ten is below 10, so five standard errors are below 0.0056 * sqrt(10).
    assert _verdict_shares(study, 0, study.meant[0]) == pytest.approx(truth, abs=0.018)
    supports = (study.meant[0] == study.golds).reshape(-1, design.group_size)
    assert supports.mean(axis=1).var() > 3 * supports.var() / design.group_size


def test_a_describer_who_sees_nothing_is_at_chance_in_the_population() -> None:
    joint = population(DESCRIBERS["blind"], DESIGNS["independent"], is_misread=False)
    assert beyond_chance(joint) == pytest.approx(0)
    assert scores(category_shares(joint, "describe"))["kappa"] == pytest.approx(0)


def _verdict_shares(study: Study, model: int, described: Integers) -> dict[str, float]:
    is_scored = study.labels[model] < LABELS.index(NO_LABEL)
    supports, is_right = described == study.golds, study.labels[model] == study.golds
    found = {
        "right": supports & is_right,
        "lucky": ~supports & is_right,
        "labeling_failure": supports & ~is_right,
        "seeing_failure": ~supports & ~is_right,
    }
    return {verdict: float(rows[is_scored].mean()) for verdict, rows in found.items()}
