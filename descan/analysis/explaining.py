"""One text through the stages extract and categorize."""

from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from descan.analysis.answer_languages import find_language, language_read_in
from descan.analysis.own_words import load_project
from descan.categorize.readings import Reader
from descan.categorize.term_categories import TermCategorizer
from descan.embedding import DEFAULT_EMBEDDER, NO_EMBEDDER, load_embedder
from descan.emotions import CategorySet
from descan.errors import InputError, OptionError, quote
from descan.extract import extract
from descan.lexicon import (
    DEFAULT_SET,
    ProjectLexicon,
    check_installed,
    check_terms,
    load_category_set,
    load_lexicon,
    name_language,
    readable_languages,
    unknown_words,
)
from descan.records import DEFAULT_LANGUAGE, Extraction, Mention, Reading
from descan.storage.schemas import MENTION

if TYPE_CHECKING:
    import pandas as pd

MAX_CHARACTERS = 1_000_000
"""A longer text is not a description of a face."""

_WIDTH = 100
"""Columns of what `repr` returns."""


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """What a text mentions, and what it says as a whole. A notebook shows the text with its mentions marked.

    Attributes:
        text: The text.
        extraction: What it mentions, with categories.
        reading: What it says as a whole: its category, scores and valence.
        categories: The category set of the reading.
        unknown: The words that the lexicon does not have, in lower case; most of them say nothing of a face.
    """

    text: str
    extraction: Extraction
    reading: Reading
    categories: CategorySet
    unknown: tuple[str, ...] = ()

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """The facial actions and emotion terms in the order of the text, with their categories."""
        return self.extraction.mentions

    @property
    def frame(self) -> "pd.DataFrame":
        """The mentions as a frame, a row each, with the columns that `descan.extract` returns."""
        from descan.analysis.record_batches import record_batch

        frame: pd.DataFrame = record_batch(MENTION, self.mentions).to_pandas()
        return frame

    def __repr__(self) -> str:
        """Return what `descan explain` prints."""
        from rich.console import Console

        from descan.report.explanation import print_explanation

        printed = StringIO()
        console = Console(file=printed, width=_WIDTH, highlight=False, force_jupyter=False)
        print_explanation(self.text, self.extraction, self.reading, self.categories, console, self.unknown)
        return "\n".join(map(str.rstrip, printed.getvalue().rstrip().split("\n")))

    def _repr_html_(self) -> str:
        """Return the text with its mentions marked, and what each of them means."""
        from descan.report.notebook import explanation_html

        return explanation_html(self.text, self.extraction, self.reading, self.categories, self.unknown)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        """Return the same for every front end; a notebook shows the richest form that it can."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def explain(
    text: str,
    *,
    language: str | None = None,
    embedder: str = DEFAULT_EMBEDDER,
    categories: CategorySet | Path | str | None = None,
    lexicon: Path | str | None = None,
) -> Explanation:
    """Find what a text mentions, and read it as a whole.

    In a notebook the result shows the text with its mentions marked; `print` shows what `descan explain` shows.

    Args:
        text: A description of a face.
        language: Language of the text, as a code such as `en`; None to find it out.
        embedder: Name or path of a sentence-transformers model for terms outside the lexicon, or `none`.
        categories: A category set, its name or its file; None for basic7.
        lexicon: Folder with a project's own words, which change the installed lexicon.

    Returns:
        The mentions with their offsets, assertions and categories, and the reading: a score for each category (0 to 1,
        their sum is 1 or 0), the category described, and the valence (-1 to 1).

    Raises:
        OptionError: If the text is no string.
        InputError: If the text is too long or not Unicode, or in a language that descan does not read, or the project's
            own words are not as they must be.
        SetupError: If the embedder is needed and cannot be loaded.
    """
    if not isinstance(text, str):
        raise OptionError("text", f"must be a string, not {quote(text)}; descan.extract takes many texts")
    if len(text) > MAX_CHARACTERS:
        raise InputError(None, f"the text has {len(text):,} characters; use at most {MAX_CHARACTERS:,}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(None, f"the text is not UTF-8 at character {error.start}; UTF-8 is expected") from error
    project = load_project(lexicon, language or DEFAULT_LANGUAGE)
    if language is None:
        language = _find_language(text, project)
    known = load_lexicon(language, project)
    if not isinstance(categories, CategorySet):
        categories = load_category_set(categories or DEFAULT_SET)
    check_terms(categories, known)
    loaded = None if embedder == NO_EMBEDDER else load_embedder(embedder)
    categorizer = TermCategorizer(known, loaded, categories=categories)
    [extraction] = categorizer.categorize([extract(text, language, project)])
    reading = Reader(known, categories=categories).read(extraction)
    return Explanation(text, extraction, reading, categories, unknown_words(text, known))


def _find_language(text: str, project: ProjectLexicon | None) -> str:
    found = find_language(text, DEFAULT_LANGUAGE, project)
    check_installed(found)
    if language := language_read_in(found, DEFAULT_LANGUAGE):
        return language
    known = " or ".join(readable_languages())
    problem = f"the text seems to be in {name_language(found)}, which descan does not read"
    raise InputError(None, f"{problem}; if it is not, name its language: --language {known}")
