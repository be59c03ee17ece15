"""The cases that are asked for by name."""

from pathlib import Path

import pytest

from descan.errors import InputError
from descan.report.analysis_tables import AnalysisTables
from descan.report.case_list import find_cases
from tests.report.analyses import Pair, write_records

PAIRS = [
    Pair("a", text="A [smile|smile], [Happy:glad|glad]."),
    Pair("a", model="n\x1b", label="Sad", verdict="labeling_failure", detail="other_label"),
    Pair("b", gold="Anger", label="Sad", described="Sad", verdict="seeing_failure", text="He [brow_lower|frowns]."),
    Pair("c", gold=None, label=None, reason="off_list", verdict="unscored", text="<b>Nothing</b> & \u202eno one."),
    Pair("d", label=None, reason="refused", described=None, verdict="unscored", status="empty", text=""),
]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> AnalysisTables:
    folder = write_records(tmp_path_factory.mktemp("cases"), PAIRS)
    return AnalysisTables(folder, {}, ("m", "n\\x1b"))


def test_all_cases_come_in_the_order_of_the_verdicts_with_their_texts(tables: AnalysisTables) -> None:
    cases = find_cases(tables, {"verdict": None})
    frame = cases.frame
    assert (len(cases), frame["item_id"].tolist()) == (5, ["a", "a", "b", "c", "d"])
    assert frame["text"].tolist() == ["A smile, glad.", "A smile.", "He frowns.", "<b>Nothing</b> & \u202eno one.", ""]
    assert frame["label"].tolist() == ["Happy", "Sad", "Sad", "off_list", "refused"]
    assert frame["described"].tolist() == ["Happy", "Happy", "Sad", "Happy", "empty"]
    assert cases.mentions["text"].tolist() == ["smile", "glad", "smile", "frowns"]


@pytest.mark.parametrize(
    ("wanted", "items"),
    [
        ({"verdict": "seeing_failure"}, "b"),
        ({"verdict": ["right", "labeling_failure"]}, "aa"),
        ({"verdict": "lucky"}, ""),
        ({"gold": "Happy", "label": "Sad"}, "a"),
        ({"gold": "Fear"}, ""),
        ({"model": "n\x1b"}, "a"),
        ({"model": "n\\x1b"}, "a"),
        ({"action": "smile"}, "aa"),
        ({"action": ["smile", "brow_lower"], "model": "m"}, "ab"),
        ({"term": "glad"}, "a"),
        ({"label": "off_list"}, "c"),
        ({"item_id": ("c", "d")}, "cd"),
    ],
)
def test_cases_are_found_by_what_they_are(
    tables: AnalysisTables, wanted: dict[str, str | list[str]], items: str
) -> None:
    assert "".join(find_cases(tables, wanted).frame["item_id"]) == items


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            {"verdict": "wrong"},
            "verdict 'wrong' is unknown; use one of right, lucky, labeling_failure, seeing_failure, unscored",
        ),
        ({"model": "x"}, "model 'x' is unknown; use one of m, n\\x1b"),
        ({"action": "wink"}, "action 'wink' is asserted of no person; actions are smile, brow_lower"),
        ({"term": "angry"}, "term 'angry' is asserted of no person; terms are glad"),
        ({"gold": ["Happy", "Joy"]}, "gold 'Joy' is unknown; use one of Anger, Disgust, Fear, Happy, Neutral, Sad, "),
    ],
)
def test_a_value_that_is_not_there_is_told_with_those_that_are(
    tables: AnalysisTables, wanted: dict[str, str | list[str]], message: str
) -> None:
    with pytest.raises(InputError) as error:
        find_cases(tables, wanted)
    assert str(error.value).startswith(message)


def test_some_cases_are_drawn_the_same_for_a_seed(tables: AnalysisTables) -> None:
    cases = find_cases(tables, {})
    drawn = cases.sample(2, seed=3)
    assert drawn.frame.equals(cases.sample(2, seed=3).frame)
    assert len(drawn) == 2
    assert len(cases.sample(99)) == 5
    first = cases.head(1)
    assert first.frame["item_id"].tolist() == ["a"]
    assert first.mentions["text"].tolist() == ["smile", "glad"]


def test_a_notebook_shows_the_marked_texts_and_no_markup_of_theirs(tables: AnalysisTables) -> None:
    cases = find_cases(tables, {})
    shown = cases._repr_mimebundle_()
    html = shown["text/html"]
    assert html.count('<div class="case">') == 5
    assert '<mark class="action" title="smile; asserted; found by ' in html
    assert "&lt;b&gt;Nothing&lt;/b&gt; &amp; \\u202eno one." in html
    assert "<b>Nothing" not in html
    assert "\u202e" not in html
    assert "\x1b" not in html
    assert shown["text/plain"].startswith("5 cases\n")


def test_of_many_cases_a_notebook_shows_the_first(tmp_path: Path) -> None:
    folder = write_records(tmp_path, [Pair(f"item-{n:02}") for n in range(30)])
    html = find_cases(AnalysisTables(folder, {}, ("m",)), {})._repr_html_()
    assert "30 cases; shown are the first 20" in html
    assert html.count('<div class="case">') == 20
