"""All phrases of the lexicon in many texts at once: the phrase tree as arrays."""

from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from descan.extract import roles
from descan.extract.vocabulary import Face, Finding, Layer, Meaning, Node, Vocabulary
from descan.extract.words import FIRST_WORD, Shape

IntArray = NDArray[np.int64]

_SENTENCE_ENDS = (Shape.END, Shape.NEWLINE)


class Hit(NamedTuple):
    """What a phrase is, wherever it stands.

    Attributes:
        layer: The layer that the phrase is of.
        length: Its number of tokens.
        meaning: What it means there.
        first_role: What it makes of its first token.
        role: What it makes of the others.
    """

    layer: int
    length: int
    meaning: Meaning
    first_role: int
    role: int


class PhraseTable:
    """Finds the longest phrases that begin at each token; built once from a vocabulary.

    The nodes of the phrase tree are numbered, 0 being none. A step from a node by a code is one number too, and all
    steps stand sorted in one array with the node that each leads to.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Number the nodes."""
        self._n_codes = len(vocabulary.roles)
        self._roots = np.zeros(self._n_codes, dtype=np.int64)
        findings: list[list[Finding]] = [[]]
        steps: dict[int, int] = {}
        for code, root in vocabulary.phrases.items():
            if code >= FIRST_WORD:
                self._roots[code] = self._add(root, findings, steps)
        self._has_next = np.zeros(len(findings), dtype=np.bool_)
        self._has_next[[step // self._n_codes for step in steps]] = True
        self._steps = np.array(sorted(steps), dtype=np.int64)
        self._followers = np.array([steps[step] for step in sorted(steps)], dtype=np.int64)
        self._hits = [tuple(map(_describe, found)) for found in findings]
        self._n_hits = np.array([len(hits) for hits in self._hits])

    def _add(self, node: Node, findings: list[list[Finding]], steps: dict[int, int], parent: int = 0) -> int:
        """Number a node and all behind it; what shorter phrases mean holds in the layers that it says nothing of."""
        number = len(findings)
        layers = {layer for layer, _, _ in node.meanings}
        findings.append([known for known in findings[parent] if known[0] not in layers] + node.meanings)
        for code, following in node.next.items():
            if code not in _SENTENCE_ENDS:
                steps[number * self._n_codes + code] = self._add(following, findings, steps, number)
        return number

    def find(self, codes: IntArray) -> tuple[list[int], list[Hit]]:
        """Give the longest phrases of every layer that begin at each token, and before them where they begin.

        Args:
            codes: The codes of sentences, the last of which ends with a full stop or line break.
        """
        nodes = self._longest(codes)
        places = np.flatnonzero(nodes)
        nodes = nodes[places]
        hits = list(chain.from_iterable(map(self._hits.__getitem__, nodes.tolist())))
        return places.repeat(self._n_hits[nodes]).tolist(), hits

    def _longest(self, codes: IntArray) -> IntArray:
        """Give the last node that is reached from each token."""
        nodes: IntArray = self._roots[codes]
        places = np.flatnonzero(self._has_next[nodes])
        reached = nodes[places]
        length = 0
        while len(places):
            length += 1
            wanted = reached * self._n_codes + codes[places + length]
            steps = np.minimum(self._steps.searchsorted(wanted), len(self._steps) - 1)
            is_step = self._steps[steps] == wanted
            places, reached = places[is_step], self._followers[steps[is_step]]
            nodes[places] = reached
            goes_on = self._has_next[reached]
            places, reached = places[goes_on], reached[goes_on]
        return nodes


def _describe(finding: Finding) -> Hit:
    layer, meaning, length = finding
    first_role = role = 0
    if isinstance(meaning, Face):
        first_role = roles.PART if meaning.part else 0
        role = roles.INNER if meaning.motions else 0
    elif layer in (Layer.TERM, Layer.DEGREE):
        role = roles.INNER
    elif layer == Layer.STOP:
        first_role = roles.STOP
    elif layer == Layer.TARGET and meaning != "pronoun":
        first_role = roles.NOUN
    elif layer == Layer.HEDGE and meaning == "forward":
        first_role = roles.HEDGE
    return Hit(layer, length, meaning, first_role | role, role)
