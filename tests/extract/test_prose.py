"""Ordinary prose is read as it stands, and excerpts are what stands in the texts."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descan.extract import load_extractor
from descan.extract.excerpts import TextRow
from descan.extract.normalization import PlainText
from descan.extract.prose import find_prose
from descan.extract.raw_text import replace_surrogates
from tests.extract.test_properties import TEXTS

NEAR_PROSE = st.text("aA'-.,:;!?() \n\0\"12*é")


@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("The cap reads ", ""), ("the word ", ""), ("A frown.", ""), ("She", "a.")]
)
def test_nothing_gives_way_in_prose(before: str, after: str) -> None:
    texts = [
        before + "".join(text) + after for length in range(5) for text in product("aA'-.,:;!?() \n1", repeat=length)
    ]
    normalizer = load_extractor()._normalizer
    prose = [text for text, is_prose in zip(texts, find_prose(texts).tolist(), strict=True) if is_prose]
    assert len(prose) > 100
    assert [text for text in prose if normalizer._make_plain(text) != PlainText(text, None)] == []


@given(st.lists(NEAR_PROSE | TEXTS, max_size=8))
def test_nothing_gives_way_in_prose_among_any_texts(texts: list[str]) -> None:
    normalizer = load_extractor()._normalizer
    for text, is_prose in zip(texts, find_prose(texts).tolist(), strict=True):
        assert not is_prose or normalizer._make_plain(text) == PlainText(text, None)


@given(st.lists(NEAR_PROSE | TEXTS, max_size=8))
def test_a_text_is_prose_alone_or_among_others(texts: list[str]) -> None:
    assert find_prose(texts).tolist() == [bool(find_prose([text])[0]) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("A wide-eyed stare (slight), and the man's brows: raised; his jaw drops!", True),
        ("Her brows are raised.\n\nThe boys' mouths are open.", True),
        ("She frowns", True),
        ("Brows: raised\nMouth: open", False),
        ("wide  space", False),
        ("a 'quoted' word", False),
        ("AU4", False),
        ("**bold**", False),
        ("caf\u00e9", False),
        ("- an item", False),
    ],
)
def test_only_words_with_single_marks_are_prose(text: str, expected: bool) -> None:
    assert find_prose([text]).tolist() == [expected]


@given(st.lists(TEXTS, min_size=1, max_size=6), st.data())
def test_excerpts_are_what_stands_in_the_texts(texts: list[str], data: st.DataObject) -> None:
    def place() -> tuple[int, int, int]:
        text = data.draw(st.integers(0, len(texts) - 1))
        start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(texts[text]))] * 2)))
        return text, start, end

    places = [place() for _ in range(data.draw(st.integers(0, 5)))]
    columns = np.array(places, dtype=np.int64).reshape(-1, 3).T
    expected = [replace_surrogates(texts[text][start:end]) for text, start, end in places]
    assert TextRow(texts).cut(*columns).to_pylist() == expected
