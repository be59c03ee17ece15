"""How well do the nearest lexicon terms tell the category of a term that the lexicon lacks?

Every lexicon term is taken out together with its family (the terms that share the first letters of a word with it,
so that "angry" cannot vote for "anger") and gets its category from the rest. Then every lexicon term that is no name of
a category gets its category from those names alone, as `--terms-by embedding` does. Run:

    python -m benchmarks.calibrate_embedding [EMBEDDER]
"""

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from descan.categorize.similarity import (
    CALIBRATED,
    CALIBRATED_FOR_NAMES,
    Anchors,
    Limits,
    Nearest,
    embed_anchors,
    similarities,
    vote,
)
from descan.embedding import DEFAULT_EMBEDDER, Embedder, load_embedder
from descan.emotions import OTHER
from descan.lexicon import Lexicon, anchor_categories, load_category_set, load_lexicon

_ORDER = load_category_set().names

N_LETTERS = 4
NEIGHBOURS = (1, 5, 9, 15, 25, 40)
SHARES = (0.0, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8)
SIMILARITIES = (0.0, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True)
class Result:
    """What one setting gives, each but `gain` a share of 0 to 1.

    Attributes:
        accuracy: Right among all terms, Other being a category like the seven.
        precision: Right among the terms that got one of the seven.
        recall: Right among the terms that are of one of the seven.
        gain: Terms that rightly got one of the seven, less those that wrongly did, per term of the seven.
    """

    accuracy: float
    precision: float
    recall: float
    gain: float


def main(name: str = DEFAULT_EMBEDDER) -> None:
    """Print what each limit on the share of the vote gives, then what each limit on the similarity adds to it."""
    lexicon, embedder = load_lexicon("en"), load_embedder(name)
    anchors = embed_anchors({term: str(entry.category) for term, entry in lexicon.terms.items()}, _ORDER, embedder)
    similarity = without_family(similarities(anchors.vectors, anchors.vectors), anchors.terms)
    print(f"{name}, {len(anchors.terms)} terms, family by {N_LETTERS} letters; in use: {CALIBRATED}")
    _print_tables(similarity, anchors, anchors.categories, CALIBRATED)
    _print_by_names(lexicon, embedder)


def without_family(similarity: NDArray[np.float64], terms: Sequence[str]) -> NDArray[np.float64]:
    """Put each term as far as can be from itself and from its family."""
    family: dict[str, list[int]] = defaultdict(list)
    for at, term in enumerate(terms):
        for stem in _stems(term):
            family[stem].append(at)
    apart = similarity.copy()
    for at, term in enumerate(terms):
        apart[at, [at, *(other for stem in _stems(term) for other in family[stem])]] = -1.0
    return apart


def _print_by_names(lexicon: Lexicon, embedder: Embedder) -> None:
    names = embed_anchors(anchor_categories(lexicon, load_category_set()), _ORDER, embedder)
    others = sorted(lexicon.terms.keys() - lexicon.anchors.keys())
    print(f"\n{len(others)} terms by the {len(names.terms)} names of the categories; in use: {CALIBRATED_FOR_NAMES}")
    categories = [str(lexicon.terms[term].category) for term in others]
    _print_tables(similarities(embedder.embed(others), names.vectors), names, categories, CALIBRATED_FOR_NAMES)


def _print_tables(similarity: NDArray[np.float64], anchors: Anchors, categories: Sequence[str], used: Limits) -> None:
    found = {n: _found(similarity, anchors, n) for n in NEIGHBOURS}
    measures = [field.name for field in fields(Result)]
    for measure in measures:
        _print_table(f"{measure} by share, any similarity", found, categories, measure, [(s, -1.0) for s in SHARES])
    for measure in measures:
        limits = [(used.min_share, similarity) for similarity in SIMILARITIES]
        _print_table(f"{measure} by similarity, share {used.min_share}", found, categories, measure, limits)


def _found(similarity: NDArray[np.float64], anchors: Anchors, n_neighbours: int) -> list[Nearest]:
    return [vote(row, anchors, Limits(n_neighbours, 0.0, -1.0)) for row in similarity]


def _print_table(
    title: str,
    found: Mapping[int, Sequence[Nearest]],
    categories: Sequence[str],
    measure: str,
    limits: Sequence[tuple[float, float]],
) -> None:
    print(f"\n{title}\n      " + " ".join(f"{f'k={n}':>6}" for n in found))
    for share, similarity in limits:
        results = [_score(nearest, categories, share, similarity) for nearest in found.values()]
        limit = share if similarity < 0 else similarity
        print(f"{limit:5.2f} " + " ".join(f"{getattr(result, measure):6.3f}" for result in results))


def _stems(term: str) -> set[str]:
    return {word[:N_LETTERS] for word in term.replace("-", " ").split() if len(word) >= N_LETTERS}


def _score(found: Sequence[Nearest], categories: Sequence[str], min_share: float, min_similarity: float) -> Result:
    counts = [near.share >= min_share and near.similarity >= min_similarity for near in found]
    given = np.array([near.category if count else OTHER for near, count in zip(found, counts, strict=True)])
    true = np.array(categories)
    right, is_given, is_true = given == true, given != OTHER, true != OTHER
    return Result(
        accuracy=float(right.mean()),
        precision=float(right[is_given].mean()),
        recall=float(right[is_true].mean()),
        gain=float(((right & is_given).sum() - (~right & is_given).sum()) / is_true.sum()),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
