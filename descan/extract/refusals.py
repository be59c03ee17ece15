"""Descriptions that decline to describe."""

import re
from collections.abc import Sequence

from descan.lexicon import Lexicon

LEAD_CHARACTERS = 600
"""A refusal says so at its beginning, which may be long where it is polite."""


class RefusalFinder:
    """Finds the phrases with which a model declines; built once for a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Compile the phrases into one expression."""
        rules = lexicon.term_rules
        phrases, openers, verbs = map(_any_of, (rules.refusals, rules.refusal_openers, rules.refusal_verbs))
        self._pattern = re.compile(rf"\b(?:{phrases}|{openers}\s+(?:[\w']+\s+){{0,2}}?{verbs})\b", re.IGNORECASE)

    def declines(self, text: str) -> bool:
        """Tell whether the beginning of the text declines."""
        return self._pattern.search(text[:LEAD_CHARACTERS]) is not None


def _any_of(phrases: Sequence[str]) -> str:
    return f"(?:{'|'.join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))})"
