"""A sentence as codes, and the phrases found in it: what actions, terms and assertions are read from."""

from typing import Final, NamedTuple

from descan.extract.engine.codes import FIRST_WORD, Layer, Remark, Target
from descan.extract.engine.compilation import compilable
from descan.extract.engine.roles import (
    ADVERB,
    AND,
    BREAK,
    COMMA,
    DEFINITE,
    FILLER,
    INNER,
    MARK,
    NOUN,
    NUMBER,
    STOP,
)
from descan.extract.engine.rule_tables import IntArray

GAP_ROLES: Final = FILLER | ADVERB | MARK
MAX_HEAD_GAP: Final = 5
"""Tokens between an adjective and the noun that it describes ("a calm, focused and slightly tense expression")."""

START: Final = 0
END: Final = 1
MEANING: Final = 2

NONE: Final = -1
"""No phrase."""

_BEFORE_NOUN: Final = AND | COMMA | ADVERB | MARK | INNER
_TARGETS: Final = int(Layer.TARGET)
_WRITERS: Final = int(Layer.WRITER)
_THING: Final = int(Target.THING)
_REMARKS: Final = int(Layer.REMARK)
_OPENING: Final = int(Remark.OPENING)
_CHOICES: Final = int(Remark.CHOICES)


class Clause(NamedTuple):
    """A sentence and its phrases; tokens are counted over a row of texts, not from the beginning of the sentence.

    Attributes:
        codes: The code of each token of the row.
        roles: The roles of each token of the row, with those that the phrases give.
        start: The first token of the sentence.
        end: The token after its last.
        phrases: Of each layer the phrases in order, each with its first token, the token after it and its
            meaning. Shape: (n_layers, n_places, 3).
        n_phrases: How many phrases each layer has. Shape: (n_layers,).
        is_head_final: As in `Rules`.
        has_clauses_first: As in `Rules`.
        reach: As in `Rules`.
        has_list_mark: As in `Rules`.
    """

    codes: IntArray
    roles: IntArray
    start: int
    end: int
    phrases: IntArray
    n_phrases: IntArray
    is_head_final: bool
    has_clauses_first: bool
    reach: int
    has_list_mark: bool


class MarkedTokens(NamedTuple):
    """Tokens of a sentence that have a mark: the number of the sentence.

    Attributes:
        marks: Shape: (n_tokens,).
        sentence: The number of the sentence, counted from 1.
    """

    marks: IntArray
    sentence: int


@compilable
def is_begun(begun: MarkedTokens, start: int, end: int) -> bool:
    """Return whether any token from `start` to `end` has the mark."""
    for index in range(start, end):
        if begun.marks[index] == begun.sentence:
            return True
    return False


@compilable
def is_gap(clause: Clause, start: int, end: int, allowed: int) -> bool:
    """Return whether every token from `start` to `end` has one of the allowed roles."""
    for index in range(start, end):
        if not clause.roles[index] & allowed:
            return False
    return True


@compilable
def has_role(clause: Clause, start: int, end: int, role: int) -> bool:
    """Return whether any token from `start` to `end` has one of the roles."""
    for index in range(start, end):
        if clause.roles[index] & role:
            return True
    return False


@compilable
def has_phrase(clause: Clause, layer: int, start: int, end: int) -> bool:
    """Return whether a phrase of the layer begins from `start` to before `end`."""
    for index in range(clause.n_phrases[layer]):
        if start <= clause.phrases[layer, index, START] < end:
            return True
    return False


@compilable
def is_of_writer(clause: Clause, start: int) -> bool:
    """Return whether a state or an action is the writer's or the reader's own ("I'd be happy to help")."""
    for place in range(clause.n_phrases[_WRITERS]):
        end = clause.phrases[_WRITERS, place, END]
        if end <= start and is_gap(clause, end, start, ADVERB | MARK | NUMBER | INNER | AND):
            while end < start and clause.roles[end] & (ADVERB | MARK | NUMBER):
                end += 1
            if end == start or clause.roles[start - 1] & AND:  # "your patience and trust"
                return True
    return False


@compilable
def general_remark_end(clause: Clause) -> int:
    """Return the token up to which a sentence says what is usually so ("a frown often means anger, but here ...").

    That is the first token of the sentence where all of it is about this face.
    """
    for place in range(clause.n_phrases[_REMARKS]):
        start = clause.phrases[_REMARKS, place, START]
        meaning = clause.phrases[_REMARKS, place, MEANING]
        if meaning == _CHOICES:
            continue
        if meaning == _OPENING:
            is_general = is_gap(clause, clause.start, start, MARK | NUMBER | ADVERB)
        else:
            is_general = start > clause.start and not has_role(
                clause, clause.start, start, DEFINITE | COMMA | BREAK | STOP
            )
        if is_general:
            end = int(clause.phrases[_REMARKS, place, END])
            while end < clause.end and not _ends_remark(clause, end):
                end += 1
            return end
    return clause.start


@compilable
def _ends_remark(clause: Clause, index: int) -> bool:
    """Return whether a sentence turns from what is usually so to this face ("..., but here", "...; his brows")."""
    if clause.roles[index] & STOP and clause.roles[index] & AND:
        return True
    following = index + 1
    return following < clause.end and clause.roles[index] & BREAK != 0 and clause.roles[following] & DEFINITE != 0


@compilable
def head_noun(clause: Clause, end: int) -> int:
    """Return the noun that an adjective ending before `end` describes, as an index of the targets, or `NONE`.

    A thing is no more than half of a noun before another one ("an intense phone conversation").
    """
    for index in range(end, min(end + MAX_HEAD_GAP, clause.end)):
        role = clause.roles[index]
        if role & NOUN:
            if index > end and clause.roles[index - 1] & (COMMA | AND):
                return NONE
            head = _target_from(clause, index)
            after = clause.phrases[_TARGETS, head, END]
            is_half = clause.phrases[_TARGETS, head, MEANING] == _THING and after < clause.end
            return _target_from(clause, after) if is_half and clause.roles[after] & NOUN else head
        if role & BREAK or not (role & _BEFORE_NOUN or clause.codes[index] < FIRST_WORD):
            return NONE
    return NONE


@compilable
def _target_from(clause: Clause, start: int) -> int:
    for index in range(clause.n_phrases[_TARGETS]):
        if clause.phrases[_TARGETS, index, START] >= start:
            return index
    return NONE
