"""Sentence boundaries that know Markdown: headings, bullets, numbered lists and line breaks end a sentence."""

from collections.abc import Iterator, Sequence

from descan.extract.vocabulary import Shape

_END, _NEWLINE, _OTHER, _MARK = int(Shape.END), int(Shape.NEWLINE), int(Shape.OTHER), int(Shape.MARK)
_BOUNDARIES = frozenset({_END, _NEWLINE})


def sentences(codes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give the start and end token of each sentence.

    A full stop behind the number that begins a sentence ("1. **Eyes**: ...") ends nothing.
    """
    start = 0
    for index, code in enumerate(codes):
        if code in _BOUNDARIES:
            if code == _END and index - start <= 2 and all(known in (_OTHER, _MARK) for known in codes[start:index]):
                continue
            if index > start:
                yield start, index + 1
            start = index + 1
    if start < len(codes):
        yield start, len(codes)
