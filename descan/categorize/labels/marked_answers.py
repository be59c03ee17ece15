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
_ATTRIBUTE = re.compile(r"=\s*[\"']([^\"']*)[\"']")
_CLOSING_MARK = re.compile(r"[<\[]/[^<>\[\]\n]{1,80}[>\]]|[}$\]]+|<\|[^<>|]{1,40}\|>")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"\w")
_WORD_MARKS = re.compile(r"[\W_]+")
_MAX_STARTS = 4
_MAX_MARKS = 50
_MAX_DEPTH = 20
_N_CHARS_LOOSE = 4000

IsName = Callable[[str], bool]
_Leaf = tuple[tuple[str, ...], object]


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
    marked = list(_find_tagged(text, patterns, is_name))
    if marked:
        highest = max(answer.rank for answer in marked)
        return [answer for answer in marked if answer.rank == highest]
    return list(_find_json(text, patterns, is_name)) if "{" in text or "[" in text else []


def _find_tagged(text: str, patterns: LabelPatterns, is_name: IsName) -> Iterator[MarkedAnswer]:
    end = 0
    for _, match in zip(range(_MAX_MARKS), patterns.mark.finditer(text), strict=False):
        if match.start() < end:
            continue
        start, tag = match.end(), match["tag"]
        end = _end_of_box(text, start, patterns.boxes[match[0]]) if tag is None else _end_of_tag(text, start, patterns)
        named = [value for value in _ATTRIBUTE.findall(match[0]) if is_name(value)]
        if named or _WORD.search(text, start, end):
            rank = patterns.rank_of_key(_fold_key(tag)) if tag else 0
            closing = _CLOSING_MARK.match(text, end)
            yield MarkedAnswer(named or [text[start:end]], match.start(), closing.end() if closing else end, rank)


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
    leaves = list(_walk(value, (), 0))
    scores = dict(_scores(value, leaves, patterns, is_name))
    ranks = [patterns.rank_of_key(keys[-1]) if keys else -1 for keys, _ in leaves]
    highest = max(ranks, default=-1)
    texts = [(keys, leaf) for keys, leaf in leaves if isinstance(leaf, str)]
    keyed = [(keys, leaf) for keys, leaf in texts if keys and patterns.rank_of_key(keys[-1]) == highest]
    answers = {leaf for _, leaf in keyed}
    if highest >= 0 and _is_ranking(keyed, patterns):
        return [keyed[0][1]]
    if highest >= 0 and not (len(answers) > 1 and scores.keys() >= answers):
        return [leaf for _, leaf in keyed]
    if scores:
        return [name for name, score in scores.items() if score == max(scores.values()) > 0]
    names = [(keys, leaf) for keys, leaf in texts if is_name(leaf)]
    if _is_ranking(names, patterns):
        return [names[0][1]]
    kept = [leaf for keys, leaf in names if not any(map(patterns.is_other_key, keys))]
    return kept or [leaf for _, leaf in texts] or None


def _is_ranking(leaves: Sequence[tuple[tuple[str, ...], str]], patterns: LabelPatterns) -> bool:
    keys = [keys[-1] if keys else "" for keys, _ in leaves]
    if not keys:
        return False
    is_numbered = keys == [str(i) for i in range(1, len(keys) + 1)]
    return is_numbered or (len(set(keys)) == 1 and not patterns.ranking_keys.isdisjoint(keys[0].split("_")))


def _scores(
    value: object, leaves: Sequence[_Leaf], patterns: LabelPatterns, is_name: IsName
) -> Iterator[tuple[str, float]]:
    yield from _scores_beside(value, patterns, is_name, 0)
    for keys, leaf in leaves:
        names = [key for key in keys[-2:] if is_name(key)]
        is_score = bool(names) and (names[-1] == keys[-1] or patterns.is_score_key(keys[-1]))
        if is_score and (score := rating_of(leaf, patterns)) is not None:
            yield names[-1], score


def _scores_beside(value: object, patterns: LabelPatterns, is_name: IsName, depth: int) -> Iterator[tuple[str, float]]:
    """Yield the scores of objects that hold a name and its score, or a list of names and one of their scores."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        names = [leaf for leaf in value.values() if all(map(is_name, _strings(leaf)))]
        scores = [leaf for key, leaf in value.items() if patterns.is_score_key(_fold_key(str(key)))]
        if len(names) == len(scores) == 1:
            for name, score in zip(_strings(names[0]), _items(scores[0]), strict=False):
                if (rating := rating_of(score, patterns)) is not None:
                    yield name, rating
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _scores_beside(inner, patterns, is_name, depth + 1)


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


def _strings(value: object) -> Sequence[str]:
    """Return a text, or a list of texts; of anything else, a text without a letter."""
    items = [item for item in _items(value) if isinstance(item, str)]
    return items if items and len(items) == len(_items(value)) else [""]


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
