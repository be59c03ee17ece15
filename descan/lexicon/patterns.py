"""Phrases of a lexicon as one regular expression, for what is looked for in the letters of a text."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

APOSTROPHE: Final = "['\u2018\u2019`\u00b4]"
GAP: Final = "..."
"""Stands for one to three words in a phrase."""

_ODD_CASES: Final = (("\u0130", "i"), ("\u0131", "i"), ("\u017f", "s"))
_END: Final = ""

_Tree = dict[str, "_Tree"]


def lower_case(text: str) -> str:
    """Return a text in lower case with the same length, so that offsets hold for both.

    Letters that `re.IGNORECASE` takes for an i or s become that, too.
    """
    if not text.isascii():
        for letter, plain in _ODD_CASES:
            text = text.replace(letter, plain)
    return text.lower()


def any_of(phrases: Iterable[str], apostrophe: str = f"{APOSTROPHE}?") -> str:
    """Return a pattern for any of the phrases in a text in `lower_case`; the longest one wins.

    Phrases share their beginnings, like branches of a tree, so that most places fail at the first letter.

    Args:
        phrases: Words; `GAP` stands for one to three others.
        apostrophe: Matches the apostrophe of a phrase.
    """
    tree: _Tree = {}
    for phrase in phrases:
        node = tree
        for part in _parts(phrase, apostrophe):
            node = node.setdefault(part, {})
        node[_END] = {}
    return _branches(tree)


def _parts(phrase: str, apostrophe: str) -> Iterator[str]:
    is_joined = True
    for word in lower_case(phrase).split():
        if not is_joined:
            yield r"\s+"
        is_joined = word == GAP
        if is_joined:
            yield r"(?:[\w'\u2019]+\s+){1,3}"
            continue
        yield from (apostrophe if char == "'" else re.escape(char) for char in word)


def _branches(tree: _Tree) -> str:
    branches = [part + _branches(rest) for part, rest in tree.items() if part != _END]
    if len(branches) == 1 and _END not in tree:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'?' * (_END in tree)}" if branches else ""
