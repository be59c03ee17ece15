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


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("高兴", "Happy"),
        ("「愤怒」", "Anger"),
        ("答案：悲伤", "Sad"),
        ("表情是中性的。", "Neutral"),
        ("我认为是惊讶。", "Surprise"),
        ("她不是悲伤，而是愤怒。", "Anger"),
        ("首先排除高兴和中性，其次惊讶也不太像，因此答案是恐惧。", "Fear"),
        ("主要情绪：悲伤\n次要情绪：恐惧", "Sad"),
        ("最終答案是：高興", "Happy"),
        ('{"emotion": "厌恶"}', "Disgust"),
        ("悲伤、愤怒", "ambiguous"),
        ("无聊", "off_list"),
        ("抱歉，我无法判断这个人的情绪。", "refused"),
    ],
)
def test_a_chinese_reply_has_the_label_that_a_person_reads(reply: str, outcome: str) -> None:
    label = LabelParser({}, "zh").parse(reply)
    assert (label.label or label.reason) == outcome
