"""The linguistic knowledge of descan: data files, their schema and their loading."""

from descan.lexicon.category_sets import (
    DEFAULT_SET,
    anchor_categories,
    category_set_digest,
    category_set_record,
    check_terms,
    load_category_set,
    parse_category_set,
    run_category_set,
    set_names,
    term_categories,
)
from descan.lexicon.category_words import category_word_names, load_category_words
from descan.lexicon.entries import AsideFile, FacsFile, FormFile, expand_alternatives
from descan.lexicon.families import load_families
from descan.lexicon.files import lexicon_path, read_yaml
from descan.lexicon.folding import fold_spelling, join_words, split_words
from descan.lexicon.language_finder import LanguageFinder, load_language_finder
from descan.lexicon.languages import UNDETERMINED, name_language, parse_language
from descan.lexicon.loading import (
    OUTRIGHT,
    UNLISTED,
    Inventory,
    Lexicon,
    inventory_of,
    load_lexicon,
    readable_languages,
)
from descan.lexicon.patterns import APOSTROPHE, any_of, lower_case
from descan.lexicon.thinking import ThinkingFinder, load_thinking_finder

__all__ = [
    "APOSTROPHE", "DEFAULT_SET", "OUTRIGHT", "UNDETERMINED", "UNLISTED", "AsideFile", "FacsFile", "FormFile",
    "Inventory", "LanguageFinder", "Lexicon", "ThinkingFinder", "anchor_categories", "any_of", "category_set_digest",
    "category_set_record", "category_word_names", "check_terms", "expand_alternatives", "fold_spelling",
    "inventory_of", "join_words", "lexicon_path", "load_category_set", "load_category_words", "load_families",
    "load_language_finder", "load_lexicon", "load_thinking_finder", "lower_case", "name_language",
    "parse_category_set", "parse_language", "read_yaml", "readable_languages", "run_category_set", "set_names",
    "split_words", "term_categories",
]  # fmt: skip
