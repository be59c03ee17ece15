"""How wide intervals are said to be while people read."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from descan.lexicon import load_category_set
from descan.report.record_pairs import open_records
from descan.review.progress import TARGET, ProgressMeter
from descan.review.readings_file import Reading
from tests.report.analyses import Pair
from tests.review.conftest import make_pairs, write_analysis


def _meter(folder: Path, pairs: Iterable[Pair]) -> ProgressMeter:
    write_analysis(folder, pairs)
    categories = load_category_set()
    with open_records(folder, categories, label_mode="classify", seed=0) as connection:
        return ProgressMeter(connection, categories, 0.95)


def _read(pairs: Iterable[Pair]) -> list[Reading]:
    """Return readings that say what descan says."""
    return [
        Reading(item_id=pair.item_id, model=pair.model, reader="anna", described=str(pair.described)) for pair in pairs
    ]


def test_intervals_narrow_with_readings_down_to_what_the_items_allow(tmp_path: Path) -> None:
    pairs = make_pairs(140)
    meter = _meter(tmp_path, pairs)
    found = [meter.measure(_read([*pairs[:n], *pairs[140 : 140 + n]])) for n in (20, 60, 140)]
    widths = [one.half_width for one in found if one is not None and one.half_width is not None]
    assert len(widths) == 3
    assert sorted(widths, reverse=True) == widths
    last = found[-1]
    assert last is not None
    assert last.least_half_width == pytest.approx(widths[-1])
    # 140 items leave about 1.96 * sqrt(0.25 * 0.75 / 140), more than 3 points.
    assert 0.06 < widths[-1] < 0.085
    assert TARGET == 0.03
    assert last.n_more is None


def test_with_many_items_it_says_how_many_more_readings_are_needed(tmp_path: Path) -> None:
    pairs = make_pairs(4_000, models=("a",))
    found = _meter(tmp_path, pairs).measure(_read(pairs[:100]))
    assert found is not None
    assert found.n_more is not None
    assert found.least_half_width is not None
    assert found.least_half_width < TARGET
    assert 0 <= found.n_more <= 3_900


def test_before_ten_groups_are_read_there_is_no_interval(tmp_path: Path) -> None:
    pairs = make_pairs(40, models=("a",))
    meter = _meter(tmp_path, pairs)
    for readings in ([], _read(pairs[:9])):
        found = meter.measure(readings)
        assert found is not None
        assert (found.half_width, found.n_more, found.n_models_left_out) == (None, None, 0)


def test_a_model_with_too_few_items_holds_no_other_up(tmp_path: Path) -> None:
    pairs = [*make_pairs(60, models=("a",)), *make_pairs(4, models=("small",))]
    found = _meter(tmp_path, pairs).measure(_read(pairs))
    assert found is not None
    assert found.half_width is not None
    assert found.n_models_left_out == 1


def test_what_says_nothing_and_what_judges_say_counts_for_nothing(tmp_path: Path) -> None:
    pairs = make_pairs(40, models=("a",))
    meter = _meter(tmp_path, pairs)
    readings = _read(pairs)
    for change in ({"described": "refusal"}, {"described": ""}, {"kind": "judge"}):
        found = meter.measure([reading.model_copy(update=change) for reading in readings])
        assert found is not None
        assert found.half_width is None


def test_without_scored_pairs_there_is_nothing_to_measure(tmp_path: Path) -> None:
    pairs = [replace(pair, verdict="unscored", gold=None) for pair in make_pairs(12, models=("a",))]
    assert _meter(tmp_path, pairs).measure(_read(pairs)) is None
