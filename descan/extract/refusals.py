"""Descriptions that decline to describe."""

import re

from descan.lexicon import Lexicon

LEAD_CHARACTERS = 400
"""A refusal says so at its beginning."""


class RefusalFinder:
    """Finds the phrases with which a model declines; built once for a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Compile the phrases into one expression."""
        phrases = "|".join(re.escape(phrase) for phrase in lexicon.term_rules.refusals)
        self._pattern = re.compile(rf"\b(?:{phrases})\b", re.IGNORECASE)

    def declines(self, text: str) -> bool:
        """Tell whether the beginning of the text declines."""
        return self._pattern.search(text[:LEAD_CHARACTERS]) is not None
