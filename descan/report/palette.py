"""The colours of the report, one for one thing, on light and on dark."""

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from descan.emotions import OTHER, UNDECIDED, CategorySet

_GREY = "Neutral"
"""The category whose colour is that of any neutral one."""

_TOKEN = re.compile(r"var\(--([\w-]+)\)")


class Theme(StrEnum):
    """What a picture stands on."""

    LIGHT = "light"
    DARK = "dark"


def token(table: str, name: str) -> str:
    """Return the CSS custom property of a colour, such as `var(--category-anger)`.

    Charts are drawn with tokens: a page sets the properties, so that one chart serves light, dark and print; a
    file gets the colours themselves by `paint`.

    Args:
        table: A table of palette.toml: surface, category, verdict, kind, notice or mode.
        name: The thing, as palette.toml has it.

    Raises:
        KeyError: If palette.toml has no such colour.
    """
    name = _property(table, name)
    _ = properties(Theme.LIGHT)[name]
    return f"var(--{name})"


@cache
def properties(theme: Theme) -> Mapping[str, str]:
    """Return every custom property without its dashes (`category-anger`) and its colour, as #rrggbb."""
    place = list(Theme).index(theme)
    return {
        _property(table, name): pair[place] for table, colours in _tables().items() for name, pair in colours.items()
    }


def names(table: str) -> tuple[str, ...]:
    """Return what a table of palette.toml has a colour for, in its order."""
    return tuple(_tables()[table])


def paint(spec: Any, theme: Theme) -> Any:
    """Return a copy of a JSON value in which every token is the colour that the theme has for it."""
    if isinstance(spec, dict):
        return {key: paint(value, theme) for key, value in spec.items()}
    if isinstance(spec, list):
        return [paint(value, theme) for value in spec]
    if isinstance(spec, str):
        return _TOKEN.sub(lambda match: properties(theme).get(match[1], match[0]), spec)
    return spec


def category_tokens(categories: CategorySet) -> dict[str, str]:
    """Return the token of every category of a set, and those of Other and Undecided.

    A category that palette.toml does not know by name has the colour of one that the set lacks, the neutral one that of
    Neutral, in the order of the palette; then come the further colours.
    """
    known = _tables()["category"]
    left = [name for name in known if name not in (*categories.names, OTHER, UNDECIDED)]
    free = iter([*(("category", name) for name in left), *(("more", name) for name in _tables()["more"])])
    tokens = {}
    for name in categories.names:
        if name == categories.neutral and name not in known and _GREY in left:
            tokens[name] = token("category", _GREY)
        elif name in known:
            tokens[name] = token("category", name)
    used = set(tokens.values())
    for name in categories.names:
        if name not in tokens:
            tokens[name] = next(found for table, colour in free if (found := token(table, colour)) not in used)
    ordered = {name: tokens[name] for name in categories.names}
    return ordered | {name: token("category", name) for name in (OTHER, UNDECIDED)}


def page_properties(theme: Theme, categories: CategorySet) -> Mapping[str, str]:
    """Return the properties that a page with these categories needs."""
    used = {found.removeprefix("var(--").removesuffix(")") for found in category_tokens(categories).values()}
    return {
        name: colour
        for name, colour in properties(theme).items()
        if name in used or not name.startswith(("category-", "more-"))
    }


def terminal_colour(category: str) -> str:
    """Return the colour that a terminal has for a category, or its grey for what is none."""
    _, _, colour = _tables()["category"].get(category, _tables()["category"]["Other"])
    return colour


def warning_style() -> str:
    """Return the style that a terminal has for what must not be overlooked."""
    return f"bold {_tables()['notice']['warning'][2]}"


@cache
def _tables() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(files("descan.report").joinpath("palette.toml").read_text(encoding="utf-8"))


def _property(table: str, name: str) -> str:
    return f"{table}-{name}".lower().replace("_", "-")
