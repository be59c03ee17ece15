"""Records in parts, as the workers of a cluster write them."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from benchmarks.emotions import Emotion
from descan.compare import CompareOptions, compare
from descan.errors import InputError
from tests.record_parts import split_record

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

RECORDS = ("items", "answers", "mentions", "readings", "labels")
OPTIONS = CompareOptions(n_resamples=200)


@pytest.mark.slow
@pytest.mark.parametrize("n_rows", [1, 7, 1000])
def test_parts_of_any_size_give_the_same_bytes_as_whole_files(analysis: "Analysis", n_rows: int) -> None:
    fill(analysis)
    analysis.compare(OPTIONS)
    whole = written(analysis.folder)
    for name in RECORDS:
        split_record(analysis.folder / f"{name}.parquet", n_rows)
    compare(analysis.folder, OPTIONS)
    assert written(analysis.folder) == whole


def test_a_gold_outside_the_seven_is_named_with_its_part_and_row(analysis: "Analysis") -> None:
    for item_id, gold in zip("abcde", ["Sad", None, "Sad", "Joy", "Joy"], strict=True):
        analysis.item(item_id, gold)
    analysis.write()
    path = analysis.folder / "items.parquet"
    split_record(path, 2)
    with pytest.raises(InputError, match="gold 'Joy' is unknown") as caught:
        compare(analysis.folder)
    assert (caught.value.path, caught.value.line) == (path / "part-000001.parquet", 2)


def test_a_column_that_one_part_lacks_is_named(analysis: "Analysis") -> None:
    fill(analysis)
    analysis.write()
    path = analysis.folder / "labels.parquet"
    split_record(path, 7)
    part = path / "part-000002.parquet"
    pq.write_table(pq.read_table(part).drop_columns(["reason"]), part)
    with pytest.raises(InputError) as caught:
        compare(analysis.folder)
    assert str(caught.value) == f"{part}: column reason is missing; found item_id, model, mode, repeat, label"


def fill(analysis: "Analysis") -> None:
    """Describe and label 40 items by two models, in an order that is not that of their names; some in groups."""
    emotions = list(Emotion)
    for number in range(40):
        item_id = f"i{number * 7 % 40:02}"
        gold = emotions[number % 7]
        if number % 11:
            analysis.item(item_id, gold, None if number % 3 else f"g{number % 4}")
        for place, model in enumerate(("a", "b")):
            guess = emotions[(number + place * (number % 2)) % 7]
            analysis.describe(item_id, guess, model=model)
            analysis.mention(item_id, "action", f"action {number % 5}", model=model, negated=number % 4 == 0)
            analysis.mention(item_id, "emotion", f"term {number % 6}", model=model, category=guess)
            analysis.label(item_id, emotions[number * 3 % 7] if number % 5 else None, "unparsed", model=model)


def written(folder: Path) -> dict[str, bytes]:
    """Return what `compare` wrote."""
    paths = [folder / "verdicts.parquet", *(folder / "tables").iterdir()]
    return {path.name: path.read_bytes() for path in paths}
