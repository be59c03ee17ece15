"""Assertion beyond absence and doubt: is a mention weak or strong, on one side, and whose is it?"""

from typing import Final

from descan.extract.engine.clause import (
    END,
    MEANING,
    NONE,
    START,
    Clause,
    MarkedTokens,
    has_role,
    head_noun,
    is_begun,
    is_gap,
)
from descan.extract.engine.codes import Degree, Layer, Side, Target
from descan.extract.engine.compilation import compilable
from descan.extract.engine.roles import (
    ADVERB,
    AND,
    ATTITUDE,
    BREAK,
    CASE,
    COMMA,
    COPULA,
    FILLER,
    LABEL,
    MARK,
    OF,
    PREPOSITION,
    STOP,
    STOP_AFTER_COMMA,
)
from descan.extract.engine.rule_tables import Rules

NO_ACTION: Final = -1
NEXT_MENTION: Final = 3
"""Tokens behind a degree within which a mention begins that it belongs to."""

_MODIFIER: Final = FILLER | ADVERB | MARK | AND
_NO_ADJECTIVE: Final = BREAK | STOP | COMMA | COPULA | OF | AND | STOP_AFTER_COMMA

_DEGREES: Final = int(Layer.DEGREE)
_SIDES: Final = int(Layer.SIDE)
_TARGETS: Final = int(Layer.TARGET)

_NO_DEGREE: Final = int(Degree.NONE)
_NO_SIDE: Final = int(Side.NONE)
_PRONOUN: Final = int(Target.PRONOUN)
_SCENE: Final = int(Target.SCENE)
_PLACE: Final = int(Target.PLACE)
_EITHER: Final = int(Target.EITHER)
_THING: Final = int(Target.THING)


@compilable
def degree(
    clause: Clause, rules: Rules, start: int, end: int, action: int, begun: MarkedTokens, anchored: MarkedTokens
) -> int:
    """Return how strong the mention from `start` to `end` is said to be.

    Args:
        clause: The sentence.
        rules: Knows which words look like a degree and are the action itself.
        start: First token of the mention.
        end: Token after the mention.
        action: The number of the action, or `NO_ACTION`.
        begun: Marks the tokens that begin a mention; a degree right before one of them is that mention's.
        anchored: Marks the tokens that a cue must reach; a degree among them, or right behind one, is that mention's.
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
        is_before = cue_end <= start and (
            is_gap(clause, cue_end, start, _MODIFIER) or _is_listed_before(clause, begun, cue_end, start)
        )
        if is_before:  # Unless it is, or closes, the mention before.
            is_others = has_role(clause, cue_end, start, AND) and is_begun(anchored, first, cue_end)
            is_before = not (is_others or _closes_mention(clause, anchored, first, cue_end))
        is_behind = 0 <= first - end <= 1 and is_gap(clause, end, first, FILLER | LABEL)
        if is_behind and not _closes_mention(clause, anchored, first, cue_end):  # Unless it is the next mention's.
            is_behind = not is_begun(begun, cue_end, min(cue_end + NEXT_MENTION, len(begun.marks)))
        if is_before or is_behind:
            found = clause.phrases[_DEGREES, place, MEANING]
    return int(found)


@compilable
def _closes_mention(clause: Clause, anchored: MarkedTokens, first: int, end: int) -> bool:
    """Return whether a degree stands between a mention and a mark or "and" ("the jaw is clenched slightly, ...")."""
    if end < clause.end and not clause.roles[end] & (COMMA | BREAK | AND):
        return False
    return first > clause.start and anchored.marks[first - 1] == anchored.sentence


@compilable
def _is_listed_before(clause: Clause, begun: MarkedTokens, comma: int, start: int) -> bool:
    """Return whether an adjective stands in a list with others before its noun ("a slight, knowing smile")."""
    if not clause.roles[comma] & COMMA or start - comma not in (2, 3):
        return False
    for index in range(comma + 1, start):
        if clause.roles[index] & _NO_ADJECTIVE or begun.marks[index] == begun.sentence:
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
    """Return whether the state named by a term is the scene's and not the person's."""
    head = head_noun(clause, end)
    if head != NONE and clause.phrases[_TARGETS, head, MEANING] == _THING:
        return True
    if not is_noun and head != NONE and clause.phrases[_TARGETS, head, MEANING] != _EITHER:
        return _is_scene(clause.phrases[_TARGETS, head, MEANING])
    if is_noun and end < clause.end and clause.roles[end] & OF:
        after = _target_after(clause, end)
        is_about = _is_scene(after) and clause.roles[end - 1] & ATTITUDE != 0
        if after not in (NONE, _EITHER) and not is_about:
            return _is_scene(after)
    for place in range(clause.n_phrases[_TARGETS] - 1, -1, -1):
        noun = clause.phrases[_TARGETS, place]
        if noun[END] > start or noun[MEANING] in (_EITHER, _THING):
            continue
        if not _is_scene(noun[MEANING]):
            if noun[MEANING] != _PRONOUN or not _stands_within(clause, noun[START], noun[END]):
                return False
            continue
        if not _is_oblique(clause, noun[START], noun[END]) or _is_whose(clause, place):
            return True
    return False


@compilable
def _stands_within(clause: Clause, start: int, end: int) -> bool:
    """Return whether a pronoun is no subject, but within one ("the party around her is merry")."""
    is_behind = start > clause.start and clause.roles[start - 1] & OF != 0
    return bool(is_behind and end < clause.end and clause.roles[end] & COPULA != 0)


@compilable
def _target_after(clause: Clause, end: int) -> int:
    """Read "in the room" or "of the scene" right after a term; `NONE` if there is no such noun."""
    for place in range(clause.n_phrases[_TARGETS]):
        if (
            clause.phrases[_TARGETS, place, MEANING] != _THING
            and 1 <= clause.phrases[_TARGETS, place, START] - end <= 3
        ):
            return int(clause.phrases[_TARGETS, place, MEANING])
    return NONE


@compilable
def _is_scene(noun: int) -> bool:
    return noun in (_SCENE, _PLACE)


@compilable
def _is_whose(clause: Clause, place: int) -> bool:
    """Return whether a noun says whose a mood is ("the mood of the scene is somber")."""
    if place == 0 or clause.phrases[_TARGETS, place - 1, MEANING] != _EITHER:
        return False
    end, start = clause.phrases[_TARGETS, place - 1, END], clause.phrases[_TARGETS, place, START]
    return start - end in (1, 2) and clause.roles[end] & OF != 0


@compilable
def _is_oblique(clause: Clause, start: int, end: int) -> bool:
    """Return whether a noun only says where ("in a dimly lit room")."""
    if (
        clause.is_head_final
    ):  # What marks its case stands behind it; a topic or whose mood it is, it may be all the same.
        return not has_role(clause, end, min(end + 2, clause.end), CASE | OF)
    for index in range(start - 1, max(start - 6, clause.start - 1), -1):
        role = clause.roles[index]
        if role & (OF | PREPOSITION):
            return True
        if role & (COMMA | BREAK | COPULA):
            return False
    return False
