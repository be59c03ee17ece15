"""Descriptions that decline to describe."""

import re
from collections.abc import Iterable

from descan.lexicon import Lexicon

LEAD_CHARACTERS = 600
"""A refusal says so at its beginning, which may be long where it is polite."""
NO_SPAN = (0, 0)


class RefusalFinder:
    """Finds the phrases with which a model declines; built once for a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Compile the phrases into one expression."""
        rules = lexicon.term_rules
        phrases, openers, verbs = map(_any_of, (rules.refusals, rules.refusal_openers, rules.refusal_verbs))
        self._end = re.compile(rf"[.!?;\n]|\b{_any_of(rules.refusal_ends)}\b", re.IGNORECASE)
        self._pattern = re.compile(rf"\b(?:{phrases}|{openers}\s+(?:[\w']+\s+){{0,2}}?{verbs})\b", re.IGNORECASE)

    def find(self, text: str) -> tuple[int, int]:
        """Return from where to where the beginning of the text declines; `NO_SPAN` where it does not.

        What the refusal says up to the end of its clause is not described ("emotions such as anger or joy").
        """
        found = self._pattern.search(text[:LEAD_CHARACTERS])
        if found is None:
            return NO_SPAN
        end = self._end.search(text, found.end())
        return found.start(), end.start() if end else len(text)


def _any_of(phrases: Iterable[str]) -> str:
    """Return an expression for any of the phrases, the longest first, that tries common beginnings once."""
    followers: dict[str, list[str]] = {}
    for phrase in phrases:
        word, _, rest = phrase.partition(" ")
        followers.setdefault(word, []).append(rest)
    choices = []
    for word, rests in sorted(followers.items(), key=lambda item: -len(item[0])):
        longer = [rest for rest in rests if rest]
        ending = rf"\ {_any_of(longer)}" if longer else ""
        choices.append(re.escape(word) + (f"(?:{ending})?" if longer and "" in rests else ending))
    return f"(?:{'|'.join(choices)})"
