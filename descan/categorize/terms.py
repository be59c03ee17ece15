"""The category of every emotion term: the lexicon's where it has the term, else its neighbours' by embedding."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from descan.categorize.similarity import Anchors, embed_anchors, nearest_categories
from descan.embedding import Embedder
from descan.emotions import OTHER
from descan.lexicon import Lexicon
from descan.records import Extraction, Mention


class TermCategory(NamedTuple):
    """A term's category and where it comes from."""

    category: str
    source: str
    similarity: float | None = None
    anchor: str = ""


class TermCategorizer:
    """Gives emotion mentions their category; asks the embedder only for terms that the lexicon does not have."""

    def __init__(self, lexicon: Lexicon, embedder: Embedder | None) -> None:
        """Start with what the lexicon knows.

        Args:
            lexicon: Its categories decide.
            embedder: For the other terms; without one they are all Other.
        """
        self._known = {term: TermCategory(entry.category, "lexicon") for term, entry in lexicon.terms.items()}
        self._anchor_categories = {term: entry.category for term, entry in lexicon.terms.items()}
        self._embedder = embedder
        self._anchors: Anchors | None = None

    @property
    def has_embedded(self) -> bool:
        """Whether any term needed the embedder so far."""
        return self._anchors is not None

    def category(self, term: str) -> TermCategory:
        """Give the category of one term.

        Raises:
            SetupError: If the embedder is needed and cannot be loaded.
        """
        self._learn((term,))
        return self._known[term]

    def categorize(self, extractions: Sequence[Extraction]) -> list[Extraction]:
        """Give the emotion mentions of many descriptions their categories.

        Raises:
            SetupError: If the embedder is needed and cannot be loaded.
        """
        self._learn(mention.term for extraction in extractions for mention in extraction.mentions if mention.term)
        return [
            Extraction(
                tuple([self._categorized(mention) if mention.term else mention for mention in extraction.mentions]),
                extraction.n_words,
                extraction.refused,
                extraction.named,
            )
            for extraction in extractions
        ]

    def _categorized(self, mention: Mention) -> Mention:
        category, source, similarity, _ = self._known[mention.term]
        return mention._replace(category=category, category_source=source, similarity=similarity)

    def _learn(self, terms: Iterable[str]) -> None:
        unknown = sorted({term for term in terms if term not in self._known})
        if not unknown:
            return
        if self._embedder is None:
            self._known.update((term, TermCategory(OTHER, "none")) for term in unknown)
            return
        if self._anchors is None:
            self._anchors = embed_anchors(self._anchor_categories, self._embedder)
        nearest = nearest_categories(self._embedder.embed(unknown), self._anchors)
        for term, found in zip(unknown, nearest, strict=True):
            self._known[term] = TermCategory(found.category, "embedding", found.similarity, found.anchor)
