"""One text through the stages extract and categorize."""

from dataclasses import dataclass
from pathlib import Path

from descan.analysis.answer_languages import find_language, language_read_in
from descan.categorize.readings import Reader
from descan.categorize.term_categories import TermCategorizer
from descan.embedding import DEFAULT_EMBEDDER, NO_EMBEDDER, load_embedder
from descan.emotions import CategorySet
from descan.errors import InputError
from descan.extract import extract
from descan.lexicon import DEFAULT_SET, check_terms, load_category_set, load_lexicon, name_language, readable_languages
from descan.records import DEFAULT_LANGUAGE, Extraction, Mention, Reading

MAX_CHARACTERS = 1_000_000
"""A longer text is not a description of a face."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a text mentions, and what it says as a whole.

    Attributes:
        text: The text.
        extraction: What it mentions, with categories.
        reading: What it says as a whole: its category, scores and valence.
        categories: The category set of the reading.
    """

    text: str
    extraction: Extraction
    reading: Reading
    categories: CategorySet

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """The facial actions and emotion terms in the order of the text, with their categories."""
        return self.extraction.mentions


def explain(
    text: str,
    *,
    language: str | None = None,
    embedder: str = DEFAULT_EMBEDDER,
    categories: CategorySet | Path | str | None = None,
) -> Explanation:
    """Find what a text mentions, and read it as a whole.

    Args:
        text: A description of a face.
        language: Language of the text, as a code such as `en`; None to find it out.
        embedder: Name or path of a sentence-transformers model for terms outside the lexicon, or `none`.
        categories: A category set, its name or its file; None for basic7.

    Raises:
        InputError: If the text is too long or not Unicode, or in a language that descan does not read.
        SetupError: If the embedder is needed and cannot be loaded.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(None, f"the text has {len(text):,} characters; use at most {MAX_CHARACTERS:,}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(None, f"the text is not UTF-8 at character {error.start}; UTF-8 is expected") from error
    if language is None:
        language = _find_language(text)
    lexicon = load_lexicon(language)
    if not isinstance(categories, CategorySet):
        categories = load_category_set(categories or DEFAULT_SET)
    check_terms(categories, lexicon)
    loaded = None if embedder == NO_EMBEDDER else load_embedder(embedder)
    categorizer = TermCategorizer(lexicon, loaded, categories=categories)
    [extraction] = categorizer.categorize([extract(text, language)])
    return Explanation(text, extraction, Reader(lexicon, categories=categories).read(extraction), categories)


def _find_language(text: str) -> str:
    found = find_language(text, DEFAULT_LANGUAGE)
    if language := language_read_in(found, DEFAULT_LANGUAGE):
        return language
    known = " or ".join(readable_languages())
    problem = f"the text seems to be in {name_language(found)}, which descan does not read"
    raise InputError(None, f"{problem}; if it is not, name its language: --language {known}")
