"""The tokens of remembered chunks are those that spaCy makes of the whole text."""

import random
import sys
from collections.abc import Sequence

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from descan.extract import load_extractor
from descan.extract.engine import chunks
from descan.extract.raw_text import make_tokenizable
from descan.extract.tokenizers import SpacySegmenter
from descan.extract.tokens import ChunkReader
from descan.extract.words import LENGTH, WordCodes
from descan.lexicon import load_lexicon
from tests.extract.test_properties import TEXTS

BEYOND = chunks._HASH_FACTOR
"""A letter that is so much further on has the same part in a hash as one more of the letter before it."""

COLLIDING = [
    ("b,", "a" + chr(ord(",") + BEYOND)),
    ("wide.", "wid" + chr(ord("e") - 1) + chr(ord(".") + BEYOND)),
    (",", "\x00,"),
    ("eyes", "\x00\x00eyes"),
]


@pytest.fixture(scope="module")
def nlp() -> Language:
    return spacy.blank("en")


@pytest.fixture(scope="module")
def experienced(nlp: Language) -> ChunkReader:
    """A reader that is asked for one text after another."""
    return make_reader(nlp)


def make_reader(nlp: Language) -> ChunkReader:
    segmenter = SpacySegmenter(nlp.tokenizer)
    return ChunkReader(segmenter, WordCodes(segmenter.token, {}, load_lexicon().forms), load_extractor()._engine)


def tokens_of(reader: ChunkReader, texts: Sequence[str]) -> list[list[tuple[int, str]]]:
    """Return the place and letters of each token, as the reader says."""
    found = reader.read(texts)
    tokens, first = [], 0
    for text, last in zip(texts, found.lasts.tolist(), strict=True):
        starts = found.starts[first:last].tolist()
        ends = (found.starts[first:last] + (found.words[first:last] >> LENGTH)).tolist()
        tokens.append([(start, text[start:end]) for start, end in zip(starts, ends, strict=True)])
        first = last + 1
    assert first == len(found.words) == len(found.starts)
    return tokens


def tokens_of_spacy(nlp: Language, texts: Sequence[str]) -> list[list[tuple[int, str]]]:
    return [
        [(token.idx, text[token.idx : token.idx + len(token)]) for token in nlp.tokenizer(make_tokenizable(text))]
        for text in texts
    ]


@given(st.lists(TEXTS, min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_tokens_are_those_of_spacy_whatever_was_read_before(
    nlp: Language, experienced: ChunkReader, texts: list[str]
) -> None:
    expected = tokens_of_spacy(nlp, texts)
    assert tokens_of(make_reader(nlp), texts) == expected
    assert tokens_of(experienced, texts) == expected


def test_many_chunks_are_remembered_apart(nlp: Language) -> None:
    chance = random.Random(1)
    letters = "abc,.-*()\u00e9\u3000\U0001f600"
    reader = make_reader(nlp)
    for _ in range(20):
        texts = [" ".join("".join(chance.choices(letters, k=chance.randrange(6))) for _ in range(99)) for _ in range(9)]
        assert tokens_of(reader, texts) == tokens_of_spacy(nlp, texts)


@pytest.mark.parametrize(("one", "other"), COLLIDING)
def test_chunks_of_the_same_hash_are_told_apart(nlp: Language, one: str, other: str) -> None:
    assert hash_of(one) == hash_of(other)
    expected = tokens_of_spacy(nlp, [one, other])
    for first, second in ((one, other), (other, one)):
        reader = make_reader(nlp)
        tokens_of(reader, [first])
        tokens_of(reader, [second])
        assert tokens_of(reader, [one, other]) == expected
    assert tokens_of(make_reader(nlp), [f"{one} {other} {one}"]) == tokens_of_spacy(nlp, [f"{one} {other} {one}"])


@pytest.mark.parametrize(("limit", "n"), [("MAX_TOKENS", 1_000), ("MAX_LETTERS", 20_000)])
def test_chunks_are_forgotten_when_they_are_too_many(
    nlp: Language, limit: str, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, limit, n)
    reader = make_reader(nlp)
    text = " ".join(f"{number:04}" + ",x" * 20 for number in range(600))
    reader.read([text])
    assert reader.is_full
    some = [text[-1_000:], "Wide eyes, no smile.", ""]
    assert tokens_of(reader, some) == tokens_of_spacy(nlp, some)
    assert not reader.is_full


def test_every_character_is_blank_where_python_says_so() -> None:
    assert [code for code in range(sys.maxunicode + 1) if chunks.is_blank(code) != chr(code).isspace()] == []


def hash_of(chunk: str) -> int:
    letters = np.array(list(map(ord, chunk)), dtype=np.int32)
    return int(chunks._hash(letters, 0, len(letters)))
