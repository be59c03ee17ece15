"""Descriptions that decline to describe."""

import re
from functools import cached_property
from typing import Final

from descan.lexicon import Lexicon, any_of, lower_case

LEAD_CHARACTERS = 600
"""A refusal says so at its beginning, which may be long where it is polite."""
NO_SPAN = (0, 0)
_LONGEST_GAP: Final = 12
"""Letters between an opener and its verb, where words have no spaces between them."""


class RefusalFinder:
    """Finds the phrases with which a model declines; built once for a lexicon."""

    def __init__(self, lexicon: Lexicon, *, has_spaces: bool = True) -> None:
        """Take the phrases of a lexicon; they are whole words where the words of its language have spaces between."""
        self._rules = lexicon.term_rules
        self._edge = r"\b" if has_spaces else ""
        self._gap = r"\s+(?:[\w']+\s+){0,2}?" if has_spaces else rf"\w{{0,{_LONGEST_GAP}}}?"
        ends = any_of(self._rules.refusal_ends)
        self._end = re.compile(r"[.!?;\n。]" + (f"|{self._edge}{ends}{self._edge}" if ends else ""))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """All phrases in one expression; it takes a second to compile, and most descriptions do not need it."""
        rules = self._rules
        phrases, openers, verbs = map(any_of, (rules.refusals, rules.refusal_openers, rules.refusal_verbs))
        kinds = [phrases] * bool(phrases) + [f"{openers}{self._gap}{verbs}"] * bool(openers)
        return re.compile(rf"{self._edge}(?:{'|'.join(kinds)}){self._edge}" if kinds else r"(?!)")

    def find(self, text: str) -> tuple[int, int]:
        """Return from where to where the beginning of the text declines; `NO_SPAN` where it does not.

        What the refusal says up to the end of its clause is not described ("emotions such as anger or joy").
        """
        found = self._pattern.search(lower_case(text[:LEAD_CHARACTERS]))
        if found is None:
            return NO_SPAN
        end = self._end.search(lower_case(text), found.end())
        return found.start(), end.start() if end else len(text)
