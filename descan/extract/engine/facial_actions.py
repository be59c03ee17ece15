"""Facial actions: parts of the face and the motions that are said of them.

Parts and motions that are coordinated share ("eyes and mouth are wide open", "raised eyebrows and eyelids"), and
motions that say one thing of a part together are one action ("drawn tightly together").
"""

from typing import Final

from descan.extract.engine.attachment import (
    Faces,
    face_end,
    face_meaning,
    face_start,
    is_frame,
    leads_to,
    named_motions,
    named_part,
    part_of,
)
from descan.extract.engine.clause import GAP_ROLES, MEANING, NONE, Clause, has_phrase, has_role, is_gap, is_of_writer
from descan.extract.engine.codes import Layer
from descan.extract.engine.compilation import compilable
from descan.extract.engine.roles import AND, COMMA, LINK
from descan.extract.engine.rule_tables import NO_FRAME, Rules
from descan.extract.engine.workspace import (
    ACTION,
    ANCHOR,
    ANCHOR_END,
    ENTRY,
    FRAME,
    IS_ABSENT,
    IS_ACTION,
    MATCH_END,
    MATCH_START,
    MOTION,
    NAME,
    PART,
    Workspace,
)

_LINKED: Final = 2
"""A part that is claimed by more than a motion that leads up to it."""

_FACES: Final = int(Layer.FACE)
_NEGATIONS: Final = int(Layer.NEGATION)
_WRITERS: Final = int(Layer.WRITER)


@compilable
def find_actions(clause: Clause, rules: Rules, work: Workspace) -> int:
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
            n_parts += rules.parts[meaning] > 0
            n_motions += rules.motions[meaning] > 0
    work.is_linked[:n_faces] = 0
    n_matches = 0
    faces = Faces(clause, rules, work, n_faces)
    if n_parts and n_motions:
        n_links = _link(faces)
        for link in range(n_links):
            work.is_linked[work.links[link, MOTION]] = 1
        n_matches = _drop_writers(clause, work, _merge(faces, n_links))
    for face in range(n_faces):
        meaning = face_meaning(faces, face)
        start, end = face_start(faces, face), face_end(faces, face)
        is_outright = rules.actions[meaning] != NO_FRAME and not work.is_linked[face]
        if is_outright and clause.is_head_final and _goes_on_with(work, n_matches, start, end, rules.actions[meaning]):
            continue
        if is_outright and not _is_absorbed(work, n_matches, start, end, rules.actions[meaning]):
            _set_match(work, n_matches, start, end, rules.actions[meaning], rules.outright, start, end)
            work.matches[n_matches, IS_ABSENT] = rules.is_absent[meaning]
            n_matches += 1
    return n_matches


@compilable
def _drop_writers(clause: Clause, work: Workspace, n_matches: int) -> int:
    """Drop what the writer or the reader does ("I'm looking at the picture"), and return how many matches are left."""
    if not clause.n_phrases[_WRITERS]:
        return n_matches
    n_kept = 0
    for place in range(n_matches):
        if not is_of_writer(clause, work.matches[place, MATCH_START]):
            for column in range(work.matches.shape[1]):
                work.matches[n_kept, column] = work.matches[place, column]
            n_kept += 1
    return n_kept


@compilable
def _is_absorbed(work: Workspace, n_matches: int, start: int, end: int, action: int) -> bool:
    """Return whether words are part of a match of the same action, or stand right before it.

    "Tears welling in her eyes" are one action.
    """
    for place in range(n_matches):
        match = work.matches[place]
        if match[NAME] == action and match[MATCH_START] <= end and end <= match[MATCH_END]:
            match[MATCH_START] = min(match[MATCH_START], start)
            return True
    return False


@compilable
def _goes_on_with(work: Workspace, n_matches: int, start: int, end: int, action: int) -> bool:
    """Return whether a verb stands right behind the manner of the same action and joins it ("with-a-grin smiles")."""
    for place in range(n_matches):
        match = work.matches[place]
        if match[NAME] == action and match[MATCH_END] == start:
            match[MATCH_END] = end
            return True
    return False


@compilable
def _link(faces: Faces) -> int:
    work, n_links = faces.work, 0
    work.leads_to[: faces.n] = NONE
    work.left_links[: faces.n] = NONE
    for motion in range(faces.n - 1, -1, -1):
        if named_motions(faces, motion):
            work.leads_to[motion] = leads_to(faces, motion)
    for motion in range(faces.n):
        if named_motions(faces, motion):
            part = part_of(faces, motion)
            if part != NONE:
                _set_link(faces, n_links, part, motion)
                if part < motion:
                    work.left_links[motion] = n_links
                n_links += 1
    return _share(faces, n_links)


@compilable
def _share(faces: Faces, n_links: int) -> int:
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
        if not named_part(faces, part) or work.is_claimed[part]:
            continue
        before, following = _next_part(faces, part, -1), _next_part(faces, part, 1)
        if following != NONE and work.is_claimed[following] & _LINKED and _are_coordinated(faces, part, following):
            n_all = _share_links(faces, n_links, n_all, part, following, 1)
        elif before != NONE and work.is_claimed[before] & _LINKED and _are_coordinated(faces, before, part):
            n_all = _share_links(faces, n_links, n_all, part, before, -1)
    return n_all


@compilable
def _share_links(faces: Faces, n_links: int, n_all: int, part: int, other: int, direction: int) -> int:
    """Let a part share the motions that stand after (1) or before (-1) another one."""
    for link in range(n_links):
        motion = faces.work.links[link, MOTION]
        is_there = faces.work.links[link, PART] == other and (motion - other) * direction > 0
        if is_there and is_frame(faces, part, motion):
            _set_link(faces, n_all, part, motion)
            n_all += 1
    return n_all


@compilable
def _next_part(faces: Faces, part: int, step: int) -> int:
    other = part + step
    while 0 <= other < faces.n:
        if named_part(faces, other):
            return other
        other += step
    return NONE


@compilable
def _are_coordinated(faces: Faces, first: int, second: int) -> bool:
    start, end = face_end(faces, first), face_start(faces, second)
    return is_gap(faces.clause, start, end, GAP_ROLES | AND | COMMA) and has_role(faces.clause, start, end, AND)


@compilable
def _set_link(faces: Faces, link: int, part: int, motion: int) -> None:
    row, column = named_part(faces, part), named_motions(faces, motion)
    faces.work.links[link, PART] = part
    faces.work.links[link, MOTION] = motion
    faces.work.links[link, ACTION] = faces.rules.framed_actions[row, column]
    faces.work.links[link, FRAME] = faces.rules.framed_entries[row, column]


@compilable
def _merge(faces: Faces, n_links: int) -> int:
    """Join motions that say one thing together ("drawn tightly together") and drop what gives way."""
    work, n = faces.work, 0
    _sort_links(work, n_links)
    last_part = last_motion = NONE
    for link in range(n_links):
        part, motion = work.links[link, PART], work.links[link, MOTION]
        action, entry = work.links[link, ACTION], work.links[link, FRAME]
        start = min(face_start(faces, part), face_start(faces, motion))
        end = max(face_end(faces, part), face_end(faces, motion))
        anchor, anchor_end = face_start(faces, motion), face_end(faces, motion)
        if n and part == last_part:
            last = work.matches[n - 1]
            is_one = _is_one_phrase(faces.clause, face_end(faces, last_motion), anchor)
            is_led = anchor_end <= face_start(faces, part)
            if (is_one or is_led) and last[NAME] == action:
                if has_phrase(faces.clause, _NEGATIONS, face_end(faces, last_motion), anchor):
                    last[ANCHOR] = anchor  # "shows no bared teeth"
                last[MATCH_START], last[MATCH_END] = min(last[MATCH_START], start), max(last[MATCH_END], end)
                last[ANCHOR_END] = anchor_end
                last_motion = motion
                continue
            if is_one and faces.rules.gives_way[last[NAME], action]:
                n -= 1
            elif is_one and faces.rules.gives_way[action, last[NAME]]:
                continue
        _set_match(work, n, start, end, action, entry, anchor, anchor_end)
        last_part, last_motion = part, motion
        n += 1
    return n


@compilable
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
                moved = work.links[place, column]
                work.links[place, column] = work.links[place - 1, column]
                work.links[place - 1, column] = moved
            place -= 1


@compilable
def _is_one_phrase(clause: Clause, start: int, end: int) -> bool:
    """Return whether nothing between two motions parts them: no comma, no "and", no negation, no end of a clause."""
    return not has_role(clause, start, end, AND | COMMA | LINK) and not has_phrase(clause, _NEGATIONS, start, end)


@compilable
def _set_match(
    work: Workspace, place: int, start: int, end: int, action: int, entry: int, anchor: int, anchor_end: int
) -> None:
    match = work.matches[place]
    match[MATCH_START], match[MATCH_END], match[IS_ACTION], match[NAME] = start, end, 1, action
    match[ENTRY], match[ANCHOR], match[ANCHOR_END], match[IS_ABSENT] = entry, anchor, anchor_end, 0
