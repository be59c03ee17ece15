"""Ordinary prose, which is read as it stands: found in many texts at once, by which character may follow which."""

from collections.abc import Mapping, Sequence
from string import ascii_lowercase, ascii_uppercase
from typing import Final

import numpy as np

from descan.columns import BoolArray

_LOWER, _UPPER, _SPACE, _END, _INNER, _JOINT, _OPENING, _BREAK = (1 << bit for bit in range(8))
_LETTER: Final = _LOWER | _UPPER
_BEGINNING: Final = _LETTER | _OPENING
_BEHIND_WORD: Final = _SPACE | _END | _INNER | _JOINT
_ANY: Final = 255
_BETWEEN_TEXTS: Final = "\0"

_ORDINARY: Final = (
    (ascii_lowercase, _LOWER, _LETTER | _BEHIND_WORD),
    (ascii_uppercase, _UPPER, _LOWER | _BEHIND_WORD),
    (" ", _SPACE, _BEGINNING),
    (".:;!", _END, _SPACE | _BREAK),
    (",)", _INNER, _SPACE | _END | _INNER),
    ("(", _OPENING, _LETTER),
    ("-", _JOINT, _LETTER),
    ("'", _JOINT, _LETTER | _SPACE),
    ("\n", _BREAK, _BEGINNING | _BREAK),
    (_BETWEEN_TEXTS, _ANY, _BEGINNING),
)
"""Characters, their kind, and the kinds that may follow them."""


def find_prose(texts: Sequence[str]) -> BoolArray:
    """Tell of each text whether it is ordinary prose: words of ASCII letters with single marks and spaces between them.

    Of other texts nothing is known.
    """
    row = _BETWEEN_TEXTS.join(("", *texts, "")).encode("ascii", "replace")
    kinds, followers = (np.frombuffer(row.translate(table), dtype=np.uint8) for table in (_KINDS, _FOLLOWERS))
    odd = np.flatnonzero(followers[:-1] & kinds[1:] == 0)
    ends = np.cumsum([len(text) + 1 for text in texts])
    is_prose = np.ones(len(texts), dtype=np.bool_)
    is_prose[ends.searchsorted(odd, side="right")] = False
    return is_prose


def _table(values: Mapping[str, int]) -> bytes:
    table = bytearray(256)
    for characters, value in values.items():
        for character in characters:
            table[ord(character)] = value
    return bytes(table)


_KINDS: Final = _table({characters: kind for characters, kind, _ in _ORDINARY})
_FOLLOWERS: Final = _table({characters: followers for characters, _, followers in _ORDINARY})
