"""What a facial action says of the categories."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.emotions import Emotion
from descan.categorize.evidence import action_evidence
from descan.errors import InputError
from descan.lexicon import Lexicon, load_category_set, load_lexicon
from descan.lexicon.entries import ActionEntry

BASIC7 = load_category_set()


def lexicon_with(name: str, aus: str) -> Lexicon:
    lexicon = load_lexicon()
    entry = ActionEntry(region="mouth", aus=aus, words=["twitching"])
    return replace(
        lexicon, actions=lexicon.actions.model_copy(update={"actions": {**lexicon.actions.actions, name: entry}})
    )


def evidence_of(aus: str) -> dict[str, float]:
    shares = action_evidence(lexicon_with("twitch", aus), BASIC7)["twitch"]
    return {str(emotion): float(share) for emotion, share in zip(Emotion, shares, strict=True)}


def test_one_unit_gives_the_posterior_under_equal_priors() -> None:
    # AU 12: Happy 0.85; the six others do not list it, so 0.05 each. Sum 0.85 + 6 * 0.05 = 1.15.
    # Happy 0.85 / 1.15 = 0.73913, each other 0.05 / 1.15 = 0.04348.
    shares = evidence_of("12")
    assert shares.pop("Happy") == pytest.approx(0.73913, abs=1e-5)
    assert list(shares.values()) == pytest.approx([0.04348] * 6, abs=1e-5)


def test_units_that_come_together_multiply() -> None:
    # AU 1+2: Fear 0.85 * 0.57 = 0.4845, Sad 0.60 * 0.05 = 0.03, Surprise 0.85 * 0.85 = 0.7225, and Anger, Disgust,
    # Happy and Neutral 0.05 * 0.05 = 0.0025 each. Sum 0.4845 + 0.03 + 0.7225 + 4 * 0.0025 = 1.247.
    shares = evidence_of("1+2")
    assert shares["Surprise"] == pytest.approx(0.7225 / 1.247)
    assert shares["Fear"] == pytest.approx(0.4845 / 1.247)
    assert shares["Sad"] == pytest.approx(0.03 / 1.247)
    assert shares["Neutral"] == pytest.approx(0.0025 / 1.247)


def test_units_that_an_action_may_stand_for_are_averaged() -> None:
    # AU 23: Anger 0.29, others 0.05: 0.29 / (0.29 + 6 * 0.05) = 0.29 / 0.59.
    # AU 24: Anger 0.85, Disgust 0.26, others 0.05: 0.85 / (0.85 + 0.26 + 5 * 0.05) = 0.85 / 1.36.
    assert evidence_of("23/24")["Anger"] == pytest.approx((0.29 / 0.59 + 0.85 / 1.36) / 2)


def test_a_unit_that_the_table_does_not_list_says_nothing() -> None:
    assert evidence_of("25/27") == evidence_of("25")


def test_every_action_has_evidence_for_seven_categories_of_at_most_one() -> None:
    evidence = action_evidence(load_lexicon(), BASIC7)
    assert evidence.keys() == load_lexicon().actions.actions.keys()
    for action, shares in evidence.items():
        assert shares.shape == (7,), action
        assert (shares >= 0).all(), action
        assert shares.sum() <= 1 + 1e-9, action


@pytest.mark.parametrize(
    ("action", "category"),
    [
        ("smile", "Happy"),
        ("brow_lower", "Anger"),
        ("nose_wrinkle", "Disgust"),
        ("lips_stretch", "Fear"),
        ("lip_corner_down", "Sad"),
        ("brow_raise", "Surprise"),
        ("mouth_neutral", "Neutral"),
    ],
)
def test_each_category_has_the_action_that_speaks_most_for_it(action: str, category: str) -> None:
    shares = action_evidence(load_lexicon(), BASIC7)[action]
    assert shares[list(Emotion).index(Emotion(category))] == pytest.approx(np.max(shares))


def test_an_action_that_the_inventory_does_not_have_is_refused() -> None:
    lexicon = load_lexicon()
    fewer = {name: entry for name, entry in lexicon.actions.actions.items() if name != "smile"}
    without = replace(lexicon, actions=lexicon.actions.model_copy(update={"actions": fewer}))
    with pytest.raises(InputError, match=r"yaml: actions: action 'smile' is unknown; use one of inner_brow"):
        action_evidence(without, BASIC7)
