import re
import string
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.emotions import Emotion
from descan.categorize.labels import cues as label_cues
from descan.categorize.labels.parser import LabelParser
from descan.corpus import read_corpus
from descan.errors import InputError
from descan.lexicon import lower_case
from descan.records import Label, Mode
from tests.loading import load_answers


def _load_cases(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return loaded


ALIASES: dict[str, str] = _load_cases("label_cases.yaml")["aliases"]
CASES: list[dict[str, str]] = _load_cases("label_cases.yaml")["cases"] + _load_cases("label_forms.yaml")["cases"]
REASONS = {"refused", "ambiguous", "off_list", "unparsed", "unparsed_prose"}


@pytest.fixture(scope="module")
def parser() -> LabelParser:
    return LabelParser(ALIASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["text"][-40:]))
def test_a_reply_has_the_label_that_a_person_reads(parser: LabelParser, case: dict[str, str]) -> None:
    assert parser.parse(case["text"]) == Label(case.get("label"), case.get("reason", ""))


def test_every_case_says_a_category_or_a_reason() -> None:
    for case in CASES:
        assert set(case) in ({"text", "label"}, {"text", "reason"}), case
        assert case.get("label") in [*Emotion, None], case
        assert case.get("reason") in {*REASONS, None}, case


@pytest.mark.parametrize("name", list(Emotion))
def test_every_category_is_read_without_any_alias(name: str) -> None:
    assert LabelParser({}).parse(f"The label is {name.upper()}.") == Label(name)


def test_without_its_alias_a_word_outside_the_list_is_off_the_list() -> None:
    assert LabelParser({}).parse("Glee") == Label(None, "off_list")


@pytest.mark.parametrize(("text", "language"), [("悲しみ", "ja"), ("悲伤", "zh"), ("難過", "zh")])
def test_words_without_spaces_are_labels_in_their_own_language_only(text: str, language: str) -> None:
    assert LabelParser({}, language).parse(text) == Label("Sad")
    assert LabelParser({}).parse(text) == Label(None, "off_list")


@pytest.mark.parametrize("text", ["3", "**3**", "Answer: 3", "The label is 3.", '{"label": "3"}'])
def test_a_number_of_the_legend_is_a_label_where_one_is_expected(text: str) -> None:
    assert LabelParser({"3": "Sad"}).parse(text) == Label("Sad")


@pytest.mark.parametrize(
    "text", ["3 of them are here and they look at me now", "Happy (3)", "Happy 3/3", "Happy. 3. She smiles."]
)
def test_a_number_of_the_legend_is_no_label_in_prose(text: str) -> None:
    assert LabelParser({"3": "Sad"}).parse(text).label != "Sad"


def test_an_alias_in_a_script_without_spaces_is_found_within_a_sentence() -> None:
    assert LabelParser({"怒り": "Anger"}).parse("表情は怒りです。") == Label("Anger")


def test_an_alias_that_begins_beyond_ascii_is_found_in_any_case() -> None:
    assert LabelParser({"Ärger": "Anger"}).parse("The expression is ÄRGER, not Fear.") == Label("Anger")


def test_a_text_in_lower_case_has_the_letters_that_patterns_would_find_in_any_case() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    lower = lower_case(every)
    assert len(lower) == len(every)
    for letter in string.ascii_lowercase:
        in_any_case = {match.start() for match in re.finditer(letter, every, re.IGNORECASE)}
        assert {match.start() for match in re.finditer(letter, lower)} == in_any_case


def test_an_alias_for_no_category_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="is given as 'Cheer'; use one of Anger, "):
        LabelParser({"Joy": "Cheer"})
    with pytest.raises(ValueError, match="alias ' ' has no letter; use a word"):
        LabelParser({" ": "Sad"})


_PIECES = st.sampled_from(
    [
        *(
            *Emotion,
            *ALIASES,
            "not",
            "no",
            "from",
            "overall",
            "the most fitting",
            "unhappy",
            "\u017fad",
            "\u0130",
            "\u0131",
        ),
        *(
            "Answer:",
            "Final answer:",
            "I can't identify",
            "**",
            "\n",
            ".",
            ",",
            "-",
            '{"label": "',
            '"}',
            "```json",
            "[",
            "]",
        ),
    ]
)


@given(text=st.one_of(st.text(), st.lists(_PIECES).map(" ".join), st.lists(_PIECES).map("".join)))
def test_no_reply_breaks_the_parser_or_gets_a_label_that_it_does_not_name(text: str) -> None:
    result = LabelParser(ALIASES).parse(text)
    if result.label is None:
        assert result.reason in REASONS
    else:
        names = [result.label, *(alias for alias, category in ALIASES.items() if category == result.label)]
        folded = " ".join(text.replace("_", " ").replace("-", " ").casefold().split())
        assert result.reason == ""
        assert any(name.casefold() in folded for name in names)


@given(name=st.sampled_from(list(Emotion)), around=st.sampled_from(["{}", " {}!", "**{}**", "> {}", "'{}'", "({})"]))
def test_a_name_alone_is_the_label_whatever_surrounds_it(name: Emotion, around: str) -> None:
    assert LabelParser({}).parse(around.format(name)) == Label(name.value)


@pytest.mark.parametrize(
    "piece",
    [
        "no fear ",
        "Sad, ",
        "{",
        "[",
        "```",
        "answer: ",
        "fear is not ",
        "can not ",
        '{"a":[',
        " ",
        "<think>",
        "\n- [ ] ",
        "<answer>",
        "\\boxed{",
        "wait, sad ",
        "sad: 0.1, ",
        "\n",
        "(",
    ],
)
def test_a_long_hostile_reply_is_parsed(parser: LabelParser, piece: str) -> None:
    # What takes the square of the length takes hours here.
    parser.parse(piece * (250_000 // len(piece)))


def test_cues_that_are_not_allowed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.yaml"
    monkeypatch.setattr(label_cues, "lexicon_path", lambda *_: path)
    load = label_cues.load_label_patterns.__wrapped__
    allowed = ", ".join(label_cues.LabelCues.model_fields)
    good = yaml.safe_load(label_cues_path().read_text(encoding="utf-8"))

    path.write_text(yaml.safe_dump(good | {"leeds": ["x"]}), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load()
    assert str(caught.value) == f"{path}: leeds: is unknown; use one of {allowed}"

    path.write_text(yaml.safe_dump(good | {"minors": []}), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load()
    assert str(caught.value).startswith(f"{path}: minors: List should have at least 1 item")

    path.write_text("leads: [", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load()
    assert str(caught.value).startswith(f"{path}: not YAML: while parsing")


def label_cues_path() -> Path:
    return Path(__file__).parents[2] / "lexicons" / "en" / "labels.yaml"


def test_real_replies_are_never_neutral_by_default(shared: Path) -> None:
    corpus = read_corpus(shared / "corpora" / "afew-qwen")
    parser = LabelParser(corpus.aliases)
    answers = [answer for answer in load_answers(corpus) if answer.mode is Mode.CLASSIFY]
    labels = [(answer, parser.parse(answer.text)) for answer in answers]
    assert len(labels) == 2565
    assert all("neutral" in answer.text.casefold() for answer, label in labels if label.label == "Neutral")
    share_by_model = {
        model: sum(label.label is not None for answer, label in labels if answer.model == model) / 855
        for model in {answer.model for answer in answers}
    }
    assert share_by_model["qwen2.5-vl-32b-instruct"] > 0.85
    assert share_by_model["qwen2.5-vl-7b-instruct"] > 0.65
    assert share_by_model["qwen2.5-vl-3b-instruct"] < 0.05
