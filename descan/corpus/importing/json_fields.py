"""Fields of JSON that others wrote: each may be missing or of another type."""

from collections.abc import Mapping


def look_up(value: object, *path: str | int) -> object:
    """Return the value at a path of keys and indices, or None if there is none."""
    for step in path:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(value: object, *path: str | int) -> str:
    """Return the string at a path, or an empty one."""
    found = look_up(value, *path)
    return found if isinstance(found, str) else ""


def objects_at(value: object, *path: str | int) -> list[Mapping[str, object]]:
    """Return the objects in the list at a path; none if there is no list."""
    found = look_up(value, *path)
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []


def difference(total: object, part: object) -> object:
    """Return a count without a part of it that is counted apart; the total if either is no number."""
    if isinstance(total, int) and isinstance(part, int):
        return max(0, total - part)
    return total
