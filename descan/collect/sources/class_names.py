"""Names of classes, as data sets spell them, and their categories."""

import csv
from collections.abc import Mapping
from importlib.resources import files

from descan.corpus.spellings import find_category, fold_aliases
from descan.emotions import Emotion
from descan.errors import InputError, quoted


def known_class_names(aliases: Mapping[str, str]) -> dict[str, str]:
    """Give the category of every class name beside the seven: the common ones, then those given.

    Args:
        aliases: Class name, in any case -> name of its category, in any case.

    Returns:
        Category by folded class name.

    Raises:
        InputError: If an alias is blank, means an unknown category, or renames a category.
    """
    table = (files("descan.collect.sources") / "class_names.csv").read_text(encoding="utf-8")
    known = {row["name"]: row["category"] for row in csv.DictReader(table.splitlines())}
    return fold_aliases(known) | fold_aliases(checked_aliases(aliases))


def checked_aliases(aliases: Mapping[str, str]) -> dict[str, str]:
    """Give the aliases with the categories spelled as they are.

    Raises:
        InputError: As `known_class_names`, or if two equal spellings have two categories.
    """
    checked = {alias: _category(alias, name) for alias, name in aliases.items()}
    try:
        fold_aliases(checked)
    except ValueError as error:
        raise InputError(None, str(error)) from error
    return checked


def _category(alias: str, name: str) -> str:
    category = find_category(name)
    if category is None:
        problem = f"alias {quoted(alias)} is given as {quoted(name)}; use one of {', '.join(Emotion)}"
        raise InputError(None, problem)
    return category
