"""How far the cues of a sentence reach: to the end of what they govern, or back to where that begins."""

from typing import Final

from descan.extract.engine.clause import (
    Clause,
    MarkedTokens,
    has_phrase,
    has_role,
    is_begun,
)
from descan.extract.engine.codes import Layer, Shape
from descan.extract.engine.compilation import compilable
from descan.extract.engine.roles import (
    ADVERB,
    AND,
    BREAK,
    CASE,
    COMMA,
    COPULA,
    FILLER,
    HEDGE,
    LINK,
    NOUN,
    OF,
    OPENING,
    OR,
    PART,
    PARTICIPLE,
    RELATIVE,
    STOP,
    STOP_AFTER_COMMA,
    STOP_AFTER_NOUN,
)

BACKWARD_REACH: Final = 14
"""Tokens before a cue that follows what it negates ("... are absent")."""
LIST_WINDOW: Final = 14
"""Tokens within which a list must come to its "or"."""

_TURNS: Final = BREAK | STOP | COMMA | AND | STOP_AFTER_NOUN | OF
_TARGETS: Final = int(Layer.TARGET)
_BREAK: Final = int(Shape.BREAK)


@compilable
def negation_end(clause: Clause, begun: MarkedTokens, start: int, is_verbal: bool) -> int:
    """Return the end of what a negation before `start` governs; that of a verb reaches farther than that of a noun."""
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
def subject_start(clause: Clause, begun: MarkedTokens, end: int) -> int:
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
def hedge_end(clause: Clause, begun: MarkedTokens, start: int) -> int:
    """Return the end of what a hedge before `start` makes unsure."""
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
