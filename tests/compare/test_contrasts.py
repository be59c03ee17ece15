"""The contrasts that say what an analysis shows: support despite a wrong label, and which error is more frequent."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from descan.compare import CompareOptions

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

GOLDS = ("Sad", "Happy", "Fear", "Anger")
OPTIONS = CompareOptions(n_resamples=1000)


def answer(analysis: "Analysis", golds: np.ndarray, described: np.ndarray, labels: np.ndarray, model: str) -> None:
    for number, (gold, category, label) in enumerate(zip(golds, described, labels, strict=True)):
        item = f"{number:04}"
        if item not in {row["item_id"] for row in analysis.items}:
            analysis.item(item, str(gold))
        analysis.describe(item, str(category), model=model)
        analysis.label(item, str(label), model=model)


def contrast(analysis: "Analysis", name: str, **where: str) -> dict[str, str]:
    [row] = analysis.table("contrasts", contrast=name, support="strict", **where)
    return row


def test_a_random_describer_is_not_said_to_have_seen_what_it_did_not_label(analysis: "Analysis") -> None:
    rng = np.random.default_rng(3)
    golds, described, labels = rng.choice(GOLDS, (3, 400))
    answer(analysis, golds, described, labels, "m")
    analysis.compare(OPTIONS)
    # Three in four wrong labels have a description without gold, as any describer's must be that guesses.
    errors = contrast(analysis, "seeing_minus_labeling")
    assert float(errors["low"]) > 0
    assert float(errors["p_holm"]) < 0.001
    seen = contrast(analysis, "seen_despite_label")
    assert float(seen["p_holm"]) > 0.05
    assert float(seen["low"]) < 0 < float(seen["high"])
    wrong = labels != golds
    assert int(seen["n_items"]) == wrong.sum()
    assert float(seen["share"]) == pytest.approx(np.mean((described == golds)[wrong]), abs=1e-6)
    chance = sum(np.mean(golds[wrong] == name) * np.mean(described[wrong] == name) for name in GOLDS)
    assert float(seen["other_share"]) == pytest.approx(chance, abs=1e-6)
    assert float(seen["other_low"]) < chance < float(seen["other_high"])


def test_one_who_sees_all_and_labels_neutral_has_seen_despite_the_label(analysis: "Analysis") -> None:
    golds = np.random.default_rng(4).choice(GOLDS, 100)
    answer(analysis, golds, golds, np.full(100, "Neutral"), "m")
    analysis.compare(OPTIONS)
    seen = contrast(analysis, "seen_despite_label")
    assert (seen["n_items"], seen["share"], seen["test"], seen["p"]) == ("100", "1.0", "permutation", "0.000999")
    errors = contrast(analysis, "seeing_minus_labeling")
    assert (errors["share"], errors["other_share"], errors["difference"]) == ("0.0", "1.0", "-1.0")
    assert (errors["test"], errors["p"]) == ("sign_flip", "1e-06")


def test_errors_of_one_clip_are_flipped_together(analysis: "Analysis") -> None:
    # 12 clips of 10 alike frames: 6 of seeing failures, 2 of labeling failures, 4 right
    for clip in range(12):
        for frame in range(10):
            item = f"{clip}-{frame}"
            analysis.item(item, "Sad", group=str(clip))
            analysis.describe(item, "Fear" if clip < 6 else "Sad")
            analysis.label(item, "Sad" if clip >= 8 else "Neutral")
    analysis.compare(OPTIONS)
    errors = contrast(analysis, "seeing_minus_labeling")
    assert (errors["n_items"], errors["n_groups"], errors["p"]) == ("120", "12", "0.289062")
    assert float(errors["difference"]) == pytest.approx(40 / 120, abs=1e-6)


def test_models_are_one_family_by_contrast_and_rule(analysis: "Analysis") -> None:
    rng = np.random.default_rng(5)
    golds = rng.choice(GOLDS, 200)
    for model in ("m1", "m2", "m3"):
        answer(
            analysis,
            golds,
            np.where(rng.random(200) < 0.2, golds, rng.choice(GOLDS, 200)),
            rng.choice(GOLDS, 200),
            model,
        )
    analysis.compare(OPTIONS)
    rows = analysis.table("contrasts")
    assert len(rows) == 3 * 2 * 3
    assert {row["family"] for row in rows if row["contrast"] == "seen"} == {"seen, strict", "seen, lenient"}
    assert {row["family_size"] for row in rows} == {"3"}
    for row in rows:
        assert float(row["p_holm"]) >= float(row["p"])
        assert float(row["adjusted_low"]) <= float(row["low"]) <= float(row["difference"])


def test_without_a_wrong_label_nothing_is_contrasted_there(analysis: "Analysis") -> None:
    golds = np.array(GOLDS * 5)
    answer(analysis, golds, golds, golds, "m")
    analysis.compare(OPTIONS)
    assert not analysis.table("contrasts", contrast="seen_despite_label")
    assert contrast(analysis, "seeing_minus_labeling")["not_in_family"] == "could not reject"
