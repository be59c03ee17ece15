"""The words that name a category, in every language: `category_words.yaml`, checked."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated

from pydantic import Field, RootModel, StringConstraints

from descan.errors import InputError
from descan.lexicon.families import load_families
from descan.lexicon.files import lexicon_path, read_yaml

_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class CategoryWordFile(RootModel[dict[str, dict[str, Annotated[list[_Word], Field(min_length=1)]]]]):
    """`category_words.yaml`: language (or `codes`) -> category -> words."""


def category_word_names() -> tuple[str, ...]:
    """Return what the words may stand for: the families of emotion terms."""
    return tuple(load_families())


@lru_cache(maxsize=1)
def load_category_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Load and check the words: language (or `codes`) -> category -> words.

    Raises:
        InputError: If the file is not YAML or not of that form, a category is unknown, or a word stands for two.
    """
    path = lexicon_path("category_words.yaml")
    known = category_word_names()
    found: dict[str, str] = {}
    for language, categories in (words := read_yaml(path, CategoryWordFile).root).items():
        for category, spellings in categories.items():
            if category not in known:
                allowed = ", ".join(known)
                raise InputError(path, f"{language}: category {category!r} is unknown; use one of {allowed}")
            for word in spellings:
                if found.setdefault(word.casefold(), category) != category:
                    others = f"{found[word.casefold()]} and {category}"
                    raise InputError(path, f"{language}: {word!r} stands for {others}; give a word one category")
    return {
        language: {category: tuple(spellings) for category, spellings in categories.items()}
        for language, categories in words.items()
    }
