"""Excerpts of texts as columns of strings, cut out of all texts at once."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from descan.columns import IntArray
from descan.extract.raw_text import replace_surrogates

_CONTINUATION = 0b10
"""The two highest bits of the bytes of UTF-8 that begin no character."""


class TextRow:
    """Texts one after the other."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Join the texts; U+FFFD stands for a lone surrogate."""
        row = "".join(texts)
        self._bytes = np.frombuffer(_encode(row), dtype=np.uint8)
        self._begins = np.append(0, np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)).cumsum())
        self._places: IntArray | None = None
        if not row.isascii():
            begins_character = self._bytes >> 6 != _CONTINUATION
            self._places = np.append(np.flatnonzero(begins_character), len(self._bytes))

    def cut(self, texts: IntArray, starts: IntArray, ends: IntArray) -> pa.StringArray:
        """Return what stands from each start to the end beside it. Shape of all: (n_excerpts,).

        Args:
            texts: The place of the text of each excerpt.
            starts: Its first character.
            ends: The character after its last.
        """
        first, last = self._begins[texts] + starts, self._begins[texts] + ends
        if self._places is not None:
            first, last = self._places[first], self._places[last]
        sizes = last - first
        bounds = np.append(0, sizes.cumsum())
        places = np.arange(bounds[-1]) + np.repeat(first - bounds[:-1], sizes)
        buffers = pa.py_buffer(bounds.astype(np.int32)), pa.py_buffer(self._bytes[places])
        return pa.StringArray.from_buffers(len(sizes), *buffers)


def _encode(row: str) -> bytes:
    try:
        return row.encode()
    except UnicodeEncodeError:
        return replace_surrogates(row).encode()
