"""What counts as the conclusion of a description."""

import pytest

from descan.extract import extract


@pytest.mark.parametrize(
    ("text", "term", "is_conclusion"),
    [
        ("The most fitting emotion is fear.", "fear", True),
        ("The expression here appears to be sad.", "sad", True),
        ("Her expression is best described as sad.", "sad", True),
        ("Her emotional state leans toward sadness.", "sadness", True),
        ("The overall scene and his behavior suggest anger.", "anger", True),
        ("The overall environment, combined with her cues, suggests fear.", "fear", True),
        ("The combination of these cues conveys anger.", "anger", True),
        ("Together, these cues suggest sadness.", "sadness", True),
        ("The dominant emotion is fear, with some anger.", "fear", True),
        ("The dominant emotion is fear, with some anger.", "anger", False),
        ("Overall, his serious look, with furrowed brows, suggests anger.", "anger", True),
        ("Her expression is one of concern.", "concern", True),
        ("Her initial expression is one of concern.", "concern", False),
        ("His expression is serious and worried.", "worried", False),
        ("Her brows are drawn together, indicating worry.", "worry", False),
        ("The overall body posture is relaxed.", "relaxed", False),
    ],
)
def test_a_text_concludes_where_it_sums_up_the_person(text: str, term: str, is_conclusion: bool) -> None:
    found = [mention for mention in extract(text).mentions if mention.term == term]
    assert [mention.is_conclusion for mention in found] == [is_conclusion]
