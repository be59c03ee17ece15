"""Facial actions: motions linked to the parts of the face that they are said of.

A motion belongs to the part that it directly follows ("brows furrowed", "eyes are slightly narrowed"), else to the
part that it leads up to ("furrowed brows", "a slight drop of the jaw", "purses her lips"), else to the last part
before it in the same clause ("the mouth, by contrast, stays firmly closed"). Parts and motions that are coordinated
share ("eyes and mouth are wide open", "raised eyebrows and eyelids").
"""

from typing import Final, NamedTuple

from descan.extract.clause import END, GAP_ROLES, MEANING, NONE, START, Clause, has_phrase, has_role, head_noun, is_gap
from descan.extract.compiled import compiled
from descan.extract.grammar import NO_FRAME, Grammar
from descan.extract.meanings import Layer
from descan.extract.roles import (
    ADVERB,
    AND,
    BREAK,
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
from descan.extract.roles import PART as PART_ROLE
from descan.extract.workspace import (
    ACTION,
    ANCHOR,
    ANCHOR_BEHIND,
    BEHIND,
    ENTRY,
    FIRST,
    FRAME,
    IS_ABSENT,
    IS_ACTION,
    MOTION,
    NAME,
    PART,
    Workspace,
)

MAX_LOOSE_GAP: Final = 8
"""Tokens between a part and a motion that says something of it from afar."""

MAX_ASIDE_GAP: Final = 14
"""Tokens of an aside between a part and its verb."""

_ADJACENT: Final = FILLER | ADVERB | MARK | COPULA
_LEADING: Final = FILLER | ADVERB | MARK | OF
_CHAIN: Final = FILLER | ADVERB | MARK | AND | COMMA

_LINKED: Final = 2
"""A part that is claimed by more than a motion that leads up to it."""

_FACES: Final = int(Layer.FACE)
_NEGATIONS: Final = int(Layer.NEGATION)
_HEDGES: Final = int(Layer.HEDGE)
_STOPS: Final = int(Layer.STOP)
_DEGREES: Final = int(Layer.DEGREE)
_TARGETS: Final = int(Layer.TARGET)
_FEELINGS: Final = int(Layer.FEELING)


class _Faces(NamedTuple):
    """The parts and motions of a clause, by their places among its face phrases."""

    clause: Clause
    grammar: Grammar
    work: Workspace
    n: int


@compiled
def find_actions(clause: Clause, grammar: Grammar, work: Workspace) -> int:
    """Put the actions into `work.matches`: those of parts and motions, then those that words name outright.

    Returns:
        How many there are.
    """
    n_faces = n_parts = n_motions = 0
    for place in range(clause.n_phrases[_FACES]):
        meaning = clause.phrases[_FACES, place, MEANING]
        if meaning:  # 0 is to be passed over
            work.faces[n_faces] = place
            n_faces += 1
            n_parts += grammar.parts[meaning] > 0
            n_motions += grammar.motions[meaning] > 0
    work.is_linked[:n_faces] = 0
    n_matches = 0
    faces = _Faces(clause, grammar, work, n_faces)
    if n_parts and n_motions:
        n_links = _link(faces)
        for link in range(n_links):
            work.is_linked[work.links[link, MOTION]] = 1
        n_matches = _merge(faces, n_links)
    for face in range(n_faces):
        meaning = _meaning(faces, face)
        if grammar.actions[meaning] != NO_FRAME and not work.is_linked[face]:
            start, end = _start(faces, face), _end(faces, face)
            _set_match(work, n_matches, start, end, grammar.actions[meaning], grammar.outright, start, end)
            work.matches[n_matches, IS_ABSENT] = grammar.is_absent[meaning]
            n_matches += 1
    return n_matches


@compiled
def _link(faces: _Faces) -> int:
    work, n_links = faces.work, 0
    work.leads_to[: faces.n] = NONE
    work.left_links[: faces.n] = NONE
    for motion in range(faces.n - 1, -1, -1):
        if _motions(faces, motion):
            work.leads_to[motion] = _leads_to(faces, motion)
    for motion in range(faces.n):
        if _motions(faces, motion):
            part = _part_of(faces, motion)
            if part != NONE:
                _set_link(faces, n_links, part, motion)
                if part < motion:
                    work.left_links[motion] = n_links
                n_links += 1
    return _share(faces, n_links)


@compiled
def _part_of(faces: _Faces, motion: int) -> int:
    """Give the part that a motion makes an action with, or `NONE`."""
    part = _adjacent(faces, motion)
    if part == NONE:
        part = faces.work.leads_to[motion]
        if part == NONE or not _is_frame(faces, part, motion):
            part = _chained(faces, motion)
            if part == NONE:
                part = _loose(faces, motion)
    return part


@compiled
def _adjacent(faces: _Faces, motion: int) -> int:
    if _qualifies_another(faces, motion, is_coordinated=False):
        return NONE
    reached = _start(faces, motion)
    for part in range(motion - 1, -1, -1):
        if not is_gap(faces.clause, _end(faces, part), reached, _ADJACENT):
            return NONE
        reached = _start(faces, part)
        if _part(faces, part):
            if _is_frame(faces, part, motion):
                return part
            if not faces.grammar.is_transparent[_part(faces, part)]:
                return NONE
    return NONE


@compiled
def _leads_to(faces: _Faces, motion: int) -> int:
    following, beyond = motion + 1, motion + 2
    if following == faces.n:
        return NONE
    start, end = _end(faces, motion), _start(faces, following)
    if _part(faces, following):
        if _is_degree_of_compound(faces, motion) or not is_gap(faces.clause, start, end, _LEADING):
            return NONE
        is_compound = beyond < faces.n and _part(faces, beyond) > 0 and _start(faces, beyond) == _end(faces, following)
        is_transparent = faces.grammar.is_transparent[_part(faces, following)]
        if is_compound and is_transparent and not _is_frame(faces, following, motion):
            return beyond
        return following
    if _motions(faces, following) and is_gap(faces.clause, start, end, _CHAIN):
        return int(faces.work.leads_to[following])
    return NONE


@compiled
def _chained(faces: _Faces, motion: int) -> int:
    link = faces.work.left_links[motion - 1] if motion else NONE
    if link == NONE:
        return NONE
    before = faces.work.links[link, MOTION]
    if not is_gap(faces.clause, _end(faces, before), _start(faces, motion), _CHAIN | OF):
        return NONE
    if _qualifies_another(faces, motion, is_coordinated=True):
        return NONE
    part = faces.work.links[link, PART]
    return part if _is_frame(faces, part, motion) else NONE


@compiled
def _loose(faces: _Faces, motion: int) -> int:
    if _qualifies_another(faces, motion, is_coordinated=True):
        return NONE
    part = motion - 1
    while part >= 0 and not _part(faces, part):
        part -= 1
    if part < 0 or not _is_frame(faces, part, motion):
        return NONE
    start, end = _end(faces, part), _start(faces, motion)
    if _is_parenthesis(faces.clause, start, end):
        return part
    if end - start > MAX_LOOSE_GAP or _is_parted(faces.clause, start, end):
        return NONE
    if faces.grammar.is_looking[_part(faces, part)] and faces.grammar.is_at[_motions(faces, motion)]:
        return NONE
    return part


@compiled
def _share(faces: _Faces, n_links: int) -> int:
    """Let coordinated parts share the motions of one of them.

    Returns:
        How many links there are then.
    """
    work = faces.work
    work.is_claimed[: faces.n] = 0
    for motion in range(faces.n):
        if work.leads_to[motion] != NONE:
            work.is_claimed[work.leads_to[motion]] |= 1
    for link in range(n_links):
        work.is_claimed[work.links[link, PART]] |= _LINKED
    n_all = n_links
    for part in range(faces.n):
        if not _part(faces, part) or work.is_claimed[part]:
            continue
        before, following = _next_part(faces, part, -1), _next_part(faces, part, 1)
        if following != NONE and work.is_claimed[following] & _LINKED and _are_coordinated(faces, part, following):
            n_all = _share_links(faces, n_links, n_all, part, following, 1)
        elif before != NONE and work.is_claimed[before] & _LINKED and _are_coordinated(faces, before, part):
            n_all = _share_links(faces, n_links, n_all, part, before, -1)
    return n_all


@compiled
def _share_links(faces: _Faces, n_links: int, n_all: int, part: int, other: int, direction: int) -> int:
    """Let a part share the motions that stand behind (1) or before (-1) another one."""
    for link in range(n_links):
        motion = faces.work.links[link, MOTION]
        is_there = faces.work.links[link, PART] == other and (motion - other) * direction > 0
        if is_there and _is_frame(faces, part, motion):
            _set_link(faces, n_all, part, motion)
            n_all += 1
    return n_all


@compiled
def _next_part(faces: _Faces, part: int, step: int) -> int:
    other = part + step
    while 0 <= other < faces.n:
        if _part(faces, other):
            return other
        other += step
    return NONE


@compiled
def _merge(faces: _Faces, n_links: int) -> int:
    """Join motions that say one thing together ("drawn tightly together") and drop what gives way."""
    work, n = faces.work, 0
    _sort_links(work, n_links)
    last_part = last_motion = NONE
    for link in range(n_links):
        part, motion = work.links[link, PART], work.links[link, MOTION]
        action, entry = work.links[link, ACTION], work.links[link, FRAME]
        start = min(_start(faces, part), _start(faces, motion))
        end = max(_end(faces, part), _end(faces, motion))
        anchor, anchor_end = _start(faces, motion), _end(faces, motion)
        if n and part == last_part:
            last = work.matches[n - 1]
            is_one = _is_one_phrase(faces.clause, _end(faces, last_motion), anchor)
            is_led = anchor_end <= _start(faces, part)
            if (is_one or is_led) and last[NAME] == action:
                last[FIRST], last[BEHIND] = min(last[FIRST], start), max(last[BEHIND], end)
                last[ANCHOR_BEHIND] = anchor_end
                last_motion = motion
                continue
            if is_one and faces.grammar.gives_way[last[NAME], action]:
                n -= 1
            elif is_one and faces.grammar.gives_way[action, last[NAME]]:
                continue
        _set_match(work, n, start, end, action, entry, anchor, anchor_end)
        last_part, last_motion = part, motion
        n += 1
    return n


@compiled
def _sort_links(work: Workspace, n_links: int) -> None:
    """Sort by part, then motion; the same pair never stands there twice."""
    for link in range(1, n_links):
        place = link
        while place and (
            work.links[place, PART] < work.links[place - 1, PART]
            or (
                work.links[place, PART] == work.links[place - 1, PART]
                and work.links[place, MOTION] < work.links[place - 1, MOTION]
            )
        ):
            for column in range(4):
                kept = work.links[place, column]
                work.links[place, column] = work.links[place - 1, column]
                work.links[place - 1, column] = kept
            place -= 1


@compiled
def _is_one_phrase(clause: Clause, start: int, end: int) -> bool:
    """Tell whether nothing between two motions parts them: no comma, no "and", no negation."""
    return not has_role(clause, start, end, AND | COMMA) and not has_phrase(clause, _NEGATIONS, start, end)


@compiled
def _qualifies_another(faces: _Faces, motion: int, is_coordinated: bool) -> bool:
    """Tell whether the motion stands before a noun of its own ("a neutral yet tense expression")."""
    clause = faces.clause
    noun = head_noun(clause, _end(faces, motion))
    if noun == NONE:
        return False
    return is_coordinated or not clause.roles[clause.phrases[_TARGETS, noun, START]] & PART_ROLE


@compiled
def _is_degree_of_compound(faces: _Faces, motion: int) -> bool:
    """Tell whether a motion only says how strong a compound is ("a soft mouth curve")."""
    part, beyond = motion + 1, motion + 2
    if beyond >= faces.n or _start(faces, beyond) != _end(faces, part) or not _motions(faces, beyond):
        return False
    start = _start(faces, motion)
    return has_phrase(faces.clause, _DEGREES, start, start + 1)


@compiled
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


@compiled
def _has_cue(clause: Clause, layer: int, start: int, end: int) -> bool:
    for place in range(clause.n_phrases[layer]):
        cue = clause.phrases[layer, place, START]
        if start <= cue < end and not _is_relative(clause, start, cue):
            return True
    return False


@compiled
def _is_relative(clause: Clause, start: int, index: int) -> bool:
    """Tell whether a relative clause goes on about the part before `start` ("the brows, which are raised")."""
    return index <= start + 1 and clause.roles[index] & RELATIVE != 0


@compiled
def _is_parenthesis(clause: Clause, start: int, end: int) -> bool:
    """Tell whether only an aside between commas parts a motion from its part ("the nose, as far as I see, is ...")."""
    if end - start > MAX_ASIDE_GAP or not clause.roles[start] & COMMA:
        return False
    closing = end - 1
    while closing > start and not clause.roles[closing] & COMMA:
        closing -= 1
    if closing <= start or not is_gap(clause, closing + 1, end, _ADJACENT):
        return False
    return has_role(clause, closing + 1, end, COPULA) and not has_role(clause, start, end, BREAK)


@compiled
def _are_coordinated(faces: _Faces, first: int, second: int) -> bool:
    start, end = _end(faces, first), _start(faces, second)
    return is_gap(faces.clause, start, end, GAP_ROLES | AND | COMMA) and has_role(faces.clause, start, end, AND)


@compiled
def _start(faces: _Faces, face: int) -> int:
    return int(faces.clause.phrases[_FACES, faces.work.faces[face], START])


@compiled
def _end(faces: _Faces, face: int) -> int:
    return int(faces.clause.phrases[_FACES, faces.work.faces[face], END])


@compiled
def _meaning(faces: _Faces, face: int) -> int:
    return int(faces.clause.phrases[_FACES, faces.work.faces[face], MEANING])


@compiled
def _part(faces: _Faces, face: int) -> int:
    return int(faces.grammar.parts[_meaning(faces, face)])


@compiled
def _motions(faces: _Faces, face: int) -> int:
    return int(faces.grammar.motions[_meaning(faces, face)])


@compiled
def _is_frame(faces: _Faces, part: int, motion: int) -> bool:
    """Tell whether a part and a motion make an action."""
    return bool(faces.grammar.framed_actions[_part(faces, part), _motions(faces, motion)] != NO_FRAME)


@compiled
def _set_link(faces: _Faces, link: int, part: int, motion: int) -> None:
    row, column = _part(faces, part), _motions(faces, motion)
    faces.work.links[link, PART] = part
    faces.work.links[link, MOTION] = motion
    faces.work.links[link, ACTION] = faces.grammar.framed_actions[row, column]
    faces.work.links[link, FRAME] = faces.grammar.framed_entries[row, column]


@compiled
def _set_match(
    work: Workspace, place: int, start: int, end: int, action: int, entry: int, anchor: int, anchor_end: int
) -> None:
    match = work.matches[place]
    match[FIRST], match[BEHIND], match[IS_ACTION], match[NAME] = start, end, 1, action
    match[ENTRY], match[ANCHOR], match[ANCHOR_BEHIND], match[IS_ABSENT] = entry, anchor, anchor_end, 0
