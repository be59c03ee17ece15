"""What is refused, and in which words."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from descan.compare import CompareOptions, compare
from descan.compare.compare_options import MAX_CONFIDENCE, MIN_CONFIDENCE
from descan.errors import InputError
from descan.records import Mode

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"label_mode": Mode.DESCRIBE},
            "label_mode must be one of classify, classify6, two_stage, decide, not 'describe'",
        ),
        ({"support": "kind"}, "support must be one of strict, lenient, not 'kind'"),
        (
            {"lenient_threshold": 0},
            "lenient_threshold must be above 0 and at most 1, not 0",
        ),
        (
            {"lenient_threshold": float("nan")},
            "lenient_threshold must be above 0 and at most 1, not nan",
        ),
        ({"confidence": 1.0}, "confidence must be 0.01 to 0.9999, not 1.0"),
        ({"confidence": float("nan")}, "confidence must be 0.01 to 0.9999, not nan"),
        ({"confidence": 0.9999999999999999}, "confidence must be 0.01 to 0.9999, not 0.9999999999999999"),
        ({"confidence": 1e-300}, "confidence must be 0.01 to 0.9999, not 1e-300"),
        ({"n_resamples": 99}, "n_resamples must be 100 to 100000, not 99"),
        ({"n_resamples": 10**9}, "n_resamples must be 100 to 100000, not 1000000000"),
        ({"seed": -1}, "seed must be 0 or more, not -1"),
        ({"threads": 0}, "threads must be 1 or more, not 0"),
        ({"memory_gb": 0}, "memory_gb must be more than 0, not 0"),
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


@pytest.mark.parametrize("confidence", [MIN_CONFIDENCE, MAX_CONFIDENCE])
def test_the_outermost_confidences_give_intervals_without_a_warning(analysis: "Analysis", confidence: float) -> None:
    analysis.write()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare(analysis.folder, CompareOptions(confidence=confidence, n_resamples=100))
