"""Labels of replies in languages without spaces between words."""

import pytest

from descan.categorize.labels.parser import LabelParser


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("喜び", "Happy"),
        ("「怒り」", "Anger"),
        ("表情は悲しみです。", "Sad"),
        ("**感情：恐怖**", "Fear"),
        ("怒り（Anger）", "Anger"),
        ("この人物の表情は「嫌悪」に分類されます。", "Disgust"),
        ("悲しみではなく、怒りです。", "Anger"),
        ("主な感情：悲しみ\n副次的な感情：恐怖", "Sad"),
        ("眉が寄り、口が結ばれています。したがって、感情は怒りです。", "Anger"),
        ("この人は驚いているように見えます。", "Surprise"),
        ("幸せそう", "Happy"),
        ('{"emotion": "中立"}', "Neutral"),
        ("怒り、嫌悪", "ambiguous"),
        ("退屈", "off_list"),
        ("申し訳ありませんが、お答えできません。", "refused"),
    ],
)
def test_a_japanese_reply_has_the_label_that_a_person_reads(reply: str, outcome: str) -> None:
    label = LabelParser({}, "ja").parse(reply)
    assert (label.label or label.reason) == outcome
