"""The category of every emotion term: from the lexicon, or else from similar lexicon terms by embedding."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from descan.categorize.similarity import Anchors, embed_anchors, nearest_categories
from descan.columns import DEGREES, SIDES, SOURCES, Extractions, MentionColumns, TermColumns
from descan.embedding import Embedder
from descan.emotions import OTHER, Emotion
from descan.lexicon import UNLISTED, Lexicon, inventory_of
from descan.records import Extraction, Mention

_NO_CATEGORY = -1
_LEXICON = SOURCES.index("lexicon")
_PLACES = {category: place for place, category in enumerate((*map(str, Emotion), OTHER))}


class TermCategory(NamedTuple):
    """The category of a term and its source."""

    category: str
    source: str
    similarity: float | None = None
    anchor: str = ""


class TermCategorizer:
    """Assigns categories to emotion mentions; the embedder is used only for terms outside the lexicon."""

    def __init__(self, lexicon: Lexicon, embedder: Embedder | None) -> None:
        """Start with the terms of the lexicon.

        Args:
            lexicon: Its categories take precedence.
            embedder: For other terms; without one they are all Other.
        """
        self._known = {term: TermCategory(entry.category, "lexicon") for term, entry in lexicon.terms.items()}
        self._anchor_categories = {term: entry.category for term, entry in lexicon.terms.items()}
        self._embedder = embedder
        self._anchors: Anchors | None = None

    @property
    def has_embedded(self) -> bool:
        """Whether any term needed the embedder so far."""
        return self._anchors is not None

    def needs_embedder(self, terms: Iterable[str]) -> bool:
        """Tell whether any of the terms must be embedded."""
        return self._embedder is not None and not self._known.keys() >= set(terms)

    def category(self, term: str) -> TermCategory:
        """Return the category of one term.

        Raises:
            SetupError: If the embedder is needed and cannot be loaded.
        """
        self._learn((term,))
        return self._known[term]

    def categories(self, terms: Iterable[str]) -> dict[str, TermCategory]:
        """Return the categories of many terms, which is faster than one by one.

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
            Extraction(
                tuple(
                    [self._categorize_mention(mention) if mention.term else mention for mention in extraction.mentions]
                ),
                extraction.n_words,
                extraction.refused,
                extraction.named,
            )
            for extraction in extractions
        ]

    def _categorize_mention(self, mention: Mention) -> Mention:
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


class TermTable:
    """The categories of a lexicon's terms by number, for mentions in columns."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Number the terms."""
        inventory = inventory_of(lexicon)
        terms = inventory.terms
        self._actions = {action: number for number, action in enumerate(inventory.actions)}
        self._numbers = {term: number for number, term in enumerate(terms) if term}
        self._categories = np.array([_place(lexicon.terms[term].category) if term else _NO_CATEGORY for term in terms])

    def unlisted(self, mentions: MentionColumns) -> frozenset[str]:
        """Return the terms that are not in the lexicon."""
        return frozenset(self._unnumbered(mentions).values()).difference(self._numbers)

    def categorize(self, extractions: Extractions, unlisted: Mapping[str, TermCategory]) -> TermColumns:
        """Return the categories of mentions.

        Args:
            extractions: The mentions of some descriptions.
            unlisted: The categories of the terms that are not in the lexicon; there may be more.
        """
        mentions = extractions.mentions
        term = np.where(mentions.is_action, UNLISTED, mentions.name)
        unnumbered = self._unnumbered(mentions)
        for place, name in unnumbered.items():
            term[place] = self._numbers.get(name, UNLISTED)
        columns = TermColumns(
            term=term,
            category=self._categories[term],
            source=np.where(mentions.is_action, 0, _LEXICON),
            similarity=np.full(len(term), np.nan),
        )
        for place, name in unnumbered.items():
            if name in self._numbers:
                continue
            category, source, similarity, _ = unlisted[name]
            columns.category[place] = _place(category)
            columns.source[place] = SOURCES.index(source)
            if similarity is not None:
                columns.similarity[place] = similarity
        return columns

    def columns_of(self, extraction: Extraction) -> tuple[Extractions, TermColumns]:
        """Return the categorized mentions of one description as columns."""
        mentions = extraction.mentions
        is_action = np.array([mention.kind == "action" for mention in mentions], dtype=np.bool_)
        numbers = [
            self._actions[mention.action] if mention.action else self._numbers.get(mention.term, UNLISTED)
            for mention in mentions
        ]
        name = np.array(numbers, dtype=np.int64)
        columns = MentionColumns(
            is_action=is_action,
            name=name,
            entry=np.zeros_like(name),
            start=np.array([mention.start for mention in mentions], dtype=np.int64),
            end=np.array([mention.end for mention in mentions], dtype=np.int64),
            degree=np.array([DEGREES.index(mention.degree) for mention in mentions], dtype=np.int64),
            side=np.array([SIDES.index(mention.side) for mention in mentions], dtype=np.int64),
            is_of_scene=np.array([mention.target == "scene" for mention in mentions], dtype=np.bool_),
            is_conclusion=np.array([mention.is_conclusion for mention in mentions], dtype=np.bool_),
            text=pa.array([mention.text for mention in mentions], pa.string()),
            negation_cue=pa.array([mention.negation_cue for mention in mentions], pa.string()),
            hedge_cue=pa.array([mention.hedge_cue for mention in mentions], pa.string()),
        )
        categories = TermColumns(
            term=np.where(is_action, UNLISTED, name),
            category=np.array(
                [_place(mention.category) if mention.term else _NO_CATEGORY for mention in mentions], dtype=np.int64
            ),
            source=np.array([SOURCES.index(mention.category_source) for mention in mentions], dtype=np.int64),
            similarity=np.array([mention.similarity for mention in mentions], dtype=np.float64),
        )
        bounds, n_words = np.array([0, len(mentions)]), np.array([extraction.n_words])
        return Extractions(bounds, columns, n_words, np.array([extraction.refused]), [extraction.named]), categories

    def _unnumbered(self, mentions: MentionColumns) -> dict[int, str]:
        """Return by mention the terms that another rule than a lexicon entry found; the lexicon may still have them."""
        places = np.flatnonzero((mentions.name == UNLISTED) & ~mentions.is_action)
        return {place: mentions.text[place].as_py().lower() for place in places.tolist()}


def _place(category: str) -> int:
    return _PLACES[category]
