"""Texts into plain records, and the spaCy pipeline: tokenizer and mentions."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

import spacy
from spacy.language import Language

from descan.extract.extractor import load_extractor
from descan.lexicon import ProjectLexicon, load_lexicon
from descan.records import DEFAULT_LANGUAGE, Extraction

MAX_CHARACTERS = 20_000_000
"""spaCy's own limit is for parsers that need memory per token; nothing here does."""

BLOCK_SIZE = 256
"""Texts that are read at once; more do not make it faster."""


@lru_cache
def load_pipeline(language: str = DEFAULT_LANGUAGE) -> Language:
    """Build the pipeline of a language; it needs no download.

    The mentions of a document stand in `doc.spans["actions"]` and `doc.spans["emotions"]`.

    Raises:
        InputError: If there is no lexicon for the language.
    """
    load_lexicon(language)
    nlp = spacy.blank(language)
    nlp.max_length = MAX_CHARACTERS
    nlp.add_pipe("descan_mentions")
    return nlp


def extract(text: str, language: str = DEFAULT_LANGUAGE, project: ProjectLexicon | None = None) -> Extraction:
    """Find what one description mentions, with a project's own words.

    Raises:
        InputError: If there is no lexicon for the language.
    """
    [extraction] = extract_all((text,), language, project)
    return extraction


def extract_all(
    texts: Iterable[str], language: str = DEFAULT_LANGUAGE, project: ProjectLexicon | None = None
) -> Iterator[Extraction]:
    """Find what each of many descriptions mentions, in order, with a project's own words."""
    extractor = load_extractor(language, project)
    remaining = iter(texts)
    n_characters = 0
    while block := list(islice(remaining, BLOCK_SIZE)):
        n_characters += sum(map(len, block))
        extractor.prepare(n_characters)  # Whoever has read so much may well read as much again.
        yield from extractor.records(block)
