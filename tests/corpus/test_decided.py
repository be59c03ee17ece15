"""Answers of mode `decide` become probabilities, and a label."""

import pytest

from descan.corpus.decided import label_decided, parse_decided
from descan.lexicon import load_category_set
from descan.records import Label

BASIC7 = load_category_set()


def label(text: str) -> Label:
    return label_decided(parse_decided(text, BASIC7))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"emotions": {"Happy": 0.6, "Sad": 0.4}, "actions": {}}', Label("Happy")),
        ('{"emotions": {"Happy": 0.5, "Sad": 0.5}, "actions": {}}', Label(None, "ambiguous")),
        ('{"emotions": {"Happy": null}, "actions": {"12": 0.5}}', Label(None, "refused")),
        # Who names no category, or gives it no probability, has refused nothing.
        ('{"actions": {"12": 0.5}}', Label(None, "unparsed")),
        ('{"emotions": {"Joy": 1}}', Label(None, "unparsed")),
        ('{"emotions": {"Happy": "0.9", "Sad": NaN}}', Label(None, "unparsed")),
        ("She looks happy.", Label(None, "unparsed")),
        ("[1]", Label(None, "unparsed")),
        ("{}", Label(None, "unparsed")),
        ("[" * 100_000, Label(None, "unparsed")),
    ],
)
def test_the_label_is_the_likeliest_category_and_a_tie_or_none_has_a_reason(text: str, expected: Label) -> None:
    assert label(text) == expected


def test_what_is_no_probability_is_left_out() -> None:
    text = '{"emotions": {"Happy": 1, "Sad": true, "Fear": 1.5}, "actions": {"12": "0.5", "4": 0}, "way": "schema"}'
    decided = parse_decided(text, BASIC7)
    assert decided is not None
    assert (decided.emotions, decided.actions, decided.way) == ({"Happy": 1.0}, {"4": 0.0}, "schema")
