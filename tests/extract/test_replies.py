"""Descriptions in the forms of replies, as data in reply_cases.yaml."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from descan.extract import extract
from descan.records import Mention

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("reply_cases.yaml").read_text(encoding="utf-8"))

CHECKS = {
    "asserted": lambda found: any(not mention.negated for mention in found),
    "negated": lambda found: bool(found) and all(mention.negated for mention in found),
    "hedged": lambda found: any(mention.hedged and not mention.negated for mention in found),
    "not_asserted": lambda found: all(mention.negated for mention in found),
    "absent": lambda found: not found,
    "plain": lambda found: bool(found) and not any(mention.negated or mention.hedged for mention in found),
    "scene": lambda found: bool(found) and all(mention.target == "scene" for mention in found),
    "person": lambda found: bool(found) and all(mention.target == "person" for mention in found),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["text"][:50]))
def test_a_reply_says_of_the_face_what_a_person_reads_in_it(case: dict[str, Any]) -> None:
    mentions = extract(case["text"]).mentions
    wrong = [
        (name, kind)
        for kind in sorted(case.keys() - {"text"})
        for name in case[kind]
        if not CHECKS[kind](_mentions_of(mentions, name))
    ]
    assert wrong == []


def _mentions_of(mentions: tuple[Mention, ...], name: str) -> list[Mention]:
    return [mention for mention in mentions if name in (mention.action, mention.term)]
