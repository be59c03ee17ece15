"""Answers that a reply marks as such: in tags, in boxes and in JSON."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import yaml

from descan.categorize.labels.cues import LabelPatterns
from descan.categorize.labels.ratings import rating_of

_START = re.compile(r"[{\[]")
_OPENING, _CLOSING = "{", "}"
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"\w")
_WORD_MARKS = re.compile(r"[\W_]+")
_MAX_STARTS = 4
_MAX_MARKS = 50
_MAX_DEPTH = 20
_N_CHARS_LOOSE = 4000

IsName = Callable[[str], bool]


class MarkedAnswer(NamedTuple):
    """What a reply marks as its answer.

    Attributes:
        texts: What names the label; several are united.
        rank: As of a key.
    """

    texts: list[str]
    start: int
    end: int
    rank: int


def find_marked_answers(text: str, patterns: LabelPatterns, is_name: IsName) -> list[MarkedAnswer]:
    """Return the answers in tags and boxes, or else those in JSON, in order."""
    marked = list(_find_tagged(text, patterns))
    if marked:
        highest = max(answer.rank for answer in marked)
        return [answer for answer in marked if answer.rank == highest]
    return list(_find_json(text, patterns, is_name)) if "{" in text or "[" in text else []


def _find_tagged(text: str, patterns: LabelPatterns) -> Iterator[MarkedAnswer]:
    end = 0
    for _, match in zip(range(_MAX_MARKS), patterns.mark.finditer(text), strict=False):
        if match.start() < end:
            continue
        start, tag = match.end(), match["tag"]
        end = _end_of_box(text, start, patterns.boxes[match[0]]) if tag is None else _end_of_tag(text, start, patterns)
        if _WORD.search(text, start, end):
            yield MarkedAnswer(
                [text[start:end]], match.start(), end, patterns.rank_of_key(_fold_key(tag)) if tag else 0
            )


def _end_of_tag(text: str, start: int, patterns: LabelPatterns) -> int:
    closing = patterns.mark_end.search(text, start)
    return closing.start() if closing else len(text)


def _end_of_box(text: str, start: int, close: str) -> int:
    if close != _CLOSING:
        end = text.find(close, start)
        return end if end >= 0 else len(text)
    depth = 1
    for brace in re.compile(r"[{}]").finditer(text, start, start + _N_CHARS_LOOSE):
        depth += 1 if brace[0] == _OPENING else -1
        if depth == 0:
            return brace.start()
    return len(text)


def _find_json(text: str, patterns: LabelPatterns, is_name: IsName) -> Iterator[MarkedAnswer]:
    end = 0
    for _ in range(_MAX_STARTS):
        match = _START.search(text, end)
        if match is None:
            return
        value, end = _decode(text, match.start())
        if value and (texts := _answers_of(value, patterns, is_name)) is not None:
            yield MarkedAnswer(texts, match.start(), end, 0)


def _decode(text: str, start: int) -> tuple[object, int]:
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return _decode_loosely(text, start)
    # A number in brackets is the number of a choice.
    return (value if not isinstance(value, list) or any(isinstance(item, str | dict) for item in value) else None), end


def _decode_loosely(text: str, start: int) -> tuple[object, int]:
    """Decode an object with single quotes, bare words or a comma too many; these are YAML."""
    close = text.find(_CLOSING, start, start + _N_CHARS_LOOSE) if text[start] == _OPENING else -1
    if close < 0:
        return None, start + 1
    try:
        value = yaml.load(text[start : close + 1], Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None, start + 1
    # YAML takes a bare word in braces for a key without a value.
    has_values = isinstance(value, dict) and any(value.values())
    return (value, close + 1) if has_values else (None, start + 1)


def _answers_of(value: object, patterns: LabelPatterns, is_name: IsName) -> list[str] | None:
    """Return the texts of a JSON value that name its label.

    These are the values of keys such as `label`; without such a key, the names with the highest score or with a yes;
    without those, the first of a ranking; without one, the values that are only a name; else all texts.
    """
    pairs = list(_walk(value, (), 0))
    ranks = [patterns.rank_of_key(keys[-1]) if keys else -1 for keys, _ in pairs]
    for rank in (2, 1, 0):
        if rank in ranks:
            leaves = [leaf for (_, leaf), own in zip(pairs, ranks, strict=True) if own == rank]
            texts = [leaf for leaf in leaves if isinstance(leaf, str)]
            if rank or not _are_scored(value, is_name) or len(set(texts)) < 2:
                return texts
    scores = dict(_scores(value, patterns, is_name, 0))
    if scores:
        highest = max(scores.values())
        return [name for name, score in scores.items() if score == highest > 0]
    texts = [leaf for _, leaf in pairs if isinstance(leaf, str)]
    names = [(keys, leaf) for keys, leaf in pairs if isinstance(leaf, str) and is_name(leaf)]
    if names and _is_ranking(names, patterns):
        return [names[0][1]]
    kept = [leaf for keys, leaf in names if not any(patterns.is_other_key(key) for key in keys)]
    return kept or texts or None


def _is_ranking(names: Sequence[tuple[tuple[str, ...], str]], patterns: LabelPatterns) -> bool:
    keys = [keys[-1] if keys else "" for keys, _ in names]
    return keys == [str(i) for i in range(1, len(keys) + 1)] or all(key in patterns.ranking_keys for key in keys)


def _are_scored(value: object, is_name: IsName) -> bool:
    return bool(list(_named_scores(value, is_name, 0)))


def _scores(value: object, patterns: LabelPatterns, is_name: IsName, depth: int) -> Iterator[tuple[str, float]]:
    yield from _named_scores(value, is_name, depth)
    for keys, leaf in _walk(value, (), depth):
        if keys and is_name(keys[-1]) and (score := rating_of(leaf, patterns)) is not None:
            yield keys[-1], score


def _named_scores(value: object, is_name: IsName, depth: int) -> Iterator[tuple[str, float]]:
    """Yield the scores of objects that hold a name and a number."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        names = [leaf for leaf in value.values() if isinstance(leaf, str) and is_name(leaf)]
        numbers = [score for leaf in value.values() if (score := _number(leaf)) is not None]
        if len(names) == len(numbers) == 1 and len(value) <= 3:
            yield names[0], numbers[0]
        for inner in value.values():
            yield from _named_scores(inner, is_name, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _named_scores(inner, is_name, depth + 1)


def _number(leaf: object) -> float | None:
    if isinstance(leaf, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%?\s*", leaf)
        return float(match[1]) if match else None
    return float(leaf) if isinstance(leaf, int | float) and not isinstance(leaf, bool) else None


def _walk(value: object, keys: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], object]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, (*keys, _fold_key(str(name))), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, keys, depth + 1)
    else:
        yield keys, value


def _fold_key(key: str) -> str:
    return _WORD_MARKS.sub("_", _CAMEL.sub("_", key.strip())).strip("_").casefold()
