"""`descan explain`: the stages extract and categorize over one text."""

from descan.categorize.readings import Reader
from descan.categorize.terms import TermCategorizer
from descan.embedding import DEFAULT_EMBEDDER, NO_EMBEDDER, load_embedder
from descan.extract import extract
from descan.lexicon import load_lexicon
from descan.records import Extraction, Reading


def explain(text: str, *, language: str = "en", embedder: str = DEFAULT_EMBEDDER) -> tuple[Extraction, Reading]:
    """Find what a text mentions and read it.

    Args:
        text: A description.
        language: Of the text.
        embedder: sentence-transformers name or path for terms that the lexicon does not have, or `none`.

    Raises:
        InputError: If there is no lexicon for the language.
        SetupError: If the embedder is needed and cannot be loaded.
    """
    lexicon = load_lexicon(language)
    categorizer = TermCategorizer(lexicon, None if embedder == NO_EMBEDDER else load_embedder(embedder))
    [extraction] = categorizer.categorize([extract(text, language)])
    return extraction, Reader(lexicon).read(extraction)
