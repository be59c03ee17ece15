"""Assertion: is a mention absent, unsure, weak or strong, on one side, and whose is it?

Cues reach forward over their clause and over a coordinated list, in the manner of ConText (Chapman et al. 2007).
"""

from collections.abc import Sequence
from typing import NamedTuple

from descan.extract.clause import Clause, Phrase, head_noun
from descan.extract.vocabulary import Layer, Role

NEAR_REACH = 3
"""Tokens that a weak negation ("little", "minimal") reaches."""
BACKWARD_REACH = 14
"""Tokens before a cue that follows what it negates ("... are absent")."""
LIST_WINDOW = 14
"""Tokens within which a list must come to its "or"."""

_MODIFIER = Role.FILLER | Role.ADVERB | Role.MARK | Role.AND


class Scope(NamedTuple):
    """A cue and the tokens that it governs."""

    cue: Phrase
    start: int
    end: int


class Scopes:
    """The reach of every negation and hedge in one clause."""

    def __init__(self, clause: Clause, alternatives: frozenset[int], mention_starts: frozenset[int]) -> None:
        """Find the scopes.

        Args:
            clause: The sentence.
            alternatives: Codes of "or" and "nor", which carry a negation on.
            mention_starts: Tokens where a mention begins.
        """
        self._clause = clause
        self._or = alternatives
        self._mentions = mention_starts
        self._stops = frozenset(phrase.start for phrase in clause.layers[Layer.STOP])
        self._hedges = frozenset(phrase.start for phrase in clause.layers[Layer.HEDGE] if phrase.meaning == "forward")
        self._parts = frozenset(phrase.start for phrase in clause.face if phrase.face.part)
        self.negations = [scope for cue in clause.layers[Layer.NEGATION] if (scope := self._negation(cue))]
        self.hedges = [
            Scope(cue, cue.end, self._hedge_end(cue.end))
            for cue in clause.layers[Layer.HEDGE]
            if cue.meaning == "forward"
        ]

    def _negation(self, cue: Phrase) -> Scope | None:
        if cue.meaning in ("forward", "verbal"):
            return Scope(cue, cue.end, self._negation_end(cue.end, is_verbal=cue.meaning == "verbal"))
        if cue.meaning == "near":
            return Scope(cue, cue.end, min(cue.end + NEAR_REACH, self._negation_end(cue.end, is_verbal=False)))
        if cue.meaning == "backward":
            return Scope(cue, self._backward_start(cue.start), cue.start)
        return None

    def _negation_end(self, start: int, *, is_verbal: bool) -> int:
        roles, codes = self._clause.roles, self._clause.codes
        for index in range(start, len(codes)):
            role = roles[index]
            if role & Role.BREAK or index in self._stops:
                return index
            if role & Role.COMMA and not self._list_goes_on(index):
                return index
            if role & Role.AND and codes[index] not in self._or and self._starts_predicate(index + 1):
                return index
            if role & Role.STOP_AFTER_NOUN and not is_verbal and not roles[index - 1] & Role.RELATIVE:
                return index
        return len(codes)

    def _starts_predicate(self, index: int) -> bool:
        return self._starts_anew(index) or bool(self._clause.roles[index] & Role.COPULA)

    def _list_goes_on(self, comma: int) -> bool:
        """Tell whether a comma parts items of one negated list ("no X, Y, or Z")."""
        roles, codes = self._clause.roles, self._clause.codes
        if self._starts_anew(comma + 1):
            return False
        last, is_bare = comma, True
        for index in range(comma + 1, min(comma + LIST_WINDOW, len(codes))):
            role = roles[index]
            if role & Role.BREAK or index in self._stops:
                return False
            if role & Role.COMMA and index + 1 < len(codes) and not roles[index + 1] & Role.AND:
                if self._starts_anew(index + 1):
                    return False
                is_bare = is_bare and index - last <= 3
                last = index
            if codes[index] in self._or:
                return True
            if role & Role.AND:
                return is_bare and index - last <= 3 and not self._starts_anew(index + 1)
        return False

    def _starts_anew(self, index: int) -> bool:
        """Tell whether a new thought begins here: a pronoun, a determiner, or a participle that is no mention."""
        if index >= len(self._clause.codes):
            return True
        role = self._clause.roles[index]
        if role & Role.STOP_AFTER_COMMA or index in self._hedges:
            return True
        return bool(role & Role.PARTICIPLE) and index not in self._mentions

    def _backward_start(self, end: int) -> int:
        for index in range(end - 1, max(end - BACKWARD_REACH, -1), -1):
            if self._clause.roles[index] & Role.BREAK or index in self._stops:
                return index + 1
        return max(end - BACKWARD_REACH, 0)

    def _hedge_end(self, start: int) -> int:
        roles, codes = self._clause.roles, self._clause.codes
        for index in range(start, len(codes)):
            role = roles[index]
            if role & Role.BREAK or (index in self._stops and index > start):
                return index
            if role & Role.COMMA:
                following = index + 1
                if following < len(codes) and roles[following] & Role.AND:
                    following += 1
                if self._begins_clause(following):
                    return index
            elif role & Role.AND and codes[index] not in self._or and self._begins_clause(index + 1):
                return index
        return len(codes)

    def _begins_clause(self, index: int) -> bool:
        if self._starts_anew(index) and index not in self._hedges:
            return True
        roles = self._clause.roles
        while index < len(roles) and roles[index] & Role.FILLER and index not in self._parts:
            if roles[index] & Role.COPULA:
                return True
            index += 1
        return index in self._parts


def governing(scopes: Sequence[Scope], anchor: int) -> Phrase | None:
    """Give the last cue that reaches the token, or None."""
    for scope in reversed(scopes):
        if scope.start <= anchor < scope.end:
            return scope.cue
    return None


def degree(clause: Clause, start: int, end: int, plain: frozenset[int], busy: frozenset[int]) -> str:
    """Give how strong the mention from `start` to `end` is said to be: slight, strong or nothing.

    Args:
        clause: The sentence.
        start: First token of the mention.
        end: Token behind the mention.
        plain: Codes of words that look like a degree and are the mention itself.
        busy: Tokens that begin a mention; a degree right before one of them is that mention's.
    """
    found = ""
    for phrase in clause.layers[Layer.DEGREE]:
        if phrase.start > end + 1:
            break
        if phrase.end - phrase.start == 1 and clause.codes[phrase.start] in plain:
            continue
        is_inside = start <= phrase.start and phrase.end <= end
        is_before = phrase.end <= start and start - phrase.end <= 3 and clause.is_gap(phrase.end, start, _MODIFIER)
        is_behind = (
            0 <= phrase.start - end <= 1
            and clause.is_gap(end, phrase.start, Role.FILLER)
            and not any(index in busy for index in range(phrase.end, phrase.end + 3))
        )
        if is_inside or is_before or is_behind:
            found = str(phrase.meaning)
            if is_inside:
                break
    return found


def side(clause: Clause, start: int, end: int, motion_start: int, motion_end: int) -> str:
    """Give the side that the action from `start` to `end` is on: left, right, or nothing where it is both."""
    sides = {
        str(phrase.meaning)
        for phrase in clause.layers[Layer.SIDE]
        if not motion_start <= phrase.start < motion_end
        and (
            start <= phrase.start < end
            or (phrase.end <= start and start - phrase.end <= 2 and clause.is_gap(phrase.end, start, _MODIFIER))
        )
    }
    return sides.pop() if len(sides) == 1 else ""


def target(clause: Clause, start: int, end: int, *, is_noun: bool) -> str:
    """Give whose the state named by a term is: the person's or the scene's."""
    nouns = clause.layers[Layer.TARGET]
    if not nouns:
        return "person"
    if not is_noun:
        head = head_noun(clause, end)
        if head is not None and head.meaning != "either":
            return _whose(head)
    after = _place_after(clause, nouns, end)
    if after:
        return after
    for noun in reversed(nouns):
        if noun.end > start or noun.meaning == "either":
            continue
        if _whose(noun) == "scene" and _is_oblique(clause, noun.start):
            continue
        return _whose(noun)
    return "person"


def _place_after(clause: Clause, nouns: Sequence[Phrase], end: int) -> str:
    """Read "in the room" or "of the scene" right behind a term."""
    if end >= len(clause.roles) or not clause.roles[end] & Role.OF:
        return ""
    for noun in nouns:
        if 1 <= noun.start - end <= 3:
            return "" if noun.meaning == "either" else _whose(noun)
    return ""


def _whose(noun: Phrase) -> str:
    return "scene" if noun.meaning in ("scene", "place") else "person"


def _is_oblique(clause: Clause, start: int) -> bool:
    """Tell whether a noun only says where ("in a dimly lit room")."""
    for index in range(start - 1, max(start - 6, -1), -1):
        role = clause.roles[index]
        if role & Role.OF:
            return True
        if role & (Role.COMMA | Role.BREAK | Role.COPULA):
            return False
    return False
