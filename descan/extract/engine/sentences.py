"""Sentence boundaries that know Markdown: headings, bullets, numbered lists and line breaks end a sentence."""

from typing import Final

from descan.extract.engine.codes import Shape
from descan.extract.engine.compilation import compilable
from descan.extract.engine.rule_tables import IntArray

MAX_LENGTH: Final = 400
"""Tokens after which a sentence without an end is cut, so that time stays linear in the length of a text."""

_END: Final = int(Shape.END)
_NEWLINE: Final = int(Shape.NEWLINE)
_OTHER: Final = int(Shape.OTHER)
_MARK: Final = int(Shape.MARK)


@compilable
def sentence_end(codes: IntArray, start: int, end: int) -> int:
    """Return the token after the sentence that begins at `start`.

    A full stop after the number that begins a sentence ("1. **Eyes**: ...") ends nothing.

    Args:
        codes: One code a token.
        start: The first token of the sentence.
        end: The token after the last of the text.
    """
    for index in range(start, end):
        if codes[index] in (_END, _NEWLINE) and not _is_numbered(codes, start, index):
            return index + 1
    return end


@compilable
def _is_numbered(codes: IntArray, start: int, stop: int) -> bool:
    if codes[stop] != _END or stop - start > 2:
        return False
    for index in range(start, stop):
        if codes[index] not in (_OTHER, _MARK):
            return False
    return True
