"""Face actions by plain regular expressions: what a user writes in an afternoon who has the lexicon's words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from descan.lexicon import Lexicon

MAX_GAP = 2
"""Words that may stand between the part of the face and what it does: of 0 to 6 the number that fits the gold best."""

_SEPARATOR = r"[^\w.;:!?]+"


class Found(NamedTuple):
    """An action that an expression found, with its character offsets."""

    action: str
    start: int
    end: int


def compile_expressions(lexicon: Lexicon, max_gap: int = MAX_GAP) -> Mapping[str, re.Pattern[str]]:
    """Make an expression for each action.

    It takes the action's own words, and each part of the face beside a motion that makes the action with it, in
    either order, with few words between them and no end of a clause. It is for texts in lower case, which Python
    searches four times as fast as it ignores case.
    """
    gap = rf"(?:{_SEPARATOR}\w+){{0,{max_gap}}}?{_SEPARATOR}"
    expressions = {}
    for action, entry in lexicon.actions.actions.items():
        options = [_any_of(entry.words)] if entry.words else []
        for part, motions in entry.frames.items():
            parts = _any_of(lexicon.actions.parts[part])
            does = _any_of(word for motion in motions for word in lexicon.actions.motions[motion])
            options += [rf"{parts}{gap}{does}", rf"{does}{gap}{parts}"]
        expressions[action] = re.compile(rf"\b(?:{'|'.join(options)})\b")
    return expressions


def find_actions(text: str, expressions: Mapping[str, re.Pattern[str]]) -> Iterator[Found]:
    """Find the actions that a text mentions, whether it affirms or negates them."""
    in_lower_case = text.lower()
    for action, expression in expressions.items():
        for match in expression.finditer(in_lower_case):
            yield Found(action, match.start(), match.end())


def _any_of(phrases: Iterable[str]) -> str:
    """Return an expression for any of the phrases, the longest first, so that none hides one that goes on."""
    by_length = sorted({phrase.lower() for phrase in phrases}, key=lambda phrase: (-len(phrase), phrase))
    return rf"\b(?:{'|'.join(map(re.escape, by_length))})\b"
