"""Spellings of categories: the only place that decides which words name a category.

A word names a category if it is the name itself, an alias of the corpus or of the category set, or one of
`lexicons/category_words.yaml`, in this order. Case, spaces, `-`, `_` and Unicode form make no difference to a spelling.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from descan.emotions import CategorySet
from descan.errors import InputError, quote
from descan.lexicon import (
    CATEGORY_WORDS_FILE,
    ProjectLexicon,
    category_word_names,
    fold_spelling,
    load_category_set,
    load_category_words,
    merge_category_words,
    set_names,
)

_NO_ALIASES: Mapping[str, str] = {}
_WHOLE = re.compile(r"(-?\d+)\.0+")


class CategoryNames:
    """The words that name the categories of one set: their names, aliases, and the common words for them."""

    def __init__(self, categories: CategorySet, aliases: Mapping[str, str] = _NO_ALIASES) -> None:
        """Fold all spellings.

        Args:
            categories: The set.
            aliases: Further spellings of a corpus or of the user -> category.

        Raises:
            ValueError: If an alias has no letter, names another category, or equals another alias with another
                category, or its category is none of the set.
        """
        self.categories = categories
        self._common = _common_words(categories, "")
        self.own = {fold_spelling(name): name for name in categories.names}
        self.aliases = _fold_aliases(set_aliases(categories), self.own) | _fold_aliases(aliases, self.own)

    def find(self, spelling: str) -> str | None:
        """Return the category that a word names, or None."""
        name = fold_spelling(spelling)
        return self.own.get(name) or self.aliases.get(name) or self._common.get(name)

    def common_words(self, language: str = "") -> Mapping[str, str]:
        """Return the category of every word of the list by its folded spelling; with a language, only of its words."""
        return _common_words(self.categories, language)


def set_aliases(categories: CategorySet) -> dict[str, str]:
    """Return the aliases that a set itself gives its categories."""
    return {alias: category.name for category in categories.categories for alias in category.aliases}


@lru_cache
def _common_words(categories: CategorySet, language: str) -> Mapping[str, str]:
    owners = {name: owner for name in category_word_names() if (owner := _owner(name, categories))}
    return {
        fold_spelling(word): owners[name]
        for known, words_of in load_category_words().items()
        for name, words in words_of.items()
        for word in words
        if language in ("", known) and name in owners
    }


def _owner(name: str, categories: CategorySet) -> str | None:
    """Return the category that the words listed for a name stand for: that of this name, or with it as an alias."""
    folded = fold_spelling(name)
    for category in categories.categories:
        if folded in map(fold_spelling, (category.name, *category.aliases)):
            return category.name
    return None


def spell_cell(value: object) -> str | None:
    """Return the word in a cell, which may be the number of a class: 3, 3.0 and "3.0" are all 3; None for another."""
    if isinstance(value, str):
        whole = _WHOLE.fullmatch(value.strip())
        return whole[1] if whole else value
    is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return str(int(value)) if is_whole and not isinstance(value, bool) else None  # type: ignore[call-overload]


def _fold_aliases(aliases: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return the category of each alias by its folded spelling; `own` are the folded names of the categories."""
    spellings: dict[str, str] = {}
    folded: dict[str, str] = {}
    for alias, category in aliases.items():
        name = fold_spelling(alias)
        if not name:
            raise ValueError(f"alias {quote(alias)} has no letter; use a word")
        if category not in own.values():
            raise ValueError(
                f"alias {quote(alias)} is given as {quote(category)}; use one of {', '.join(own.values())}"
            )
        if own.get(name) not in (None, category):
            raise ValueError(f"alias {quote(alias)} is a category itself; give it {own[name]} or drop it")
        if folded.setdefault(name, category) != category:
            found = f"aliases {quote(spellings[name])} and {quote(alias)} differ only in case, '-', '_' or Unicode form"
            raise ValueError(f"{found}, but mean {folded[name]} and {category}; give them one category")
        spellings.setdefault(name, alias)
    return folded


def parse_aliases(aliases: Mapping[str, str], categories: CategorySet) -> dict[str, str]:
    """Return aliases that a user gave, with the usual name of each category.

    Raises:
        InputError: If a category is unknown, or as `CategoryNames` says.
    """
    names = CategoryNames(categories)
    parsed = {}
    for alias, name in aliases.items():
        category = names.find(name)
        if category is None:
            problem = f"alias {quote(alias)} is given as {quote(name)}; use one of {', '.join(categories.names)}"
            raise InputError(None, problem)
        parsed[alias] = category
    try:
        CategoryNames(categories, parsed)
    except ValueError as error:
        raise InputError(None, str(error)) from error
    return parsed


def join_aliases(given: Mapping[str, str], of_corpus: Mapping[str, str]) -> dict[str, str]:
    """Return the aliases of a corpus and those that a user gave, which outweigh them."""
    spelled = set(map(fold_spelling, given))
    return {alias: name for alias, name in of_corpus.items() if fold_spelling(alias) not in spelled} | dict(given)


def project_words(project: ProjectLexicon | None, categories: CategorySet) -> dict[str, str]:
    """Return the category of each word that a project has for gold and labels, but for categories that the set lacks.

    Raises:
        InputError: If its `category_words.yaml` is not as it must be, or a word is a category itself.
    """
    if project is None or (file := project.file(CATEGORY_WORDS_FILE)) is None:
        return {}
    words = {
        word: category
        for families in merge_category_words(project).checked().root.values()
        for family, spellings in families.items()
        for word in spellings
        if (category := _owner(family, categories)) is not None
    }
    try:
        CategoryNames(categories, words)
    except ValueError as error:
        raise InputError(file.path, str(error)) from error
    return words


def find_elsewhere(spelling: str, categories: CategorySet) -> dict[str, str]:
    """Return which sets that come with descan have a category of this name that `categories` lacks: set -> category."""
    found = {}
    for name in set_names():
        category = CategoryNames(load_category_set(name)).find(spelling)
        if category is not None and name != categories.name and category not in categories.names:
            found[name] = category
    return found
