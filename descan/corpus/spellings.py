"""Spellings of categories: the only place that decides which words name a category.

Case, spaces, `-`, `_` and Unicode form make no difference to a spelling.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from descan.emotions import Emotion
from descan.errors import InputError, quote


def fold_spelling(spelling: str) -> str:
    """Return the form in which all spellings of a name are equal; it is empty where nothing but separators is left."""
    return join_words(split_words(spelling))


def split_words(spelling: str, n_splits: int = -1) -> list[str]:
    """Split a spelling into words, at most `n_splits` times."""
    return spelling.replace("_", " ").replace("-", " ").split(None, n_splits)


def join_words(words: Iterable[str]) -> str:
    """Join the words of a spelling in folded form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", " ".join(words)).casefold())


_CATEGORIES = {fold_spelling(emotion): emotion.value for emotion in Emotion}


def find_category(spelling: str) -> str | None:
    """Return the category with this name, or None."""
    return _CATEGORIES.get(fold_spelling(spelling))


def fold_aliases(aliases: Mapping[str, str]) -> dict[str, str]:
    """Return the category of each alias by its folded spelling.

    Args:
        aliases: Spelling -> category.

    Raises:
        ValueError: If an alias has no letter, names another category, or equals another alias with another category.
    """
    spellings: dict[str, str] = {}
    folded: dict[str, str] = {}
    for alias, category in aliases.items():
        name = fold_spelling(alias)
        if not name:
            raise ValueError(f"alias {quote(alias)} has no letter; use a word")
        own = _CATEGORIES.get(name)
        if own not in (None, category):
            raise ValueError(f"alias {quote(alias)} is a category itself; give it {own} or drop it")
        if folded.setdefault(name, category) != category:
            found = f"aliases {quote(spellings[name])} and {quote(alias)} differ only in case, '-', '_' or Unicode form"
            raise ValueError(f"{found}, but mean {folded[name]} and {category}; give them one category")
        spellings.setdefault(name, alias)
    return folded


def parse_gold(
    cells: Mapping[str, object], column: str, folded_aliases: Mapping[str, str], path: Path, line: int
) -> str | None:
    """Return the category that a gold cell names, or None where the cell is empty.

    `folded_aliases` are other spellings, as `fold_aliases` returns them; path and line are for the error message.

    Raises:
        InputError: If the cell names no category.
    """
    value = cells.get(column)
    if value is None:
        return None
    category, problem = None, "is not a string"
    if isinstance(value, str):
        if not value.strip():
            return None
        name, problem = fold_spelling(value), "is unknown"
        category = _CATEGORIES.get(name) or folded_aliases.get(name)
    if category is None:
        label = ", a label of corpus.toml" if folded_aliases else ""
        allowed = f"use one of {', '.join(Emotion)}{label}, or leave it empty"
        raise InputError(path, f"{column} {quote(value)} {problem}; {allowed}", line)
    return category
