"""Sentence boundaries that know Markdown: headings, bullets, numbered lists and line breaks end a sentence."""

from typing import Final

from descan.extract.engine.codes import Shape
from descan.extract.engine.compilation import compilable
from descan.extract.engine.roles import (
    ADVERB,
    ANSWER,
    BREAK,
    COMMA,
    COPULA,
    FILLER,
    IN_ANSWER,
    LABEL,
    NUMBER,
    OF,
    PRESENCE,
    TICK,
)
from descan.extract.engine.rule_tables import IntArray

MAX_LENGTH: Final = 400
"""Tokens after which a sentence without an end is cut, so that time stays linear in the length of a text."""

_END: Final = int(Shape.END)
_NEWLINE: Final = int(Shape.NEWLINE)
_OTHER: Final = int(Shape.OTHER)
_MARK: Final = int(Shape.MARK)
_QUESTION: Final = int(Shape.QUESTION)
_LABEL: Final = int(Shape.LABEL)

_LONGEST_ANSWER: Final = 8
"""Tokens of an answer and the mark behind it ("Not that I can clearly see.")."""
_WITHIN_ANSWER: Final = ADVERB | FILLER | OF | PRESENCE | IN_ANSWER


@compilable
def sentence_end(codes: IntArray, roles: IntArray, start: int, end: int) -> int:
    """Return the token after the sentence that begins at `start`.

    A full stop after the number that begins a sentence ("1. **Eyes**: ...") ends nothing; nor does what stands between
    a question or a heading and its answer ("A smile? No.").

    Args:
        codes: One code a token.
        roles: The roles of each token.
        start: The first token of the sentence.
        end: The token after the last of the text.
    """
    for index in range(start, end):
        if codes[index] not in (_END, _NEWLINE, _QUESTION) or _is_numbered(codes, roles, start, index):
            continue
        if not _is_answered(codes, roles, start, index, end):
            return index + 1
    return end


@compilable
def _is_answered(codes: IntArray, roles: IntArray, start: int, stop: int, end: int) -> bool:
    before = stop
    while before > start and codes[before] in (_NEWLINE, _MARK):
        before -= 1
    if not roles[before] & LABEL:
        return False
    answer = stop + 1
    while answer < end and (codes[answer] in (_NEWLINE, _MARK, _LABEL) or roles[answer] & (ADVERB | ANSWER) == ADVERB):
        answer += 1
    if answer + 2 < end and roles[answer + 1] & LABEL and not roles[answer] & ANSWER:  # "A: No"
        answer += 2
    if answer >= end or not roles[answer] & ANSWER:
        return False
    if roles[answer] & TICK:
        return True
    for index in range(answer + 1, min(answer + _LONGEST_ANSWER, end)):
        if roles[index] & (BREAK | COMMA):
            return True
        goes_on = roles[index] & COPULA and index > answer + 1  # "No he is sad."
        if goes_on or not roles[index] & _WITHIN_ANSWER:
            return False
    return answer + _LONGEST_ANSWER >= end


@compilable
def _is_numbered(codes: IntArray, roles: IntArray, start: int, stop: int) -> bool:
    if codes[stop] != _END or stop - start > 2:
        return False
    for index in range(start, stop):
        if codes[index] not in (_OTHER, _MARK) and not roles[index] & NUMBER:
            return False
    return True
