"""What is nested in the columns of a table, by dotted paths such as `choices.0.message.content`.

A step of a path is a key of an object, which may hold dots itself, or a place in a list, from 0 on or from -1
backward.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from descan.corpus.formats.rows import Row

_MAX_PATHS = 10_000
_MAX_DEPTH = 20
_PLACE = re.compile(r"-?[0-9]{1,9}")


def list_row_paths(rows: Iterable[Row]) -> list[str]:
    """Return the paths of all values that are nested in some rows; of a list only the first element is looked at.

    A path that is the name of a column is left out: the column is meant by it.
    """
    paths = dict[str, None]()
    for row in rows:
        for column, value in row.cells.items():
            if isinstance(value, dict | list) and len(paths) < _MAX_PATHS:
                inner = islice(_paths(column, value, 1), _MAX_PATHS)
                paths.update(dict.fromkeys(path for path in inner if path not in row.cells))
    return list(islice(paths, _MAX_PATHS))


def find_path(asked: str, paths: Collection[str]) -> str | None:
    """Return the path if it leads to anything, also where it names another place of a list than the first."""
    if asked in paths:
        return asked
    firsts = ".".join("0" if _PLACE.fullmatch(step) else step for step in asked.split("."))
    return asked if firsts in paths else None


def root_of(path: str, columns: Collection[str]) -> str:
    """Return the column that a path begins with: the longest of those that may be meant."""
    steps = path.split(".")
    return next(root for n in range(len(steps), 0, -1) if (root := ".".join(steps[:n])) in columns)


def value_at(value: object, steps: Sequence[str]) -> object:
    """Return what the steps of a path lead to, or None."""
    if not steps:
        return value
    if isinstance(value, Mapping):
        for n in range(len(steps), 0, -1):
            key = ".".join(steps[:n])
            if key in value:
                return value_at(value[key], steps[n:])
    elif isinstance(value, list) and _PLACE.fullmatch(steps[0]):
        place = int(steps[0])
        if -len(value) <= place < len(value):
            return value_at(value[place], steps[1:])
    return None


def _paths(before: str, value: object, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, item in inner:
        path = f"{before}.{key}"
        if isinstance(item, dict | list):
            yield from _paths(path, item, depth + 1)
        else:
            yield path
