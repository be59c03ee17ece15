"""The linguistic knowledge of descan: data files, their schema and their loading."""

from descan.lexicon.category_words import CONTEMPT, load_category_words
from descan.lexicon.entries import AsideFile, FacsFile, FormFile, expand_alternatives
from descan.lexicon.language_finder import LanguageFinder, load_language_finder
from descan.lexicon.languages import UNDETERMINED, name_language, parse_language
from descan.lexicon.loading import (
    OUTRIGHT,
    UNLISTED,
    Inventory,
    Lexicon,
    inventory_of,
    lexicon_path,
    load_lexicon,
    read_yaml,
    readable_languages,
)
from descan.lexicon.patterns import APOSTROPHE, any_of, lower_case
from descan.lexicon.thinking import ThinkingFinder, load_thinking_finder

__all__ = [
    "APOSTROPHE", "CONTEMPT", "OUTRIGHT", "UNDETERMINED", "UNLISTED", "AsideFile", "FacsFile", "FormFile", "Inventory",
    "LanguageFinder", "Lexicon", "ThinkingFinder", "any_of", "expand_alternatives", "inventory_of", "lexicon_path",
    "load_category_words", "load_language_finder", "load_lexicon", "load_thinking_finder", "lower_case",
    "name_language", "parse_language", "read_yaml", "readable_languages",
]  # fmt: skip
