"""Japanese: small cases of how the language negates, hedges and names."""

import pytest

from descan.extract import extract
from descan.records import Mention

CASES = [
    # What follows negates its own clause and the bare nouns listed before it.
    ("涙は見られない。", {"涙": "negated"}),
    ("眉を上げて、笑顔は見せていません。", {"眉を上げ": "", "笑顔": "negated"}),
    ("怒り、悲しみ、恐怖は読み取れず、落ち着いている。",
     {"怒り": "negated", "悲しみ": "negated", "恐怖": "negated", "落ち着いている": ""}),
    ("怒りではなく悲しみを感じている。", {"怒り": "negated", "悲しみ": ""}),
    ("困惑というより、驚きに近い。", {"困惑": "negated", "驚き": ""}),
    ("喜んでいるようにも、怒っているようにも見えない。", {"喜ん": "negated", "怒っ": "negated"}),
    ("笑みは消え、肩を落としている。", {"笑み": "negated"}),
    # What looks like a negation and is none.
    ("怒りだけでなく悲しみもある。", {"怒り": "", "悲しみ": ""}),
    ("喜びを隠しきれない様子だ。", {"喜び": ""}),
    ("落ち着きがない。", {"落ち着きがない": ""}),
    # What follows hedges its clause.
    ("不安を感じているのかもしれません。", {"不安": "hedged"}),
    ("眉をひそめ、怒っているように見える。", {"眉をひそめ": "", "怒っ": "hedged"}),
    ("おそらく悲しみを感じている。", {"悲しみ": "hedged"}),
    ("悲しそうな表情だ。", {"悲しそう": ""}),
    # A clause before a noun keeps its part; compound verbs are words of their own.
    ("固く結ばれた唇と見開かれた目。", {"固く結ばれた唇": "", "見開かれた目": ""}),
    ("眉をひそめた表情で、目は細い。", {"眉をひそめ": "", "目は細い": ""}),
    # Headings.
    ("**目：** 大きく見開かれている\n・口：真一文字に結ばれている",
     {"目：** 大きく見開か": "", "口：真一文字に結ば": ""}),
    ("涙：なし", {"涙": "negated"}),
    ("AU12が見られ、AU4は観察されない。", {"AU12": "", "AU4": "negated"}),
]  # fmt: skip


def told(mention: Mention) -> str:
    return "negated" if mention.negated else "hedged" if mention.hedged else ""


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_japanese_sentence_is_read_as_a_person_reads_it(text: str, expected: dict[str, str]) -> None:
    found = {mention.text: told(mention) for mention in extract(text, "ja").mentions}
    assert {name: state for name, state in found.items() if state == expected.get(name)} == found
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("『フレンズ』のモニカ・ゲラーは大笑いしている。", ["フレンズ", "モニカ・ゲラー"]),
        ("人気ドラマ「フレンズ」のロス・ゲラー。", ["フレンズ", "ロス・ゲラー"]),
        ("彼女は「怒り」を感じている。", []),
        ("表情は愛に満ちている。", []),
    ],
)
def test_persons_and_shows_are_named(text: str, named: list[str]) -> None:
    assert list(extract(text, "ja").named) == named


@pytest.mark.parametrize(
    "text",
    [
        "申し訳ありませんが、画像に写っている人物の感情を判断することはできません。",
        "恐れ入りますが、実在の人物の感情を推測することはいたしかねます。",
        "画像が添付されていないようです。画像をアップロードしてください。",
    ],
)
def test_a_refusal_is_told(text: str) -> None:
    assert extract(text, "ja").refused


def test_an_apology_for_what_cannot_be_told_is_no_refusal_where_a_face_is_described() -> None:
    assert not extract("感情を判断することはできませんが、眉をひそめています。", "ja").refused


def test_a_text_longer_than_the_tokenizer_takes_at_once_keeps_its_places() -> None:
    text = "眉をひそめている。" * 6_000 + "涙は見られない。"
    mentions = extract(text, "ja").mentions
    assert len(mentions) == 6_001
    assert all(text[mention.start : mention.end] == mention.text for mention in mentions)
