import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descan.categorize.similarity import Anchors, Limits, Nearest, embed_anchors, nearest_categories, vote
from descan.embedding import FloatMatrix, load_embedder
from descan.lexicon import load_category_set

ORDER = (*load_category_set().names, "Other")


def at(*degrees: float) -> FloatMatrix:
    angles = np.radians(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def anchors(**placed: tuple[str, float]) -> Anchors:
    categories, degrees = zip(*placed.values(), strict=True)
    return Anchors(tuple(placed), categories, at(*degrees), ORDER)


def test_the_nearest_anchors_choose_and_the_best_of_them_is_named() -> None:
    known = anchors(glee=("Happy", 10), joy=("Happy", 20), rage=("Anger", 90))
    # cos 10 = 0.9848, cos 20 = 0.9397, cos 90 = 0: glee and joy have the whole vote
    assert nearest_categories(at(0), known) == [Nearest("Happy", 1.0, 0.9848, "glee")]


def test_several_anchors_outvote_a_nearer_one() -> None:
    known = anchors(rage=("Anger", 5), glee=("Happy", 20), joy=("Happy", 25))
    (near,) = nearest_categories(at(0), known)
    # 0.9397^3 + 0.9063^3 = 0.8298 + 0.7444 = 1.5742 against 0.9962^3 = 0.9886; 1.5742 / 2.5628 = 0.6142
    assert near == Nearest("Happy", 0.6142, 0.9397, "glee")


def test_only_the_neighbours_vote() -> None:
    known = anchors(rage=("Anger", 5), glee=("Happy", 20), joy=("Happy", 25))
    (near,) = nearest_categories(at(0), known, Limits(n_neighbours=1))
    assert (near.category, near.anchor) == ("Anger", "rage")


def test_a_term_too_far_from_its_anchor_is_other_and_still_names_it() -> None:
    # cos 60 = 0.5
    known = anchors(joy=("Happy", 60))
    assert nearest_categories(at(0), known, Limits(min_similarity=0.5)) == [Nearest("Happy", 1.0, 0.5, "joy")]
    assert nearest_categories(at(0), known, Limits(min_similarity=0.51)) == [Nearest("Other", 1.0, 0.5, "joy")]


def test_a_divided_vote_is_other() -> None:
    known = anchors(rage=("Anger", 10), joy=("Happy", 10), woe=("Sad", 10))
    # each has a third of the vote
    assert nearest_categories(at(0), known, Limits(min_share=0.34))[0].category == "Other"
    assert nearest_categories(at(0), known, Limits(min_share=0.33))[0] == Nearest("Anger", 0.3333, 0.9848, "rage")


def test_other_can_win() -> None:
    known = anchors(focus=("Other", 5), joy=("Happy", 40))
    assert nearest_categories(at(0), known)[0].category == "Other"
    assert nearest_categories(at(0), known)[0].anchor == "focus"


def test_ties_between_categories_go_to_the_first_of_the_seven() -> None:
    known = anchors(focus=("Other", 10), woe=("Sad", 10), joy=("Happy", 10))
    assert nearest_categories(at(0), known, Limits(min_share=0.0))[0].category == "Happy"


def test_ties_between_anchors_go_to_the_first_listed() -> None:
    known = anchors(second=("Sad", -10), first=("Happy", 10))
    assert nearest_categories(at(0), known, Limits(n_neighbours=1))[0].anchor == "second"


def test_anchors_at_right_angles_or_opposite_decide_nothing() -> None:
    known = anchors(joy=("Happy", 180), woe=("Sad", 90))
    assert nearest_categories(at(0), known)[0].category == "Other"


def test_no_term_gives_nothing() -> None:
    assert nearest_categories(np.empty((0, 0), dtype=np.float32), anchors(joy=("Happy", 0))) == []


@pytest.mark.parametrize(
    ("terms", "known", "n_neighbours", "problem"),
    [
        (at(0), Anchors((), (), np.empty((0, 2), dtype=np.float32), ORDER), 1, "there is no anchor to compare with"),
        (np.ones((1, 3), dtype=np.float32), anchors(joy=("Happy", 0)), 1, "terms have 3 dimensions and anchors 2"),
        (np.zeros((1, 2), dtype=np.float32), anchors(joy=("Happy", 0)), 1, "a vector has no length"),
        (at(0), Anchors(("joy",), ("Happy",), np.zeros((1, 2), dtype=np.float32), ORDER), 1, "a vector has no length"),
        (at(0), anchors(joy=("Happy", 0)), 0, "n_neighbours is 0; use 1 or more"),
    ],
)
def test_impossible_input_is_refused(terms: FloatMatrix, known: Anchors, n_neighbours: int, problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}$"):
        nearest_categories(terms, known, Limits(n_neighbours=n_neighbours))


voters = st.lists(st.tuples(st.floats(-1, 1), st.sampled_from(["Anger", "Happy", "Sad", "Other"])), min_size=1)


@given(voters, st.integers(1, 40))
def test_any_vote_has_a_share_and_an_anchor_of_its_category(voters: list[tuple[float, str]], n_neighbours: int) -> None:
    cosines, categories = zip(*voters, strict=True)
    known = Anchors(tuple(map(str, range(len(voters)))), categories, np.ones((len(voters), 1), dtype=np.float32), ORDER)
    near = vote(np.array(cosines), known, Limits(n_neighbours=n_neighbours, min_share=0.0, min_similarity=-1.0))
    assert 0 < near.share <= 1
    assert near.category == categories[int(near.anchor)]
    assert near.similarity == cosines[int(near.anchor)]


@pytest.mark.slow
def test_real_terms_find_their_kind_alone_or_among_others() -> None:
    known = {"joy": "Happy", "delight": "Happy", "glad": "Happy", "rage": "Anger", "fury": "Anger", "sorrow": "Sad"}
    embedder = load_embedder()
    placed = embed_anchors(known, ORDER[:-1], embedder)
    terms = ["gladness", "furious", "sorrowful", "tablecloth"]
    together = nearest_categories(embedder.embed(terms), placed, Limits(n_neighbours=3))
    alone = [nearest_categories(embedder.embed([term]), placed, Limits(n_neighbours=3))[0] for term in terms]
    assert together == alone
    assert [near.category for near in together] == ["Happy", "Anger", "Sad", "Other"]
