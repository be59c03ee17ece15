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
    has_phrase,
    has_role,
    is_begun,
    is_gap,
)
from descan.extract.engine.codes import Answer, Hedge, Layer, Negation, Shape
from descan.extract.engine.compilation import compilable
from descan.extract.engine.roles import (
    ADVERB,
    AND,
    ASKS,
    BREAK,
    CASE,
    COMMA,
    COPULA,
    FILLER,
    HEDGE,
    LABEL,
    LINK,
    MARK,
    NOUN,
    NUMBER,
    OF,
    OPENING,
    OR,
    PART,
    PARTICIPLE,
    PRESENCE,
    RELATIVE,
    STOP,
    STOP_AFTER_COMMA,
    STOP_AFTER_NOUN,
    THAN,
    TICK,
    WOULD,
)
from descan.extract.engine.rule_tables import IntArray
from descan.extract.engine.workspace import ANCHOR, ANCHOR_END, IS_ACTION, MATCH_END, MATCH_START, NAME, Workspace

NEAR_REACH: Final = 3
"""Tokens that a weak negation ("little", "minimal") reaches."""
BACKWARD_REACH: Final = 14
"""Tokens before a cue that follows what it negates ("... are absent")."""
CONSEQUENCE_REACH: Final = 5
"""Tokens behind a condition within which its consequence begins ("..., his brows would be lowered")."""
HEADING_REACH: Final = 5
"""Tokens that a heading has at most, with its label."""
LIST_WINDOW: Final = 14
"""Tokens within which a list must come to its "or"."""

NEGATIONS: Final = 0
HEDGES: Final = 1
"""Kinds of scopes, as `Workspace.scopes` has them."""

_TURNS: Final = BREAK | STOP | COMMA | AND | STOP_AFTER_NOUN | OF

_NEGATION_LAYER: Final = int(Layer.NEGATION)
_HEDGE_LAYER: Final = int(Layer.HEDGE)
_TARGETS: Final = int(Layer.TARGET)
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
_BREAK: Final = int(Shape.BREAK)
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
        _add_scope(work, NEGATIONS, end, _negation_end(clause, begun, end, is_verbal), cue)
        if kind == _VERBAL and _only_says_it_is_there(clause, begun, end):
            _add_scope(work, NEGATIONS, _subject_start(clause, begun, start), start, cue)
    elif kind == _NEAR:
        reach = min(end + NEAR_REACH, _negation_end(clause, begun, end, False))
        for index in range(end, reach):
            if clause.roles[index] & COPULA:
                reach = index
                break
        _add_scope(work, NEGATIONS, end, reach, cue)
    elif kind == _BACKWARD:  # Up to the end of the cue, which may name a motion: "her teeth are not visible".
        _add_scope(work, NEGATIONS, _subject_start(clause, begun, start), end, cue)
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
            reach = min(index + 1 + NEAR_REACH, _negation_end(clause, begun, index + 1, False))
            _add_scope(work, NEGATIONS, index + 1, reach, cue)
            return


@compilable
def _add_condition(clause: Clause, work: Workspace, begun: MarkedTokens, cue: IntArray) -> None:
    """Negate what a condition contrary to fact says, and what would follow from it ("if he were sad, he would cry")."""
    end = _negation_end(clause, begun, cue[END], True)
    if end < clause.end and clause.roles[end] & COMMA:
        for index in range(end, min(end + CONSEQUENCE_REACH, clause.end)):
            if clause.roles[index] & WOULD:
                end = _negation_end(clause, begun, index + 1, True)
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
        reach = _hedge_end(clause, begun, end)
        if _goes_on_behind(clause, begun, start, reach):
            reach = _hedge_end(clause, begun, reach + 1)
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
        _add_scope(work, HEDGES, _subject_start(clause, begun, subject), start, cue)


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


@compilable
def _negation_end(clause: Clause, begun: MarkedTokens, start: int, is_verbal: bool) -> int:
    roles = clause.roles
    for index in range(start, clause.end):
        role = roles[index]
        if not role & _TURNS:
            continue
        if role & BREAK or (
            role & STOP and index > start and not _is_led_in(clause, begun, start, index) and not roles[index - 1] & OF
        ):
            return index
        if role & COMMA and not _list_goes_on(clause, begun, index):
            return index
        if role & AND and not role & OR and _starts_predicate(clause, begun, index + 1):
            return index
        if is_verbal:
            continue
        if role & STOP_AFTER_NOUN and not roles[index - 1] & RELATIVE:
            return index
        if role & OF and _is_place_of_noun(clause, begun, start, index):
            return index
    return clause.end


@compilable
def _is_place_of_noun(clause: Clause, begun: MarkedTokens, start: int, index: int) -> bool:
    """Return whether only the place of a negated noun follows, which is there ("no fear in her wide eyes")."""
    if index + 1 >= clause.end or clause.roles[index + 1] & NOUN or not is_begun(begun, start, index):
        return False
    return has_phrase(clause, _TARGETS, index + 1, index + 2)


@compilable
def _is_led_in(clause: Clause, begun: MarkedTokens, start: int, index: int) -> bool:
    """Return whether a relative only leads in what a cue before it is about ("nothing shows that she is sad")."""
    if not clause.roles[index] & RELATIVE:
        return False
    return not (is_begun(begun, start, index) or has_role(clause, start, index, COMMA))


@compilable
def _starts_predicate(clause: Clause, begun: MarkedTokens, index: int) -> bool:
    return _starts_anew(clause, begun, index) or clause.roles[index] & COPULA != 0


@compilable
def _list_goes_on(clause: Clause, begun: MarkedTokens, comma: int) -> bool:
    """Return whether a comma parts items of one negated list ("no X, Y, or Z")."""
    roles = clause.roles
    if clause.has_list_mark or _starts_anew(clause, begun, comma + 1):
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
    """Return whether a new thought begins here: a pronoun, a determiner, or a participle that is no mention."""
    if index >= clause.end:
        return True
    role = clause.roles[index]
    if role & (STOP_AFTER_COMMA | HEDGE):
        return True
    return role & PARTICIPLE != 0 and bool(begun.marks[index] != begun.sentence)


@compilable
def _subject_start(clause: Clause, begun: MarkedTokens, end: int) -> int:
    """Return the first token of what a cue behind it is said of; a whole list has one ("joy and fear are absent")."""
    first = max(end - BACKWARD_REACH * clause.reach, clause.start)
    while end > first and clause.roles[end - 1] & (COPULA | ADVERB):
        end -= 1
    end = _bracket_start(clause, first, end)
    if clause.is_head_final:
        return _clause_start(clause, begun, first, end)
    boundary, is_list = first, False
    for index in range(end - 1, first - 1, -1):
        role = clause.roles[index]
        if role & (BREAK | STOP):
            return index + 1
        if role & COPULA and begun.marks[index] != begun.sentence:  # Not the middle of "crow's feet".
            return max(boundary, index + 1)
        if role & AND:
            is_list, boundary = True, index + 1
        elif role & COMMA:
            if not is_list:
                return index + 1
            boundary = index + 1
    return first


@compilable
def _clause_start(clause: Clause, begun: MarkedTokens, first: int, end: int) -> int:
    """Return the first token of a clause that ends with a cue, where verbs stand last; bare nouns before it are a list.

    That is "A, B and C none-are" but not "brows raised, tears none-are", nor "brows raised-and tears none-are".
    """
    has_begun = False
    for index in range(end - 1, first - 1, -1):
        role = clause.roles[index]
        is_link = role & LINK and not clause.roles[index + 1] & AND  # "Both raised-and-also ..." goes on.
        if role & (BREAK | STOP) or (is_link and has_begun):
            return index + 1
        if role & COMMA:
            if not _is_bare_item(clause, begun, first, index):
                return index + 1
            has_begun = False
        has_begun = has_begun or begun.marks[index] == begun.sentence
    return first


@compilable
def _is_bare_item(clause: Clause, begun: MarkedTokens, first: int, comma: int) -> bool:
    """Return whether what stands before a comma, back to the mark before it, is a mention and no clause."""
    start = comma
    while start > first and not clause.roles[start - 1] & (COMMA | BREAK | STOP):
        start -= 1
    if comma > start and clause.roles[comma - 1] & AND:
        return True
    if begun.marks[comma - 1] == begun.sentence and comma + 1 < clause.end and clause.roles[comma + 1] & OR:
        return True
    last = comma - 1
    while last >= start and begun.marks[last] != begun.sentence:
        if clause.roles[last] & FILLER:
            return False
        last -= 1
    return last >= start and not has_role(clause, start, comma, CASE | LINK)


@compilable
def _bracket_start(clause: Clause, first: int, end: int) -> int:
    """Return where a bracket that ends before a token opens ("the smile (AU12) is absent"), else the token."""
    if end == first or clause.codes[end - 1] != _BREAK:
        return end
    for index in range(end - 2, first, -1):
        if clause.roles[index] & OPENING:
            return index
        if clause.roles[index] & BREAK:
            return end
    return end


@compilable
def _hedge_end(clause: Clause, begun: MarkedTokens, start: int) -> int:
    roles = clause.roles
    for index in range(start, clause.end):
        role = roles[index]
        if not role & _TURNS:
            continue
        if role & BREAK or (role & STOP and index > start and not _is_led_in(clause, begun, start, index)):
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
