"""The label of a reply that is JSON or contains JSON."""

import json
import re
from collections.abc import Callable, Iterator

from descan.categorize.labels.cues import LabelPatterns

_FENCE = re.compile(r"```[ \t]*(?:json[c5]?)?[ \t]*\n?(.*?)```", re.IGNORECASE | re.DOTALL)
_MAX_STARTS = 4
_MAX_DEPTH = 20


def find_json_answers(text: str, patterns: LabelPatterns, is_name: Callable[[str], bool]) -> list[str] | None:
    """Return the texts of a JSON reply that name its label, or None if there is no JSON.

    These are the values of keys such as `label`; without such a key, the values that are only a
    name; without those, the name with the highest score; else all texts.

    Args:
        text: A reply.
        patterns: Has the keys.
        is_name: Whether a text is only the name of a category.
    """
    value = _first_json(text)
    if value is None:
        return None
    pairs = list(_walk(value, "", 0))
    final = [leaf for key, leaf in pairs if key in patterns.final_keys]
    keyed = [leaf for key, leaf in pairs if key in patterns.keys]
    if answers := final or keyed:
        return [leaf for leaf in answers if isinstance(leaf, str)]
    texts = [leaf for _, leaf in pairs if isinstance(leaf, str)]
    if names := [leaf for leaf in texts if is_name(leaf)]:
        return names
    scores = {key: leaf for key, leaf in pairs if is_name(key) and isinstance(leaf, int | float) and leaf > 0}
    highest = max(scores.values(), default=0)
    return [key for key, score in scores.items() if score == highest] or texts


def _first_json(text: str) -> object | None:
    fenced = _FENCE.search(text) if "```" in text else None
    stripped = (fenced[1] if fenced else text).strip()
    starts = [0] if stripped.startswith("[") else []
    starts += [match.start() for _, match in zip(range(_MAX_STARTS), re.finditer(r"\{", stripped), strict=False)]
    decoder = json.JSONDecoder()
    for start in starts:
        try:
            value, _ = decoder.raw_decode(stripped, start)
        except (ValueError, RecursionError):
            continue
        if value:
            return value  # type: ignore[no-any-return]
    return None


def _walk(value: object, key: str, depth: int) -> Iterator[tuple[str, object]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, str(name).strip().casefold().replace(" ", "_").replace("-", "_"), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, key, depth + 1)
    else:
        yield key, value
