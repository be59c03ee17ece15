"""Every case, by filter and page."""

import csv
import io
from collections.abc import Iterator

import pytest

from descan.lexicon import load_category_set
from descan.report.record_pairs import open_records
from descan.review.case_pages import CasePages
from tests.report.analyses import Pair
from tests.review.conftest import write_analysis

PAIRS = [
    Pair("one", "m", text="A [smile|smile] and [Happy:joy|joy].", media="one.png"),
    Pair("two", "m", "Sad", "Happy", "", "Sad", "labeling_failure", "other_label", "Tears."),
    Pair("three", "n", None, None, "unparsed", "Undecided", "unscored", text="100% [smile|smile]_"),
    Pair("four", "n", described=None, status="failed", verdict="unscored", text=""),
    Pair("=cmd|'x'!A1", "\x1b[31mred", text="<script>alert(1)</script>"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CasePages]:
    folder = write_analysis(tmp_path_factory.mktemp("cases") / "analysis", PAIRS)
    with open_records(folder, load_category_set(), label_mode="classify", seed=0) as connection:
        yield CasePages(connection, load_category_set())


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["one", "two", "three", "four", "=cmd|'x'!A1"]),
        ({"model": "m"}, ["one", "two"]),
        ({"model": "\\x1b[31mred"}, ["=cmd|'x'!A1"]),
        ({"gold": "Sad"}, ["two"]),
        ({"gold": "none"}, ["three"]),
        ({"label": "none"}, ["three"]),
        ({"described": "Undecided"}, ["three"]),
        ({"described": "none"}, ["four"]),
        ({"verdict": "labeling_failure", "detail": "other_label"}, ["two"]),
        ({"item": "four"}, ["four"]),
        ({"action": "smile"}, ["one", "three"]),
        ({"term": "joy", "model": "m"}, ["one"]),
        ({"category": "Happy"}, ["one"]),
        ({"action": "smile", "assertion": "negated"}, []),
        ({"assertion": "any"}, ["one", "three"]),
        ({"words": "TEARS"}, ["two"]),
        ({"words": "100%"}, ["three"]),
        ({"words": "_"}, ["three"]),
        ({"words": "' OR 1=1 --"}, []),
        ({"unknown": "x"}, ["one", "two", "three", "four", "=cmd|'x'!A1"]),
    ],
)
def test_filters_find_their_cases(pages: CasePages, filters: dict[str, str], expected: list[str]) -> None:
    n, cases = pages.read_page(filters, 0, 20)
    assert [case["item_id"] for case in cases] == expected
    assert n == len(expected)


def test_a_page_is_a_part_of_what_is_found(pages: CasePages) -> None:
    n, cases = pages.read_page({}, 1, 2)
    assert (n, [case["item_id"] for case in cases]) == (5, ["two", "three"])
    assert pages.read_page({}, 5, 2) == (5, [])


def test_a_case_has_its_text_and_mentions(pages: CasePages) -> None:
    _, [case] = pages.read_page({"item": "one"}, 0, 20)
    assert case["text"] == "A smile and joy."
    mentions = case["mentions"]
    assert isinstance(mentions, list)
    assert [mention[:4] for mention in mentions] == [[2, 7, "a", "smile"], [12, 15, "e", "joy"]]
    assert case["has_media"]
    assert pages.find_media(int(str(case["place"]))) == "one.png"
    assert pages.find_media(10**15) is None


def test_cases_are_saved_in_cells_that_are_safe_to_open(pages: CasePages) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(pages.write_csv({})))))
    assert [row["item_id"] for row in rows] == ["one", "two", "three", "four", "'=cmd|'x'!A1"]
    assert rows[-1]["model"] == "\\x1b[31mred"
    assert rows[-1]["text"] == "<script>alert(1)</script>"
    assert [row["item_id"] for row in csv.DictReader(io.StringIO("".join(pages.write_csv({"gold": "Sad"}))))] == ["two"]


def test_names_are_offered_by_how_often_they_are_said(pages: CasePages) -> None:
    names = pages.list_names()
    assert names["action"] == ["smile"]
    assert names["term"] == ["joy"]
