"""The linguistic knowledge of descan: data files, their schema and their loading."""

from descan.lexicon.category_words import CONTEMPT, load_category_words
from descan.lexicon.entries import AsideFile, FacsFile, FormFile
from descan.lexicon.loading import (
    OUTRIGHT,
    UNLISTED,
    Inventory,
    Lexicon,
    inventory_of,
    lexicon_path,
    load_lexicon,
    read_yaml,
)
from descan.lexicon.thinking import ThinkingFinder, load_thinking_finder

__all__ = [
    "CONTEMPT", "OUTRIGHT", "UNLISTED", "AsideFile", "FacsFile", "FormFile", "Inventory", "Lexicon", "ThinkingFinder",
    "inventory_of", "lexicon_path", "load_category_words", "load_lexicon", "load_thinking_finder", "read_yaml",
]  # fmt: skip
