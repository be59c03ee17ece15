"""The way into the engine: token codes and compiled rules in, columns out."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from descan.extract.engine.chunks import ChunkMemory, KnownChunks, LetterArray, TextTokens, find_chunks
from descan.extract.engine.compilation import compile_function
from descan.extract.engine.parsing import MentionRows, TokenRow, parse
from descan.extract.engine.rule_tables import IntArray, Tables
from descan.extract.engine.workspace import Workspace, make_workspace

_TOKENS_PER_MENTION: Final = 6
"""There is room for so many mentions at first; few texts have more."""

_N_ROOM: Final = 4
"""Numbers that `parse` notes of each token."""


class Functions(NamedTuple):
    """The functions that the engine is entered by, as plain Python or as machine code."""

    parse: Callable[[Tables, TokenRow, Workspace, IntArray, IntArray], int]
    find_chunks: Callable[[KnownChunks, LetterArray, IntArray, TextTokens, IntArray], tuple[int, int]]


PLAIN: Final = Functions(parse, find_chunks)


class Engine:
    """Finds mentions by the rules of one language.

    Attributes:
        functions: `PLAIN`, or the result of `compile_functions`.
    """

    def __init__(self, tables: Tables) -> None:
        """Begin with plain Python."""
        self.functions = PLAIN
        self._tables = tables
        self._work = make_workspace()

    @property
    def is_compiled(self) -> bool:
        """Whether it runs as machine code."""
        return self.functions is not PLAIN

    def find_mentions(self, row: TokenRow) -> MentionRows:
        """Return the mentions that tokens make."""
        n_tokens, n_rows = len(row.codes), len(MentionRows._fields)
        room = np.empty((_N_ROOM, n_tokens), dtype=np.int64)
        n_places = n_tokens // _TOKENS_PER_MENTION + 1
        while True:
            mentions = np.empty((n_rows, n_places), dtype=np.int64)
            n_mentions = self.functions.parse(self._tables, row, self._work, room, mentions)
            if n_mentions <= n_places:
                return MentionRows(*mentions[:, :n_mentions])
            n_places = n_mentions

    def compile_functions(self, folder: Path) -> bool:
        """Run as machine code from now on.

        Args:
            folder: Where the machine code is, or is put.

        Returns:
            Whether all of it was there.
        """
        none, one = np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
        room = np.zeros((_N_ROOM, 0), dtype=np.int64)
        row = TokenRow(none, none, none, none, none)
        mentions = np.zeros((len(MentionRows._fields), 1), dtype=np.int64)
        parsing = compile_function(parse, (self._tables, row, self._work, room, mentions), folder)
        letters = np.frombuffer(b"", dtype=np.int32)
        unknown = np.zeros((3, 0), dtype=np.int64)
        known = ChunkMemory("\n", 0).known
        finding = compile_function(find_chunks, (known, letters, none, TextTokens(one, one, none), unknown), folder)
        self.functions = Functions(parsing.function, finding.function)
        return parsing.was_cached and finding.was_cached
