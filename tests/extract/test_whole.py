"""Refusals and names, as data in whole_cases.yaml."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from descan.extract import extract

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("whole_cases.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["text"][:40]))
def test_a_description_declines_and_names_as_a_person_reads_it(case: dict[str, Any]) -> None:
    assert set(case) <= {"text", "refused", "named"}
    extraction = extract(case["text"])
    assert extraction.refused == case.get("refused", False)
    assert extraction.named == tuple(case.get("named", ()))


def test_a_refusal_far_into_a_description_is_none() -> None:
    assert not extract("A table and two chairs. " * 40 + "I cannot help with that.").refused


def test_words_are_counted_without_punctuation() -> None:
    assert extract("**Brows:** raised, and (very) high!").n_words == 5
    assert extract("").n_words == 0
