from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.emotions import Emotion
from descan.collect.sources.sampling import draw_sample
from descan.collect.sources.source_items import SourceItem
from descan.lexicon import load_category_set

BASIC7 = load_category_set()

ITEMS = [SourceItem(f"{gold}/{n}", Path("x.png"), gold=gold) for gold in Emotion for n in range(20)]


def ids(items: list[SourceItem], *, limit: int | None, per_class: bool, seed: int = 0) -> list[str]:
    return [item.item_id for item in draw_sample(items, BASIC7, limit=limit, per_class=per_class, seed=seed).items]


def test_a_balanced_sample_has_as_many_items_of_each_class() -> None:
    sample = draw_sample(ITEMS, BASIC7, limit=5, per_class=True, seed=1)
    assert Counter(item.gold for item in sample.items) == dict.fromkeys(Emotion, 5)
    assert sample.short == {}


@given(st.permutations(range(len(ITEMS))), st.booleans())
def test_the_sample_does_not_depend_on_the_order_of_the_items(order: list[int], per_class: bool) -> None:
    shuffled = [ITEMS[n] for n in order]
    drawn = ids(shuffled, limit=3, per_class=per_class)
    assert set(drawn) == set(ids(ITEMS, limit=3, per_class=per_class))
    assert drawn == [item.item_id for item in shuffled if item.item_id in set(drawn)]


@given(st.integers(1, 25), st.integers(1, 25), st.booleans())
def test_a_larger_limit_draws_the_same_items_and_more(first: int, second: int, per_class: bool) -> None:
    few, many = sorted((first, second))
    assert set(ids(ITEMS, limit=few, per_class=per_class)) <= set(ids(ITEMS, limit=many, per_class=per_class))


def test_the_seed_decides_and_is_repeatable() -> None:
    assert ids(ITEMS, limit=10, per_class=False, seed=1) == ids(ITEMS, limit=10, per_class=False, seed=1)
    assert ids(ITEMS, limit=10, per_class=False, seed=1) != ids(ITEMS, limit=10, per_class=False, seed=2)


def test_what_is_short_is_said() -> None:
    items = [*ITEMS[:3], *ITEMS[20:30], SourceItem("unknown", Path("x.png"))]
    sample = draw_sample(items, BASIC7, limit=4, per_class=True, seed=0)
    assert Counter(item.gold for item in sample.items) == {"Anger": 3, "Disgust": 4}
    assert sample.short == {"Anger": 1, "Fear": 4, "Happy": 4, "Neutral": 4, "Sad": 4, "Surprise": 4}
    assert sample.n_without_gold == 1


def test_no_limit_takes_everything() -> None:
    assert draw_sample(ITEMS, BASIC7, limit=None, per_class=False, seed=0).items == tuple(ITEMS)
    assert draw_sample(ITEMS, BASIC7, limit=1000, per_class=False, seed=0).items == tuple(ITEMS)
    assert draw_sample([], BASIC7, limit=None, per_class=True, seed=0).items == ()


def test_every_item_is_drawn_equally_often() -> None:
    drawn = Counter(item_id for seed in range(700) for item_id in ids(ITEMS, limit=14, per_class=False, seed=seed))
    # 700 seeds x 14 of 140 items: 70 times each, with a standard deviation of about 8.
    assert len(drawn) == 140
    assert 70 - 40 < min(drawn.values()) <= max(drawn.values()) < 70 + 40


def test_a_limit_below_one_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="limit is 0; use 1 or more"):
        draw_sample(ITEMS, BASIC7, limit=0, per_class=False, seed=0)
