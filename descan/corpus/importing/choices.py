"""Multiple choice: letters into the choices that they stand for."""

import re
from collections.abc import Mapping, Sequence
from string import ascii_uppercase

_LETTER = re.compile(r"\W*([A-Za-z])\W*")
_LAST = re.compile(r"answer\s*:\s*\W*([a-z])\W*\Z", re.IGNORECASE)
"""The last line that evaluation tools ask for."""


def letter_choices(choices: Sequence[object]) -> dict[str, str]:
    """Return the choices by their letters A, B, C, ..."""
    return {letter: str(choice) for letter, choice in zip(ascii_uppercase, choices, strict=False)}


def find_choice(reply: str, choices: Mapping[str, str]) -> str | None:
    """Return the choice whose letter is all that a reply says, or its last line after `ANSWER:`; None for another."""
    found = _LETTER.fullmatch(reply) or _LAST.search(reply)
    return choices.get(found[1].upper()) if found and choices else None
