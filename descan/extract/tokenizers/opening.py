"""The tokenizer that a language names in its `language.yaml`."""

from importlib import import_module

import spacy
from spacy.tokenizer import Tokenizer

from descan.errors import SetupError
from descan.extract.tokenizers.protocol import Segmenter
from descan.extract.tokenizers.spaced import SpacySegmenter
from descan.lexicon import Lexicon, check_installed, load_profile

_ANY_LANGUAGE = "xx"


def open_segmenter(lexicon: Lexicon) -> Segmenter:
    """Return what cuts the texts of a lexicon's language: the class that its profile names, or spaCy's tokenizer.

    The class is called with the lexicon.

    Raises:
        SetupError: If a package that the tokenizer needs is missing, or there is no such class.
    """
    check_installed(lexicon.language)
    name = load_profile(lexicon.language).tokenizer
    if not name:
        return SpacySegmenter(_blank_tokenizer(lexicon.language))
    module, _, attribute = name.partition(":")
    try:
        segmenter: Segmenter = getattr(import_module(module), attribute)(lexicon)
    except (ImportError, AttributeError) as error:
        raise SetupError(
            f"language.yaml of {lexicon.language} names the tokenizer {name!r}, which is not there ({error}); "
            "write module:Class of a package that is installed"
        ) from error
    return segmenter


def _blank_tokenizer(language: str) -> Tokenizer:
    """Return spaCy's tokenizer for a language, or the one for any language where it has none of its own."""
    try:
        return spacy.blank(language).tokenizer
    except ImportError:
        return spacy.blank(_ANY_LANGUAGE).tokenizer
