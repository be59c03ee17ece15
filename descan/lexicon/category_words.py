"""The words that name a category, in every language: `category_words.yaml`, checked."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Final

from pydantic import Field, RootModel, StringConstraints

from descan.errors import InputError
from descan.lexicon.families import load_families
from descan.lexicon.files import lexicon_path, read_yaml
from descan.lexicon.merging import Merged, merge_yaml
from descan.lexicon.project import ProjectLexicon

CATEGORY_WORDS_FILE: Final = "category_words.yaml"

_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class CategoryWordFile(RootModel[dict[str, dict[str, Annotated[list[_Word], Field(min_length=1)]]]]):
    """`category_words.yaml`: language (or `codes`) -> category -> words."""


def category_word_names() -> tuple[str, ...]:
    """Return what the words may stand for: the families of emotion terms."""
    return tuple(load_families())


def merge_category_words(project: ProjectLexicon) -> Merged[CategoryWordFile]:
    """Return the words of a project alone: language (or `codes`) -> category -> words."""
    return merge_yaml(CategoryWordFile({}), CATEGORY_WORDS_FILE, "", project, check=_problems)


@lru_cache(maxsize=1)
def load_category_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Load and check the words: language (or `codes`) -> category -> words.

    Raises:
        InputError: If the file is not YAML or not of that form, a category is unknown, or a word stands for two.
    """
    path = lexicon_path(CATEGORY_WORDS_FILE)
    file = read_yaml(path, CategoryWordFile)
    for _, problem in _problems(file):
        raise InputError(path, problem)
    return {
        language: {category: tuple(spellings) for category, spellings in categories.items()}
        for language, categories in file.root.items()
    }


def _problems(file: CategoryWordFile) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what is not allowed, with its place: an unknown category, or a word that stands for two."""
    known = category_word_names()
    found: dict[str, str] = {}
    for language, categories in file.root.items():
        for category, spellings in categories.items():
            if category not in known:
                allowed = ", ".join(known)
                yield (language, category), f"{language}: category {category!r} is unknown; use one of {allowed}"
            for place, word in enumerate(spellings):
                if found.setdefault(word.casefold(), category) != category:
                    others = f"{found[word.casefold()]} and {category}"
                    problem = f"{language}: {word!r} stands for {others}; give a word one category"
                    yield (language, category, str(place)), problem
