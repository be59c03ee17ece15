"""A sentence as codes, and the phrases found in it: what actions, terms and assertions are read from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from descan.extract.vocabulary import FIRST_WORD, Face, Layer, Meaning, Role, Vocabulary

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


@dataclass(slots=True)
class Clause:
    """A sentence and its phrases.

    Attributes:
        codes: One code a token.
        roles: The roles of each token.
        layers: The phrases of each layer, in order.
        face: Those of the face layer.
    """

    codes: Sequence[int]
    roles: list[int]
    layers: list[list[Phrase]] = field(default_factory=lambda: [[] for _ in range(N_LAYERS)])
    face: list[FacePhrase] = field(default_factory=list)

    def is_gap(self, start: int, end: int, allowed: int) -> bool:
        """Tell whether every token from `start` to `end` has one of the allowed roles."""
        roles = self.roles
        return all(roles[index] & allowed for index in range(start, end))

    def has_role(self, start: int, end: int, role: int) -> bool:
        """Tell whether any token from `start` to `end` has one of the roles."""
        roles = self.roles
        return any(roles[index] & role for index in range(start, end))


def scan(codes: Sequence[int], vocabulary: Vocabulary) -> Clause:
    """Find the longest phrases of every layer, left to right, in one pass."""
    role_of = vocabulary.roles
    clause = Clause(codes, [role_of[code] for code in codes])
    tree = vocabulary.tree
    layers = clause.layers
    free = [0] * N_LAYERS
    n_codes = len(codes)
    for start, code in enumerate(codes):
        if code < FIRST_WORD:
            continue
        node = tree.get(code)
        if node is None:
            continue
        found: dict[Layer, tuple[int, Meaning]] = {}
        end = start + 1
        while True:
            for layer, meaning in node.meanings:
                if start >= free[layer]:
                    found[layer] = (end, meaning)
            if end >= n_codes or not node.next:
                break
            step = node.next.get(codes[end])
            if step is None:
                break
            node = step
            end += 1
        for layer, (stop, meaning) in found.items():
            free[layer] = stop
            if isinstance(meaning, Face):
                clause.face.append(FacePhrase(start, stop, meaning))
            else:
                layers[layer].append(Phrase(start, stop, meaning))
    return clause


MAX_HEAD_GAP = 5
"""Tokens between an adjective and the noun that it describes ("a calm, focused and slightly tense expression")."""
_BEFORE_NOUN = Role.AND | Role.COMMA | Role.ADVERB | Role.MARK


def head_noun(clause: Clause, end: int) -> Phrase | None:
    """Give the noun that an adjective ending before `end` describes, if one of the known ones follows."""
    nouns = {phrase.start: phrase for phrase in clause.layers[Layer.TARGET] if phrase.meaning != "pronoun"}
    if not nouns:
        return None
    inner = {
        index
        for layer in (Layer.TERM, Layer.DEGREE)
        for phrase in clause.layers[layer]
        for index in range(phrase.start, phrase.end)
    }
    inner.update(index for phrase in clause.face if phrase.face.motions for index in range(phrase.start, phrase.end))
    for index in range(end, min(end + MAX_HEAD_GAP, len(clause.codes))):
        if index in nouns:
            is_listed = index > end and clause.roles[index - 1] & (Role.COMMA | Role.AND)
            return None if is_listed else nouns[index]
        role = clause.roles[index]
        if role & Role.BREAK or not (role & _BEFORE_NOUN or index in inner or clause.codes[index] < FIRST_WORD):
            return None
    return None
