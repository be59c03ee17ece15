"""All phrases of the lexicon as arrays: a tree of words, and what ends at each of its nodes."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from descan.extract import roles
from descan.extract.clause import END, MEANING, START, Clause, IntArray
from descan.extract.compiled import compiled
from descan.extract.meanings import CUES, Hedge, Layer, Target
from descan.extract.vocabulary import IGNORED, Face, Finding, Meaning, Node, Vocabulary
from descan.extract.words import FIRST_WORD, Shape

NO_NODE: Final = 0

_SENTENCE_ENDS = (Shape.END, Shape.NEWLINE)


class PhraseTable(NamedTuple):
    """The phrase tree; its nodes are numbered, 0 being none.

    Attributes:
        roots: The node of each code. Shape: (n_codes,).
        steps: Where the steps of each node begin, and behind the last. Shape: (n_nodes + 1,).
        codes: The code of each step, in order within a node. Shape: (n_steps,).
        followers: The node that each step leads to. Shape: (n_steps,).
        findings: Where the findings of each node begin, and behind the last. Shape: (n_nodes + 1,).
        meanings: Layer, number of words, meaning, what the phrase makes of its first token, and of the others. The
            longest phrase of every layer that ends at the node or before it. Shape: (n_findings, 5).
    """

    roots: IntArray
    steps: IntArray
    codes: IntArray
    followers: IntArray
    findings: IntArray
    meanings: IntArray


def compile_phrases(vocabulary: Vocabulary, faces: Sequence[Face], terms: Sequence[str]) -> PhraseTable:
    """Number the nodes of a vocabulary's phrases.

    Args:
        vocabulary: Words and phrases, complete.
        faces: What face phrases can mean; their place is their number.
        terms: What term phrases can mean; their place is their number.
    """
    nodes = _Nodes({face: place for place, face in enumerate(faces)}, {term: place for place, term in enumerate(terms)})
    roots = np.zeros(len(vocabulary.roles), dtype=np.int64)
    for code, root in vocabulary.phrases.items():
        if code >= FIRST_WORD:
            roots[code] = nodes.add(root)
    return nodes.table(roots)


def faces_of(vocabulary: Vocabulary) -> list[Face]:
    """Give all that face phrases can mean, what is to be passed over first."""
    faces = {IGNORED: None}
    waiting = list(vocabulary.phrases.values())
    while waiting:
        node = waiting.pop()
        faces.update((meaning, None) for _, meaning, _ in node.meanings if isinstance(meaning, Face))
        waiting += node.next.values()
    return list(faces)


@compiled
def find_phrases(table: PhraseTable, clause: Clause) -> None:
    """Find the longest phrases of every layer that begin in a sentence but not within the one found before them.

    They are put into `clause.phrases`, and the roles that they give into `clause.roles`.
    """
    clause.n_phrases[:] = 0
    for index in range(clause.start, clause.end):
        node = table.roots[clause.codes[index]]
        if node != NO_NODE:
            node = _last_node(table, clause.codes, index, node)
            for finding in range(table.findings[node], table.findings[node + 1]):
                _add_phrase(clause, index, table.meanings[finding])


@compiled
def _last_node(table: PhraseTable, codes: IntArray, index: int, node: int) -> int:
    last = node
    while node != NO_NODE:
        last = node
        index += 1
        first, behind = table.steps[node], table.steps[node + 1]
        if first == behind:
            break
        node = NO_NODE
        wanted = codes[index]
        while first < behind:
            middle = (first + behind) // 2
            if table.codes[middle] < wanted:
                first = middle + 1
            else:
                behind = middle
        if first < table.steps[last + 1] and table.codes[first] == wanted:
            node = table.followers[first]
    return last


@compiled
def _add_phrase(clause: Clause, index: int, finding: IntArray) -> None:
    layer, length = finding[0], finding[1]
    place = clause.n_phrases[layer]
    if place and index < clause.phrases[layer, place - 1, END]:
        return
    clause.phrases[layer, place, START] = index
    clause.phrases[layer, place, END] = index + length
    clause.phrases[layer, place, MEANING] = finding[2]
    clause.n_phrases[layer] = place + 1
    clause.roles[index] |= finding[3]
    for inner in range(index + 1, index + length):
        clause.roles[inner] |= finding[4]


class _Nodes:
    """The nodes while they are numbered; a longer phrase says nothing of some layers: there a shorter one holds."""

    def __init__(self, faces: dict[Face, int], terms: dict[str, int]) -> None:
        self._faces = faces
        self._terms = terms
        self._findings: list[list[Finding]] = [[]]
        self._steps: list[list[tuple[int, int]]] = [[]]

    def add(self, node: Node, parent: int = NO_NODE) -> int:
        number = len(self._findings)
        layers = {layer for layer, _, _ in node.meanings}
        kept = [known for known in self._findings[parent] if known[0] not in layers]
        self._findings.append(kept + node.meanings)
        self._steps.append([])
        for code, following in sorted(node.next.items()):
            if code not in _SENTENCE_ENDS:
                self._steps[number].append((code, self.add(following, number)))
        return number

    def table(self, roots: IntArray) -> PhraseTable:
        steps = [step for steps in self._steps for step in steps]
        return PhraseTable(
            roots=roots,
            steps=_offsets(self._steps),
            codes=np.array([code for code, _ in steps], dtype=np.int64),
            followers=np.array([node for _, node in steps], dtype=np.int64),
            findings=_offsets(self._findings),
            meanings=np.array([self._row(*found) for found_here in self._findings for found in found_here], np.int64),
        )

    def _row(self, layer: int, meaning: Meaning, length: int) -> tuple[int, int, int, int, int]:
        first_role, role = _roles(layer, meaning)
        if isinstance(meaning, Face):
            number = self._faces[meaning]
        elif layer == Layer.TERM:
            number = self._terms[meaning]
        else:
            number = int(CUES[Layer(layer)][meaning.upper()])
        return layer, length, number, first_role | role, role


def _roles(layer: int, meaning: Meaning) -> tuple[int, int]:
    """Give what a phrase makes of its first token alone, and of all."""
    if isinstance(meaning, Face):
        return roles.PART if meaning.part else 0, roles.INNER if meaning.motions else 0
    if layer in (Layer.TERM, Layer.DEGREE):
        return 0, roles.INNER
    if layer == Layer.STOP:
        return roles.STOP, 0
    if layer == Layer.TARGET and meaning.upper() != Target.PRONOUN.name:
        return roles.NOUN, 0
    if layer == Layer.HEDGE and meaning.upper() == Hedge.FORWARD.name:
        return roles.HEDGE, 0
    return 0, 0


def _offsets(rows: Sequence[Sequence[object]]) -> IntArray:
    return np.cumsum([0, *map(len, rows)], dtype=np.int64)
