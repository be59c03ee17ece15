"""Refusals and names, as data in whole_cases.yaml and name_cases.yaml."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from descan.extract import extract

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("whole_cases.yaml").read_text(encoding="utf-8"))
NAMED: dict[str, dict[str, list[str]]] = yaml.safe_load(
    Path(__file__).with_name("name_cases.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["text"][:40]))
def test_a_description_declines_and_names_as_a_person_reads_it(case: dict[str, Any]) -> None:
    assert set(case) <= {"text", "refused", "named"}
    extraction = extract(case["text"])
    assert extraction.refused == case.get("refused", False)
    assert extraction.named == tuple(case.get("named", ()))


@pytest.mark.parametrize(("text", "named"), [case for group in NAMED.values() for case in group.items()])
def test_a_description_names_whom_a_person_reads_in_it(text: str, named: list[str]) -> None:
    assert list(extract(text).named) == named


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("Hope and Joy are frowning.", ["frowning"]),
        ("A still from the movie Eyes Wide Shut.", []),
        ("The woman, Joy, is full of hope.", ["hope"]),
        ("Joy is sad. Joy watches the door.", ["sad"]),
        ("The scene is from Happy Days, and Grace is angry.", ["angry"]),
        ("Joy is visible on her face.", ["Joy"]),
        ("Joy and Sadness are both present.", ["Joy", "Sadness"]),
    ],
)
def test_what_stands_in_a_name_is_no_mention(text: str, mentioned: list[str]) -> None:
    assert [mention.text for mention in extract(text).mentions] == mentioned


def test_a_month_that_is_a_name_is_no_hedge() -> None:
    [smile] = extract("May smiles.").mentions
    assert not smile.hedged


def test_a_refusal_far_into_a_description_is_none() -> None:
    assert not extract("A table and two chairs. " * 40 + "I cannot help with that.").refused


def test_words_are_counted_without_punctuation() -> None:
    assert extract("**Brows:** raised, and (very) high!").n_words == 5
    assert extract("").n_words == 0
