"""The folded form of a spelling, in which all spellings of a name are equal."""

import re
import unicodedata
from collections.abc import Iterable

_NEGATIVE = re.compile(r"\s*-\d+(?:\.\d+)?\s*")


def fold_spelling(spelling: str) -> str:
    """Return the form in which all spellings of a name are equal; it is empty where nothing but separators is left."""
    return join_words(split_words(spelling))


def split_words(spelling: str, n_splits: int = -1) -> list[str]:
    """Split a spelling into words, at most `n_splits` times; the minus of a number is no separator."""
    if _NEGATIVE.fullmatch(spelling):
        return [spelling.strip()]
    return spelling.replace("_", " ").replace("-", " ").split(None, n_splits)


def join_words(words: Iterable[str]) -> str:
    """Join the words of a spelling in folded form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", " ".join(words)).casefold())
