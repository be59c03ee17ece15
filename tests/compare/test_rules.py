"""The verdict rule against the table of the design."""

from collections.abc import Iterator
from itertools import product

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from benchmarks.emotions import Emotion
from descan.compare.database import read_sql
from descan.emotions import VALENCE_BAND

CALL = """
    SELECT
        unscored_reason($gold, $mode, $description_reason, $label_reason) AS unscored,
        verdict_of(unscored, $gold, $label, $supports) AS verdict,
        detail_of(verdict, unscored, $label, $has_evidence, $described_sign, $gold_sign) AS detail
"""


@pytest.fixture
def rules() -> Iterator[DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET VARIABLE valence_band = ?", [VALENCE_BAND])
        connection.execute("SET VARIABLE neutral = 'Neutral'")
        connection.execute(read_sql("rules"))
        yield connection


def judge(rules: DuckDBPyConnection, **given: object) -> tuple[str, str]:
    scored: dict[str, object] = {
        "gold": "Anger",
        "mode": "classify",
        "description_reason": None,
        "label": "Anger",
        "label_reason": None,
        "supports": True,
        "has_evidence": True,
        "described_sign": -1,
        "gold_sign": -1,
    }
    [(_, verdict, detail)] = rules.execute(CALL, scored | given).fetchall()
    return verdict, detail


SCORED = [
    ({"label": "Anger", "supports": True}, "right", ""),
    ({"label": "Anger", "supports": False}, "lucky", ""),
    ({"label": "Neutral", "supports": True}, "labeling_failure", "fell_back_to_neutral"),
    ({"label": "Happy", "supports": True}, "labeling_failure", "other_label"),
    ({"label": "Happy", "supports": False, "described_sign": -1}, "seeing_failure", "near_miss"),
    ({"label": "Happy", "supports": False, "described_sign": 0}, "seeing_failure", "wrong_valence"),
    ({"label": "Happy", "supports": False, "described_sign": 1}, "seeing_failure", "wrong_valence"),
    ({"label": "Happy", "supports": False, "has_evidence": False}, "seeing_failure", "no_evidence"),
    ({"label": "Neutral", "supports": False}, "seeing_failure", "near_miss"),
]

UNSCORED = [
    ({"gold": None}, "no_gold"),
    ({"gold": None, "description_reason": "refused", "label": None, "label_reason": "unparsed"}, "no_gold"),
    ({"description_reason": "refused"}, "refused"),
    ({"description_reason": "truncated", "label": None, "label_reason": "unparsed"}, "truncated"),
    ({"label": None, "label_reason": "unparsed"}, "unparsed"),
    ({"gold": "Neutral", "mode": "classify6"}, "gold_off_list"),
    ({"gold": "Neutral", "mode": "classify6", "description_reason": "refused"}, "gold_off_list"),
]


@pytest.mark.parametrize(("given", "verdict", "detail"), SCORED)
def test_label_and_support_decide_the_verdict(
    rules: DuckDBPyConnection, given: dict[str, object], verdict: str, detail: str
) -> None:
    assert judge(rules, **given) == (verdict, detail)


@pytest.mark.parametrize(("given", "reason"), UNSCORED)
def test_the_first_reason_for_no_verdict_is_told(
    rules: DuckDBPyConnection, given: dict[str, object], reason: str
) -> None:
    assert judge(rules, **given) == ("unscored", reason)


def test_every_combination_falls_in_the_row_of_the_table_that_its_label_and_support_name(
    rules: DuckDBPyConnection,
) -> None:
    names = {(True, True): "right", (True, False): "lucky", (False, True): "labeling_failure"}
    for gold, label, supports in product(Emotion, Emotion, (True, False)):
        verdict, _ = judge(rules, gold=str(gold), label=str(label), supports=supports)
        assert verdict == names.get((gold == label, supports), "seeing_failure")


@pytest.mark.parametrize(
    ("valence", "sign"),
    [(-1.0, -1), (-0.2, -1), (-0.1999, 0), (-0.0, 0), (0.0, 0), (0.1, 0), (0.1999, 0), (0.2, 1), (0.21, 1), (1.0, 1)],
)
def test_valence_within_the_band_is_neither_pleasant_nor_unpleasant(
    rules: DuckDBPyConnection, valence: float, sign: int
) -> None:
    assert rules.execute("SELECT valence_sign(?)", [valence]).fetchall() == [(sign,)]


@pytest.mark.parametrize(
    ("actions", "terms", "evidence"),
    [
        ("Sad", "Sad", "both"),
        ("Sad", "Fear", "actions"),
        ("Undecided", "Sad", "terms"),
        ("Undecided", "Undecided", "none"),
        (None, None, "none"),
    ],
)
def test_evidence_names_what_supports_gold_by_itself(
    rules: DuckDBPyConnection, actions: str | None, terms: str | None, evidence: str
) -> None:
    assert rules.execute("SELECT evidence_of('Sad', ?, ?)", [actions, terms]).fetchall() == [(evidence,)]
