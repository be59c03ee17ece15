"""The category of every term: the lexicon's, else its neighbours'."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from descan.categorize.term_categories import TermCategorizer, TermCategory, TermsBy
from descan.embedding import FloatMatrix, load_embedder
from descan.extract import extract
from descan.lexicon import load_lexicon


class CountingEmbedder:
    """Gives every term a direction of its own, and remembers what it was asked."""

    name = identity = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        self.asked.extend(terms)
        random = np.random.default_rng(0)
        vectors = random.normal(size=(len(terms), 8)).astype(np.float32)
        unit: FloatMatrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def test_the_lexicon_decides_what_it_knows_and_the_embedder_is_not_asked() -> None:
    embedder = CountingEmbedder()
    categorizer = TermCategorizer(load_lexicon(), embedder)
    assert categorizer.categories(["worried"])["worried"] == TermCategory("Fear", "lexicon")
    assert not embedder.asked
    assert not categorizer.has_embedded


def test_a_term_is_embedded_once_however_often_it_comes() -> None:
    embedder = CountingEmbedder()
    categorizer = TermCategorizer(load_lexicon(), embedder)
    extractions = [extract("A look of saudade."), extract("A feeling of hygge, a look of saudade.")]
    assert categorizer.categorize(extractions) == categorizer.categorize(extractions)
    assert sorted(term for term in embedder.asked if term not in load_lexicon().terms) == ["hygge", "saudade"]
    assert categorizer.has_embedded


def test_without_an_embedder_an_unknown_term_is_other() -> None:
    categorizer = TermCategorizer(load_lexicon(), None)
    assert categorizer.categories(["saudade"])["saudade"] == TermCategory("Other", "none")
    assert not categorizer.has_embedded


def test_by_embedding_the_lexicon_gives_nothing_but_the_names_of_the_categories() -> None:
    embedder = CountingEmbedder()
    categorizer = TermCategorizer(load_lexicon(), embedder, TermsBy.EMBEDDING)
    assert categorizer.needs_embedder(["cranky"])
    found = categorizer.categories(["cranky", "saudade", "worried"])
    assert {category.source for category in found.values()} == {"embedding"}
    assert found["worried"] == TermCategory("Fear", "embedding", 1.0)
    assert sorted(embedder.asked) == sorted([*load_lexicon().anchors, "cranky", "saudade"])


@pytest.mark.parametrize(
    ("term", "category"),
    [
        ("angry", "Anger"), ("repulsion", "Disgust"), ("frightened", "Fear"), ("cheerful", "Happy"),
        ("calm", "Neutral"), ("sorrowful", "Sad"), ("astonished", "Surprise"), ("hungry", "Other"), ("tall", "Other"),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_by_embedding_a_term_takes_the_category_whose_names_are_near_or_none(term: str, category: str) -> None:
    categorizer = TermCategorizer(load_lexicon(), load_embedder(), TermsBy.EMBEDDING)
    [found] = categorizer.categories([term]).values()
    assert (found.category, found.source) == (category, "embedding")


@pytest.mark.slow
def test_the_default_embedder_gives_an_unknown_term_the_category_of_its_kind() -> None:
    few = {term: load_lexicon().terms[term] for term in ("angry", "afraid", "calm", "happy", "heartbroken", "sad")}
    categorizer = TermCategorizer(replace(load_lexicon(), terms=few), load_embedder())
    [found] = categorizer.categories(["heartbrokenness"]).values()
    assert (found.category, found.source) == ("Sad", "embedding")
    assert found.similarity is not None
    assert 0 < found.similarity <= 1


def test_only_emotions_are_given_categories_and_all_else_stays() -> None:
    extraction = extract("He is smiling, and Monica's expression is not sad.")
    [categorized] = TermCategorizer(load_lexicon(), None).categorize([extraction])
    assert [mention.category for mention in categorized.mentions] == ["", "Sad"]
    assert [mention._replace(category="", category_source="") for mention in categorized.mentions] == list(
        extraction.mentions
    )
    assert (categorized.n_words, categorized.refused, categorized.named) == (
        extraction.n_words,
        extraction.refused,
        extraction.named,
    )


def test_nothing_to_categorize_is_nothing() -> None:
    assert TermCategorizer(load_lexicon(), None).categorize([]) == []
