"""Phrases of a lexicon as one regular expression, for what is looked for in the letters of a text."""

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final

APOSTROPHE: Final = "['\u2018\u2019`\u00b4]"
GAP: Final = "..."
"""Stands for one to three words in a phrase."""

_ODD_CASES: Final = (("\u0130", "i"), ("\u0131", "i"), ("\u017f", "s"))
_END: Final = ""
_SPACE: Final = r"\s+"
_GAP_WORDS: Final = r"(?:[\w'\u2019]+\s+){1,3}"

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

    Phrases share their beginnings, like branches of a tree, so that most places fail at the first letter. Where
    branches end alike, they share their ends, too: the pattern of ten thousand phrases is compiled in half the time.

    Args:
        phrases: Words; `GAP` stands for one to three others.
        apostrophe: Matches the apostrophe of a phrase.
    """
    tree: _Tree = {}
    words: dict[str, list[str]] = {}  # Many phrases have the same words.
    for phrase in phrases:
        node = tree
        for part in _parts(phrase, apostrophe, words):
            node = node.setdefault(part, {})
        node[_END] = {}
    # The first letters stay apart: places where no phrase begins are passed over by them.
    return _either(_branches(tree)) + "?" * (_END in tree) if tree else ""


def _parts(phrase: str, apostrophe: str, words: dict[str, list[str]]) -> Iterator[str]:
    is_joined = True
    for word in lower_case(phrase).split():
        if not is_joined:
            yield _SPACE
        is_joined = word == GAP
        if is_joined:
            yield _GAP_WORDS
            continue
        if word not in words:
            words[word] = [apostrophe if char == "'" else re.escape(char) for char in word]
        yield from words[word]


def _branches(tree: _Tree) -> list[list[str]]:
    """Return the pattern of each branch in parts, the last one first."""
    branches = []
    for part, rest in tree.items():
        if part != _END:
            branch = _pattern(rest)
            branch.append(part)
            branches.append(branch)
    return branches


def _pattern(tree: _Tree) -> list[str]:
    """Return the pattern of a tree in parts, the last one first, which other trees may have in common with it."""
    branches = _branches(tree)
    if len(branches) > 1 and all(part == _SPACE or len(part.removeprefix("\\")) <= 1 for part in tree):
        # No two branches match at one place, so their order is free.
        branches = _join_ends(branches)
    if len(branches) == 1 and _END not in tree:
        return branches[0]
    return [_either(branches) + "?" * (_END in tree)] if branches else []


def _join_ends(branches: Iterable[list[str]]) -> list[list[str]]:
    """Join branches that end alike into one, which ends with what they share."""
    alike: dict[str, list[list[str]]] = {}
    for branch in branches:
        alike.setdefault(branch[0], []).append(branch)
    joined: list[list[str]] = []
    for group in alike.values():
        if len(group) == 1:
            joined += group
            continue
        # Nothing may be left of a branch: those of "s" and "es" become "(?:|e)s".
        shared = [parts[0] for parts in takewhile(lambda parts: len(set(parts)) == 1, zip(*group, strict=False))]
        joined.append([*shared, _either([branch[len(shared) :] for branch in group])])
    return joined


def _either(branches: Iterable[list[str]]) -> str:
    return f"(?:{'|'.join(''.join(reversed(branch)) for branch in branches)})"
