"""Corpora of this project in other languages, as their annotators read them."""

import json
from pathlib import Path

import pytest

from descan.categorize.readings import Reader
from descan.categorize.term_categories import TermCategorizer
from descan.extract import extract_all
from descan.lexicon import load_lexicon

CORPORA = Path(__file__).parents[2] / "corpora"


@pytest.mark.parametrize(
    ("language", "path", "least"),
    [
        ("ja", "japanese/gold.jsonl", 0.95),
        ("ja", "japanese/gold2.jsonl", 0.92),
        ("zh", "chinese/gold.jsonl", 0.96),
        ("zh", "chinese/gold2.jsonl", 0.92),
    ],
)
def test_the_annotated_texts_are_described_as_their_annotator_says(language: str, path: str, least: float) -> None:
    rows = [json.loads(line) for line in (CORPORA / path).read_text(encoding="utf-8").splitlines()]
    lexicon = load_lexicon(language)
    found = list(extract_all((str(row["text"]) for row in rows), language))
    extractions = TermCategorizer(lexicon, None).categorize(found)
    reader = Reader(lexicon)
    right = [
        reader.read(extraction).described in (row["described"], row["second"])
        for row, extraction in zip(rows, extractions, strict=True)
    ]
    assert sum(right) >= least * len(rows)
    assert [extraction.refused for extraction in extractions] == [row["refusal"] for row in rows]
