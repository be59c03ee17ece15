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
from descan.lexicon.category_words import (
    CATEGORY_WORDS_FILE,
    category_word_names,
    load_category_words,
    merge_category_words,
)
from descan.lexicon.entries import AsideFile, FacsFile, FormFile, expand_alternatives
from descan.lexicon.families import load_families
from descan.lexicon.figure_words import FigureWords, figure_languages, load_figure_words, read_figure_words
from descan.lexicon.files import describe_problem, lexicon_path, read_yaml, readable_languages
from descan.lexicon.folding import fold_spelling, join_words, split_words
from descan.lexicon.known_words import Known, find_word, unknown_words
from descan.lexicon.language_finder import LanguageFinder, load_language_finder
from descan.lexicon.languages import UNDETERMINED, name_language, parse_language
from descan.lexicon.loading import (
    LEXICONS_KEPT,
    OUTRIGHT,
    UNLISTED,
    Inventory,
    Lexicon,
    inventory_of,
    load_lexicon,
    merge_lexicon,
)
from descan.lexicon.merging import Merged, compose_words, merge_yaml, read_rows
from descan.lexicon.patterns import APOSTROPHE, any_of, lower_case
from descan.lexicon.profiles import Profile, check_installed, load_profile
from descan.lexicon.project import (
    LANGUAGE_FILES,
    REMOVE_FILE,
    SHARED_FILES,
    TERMS_FILE,
    ProjectLexicon,
    read_project_lexicon,
    survey_project_lexicon,
)
from descan.lexicon.thinking import ThinkingFinder, load_thinking_finder
from descan.lexicon.witnessed_actions import action_keys

__all__ = [
    "APOSTROPHE", "CATEGORY_WORDS_FILE", "DEFAULT_SET", "LANGUAGE_FILES", "LEXICONS_KEPT", "OUTRIGHT", "REMOVE_FILE",
    "SHARED_FILES",
    "TERMS_FILE", "UNDETERMINED", "UNLISTED", "AsideFile", "FacsFile", "FigureWords", "FormFile", "Inventory",
    "Known", "LanguageFinder", "Lexicon", "Merged", "Profile", "ProjectLexicon", "ThinkingFinder", "action_keys",
    "anchor_categories",
    "any_of", "category_set_digest", "category_set_record", "category_word_names", "check_installed", "check_terms",
    "compose_words",
    "describe_problem", "expand_alternatives", "figure_languages", "find_word", "fold_spelling", "inventory_of",
    "join_words", "lexicon_path", "load_category_set", "load_category_words", "load_families", "load_figure_words",
    "load_language_finder", "load_lexicon", "load_profile", "load_thinking_finder", "lower_case",
    "merge_category_words", "merge_lexicon", "merge_yaml", "name_language", "parse_category_set", "parse_language",
    "read_figure_words", "read_project_lexicon", "read_rows", "read_yaml", "readable_languages", "run_category_set",
    "set_names", "split_words", "survey_project_lexicon", "term_categories", "unknown_words",
]  # fmt: skip
