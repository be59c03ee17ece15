"""Headings: a part of the face that stands alone in a line is what the lines below it speak of."""

from typing import Final

from descan.extract.engine.clause import END, MEANING, NONE, START, Clause, is_gap
from descan.extract.engine.codes import Layer, Shape
from descan.extract.engine.compilation import compilable
from descan.extract.engine.roles import ADVERB, AND, ASKS, COMMA, COPULA, FILLER, LABEL, MARK, NUMBER, OF
from descan.extract.engine.rule_tables import NO_FRAME, Rules
from descan.extract.engine.workspace import Workspace

_BESIDE_PARTS: Final = ASKS | NUMBER | MARK | AND | COMMA | FILLER | ADVERB | LABEL | OF
_BEFORE_MOTION: Final = FILLER | ADVERB | MARK | COPULA

_FACES: Final = int(Layer.FACE)
_TARGETS: Final = int(Layer.TARGET)
_NEWLINE: Final = int(Shape.NEWLINE)
_QUESTION: Final = int(Shape.QUESTION)
_END: Final = int(Shape.END)
_OTHER: Final = int(Shape.OTHER)


@compilable
def inherit_part(clause: Clause, rules: Rules, work: Workspace) -> None:
    """Put the part that the heading above names before a sentence that begins with a motion, as a phrase of no tokens.

    A sentence that is a heading itself is remembered for those that follow it, up to one that speaks of other parts.
    """
    n_headed = _headed_parts(clause, rules, work)
    if n_headed:
        work.heading[n_headed:] = 0
        return
    motion = _first_motion(clause, rules)
    if motion == NONE:
        if _names_part(clause, rules) or _ends_with_label(clause):
            work.heading[:] = 0
        return
    if clause.n_phrases[_FACES] >= clause.phrases.shape[1]:
        return
    for part in work.heading:
        if part and _is_framed(clause, rules, part):
            _insert_part(clause, part, motion)
            return


@compilable
def _is_framed(clause: Clause, rules: Rules, part: int) -> bool:
    """Return whether a part makes an action with a motion that stands before all other parts of the sentence."""
    for place in range(clause.n_phrases[_FACES]):
        meaning = clause.phrases[_FACES, place, MEANING]
        if rules.parts[meaning]:
            return False
        if rules.framed_actions[rules.parts[part], rules.motions[meaning]] != NO_FRAME:
            return True
    return False


@compilable
def _headed_parts(clause: Clause, rules: Rules, work: Workspace) -> int:
    """Put the parts that a heading names into the workspace, and return how many: 0 for other sentences."""
    if clause.codes[clause.end - 1] not in (_NEWLINE, _QUESTION):
        return 0
    n_parts, index = 0, clause.start
    for place in range(clause.n_phrases[_FACES] + 1):
        is_last = place == clause.n_phrases[_FACES]
        end = clause.end if is_last else clause.phrases[_FACES, place, START]
        if not _is_beside_parts(clause, index, end):
            return 0
        if not is_last:
            meaning = clause.phrases[_FACES, place, MEANING]
            if not rules.parts[meaning]:
                return 0
            if n_parts < len(work.heading):
                work.heading[n_parts] = meaning
                n_parts += 1
            index = clause.phrases[_FACES, place, END]
    return n_parts


@compilable
def _is_beside_parts(clause: Clause, start: int, end: int) -> bool:
    for index in range(start, end):
        if clause.codes[index] not in (_NEWLINE, _QUESTION, _OTHER, _END) and not clause.roles[index] & _BESIDE_PARTS:
            return False
    return True


@compilable
def _first_motion(clause: Clause, rules: Rules) -> int:
    """Return the first word of a sentence that begins with a motion, or `NONE`."""
    if not clause.n_phrases[_FACES] or not rules.motions[clause.phrases[_FACES, 0, MEANING]]:
        return NONE
    start, motion = clause.start, clause.phrases[_FACES, 0, START]
    while start < motion and (clause.codes[start] in (_OTHER, _END) or clause.roles[start] & (MARK | NUMBER)):
        start += 1
    if clause.n_phrases[_TARGETS]:
        if clause.phrases[_TARGETS, 0, START] == start:
            first = start
            start = clause.phrases[_TARGETS, 0, END]
            if start >= clause.end or not clause.roles[start] & COPULA:
                return NONE
            return first if is_gap(clause, start, motion, _BEFORE_MOTION) else NONE
        if clause.phrases[_TARGETS, 0, START] < motion:
            return NONE
    return start if is_gap(clause, start, motion, _BEFORE_MOTION) else NONE


@compilable
def _names_part(clause: Clause, rules: Rules) -> bool:
    for place in range(clause.n_phrases[_FACES]):
        if rules.parts[clause.phrases[_FACES, place, MEANING]]:
            return True
    return False


@compilable
def _ends_with_label(clause: Clause) -> bool:
    index = clause.end - 1
    while index > clause.start and (clause.codes[index] == _NEWLINE or clause.roles[index] & MARK):
        index -= 1
    return bool(clause.roles[index] & LABEL != 0)


@compilable
def _insert_part(clause: Clause, part: int, start: int) -> None:
    for place in range(clause.n_phrases[_FACES], 0, -1):
        for column in range(clause.phrases.shape[2]):
            clause.phrases[_FACES, place, column] = clause.phrases[_FACES, place - 1, column]
    clause.phrases[_FACES, 0, START] = start
    clause.phrases[_FACES, 0, END] = start
    clause.phrases[_FACES, 0, MEANING] = part
    clause.n_phrases[_FACES] += 1
