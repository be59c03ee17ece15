"""What is refused, and in which words."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from descan.compare import CompareOptions, compare
from descan.errors import InputError
from descan.records import Mode

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"label_mode": Mode.DESCRIBE},
            "label mode 'describe' gives no label; use one of classify, classify6, two_stage",
        ),
        ({"support": "kind"}, "support 'kind' is unknown; use one of strict, lenient"),
        (
            {"lenient_threshold": 0},
            "lenient threshold 0 is not allowed; use a number above 0, at most 1",
        ),
        (
            {"lenient_threshold": float("nan")},
            "lenient threshold nan is not allowed; use a number above 0, at most 1",
        ),
        ({"confidence": 1.0}, "confidence 1 is not allowed; use a number between 0 and 1"),
        ({"confidence": float("nan")}, "confidence nan is not allowed; use a number between 0 and 1"),
        ({"n_resamples": 99}, "99 resamples are not allowed; use 100 to 100000"),
        ({"n_resamples": 10**9}, "1000000000 resamples are not allowed; use 100 to 100000"),
        ({"seed": -1}, "seed -1 is not allowed; use 0 or more"),
        ({"threads": 0}, "0 threads are not allowed; use 1 or more"),
        ({"memory_gb": 0}, "0 GB of memory are not allowed; use more than 0"),
    ],
)
def test_an_option_that_is_not_allowed_says_what_is(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        CompareOptions(**given)
    assert str(caught.value) == message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        compare(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'items.parquet'}: there is no such file; `descan analyze` writes it"


def test_a_missing_column_is_named(analysis: "Analysis") -> None:
    analysis.write()
    path = analysis.folder / "labels.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["reason"]), path)
    with pytest.raises(InputError) as caught:
        compare(analysis.folder)
    assert str(caught.value) == f"{path}: column reason is missing; found item_id, model, mode, repeat, label"


def test_a_file_that_is_not_parquet_is_named(analysis: "Analysis") -> None:
    analysis.write()
    path = analysis.folder / "labels.parquet"
    path.write_text("item_id,label\n")
    with pytest.raises(InputError) as caught:
        compare(analysis.folder)
    assert str(caught.value) == f"{path}: this is not a Parquet file; `descan analyze` writes it"


def test_a_gold_outside_the_seven_is_named_with_its_row(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.item("b", "Joy")
    with pytest.raises(InputError) as caught:
        analysis.compare()
    assert str(caught.value) == (
        f"{analysis.folder / 'items.parquet'}:2: gold 'Joy' is unknown; "
        "use one of Anger, Disgust, Fear, Happy, Neutral, Sad, Surprise, or null"
    )


def test_a_folder_may_have_a_name_with_wildcards_and_quotes(analysis: "Analysis") -> None:
    analysis.folder = analysis.folder / "out [1] * it's"
    analysis.folder.mkdir()
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad")
    analysis.compare()
    assert len(analysis.verdicts()) == 1
