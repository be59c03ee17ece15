"""Tells faults that every item would meet from faults of an item, by what else was answered."""

import re
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass, field

from descan.collect.providers.protocol import FaultScope
from descan.collect.store.answers_file import Line
from descan.records import Mode

MAX_IDENTICAL = 10
"""Consecutive items that a provider may refuse in the same words before the model is stopped."""

ADVICE_IF_SHARED = "every item would meet that; change the settings or the prompt"

_NUMBERED = re.compile(r"\S*\d\S*")
"""A word with a number, such as the id of a request: it differs from item to item."""


@dataclass(slots=True)
class _ModeFaults:
    """What became of the questions of one mode.

    Attributes:
        is_answered: Whether anything was answered, in this run or before.
        is_mixed: Whether items were refused in different words.
        alike: The last refusals, all in the same words.
    """

    is_answered: bool
    is_mixed: bool = False
    alike: list[Line] = field(default_factory=list)


class SharedFaults:
    """Watches the lines of one model.

    A fault of the item counts as one of the model if it met ten items in a row, or all that were asked in a mode in
    which the model has no answer.
    """

    def __init__(self, answered: Container[Mode]) -> None:
        """Start with no line.

        Args:
            answered: Modes in which the corpus already holds answers of the model.
        """
        self._modes: dict[object, _ModeFaults] = defaultdict(lambda: _ModeFaults(is_answered=False))
        self._modes |= {mode.value: _ModeFaults(is_answered=True) for mode in Mode if mode in answered}
        self._hopeless: dict[object, str] = {}

    def add(self, line: Line) -> None:
        """Note what became of a question that was sent."""
        found = self._modes[line.cells["mode"]]
        error = line.error
        if error is None:
            found.is_answered = True
            found.alike.clear()
        elif error.scope is FaultScope.ITEM:
            if found.alike and _words(found.alike[-1]) != _words(line):
                found.is_mixed = True
                found.alike.clear()
            found.alike.append(line)

    def take_in_a_row(self) -> list[Line]:
        """Return the lines of ten items in a row, and from then on every further one; each is returned once."""
        taken = []
        for mode, found in self._modes.items():
            if len(found.alike) >= MAX_IDENTICAL:
                self._hopeless[mode] = _words(found.alike[0])
            if found.alike and self._hopeless.get(mode) == _words(found.alike[0]):
                taken += found.alike
                found.alike = []
        return taken

    def take_all_alike(self) -> list[Line]:
        """Return the lines of the modes in which all that was asked failed alike; call it once no more will come."""
        taken = []
        for found in self._modes.values():
            if not (found.is_answered or found.is_mixed):
                taken += found.alike
                found.alike = []
        return taken


def tell_shared(line: Line) -> str:
    """Return why a model is stopped whose items all met the fault of a line."""
    return f"{line.cells['detail']}; {ADVICE_IF_SHARED}"


def _words(line: Line) -> str:
    code = line.error.code if line.error else ""
    return f"{code} {_NUMBERED.sub('#', str(line.cells['detail']))}"
