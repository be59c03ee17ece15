"""Scopes: how far the negations and hedges of a sentence reach.

Cues reach over their clause and over a coordinated list, in the manner of ConText (Chapman et al. 2007). In which
direction a cue reaches is part of its meaning (`Negation`, `Hedge`), and so belongs to the lexicon.
"""

from typing import Final

from descan.extract.engine.clause import (
    END,
    MEANING,
    NONE,
    START,
    Clause,
    MarkedTokens,
    has_role,
    is_begun,
    is_gap,
)
from descan.extract.engine.codes import Answer, Hedge, Layer, Negation, Shape
from descan.extract.engine.compilation import compilable
from descan.extract.engine.reach import hedge_end, negation_end, subject_start
from descan.extract.engine.roles import (
    ADVERB,
    AND,
    ASKS,
    BREAK,
    COMMA,
    COPULA,
    FILLER,
    LABEL,
    MARK,
    NUMBER,
    OF,
    OPENING,
    PARTICIPLE,
    PRESENCE,
    STOP_AFTER_COMMA,
    THAN,
    TICK,
    WOULD,
)
from descan.extract.engine.rule_tables import IntArray
from descan.extract.engine.workspace import ANCHOR, ANCHOR_END, IS_ACTION, MATCH_END, MATCH_START, NAME, Workspace

NEAR_REACH: Final = 3
"""Tokens that a weak negation ("little", "minimal") reaches."""
CONSEQUENCE_REACH: Final = 5
"""Tokens behind a condition within which its consequence begins ("..., his brows would be lowered")."""
HEADING_REACH: Final = 5
"""Tokens that a heading has at most, with its label."""

NEGATIONS: Final = 0
HEDGES: Final = 1
"""Kinds of scopes, as `Workspace.scopes` has them."""

_NEGATION_LAYER: Final = int(Layer.NEGATION)
_HEDGE_LAYER: Final = int(Layer.HEDGE)
_ANSWERS: Final = int(Layer.ANSWER)

_FORWARD: Final = int(Negation.FORWARD)
_VERBAL: Final = int(Negation.VERBAL)
_NEAR: Final = int(Negation.NEAR)
_BACKWARD: Final = int(Negation.BACKWARD)
_LISTING: Final = int(Negation.LISTING)
_COMPARISON: Final = int(Negation.COMPARISON)
_CONDITION: Final = int(Negation.CONDITION)
_FORWARD_HEDGE: Final = int(Hedge.FORWARD)
_BACKWARD_HEDGE: Final = int(Hedge.BACKWARD)
_ABSENT: Final = int(Answer.ABSENT)
_PRESENT: Final = int(Answer.PRESENT)
_QUESTION: Final = int(Shape.QUESTION)
_NEWLINE: Final = int(Shape.NEWLINE)


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
        _add_negation(clause, work, begun, clause.phrases[_NEGATION_LAYER, place])
    for place in range(clause.n_phrases[_ANSWERS]):
        _add_absent_state(clause, work, clause.phrases[_ANSWERS, place])
    for place in range(clause.n_phrases[_HEDGE_LAYER]):
        _add_hedge(clause, work, begun, clause.phrases[_HEDGE_LAYER, place])
    last = clause.end - 1
    if clause.codes[last] == _QUESTION and (last - clause.start <= HEADING_REACH or _is_question(clause)):
        question = work.scopes[HEDGES, work.n_scopes[HEDGES]]
        question[0], question[1], question[2], question[3] = clause.start, last, last, clause.end
        work.n_scopes[HEDGES] += 1


@compilable
def _add_negation(clause: Clause, work: Workspace, begun: MarkedTokens, cue: IntArray) -> None:
    start, end, kind = cue[START], cue[END], cue[MEANING]
    if kind in (_FORWARD, _VERBAL):
        is_verbal = kind == _VERBAL and not _is_subject(clause, start, end)
        _add_scope(work, NEGATIONS, end, negation_end(clause, begun, end, is_verbal), cue)
        if kind == _VERBAL and _only_says_it_is_there(clause, begun, end):
            _add_scope(work, NEGATIONS, subject_start(clause, begun, start), start, cue)
    elif kind == _NEAR:
        reach = min(end + NEAR_REACH, negation_end(clause, begun, end, False))
        for index in range(end, reach):
            if clause.roles[index] & COPULA:
                reach = index
                break
        _add_scope(work, NEGATIONS, end, reach, cue)
    elif kind == _BACKWARD:  # Up to the end of the cue, which may name a motion: "her teeth are not visible".
        _add_scope(work, NEGATIONS, subject_start(clause, begun, start), end, cue)
    elif kind == _LISTING and _begins_item(clause, start):
        _add_scope(work, NEGATIONS, end, _item_end(clause, end), cue)
    elif kind == _COMPARISON:
        _add_comparison(clause, work, begun, cue)
    elif kind == _CONDITION:
        _add_condition(clause, work, begun, cue)


@compilable
def _add_comparison(clause: Clause, work: Workspace, begun: MarkedTokens, cue: IntArray) -> None:
    """Negate what a state is said to outweigh ("more sad than angry")."""
    for index in range(cue[END] + 1, min(cue[END] + NEAR_REACH + 1, clause.end)):
        if clause.roles[index] & THAN and is_begun(begun, cue[END], index):
            reach = min(index + 1 + NEAR_REACH, negation_end(clause, begun, index + 1, False))
            _add_scope(work, NEGATIONS, index + 1, reach, cue)
            return


@compilable
def _add_condition(clause: Clause, work: Workspace, begun: MarkedTokens, cue: IntArray) -> None:
    """Negate what a condition contrary to fact says, and what would follow from it ("if he were sad, he would cry")."""
    end = negation_end(clause, begun, cue[END], True)
    if end < clause.end and clause.roles[end] & COMMA:
        for index in range(end, min(end + CONSEQUENCE_REACH, clause.end)):
            if clause.roles[index] & WOULD:
                end = negation_end(clause, begun, index + 1, True)
                break
    _add_scope(work, NEGATIONS, cue[END], end, cue)


@compilable
def _add_absent_state(clause: Clause, work: Workspace, state: IntArray) -> None:
    """Negate or hedge the heading of a state that says that it is absent or unsure ("Smile: none")."""
    if state[MEANING] == _PRESENT:
        return
    label, after = state[START] - 1, state[END]
    while label >= clause.start and clause.roles[label] & MARK and not clause.roles[label] & TICK:
        label -= 1
    label = _question_before(clause, label)
    if label > clause.start and clause.roles[label] & OPENING and clause.roles[label - 1] & LABEL:
        label -= 1  # "Tears: (none)"
    while after < clause.end and clause.roles[after] & MARK and not clause.roles[after] & TICK:
        after += 1
    kind = NEGATIONS if state[MEANING] == _ABSENT else HEDGES
    if label < clause.start or not clause.roles[label] & LABEL:
        if kind == NEGATIONS and clause.roles[state[START]] & TICK and not _has_ticks_first(clause):
            _add_scope(work, NEGATIONS, _item_start(clause, state[START]), state[START], state)
        return
    ends = BREAK if clause.roles[label] & OPENING else BREAK | COMMA
    if after >= clause.end or clause.roles[after] & ends or clause.roles[state[START]] & TICK:
        _add_scope(work, kind, _heading_start(clause, label), label, state)


@compilable
def _question_before(clause: Clause, label: int) -> int:
    """Return the question mark before the heading of an answer ("Tears? A: No"), else the place itself."""
    index = label - 1
    if index >= clause.start and clause.codes[index] != _QUESTION:
        index -= 1
    while index >= clause.start and clause.codes[index] == _NEWLINE:
        index -= 1
    return index if index >= clause.start and clause.codes[index] == _QUESTION else label


@compilable
def _item_start(clause: Clause, end: int) -> int:
    for index in range(end - 1, clause.start - 1, -1):
        if clause.roles[index] & (BREAK | COMMA | TICK):
            return index + 1
    return clause.start


@compilable
def _add_hedge(clause: Clause, work: Workspace, begun: MarkedTokens, cue: IntArray) -> None:
    start, end, kind = cue[START], cue[END], cue[MEANING]
    is_opening = kind == _BACKWARD_HEDGE and is_gap(clause, clause.start, start, MARK | AND | ADVERB)
    if kind == _FORWARD_HEDGE or is_opening:
        if end < clause.end and clause.roles[end] & COMMA and is_gap(clause, clause.start, start, MARK | AND | ADVERB):
            end += 1  # "Apparently, she is sad."
        reach = hedge_end(clause, begun, end)
        if _goes_on_behind(clause, begun, start, reach):
            reach = hedge_end(clause, begun, reach + 1)
        _add_scope(work, HEDGES, end, reach, cue)
        is_last = is_gap(clause, end, reach, MARK) and (reach >= clause.end or clause.roles[reach] & BREAK != 0)
        is_copular = has_role(clause, max(start - 1, clause.start), min(end + 2, clause.end), COPULA)
        if not is_last and not (is_copular and _only_says_it_is_there(clause, begun, end)):
            return
    if kind in (_FORWARD_HEDGE, _BACKWARD_HEDGE):
        subject = start
        if subject - 2 >= clause.start and clause.roles[subject - 1] & STOP_AFTER_COMMA:  # "..., it seems"
            subject -= clause.roles[subject - 2] & COMMA != 0
        while subject > clause.start and clause.roles[subject - 1] & (COMMA | LABEL | MARK):
            subject -= 1
        _add_scope(work, HEDGES, subject_start(clause, begun, subject), start, cue)


@compilable
def share_negations(clause: Clause, work: Workspace, n_matches: int) -> None:
    """Negate both where one action is named twice, by its code and its name ("AU12 (lip corner puller): no")."""
    for place in range(1, n_matches):
        first, second = work.matches[place - 1], work.matches[place]
        is_same = first[IS_ACTION] == 1 and second[IS_ACTION] == 1 and first[NAME] == second[NAME]
        if not is_same or first[MATCH_END] >= second[MATCH_START]:
            continue
        if not is_gap(clause, first[MATCH_END], second[MATCH_START], LABEL | MARK):
            continue
        of_first = governing_scope(work, NEGATIONS, first[ANCHOR])
        of_second = governing_scope(work, NEGATIONS, second[ANCHOR])
        if of_first != NONE and of_second == NONE:
            _add_scope(work, NEGATIONS, second[MATCH_START], second[MATCH_END], work.scopes[NEGATIONS, of_first, 2:])
        elif of_second != NONE and of_first == NONE:
            _add_scope(work, NEGATIONS, first[MATCH_START], first[MATCH_END], work.scopes[NEGATIONS, of_second, 2:])


@compilable
def _is_question(clause: Clause) -> bool:
    """Return whether the sentence itself asks, and not somebody who is quoted in it."""
    start = clause.start
    while start < clause.end and clause.roles[start] & MARK:
        start += 1
    return bool(clause.roles[start] & ASKS != 0)


@compilable
def _goes_on_behind(clause: Clause, begun: MarkedTokens, cue: int, stop: int) -> bool:
    """Return whether a hedge reaches beyond a mark: in brackets before its state, or before a label of it.

    "She is (probably) worried", "Likely emotion: fear".
    """
    if stop + 1 >= clause.end or not clause.roles[stop] & BREAK:
        return False
    if clause.roles[stop] & LABEL:
        return stop - cue < HEADING_REACH and not is_begun(begun, cue, stop)
    return cue - 2 >= clause.start and clause.roles[cue - 1] & LABEL != 0 and clause.roles[cue - 2] & COPULA != 0


@compilable
def _is_subject(clause: Clause, start: int, end: int) -> bool:
    """Return whether a negated participle is what its sentence speaks of ("Not smiling suggests ...")."""
    return end < clause.end and clause.roles[end] & PARTICIPLE != 0 and is_gap(clause, clause.start, start, MARK)


@compilable
def _only_says_it_is_there(clause: Clause, begun: MarkedTokens, start: int) -> bool:
    """Return whether what follows a cue only says that its subject exists ("not clearly visible", "may be present")."""
    for index in range(start, clause.end):
        if clause.roles[index] & PRESENCE:
            return not _has_complement(clause, begun, index + 1)
        if not clause.roles[index] & (FILLER | ADVERB | OF):
            return False
    return False


@compilable
def _has_complement(clause: Clause, begun: MarkedTokens, start: int) -> bool:
    """Return whether a verb has a state behind it, which its cue then is about ("does not appear happy")."""
    for index in range(start, clause.end):
        if begun.marks[index] == begun.sentence or clause.roles[index] & COPULA:
            return True
        if not clause.roles[index] & (FILLER | ADVERB) or clause.roles[index] & (COMMA | BREAK):
            return False
    return False


@compilable
def _begins_item(clause: Clause, start: int) -> bool:
    """Tell whether a cue stands before what it is about, and not behind it ("Smile: ☐", "Smile ☐, tears ☑")."""
    if start > clause.start and clause.roles[start - 1] & LABEL:
        return False
    return not clause.roles[start] & TICK or _has_ticks_first(clause)


@compilable
def _has_ticks_first(clause: Clause) -> bool:
    index = clause.start
    while index < clause.end and not clause.roles[index] & TICK:
        if not clause.roles[index] & (MARK | NUMBER | BREAK):
            return False
        index += 1
    return index < clause.end


@compilable
def _item_end(clause: Clause, start: int) -> int:
    for index in range(start, clause.end):
        if clause.roles[index] & (BREAK | TICK):
            return index
    return clause.end


@compilable
def _heading_start(clause: Clause, label: int) -> int:
    """Return the first token of the heading before a label; what another heading has before a comma is not of it."""
    comma = clause.start - 1
    for index in range(label - 1, clause.start - 1, -1):
        if clause.roles[index] & BREAK:
            return max(index, comma) + 1
        if clause.roles[index] & COMMA and comma < clause.start:
            comma = index
    return clause.start


@compilable
def decisive_token(work: Workspace, begun: MarkedTokens, match: IntArray) -> int:
    """Return the token that a negation must reach: what is said, or a part behind it ("she shows no teeth")."""
    anchor, last = match[ANCHOR], match[MATCH_END] - 1
    scope = governing_scope(work, NEGATIONS, last)
    if match[IS_ACTION] == 1 and scope != NONE and governing_scope(work, NEGATIONS, anchor) == NONE:
        cue_start, cue_end = work.scopes[NEGATIONS, scope, 2], work.scopes[NEGATIONS, scope, 3]
        if match[ANCHOR_END] <= cue_start and not is_begun(begun, cue_end, last):
            return int(last)
    return int(anchor)


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
