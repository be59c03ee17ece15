"""A sentence as codes, and the phrases found in it: what actions, terms and assertions are read from."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, NamedTuple

from descan.extract.phrases import Hit
from descan.extract.roles import ADVERB, AND, BREAK, COMMA, FILLER, INNER, MARK, NOUN
from descan.extract.vocabulary import Face
from descan.extract.words import FIRST_WORD

GAP_ROLES = FILLER | ADVERB | MARK
MAX_HEAD_GAP = 5
"""Tokens between an adjective and the noun that it describes ("a calm, focused and slightly tense expression")."""

_BEFORE_NOUN = AND | COMMA | ADVERB | MARK | INNER

Phrase = tuple[int, int, str]
"""A phrase of one layer: its first token, the token behind it, and what it means there."""

FacePhrase = tuple[int, int, Face]
"""A phrase of the face layer."""


class Match(NamedTuple):
    """An action or an emotion term found.

    Attributes:
        start: Its first token.
        end: The token behind its last.
        name: The action, or the lemma of the term (empty for a word that the lexicon does not have).
        entry: The lexicon entry or rule that made it.
        anchor: The token that a cue must reach: the first of an action's motion, else of all.
        anchor_end: The token behind an action's motion.
        is_absent: The words themselves say that there is no such action.
    """

    start: int
    end: int
    is_action: bool
    name: str
    entry: str
    anchor: int
    anchor_end: int
    is_absent: bool = False


class Clause:
    """A sentence and its phrases; tokens are counted over a row of texts, not from the beginning of the sentence.

    Attributes:
        codes: The code of each token of the row.
        roles: The roles of each token of the row.
        start: The first token of the sentence.
        end: The token behind its last.
        face: The phrases of the face layer, in order; the other layers follow, as `Layer` lists them.
    """

    __slots__ = (
        "codes", "conclusions", "degrees", "end", "face", "feelings", "hedges", "negations", "roles", "sides", "start",
        "stops", "targets", "terms",
    )  # fmt: skip

    face: list[FacePhrase]
    terms: list[Phrase]
    negations: list[Phrase]
    hedges: list[Phrase]
    stops: list[Phrase]
    degrees: list[Phrase]
    sides: list[Phrase]
    targets: list[Phrase]
    conclusions: list[Phrase]
    feelings: list[Phrase]

    def __init__(
        self, codes: list[int], roles: list[int], start: int, end: int, hits: Iterable[tuple[int, Hit]]
    ) -> None:
        """Keep the phrases of every layer that do not begin within the one kept before them.

        Args:
            codes: The code of each token of the row.
            roles: The roles of each token of the row, to which those of the phrases are added.
            start: The first token of the sentence.
            end: The token behind its last.
            hits: Tokens at which phrases begin, in order, and what these are.
        """
        self.codes = codes
        self.roles = roles
        self.start = start
        self.end = end
        layers: list[list[Any]] = [[], [], [], [], [], [], [], [], [], []]
        free = [0] * len(layers)
        for index, (layer, length, meaning, first_role, role) in hits:
            if index >= free[layer]:
                free[layer] = behind = index + length
                layers[layer].append((index, behind, meaning))
                if first_role:
                    roles[index] |= first_role
                    if role and length > 1:
                        for inner in range(index + 1, behind):
                            roles[inner] |= role
        (
            self.face, self.terms, self.negations, self.hedges, self.stops, self.degrees, self.sides, self.targets,
            self.conclusions, self.feelings,
        ) = layers  # fmt: skip

    def is_gap(self, start: int, end: int, allowed: int) -> bool:
        """Tell whether every token from `start` to `end` has one of the allowed roles."""
        if start >= end:
            return True
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


def head_noun(clause: Clause, end: int) -> Phrase | None:
    """Give the noun that an adjective ending before `end` describes, if one of the known ones follows."""
    roles = clause.roles
    for index in range(end, min(end + MAX_HEAD_GAP, clause.end)):
        role = roles[index]
        if role & NOUN:
            if index > end and roles[index - 1] & (COMMA | AND):
                return None
            return clause.targets[bisect_left(clause.targets, (index,))]
        if role & BREAK or not (role & _BEFORE_NOUN or clause.codes[index] < FIRST_WORD):
            return None
    return None
