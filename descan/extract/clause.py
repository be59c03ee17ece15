"""A sentence as codes, and the phrases found in it: what actions, terms and assertions are read from."""

from collections.abc import Sequence
from typing import NamedTuple

from descan.extract.vocabulary import FIRST_WORD, Face, Layer, Meaning, Node, Role, Vocabulary

N_LAYERS = len(Layer)
GAP_ROLES = Role.FILLER | Role.ADVERB | Role.MARK


class Phrase(NamedTuple):
    """A phrase of one layer: tokens `start` to `end` of its sentence."""

    start: int
    end: int
    meaning: Meaning


class FacePhrase(NamedTuple):
    """A phrase of the face layer."""

    start: int
    end: int
    face: Face


class Clause:
    """A sentence and its phrases.

    Attributes:
        codes: One code a token.
        roles: The roles of each token.
        layers: The phrases of each layer but the face's, in order.
        face: Those of the face layer.
    """

    __slots__ = ("_modifiers", "_nouns", "codes", "face", "layers", "roles")

    def __init__(self, codes: Sequence[int], roles: list[int]) -> None:
        """Start without phrases."""
        self.codes = codes
        self.roles = roles
        self.layers: list[list[Phrase]] = [[] for _ in range(N_LAYERS)]
        self.face: list[FacePhrase] = []
        self._nouns: dict[int, Phrase] | None = None
        self._modifiers: set[int] | None = None

    def is_gap(self, start: int, end: int, allowed: int) -> bool:
        """Tell whether every token from `start` to `end` has one of the allowed roles."""
        for role in self.roles[start:end]:  # noqa: SIM110 (a generator costs three times as much here)
            if not role & allowed:
                return False
        return True

    def has_role(self, start: int, end: int, role: int) -> bool:
        """Tell whether any token from `start` to `end` has one of the roles."""
        for known in self.roles[start:end]:  # noqa: SIM110
            if known & role:
                return True
        return False

    @property
    def nouns(self) -> dict[int, Phrase]:
        """Nouns that a state can belong to, by their first token."""
        if self._nouns is None:
            self._nouns = {phrase.start: phrase for phrase in self.layers[Layer.TARGET] if phrase.meaning != "pronoun"}
        return self._nouns

    @property
    def modifiers(self) -> set[int]:
        """Tokens that can stand between an adjective and its noun: terms, degrees and motions."""
        if self._modifiers is None:
            phrases: list[Phrase | FacePhrase] = [*self.layers[Layer.TERM], *self.layers[Layer.DEGREE]]
            phrases += [phrase for phrase in self.face if phrase.face.motions]
            self._modifiers = {index for phrase in phrases for index in range(phrase.start, phrase.end)}
        return self._modifiers


def scan(codes: Sequence[int], vocabulary: Vocabulary) -> Clause:
    """Find the longest phrases of every layer, left to right, in one pass."""
    clause = Clause(codes, list(map(vocabulary.roles.__getitem__, codes)))
    nodes, layers, face = vocabulary.nodes, clause.layers, clause.face
    free = [0] * N_LAYERS
    n_codes = len(codes)
    for start, code in enumerate(codes):
        if code < FIRST_WORD:
            continue
        node = nodes[code]
        if node is None:
            continue
        found = node.meanings
        if node.next:
            found = _longest(node, codes, start, n_codes)
        for layer, meaning, length in found:
            if start < free[layer]:
                continue
            end = start + length
            free[layer] = end
            if isinstance(meaning, Face):
                face.append(FacePhrase(start, end, meaning))
            else:
                layers[layer].append(Phrase(start, end, meaning))
    return clause


def _longest(node: Node, codes: Sequence[int], start: int, n_codes: int) -> list[tuple[int, Meaning, int]]:
    """Give the longest phrase of each layer that begins with the node's word."""
    found = node.meanings
    end = start + 1
    while end < n_codes:
        step = node.next.get(codes[end])
        if step is None:
            break
        node = step
        end += 1
        if node.meanings:
            longer = {layer for layer, _, _ in node.meanings}
            found = [known for known in found if known[0] not in longer] + node.meanings
    return found


MAX_HEAD_GAP = 5
"""Tokens between an adjective and the noun that it describes ("a calm, focused and slightly tense expression")."""
_BEFORE_NOUN = Role.AND | Role.COMMA | Role.ADVERB | Role.MARK


def head_noun(clause: Clause, end: int) -> Phrase | None:
    """Give the noun that an adjective ending before `end` describes, if one of the known ones follows."""
    nouns = clause.nouns
    if not nouns:
        return None
    inner = clause.modifiers
    for index in range(end, min(end + MAX_HEAD_GAP, len(clause.codes))):
        if index in nouns:
            is_listed = index > end and clause.roles[index - 1] & (Role.COMMA | Role.AND)
            return None if is_listed else nouns[index]
        role = clause.roles[index]
        if role & Role.BREAK or not (role & _BEFORE_NOUN or index in inner or clause.codes[index] < FIRST_WORD):
            return None
    return None
