"""What people read in the place of what descan reads."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from descan.compare import CompareOptions
from descan.compare.overriding import check_readings_override
from descan.corpus import CategoryNames
from descan.corpus.readings import load_readings
from descan.errors import OptionError
from descan.lexicon import load_category_set

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis


def people(tmp_path: Path, *rows: str) -> CompareOptions:
    path = tmp_path / "people.csv"
    path.write_text("\n".join(["item_id,model,reader,described", *rows]), encoding="utf-8")
    return CompareOptions(n_resamples=200, human_readings=(path,), override=True)


def test_what_people_read_counts_and_descan_is_checked_by_its_own_readings(
    analysis: "Analysis", tmp_path: Path
) -> None:
    for item in "abcd":
        analysis.item(item, "Sad")
        analysis.describe(item, "Fear")
        analysis.label(item, "Sad")
    options = people(tmp_path, "a,m,anna,Sad", "b,m,anna,refusal", "c,m,anna,cannot tell")
    analysis.compare(options)
    verdicts = {row["item_id"]: (row["verdict"], row["detail"]) for row in analysis.verdicts()}
    assert verdicts == {"a": ("right", ""), "b": ("unscored", "refused"), "c": ("lucky", ""), "d": ("lucky", "")}
    readings = {row["item_id"]: row for row in pq.read_table(tmp_path / "readings.parquet").to_pylist()}
    assert {item: row["read_by"] for item, row in readings.items()} == {
        "a": "people", "b": "people", "c": "descan", "d": "descan",
    }  # fmt: skip
    assert (readings["a"]["described"], readings["a"]["score_sad"], readings["a"]["score_fear"]) == ("Sad", 1, 0)
    own = pq.read_table(tmp_path / "descan_readings.parquet").to_pylist()
    assert {row["described"] for row in own} == {"Fear"}
    assert "read_by" not in own[0]
    of_descan = pq.read_table(tmp_path / "descan_verdicts.parquet").to_pylist()
    assert {row["verdict"] for row in of_descan} == {"lucky"}
    [agreement] = analysis.table("readers", model="")
    assert (agreement["reader_b"], agreement["n"], agreement["agreement"]) == ("descan", "1", "0.0")
    raw = {row["verdict"]: row["share"] for row in analysis.table("verdicts_readers", gold="all", method="raw")}
    assert raw == {"right": "0.0", "lucky": "1.0", "labeling_failure": "0.0", "seeing_failure": "0.0"}


def test_of_several_people_most_count_and_their_shares_are_the_scores(analysis: "Analysis", tmp_path: Path) -> None:
    for item in "ab":
        analysis.item(item, "Sad")
        analysis.describe(item, "Happy", valence=1.0)
        analysis.label(item, "Fear")
    readers = ("anna,Sad", "ben,Sad", "cem,Fear", "dora,refusal")
    rows = [*(f"a,m,{one}" for one in readers), "b,m,anna,Sad", "b,m,ben,Fear"]
    analysis.compare(people(tmp_path, *rows))
    first, second = pq.read_table(tmp_path / "readings.parquet").to_pylist()
    assert (first["described"], first["score_sad"], first["score_fear"]) == ("Sad", pytest.approx(2 / 3), 1 / 3)
    assert first["valence"] < 0
    assert (second["described"], second["score_sad"], second["score_happy"]) == ("Undecided", 0.5, 0)
    assert [row["verdict"] for row in analysis.verdicts()] == ["labeling_failure", "seeing_failure"]
    # By the lenient rule half of the readings are enough.
    [row] = analysis.table("verdicts_lenient", gold="all", verdict="labeling_failure")
    assert row["n_items"] == "2"


def test_people_read_what_descan_cannot(analysis: "Analysis", tmp_path: Path) -> None:
    for item in "ab":
        analysis.item(item, "Sad")
        analysis.label(item, "Sad")
    analysis.describe("a", "Undecided", refused=True)
    analysis.describe("b", "Undecided")
    analysis.compare(people(tmp_path, "a,m,anna,Sad", "b,m,anna,Sad"))
    assert [(row["described"], row["verdict"]) for row in analysis.verdicts()] == [("Sad", "right")] * 2


def test_without_readings_of_people_there_is_nothing_to_put_in_place() -> None:
    with pytest.raises(OptionError, match="override needs what people read"):
        CompareOptions(override=True)


@pytest.mark.parametrize("row", ["a,m,gpt,judge,Sad", "a,m,anna,person,cannot tell"])
def test_judges_and_those_who_cannot_tell_put_nothing_in_place(tmp_path: Path, row: str) -> None:
    path = tmp_path / "readings.csv"
    path.write_text(f"item_id,model,reader,kind,described\n{row}\n", encoding="utf-8")
    readings = load_readings([path], CategoryNames(load_category_set(), {}))
    with pytest.raises(OptionError, match="override needs what people read; the files have judges alone"):
        check_readings_override(readings)
