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
from descan.lexicon.loading import OUTRIGHT, UNLISTED, Inventory, Lexicon, inventory_of, languages, load_lexicon
from descan.lexicon.patterns import APOSTROPHE, any_of, lower_case
from descan.lexicon.thinking import ThinkingFinder, load_thinking_finder

__all__ = [
    "APOSTROPHE", "DEFAULT_SET", "OUTRIGHT", "UNLISTED", "AsideFile", "FacsFile", "FormFile", "Inventory", "Lexicon",
    "ThinkingFinder", "anchor_categories", "any_of", "category_set_digest", "category_set_record",
    "category_word_names", "check_terms", "expand_alternatives", "inventory_of", "languages", "lexicon_path",
    "load_category_set", "load_category_words", "load_families", "load_lexicon", "load_thinking_finder", "lower_case",
    "parse_category_set", "read_yaml", "run_category_set", "set_names", "term_categories",
]  # fmt: skip
