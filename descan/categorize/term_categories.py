"""The category of every emotion term: from the lexicon, from similar lexicon terms, or from names of the categories."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from descan.categorize.similarity import CALIBRATED, CALIBRATED_FOR_NAMES, Anchors, embed_anchors, nearest_categories
from descan.columns import DEGREES, LEXICON, SIDES, SOURCES, Extractions, MentionColumns, TermColumns
from descan.embedding import Embedder
from descan.emotions import OTHER, CategorySet
from descan.lexicon import (
    UNLISTED,
    Lexicon,
    anchor_categories,
    inventory_of,
    load_category_set,
    term_categories,
)
from descan.records import Extraction, Mention

_NO_CATEGORY = -1


class TermsBy(StrEnum):
    """What decides on the category of a term.

    Attributes:
        LEXICON: The lexicon, and for a term that it does not have the most similar lexicon terms.
        EMBEDDING: For every term the most similar of a few names of each category.
    """

    LEXICON = "lexicon"
    EMBEDDING = "embedding"


class TermCategory(NamedTuple):
    """The category of a term and its source."""

    category: str
    source: str
    similarity: float | None = None


class TermCategorizer:
    """Assigns categories to emotion mentions."""

    def __init__(
        self,
        lexicon: Lexicon,
        embedder: Embedder | None,
        terms_by: TermsBy = TermsBy.LEXICON,
        categories: CategorySet | None = None,
    ) -> None:
        """Start with what is known without embedding.

        Args:
            lexicon: Its terms have their categories, or it gives only the names of the categories.
            embedder: For all other terms; without one they are all Other.
            terms_by: What decides on the category of a term.
            categories: The category set; the default one if None.
        """
        categories = categories or load_category_set()
        self._order = categories.names
        self._anchor_categories, self._limits = anchor_categories(lexicon, categories), CALIBRATED_FOR_NAMES
        self._known = {name: TermCategory(of, "embedding", 1.0) for name, of in self._anchor_categories.items()}
        if terms_by is TermsBy.LEXICON:
            self._anchor_categories = term_categories(lexicon, categories)
            self._limits = CALIBRATED
            self._known = {term: TermCategory(of, "lexicon") for term, of in self._anchor_categories.items()}
        self._embedder = embedder
        self._glosses = lexicon.glosses
        self._anchors: Anchors | None = None

    @property
    def has_embedded(self) -> bool:
        """Whether any term needed the embedder so far."""
        return self._anchors is not None

    def needs_embedder(self, terms: Iterable[str]) -> bool:
        """Return whether any of the terms must be embedded."""
        return self._embedder is not None and not self._known.keys() >= set(terms)

    def categories(self, terms: Iterable[str]) -> dict[str, TermCategory]:
        """Return the category of each term.

        Raises:
            SetupError: If the embedder is needed and cannot be loaded.
        """
        distinct = set(terms)
        self._learn(distinct)
        return {term: self._known[term] for term in sorted(distinct)}

    def categorize(self, extractions: Sequence[Extraction]) -> list[Extraction]:
        """Return many descriptions with a category for each emotion mention.

        Raises:
            SetupError: If the embedder is needed and cannot be loaded.
        """
        self._learn(mention.term for extraction in extractions for mention in extraction.mentions if mention.term)
        return [
            replace(extraction, mentions=tuple(map(self._categorize_mention, extraction.mentions)))
            for extraction in extractions
        ]

    def _categorize_mention(self, mention: Mention) -> Mention:
        if not mention.term:
            return mention
        category, source, similarity = self._known[mention.term]
        return mention._replace(category=category, category_source=source, similarity=similarity)

    def _learn(self, terms: Iterable[str]) -> None:
        unknown = sorted({term for term in terms if term not in self._known})
        if not unknown:
            return
        if self._embedder is None:
            self._known.update((term, TermCategory(OTHER, "none")) for term in unknown)
            return
        if self._anchors is None:
            self._anchors = embed_anchors(self._anchor_categories, self._order, self._embedder, self._glosses)
        vectors = self._embedder.embed([self._glosses.get(term, term) for term in unknown])
        nearest = nearest_categories(vectors, self._anchors, self._limits)
        for term, found in zip(unknown, nearest, strict=True):
            self._known[term] = TermCategory(found.category, "embedding", found.similarity)


class TermTable:
    """The categories of a lexicon's terms by number, for mentions in columns."""

    def __init__(self, lexicon: Lexicon, categories: CategorySet) -> None:
        """Number the terms, and the categories with Other last."""
        inventory = inventory_of(lexicon)
        terms = inventory.terms
        self._places = {name: place for place, name in enumerate((*categories.names, OTHER))}
        self._actions = {action: number for number, action in enumerate(inventory.actions)}
        self._terms = terms
        self._numbers = {term: number for number, term in enumerate(terms) if term}
        of_terms = term_categories(lexicon, categories)
        self._categories = np.array([self._places[of_terms[term]] if term else _NO_CATEGORY for term in terms])

    def terms(self, mentions: MentionColumns) -> frozenset[str]:
        """Return the terms of mentions, those of the lexicon and others."""
        numbers = np.unique(mentions.name[~mentions.is_action])
        return frozenset(self._terms[number] for number in numbers if number != UNLISTED).union(
            self._find_unnumbered(mentions).values()
        )

    def categorize(self, extractions: Extractions, categories: Mapping[str, TermCategory]) -> TermColumns:
        """Return the categories of mentions.

        Args:
            extractions: The mentions of some descriptions.
            categories: Those of the terms; one that the lexicon has may be missing, and has its category then.
        """
        mentions = extractions.mentions
        term = np.where(mentions.is_action, UNLISTED, mentions.name)
        unnumbered = self._find_unnumbered(mentions)
        for place, name in unnumbered.items():
            term[place] = self._numbers.get(name, UNLISTED)
        listed = self._number_listed(categories)
        columns = TermColumns(
            term=term,
            category=listed.category[term],
            source=np.where(mentions.is_action, 0, listed.source[term]),
            similarity=listed.similarity[term],
        )
        for place, name in unnumbered.items():
            if name not in self._numbers:
                self._set(columns, place, categories[name])
        return columns

    def columns_of(self, extraction: Extraction) -> tuple[Extractions, TermColumns]:
        """Return the categorized mentions of one description as columns."""
        mentions = extraction.mentions

        def numbers(value: Callable[[Mention], object], kind: type = np.int64) -> NDArray[Any]:
            return np.array([value(mention) for mention in mentions], dtype=kind)

        def strings(name: str) -> pa.StringArray:
            # From bytes, because `pa.array` imports pandas, which takes longer than to read one description.
            texts = [str(getattr(mention, name)).encode() for mention in mentions]
            ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
            return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(b"".join(texts)))

        is_action = numbers(lambda mention: mention.kind == "action", np.bool_)
        name = numbers(
            lambda mention: (
                self._actions[mention.action] if mention.action else self._numbers.get(mention.term, UNLISTED)
            )
        )
        columns = MentionColumns(
            is_action=is_action,
            name=name,
            entry=np.zeros_like(name),
            start=numbers(lambda mention: mention.start),
            end=numbers(lambda mention: mention.end),
            degree=numbers(lambda mention: DEGREES.index(mention.degree)),
            side=numbers(lambda mention: SIDES.index(mention.side)),
            is_of_scene=numbers(lambda mention: mention.target == "scene", np.bool_),
            is_conclusion=numbers(lambda mention: mention.is_conclusion, np.bool_),
            text=strings("text"),
            negation_cue=strings("negation_cue"),
            hedge_cue=strings("hedge_cue"),
        )
        categories = TermColumns(
            term=np.where(is_action, UNLISTED, name),
            category=numbers(lambda mention: self._places[mention.category] if mention.term else _NO_CATEGORY),
            source=numbers(lambda mention: SOURCES.index(mention.category_source)),
            similarity=numbers(lambda mention: mention.similarity, np.float64),
        )
        bounds, n_words = np.array([0, len(mentions)]), np.array([extraction.n_words])
        return Extractions(bounds, columns, n_words, np.array([extraction.refused]), [extraction.named]), categories

    def _number_listed(self, categories: Mapping[str, TermCategory]) -> TermColumns:
        """Return the categories of the lexicon's terms by number."""
        numbers = np.arange(len(self._terms))
        source, similarity = np.full(len(numbers), LEXICON), np.full(len(numbers), np.nan)
        columns = TermColumns(numbers, self._categories.copy(), source, similarity)
        for name, found in categories.items():
            if found.source != SOURCES[LEXICON] and name in self._numbers:
                self._set(columns, self._numbers[name], found)
        return columns

    def _find_unnumbered(self, mentions: MentionColumns) -> dict[int, str]:
        """Return by mention the terms that another rule than a lexicon entry found; the lexicon may still have them."""
        places = np.flatnonzero((mentions.name == UNLISTED) & ~mentions.is_action)
        return {place: mentions.text[place].as_py().lower() for place in places.tolist()}

    def _set(self, columns: TermColumns, place: int, found: TermCategory) -> None:
        columns.category[place] = self._places[found.category]
        columns.source[place] = SOURCES.index(found.source)
        if found.similarity is not None:
            columns.similarity[place] = found.similarity
