"""The category of a term from the most similar terms of which the category is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descan.embedding import Embedder, FloatMatrix
from descan.emotions import OTHER

_DECIMALS = 4
_MIN_WEIGHT = 1e-6
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """What decides; calibrated with `benchmarks.calibrate_embedding`.

    Attributes:
        n_neighbours: Number of anchors that vote on a term; all if there are fewer.
        min_share: Lowest share of the vote (0..1) that decides.
        min_similarity: Lowest cosine (-1..1) with an anchor of the chosen category that counts.
    """

    n_neighbours: int = 25
    min_share: float = 0.45
    min_similarity: float = 0.5

    def __post_init__(self) -> None:
        """Check the number.

        Raises:
            ValueError: If `n_neighbours` is less than 1.
        """
        if self.n_neighbours < 1:
            raise ValueError(f"n_neighbours is {self.n_neighbours}; use 1 or more")


CALIBRATED = Limits()

CALIBRATED_FOR_NAMES = Limits(n_neighbours=9, min_share=0.6, min_similarity=0.45)
"""Where the anchors are a few names of each category, without Other: to be far from them all is to be Other."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Terms with a known category, and their vectors.

    Attributes:
        terms: Distinct terms.
        categories: The category of each, or Other. Length: n_anchors.
        vectors: A unit vector for each. Shape: (n_anchors, n_dims).
        order: The categories in the order in which ties are decided, with Other last.
    """

    terms: tuple[str, ...]
    categories: tuple[str, ...]
    vectors: FloatMatrix
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nearest:
    """What the most similar anchors say about a term.

    Attributes:
        category: A category, or Other.
        share: Share of the votes for the chosen category, 0 to 1.
        similarity: Cosine with `anchor`, -1 to 1.
        anchor: The most similar anchor of the chosen category, even if the choice does not count.
    """

    category: str
    share: float
    similarity: float
    anchor: str


def embed_anchors(
    categories: Mapping[str, str], order: Sequence[str], embedder: Embedder, glosses: Mapping[str, str] | None = None
) -> Anchors:
    """Embed terms with a known category.

    Args:
        categories: Term -> its category, or Other.
        order: The categories in the order of their set.
        embedder: Embeds the terms.
        glosses: Term -> what is embedded in its place, if anything else is.
    """
    terms = tuple(sorted(categories))
    vectors = embedder.embed([(glosses or {}).get(term, term) for term in terms])
    return Anchors(terms, tuple(categories[term] for term in terms), vectors, (*order, OTHER))


def nearest_categories(terms: FloatMatrix, anchors: Anchors, limits: Limits = CALIBRATED) -> list[Nearest]:
    """Return for each term the category of its most similar anchors, or Other if they disagree or are too far.

    The most similar anchors vote, each with the cube of its similarity as weight. Similarities are
    rounded to four decimals first; ties between anchors go to the one listed first, ties between categories to the
    one that comes first in their set, with Other last.

    Args:
        terms: One unit vector per term. Shape: (n_terms, n_dims).
        anchors: The terms to compare with.
        limits: What decides.

    Raises:
        ValueError: If there is no anchor, the dimensions differ, or a vector is zero.
    """
    if not len(terms):
        return []
    _check(terms, anchors.vectors)
    return [
        vote(row, anchors, limits)
        for start in range(0, len(terms), _BLOCK)
        for row in similarities(terms[start : start + _BLOCK], anchors.vectors)
    ]


def similarities(terms: FloatMatrix, anchors: FloatMatrix) -> NDArray[np.float64]:
    """Return the cosine of each unit vector of `terms` with each of `anchors`. Shape: (n_terms, n_anchors)."""
    return np.round(terms.astype(np.float64) @ anchors.astype(np.float64).T, _DECIMALS)


def vote(similarity: NDArray[np.float64], anchors: Anchors, limits: Limits = CALIBRATED) -> Nearest:
    """Choose the category of one term as `nearest_categories` does.

    Args:
        similarity: Cosine of the term with each anchor. Length: n_anchors.
        anchors: The terms that it was compared with.
        limits: What decides.
    """
    voters = np.argsort(-similarity, kind="stable")[: limits.n_neighbours].tolist()
    votes = dict.fromkeys(anchors.order, 0.0)
    for voter in voters:
        votes[anchors.categories[voter]] += max(similarity[voter], 0.0) ** 3 + _MIN_WEIGHT
    chosen = max(votes, key=lambda category: votes[category])
    best = next(voter for voter in voters if anchors.categories[voter] == chosen)
    share = round(votes[chosen] / sum(votes.values()), _DECIMALS)
    counts = share >= limits.min_share and similarity[best] >= limits.min_similarity
    return Nearest(chosen if counts else OTHER, share, float(similarity[best]), anchors.terms[best])


def _check(terms: FloatMatrix, anchors: FloatMatrix) -> None:
    if not len(anchors):
        raise ValueError("there is no anchor to compare with")
    if terms.shape[1] != anchors.shape[1]:
        raise ValueError(f"terms have {terms.shape[1]} dimensions and anchors {anchors.shape[1]}")
    if not (terms.any(axis=1).all() and anchors.any(axis=1).all()):
        raise ValueError("a vector has no length")
