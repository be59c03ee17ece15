"""Answers of mode `decide`: a probability for each category and action, as a JSON object."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from descan.emotions import CategorySet
from descan.records import Label

_CLOSE = 1e-9
"""Probabilities that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a model decided about one item.

    Attributes:
        emotions: Probability of each category that has one, from 0 to 1, as the model gave it: their sum need not be 1.
        actions: Probability of each action that has one, by its units as in `1+2`, or by its name.
        way: How the model was asked: decisions, logprobs or schema; empty if not known.
        is_refused: There is null for every category that is named.
    """

    emotions: Mapping[str, float]
    actions: Mapping[str, float]
    way: str = ""
    is_refused: bool = False


def parse_decided(text: str, categories: CategorySet) -> Decided | None:
    """Parse the text of an answer, as in `{"emotions": {"Happy": 0.9}, "actions": {"12": 0.8, "smirk": null}}`.

    What is no number from 0 to 1 has no probability, as a question that the model refused.

    Args:
        text: The text.
        categories: Names that are not of the set are left out.

    Returns:
        None if it is no JSON object with one of both keys.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not isinstance(value.get("emotions", value.get("actions")), dict):
        return None
    emotions, actions = _probabilities(value.get("emotions")), _probabilities(value.get("actions"))
    named = {name: emotions[name] for name in categories.names if name in emotions}
    way, given = value.get("way"), value.get("emotions")
    is_refused = isinstance(given, dict) and bool(given) and all(each is None for each in given.values())
    return Decided(named, actions, way if isinstance(way, str) else "", is_refused)


def label_decided(decided: Decided | None) -> Label:
    """Return the category with the highest probability, or why there is none."""
    if decided is None:
        return Label(None, "unparsed")
    if not decided.emotions:
        return Label(None, "refused" if decided.is_refused else "unparsed")
    highest = max(decided.emotions.values())
    top = [name for name, probability in decided.emotions.items() if probability >= highest - _CLOSE]
    return Label(top[0]) if len(top) == 1 else Label(None, "ambiguous")


def _probabilities(values: object) -> dict[str, float]:
    """Return the numbers from 0 to 1 among the values of an object."""
    found = values.items() if isinstance(values, dict) else ()
    return {
        name: float(value)
        for name, value in found
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    }
