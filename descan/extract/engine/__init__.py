"""The compiled part of the extraction; it knows no language: token codes and compiled rules in, columns out.

A tokenizer's words become codes, a lexicon becomes `Tables` of codes (both outside of here), and `Engine` finds the
mentions. numba compiles its functions when that pays; until then they run as plain Python.
"""

from descan.extract.engine.chunks import ChunkMemory, TextTokens
from descan.extract.engine.interface import Engine
from descan.extract.engine.parsing import MentionRows, TokenRow
from descan.extract.engine.rule_tables import IntArray, PhraseTable, Rules, Tables

__all__ = [
    "ChunkMemory", "Engine", "IntArray", "MentionRows", "PhraseTable", "Rules", "Tables", "TextTokens", "TokenRow",
]  # fmt: skip
