"""Assertion: is a mention absent, unsure, weak or strong, on one side, and whose is it?

Cues reach over their clause and over a coordinated list, in the manner of ConText (Chapman et al. 2007). In which
direction a cue reaches is part of its meaning (`Negation`, `Hedge`), and so belongs to the lexicon.
"""

from typing import Final

from descan.extract.engine.clause import END, MEANING, NONE, START, Clause, MarkedTokens, head_noun, is_gap
from descan.extract.engine.codes import Degree, Hedge, Layer, Negation, Side, Target
from descan.extract.engine.compilation import compilable
from descan.extract.engine.roles import (
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
from descan.extract.engine.rule_tables import IntArray, Rules
from descan.extract.engine.workspace import Workspace

NEAR_REACH: Final = 3
"""Tokens that a weak negation ("little", "minimal") reaches."""
BACKWARD_REACH: Final = 14
"""Tokens before a cue that follows what it negates ("... are absent")."""
LIST_WINDOW: Final = 14
"""Tokens within which a list must come to its "or"."""

NEGATIONS: Final = 0
HEDGES: Final = 1
"""Kinds of scopes, as `Workspace.scopes` has them."""

NO_ACTION: Final = -1

_TURNS: Final = BREAK | STOP | COMMA | AND | STOP_AFTER_NOUN
_MODIFIER: Final = FILLER | ADVERB | MARK | AND

_NEGATION_LAYER: Final = int(Layer.NEGATION)
_HEDGE_LAYER: Final = int(Layer.HEDGE)
_DEGREES: Final = int(Layer.DEGREE)
_SIDES: Final = int(Layer.SIDE)
_TARGETS: Final = int(Layer.TARGET)

_FORWARD: Final = int(Negation.FORWARD)
_VERBAL: Final = int(Negation.VERBAL)
_NEAR: Final = int(Negation.NEAR)
_BACKWARD: Final = int(Negation.BACKWARD)
_FORWARD_HEDGE: Final = int(Hedge.FORWARD)
_NO_DEGREE: Final = int(Degree.NONE)
_NO_SIDE: Final = int(Side.NONE)
_PERSON: Final = int(Target.PERSON)
_SCENE: Final = int(Target.SCENE)
_PLACE: Final = int(Target.PLACE)
_EITHER: Final = int(Target.EITHER)


@compilable
def find_scopes(clause: Clause, work: Workspace, begun: MarkedTokens) -> None:
    """Put the reach of every negation and hedge into `work.scopes`.

    Args:
        clause: The sentence.
        work: Where the scopes go.
        begun: Marks the tokens where a mention, or the anchor of one, begins.
    """
    work.n_scopes[:] = 0
    for place in range(clause.n_phrases[_NEGATION_LAYER]):
        cue = clause.phrases[_NEGATION_LAYER, place]
        start, end, kind = cue[START], cue[END], cue[MEANING]
        if kind in (_FORWARD, _VERBAL):
            _add_scope(work, NEGATIONS, end, _negation_end(clause, begun, end, kind == _VERBAL), cue)
        elif kind == _NEAR:
            reach = min(end + NEAR_REACH, _negation_end(clause, begun, end, False))
            _add_scope(work, NEGATIONS, end, reach, cue)
        elif kind == _BACKWARD:
            _add_scope(work, NEGATIONS, _backward_start(clause, start), start, cue)
    for place in range(clause.n_phrases[_HEDGE_LAYER]):
        cue = clause.phrases[_HEDGE_LAYER, place]
        if cue[MEANING] == _FORWARD_HEDGE:
            _add_scope(work, HEDGES, cue[END], _hedge_end(clause, begun, cue[END]), cue)


@compilable
def governing_scope(work: Workspace, kind: int, anchor: int) -> int:
    """Return the index of the innermost scope that contains the token, or `NONE`."""
    for place in range(work.n_scopes[kind] - 1, -1, -1):
        if work.scopes[kind, place, 0] <= anchor < work.scopes[kind, place, 1]:
            return place
    return NONE


@compilable
def _add_scope(work: Workspace, kind: int, start: int, end: int, cue: IntArray) -> None:
    scope = work.scopes[kind, work.n_scopes[kind]]
    scope[0], scope[1], scope[2], scope[3] = start, end, cue[START], cue[END]
    work.n_scopes[kind] += 1


@compilable
def _negation_end(clause: Clause, begun: MarkedTokens, start: int, is_verbal: bool) -> int:
    roles = clause.roles
    for index in range(start, clause.end):
        role = roles[index]
        if not role & _TURNS:
            continue
        if role & (BREAK | STOP):
            return index
        if role & COMMA and not _list_goes_on(clause, begun, index):
            return index
        if role & AND and not role & OR and _starts_predicate(clause, begun, index + 1):
            return index
        if role & STOP_AFTER_NOUN and not is_verbal and not roles[index - 1] & RELATIVE:
            return index
    return clause.end


@compilable
def _starts_predicate(clause: Clause, begun: MarkedTokens, index: int) -> bool:
    return _starts_anew(clause, begun, index) or clause.roles[index] & COPULA != 0


@compilable
def _list_goes_on(clause: Clause, begun: MarkedTokens, comma: int) -> bool:
    """Tell whether a comma parts items of one negated list ("no X, Y, or Z")."""
    roles = clause.roles
    if _starts_anew(clause, begun, comma + 1):
        return False
    last, is_bare = comma, True
    for index in range(comma + 1, min(comma + LIST_WINDOW, clause.end)):
        role = roles[index]
        if role & (BREAK | STOP):
            return False
        if role & COMMA and index + 1 < clause.end and not roles[index + 1] & AND:
            if _starts_anew(clause, begun, index + 1):
                return False
            is_bare = is_bare and index - last <= 3
            last = index
        if role & OR:
            return True
        if role & AND:
            return is_bare and index - last <= 3 and not _starts_anew(clause, begun, index + 1)
    return False


@compilable
def _starts_anew(clause: Clause, begun: MarkedTokens, index: int) -> bool:
    """Tell whether a new thought begins here: a pronoun, a determiner, or a participle that is no mention."""
    if index >= clause.end:
        return True
    role = clause.roles[index]
    if role & (STOP_AFTER_COMMA | HEDGE):
        return True
    return role & PARTICIPLE != 0 and bool(begun.marks[index] != begun.sentence)


@compilable
def _backward_start(clause: Clause, end: int) -> int:
    for index in range(end - 1, max(end - BACKWARD_REACH, clause.start - 1), -1):
        if clause.roles[index] & (BREAK | STOP):
            return index + 1
    return max(end - BACKWARD_REACH, clause.start)


@compilable
def _hedge_end(clause: Clause, begun: MarkedTokens, start: int) -> int:
    roles = clause.roles
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
            if _begins_clause(clause, begun, following):
                return index
        elif role & AND and not role & OR and _begins_clause(clause, begun, index + 1):
            return index
    return clause.end


@compilable
def _begins_clause(clause: Clause, begun: MarkedTokens, index: int) -> bool:
    roles, end = clause.roles, clause.end
    if _starts_anew(clause, begun, index) and not (index < end and roles[index] & HEDGE):
        return True
    while index < end and roles[index] & FILLER and not roles[index] & PART:
        if roles[index] & COPULA:
            return True
        index += 1
    return index < end and roles[index] & PART != 0


@compilable
def degree(clause: Clause, rules: Rules, start: int, end: int, action: int, begun: MarkedTokens) -> int:
    """Return how strong the mention from `start` to `end` is said to be.

    Args:
        clause: The sentence.
        rules: Knows which words look like a degree and are the action itself.
        start: First token of the mention.
        end: Token after the mention.
        action: The number of the action, or `NO_ACTION`.
        begun: Marks the tokens that begin a mention; a degree right before one of them is that mention's.
    """
    found = _NO_DEGREE
    for place in range(clause.n_phrases[_DEGREES]):
        first, cue_end = clause.phrases[_DEGREES, place, START], clause.phrases[_DEGREES, place, END]
        if first > end + 1:
            break
        if cue_end < start - 3:
            continue
        if action != NO_ACTION and cue_end - first == 1 and rules.is_plain[action, clause.codes[first]]:
            continue
        if start <= first and cue_end <= end:
            return int(clause.phrases[_DEGREES, place, MEANING])
        is_before = cue_end <= start and is_gap(clause, cue_end, start, _MODIFIER)
        if is_before or (0 <= first - end <= 1 and is_gap(clause, end, first, FILLER) and _is_free(begun, cue_end)):
            found = clause.phrases[_DEGREES, place, MEANING]
    return int(found)


@compilable
def _is_free(begun: MarkedTokens, start: int) -> bool:
    """Tell whether no mention begins at the token or the two after it."""
    for index in range(start, min(start + 3, len(begun.marks))):
        if begun.marks[index] == begun.sentence:
            return False
    return True


@compilable
def side(clause: Clause, start: int, end: int, motion_start: int, motion_end: int) -> int:
    """Return the side of the action from `start` to `end`; no side where it is both."""
    found = _NO_SIDE
    for place in range(clause.n_phrases[_SIDES]):
        first, cue_end = clause.phrases[_SIDES, place, START], clause.phrases[_SIDES, place, END]
        if motion_start <= first < motion_end:
            continue
        is_before = cue_end <= start and start - cue_end <= 2 and is_gap(clause, cue_end, start, _MODIFIER)
        if start <= first < end or is_before:
            meaning = clause.phrases[_SIDES, place, MEANING]
            if found not in (_NO_SIDE, meaning):
                return _NO_SIDE
            found = meaning
    return int(found)


@compilable
def is_of_scene(clause: Clause, start: int, end: int, is_noun: bool) -> bool:
    """Tell whether the state named by a term is the scene's and not the person's."""
    if not is_noun:
        head = head_noun(clause, end)
        if head != NONE and clause.phrases[_TARGETS, head, MEANING] != _EITHER:
            return _is_scene(clause.phrases[_TARGETS, head, MEANING])
    if is_noun and end < clause.end and clause.roles[end] & OF:
        after = _target_after(clause, end)
        if after not in (NONE, _EITHER):
            return _is_scene(after)
    for place in range(clause.n_phrases[_TARGETS] - 1, -1, -1):
        noun = clause.phrases[_TARGETS, place]
        if noun[END] > start or noun[MEANING] == _EITHER:
            continue
        if not _is_scene(noun[MEANING]):
            return False
        if not _is_oblique(clause, noun[START]):
            return True
    return False


@compilable
def _target_after(clause: Clause, end: int) -> int:
    """Read "in the room" or "of the scene" right after a term; `NONE` if there is no such noun."""
    for place in range(clause.n_phrases[_TARGETS]):
        if 1 <= clause.phrases[_TARGETS, place, START] - end <= 3:
            return int(clause.phrases[_TARGETS, place, MEANING])
    return NONE


@compilable
def _is_scene(noun: int) -> bool:
    return noun in (_SCENE, _PLACE)


@compilable
def _is_oblique(clause: Clause, start: int) -> bool:
    """Tell whether a noun only says where ("in a dimly lit room")."""
    for index in range(start - 1, max(start - 6, clause.start - 1), -1):
        role = clause.roles[index]
        if role & OF:
            return True
        if role & (COMMA | BREAK | COPULA):
            return False
    return False
