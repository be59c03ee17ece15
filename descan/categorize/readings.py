"""From the mentions of a description to its reading: what it says as a whole.

Every asserted mention adds weight to categories: an emotion term to its own, a facial action to those that its AUs
go with. Hedged mentions weigh less, negated ones nothing, those in a conclusion more. The weights are fitted on
annotated descriptions; docs/quality.md shows what each of them contributes.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from descan.categorize.evidence import action_evidence, one_sided_evidence
from descan.categorize.rounding import round_values
from descan.categorize.term_categories import TermTable
from descan.columns import (
    EMBEDDING,
    LEXICON,
    SIDES,
    BoolArray,
    Extractions,
    FloatArray,
    IntArray,
    ReadingColumns,
    TermColumns,
)
from descan.emotions import UNDECIDED, CategorySet
from descan.lexicon import UNLISTED, Lexicon, inventory_of, load_category_set
from descan.records import Extraction, Reading

_NONE = -1
_LEFT, _RIGHT = SIDES.index("left"), SIDES.index("right")

MAX_NEUTRAL_VALENCE = 0.35
"""An Other term whose valence is at most this far from 0 supports the neutral category ("focused", "thoughtful")."""

_TIE = 1e-9
"""Scores that differ by less are equal."""


@dataclass(frozen=True, slots=True)
class ReadingWeights:
    """How much a mention counts.

    Attributes:
        term: Weight of an emotion term with a category.
        action: Weight of a facial action.
        other: Weight of a lexicon term of category Other; it supports the neutral category if it
            is neither pleasant nor unpleasant.
        hedged: Factor for a hedged mention.
        scene: Factor for a term that describes the scene.
        slight: Factor for a slight degree.
        strong: Factor for a strong degree.
        conclusion: Factor for a mention in the conclusion of the text.
        minimum: Lowest evidence for the top category; below it the reading is Undecided.
    """

    term: float = 1.0
    action: float = 0.4
    other: float = 0.25
    hedged: float = 0.5
    scene: float = 0.1
    slight: float = 0.5
    strong: float = 1.2
    conclusion: float = 2.0
    minimum: float = 0.15


class Reader:
    """Reads what descriptions mention; one reader serves a lexicon and a category set."""

    def __init__(
        self, lexicon: Lexicon, weights: ReadingWeights | None = None, categories: CategorySet | None = None
    ) -> None:
        """Prepare the evidence of every action and term; without a category set, for the default one."""
        self._weights = weights or ReadingWeights()
        categories = categories or load_category_set()
        self._n = len(
            categories
        )  # Other comes after the categories, as in the columns of terms, and so does Undecided.
        self._described = (*categories.names, UNDECIDED, "")
        self._neutral = categories.neutral_place
        self._valences = np.array([*categories.valences, 0.0])
        self._terms = TermTable(lexicon, categories)
        inventory = inventory_of(lexicon)
        self._regions = np.unique(inventory.regions, return_inverse=True)[1]
        # Of an action without a side, and of one that is seen on one side.
        evidence = action_evidence(lexicon, categories), one_sided_evidence(lexicon, categories)
        self._evidence = np.array([[of[action] for action in inventory.actions] for of in evidence])
        listed = [lexicon.valence(term) for term in inventory.terms[UNLISTED + 1 :]]
        self._pleasantness = np.array([0.0, *listed])
        self._is_arousal = np.isin(inventory.terms, lexicon.term_rules.arousal)

    def read(self, extraction: Extraction) -> Reading:
        """Return the reading of one description, whose mentions have categories."""
        extractions, categories = self._terms.columns_of(extraction)
        columns = self.read_columns(extractions, categories)
        values = {name: column[0].tolist() for name, column in columns._asdict().items()}
        described = {name: self._described[place] for name, place in values.items() if "described" in name}
        scores = tuple(values.pop("scores"))
        return Reading(
            **values | described,
            scores=scores,
            n_words=extraction.n_words,
            refused=extraction.refused,
            named=extraction.named,
        )

    def read_columns(
        self, extractions: Extractions, categories: TermColumns, by_embedding: TermColumns | None = None
    ) -> ReadingColumns:
        """Return the readings of many descriptions.

        Args:
            extractions: What they mention.
            categories: Those of the mentions.
            by_embedding: The same by embedding alone, for `described_by_embedding`.
        """
        mentions, owners, n_texts = extractions.mentions, extractions.owners, len(extractions.n_words)
        is_negated, is_hedged, is_action = mentions.is_negated, mentions.is_hedged, mentions.is_action
        evidence = self._sum_evidence(extractions, categories, ~is_negated)
        both, total = evidence.both, _sum_categories(evidence.both)
        described = without = self._top(both)
        is_embedded = categories.source == EMBEDDING
        if is_embedded.any():
            without = self._top(self._sum_evidence(extractions, categories, ~is_negated & ~is_embedded).both)
        compared = np.full(n_texts, _NONE)
        if by_embedding is not None:
            compared = self._top(self._sum_evidence(extractions, by_embedding, ~is_negated).both)

        def count(chosen: BoolArray) -> IntArray:
            return np.bincount(owners[chosen], minlength=n_texts)

        return ReadingColumns(
            described=described,
            scores=round_values(_divide(both, total[:, None])),
            valence=round_values(evidence.valence),
            actions_described=self._top(evidence.by_actions),
            terms_described=self._top(evidence.by_terms),
            actions_share=round_values(_divide(_sum_categories(evidence.by_actions), total)),
            terms_share=round_values(_divide(_sum_categories(evidence.by_terms), total)),
            n_actions=count(is_action),
            n_regions=self._n_regions(owners[is_action], mentions.name[is_action], n_texts),
            n_emotions=count(~is_action),
            n_hedged=count(is_hedged),
            n_negated=count(is_negated),
            described_without_embedding=without,
            described_by_embedding=compared,
        )

    def _sum_evidence(self, extractions: Extractions, categories: TermColumns, counts: BoolArray) -> "_Evidence":
        """Sum the evidence of the mentions that count, in the order of each text."""
        weights, mentions, n_texts = self._weights, extractions.mentions, len(extractions.n_words)
        factors, owners = self._factors(extractions), extractions.owners
        is_listed = categories.source == LEXICON
        of_category = self._valences[categories.category]
        pleasantness = np.where(is_listed, self._pleasantness[categories.term], of_category)
        is_other = categories.category == self._n
        is_arousal = is_listed & self._is_arousal[categories.term]
        says_category = categories.category
        if self._neutral is not None:
            is_mild = is_other & ~is_arousal & (np.abs(pleasantness) <= MAX_NEUTRAL_VALENCE)
            says_category = np.where(is_mild, self._neutral, says_category)

        # One row for each category that a mention supports.
        says = np.zeros((len(owners), self._n + 1), dtype=np.bool_)
        is_action = mentions.is_action
        is_one_sided = _is_one_sided(extractions).astype(np.int64)
        says[is_action, : self._n] = self._evidence[is_one_sided[is_action], mentions.name[is_action]] > 0
        says[~is_action, says_category[~is_action]] = True
        beside = counts & ~mentions.is_action & ~is_arousal
        tone = np.bincount(owners[beside], pleasantness[beside], n_texts)[owners]
        is_unlike = is_arousal & (pleasantness * tone < 0)
        says &= (counts & (is_action | is_listed | ~is_other) & ~is_unlike)[:, None]
        rows, category = np.nonzero(says)
        from_action, owner = is_action[rows], owners[rows]
        weight = factors[rows] * np.where(
            from_action, weights.action, np.where(is_other[rows], weights.other, weights.term)
        )
        shares = self._evidence[
            is_one_sided[rows], np.where(from_action, mentions.name[rows], 0), np.where(from_action, category, 0)
        ]
        weight = weight * np.where(from_action, shares, 1.0)
        valence = weight * np.where(from_action, self._valences[category], pleasantness[rows])

        def by_category(chosen: BoolArray) -> FloatArray:
            places = owner[chosen] * (self._n + 1) + category[chosen]
            sums = _bin(places, weight[chosen], n_texts * (self._n + 1))
            return sums.reshape(n_texts, self._n + 1)[:, : self._n]

        return _Evidence(
            by_actions=by_category(from_action),
            by_terms=by_category(~from_action),
            valence=_divide(_bin(owner, valence, n_texts), _bin(owner, weight, n_texts)),
        )

    def _factors(self, extractions: Extractions) -> FloatArray:
        weights, mentions = self._weights, extractions.mentions
        factors = np.where(mentions.is_hedged, weights.hedged, 1.0)
        factors *= np.where(mentions.is_of_scene, weights.scene, 1.0)
        factors *= np.where(mentions.is_conclusion, weights.conclusion, 1.0)
        factors *= np.array([1.0, weights.slight, weights.strong])[mentions.degree]
        return factors

    def _n_regions(self, owners: IntArray, actions: IntArray, n_texts: int) -> IntArray:
        n_names = len(self._regions)
        distinct = np.unique(owners * n_names + self._regions[actions])
        return np.bincount(distinct // n_names, minlength=n_texts)

    def _top(self, scores: FloatArray) -> IntArray:
        """Return the category with most evidence; Undecided below the minimum or in a tie."""
        best = scores.max(axis=1, initial=0)
        n_leaders = (best[:, None] - scores < _TIE).sum(axis=1)
        is_decided = (best >= self._weights.minimum) & (n_leaders == 1)
        return np.where(is_decided, scores.argmax(axis=1), self._n)


def _is_one_sided(extractions: Extractions) -> BoolArray:
    """Return of each mention whether its text sees the action on one side of the face and not on the other, too."""
    mentions = extractions.mentions
    n_names = int(mentions.name.max(initial=0)) + 1
    actions = extractions.owners * n_names + mentions.name
    is_seen = mentions.is_action & ~mentions.is_negated
    left, right = (actions[is_seen & (mentions.side == side)] for side in (_LEFT, _RIGHT))
    on_both: BoolArray = np.isin(actions, np.intersect1d(left, right))
    return mentions.is_action & (mentions.side > 0) & ~on_both


class _Evidence(NamedTuple):
    """Evidence for each category, shape (n_texts, n_categories), and its mean pleasantness, shape (n_texts,)."""

    by_actions: FloatArray
    by_terms: FloatArray
    valence: FloatArray

    @property
    def both(self) -> FloatArray:
        return self.by_actions + self.by_terms


def _bin(places: IntArray, values: FloatArray, n_places: int) -> FloatArray:
    """Sum the values of each place in order."""
    return np.bincount(places, values, n_places).astype(np.float64)


def _sum_categories(scores: FloatArray) -> FloatArray:
    """Sum the categories from left to right, which numpy's own sum does not guarantee."""
    return np.cumsum(scores, axis=1)[:, -1]


def _divide(values: FloatArray, totals: FloatArray) -> FloatArray:
    """Divide; the result is 0 where the total is 0."""
    return np.divide(values, totals, out=np.zeros_like(values), where=totals != 0)
