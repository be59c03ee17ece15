"""Sentence boundaries that know Markdown: headings, bullets, numbered lists and line breaks end a sentence."""

from collections.abc import Iterable, Iterator, Sequence

from descan.extract.words import Shape

BOUNDARIES = (int(Shape.END), int(Shape.NEWLINE))
"""Codes of tokens that can end a sentence."""

MAX_LENGTH = 400
"""Tokens after which a sentence without an end is cut, so that time stays linear in the length of a text."""

_END = int(Shape.END)
_NUMBERING = frozenset({int(Shape.OTHER), int(Shape.MARK)})


def sentences(codes: Sequence[int], boundaries: Iterable[int], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the first token of each sentence and the token behind its last.

    A full stop behind the number that begins a sentence ("1. **Eyes**: ...") ends nothing.

    Args:
        codes: One code a token.
        boundaries: The tokens of the text whose codes are `BOUNDARIES`.
        start: The first token of the text.
        end: The token behind its last.
    """
    for index in boundaries:
        if codes[index] == _END and index - start <= 2 and _NUMBERING.issuperset(codes[start:index]):
            continue
        if index > start:
            yield from _cut(start, index + 1)
        start = index + 1
    yield from _cut(start, end)


def _cut(start: int, end: int) -> Iterator[tuple[int, int]]:
    for begin in range(start, end, MAX_LENGTH):
        yield begin, min(begin + MAX_LENGTH, end)
