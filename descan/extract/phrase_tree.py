"""The phrases of a lexicon as a tree of codes, with what each phrase can mean."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from descan.extract.engine import IntArray

ROOT: Final = 0
"""The node before the first word."""

_CODE_BITS: Final = 24


class Face(NamedTuple):
    """A phrase of the face layer: a part, a motion, an action, or (all empty) one to pass over."""

    part: str = ""
    motions: frozenset[str] = frozenset()
    action: str = ""
    is_absent: bool = False


IGNORED: Final = Face()
"""Looks like a phrase of the face layer but is not one."""

Meaning = Face | str


class Finding(NamedTuple):
    """What a phrase means in one layer.

    Attributes:
        layer: The layer.
        meaning: What it means there.
        n_words: How many words it has.
    """

    layer: int
    meaning: Meaning
    n_words: int


class PhraseTree:
    """Numbered nodes, a step from node to node for each code, and findings at the nodes where phrases end.

    Steps and findings are numbers: hundreds of thousands of them are held, and objects would take three times as long.
    The last bits of a step are its code, those before them the node that it leaves.

    Attributes:
        findings: What phrases can mean, each once; its place is its number.
    """

    def __init__(self) -> None:
        """Start with the root alone."""
        self.findings: list[Finding] = []
        self._numbers: dict[Finding, int] = {}
        self._followers: dict[int, int] = {}
        self._found: dict[int, tuple[int, ...]] = {}
        self._kept: dict[tuple[int, ...], tuple[int, ...]] = {}  # Many nodes have the same findings.

    def add(self, codes: Sequence[int], layer: int, meaning: Meaning) -> None:
        """Add a meaning of a phrase in a layer: several of a face phrase are joined, of others the first one holds."""
        node, followers = ROOT, self._followers
        for code in codes:
            node = followers.setdefault(node << _CODE_BITS | code, len(followers) + 1)
        found = self._found.get(node, ())
        for place, known in enumerate(found):
            if self.findings[known].layer == layer:
                first = self.findings[known].meaning
                if isinstance(first, Face) and isinstance(meaning, Face):
                    number = self._number(Finding(layer, _join(first, meaning), len(codes)))
                    self._set_found(node, (*found[:place], number, *found[place + 1 :]))
                return
        self._set_found(node, (*found, self._number(Finding(layer, meaning, len(codes)))))

    def faces(self) -> list[Face]:
        """Return all that face phrases can mean, `IGNORED` first."""
        meanings = (finding.meaning for finding in self.findings)
        return list(dict.fromkeys([IGNORED, *(meaning for meaning in meanings if isinstance(meaning, Face))]))

    def found(self) -> list[Sequence[int]]:
        """Return the numbers of what is found at each node.

        In a layer where a longer phrase means nothing, the shorter one holds.
        """
        layers = [finding.layer for finding in self.findings]
        found: list[Sequence[int]] = [()]
        for step, node in self._followers.items():  # A node has a larger number than the one that leads to it.
            inherited, own = found[step >> _CODE_BITS], self._found.get(node, ())
            if inherited and own:
                own_layers = {layers[number] for number in own}
                own = (*(number for number in inherited if layers[number] not in own_layers), *own)
            found.append(own or inherited)
        return found

    def steps(self, without: Iterable[int]) -> tuple[IntArray, IntArray, IntArray]:
        """Return the steps, sorted by node and code.

        Args:
            without: Codes whose steps are left out.

        Returns:
            The node that each step leaves, its code, and the node that it leads to. Shape of each: (n_steps,).
        """
        steps = np.fromiter(self._followers, np.int64, len(self._followers))
        followers = np.arange(1, len(steps) + 1)
        codes = steps & (1 << _CODE_BITS) - 1
        is_kept = ~np.isin(codes, list(without))
        order = np.argsort(steps[is_kept])
        return (steps[is_kept] >> _CODE_BITS)[order], codes[is_kept][order], followers[is_kept][order]

    def _set_found(self, node: int, found: tuple[int, ...]) -> None:
        self._found[node] = self._kept.setdefault(found, found)

    def _number(self, finding: Finding) -> int:
        number = self._numbers.setdefault(finding, len(self.findings))
        if number == len(self.findings):
            self.findings.append(finding)
        return number


def _join(first: Face, second: Face) -> Face:
    if IGNORED in (first, second):
        return IGNORED
    return Face(
        first.part or second.part,
        first.motions | second.motions,
        first.action or second.action,
        first.is_absent or second.is_absent,
    )
