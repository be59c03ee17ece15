"""What holds for the extraction of any text."""

import unicodedata
from itertools import pairwise

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from descan.errors import InputError
from descan.extract import extract, extract_all, load_pipeline
from descan.extract.engine import roles
from descan.extract.raw_text import replace_surrogates
from descan.lexicon import load_lexicon
from descan.records import Extraction

WORDS = [
    "no", "not", "neither", "nor", "or", "and", "but", "without", "her", "his", "the", "brows", "eyes", "mouth", "lips",
    "are", "is", "raised", "furrowed", "open", "closed", "tight", "smile", "smiling", "sad", "joy", "anger", "slightly",
    "very", "left", "seems", "might", "suggesting", "look of", "conveys", "overall", "atmosphere", "I'm sorry", "Mara",
    "'s", "don't", "taken aback", "crow's feet", "eye-contact", "rather than",
]  # fmt: skip
ODD = [
    "\x00", "\x07", "\x1b[31m", "\r\n", "\n\n", "\t", "\u00a0", "\u200b", "\u200d", "\ufeff", "\u202e", "\u2066",
    "é", "e\u0301",
        "\U0001f600", "\U0001f468\u200d\U0001f469", "حزين", "悲しい", "İ", "ß", "**",
    "#", "- ", "1. ", "|", "...", "…", "—", ",", ".",
    ":", "(", ")", "’", '"', "`", "<b>", "&amp;", "\u2028", "\x85",
]  # fmt: skip
ANY = st.characters()
PIECES = st.lists(st.sampled_from([*WORDS, *ODD]) | st.text(ANY, max_size=4), max_size=25)
TEXTS = st.text(ANY) | PIECES.map(" ".join) | PIECES.map("".join)
UNICODE_TEXTS = TEXTS.map(lambda text: text.encode("utf-8", "replace").decode())
"""Without lone surrogates, which spaCy's own tokenizer does not take."""


def letters(text: str) -> str:
    """Return the letters and digits of a text; names stand without markup, and with plain apostrophes and hyphens."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text)))


def assert_fits(extraction: Extraction, text: str) -> None:
    actions, whole = load_lexicon().actions.actions, replace_surrogates(text)
    for mention in extraction.mentions:
        assert 0 <= mention.start < mention.end <= len(text)
        assert replace_surrogates(text[mention.start : mention.end]) == mention.text
        assert mention.negation_cue in whole
        assert mention.hedge_cue in whole
        assert (mention.action in actions) == (mention.kind == "action")
        assert bool(mention.term) == (mention.kind == "emotion")
    for before, after in pairwise(extraction.mentions):
        assert before.start <= after.start
    assert all(letters(name) in letters(text) for name in extraction.named)
    assert 0 <= extraction.n_words <= len(text)


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_any_text_gives_mentions_that_lie_in_it_in_order(text: str) -> None:
    assert_fits(extract(text), text)


@given(UNICODE_TEXTS)
@settings(max_examples=400, deadline=None)
def test_a_document_is_read_as_its_text_is(text: str) -> None:
    assert extract(text) == load_pipeline()(text)._.descan


@pytest.mark.parametrize("text", ["\ud800 smiles", "He smiles\udfff", "She \ud800smiles and frowns"])
def test_lone_surrogates_are_no_obstacle(text: str) -> None:
    assert_fits(extract(text), text)


@given(st.lists(TEXTS, max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_text_gives_the_same_alone_or_among_others(texts: list[str]) -> None:
    among = list(extract_all(texts))
    assert among == [extract(text) for text in texts]
    assert list(extract_all(reversed(texts))) == among[::-1]


@given(UNICODE_TEXTS)
@settings(max_examples=100, deadline=None)
def test_spans_of_the_pipeline_say_the_same_as_the_mentions(text: str) -> None:
    doc = load_pipeline()(text)
    mentions = extract(text).mentions
    for kind in ("action", "emotion"):
        spans, expected = doc.spans[f"{kind}s"], [mention for mention in mentions if mention.kind == kind]
        assert [(span.label_, span.id_) for span in spans] == [
            (mention.action or mention.term, mention.entry) for mention in expected
        ]
        for span, mention in zip(spans, expected, strict=True):
            # The tokens of the document may be longer than the words that are read: "smile_1".
            first, last = span[0], span[-1]
            assert first.idx <= mention.start < first.idx + len(first)
            assert last.idx < mention.end <= last.idx + len(last)


def test_any_spacy_pipeline_can_add_the_component_by_name() -> None:
    text = "Her brows are furrowed and she looks sad; no smile."
    nlp = spacy.blank("en")
    nlp.add_pipe("descan_mentions")
    doc = nlp(text)
    assert [span.text for span in doc.spans["actions"]] == ["brows are furrowed", "smile"]
    assert [span.label_ for span in doc.spans["emotions"]] == ["sad"]
    assert doc._.descan == extract(text)


def test_the_component_stands_beside_others_in_a_pipeline() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("descan_mentions")
    docs = list(nlp.pipe(["He smiles. She frowns.", "Nothing."]))
    assert [[span.sent.text for span in doc.spans["actions"]] for doc in docs] == [["He smiles.", "She frowns."], []]


@pytest.mark.slow
def test_a_description_of_a_megabyte_is_read() -> None:
    sentence = "Her brows are slightly furrowed, and she seems worried; no smile. "
    text = sentence * (1_000_000 // len(sentence))
    extraction = extract(text)
    assert len(extraction.mentions) == 3 * text.count(".")
    assert_fits(extraction, text)


@pytest.mark.parametrize("piece", ["no ", "smile, ", "or ", "brows raised and ", "might suggest ", "x", "|", "\u200b"])
def test_a_sentence_without_an_end_is_read(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    assert_fits(extract(text), text)


@pytest.mark.parametrize("piece", ["(", "!", "=", "\U0001f600"])
def test_a_run_of_one_mark_without_an_end_is_read(piece: str) -> None:
    text = f"A smile {piece * 30_000}"
    assert [mention.text for mention in extract(text).mentions] == ["smile"]


def test_a_language_without_a_lexicon_is_refused() -> None:
    with pytest.raises(InputError, match=r"^no lexicon for language 'xx'; use one of en"):
        extract("Text.", "xx")


def test_every_role_of_a_word_is_a_bit_of_its_own() -> None:
    bits = [value for name, value in vars(roles).items() if name.isupper()]
    assert all(value.bit_count() == 1 for value in bits)
    assert len(bits) == len(set(bits))
