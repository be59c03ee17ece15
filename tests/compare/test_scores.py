"""Agreement with gold: by hand, by scikit-learn, and at the edges."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, recall_score

from benchmarks.emotions import Emotion
from descan.compare.bootstrap import Resampling, count_groups
from descan.compare.scores import SCORE_TABLE_COLUMNS, SCORES, n_cells, score_rows
from descan.compare.strata import Stratum
from descan.lexicon import load_category_set

BASIC7 = load_category_set()
SIX = [str(emotion) for emotion in Emotion if emotion != Emotion.NEUTRAL]


Counts = tuple[str, str, int]
"""Gold, what was predicted, and how many items."""


def test_scores_match_values_worked_by_hand() -> None:
    # 10 items, gold 6 Happy and 4 Sad; right are 5 Happy and 2 Sad, one Sad is refused and left out.
    happy = [("Happy", "Happy", 5), ("Happy", "Sad", 1)]
    sad = [("Sad", "Sad", 2), ("Sad", "Happy", 1), ("Sad", "refused", 1)]
    scores = score(*happy, *sad)
    assert (scores.n_gold, scores.n_used, scores.n_left_out) == (10, 9, 1)
    assert scores.accuracy == pytest.approx(7 / 9)
    assert scores.uar == pytest.approx((5 / 6 + 2 / 3) / 2)
    # F1 = 2TP / (2TP + FP + FN): Happy 10 / (10 + 1 + 1), Sad 4 / (4 + 1 + 1)
    assert scores.macro_f1 == pytest.approx((10 / 12 + 4 / 6) / 2)
    # p_o = 7/9, p_e = (6*6 + 3*3) / 81 = 45/81 = 5/9; kappa = (7/9 - 5/9) / (4/9) = 1/2
    assert scores.kappa == pytest.approx(0.5)
    assert scores.accuracy_all == pytest.approx(7 / 10)
    assert scores.uar_all == pytest.approx((5 / 6 + 2 / 4) / 2)
    # Had the refused one been right: 8 of 10, and of Sad 3 of 4
    assert scores.coverage == pytest.approx(9 / 10)
    assert scores.accuracy_best == pytest.approx(8 / 10)
    assert scores.uar_best == pytest.approx((5 / 6 + 3 / 4) / 2)


def test_six_categories_leave_out_neutral_gold_and_count_a_neutral_prediction_as_wrong() -> None:
    scores = score(("Neutral", "Neutral", 9), ("Sad", "Sad", 3), ("Sad", "Neutral", 1), categories="six")
    assert (scores.n_gold, scores.accuracy, scores.uar) == (4, 0.75, 0.75)
    # F1 of Sad = 6 / (6 + 0 + 1); Neutral is not gold, so it has no F1 of its own
    assert scores.macro_f1 == pytest.approx(6 / 7)


def test_perfect_agreement_scores_one() -> None:
    scores = score(*((str(emotion), str(emotion), 3) for emotion in Emotion))
    assert values(scores) == pytest.approx([1.0] * 8)


def test_chance_agreement_has_kappa_zero() -> None:
    pairs = [(str(gold), str(predicted), 2) for gold in Emotion for predicted in Emotion]
    scores = score(*pairs)
    assert scores.kappa == pytest.approx(0)
    assert [scores.accuracy, scores.uar, scores.macro_f1] == pytest.approx([1 / 7] * 3)


def test_one_constant_prediction_has_kappa_zero_and_the_recall_of_one_category() -> None:
    scores = score(*((str(gold), "Neutral", 5) for gold in Emotion))
    assert scores.kappa == pytest.approx(0)
    assert scores.uar == pytest.approx(1 / 7)


def test_kappa_is_undefined_where_gold_and_prediction_are_one_constant() -> None:
    scores = score(("Sad", "Sad", 5))
    assert scores.accuracy == 1
    assert math.isnan(scores.kappa)


def test_where_nothing_is_used_scores_are_undefined_but_what_was_left_out_counts_as_wrong() -> None:
    scores = score(("Sad", "refused", 5), ("Fear", "Undecided", 2))
    assert (scores.n_used, scores.n_left_out) == (0, 7)
    assert all(math.isnan(value) for value in values(scores)[:4])
    assert (scores.accuracy_all, scores.uar_all) == (0, 0)
    assert (scores.coverage, scores.accuracy_best, scores.uar_best) == (0, 1, 1)


def test_classify6_has_six_categories_only() -> None:
    found = sample(("Sad", "Sad", 1), ("Neutral", "Sad", 1), mode="classify6")
    assert [row[:4] for row in score_rows([found], BASIC7, Resampling(100))] == [("m", "classify6", "six", 1)]


def test_a_corpus_of_neutral_faces_has_no_row_for_six() -> None:
    assert [row[2] for row in score_rows([sample(("Neutral", "Neutral", 4))], BASIC7, Resampling(100))] == ["seven"]


def test_intervals_of_scores_are_those_of_scikit_learn_on_drawn_items() -> None:
    counts = [("Sad", "Sad", 30), ("Sad", "Fear", 10), ("Fear", "Fear", 15), ("Fear", "Sad", 5), ("Fear", "refused", 9)]
    [found, _] = score_rows([sample(*counts)], BASIC7, Resampling(4000))
    row = dict(zip(SCORE_TABLE_COLUMNS, found, strict=True))
    generator = np.random.default_rng(1)
    gold = np.repeat([cell[0] for cell in counts], [cell[2] for cell in counts])
    predicted = np.repeat([cell[1] for cell in counts], [cell[2] for cell in counts])
    drawn = []
    for _ in range(500):
        items = generator.integers(len(gold), size=len(gold))
        items = items[predicted[items] != "refused"]
        drawn.append(f1_score(gold[items], predicted[items], labels=["Fear", "Sad"], average="macro"))
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert float(row["macro_f1_low"]) == pytest.approx(low, abs=0.03)
    assert float(row["macro_f1_high"]) == pytest.approx(high, abs=0.03)
    assert row["n_groups"] == 69


def test_a_perfect_score_has_no_interval_for_no_resample_differs_but_a_share_has_wilsons() -> None:
    [found, _] = score_rows([sample(("Sad", "Sad", 9))], BASIC7, Resampling(100))
    row = dict(zip(SCORE_TABLE_COLUMNS, found, strict=True))
    assert row["uar"] == row["accuracy"] == 1
    assert all(math.isnan(float(row[name])) for name in ("uar_low", "uar_high"))
    # Wilson of 9 in 9: 9 / (9 + 3.84) = 0.701
    assert [row["accuracy_low"], row["accuracy_high"]] == pytest.approx([0.7009, 1], abs=1e-4)


@given(
    st.lists(
        st.tuples(st.sampled_from(SIX[:4]), st.sampled_from([*SIX, "Undecided"]), st.integers(1, 5)),
        min_size=1,
        max_size=12,
        unique_by=lambda cell: cell[:2],
    )
)
def test_scores_on_counted_cells_equal_scikit_learn_on_single_items(counts: list[tuple[str, str, int]]) -> None:
    scores = score(*counts)
    gold = np.repeat([cell[0] for cell in counts], [cell[2] for cell in counts])
    predicted = np.repeat([cell[1] for cell in counts], [cell[2] for cell in counts])
    present = sorted(set(gold))
    assert scores.accuracy_all == pytest.approx(accuracy_score(gold, predicted))
    assert scores.uar_all == pytest.approx(recall_score(gold, predicted, labels=present, average="macro"))
    used = predicted != "Undecided"
    gold, predicted = gold[used], predicted[used]
    if len(gold) and len({*gold, *predicted}) > 1:
        present = sorted(set(gold))
        assert scores.macro_f1 == pytest.approx(f1_score(gold, predicted, labels=present, average="macro"))
        assert scores.kappa == pytest.approx(cohen_kappa_score(gold, predicted))


def sample(*counts: Counts, mode: str = "classify") -> Stratum:
    """Return items that are groups of their own."""
    places = {str(emotion): place for place, emotion in enumerate(Emotion)}
    found = [places[gold] * 8 + places.get(predicted, 7) for gold, predicted, n in counts for _ in range(n)]
    return Stratum(("m", mode), count_groups(range(len(found)), found, n_cells(BASIC7)))


def score(*counts: Counts, categories: str = "seven") -> SimpleNamespace:
    """Return the row of `scores.csv` by the names of its columns."""
    rows = score_rows([sample(*counts)], BASIC7, Resampling(100))
    [row] = [row for row in rows if row[2] == categories]
    return SimpleNamespace(**dict(zip(SCORE_TABLE_COLUMNS, row, strict=True)))


def values(scores: SimpleNamespace) -> list[float]:
    """Return the scores, those over what was used first."""
    return [getattr(scores, name) for name in SCORES]
