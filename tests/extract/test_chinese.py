"""Chinese: small cases of how the language negates, hedges and is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descan.extract import extract
from descan.extract.tokenizers import open_segmenter
from descan.lexicon import load_lexicon
from descan.records import Mention

CASES = [
    # A negation reaches over a list with its own mark, and never over a comma.
    ("没有恐惧、愤怒或悲伤的迹象，显得平静。", {"恐惧": "negated", "愤怒": "negated", "悲伤": "negated", "平静": ""}),
    ("她没有皱眉，嘴角上扬。", {"皱眉": "negated", "嘴角上扬": ""}),
    ("嘴角没有明显的上扬。", {"嘴角没有明显的上扬": "negated"}),
    ("牙齿不可见。", {"牙齿不可见": "negated"}),
    ("她怎么也开心不起来。", {"开心": "negated"}),
    # It ends with the clause that describes a noun.
    ("她对不听劝告的行为感到不满。", {"不满": ""}),
    ("不是愤怒，而是悲伤。", {"愤怒": "negated", "悲伤": ""}),
    ("与其说是难过，不如说是恼怒。", {"难过": "negated", "恼怒": ""}),
    # Looks like a negation and is none.
    ("她忍不住笑了，难掩喜悦。", {"笑了": "", "喜悦": ""}),
    ("不仅愤怒，而且厌恶。", {"愤怒": "", "厌恶": ""}),
    ("不能完全排除恐惧。", {"恐惧": "hedged"}),
    # Guesses.
    ("他可能有些生气。", {"生气": "hedged"}),
    ("嘴角似乎微微上扬。", {"嘴角似乎微微上扬": "hedged"}),
    # A part before its motion, behind it, before "的", and before a noun that the clause describes.
    ("瞪大的眼睛，紧抿的嘴唇。", {"瞪大的眼睛": "", "紧抿的嘴唇": ""}),
    ("眉头紧锁的男子咬着下唇。", {"眉头紧锁": "", "咬着下唇": ""}),
    ("他的眼神很温柔。", {"温柔": ""}),
    # Headings, codes, traditional characters.
    ("**眉毛：** 上扬\n嘴巴：张开，露出牙齿", {"眉毛：** 上扬": "", "嘴巴：张开": "", "露出牙齿": ""}),
    ("眼泪：无", {"眼泪": "negated"}),
    ("AU12未激活，AU4存在。", {"AU12": "negated", "AU4": ""}),
    ("她並未皺眉，眼眶泛紅，非常難過。", {"皺眉": "negated", "眼眶泛紅": "", "難過": ""}),
    # What is quoted, and what the writer says of himself.
    ("字幕内容：“我恨你。”", {}),
    ("希望对您有帮助，我很高兴为您服务。", {}),
]  # fmt: skip


NAMES = [
    ("罗斯·盖勒皱着眉头，王女士微笑着。", ("罗斯·盖勒", "王女士")),
    ("画面中的莱昂纳德·霍夫斯塔特睁大眼睛。", ("莱昂纳德·霍夫斯塔特",)),
    ("谢尔顿·库珀（《生活大爆炸》）眉头紧锁。", ("谢尔顿·库珀", "生活大爆炸")),
    ("佩妮和乔伊·崔比安尼张着嘴，林先生看着她们。", ("佩妮", "乔伊·崔比安尼", "林先生")),
    # Names in full, behind words that lead to one.
    ("照片中的人是演员周迅，她皱着眉头。", ("周迅",)),
    ("主持人何炅面带微笑，歌手周杰伦在台上。", ("何炅", "周杰伦")),
    ("看起来像是演员黄渤正在大笑。姓名：王大明", ("黄渤", "王大明")),
    ("饰演李云龙的男人戴着帽子，女演员易烊千玺流泪。", ("李云龙", "易烊千玺")),
    ("名叫王建国的男子眼神空洞，演員張譯皺著眉。", ("王建国", "張譯")),
    ("演员王凯戴着帽子，影后马思纯一脸悲伤。", ("王凯", "马思纯")),
    ("该演员神情严肃，演员白皙的脸，演员高兴地笑，导演陈旧的外套。", ()),
    ("演员张开嘴巴，歌手金发碧眼，明星黄色的上衣，主持人方脸。", ()),
    ("名字未知，姓名：无。人物是男性，演员方才在哭。", ()),
    # Bullets, parts of the face and feelings are no names, and no word that a tokenizer takes for one.
    ("· 眉毛：皱起\n· 嘴巴：张开，与情绪相符合", ()),
    ("眉毛·眼睛：皱起。愤怒·悲伤", ()),
    ("这位女士在马路边，小姐们微笑，先生言语高昂。", ()),
]


def told(mention: Mention) -> str:
    return "negated" if mention.negated else "hedged" if mention.hedged else ""


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_chinese_sentence_is_read_as_a_person_reads_it(text: str, expected: dict[str, str]) -> None:
    assert {mention.text: told(mention) for mention in extract(text, "zh").mentions} == expected


@pytest.mark.parametrize(("text", "names"), NAMES)
def test_a_person_is_named_by_the_form_of_the_name(text: str, names: tuple[str, ...]) -> None:
    assert extract(text, "zh").named == names


def test_the_mood_of_a_scene_is_not_the_persons() -> None:
    mentions = extract("他神情悲伤，现场气氛十分紧张。", "zh").mentions
    assert [(mention.text, mention.target) for mention in mentions] == [("悲伤", "person"), ("紧张", "scene")]


def test_sides_and_degrees_stand_within_words() -> None:
    [brow, corner] = extract("左眉微微皱起，右嘴角下垂。", "zh").mentions
    assert (brow.side, brow.degree, corner.side, corner.degree) == ("left", "slight", "right", "")


def test_a_work_in_its_own_brackets_is_named() -> None:
    assert list(extract("片段来自《星河小馆》，她在笑。", "zh").named) == ["星河小馆"]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("很抱歉，我无法根据图片判断一个人的情绪。", True),
        ("抱歉，我無法識別圖中的人物。", True),
        ("没有看到您上传的图片。", True),
        ("我无法判断他是谁，但他眉头紧锁。", False),
    ],
)
def test_a_refusal_is_told_where_no_face_is_described(text: str, refused: bool) -> None:
    assert extract(text, "zh").refused is refused


SEGMENTER = open_segmenter(load_lexicon("zh"))


@given(st.text(alphabet=st.one_of(st.sampled_from("眉头紧锁不安全笑容满面，。、：AU12 \n\r\t的"), st.characters())))
def test_tokens_stand_one_behind_the_other_over_the_whole_text(text: str) -> None:
    [(keys, starts)] = SEGMENTER.segment([text])
    ends = [start + len(SEGMENTER.token(key).letters) for key, start in zip(keys, starts, strict=True)]
    assert starts == [0, *ends[:-1]] if text else not starts
    assert not ends or ends[-1] == len(text)


def test_a_word_of_the_dictionary_that_the_lexicon_has_in_pieces_is_cut_into_them() -> None:
    assert [mention.text for mention in extract("他焦虑不安。", "zh").mentions] == ["焦虑", "不安"]
