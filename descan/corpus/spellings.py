"""Spellings of categories: the only place that decides which words name a category.

A word names a category if it is the name itself, an alias of the corpus, or one of `lexicons/category_words.yaml`, in
this order. Case, spaces, `-`, `_` and Unicode form make no difference to a spelling.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from descan.emotions import Emotion
from descan.errors import InputError, quote
from descan.lexicon import CONTEMPT, load_category_words


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
_NO_ALIASES: Mapping[str, str] = {}
_WHOLE = re.compile(r"(-?\d+)\.0+")


def find_category(spelling: str, folded_aliases: Mapping[str, str] = _NO_ALIASES) -> str | None:
    """Return the category that a word names, or None.

    Args:
        spelling: The word.
        folded_aliases: Further spellings, as `fold_aliases` returns them.
    """
    name = fold_spelling(spelling)
    return _CATEGORIES.get(name) or folded_aliases.get(name) or load_common_words().get(name)


def names_contempt(spelling: str) -> bool:
    """Return whether a word names contempt, which is none of the seven categories."""
    return fold_spelling(spelling) in _load_words(CONTEMPT, "")


def load_common_words(language: str = "") -> Mapping[str, str]:
    """Return the category of every word of the list by its folded spelling; with a language, only of its words."""
    return _load_words("", language)


@lru_cache
def _load_words(category: str, language: str) -> Mapping[str, str]:
    """Return the words of one category by their folded spelling, or of the seven where `category` is empty."""
    return {
        fold_spelling(word): name
        for known, categories in load_category_words().items()
        for name, words in categories.items()
        for word in words
        if language in ("", known) and (name == category or (not category and name != CONTEMPT))
    }


def spell_cell(value: object) -> str | None:
    """Return the word in a cell, which may be the number of a class: 3, 3.0 and "3.0" are all 3; None for another."""
    if isinstance(value, str):
        whole = _WHOLE.fullmatch(value.strip())
        return whole[1] if whole else value
    is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return str(int(value)) if is_whole and not isinstance(value, bool) else None  # type: ignore[call-overload]


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


def parse_aliases(aliases: Mapping[str, str]) -> dict[str, str]:
    """Return aliases that a user gave, with the usual name of each category.

    Raises:
        InputError: If a category is unknown, or as `fold_aliases` says.
    """
    parsed = {}
    for alias, name in aliases.items():
        category = find_category(name)
        if category is None:
            problem = f"alias {quote(alias)} is given as {quote(name)}; use one of {', '.join(Emotion)}"
            raise InputError(None, problem)
        parsed[alias] = category
    try:
        fold_aliases(parsed)
    except ValueError as error:
        raise InputError(None, str(error)) from error
    return parsed


def join_aliases(given: Mapping[str, str], of_corpus: Mapping[str, str]) -> dict[str, str]:
    """Return the aliases of a corpus and those that a user gave, which outweigh them."""
    spelled = fold_aliases(given)
    return {alias: name for alias, name in of_corpus.items() if fold_spelling(alias) not in spelled} | dict(given)
