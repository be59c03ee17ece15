"""Figures of agreement, by hand."""

import json
from pathlib import Path

import pytest

from benchmarks.agreement import Hits, describe_agreement, negation_hits, pair
from benchmarks.expressions import Found, compile_expressions, find_actions
from benchmarks.texts import GoldMention, read_gold, spread
from descan.lexicon import load_lexicon


def test_a_mention_is_found_by_the_same_action_at_an_overlapping_place_and_only_once() -> None:
    golds = [GoldMention("smile", 0, 5, False), GoldMention("smile", 10, 15, True), GoldMention("smirk", 0, 5, False)]
    founds = [Found("smile", 4, 12), Found("smile", 11, 15), Found("smirk", 5, 9)]
    # The second found overlaps the second gold by 4, the first the second by 2 and the first by 1.
    assert pair(golds, founds) == [(golds[1], founds[1]), (golds[0], founds[0])]


def test_precision_recall_and_f1_are_those_of_pooled_counts() -> None:
    # 3 of 4 found are right, 3 of 6 are found, F1 = 2 * 3 / (4 + 6).
    assert str(Hits(1, 2, 4) + Hits(2, 2, 2)).split() == ["0.750", "0.500", "0.600"]
    assert str(Hits(0, 0, 0)).split() == ["–", "–", "–"]


def test_negation_is_counted_over_the_same_mentions() -> None:
    pairs = [(True, True), (True, False), (False, True), (False, False)]
    assert negation_hits(pairs) == Hits(n_right=1, n_found=2, n_gold=2)


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("Her brows are furrowed.", {"brow_lower"}),
        ("FURROWED BROWS", {"brow_lower"}),
        ("She is not smiling.", {"smile"}),
        ("Her brows can be seen. Furrowed fields lie behind.", set()),
        ("Her browser.", set()),
    ],
)
def test_expressions_find_words_and_parts_beside_motions(text: str, actions: set[str]) -> None:
    expressions = compile_expressions(load_lexicon())
    assert {found.action for found in find_actions(text, expressions)} == actions


def test_gold_mentions_stand_at_the_occurrence_that_is_named(tmp_path: Path) -> None:
    mark = {"quote": "smile", "nth": 2, "action": "smile", "negated": True}
    row = {"text": "A smile? No smile.", "actions": [mark], "emotions": [], "described": "Neutral", "second": None}
    (tmp_path / "gold.jsonl").write_text(json.dumps(row), encoding="utf-8")
    [gold] = read_gold(tmp_path / "gold.jsonl")
    assert gold.mentions == (GoldMention("smile", 12, 17, True),)


def test_missing_annotations_are_told(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    assert describe_agreement(path) == f"agreement: skipped, {path} is not here"


def test_some_texts_come_from_all_over() -> None:
    texts = tuple("abcdef")
    assert spread(texts, 3) == ["a", "c", "e"]
    assert spread(texts, 9) == list(texts)
