"""Names of classes, as data sets spell them, and their categories."""

import csv
from collections.abc import Mapping
from importlib.resources import files

from descan.corpus.spellings import find_category
from descan.emotions import Emotion
from descan.errors import InputError, quoted


def known_class_names(aliases: Mapping[str, str]) -> dict[str, str]:
    """Give the category of every class name beside the seven: the common ones, then those given.

    Args:
        aliases: Class name, in any case -> name of its category, in any case.

    Returns:
        Category by case-folded class name.

    Raises:
        InputError: If an alias is blank, means an unknown category, or renames a category.
    """
    table = (files("descan.collect.sources") / "class_names.csv").read_text(encoding="utf-8")
    known = {row["name"]: row["category"] for row in csv.DictReader(table.splitlines())}
    return known | {alias.strip().casefold(): category for alias, category in checked_aliases(aliases).items()}


def checked_aliases(aliases: Mapping[str, str]) -> dict[str, str]:
    """Give the aliases with the categories spelled as they are.

    Raises:
        InputError: As `known_class_names`, or if two spellings that differ in case alone have two categories.
    """
    checked = {alias: _category(alias, name) for alias, name in aliases.items()}
    seen: dict[str, str] = {}
    for alias, category in checked.items():
        found = seen.setdefault(alias.strip().casefold(), category)
        if found != category:
            raise InputError(None, f"alias {quoted(alias)} has two categories, {found} and {category}; give it one")
    return checked


def _category(alias: str, name: str) -> str:
    category = find_category(name)
    if category is None:
        problem = f"alias {quoted(alias)} is given as {quoted(name)}; use one of {', '.join(Emotion)}"
        raise InputError(None, problem)
    if not alias.strip():
        raise InputError(None, f"an alias of {category} is blank; give it a spelling")
    if find_category(alias) not in (None, category):
        raise InputError(None, f"alias {quoted(alias)} is a category itself; it cannot mean {category}")
    return category
