"""Which descriptions people are asked to read."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

from descan.lexicon import load_category_set
from descan.report.record_pairs import open_records
from descan.review.sampling import Description, draw_descriptions
from tests.report.analyses import Pair
from tests.review.conftest import CATEGORIES, make_pairs, write_analysis


def _draw(folder: Path, pairs: list[Pair], n: int, seed: int = 0, *, is_weighted: bool = False) -> list[Description]:
    write_analysis(folder, pairs)
    with open_records(folder, load_category_set(), label_mode="classify", seed=seed) as connection:
        return draw_descriptions(connection, n, is_weighted=is_weighted)


def test_models_and_verdicts_each_have_their_part_and_no_text_comes_twice(tmp_path: Path) -> None:
    pairs = make_pairs(280)
    drawn = _draw(tmp_path, pairs, 112)
    assert len({one.key for one in drawn}) == 112
    assert Counter(one.model for one in drawn) == {"a": 56, "b": 56}
    by_item = {(pair.item_id, pair.model): pair for pair in pairs}
    verdicts = Counter(by_item[one.item_id, one.model].verdict for one in drawn)
    assert min(verdicts.values()) >= 112 / 4 - 2  # 70 of each verdict a model, and the same doubt about all.
    golds = Counter(by_item[one.item_id, one.model].gold for one in drawn)
    assert set(golds) == set(CATEGORIES)
    assert max(golds.values()) - min(golds.values()) <= 8
    assert {one.text for one in drawn} <= {f"Text {n} of {model}: a smile." for model in "ab" for n in range(280)}


def test_a_small_sample_is_the_beginning_of_a_larger_one_and_a_seed_changes_it(tmp_path: Path) -> None:
    pairs = make_pairs(60)
    whole = _draw(tmp_path, pairs, 100)
    assert _draw(tmp_path, pairs, 30) == whole[:30]
    assert _draw(tmp_path, pairs, 30, seed=1) != whole[:30]


def test_a_rare_verdict_has_its_part_and_in_a_weighted_sample_more(tmp_path: Path) -> None:
    common = [Pair(f"c{n}", verdict="right") for n in range(190)]
    rare = [Pair(f"r{n}", verdict="lucky", described="Sad") for n in range(10)]
    n_rare = [
        sum(one.item_id.startswith("r") for one in _draw(tmp_path, [*common, *rare], 40, is_weighted=is_weighted))
        for is_weighted in (False, True)
    ]
    assert n_rare[0] == 2
    assert n_rare[1] >= 6


def test_all_are_drawn_when_there_are_no_more(tmp_path: Path) -> None:
    assert len(_draw(tmp_path, make_pairs(20), 500)) == 40


def test_without_labels_the_sample_is_of_all_that_was_read(tmp_path: Path) -> None:
    unknown = Pair("", gold=None, label=None, verdict="unscored", is_classified=False)
    pairs = [replace(unknown, item_id=f"i{n}", described=("Sad", "Undecided")[n % 2]) for n in range(30)]
    drawn = _draw(tmp_path, pairs, 10)
    assert len(drawn) == 10
    assert {int(one.item_id[1:]) % 2 for one in drawn} == {0, 1}


def test_refusals_and_failed_answers_are_not_drawn(tmp_path: Path) -> None:
    pairs = [Pair("good"), Pair("failed", status="failed", described=None, verdict="unscored")]
    assert [one.item_id for one in _draw(tmp_path, pairs, 10)] == ["good"]


def test_each_repeat_is_a_description_of_its_own(tmp_path: Path) -> None:
    pairs = [Pair("i", repeat=repeat, text=f"Text {repeat}.") for repeat in range(3)]
    assert sorted(one.repeat for one in _draw(tmp_path, pairs, 10)) == [0, 1, 2]
