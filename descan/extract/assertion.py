"""Assertion: is a mention absent, unsure, weak or strong, on one side, and whose is it?

Cues reach forward over their clause and over a coordinated list, in the manner of ConText (Chapman et al. 2007).
"""

from collections.abc import Sequence, Set

from descan.extract.clause import Clause, Phrase, head_noun
from descan.extract.roles import (
    ADVERB,
    AND,
    BREAK,
    COMMA,
    COPULA,
    FILLER,
    HEDGE,
    MARK,
    OF,
    OR,
    PART,
    PARTICIPLE,
    RELATIVE,
    STOP,
    STOP_AFTER_COMMA,
    STOP_AFTER_NOUN,
)

NEAR_REACH = 3
"""Tokens that a weak negation ("little", "minimal") reaches."""
BACKWARD_REACH = 14
"""Tokens before a cue that follows what it negates ("... are absent")."""
LIST_WINDOW = 14
"""Tokens within which a list must come to its "or"."""

_TURNS = BREAK | STOP | COMMA | AND | STOP_AFTER_NOUN
_SCENES = frozenset({"scene", "place"})
_MODIFIER = FILLER | ADVERB | MARK | AND


Scope = tuple[Phrase, int, int]
"""A cue and the tokens that it governs."""


class Scopes:
    """The reach of every negation and hedge in one clause."""

    def __init__(self, clause: Clause, mention_starts: Set[int]) -> None:
        """Find the scopes.

        Args:
            clause: The sentence.
            mention_starts: Tokens where a mention begins.
        """
        self._clause = clause
        self._mentions = mention_starts
        self.negations = [scope for cue in clause.negations if (scope := self._negation(cue))]
        self.hedges: list[Scope] = [
            (cue, cue[1], self._hedge_end(cue[1])) for cue in clause.hedges if cue[2] == "forward"
        ]

    def _negation(self, cue: Phrase) -> Scope | None:
        start, end, kind = cue
        if kind in ("forward", "verbal"):
            return cue, end, self._negation_end(end, is_verbal=kind == "verbal")
        if kind == "near":
            return cue, end, min(end + NEAR_REACH, self._negation_end(end, is_verbal=False))
        if kind == "backward":
            return cue, self._backward_start(start), start
        return None

    def _negation_end(self, start: int, *, is_verbal: bool) -> int:
        clause, roles = self._clause, self._clause.roles
        for index in range(start, clause.end):
            role = roles[index]
            if not role & _TURNS:
                continue
            if role & (BREAK | STOP):
                return index
            if role & COMMA and not self._list_goes_on(index):
                return index
            if role & AND and not role & OR and self._starts_predicate(index + 1):
                return index
            if role & STOP_AFTER_NOUN and not is_verbal and not roles[index - 1] & RELATIVE:
                return index
        return clause.end

    def _starts_predicate(self, index: int) -> bool:
        return self._starts_anew(index) or bool(self._clause.roles[index] & COPULA)

    def _list_goes_on(self, comma: int) -> bool:
        """Tell whether a comma parts items of one negated list ("no X, Y, or Z")."""
        clause, roles = self._clause, self._clause.roles
        if self._starts_anew(comma + 1):
            return False
        last, is_bare = comma, True
        for index in range(comma + 1, min(comma + LIST_WINDOW, clause.end)):
            role = roles[index]
            if role & (BREAK | STOP):
                return False
            if role & COMMA and index + 1 < clause.end and not roles[index + 1] & AND:
                if self._starts_anew(index + 1):
                    return False
                is_bare = is_bare and index - last <= 3
                last = index
            if role & OR:
                return True
            if role & AND:
                return is_bare and index - last <= 3 and not self._starts_anew(index + 1)
        return False

    def _starts_anew(self, index: int) -> bool:
        """Tell whether a new thought begins here: a pronoun, a determiner, or a participle that is no mention."""
        if index >= self._clause.end:
            return True
        role = self._clause.roles[index]
        if role & (STOP_AFTER_COMMA | HEDGE):
            return True
        return bool(role & PARTICIPLE) and index not in self._mentions

    def _backward_start(self, end: int) -> int:
        first = self._clause.start
        for index in range(end - 1, max(end - BACKWARD_REACH, first - 1), -1):
            if self._clause.roles[index] & (BREAK | STOP):
                return index + 1
        return max(end - BACKWARD_REACH, first)

    def _hedge_end(self, start: int) -> int:
        clause, roles = self._clause, self._clause.roles
        for index in range(start, clause.end):
            role = roles[index]
            if not role & _TURNS:
                continue
            if role & BREAK or (role & STOP and index > start):
                return index
            if role & COMMA:
                following = index + 1
                if following < clause.end and roles[following] & AND:
                    following += 1
                if self._begins_clause(following):
                    return index
            elif role & AND and not role & OR and self._begins_clause(index + 1):
                return index
        return clause.end

    def _begins_clause(self, index: int) -> bool:
        roles, end = self._clause.roles, self._clause.end
        if self._starts_anew(index) and not (index < end and roles[index] & HEDGE):
            return True
        while index < end and roles[index] & FILLER and not roles[index] & PART:
            if roles[index] & COPULA:
                return True
            index += 1
        return index < end and bool(roles[index] & PART)


def degree(clause: Clause, start: int, end: int, plain: frozenset[int], busy: Set[int]) -> str:
    """Give how strong the mention from `start` to `end` is said to be: slight, strong or nothing.

    Args:
        clause: The sentence.
        start: First token of the mention.
        end: Token behind the mention.
        plain: Codes of words that look like a degree and are the mention itself.
        busy: Tokens that begin a mention; a degree right before one of them is that mention's.
    """
    found = ""
    for first, behind, meaning in clause.degrees:
        if first > end + 1:
            break
        if behind < start - 3 or (behind - first == 1 and clause.codes[first] in plain):
            continue
        if start <= first and behind <= end:
            return meaning
        is_before = behind <= start and clause.is_gap(behind, start, _MODIFIER)
        is_behind = (
            0 <= first - end <= 1 and clause.is_gap(end, first, FILLER) and busy.isdisjoint(range(behind, behind + 3))
        )
        if is_before or is_behind:
            found = meaning
    return found


def side(clause: Clause, start: int, end: int, motion_start: int, motion_end: int) -> str:
    """Give the side that the action from `start` to `end` is on: left, right, or nothing where it is both."""
    sides = {
        meaning
        for first, behind, meaning in clause.sides
        if not motion_start <= first < motion_end
        and (
            start <= first < end
            or (behind <= start and start - behind <= 2 and clause.is_gap(behind, start, _MODIFIER))
        )
    }
    return sides.pop() if len(sides) == 1 else ""


def target(clause: Clause, start: int, end: int, *, is_noun: bool) -> str:
    """Give whose the state named by a term is: the person's or the scene's."""
    nouns = clause.targets
    if not nouns:
        return "person"
    if not is_noun:
        head = head_noun(clause, end)
        if head is not None and head[2] != "either":
            return _whose(head[2])
    if is_noun and end < clause.end and clause.roles[end] & OF:
        after = _place_after(nouns, end)
        if after:
            return after
    for first, behind, kind in reversed(nouns):
        if behind > start or kind == "either":
            continue
        if kind not in _SCENES:
            return "person"
        if not _is_oblique(clause, first):
            return "scene"
    return "person"


def _place_after(nouns: Sequence[Phrase], end: int) -> str:
    """Read "in the room" or "of the scene" right behind a term."""
    for first, _, kind in nouns:
        if 1 <= first - end <= 3:
            return "" if kind == "either" else _whose(kind)
    return ""


def _whose(noun: str) -> str:
    return "scene" if noun in _SCENES else "person"


def _is_oblique(clause: Clause, start: int) -> bool:
    """Tell whether a noun only says where ("in a dimly lit room")."""
    for index in range(start - 1, max(start - 6, clause.start - 1), -1):
        role = clause.roles[index]
        if role & OF:
            return True
        if role & (COMMA | BREAK | COPULA):
            return False
    return False
