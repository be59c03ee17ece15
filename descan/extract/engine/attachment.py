"""Attachment: the part of the face that a motion is said of.

A motion belongs to the part that it directly follows ("brows furrowed", "eyes are slightly narrowed"), else to the
part that it leads up to ("furrowed brows", "a slight drop of the jaw", "purses her lips"), else to the last part
before it in the same clause ("the mouth, by contrast, stays firmly closed").
"""

from typing import Final, NamedTuple

from descan.extract.engine.clause import END, MEANING, NONE, START, Clause, has_phrase, has_role, head_noun, is_gap
from descan.extract.engine.codes import Layer
from descan.extract.engine.compilation import compilable
from descan.extract.engine.roles import (
    ADVERB,
    AND,
    BREAK,
    CASE,
    COMMA,
    COPULA,
    FILLER,
    LABEL,
    MARK,
    OF,
    PARTICIPLE,
    RELATIVE,
    STOP_AFTER_COMMA,
)
from descan.extract.engine.roles import PART as PART_ROLE
from descan.extract.engine.rule_tables import NO_FRAME, Rules
from descan.extract.engine.workspace import MOTION, PART, Workspace

MAX_LOOSE_GAP: Final = 8
"""Tokens between a part and a motion that says something of it from afar."""

MAX_ASIDE_GAP: Final = 14
"""Tokens of an aside between a part and its verb."""

_ADJACENT: Final = FILLER | ADVERB | MARK | COPULA
_LEADING: Final = FILLER | ADVERB | MARK | OF
_CHAIN: Final = FILLER | ADVERB | MARK | AND | COMMA

_FACES: Final = int(Layer.FACE)
_HEDGES: Final = int(Layer.HEDGE)
_STOPS: Final = int(Layer.STOP)
_DEGREES: Final = int(Layer.DEGREE)
_TARGETS: Final = int(Layer.TARGET)
_FEELINGS: Final = int(Layer.FEELING)


class Faces(NamedTuple):
    """The parts and motions of a clause, by their places among its face phrases."""

    clause: Clause
    rules: Rules
    work: Workspace
    n: int


@compilable
def part_of(faces: Faces, motion: int) -> int:
    """Return the part that a motion makes an action with, or `NONE`.

    Reads from the workspace the part that the motion leads up to, and the left link of the phrase before it.
    """
    part = _adjacent(faces, motion)
    if part == NONE:
        part = faces.work.leads_to[motion]
        if part == NONE or not is_frame(faces, part, motion):
            part = _chained(faces, motion)
            if part == NONE:
                part = _loose(faces, motion)
    return part


@compilable
def leads_to(faces: Faces, motion: int) -> int:
    """Return the part that a motion leads up to, or `NONE`.

    Reads from the workspace the part that the motion after it leads up to.
    """
    following, beyond = motion + 1, motion + 2
    if following == faces.n:
        return NONE
    start, end = face_end(faces, motion), face_start(faces, following)
    if named_part(faces, following):
        if _is_degree_of_compound(faces, motion) or not is_gap(faces.clause, start, end, _LEADING):
            return NONE
        is_compound = (
            beyond < faces.n
            and named_part(faces, beyond) > 0
            and face_start(faces, beyond) == face_end(faces, following)
        )
        is_transparent = faces.rules.is_transparent[named_part(faces, following)]
        if is_compound and is_transparent and not is_frame(faces, following, motion):
            return beyond
        return following
    if named_motions(faces, following) and is_gap(faces.clause, start, end, _CHAIN):
        return int(faces.work.leads_to[following])
    return NONE


@compilable
def is_frame(faces: Faces, part: int, motion: int) -> bool:
    """Return whether a part and a motion make an action."""
    return _framed(faces, part, motion) != NO_FRAME


@compilable
def _framed(faces: Faces, part: int, motion: int) -> int:
    return int(faces.rules.framed_actions[named_part(faces, part), named_motions(faces, motion)])


@compilable
def named_part(faces: Faces, face: int) -> int:
    """Return the part that a phrase names, or 0."""
    return int(faces.rules.parts[face_meaning(faces, face)])


@compilable
def named_motions(faces: Faces, face: int) -> int:
    """Return the set of motions that a phrase names, or 0."""
    return int(faces.rules.motions[face_meaning(faces, face)])


@compilable
def face_start(faces: Faces, face: int) -> int:
    """Return the first token of a part or motion."""
    return int(faces.clause.phrases[_FACES, faces.work.faces[face], START])


@compilable
def face_end(faces: Faces, face: int) -> int:
    """Return the token after a part or motion."""
    return int(faces.clause.phrases[_FACES, faces.work.faces[face], END])


@compilable
def face_meaning(faces: Faces, face: int) -> int:
    """Return what a part or motion means: its row in the tables of face phrases."""
    return int(faces.clause.phrases[_FACES, faces.work.faces[face], MEANING])


@compilable
def _adjacent(faces: Faces, motion: int) -> int:
    if _qualifies_another(faces, motion, is_coordinated=False):
        return NONE
    reached = face_start(faces, motion)
    for part in range(motion - 1, -1, -1):
        if not is_gap(faces.clause, face_end(faces, part), reached, _ADJACENT):
            return NONE
        reached = face_start(faces, part)
        if named_part(faces, part):
            if is_frame(faces, part, motion):
                return _looking_part(faces, part, motion)
            if not faces.rules.is_transparent[named_part(faces, part)]:
                return NONE
    return NONE


@compilable
def _looking_part(faces: Faces, part: int, motion: int) -> int:
    """Return the part before a transparent one if that is its verb ("her mouth looks downturned")."""
    before = part - 1
    if before < 0 or not named_part(faces, before) or not is_frame(faces, before, motion):
        return part
    is_same = _framed(faces, before, motion) == _framed(faces, part, motion)
    if is_same or not faces.rules.is_transparent[named_part(faces, part)]:
        return part
    start, end = face_start(faces, part), face_end(faces, before)
    is_verb = faces.clause.roles[start] & COPULA and is_gap(faces.clause, end, start, _ADJACENT)
    return before if is_verb else part


@compilable
def _chained(faces: Faces, motion: int) -> int:
    link = faces.work.left_links[motion - 1] if motion else NONE
    if link == NONE:
        return NONE
    before = faces.work.links[link, MOTION]
    if not is_gap(faces.clause, face_end(faces, before), face_start(faces, motion), _CHAIN | OF):
        return NONE
    if _qualifies_another(faces, motion, is_coordinated=True):
        return NONE
    part = faces.work.links[link, PART]
    if faces.clause.is_head_final and _has_own_subject(faces, part, motion):
        return NONE
    return part if is_frame(faces, part, motion) else NONE


@compilable
def _loose(faces: Faces, motion: int) -> int:
    if _qualifies_another(faces, motion, is_coordinated=True):
        return NONE
    part = motion - 1
    while part >= 0 and not named_part(faces, part):
        part -= 1
    if part < 0 or not is_frame(faces, part, motion):
        return NONE
    start, end = face_end(faces, part), face_start(faces, motion)
    if _is_parenthesis(faces.clause, start, end):
        return part
    if end - start > MAX_LOOSE_GAP * faces.clause.reach or _is_parted(faces.clause, start, end):
        return NONE
    if faces.clause.is_head_final and _has_own_subject(faces, part, motion):
        return NONE
    if faces.rules.is_adjacent_only[named_part(faces, part), named_motions(faces, motion)]:
        return NONE
    return part


@compilable
def _has_own_subject(faces: Faces, part: int, motion: int) -> bool:
    """Return whether a motion behind a comma has, or is, the subject of its own clause and says nothing of the part."""
    clause = faces.clause
    comma = face_start(faces, motion) - 1
    while comma >= face_end(faces, part) and not clause.roles[comma] & COMMA:
        comma -= 1
    if comma < face_end(faces, part):
        return False
    if has_role(clause, comma + 1, face_start(faces, motion), CASE):
        return True
    end = face_end(faces, motion)
    return motion > part + 1 and end < clause.end and clause.roles[end] & (CASE | AND) != 0


@compilable
def _qualifies_another(faces: Faces, motion: int, is_coordinated: bool) -> bool:
    """Return whether the motion stands before a noun of its own ("a neutral yet tense expression").

    Where clauses stand before the noun that they describe, the motion of a part does, too ("a brows-raised look"), but
    not if it is parted from it by a comma.
    """
    clause = faces.clause
    if clause.has_clauses_first and not _is_behind_comma(faces, motion):
        return False
    noun = head_noun(clause, face_end(faces, motion))
    if noun == NONE:
        return False
    return is_coordinated or not clause.roles[clause.phrases[_TARGETS, noun, START]] & PART_ROLE


@compilable
def _is_behind_comma(faces: Faces, motion: int) -> bool:
    """Return whether a comma parts a motion from the part before it."""
    part = motion - 1
    while part >= 0 and not named_part(faces, part):
        part -= 1
    return part >= 0 and has_role(faces.clause, face_end(faces, part), face_start(faces, motion), COMMA)


@compilable
def _is_degree_of_compound(faces: Faces, motion: int) -> bool:
    """Return whether a motion only says how strong a compound is ("a soft mouth curve")."""
    part, beyond = motion + 1, motion + 2
    if beyond >= faces.n or face_start(faces, beyond) != face_end(faces, part) or not named_motions(faces, beyond):
        return False
    start = face_start(faces, motion)
    return has_phrase(faces.clause, _DEGREES, start, start + 1)


@compilable
def _is_parted(clause: Clause, start: int, end: int) -> bool:
    roles = clause.roles
    for index in range(start, end):
        role = roles[index]
        if (role & BREAK and not role & LABEL) or role & PARTICIPLE:
            return True
        is_comma = role & COMMA and index + 1 < clause.end and not _is_relative(clause, start, index + 1)
        if is_comma and roles[index + 1] & (STOP_AFTER_COMMA | PARTICIPLE | AND):
            return True
    return (
        _has_cue(clause, _STOPS, start, end)
        or _has_cue(clause, _HEDGES, start, end)
        or _has_cue(clause, _FEELINGS, start, end)
    )


@compilable
def _is_parenthesis(clause: Clause, start: int, end: int) -> bool:
    """Return whether only an aside in commas parts a motion from its part ("the nose, as far as I see, is ...")."""
    if end - start > MAX_ASIDE_GAP or not clause.roles[start] & COMMA:
        return False
    closing = end - 1
    while closing > start and not clause.roles[closing] & COMMA:
        closing -= 1
    if closing <= start or not is_gap(clause, closing + 1, end, _ADJACENT):
        return False
    return has_role(clause, closing + 1, end, COPULA) and not has_role(clause, start, end, BREAK)


@compilable
def _has_cue(clause: Clause, layer: int, start: int, end: int) -> bool:
    for place in range(clause.n_phrases[layer]):
        cue = clause.phrases[layer, place, START]
        if start <= cue < end and not _is_relative(clause, start, cue):
            return True
    return False


@compilable
def _is_relative(clause: Clause, start: int, index: int) -> bool:
    """Return whether a relative clause goes on about the part before `start` ("the brows, which are raised")."""
    return index <= start + 1 and clause.roles[index] & RELATIVE != 0
