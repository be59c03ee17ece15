"""What a description says as a whole."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.emotions import Emotion
from descan.categorize.readings import Reader, ReadingWeights
from descan.categorize.term_categories import TermCategorizer
from descan.extract import extract
from descan.lexicon import load_lexicon
from descan.records import Extraction, Mention, Reading

TERMS = {
    "angry": "Anger",
    "disgusted": "Disgust",
    "worried": "Fear",
    "joyful": "Happy",
    "calm": "Neutral",
    "sad": "Sad",
}
TEXTS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("reading_cases.yaml").read_text(encoding="utf-8"))
OTHER = next(term for term, entry in load_lexicon().terms.items() if entry.category == "Other" and entry.valence == 0)


def term(word: str, category: str | None = None, **said: Any) -> Mention:
    return Mention(
        "emotion", 0, 1, word, f"term:{word}", term=word, category=category or TERMS[word], category_source="lexicon"
    )._replace(**said)


def action(name: str, **said: Any) -> Mention:
    entry = load_lexicon().actions.actions[name]
    return Mention("action", 0, 1, name, "words", region=entry.region, action=name, aus=entry.aus)._replace(**said)


def read(*mentions: Mention, weights: ReadingWeights | None = None) -> Reading:
    return Reader(load_lexicon(), weights).read(Extraction(mentions, 10, refused=False, named=("Mara",)))


def score(reading: Reading, category: str) -> float:
    return reading.scores[list(Emotion).index(Emotion(category))]


@pytest.mark.parametrize(
    ("category", "text"), [(category, text) for category, texts in TEXTS.items() for text in texts]
)
def test_a_text_says_the_category_that_a_person_reads_in_it(category: str, text: str) -> None:
    [extraction] = TermCategorizer(load_lexicon(), None).categorize([extract(text)])
    assert Reader(load_lexicon()).read(extraction).described == category


def test_one_term_says_its_category() -> None:
    reading = read(term("sad"))
    assert (reading.described, reading.terms_described, reading.actions_described) == ("Sad", "Sad", "Undecided")
    assert reading.scores == (0, 0, 0, 0, 0, 1, 0)
    assert (reading.valence, reading.terms_share, reading.actions_share) == (-1, 1, 0)


def test_without_evidence_nothing_is_decided() -> None:
    reading = read()
    assert (reading.described, reading.terms_described, reading.actions_described) == ("Undecided",) * 3
    assert reading.scores == (0,) * 7
    assert (reading.valence, reading.terms_share, reading.actions_share) == (0, 0, 0)


@pytest.mark.parametrize(
    ("mentions", "described", "without"),
    [
        ((term("sad"),), "Sad", "Sad"),
        ((term("gloomish", "Sad", category_source="embedding"),), "Sad", "Undecided"),
        ((term("gloomish", "Sad", category_source="embedding"), action("smile")), "Sad", "Happy"),
        ((term("gloomish", "Other", category_source="embedding"), term("sad")), "Sad", "Sad"),
    ],
)
def test_what_is_said_without_the_embedder_stands_apart(
    mentions: tuple[Mention, ...], described: str, without: str
) -> None:
    reading = read(*mentions)
    assert (reading.described, reading.described_without_embedding) == (described, without)


def test_a_tie_is_undecided() -> None:
    reading = read(term("sad"), term("joyful"))
    assert reading.described == "Undecided"
    assert (score(reading, "Sad"), score(reading, "Happy")) == (0.5, 0.5)
    assert reading.valence == 0


def test_a_negated_mention_adds_nothing_but_is_counted() -> None:
    reading = read(term("sad", negation_cue="not"), action("smile", negation_cue="no"), term("worried"))
    assert replace(reading, n_emotions=1, n_actions=0, n_regions=0, n_negated=0) == read(term("worried"))
    assert (reading.n_negated, reading.n_emotions, reading.n_actions) == (2, 2, 1)


def test_only_negated_mentions_are_undecided() -> None:
    assert read(term("sad", negation_cue="not"), action("smile", negation_cue="no")).described == "Undecided"


def test_a_hedged_mention_weighs_less_than_a_plain_one() -> None:
    reading = read(term("sad", hedge_cue="might"), term("joyful"))
    assert reading.described == "Happy"
    # The hedged term has 0.5 of 1 + 0.5.
    assert score(reading, "Sad") == pytest.approx(0.5 / 1.5, abs=1e-6)
    assert reading.n_hedged == 1


def test_a_conclusion_weighs_more_than_what_came_before() -> None:
    assert read(term("sad"), term("joyful", is_conclusion=True)).described == "Happy"


def test_a_scene_weighs_little() -> None:
    reading = read(*[term("sad", target="scene")] * 3, term("joyful"))
    assert reading.described == "Happy"
    assert read(term("sad", target="scene")).described == "Undecided"


def test_a_strong_degree_weighs_more_and_a_slight_one_less() -> None:
    shares = [
        score(read(action("smile", degree=degree), term("worried")), "Happy") for degree in ("slight", "", "strong")
    ]
    assert shares == sorted(shares)
    assert len(set(shares)) == 3


def test_terms_outside_the_seven_speak_for_neutral_only_where_they_are_neither_pleasant_nor_unpleasant() -> None:
    assert read(term(OTHER, "Other")).described == "Neutral"
    unpleasant = next(
        word
        for word, entry in load_lexicon().terms.items()
        if entry.category == "Other" and (entry.valence or 0) < -0.5
    )
    reading = read(term(unpleasant, "Other"))
    assert reading.described == "Undecided"
    assert reading.valence < 0


def test_a_word_that_nobody_knows_says_nothing() -> None:
    reading = read(term("saudade", "Other", category_source="none"))
    assert (reading.described, reading.valence, reading.n_emotions) == ("Undecided", 0, 1)


def test_a_term_that_embedding_gives_no_category_says_nothing_whatever_the_lexicon_knows() -> None:
    reading = read(term(OTHER, "Other", category_source="embedding"))
    assert (reading.described, reading.valence, reading.n_emotions) == ("Undecided", 0, 1)


def test_a_term_by_embedding_is_as_pleasant_as_its_category() -> None:
    assert read(term("worried")).valence < 0
    assert read(term("worried", "Happy", category_source="embedding")).valence == 1


def test_the_category_of_an_embedded_term_counts_like_any_other() -> None:
    assert read(term("heartbrokenness", "Sad", category_source="embedding")).described == "Sad"


def test_shares_of_actions_and_terms_make_up_the_evidence() -> None:
    reading = read(action("smile"), term("joyful"))
    # The smile gives 0.4 * 0.95 = 0.38, the term 1: 0.38 / 1.38.
    assert reading.actions_share == pytest.approx(0.38 / 1.38, abs=1e-6)
    assert reading.actions_share + reading.terms_share == pytest.approx(1, abs=1e-6)
    assert (reading.actions_described, reading.terms_described) == ("Happy", "Happy")


def test_regions_and_actions_are_counted() -> None:
    reading = read(action("smile"), action("mouth_open"), action("brow_raise"), term("joyful"))
    assert (reading.n_actions, reading.n_regions, reading.n_emotions, reading.n_words) == (3, 2, 1, 10)
    assert reading.named == ("Mara",)


def test_below_the_minimum_nothing_is_decided() -> None:
    assert read(term("sad"), weights=ReadingWeights(minimum=1.01)).described == "Undecided"
    assert read(term("sad"), weights=ReadingWeights(minimum=1.0)).described == "Sad"


SAID = st.fixed_dictionaries(
    {
        "negation_cue": st.sampled_from(["", "no"]),
        "hedge_cue": st.sampled_from(["", "may"]),
        "degree": st.sampled_from(["", "slight", "strong"]),
        "target": st.sampled_from(["person", "scene"]),
        "is_conclusion": st.booleans(),
    }
)
MENTIONS = st.builds(lambda word, said: term(word, **said), st.sampled_from(sorted(TERMS)), SAID) | st.builds(
    lambda name, said: action(name, **said), st.sampled_from(sorted(load_lexicon().actions.actions)), SAID
)


@given(st.lists(MENTIONS, max_size=12))
def test_scores_sum_to_one_or_are_all_zero(mentions: list[Mention]) -> None:
    reading = read(*mentions)
    assert sum(reading.scores) == pytest.approx(1, abs=1e-5) or set(reading.scores) == {0.0}
    assert reading.actions_share + reading.terms_share == pytest.approx(sum(reading.scores), abs=1e-5)
    assert -1 <= reading.valence <= 1
    if reading.described != "Undecided":
        assert score(reading, reading.described) == max(reading.scores)
    assert read(*reversed(mentions)).described == reading.described
