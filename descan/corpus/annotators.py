"""Gold by several annotators: how many of them, or which share, chose each category for an item."""

import json
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from descan.corpus.gold import DROPPED, GoldParser
from descan.corpus.spellings import CategoryNames
from descan.errors import InputError, quote
from descan.records import GoldDistribution, Item

DISTRIBUTION_COLUMN = "gold_distribution"
"""A JSON object: word for a category -> number or share of annotators."""

_ALLOWED = 'use a JSON object of words and numbers such as {"Happy": 3, "Surprise": 1}'
_ROUNDING = 1e-9


def is_annotator(column: str, pattern: str) -> bool:
    """Return whether a column has what one annotator chose.

    Args:
        column: Its name; case makes no difference.
        pattern: Names, with commas between them; `#` stands for a number and `*` for anything.
    """
    names = (re.escape(name.strip()).replace(r"\#", r"\d+").replace(r"\*", ".*") for name in pattern.split(","))
    return any(re.fullmatch(name, column.strip(), re.IGNORECASE) for name in names if name)


class AnnotatorParser:
    """Parses what the annotators of the items of one file chose; `check` after the last row."""

    def __init__(self, path: Path, columns: Sequence[str], names: CategoryNames, drop: Sequence[str] = ()) -> None:
        """Start before the first row.

        Args:
            path: The file, for error messages.
            columns: A column for each annotator.
            names: What names a category.
            drop: Golds to drop, as `GoldParser` has them.
        """
        self._path = path
        self._annotators = {column: GoldParser(path, column, names, drop) for column in columns}
        self._words = GoldParser(path, DISTRIBUTION_COLUMN, names, drop)
        self._order = (*names.categories.names, DROPPED)

    def parse(self, cells: Mapping[str, object], line: int) -> GoldDistribution | None:
        """Return how often each category was chosen, in the order of the set and then `DROPPED`; None if never.

        Raises:
            InputError: If the cell of the distribution is not allowed, or there are annotators beside it.
        """
        votes = Counter[str](filter(None, (one.parse(cells, line) for one in self._annotators.values())))
        value = cells.get(DISTRIBUTION_COLUMN)
        if value is not None and not (isinstance(value, str) and not value.strip()):
            filled = next((name for name in self._annotators if cells.get(name) is not None), None)
            if filled is not None:
                problem = f"{DISTRIBUTION_COLUMN} beside column {quote(filled)}; give one of them"
                raise InputError(self._path, problem, line)
            return self._parse_distribution(value, line)
        return tuple((name, float(votes[name])) for name in self._order if votes[name]) or None

    def check(self) -> None:
        """Check that every word named a category.

        Raises:
            InputError: If any did not.
        """
        for golds in (*self._annotators.values(), self._words):
            golds.check()

    def _parse_distribution(self, value: object, line: int) -> GoldDistribution | None:
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise self._error(value, line) from None
        if isinstance(value, list):  # A map of Parquet.
            pairs = [pair for pair in value if isinstance(pair, tuple) and len(pair) == 2]
            value = dict(pairs) if len(pairs) == len(value) else value
        if not isinstance(value, Mapping):
            raise self._error(value, line)
        numbers = {word: number for word, number in value.items() if number is not None}
        found: dict[str, float] = {}
        for word, number in numbers.items():
            if not isinstance(number, int | float) or isinstance(number, bool) or not 0 <= number < math.inf:
                raise self._error(value, line)
            category = self._words.parse({DISTRIBUTION_COLUMN: word}, line)
            if number and category is not None:
                found[category] = found.get(category, 0) + float(number)
        if not any(numbers.values()):
            raise InputError(self._path, f"{DISTRIBUTION_COLUMN} {quote(value)} has no number above 0", line)
        return tuple((name, found[name]) for name in self._order if name in found) or None

    def _error(self, value: object, line: int) -> InputError:
        return InputError(self._path, f"{DISTRIBUTION_COLUMN} {quote(value)} is not allowed; {_ALLOWED}", line)


def fill_gold(items: Iterable[Item]) -> tuple[dict[str, Item], tuple[str, ...]]:
    """Give items without gold the category that most of their annotators chose; of a tie there is none.

    Votes for what is dropped count for the majority and are then left out.

    Returns:
        All items by their ids, and a note on how many were given one.
    """
    filled: dict[str, Item] = {}
    n_filled, tied = 0, list[str]()
    for item in items:
        gold, votes = item.gold, item.gold_distribution
        if gold is None and votes is not None:
            gold = _find_majority(dict(votes))
            n_filled += gold is not None
            tied += [item.item_id] * (gold is None)
        known = tuple(vote for vote in votes or () if vote[0] != DROPPED) or None
        is_same = gold == item.gold and known == votes
        filled[item.item_id] = item if is_same else replace(item, gold=gold, gold_distribution=known)
    return filled, _note(n_filled, tied)


def _find_majority(votes: Mapping[str, float]) -> str | None:
    most = max(votes.values())
    first, *others = (name for name, number in votes.items() if number >= most * (1 - _ROUNDING))
    return None if others else first


def _note(n_filled: int, tied: Collection[str]) -> tuple[str, ...]:
    if not n_filled and not tied:
        return ()
    told = f"gold of {n_filled:,} item{'s' * (n_filled != 1)} is what most of its annotators chose"
    if not tied:
        return (told,)
    which = "item has a tie" if len(tied) == 1 else "items have a tie"
    return (f"{told}; {len(tied):,} {which} and no gold, first {quote(next(iter(tied)))}",)
